"""The control sequences of notices, titles and progress, and what carries them through a multiplexer."""

from __future__ import annotations

import re

from tui.notices.terminals import NoticeMethod
from tui.text import fit_cells, sanitize_label

TITLE = "graphtop"
MAX_NOTICE_CELLS = 200
"""Cells of a notice: no desktop shows more, and some drop longer ones."""
MAX_TITLE_CELLS = 80

BELL = "\a"
SAVE_TITLE, RESTORE_TITLE = "\x1b[22;0t", "\x1b]0;\a\x1b[23;0t"
"""A terminal that keeps no titles is left with an empty one, for which it shows its own."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


def clean_notice(text: str, cells: int = MAX_NOTICE_CELLS) -> str:
    """A text as it may go to a terminal or a command: one line, harmless, without secrets, and short."""
    clean = sanitize_label(text)
    # `sanitize_label` leaves none: this is the last gate before a sequence that one of them would end.
    return _CONTROLS.sub("", fit_cells(clean, cells).rstrip())


def format_notice(method: NoticeMethod, text: str, *, end: str = "\x1b\\") -> str:
    """The sequence with which a terminal shows a notice; `end` is how its string ends."""
    text = clean_notice(text)
    match method:
        case "osc9":
            # Behind the title, as a text that begins with a number would be another command.
            return f"\x1b]9;{TITLE}: {text}{end}"
        case "osc777":
            # A semicolon would end the text.
            return f"\x1b]777;notify;{TITLE};{text.replace(';', ',')}{end}"
        case "osc99":
            return f"\x1b]99;i={TITLE}:d=0;{TITLE}{end}\x1b]99;i={TITLE}:p=body;{text}{end}"
        case "bell":
            return BELL


def format_title(text: str) -> str:
    """The sequence that sets the title of the window and of its tab."""
    return f"\x1b]0;{clean_notice(text, MAX_TITLE_CELLS)}{BELL}"


def format_progress(percent: int | None, *, has_failed: bool = False, end: str = "\x1b\\") -> str:
    """The sequence that shows progress in the tab; without a number only that something goes on."""
    if percent is None:
        return f"\x1b]9;4;{2 if has_failed else 3};{100 if has_failed else 0}{end}"
    return f"\x1b]9;4;{2 if has_failed else 1};{max(0, min(100, percent))}{end}"


def format_no_progress(*, end: str = "\x1b\\") -> str:
    """The sequence that takes the progress away."""
    return f"\x1b]9;4;0;0{end}"
