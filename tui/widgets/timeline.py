"""The Timeline tab as a widget; `timeline_lines` makes its lines."""

from __future__ import annotations

from textual.content import Content

from tui.widgets.overview import NOTHING_SHOWN
from tui.widgets.scrolled_text import ScrolledText
from tui.widgets.timeline_lines import TimelineState, timeline_lines


class Timeline(ScrolledText):
    """A scrolling timeline of one task."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: TimelineState | None = None
        self._instead: Content | None = None

    def show_task(self, shown: TimelineState | None, instead: Content | None = None) -> None:
        """Show this task; without one, what is to be told instead, or that there is none."""
        self._state, self._instead = shown, instead
        self.update_text()

    def make_text(self, width: int) -> Content:
        """The lines of the task, or what is told in place of one."""
        if self._state is None:
            return self._instead or NOTHING_SHOWN
        return Content("\n").join(timeline_lines(self._state, width))
