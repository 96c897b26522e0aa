"""Toasts: what is said, fitted into the lines that a toast has room for."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct
from textual.notifications import Notification

from tui import text

TOAST_FRAME_CELLS = 5
"""Cells of a toast beside its text."""
MAX_TOAST_WIDTH = 90
MAX_TOAST_LINES = 4
UNTIL_READ_SECONDS = 3600.0
"""For a toast that stays until it is clicked or closed."""
TOAST_SECONDS = 4.0
"""For a toast of one line."""
LINE_SECONDS = 2.0
"""For each further line."""
MAX_SAID_CHARACTERS = 4_000
"""Characters of one message that are kept."""


class ToastHints(Struct, frozen=True):
    """What a toast says of the keys that work on the screen below it."""

    ascii: bool = False
    shows_all: str = ""
    """Where all of a cut toast can be read: `M shows all`."""
    closes: str = ""
    """What closes a toast that stays: `esc closes this`."""


NO_HINTS = ToastHints()


@dataclass
class CountedToast(Notification):
    """A notification that keeps what was said, and how many times in a row it was said."""

    said: str = ""
    count: int = 1

    @property
    def is_persistent(self) -> bool:
        """Whether it stays until a person closes it."""
        return self.timeout >= UNTIL_READ_SECONDS

    @property
    def rows(self) -> int:
        """The lines of the screen that it takes."""
        return self.message.count("\n") + 3


def fit_toast(
    said: str, screen: int, hints: ToastHints = NO_HINTS, *, count: int = 1, stays: bool = False
) -> str:
    """Sanitised sentences in at most four lines, broken between words; `screen` is its width in cells.

    What has no room is cut, with a hint where all of it is. A toast that `stays` says what closes it.
    """
    width = max(20, min(MAX_TOAST_WIDTH, screen * 9 // 10) - TOAST_FRAME_CELLS)
    times = "" if count == 1 else f" ({'x' if hints.ascii else '×'}{count})"
    lines = [part for line in f"{said}{times}".split("\n") for part in text.wrap_cells(line, width) if part]
    closes = hints.closes if stays else ""
    if len(lines) > MAX_TOAST_LINES:
        keys = text.join_key_hints(*filter(None, (hints.shows_all, closes)), ascii=hints.ascii)
        ending = f"{'~' if hints.ascii else '…'}{times} {keys}".rstrip()
        kept = lines[: MAX_TOAST_LINES - 1]
        last = text.wrap_cells(lines[MAX_TOAST_LINES - 1], max(8, width - text.cell_width(ending)))[0]
        lines = [*kept, last.rstrip(" .,;:") + ending]
    elif closes and len(lines) < MAX_TOAST_LINES:
        lines.append(closes)
    return "\n".join(lines)


def measure_reading_seconds(fitted: str) -> float:
    """How long a toast is shown that goes away by itself: longer for more lines."""
    return TOAST_SECONDS + LINE_SECONDS * fitted.count("\n")


def clean_message(said: str) -> str:
    """What is said, sanitised line by line; a very long text is cut."""
    if len(said) > MAX_SAID_CHARACTERS:
        said = said[: MAX_SAID_CHARACTERS - 1] + "…"
    return "\n".join(text.sanitize_lines(said))
