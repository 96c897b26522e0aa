"""A small table within a text: in columns where they fit, else a few lines for each row."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from textual.content import Content

from backend_adapters.model import Sheet
from tui import text

SHEET_GAP = 2
ELASTIC_MIN_WIDTH = 16
"""Columns of texts may be cut down to this many cells."""
CARD_INDENT = 2


def draw_sheet(sheet: Sheet, width: int, *, ascii: bool) -> Iterator[Content]:
    """Draw heads and rows in at most `width` cells; a cut text keeps its end, which matters in paths."""
    cells = [[text.sanitize_label(cell) or text.NO_VALUE for cell in row] for row in sheet.rows]
    kept = [n for n in range(len(sheet.heads)) if any(row[n] != text.NO_VALUE for row in cells)]
    widths = fit_columns(sheet, cells, kept, width)
    if widths is None:
        yield from _draw_cards(sheet, cells, kept, width, ascii=ascii)
        return

    def line(texts: Sequence[str]) -> str:
        parts = (
            text.fit_cells(
                texts[column],
                size,
                align="right" if column in sheet.numbers else "left",
                keep="tail",
                ascii=ascii,
            )
            for column, size in zip(kept, widths, strict=True)
        )
        return (" " * SHEET_GAP).join(parts).rstrip()

    yield Content.styled(line(sheet.heads), "$text-muted")
    for row in cells:
        yield Content(line(row))


def fit_columns(
    sheet: Sheet, cells: Sequence[Sequence[str]], kept: Sequence[int], room: int
) -> list[int] | None:
    """Return the widths of the columns `kept`, the widest cut as needed; None where they don't fit."""
    columns = {n: [sheet.heads[n], *(row[n] for row in cells)] for n in kept}
    widths = {n: max(map(text.cell_width, texts)) for n, texts in columns.items()}
    over = sum(widths.values()) + SHEET_GAP * (len(kept) - 1) - room
    elastic = [n for n in kept if n not in sheet.numbers]
    while over > 0:
        widest = max(elastic, key=lambda n: widths[n], default=None)
        if widest is None or widths[widest] <= ELASTIC_MIN_WIDTH:
            return None
        widths[widest] -= 1
        over -= 1
    return [widths[n] for n in kept]


def _draw_cards(
    sheet: Sheet, cells: Sequence[Sequence[str]], kept: Sequence[int], width: int, *, ascii: bool
) -> Iterator[Content]:
    """Draw each row as a line of its first two texts, and the others below it with their heads."""
    between = " - " if ascii else " · "
    for row in cells:
        first, *others = (row[n] for n in kept[:2])
        room = width - text.cell_width(first) - 1
        title = " ".join(
            [first, *(text.fit_cells(other, room, keep="tail", ascii=ascii) for other in others)]
        )
        yield Content(text.fit_cells(title, width, ascii=ascii).rstrip())
        rest = [f"{sheet.heads[n].lower()} {row[n]}" for n in kept[2:] if row[n] != text.NO_VALUE]
        for part in _pack_parts(rest, between, width - CARD_INDENT):
            line = text.fit_cells(" " * CARD_INDENT + part, width, ascii=ascii).rstrip()
            yield Content.styled(line, "$text-muted")


def _pack_parts(parts: Sequence[str], between: str, width: int) -> Iterator[str]:
    """Join the parts to as few lines as possible; only a part longer than a line is broken."""
    line = ""
    for part in parts:
        joined = f"{line}{between}{part}" if line else part
        if text.cell_width(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        *whole, line = textwrap.wrap(part, max(1, width)) or [""]
        yield from whole
    if line:
        yield line
