"""Which terminals show notices, and how; and which have a progress indicator in their tabs.

Nothing is sent that a terminal is not known to understand: others may draw it, or ignore it, and a notice
that is ignored is lost. Every terminal has a bell.

- kitty has its own sequence, OSC 99, and understands nothing else as well.
- Ghostty, WezTerm and foot have OSC 777, with a title; iTerm2 and Warp have OSC 9.
- VTE (GNOME Terminal and others) has OSC 777 only as Fedora builds it, and rxvt-unicode only with an
  extension; Konsole, Windows Terminal, Apple's Terminal, VS Code and Alacritty have something for a bell.
- Progress (OSC 9;4) came to Windows Terminal and ConEmu first, to WezTerm in February 2025, to Ghostty with
  1.2, to iTerm2 with 3.6.6 and to VTE with 0.79. An iTerm2 before that shows it as a notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

NoticeMethod: TypeAlias = Literal["bell", "osc9", "osc777", "osc99"]
"""How a terminal is made to show a notice."""

_METHODS: dict[str, NoticeMethod] = {
    "kitty": "osc99",
    "ghostty": "osc777",
    "wezterm": "osc777",
    "foot": "osc777",
    "iterm": "osc9",
    "warp": "osc9",
}

_PROGRESS_SINCE: dict[str, tuple[int, ...]] = {
    "conemu": (),
    "windows terminal": (),
    "ghostty": (1, 2),
    "wezterm": (20250209,),
    "iterm": (3, 6, 6),
    "vte": (7900,),
}
"""The first versions that show progress; empty where all do."""

_NAMES = (
    ("kitty", "kitty"),
    ("ghostty", "ghostty"),
    ("wezterm", "wezterm"),
    ("iterm", "iterm"),
    ("warp", "warp"),
    ("foot", "foot"),
    ("vte", "vte"),
)
"""What the names that terminals give themselves begin with, and what they are called here."""


class TerminalKind(Struct, frozen=True):
    """A terminal, as far as it is known."""

    name: str = ""
    """Empty for one that is not among those listed here."""
    version: tuple[int, ...] = ()

    @property
    def method(self) -> NoticeMethod:
        """How it shows a notice."""
        return _METHODS.get(self.name, "bell")

    @property
    def shows_progress(self) -> bool:
        """Whether it is known to show progress in its tab."""
        since = _PROGRESS_SINCE.get(self.name)
        return since is not None and self.version >= since


def identify_terminal(env: Mapping[str, str]) -> TerminalKind:
    """The terminal by its variables; within a multiplexer that is the one in which that was started."""
    if env.get("ConEmuANSI") == "ON":
        return TerminalKind("conemu")
    if env.get("WT_SESSION"):
        return TerminalKind("windows terminal")
    program = _name_terminal(env.get("TERM_PROGRAM", "")) or _name_terminal(env.get("LC_TERMINAL", ""))
    if program:
        told = env.get("TERM_PROGRAM_VERSION") or env.get("LC_TERMINAL_VERSION") or ""
        return TerminalKind(program, read_version_numbers(told))
    if env.get("TERM_PROGRAM") in (None, "", "tmux"):
        if env.get("KITTY_WINDOW_ID"):
            return TerminalKind("kitty")
        if version := env.get("VTE_VERSION"):
            return TerminalKind("vte", read_version_numbers(version))
    return TerminalKind(_name_terminal(env.get("TERM", "").removeprefix("xterm-")))


def identify_tmux_client(term: str, told: str) -> TerminalKind:
    """The terminal that a tmux is shown on, by its TERM and by what it answered to tmux: `kitty(0.32.0)`."""
    name = _name_terminal(told)
    return TerminalKind(name, read_version_numbers(told)) if name else identify_terminal({"TERM": term})


def _name_terminal(told: str) -> str:
    lower = told.lower()
    return next((name for start, name in _NAMES if lower.startswith(start)), "")


def read_version_numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version: `3.6.6` → (3, 6, 6), `20250209-182623-…` → (20250209, 182623)."""
    found = re.search(r"\d+(?:[.-]\d+)*", text[:100])
    return tuple(int(part) for part in re.split("[.-]", found[0])) if found else ()


_TITLED = re.compile(
    "xterm|screen|tmux|rxvt|alacritty|foot|kitty|konsole|vte|gnome|st(?:-|$)|wezterm|ghostty|contour|iterm"
    "|mintty|putty|mlterm|eterm",
    re.IGNORECASE,
)


def has_title(env: Mapping[str, str]) -> bool:
    """Whether the terminal is of a kind that has a title: a console would draw it."""
    return _TITLED.match(env.get("TERM", "")) is not None
