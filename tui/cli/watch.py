"""`graphtop URL`: watch the tasks of a server."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from backend_adapters.errors import BackendError
from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Target
from tui.cli import USAGE, login
from tui.cli.address import read
from tui.cli.login import NoLogin, login_of
from tui.cli.screen import EXIT_CODES, add_flags, open_screen, options

DESCRIPTION = """\
Watch and manage the asynchronous tasks of a graph database.

  graphtop http://host:8080            watch a HugeGraph server; it finds version and graph itself
  graphtop http://host:8080 --graph g  watch one graph of it (b switches later)
  graphtop https://ges.cn-north-4.myhuaweicloud.com --project ID
                                       watch the jobs center of a Huawei GES project
  graphtop demo                        the same screen on a built-in server that is alive
  graphtop simulate --port 8080        that server for any client, over HTTP
"""

EPILOG = f"""\
The password comes from --password-command, GRAPHTOP_PASSWORD or a prompt, a token from
--token-command or GRAPHTOP_TOKEN, the keys for GES from HUAWEICLOUD_SDK_AK and _SK (or
HW_ACCESS_KEY and HW_SECRET_KEY, or ~/.huaweicloud/credentials); no secret is ever taken from
an argument. Press ? in the program for the keys.

{EXIT_CODES}
"""


def parser() -> argparse.ArgumentParser:
    """The flags of `graphtop URL`."""
    parser = argparse.ArgumentParser(
        prog="graphtop",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", help="the server's REST address, or a command: demo, simulate")
    parser.add_argument("-V", "--version", action="store_true", help="print the version and leave")
    where = parser.add_argument_group("where")
    where.add_argument("--graph", help="the graph (its only one, or `hugegraph`)")
    where.add_argument("--graphspace", help="the graphspace, on HugeGraph 1.7 and newer (DEFAULT)")
    where.add_argument("--dialect", choices=sorted(DIALECTS), default="auto", help="what it speaks (auto)")
    where.add_argument(
        "--paths",
        choices=("auto", "classic", "graphspace"),
        default="auto",
        help="/graphs/… or /graphspaces/… (auto: by the server's version)",
    )
    where.add_argument("--name", default="", help="a name to show for this server (its host and port)")
    where.add_argument("--project", help="the project's id, for GES")
    where.add_argument("--since", type=day, metavar="DAY", help="jobs from this day on, 2026-11-23 (GES)")
    where.add_argument("--until", type=day, metavar="DAY", help="jobs up to and with this day (GES)")
    login.add_flags(parser)
    add_flags(parser)
    return parser


def run(arguments: list[str]) -> int:
    """Watch a server; returns the exit code."""
    flags = parser()
    if not arguments:
        flags.print_help()
        return USAGE
    chosen = flags.parse_args(arguments)
    try:
        target = _target(chosen)
    except BackendError as error:
        print(f"graphtop: {error} {error.hint}", file=sys.stderr)
        return USAGE
    except NoLogin as error:
        print(f"graphtop: {error}", file=sys.stderr)
        return USAGE
    return open_screen(target, options(chosen))


def _target(chosen: argparse.Namespace) -> Target:
    """The place that the flags name; raises BackendError for an address that is none, and NoLogin."""
    if "@" in chosen.url.rpartition("://")[2].partition("/")[0]:
        raise NoLogin("leave the user and the password out of the address: --user names the user.")
    address = read(chosen.url)
    dialect = address.dialect or "auto" if chosen.dialect == "auto" else chosen.dialect
    who = login_of(chosen, dialect)
    return Target(
        url=address.server,
        profile=chosen.name,
        dialect=dialect,
        graph=chosen.graph or address.graph,
        graphspace=chosen.graphspace or address.graphspace,
        paths=chosen.paths,
        project=chosen.project or address.project or who.project,
        since=chosen.since,
        until=chosen.until,
        credentials=who.credentials,
    )


def day(text: str) -> str:
    """Read a day such as 2026-11-23; raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day: write it as 2026-11-23") from None
