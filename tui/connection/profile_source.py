"""What the screen shows of a profile, and where opening one leads."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Scope
from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions


class CannotOpen(Exception):
    """A server can't be opened; the message is a sentence that says why."""


class ProfileSummary(Struct, frozen=True, kw_only=True):
    """A profile in a list to choose from."""

    name: str
    url: str
    production: bool = False
    read_only: bool = False
    insecure: bool = False
    asks_password: bool = False
    """It names a user, and nothing that a password could be read from."""
    problem: str = ""
    """The first mistake in it, with its line; empty where it can be opened."""

    @property
    def marks(self) -> str:
        """`PRODUCTION, read-only`, or nothing."""
        marks = {"PRODUCTION": self.production, "INSECURE": self.insecure, "read-only": self.read_only}
        return ", ".join(mark for mark, yes in marks.items() if yes)


class Destination(Struct, frozen=True):
    """A server to watch, and the options of the screen for it."""

    target: Target
    options: ScreenOptions
    warning: str = ""
    """What a person should know although the server can be opened, as a sentence."""
    graphs: tuple[str, ...] = ()
    """Names and patterns of the graphs to watch together; empty for the one that the target names."""
    asks_password: bool = False
    """The password of the target's user is not known yet."""


def choose_graph_of(destination: Destination, scope: Scope) -> Destination:
    """The same server with this graph alone."""
    target = replace(destination.target, graph=scope.graph or None, graphspace=scope.graphspace)
    return Destination(target, destination.options)


def join_options(destinations: Sequence[Destination], now: ScreenOptions) -> ScreenOptions:
    """The options of a screen for several places: the look of `now`, and the marks of any of them.

    It is read-only only where all of them are, and plain HTTP is allowed only where all of them allow it:
    each place has its own guard.
    """
    all_of = [one.options for one in destinations]
    read_only = next((one for one in all_of if not one.read_only), all_of[0])
    production = next((one for one in all_of if one.production), all_of[0])
    return replace(
        now,
        read_only=read_only.read_only,
        read_only_origin=read_only.read_only_origin,
        production=production.production,
        production_origin=production.production_origin,
        insecure=any(one.insecure for one in all_of),
        allow_plain=all(one.allow_plain for one in all_of),
    )
