"""What the screen needs of the profiles: their names, and the way to each. The command line provides it."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions


class CannotOpen(Exception):
    """A place can't be opened; the message is a sentence that says why."""


class ProfileSummary(Struct, frozen=True, kw_only=True):
    """One profile, as it can be chosen."""

    name: str
    url: str
    production: bool = False
    read_only: bool = False
    insecure: bool = False
    problem: str = ""
    """What is wrong with it, and in which line; empty where it can be opened."""

    @property
    def marks(self) -> str:
        """`PRODUCTION, read-only`, or nothing."""
        marks = {"PRODUCTION": self.production, "INSECURE": self.insecure, "read-only": self.read_only}
        return ", ".join(mark for mark, yes in marks.items() if yes)


class Destination(Struct, frozen=True):
    """A place to watch, and how."""

    target: Target
    options: ScreenOptions
    warning: str = ""
    """What is not as it should be, and yet not in the way, as a sentence."""


class ProfileSource(Protocol):
    """The way to other places than the one that is watched."""

    @property
    def path(self) -> str:
        """The file of profiles, as a person writes it."""
        ...

    @property
    def file_problem(self) -> str:
        """What is wrong with the whole file, as a sentence; empty where nothing is."""
        ...

    def list_profiles(self) -> tuple[ProfileSummary, ...]:
        """The profiles that there are now; the file is read anew."""
        ...

    async def open_profile(self, name: str, now: ScreenOptions) -> Destination:
        """The way to a profile, for a screen that looks as `now`. Raises NoEntry."""
        ...

    def parse_target(self, typed: str) -> Target:
        """What an address names, without any login. Raises CannotOpen."""
        ...

    def add_guards(self, target: Target, options: ScreenOptions) -> ScreenOptions:
        """The options, with the guards of the profiles of this server, which was named by its address."""
        ...

    def make_demo_target(self) -> Target:
        """The built-in server."""
        ...

    def format_profile(self, target: Target, options: ScreenOptions) -> str:
        """A place as a profile to paste, without any secret."""
        ...
