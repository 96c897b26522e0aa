"""A compositor that sends a changed cell and not the line up to it.

Textual 8.2 crops a partial update on the right side only: to repaint one cell at the end of a line it sends
the whole line from the left edge of the widget (`ChopsUpdate.render_segments`). For a table of ages that
tick, and for a clock at the right end of a line, that is ten times the bytes.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.screen import Screen


def use_fine_compositor(screen: Screen[Any]) -> None:
    """Let a screen send only what changed; to be called in its `__init__`."""
    screen._compositor = FineCompositor()


class FineUpdate(ChopsUpdate):
    """A partial update that sends exactly the cells of its spans."""

    def render_segments(self, console: Console) -> str:
        """Return what the terminal gets: for each span a jump and its cells."""
        parts: list[str] = []
        for y, start, stop in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(x, start), min(end, stop)
                if strip is None or left >= right:
                    continue
                cells = strip if (left, right) == (x, end) else strip.crop(left - x, right - x)
                parts += [Control.move_to(left, y).segment.text, cells.render(console)]
        return "".join(parts)


class FineCompositor(Compositor):
    """Textual's compositor with finer partial updates."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return an update of the cells that changed, None where there are none."""
        update = super().render_partial_update()
        return None if update is None else FineUpdate(update.chops, update.spans, update.chop_ends)
