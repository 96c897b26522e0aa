"""What a toast has room for: two lines, whatever is to be said."""

from __future__ import annotations

from tui import text

FRAME = 4
"""Cells of a toast beside its text."""
WIDEST = 90


def two_lines(sentences: str, screen: int, *, ascii: bool = False) -> str:
    """Harmless sentences in at most two lines of a toast on a screen so many cells wide, cut with `…`."""
    width = max(20, min(WIDEST, screen * 9 // 10) - FRAME)
    first, _, second = sentences.partition("\n")
    if not second:
        first, second = _broken(first, width)
    lines = [text.fit_cells(line, width, ascii=ascii).rstrip() for line in (first, second.replace("\n", " "))]
    return "\n".join(line for line in lines if line)


def _broken(sentence: str, width: int) -> tuple[str, str]:
    """As many whole words as fit into the first line, and the rest; one word at least."""
    words = sentence.split(" ")
    taken = 1
    while taken < len(words) and text.cell_width(" ".join(words[: taken + 1])) <= width:
        taken += 1
    return " ".join(words[:taken]), " ".join(words[taken:])
