"""`graphtop simulate`: serves the demo's server on a port, for any client of its API."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, OK, USAGE, describe_exit_codes
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.terminal import UNLIMITED
from tui.text import wrap_words

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from backend_adapters.simulator import HugeGraphSettings

_ABOUT = "Serve the simulated server of `graphtop demo` over HTTP, for any client of its API."
_EXAMPLES = (
    ("graphtop simulate", "HugeGraph on http://127.0.0.1:8080"),
    ("graphtop simulate --graphs a,team/b:2000", "two graphs, b with 2,000 tasks"),
    ("graphtop simulate --graphs 500 --tasks 20", "500 graphs with 20 tasks each"),
    ("graphtop simulate --dialect ges --port 0", "Huawei's GES on a free port"),
)

_CODES = {
    OK: "stopped by Ctrl+C or SIGTERM",
    FAILED: "the port can't be used, or internal error",
    USAGE: "wrong usage",
}

SIMULATED_DIALECTS = ("hugegraph", "computerdis", "ges", "ges-v2")
"""What the simulated servers speak. The last two are one: it answers in both versions of the API."""

_HUGEGRAPH_FLAGS = (
    "graphs",
    "version",
    "scheduler",
    "backend",
    "servers",
    "user",
    "huge_result",
    "unreadable",
)
_GES_FLAGS = ("throttle", "token_life")
_FLAGS_OF_DIALECT = {
    "hugegraph": _HUGEGRAPH_FLAGS,
    "computerdis": ("graphs", "backend", "user", "unreadable"),
    "ges": _GES_FLAGS,
    "ges-v2": _GES_FLAGS,
}
"""The flags that only some dialects have, each with its own."""

_LONGEST_DELAY = 60
"""Seconds; whoever asks gives up after half of it."""


_MOST_GRAPHS = 10_000
_GRAPH_NAME = re.compile(r"(?:[A-Za-z]\w{0,47}/)?[A-Za-z]\w{0,47}", re.ASCII)

GraphCounts: TypeAlias = tuple[tuple[str, int | None], ...]
"""Graphs as `graph` or `graphspace/graph`, each with its number of tasks, or None for that of --tasks."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop simulate` was given."""

    dialect: str = "hugegraph"
    port: int = 8080
    host: str = "127.0.0.1"
    allow_host: tuple[str, ...] = ()
    seed: int = 7
    tasks: int = 360
    unfinished: int = 0
    pace: float = 1.0
    delay: float = 0.0
    """Seconds before each answer."""
    graphs: GraphCounts = ()
    """Empty: the demo's graphs."""
    version: str = "1.7.0"
    scheduler: Literal["local", "distributed"] = "local"
    backend: Literal["rocksdb", "memory", "hstore"] = "rocksdb"
    servers: int = 1
    user: str | None = None
    huge_result: int = 0
    """Megabytes."""
    unreadable: frozenset[int] = frozenset()
    throttle: int | None = None
    token_life: int = 86_400
    """Seconds."""
    given: frozenset[str] = frozenset()
    """The names of the flags that were given: some do not go with each dialect."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop simulate`."""
    parser = Parser(
        prog="graphtop simulate", description=_ABOUT, examples=_EXAMPLES, epilog=describe_exit_codes(_CODES)
    )
    # So that it shows which flags were given: some do not go with each dialect.
    parser.argument_default = argparse.SUPPRESS
    parser.add_argument(
        "--dialect",
        default="hugegraph",
        choices=SIMULATED_DIALECTS,
        help="the API that it serves (default hugegraph)",
    )
    parser.add_argument(
        "--port", type=parse_port, default=8080, help="the port to listen on (default 8080; 0 for a free one)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="also answer to this name, besides localhost and --host; can be repeated",
    )
    parser.add_argument(
        "--seed", type=int, default=7, help="a different seed gives different tasks (default 7)"
    )
    parser.add_argument(
        "--tasks",
        type=parse_amount,
        metavar="N",
        help="finished tasks at the start (default 360), or computer jobs (default a dozen)",
    )
    parser.add_argument(
        "--unfinished", type=parse_amount, metavar="N", help="unfinished tasks added at the start (default 0)"
    )
    parser.add_argument(
        "--pace",
        type=parse_pace,
        metavar="X",
        help="how often a task starts: 1 is every 3 to 10 s, 2 is twice as often, 0 is never (default 1)",
    )
    parser.add_argument(
        "--delay",
        type=parse_delay,
        metavar="TIME",
        help="wait before each answer, as over a long way: 50ms, 2s (default 0)",
    )
    _add_hugegraph_flags(parser.add_argument_group("hugegraph"))
    _add_ges_flags(parser.add_argument_group("ges"))
    return parser


