"""How the screen is to look and behave."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """What a person chose on the command line."""

    interval: float = 2.0
    """Seconds between two polls."""
    read_only: bool = False
    production: bool = False
    utc: bool = False
    ascii: bool = False
    theme: str = "graphtop-dark"
    """Empty: as many colours as the terminal has."""
    mouse: bool = True
