"""How the screen is to look and behave."""

from __future__ import annotations

from msgspec import Struct

from tui.config.resolved import ResolvedSettings
from tui.config.terminal_encoding import is_utf8_locale


class ScreenOptions(Struct, frozen=True, kw_only=True):
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


def screen_options(settled: ResolvedSettings, *, mouse: bool = True) -> ScreenOptions:
    """The settings as options of the screen; without `mouse` the terminal keeps the mouse."""
    return ScreenOptions(
        interval=settled.number("interval"),
        read_only=settled.truth("read_only"),
        read_only_by=settled.said_by("read_only"),
        production=settled.truth("production"),
        production_by=settled.said_by("production"),
        journal=settled.truth("journal"),
        journal_by=settled.origin("journal"),
        insecure=settled.truth("insecure"),
        allow_plain=settled.allows_plain_login,
        utc=settled.truth("utc"),
        ascii=settled.truth("ascii") or not is_utf8_locale(),
        theme=settled.text("theme") or "graphtop-dark",
        mouse=mouse,
    )