def _add_hugegraph_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--graphs",
        type=parse_graphs,
        metavar="NAME[:TASKS],...",
        help="the graphs to serve, or how many; each has TASKS tasks, or as many as --tasks says",
    )
    group.add_argument(
        "--version",
        choices=("1.5.0", "1.7.0", "1.8.0"),
        help="act as this version; 1.8.0 is what comes after 1.7 (default 1.7.0)",
    )
    group.add_argument(
        "--scheduler", choices=("local", "distributed"), help="how tasks are run (default local)"
    )
    group.add_argument(
        "--backend", choices=("rocksdb", "memory", "hstore"), help="the store (default rocksdb)"
    )
    group.add_argument(
        "--servers",
        type=parse_amount,
        metavar="N",
        help="servers that share an hstore, each with its own ids (default 1)",
    )
    group.add_argument(
        "--user", metavar="NAME", help="accept only this user, with the password in GRAPHTOP_PASSWORD"
    )
    group.add_argument(
        "--huge-result",
        type=parse_amount,
        metavar="MB",
        help="add a task with a result of this many megabytes (default none)",
    )
    group.add_argument(
        "--unreadable",
        type=parse_task_numbers,
        metavar="ID[,ID...]",
        help="fail to read these tasks of the first graph and, up to 1.7, lists with them (default none)",
    )


def _add_ges_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--throttle", type=parse_amount, metavar="N", help="calls per minute before it answers 429"
    )
    group.add_argument(
        "--token-life",
        type=parse_amount,
        metavar="SECONDS",
        help="how long a token from IAM is valid (default 86400)",
    )


def parse_port(text: str) -> int:
    """Read a port; raises ArgumentTypeError outside of 0 to 65535."""
    number = parse_amount(text)
    if number > 65535:
        raise argparse.ArgumentTypeError("must be between 0 and 65535")
    return number


def parse_amount(text: str) -> int:
    """Read a whole number that is not negative; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("must be a whole number, 0 or more")
    return int(text)


def parse_task_numbers(text: str) -> frozenset[int]:
    """Read whole numbers with commas between them; raises ArgumentTypeError."""
    return frozenset(parse_amount(part) for part in text.split(","))


def parse_graphs(text: str) -> GraphCounts:
    """Read `social,fraud/risk:2000`, or `500` for so many graphs; raises ArgumentTypeError."""
    found = dict(graph for part in text.split(",") for graph in _read_graphs(part))
    if not 0 < len(found) <= _MOST_GRAPHS:
        raise argparse.ArgumentTypeError(f"must be 1 to {_MOST_GRAPHS:,} graphs")
    return tuple(found.items())


def _read_graphs(text: str) -> Iterator[tuple[str, int | None]]:
    """Read one name, or a number of graphs, each perhaps with a number of tasks behind a colon."""
    name, colon, tasks = text.partition(":")
    count = parse_amount(tasks) if colon else None
    if name.isascii() and name.isdigit():
        number = min(int(name), _MOST_GRAPHS + 1)
        yield from ((f"graph_{index:0{len(name)}}", count) for index in range(1, number + 1))
    elif _GRAPH_NAME.fullmatch(name):
        yield name, count
    else:
        raise argparse.ArgumentTypeError(f'"{name}" is not a name such as social or fraud/risk')


def parse_pace(text: str) -> float:
    """Read a pace; raises ArgumentTypeError outside of 0 to 100."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a number") from None
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("must be between 0 and 100")
    return number


