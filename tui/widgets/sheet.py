"""A small table within a text: columns as wide as they need, the widest giving way first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from backend_adapters.model import Sheet
from tui import text

GAP = 2
LEAST = 6
"""Cells that a column keeps at least, where it has as many."""


def drawn(sheet: Sheet, width: int, *, ascii: bool) -> Iterator[Content]:
    """The heads and the rows, each line at most `width` cells; a cut text keeps its end, as paths want."""
    cells = [[text.label(cell) or text.NOTHING for cell in row] for row in sheet.rows]
    kept = [
        column
        for column in range(len(sheet.heads))
        if any(row[column] != text.NOTHING for row in cells) or not cells
    ]
    widths = fitted([_widest(sheet.heads[column], cells, column) for column in kept], width)

    def line(texts: Sequence[str]) -> str:
        parts = (
            text.fit(
                texts[column],
                size,
                align="right" if column in sheet.numbers else "left",
                keep="tail",
                ascii=ascii,
            )
            for column, size in zip(kept, widths, strict=True)
        )
        return text.fit((" " * GAP).join(parts), width, ascii=ascii).rstrip()

    yield Content.styled(line(sheet.heads), "$text-muted")
    for row in cells:
        yield Content(line(row))


def _widest(head: str, cells: Sequence[Sequence[str]], column: int) -> int:
    return max(text.cell_width(texts) for texts in (head, *(row[column] for row in cells)))


def fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths cut, cell by cell from the widest, until all columns with their gaps have room."""
    fitting = list(widths)
    over = sum(fitting) + GAP * (len(fitting) - 1) - room
    while over > 0 and max(fitting, default=0) > LEAST:
        fitting[fitting.index(max(fitting))] -= 1
        over -= 1
    return fitting
