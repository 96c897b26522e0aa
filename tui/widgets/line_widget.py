"""A widget of one line that repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.text import cell_width
from tui.widgets.task_line import make_strip

TextRun: TypeAlias = tuple[str, str]
"""A harmless text and the name of its look."""


def runs_width(runs: Sequence[TextRun]) -> int:
    """Return how many cells runs take."""
    return sum(cell_width(text) for text, _ in runs)


def changed_cells(before: Sequence[TextRun], after: Sequence[TextRun]) -> tuple[int, int] | None:
    """Return the first cell that differs and the one after the last, or None where all are equal."""
    old, new = _split_cells(before), _split_cells(after)
    if old == new:
        return None
    if len(old) != len(new):
        return 0, max(len(old), len(new))
    differ = [x for x, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    return differ[0], differ[-1] + 1


def _split_cells(runs: Sequence[TextRun]) -> list[TextRun]:
    """One entry per cell: a wide character fills two, one without width belongs to the cell before."""
    cells: list[TextRun] = []
    for text, look in runs:
        for character in text:
            width = cell_width(character)
            if width == 0 and cells:
                cells[-1] = (cells[-1][0] + character, look)
            cells += [(character, look)] * width
    return cells


class LineWidget(Widget):
    """Base of the bars: a subclass returns its runs for a width, this class draws them."""

    DEFAULT_CSS = "LineWidget { height: 1; width: 1fr; }"

    PREFIX = ""
    """Prefix of its component classes; the base look is `<PREFIX>text`."""

    def __init__(self, *, ascii: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii = ascii
        self._runs: list[TextRun] = []
        self._looks: dict[str, Style] = {}

    def line_runs(self, width: int) -> list[TextRun]:
        """Return the runs that fill `width` cells."""
        return [(" " * width, "text")]

    def redraw_changes(self) -> None:
        """Compute the line again and repaint the cells that differ."""
        before, self._runs = self._runs, self.line_runs(self.size.width)
        span = changed_cells(before, self._runs)
        if span is not None:
            self.refresh(Region(span[0], 0, span[1] - span[0], 1))

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self._runs = self.line_runs(self.size.width)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        rest = self._look_style("text")
        if y:
            return Strip.blank(self.size.width, rest)
        styles = {look: self._look_style(look) for _, look in self._runs}
        return make_strip(self._runs, self.size.width, styles, rest)

    def _look_style(self, name: str) -> Style:
        if name not in self._looks:
            self._looks[name] = self.get_component_rich_style(self.PREFIX + name)
        return self._looks[name]

    def notify_style_update(self) -> None:
        """Forget the styles: the theme changed."""
        super().notify_style_update()
        self._looks.clear()
