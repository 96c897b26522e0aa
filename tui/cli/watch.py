"""`graphtop URL`: watch the tasks of a server."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import shlex
import subprocess
import sys

from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Credentials, Target
from tui.cli import USAGE
from tui.cli.screen import EXIT_CODES, add_flags, open_screen, options

_PLACE = re.compile(
    r"(?:/graphspaces(?:/(?P<space>[^/?#]+))?)?/graphs(?:/(?P<graph>[^/?#]+))?(?:/.*)?$|/(?:versions|apis)/?$"
)
COMMAND_PATIENCE = 60.0

DESCRIPTION = """\
Watch and manage the asynchronous tasks of a graph database.

  graphtop http://host:8080            watch a HugeGraph server; it finds version and graph itself
  graphtop http://host:8080 --graph g  watch one graph of it (b switches later)
  graphtop demo                        the same screen on a built-in server that is alive
  graphtop simulate --port 8080        that server for any client, over HTTP
"""

EPILOG = f"""\
The password comes from --password-command, GRAPHTOP_PASSWORD or a prompt, a token from
GRAPHTOP_TOKEN; neither is ever taken from an argument. Press ? in the program for the keys.

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
    login = parser.add_argument_group("login")
    login.add_argument("--user", help="log in as this user")
    login.add_argument("--password-command", metavar="COMMAND", help="a command that prints the password")
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
    except _NoLogin as error:
        print(f"graphtop: {error}", file=sys.stderr)
        return USAGE
    return open_screen(target, options(chosen))


class _NoLogin(Exception):
    """User or password could not be had; the message says why."""


def _target(chosen: argparse.Namespace) -> Target:
    """The place that the flags name; raises BackendError for an address that is none, and _NoLogin."""
    if "@" in chosen.url.rpartition("://")[2].partition("/")[0]:
        raise _NoLogin("leave the user and the password out of the address: --user names the user.")
    url, graphspace, graph = taken_apart(chosen.url)
    target = Target(
        url=url,
        profile=chosen.name,
        dialect=chosen.dialect,
        graph=chosen.graph or graph,
        graphspace=chosen.graphspace or graphspace,
        paths=chosen.paths,
    )
    return replace(target, credentials=_credentials(chosen))


def taken_apart(url: str) -> tuple[str, str | None, str | None]:
    """An address copied from the API's own, as (server, graphspace, graph): `…/graphs/g/tasks/7` names g."""
    place = _PLACE.search(url)
    if place is None:
        return url, None, None
    return url[: place.start()], place["space"], place["graph"]


def _credentials(chosen: argparse.Namespace) -> Credentials:
    token = os.environ.get("GRAPHTOP_TOKEN")
    if token:
        return Credentials(token=lambda: token)
    if not chosen.user:
        return Credentials()
    password = _password(chosen.user, chosen.password_command)
    return Credentials(chosen.user, lambda: password)


def _password(user: str, command: str | None) -> str:
    if command:
        return _printed_by(command)
    from_environment = os.environ.get("GRAPHTOP_PASSWORD")
    if from_environment is not None:
        return from_environment
    if not sys.stdin.isatty():
        raise _NoLogin("no password: set GRAPHTOP_PASSWORD, or use --password-command.")
    try:
        return getpass.getpass(f"password of {user}: ")
    except EOFError:
        raise _NoLogin("no password was typed.") from None


def _printed_by(command: str) -> str:
    """The first line that a command prints; what it says on standard error reaches the person as it is."""
    try:
        done = subprocess.run(
            shlex.split(command), stdout=subprocess.PIPE, text=True, timeout=COMMAND_PATIENCE, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _NoLogin(f"--password-command gave no password ({_failure(error)}).") from None
    password = done.stdout.partition("\n")[0]
    if not password:
        raise _NoLogin("--password-command gave no password (it printed nothing).")
    return password


def _failure(error: Exception) -> str:
    """Why a command failed, without any word that it printed."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {COMMAND_PATIENCE:.0f} s"
    if isinstance(error, OSError):
        return f"it could not be run: {error.strerror}"
    return "it could not be run"
