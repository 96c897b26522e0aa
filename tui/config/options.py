"""How the screen is to look and behave."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """What flags, environment and profile came to."""

    interval: float = 2.0
    """Seconds between two polls."""
    read_only: bool = False
    read_only_by: str = "--read-only"
    """Who said that: a flag, a variable, or the profile."""
    production: bool = False
    production_by: str = "default"
    """Who said so, as `read_only_by`."""
    journal: bool = True
    """Actions leave a line in the journal; what can't be written there is not sent."""
    journal_by: str = "default"
    """Who said so, as `read_only_by`."""
    insecure: bool = False
    """The server's certificate is not checked."""
    allow_plain: bool = False
    """A login over plain http is meant to be."""
    utc: bool = False
    ascii: bool = False
    theme: str = "graphtop-dark"
    """Empty: as many colours as the terminal has."""
    mouse: bool = True
