"""`graphtop simulate`: the demo's server on a port, for any client of HugeGraph's REST API."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from typing import TYPE_CHECKING

from tui.cli import FAILED, OK, USAGE

if TYPE_CHECKING:
    from backend_adapters.simulator import Settings


def parser() -> argparse.ArgumentParser:
    """The flags of `graphtop simulate`."""
    parser = argparse.ArgumentParser(prog="graphtop simulate", description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", type=port, default=8080, help="where to listen (8080); 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="on which address (127.0.0.1)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another world (7)")
    parser.add_argument("--version", default="1.7.0", choices=("1.5.0", "1.7.0"), help="act as this version")
    parser.add_argument("--scheduler", default="local", choices=("local", "distributed"))
    parser.add_argument("--backend", default="rocksdb", choices=("rocksdb", "memory"))
    parser.add_argument("--tasks", type=amount, default=360, metavar="N", help="finished ones at first (360)")
    parser.add_argument("--unfinished", type=amount, default=0, metavar="N", help="unfinished ones besides")
    parser.add_argument(
        "--huge-result",
        type=amount,
        default=0,
        metavar="MB",
        help="one more task with a result of so many megabytes (none)",
    )
    parser.add_argument(
        "--pace",
        type=pace,
        default=1.0,
        metavar="X",
        help="births: 1 is a task every 3 to 10 s, 2 twice as many; 0 is a server at rest (1)",
    )
    parser.add_argument(
        "--user", metavar="NAME", help="let only this user in, with the password in GRAPHTOP_PASSWORD"
    )
    return parser


def port(text: str) -> int:
    """Read a port; raises ArgumentTypeError outside of 0 to 65535."""
    number = amount(text)
    if number > 65535:
        raise argparse.ArgumentTypeError("choose a port between 0 and 65535")
    return number


def amount(text: str) -> int:
    """Read a whole number that is not negative; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of that kind")
    return int(text)


def pace(text: str) -> float:
    """Read a pace; raises ArgumentTypeError outside of 0 to 100."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("choose between 0 and 100")
    return number


def run(arguments: list[str]) -> int:
    """Serve until interrupted; returns the exit code."""
    chosen = parser().parse_args(arguments)
    password = os.environ.get("GRAPHTOP_PASSWORD", "")
    if chosen.user and not password:
        print("graphtop: --user needs a password in GRAPHTOP_PASSWORD.", file=sys.stderr)
        return USAGE
    from backend_adapters.simulator import hugegraph_app
    from backend_adapters.simulator.serve import serve

    app = hugegraph_app(_settings(chosen, (chosen.user, password) if chosen.user else None))
    try:
        serve(app, chosen.host, chosen.port)
    except OSError as error:
        print(
            f"graphtop: can't listen on {chosen.host}, port {chosen.port}: {error.strerror}.", file=sys.stderr
        )
        return FAILED
    return OK


def _settings(chosen: argparse.Namespace, auth: tuple[str, str] | None) -> Settings:
    """The flags as a simulated server."""
    from backend_adapters.simulator import DEMO

    # Graphspaces came with 1.7.0: an older server has the graphs of one space only.
    old = chosen.version < "1.7.0"
    return dataclasses.replace(
        DEMO,
        version=chosen.version,
        scheduler=chosen.scheduler,
        backend=chosen.backend,
        auth=auth,
        seed=chosen.seed,
        history=chosen.tasks,
        unfinished=chosen.unfinished,
        huge=chosen.huge_result * 1_000_000,
        pace=chosen.pace,
        specials=chosen.pace > 0,
        graphs=DEMO.graphs[:2] if old else DEMO.graphs,
        graphspaces=() if old else DEMO.graphspaces,
    )
