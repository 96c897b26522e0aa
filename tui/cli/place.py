"""Which server, graph and login a command works on: its flags, and what they come to."""

from __future__ import annotations

import argparse

from msgspec import Struct

from backend_adapters.errors import BackendError
from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Target
from tui.cli import login
from tui.cli.address import read


class WrongUsage(Exception):
    """What was asked for makes no sense; the message is a sentence that says why."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a command works, and what a person has said of that place."""

    target: Target
    read_only: bool = False
    production: bool = False
    interval: float = 2.0
    """Seconds between two polls."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name a server, a graph and a login."""
    where = parser.add_argument_group("where")
    where.add_argument("--url", help="the server's REST address")
    where.add_argument("--dialect", choices=sorted(DIALECTS), default="auto", help="what it speaks (auto)")
    where.add_argument("--graph", help="the graph (its only one, or `hugegraph`)")
    where.add_argument("--graphspace", help="the graphspace, on HugeGraph 1.7 and newer (DEFAULT)")
    where.add_argument("--project", help="the project's id, for GES")
    login.add_flags(parser)


def place_of(chosen: argparse.Namespace) -> Place:
    """The place that flags and environment name. Raises WrongUsage."""
    if not chosen.url:
        raise WrongUsage("Which server? Give --url.")
    address = read(chosen.url)
    dialect = address.dialect or "auto" if chosen.dialect == "auto" else chosen.dialect
    try:
        who = login.login_of(chosen, dialect)
        target = Target(
            url=address.server,
            dialect=dialect,
            graph=chosen.graph or address.graph,
            graphspace=chosen.graphspace or address.graphspace,
            project=chosen.project or address.project or who.project,
            credentials=who.credentials,
        )
    except login.NoLogin as error:
        raise WrongUsage(str(error)) from None
    except BackendError as error:
        raise WrongUsage(f"{error} {error.hint}".rstrip()) from None
    return Place(target=target)
