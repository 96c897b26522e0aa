"""The Timeline tab as a widget; `timeline_lines` makes its lines."""

from __future__ import annotations

from textual.content import Content

from tui.widgets.scrolled_text import ScrolledText
from tui.widgets.timeline_lines import TimelineState, timeline_lines


class Timeline(ScrolledText[TimelineState]):
    """A scrolling timeline of one task."""

    def make_lines(self, shown: TimelineState, width: int) -> list[Content]:
        """The lines of the timeline."""
        return timeline_lines(shown, width)
