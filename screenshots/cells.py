"""The program as pictures are made of it: every character stands in the cells that a terminal gives it.

Rich draws each run of one style as one `<text>` that is as wide as the run has characters. A character of two
cells, one with a mark on it, or one that the font lacks moves all that follows in its run out of its column
(https://github.com/Textualize/rich/issues/2742).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from inspect import getfile
from itertools import groupby
from pathlib import Path

from rich.cells import split_graphemes

from tui.app import Graphtop

CELL_WIDTH = 12.2
"""Units of the picture that a cell is wide: 20, Rich's height of a character, times 0.61, its proportions."""

_RUN = re.compile(r'(<text [^>]*?x=")([\d.]+)("[^>]*?) textLength="[\d.]+"([^>]*>)([^<\n]+)</text>')
_ASCII = re.compile("[ -~\xa0]")
_LINES_AND_BLOCKS = re.compile("[\u2500-\u259f]")


class PictureApp(Graphtop):
    """graphtop whose screenshots keep its columns."""

    # Textual looks for a relative path beside the module of the class that it runs.
    CSS_PATH = str(Path(getfile(Graphtop)).parent / Graphtop.CSS_PATH)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return the screen as SVG in which every character stands in its cells."""
        return align_to_cells(super().export_screenshot(title=title, simplify=simplify))


def align_to_cells(svg: str) -> str:
    """Split each run of text in Rich's SVG into parts that begin where their cells do."""
    return _RUN.sub(_align_run, svg)


def _align_run(run: re.Match[str]) -> str:
    """One run as the elements of its parts, from left to right."""
    before, x, between, after, content = run.groups()
    left, elements = float(x), []
    for text, cells, fit in _split(unescape(content)):
        shown = escape(text).replace("\xa0", "&#160;")
        elements.append(f"{before}{left:g}{between}{fit}{after}{shown}</text>")
        left += cells * CELL_WIDTH
    return "".join(elements)


def _split(text: str) -> Iterator[tuple[str, int, str]]:
    """The parts of a run that are drawn each on its own, their cells, and the attributes of their widths.

    ASCII stays together, as do lines and blocks: one font draws them. Any other character may come from
    another font and is drawn alone, with its marks. One of two cells is stretched to fill them; one of a
    single cell keeps its shape, since a sign made narrow is mistaken for another.
    """
    clusters = [(text[start:end], cells) for start, end, cells in split_graphemes(text)[0]]
    for together, group in groupby(clusters, key=lambda cluster: _stays_with(cluster[0])):
        if together:
            part = "".join(cluster for cluster, _ in group)
            yield part, len(part), _text_length(len(part))
        else:
            for cluster, cells in group:
                fit = f'{_text_length(cells)} lengthAdjust="spacingAndGlyphs"' if cells > 1 else ""
                yield cluster, cells, fit


def _stays_with(cluster: str) -> re.Pattern[str] | None:
    """The characters beside which this one may stand in one part; None when it is drawn alone."""
    return next((kind for kind in (_ASCII, _LINES_AND_BLOCKS) if kind.fullmatch(cluster)), None)


def _text_length(cells: int) -> str:
    return f' textLength="{cells * CELL_WIDTH:g}"'
