"""What the screen shows of a profile, and where opening one leads."""

from __future__ import annotations

from msgspec import Struct

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
