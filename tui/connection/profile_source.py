"""What the screen needs of the profiles: their names, and how to open each."""

from __future__ import annotations

from typing import Protocol

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


class ProfileSource(Protocol):
    """Opens other servers than the one that is watched."""

    @property
    def path(self) -> str:
        """The config file, with the home folder as `~`."""
        ...

    @property
    def file_problem(self) -> str:
        """What is wrong with the whole file, as a sentence; empty where nothing is."""
        ...

    def list_profiles(self) -> tuple[ProfileSummary, ...]:
        """The profiles in the file as it is now."""
        ...

    async def open_profile(self, name: str, now: ScreenOptions) -> Destination:
        """The server of a profile, for a screen that has the options `now`. Raises CannotOpen."""
        ...

    def parse_target(self, typed: str) -> Target:
        """The server that an address names, without any login. Raises CannotOpen."""
        ...

    def add_guards(self, target: Target, options: ScreenOptions) -> ScreenOptions:
        """The options with the guards of this server's profiles, where its address was typed."""
        ...

    def make_demo_target(self) -> Target:
        """The built-in server."""
        ...

    def format_profile(self, target: Target, options: ScreenOptions) -> str:
        """A server as a profile to paste into the file, without any secret."""
        ...
