"""Takes what Textual's compositors draw, and returns what turns the terminal's picture into it."""

from __future__ import annotations

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Offset, Size

from tui.textual_ext.cell_differ import CellDiffer
from tui.textual_ext.screen_cells import CellTable


class TerminalFrame:
    """What a terminal shows, whichever screen has drawn it."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._color_system = color_system
        self._start(Size(0, 0))

    def _start(self, size: Size) -> None:
        self._differ = CellDiffer(CellTable(self._color_system), size.width, size.height)

    @property
    def size(self) -> Size:
        """The size of what was drawn last."""
        return Size(self._differ.width, self._differ.height)

    @property
    def is_full(self) -> bool:
        """Whether a whole screen is to be drawn next: there is no room left for what parts of one bring."""
        return self._differ.table.is_full

    def draw_all(self, update: LayoutUpdate) -> None:
        """Draw a whole screen."""
        size = update.region.size
        if size != self.size:
            self._differ = CellDiffer(self._differ.table, size.width, size.height)
        if self.is_full:
            self._start(size)
        for y, strips in enumerate(update.strips):
            x = 0
            for strip in strips:
                self._differ.draw(y, x, self._differ.table.read_strip(strip))
                x += strip.cell_length

    def draw_spans(self, update: ChopsUpdate) -> None:
        """Draw some parts of a screen of the same size."""
        differ = self._differ
        for y, start, stop in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                left, right = max(x, start), min(end, stop)
                if strip is not None and left < right:
                    differ.draw(y, x, differ.table.read_strip(strip), left - x, right - x)

    def forget_sent(self) -> None:
        """Let all be sent again: what the terminal shows is not known any more."""
        self._differ.forget_sent()

    def take_changes(self, cursor: Offset | None) -> str:
        """Return what is to be sent, and a move to `cursor` where its place matters."""
        changes = self._differ.take_changes()
        return changes if cursor is None else changes + self._differ.move(cursor.y, cursor.x)