def parse_delay(text: str) -> float:
    """Read `50ms` or `2s` as seconds; raises ArgumentTypeError for other words and for over a minute."""
    match = re.fullmatch(r"([0-9]{1,5})(ms|s)|0", text)
    seconds = int(match[1] or 0) / (1000 if match[2] == "ms" else 1) if match else None
    if seconds is None or seconds > _LONGEST_DELAY:
        raise argparse.ArgumentTypeError(f"must be a time such as 50ms or 2s, {_LONGEST_DELAY}s at the most")
    return seconds


def run(options: Options) -> int:
    """Serve until interrupted; returns the exit code.

    Raises CommandError, and OutputError or BrokenPipeError where the address can't be printed.
    """
    if complaint := _find_misplaced_flag(options) or _check_password(options):
        raise UsageError(complaint)
    from backend_adapters.simulator.delay import DelayedApp
    from backend_adapters.simulator.serve import serve_app
    from backend_adapters.transport.origin import is_loopback

    app, say = _make_ges(options) if options.dialect in {"ges", "ges-v2"} else _make_hugegraph(options)

    if options.delay:
        app = DelayedApp(app, options.delay)

    def tell(address: str) -> None:
        if not is_loopback(options.host):
            report_error(
                f"Warning: anyone who can reach {options.host} can use this server. It answers to the names"
                f" localhost and {options.host}, and to those of --allow-host."
            )
        say(address)

    try:
        serve_app(app, options.host, options.port, tell, options.allow_host)
    except BrokenPipeError:
        raise
    except OSError as error:
        words = f"Can't listen on {options.host}, port {options.port}: {error.strerror}."
        raise CommandError(words, FAILED) from None
    return OK


def _find_misplaced_flag(options: Options) -> str:
    """Return a sentence on a flag that does not fit the dialect; empty if all fit."""
    for name in (*_HUGEGRAPH_FLAGS, *_GES_FLAGS):
        if name in options.given and name not in _FLAGS_OF_DIALECT[options.dialect]:
            flag = name.replace("_", "-")
            fit = " or ".join(dialect for dialect, flags in _FLAGS_OF_DIALECT.items() if name in flags)
            return f"--{flag} is for --dialect {fit}, not for {options.dialect}."
    if "servers" in options.given and (options.servers < 1 or options.backend != "hstore"):
        return "--servers must be 1 or more, and needs --backend hstore."
    if options.version < "1.7.0" and any("/" in name for name, _ in options.graphs):
        return f"HugeGraph {options.version} has no graphspaces: name the graphs without."
    return ""


def _check_password(options: Options) -> str:
    """Return a sentence if a user has no password; empty otherwise."""
    if options.user and not os.environ.get("GRAPHTOP_PASSWORD"):
        return "--user needs a password in GRAPHTOP_PASSWORD."
    return ""


_Server = tuple["ASGIApp", Callable[[str], None]]


def _make_hugegraph(options: Options) -> _Server:
    """Return a HugeGraph server, with or without computer jobs, and what announces its address."""
    from backend_adapters.simulator import COMPUTER_DEMO, DEMO_HUGEGRAPH, hugegraph_app

    computer = options.dialect == "computerdis"
    # Graphspaces came with 1.7.0 and want a PD, as a cluster has: else there are the graphs of one space.
    spaces = computer or (options.backend == "hstore" and options.version >= "1.7.0")
    demo = COMPUTER_DEMO if computer else dataclasses.replace(DEMO_HUGEGRAPH, version=options.version)
    settings = dataclasses.replace(
        demo,
        scheduler=options.scheduler,
        backend=options.backend,
        servers=options.servers,
        auth=(options.user, os.environ["GRAPHTOP_PASSWORD"]) if options.user else None,
        seed=options.seed,
        history=options.tasks,
        computer_jobs=options.tasks if computer and "tasks" in options.given else 0,
        unfinished=options.unfinished,
        huge=options.huge_result * 1_000_000,
        unreadable=options.unreadable,
        pace=options.pace,
        specials=options.pace > 0,
        graphs=demo.graphs if spaces else demo.graphs[:2],
        graphspaces=demo.graphspaces if spaces else (),
    )
    if options.graphs:
        settings = _set_graphs(settings, options)
    return hugegraph_app(settings), _announce_computer if computer else _announce_hugegraph


