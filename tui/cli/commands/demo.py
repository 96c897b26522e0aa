"""`graphtop demo`: the screen on the built-in server, with no port and no network."""

from __future__ import annotations

import argparse
import os

from backend_adapters.registry import COMPUTER_DEMO_URL, DEMO_URL
from backend_adapters.transport.target import Target
from tui.cli.argument_parser import Parser
from tui.cli.exit_codes import USAGE
from tui.cli.output.printer import warn
from tui.cli.work.launcher import add_flags, open_screen, options
from tui.config.profiles import Config, load
from tui.config.resolved import ConfigError
from tui.connection.resolve import settled_of

DIALECTS = ("hugegraph", "computerdis", "ges", "ges-v2")
"""What the built-in servers speak."""

ABOUT = "Open the screen on a built-in server, which lives inside graphtop: no port, no network."

SEED = 7


def demo_target(seed: int = SEED, dialect: str = "hugegraph") -> Target:
    """The demo as a place to watch."""
    url = COMPUTER_DEMO_URL if dialect == "computerdis" else DEMO_URL
    return Target(url=url, profile="demo", dialect=dialect, demo=seed)


def parser() -> argparse.ArgumentParser:
    """The flags of `graphtop demo`."""
    made = Parser(prog="graphtop demo", description=ABOUT)
    made.add_argument("--seed", type=int, default=SEED, help="another seed makes other tasks (7)")
    made.add_argument(
        "--dialect",
        choices=DIALECTS,
        default="hugegraph",
        help="what the server is: HugeGraph, its computer jobs, or Huawei's GES (hugegraph)",
    )
    add_flags(made)
    return made


def run(arguments: list[str]) -> int:
    """Open the demo; returns the exit code."""
    chosen = parser().parse_args(arguments)
    from tui.connection.profile_switcher import ProfileGate

    config = load(os.environ)
    # A demo must work whatever is configured: of the file it takes how the screen looks, and that is all.
    bare = Config(path=config.path, screen=config.screen)
    looks = {
        name: os.environ[name]
        for name in ("GRAPHTOP_THEME", "GRAPHTOP_UTC", "GRAPHTOP_ASCII")
        if name in os.environ
    }
    try:
        settled = settled_of(chosen, looks, bare)
    except ConfigError as error:
        warn(str(error))
        return USAGE
    target = demo_target(chosen.seed, chosen.dialect)
    return open_screen(target, options(settled, mouse=not chosen.no_mouse), ProfileGate())
