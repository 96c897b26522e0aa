"""Fits sentences into the two lines that a toast has room for."""

from __future__ import annotations

from tui import text

TOAST_FRAME_CELLS = 4
"""Cells of a toast beside its text."""
MAX_TOAST_WIDTH = 90
UNTIL_READ_SECONDS = 3600.0
"""For a toast that stays until it is clicked away."""


def fit_toast(sentences: str, screen: int, *, ascii: bool = False) -> str:
    """Sanitised sentences in at most two lines, cut with `…`; `screen` is its width in cells."""
    width = max(20, min(MAX_TOAST_WIDTH, screen * 9 // 10) - TOAST_FRAME_CELLS)
    first, _, second = sentences.partition("\n")
    if not second:
        first, second = _break_line(first, width)
    lines = [text.fit_cells(line, width, ascii=ascii).rstrip() for line in (first, second.replace("\n", " "))]
    return "\n".join(line for line in lines if line)


def _break_line(sentence: str, width: int) -> tuple[str, str]:
    """The words that fit into the first line, at least one, and the rest."""
    words = sentence.split(" ")
    taken = 1
    while taken < len(words) and text.cell_width(" ".join(words[: taken + 1])) <= width:
        taken += 1
    return " ".join(words[:taken]), " ".join(words[taken:])