def _set_graphs(settings: HugeGraphSettings, options: Options) -> HugeGraphSettings:
    """Return the settings with the graphs that were named; together they get as much as one at each pace."""
    from backend_adapters.simulator.hugegraph.computer_jobs import list_sample_kinds
    from backend_adapters.simulator.hugegraph.graph_load import USUAL_GAPS, GraphLoad
    from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE

    names = tuple(name for name, _ in options.graphs)
    spaces = dict.fromkeys(name.partition("/")[0] for name in names if "/" in name)
    shortest, longest = (gap * len(names) for gap in USUAL_GAPS)
    loads = {
        name: GraphLoad(
            history=options.tasks if count is None else count,
            kinds=list_sample_kinds(settings) if settings.computer == "on" else (),
            unfinished=options.unfinished if name == names[0] else 0,
            gaps=(shortest, longest),
        )
        for name, count in options.graphs
    }
    graphspaces = tuple(dict.fromkeys((DEFAULT_SPACE, *spaces))) if spaces else ()
    return dataclasses.replace(settings, graphs=names, graphspaces=graphspaces, loads=loads)


def _make_ges(options: Options) -> _Server:
    """Return a GES project, and what announces its address."""
    from backend_adapters.simulator.ges import DEMO_GES, ges_app

    settings = dataclasses.replace(
        DEMO_GES,
        seed=options.seed,
        history=options.tasks,
        unfinished=options.unfinished,
        pace=options.pace,
        specials=options.pace > 0,
        throttle=options.throttle,
        token_life=options.token_life * 1000,
    )
    return ges_app(settings), partial(_announce_ges, options.dialect)


def _print_lines(text: str) -> None:
    out = StandardOutput()
    width = out.width if out.terminal else UNLIMITED
    for line in text.splitlines():
        out.write("\n".join(wrap_words(line, width)) + "\n")
    out.flush()


def _announce_hugegraph(address: str) -> None:
    _print_lines(f"A simulated HugeGraph server listens on {address}. Stop it with Ctrl+C.\n")


def _announce_computer(address: str) -> None:
    _print_lines(
        "Its computer jobs, from another terminal:\n\n"
        f"  graphtop {address} --dialect computerdis\n\n"
        f"A simulated HugeGraph server with computer jobs listens on {address}. Stop it with Ctrl+C.\n"
    )


def _announce_ges(dialect: str, address: str) -> None:
    """Print the address, and the credentials, which are the demo's and no secret."""
    from backend_adapters.simulator.ges import DEMO_GES

    key, (user, password) = DEMO_GES.keys[0], DEMO_GES.user
    other = "ges" if dialect == "ges-v2" else "ges-v2"
    _print_lines(
        f"The project is {DEMO_GES.project}. Its jobs, from another terminal:\n\n"
        f"  HUAWEICLOUD_SDK_AK={key.access} HUAWEICLOUD_SDK_SK={key.secret} \\\n"
        f"    graphtop {address} --dialect {dialect} --project {DEMO_GES.project}\n\n"
        f"--dialect {other} uses the other version of the API. GRAPHTOP_TOKEN={DEMO_GES.tokens[0]} works\n"
        f"instead of the two keys; {address}/v3/auth/tokens gives {user} tokens for {password}.\n\n"
        f"A simulated GES project listens on {address}. Stop it with Ctrl+C.\n"
    )
