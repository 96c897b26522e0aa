"""The shortest way of a terminal's cursor from one cell to another.

Only sequences that the Linux console, GNU screen, tmux and xterm all know, and no control characters:
whoever looks for those of a server's text in what is sent finds none.
"""

from __future__ import annotations

from typing import NamedTuple


class CursorPlace(NamedTuple):
    """Where the cursor is; both count from 0."""

    y: int
    x: int
    is_certain: bool = True
    """Whether the column is what the terminal holds it for, and not a matter of how wide it draws a sign."""


def move_terminal_cursor(old: CursorPlace | None, y: int, x: int) -> str:
    """Return what moves the cursor; `old` is None where nobody knows where it is."""
    jump = _jump(y, x)
    if old is None or len(jump) < 4:
        return jump
    if old.y == y:
        if old.x == x and old.is_certain:
            return ""
        return min(_along(old, x), jump, key=len)
    if not old.is_certain and x:
        return jump
    # A jump within the line costs as much as one to another line, but for the digits.
    return min(_step(y - old.y, "B" if y > old.y else "A") + _along(old, x), jump, key=len)


def _jump(y: int, x: int) -> str:
    if x:
        return f"\x1b[{y + 1};{x + 1}H"
    return f"\x1b[{y + 1}H" if y else "\x1b[H"


def _along(old: CursorPlace, x: int) -> str:
    """Move within the line."""
    absolute = f"\x1b[{x + 1}G" if x else "\x1b[G"
    if not old.is_certain:
        return absolute
    cells = x - old.x
    return min(_step(cells, "C" if cells > 0 else "D"), absolute, key=len) if cells else ""


def _step(cells: int, letter: str) -> str:
    return f"\x1b[{letter}" if abs(cells) == 1 else f"\x1b[{abs(cells)}{letter}"
