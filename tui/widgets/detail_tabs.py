"""The detail pane's own line of tabs."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class DetailTabs(Widget):
    """One line of labels; the current one is bold and underlined, not only coloured."""

    DEFAULT_CSS = """
    DetailTabs { height: 1; width: 1fr; }
    """

    labels: reactive[tuple[str, ...]] = reactive(())
    current: reactive[int] = reactive(0)

    @dataclass
    class TabClicked(Message):
        """A tab was clicked."""

        index: int

    def render(self) -> Content:
        """The labels, two cells apart."""
        parts = [
            Content.styled(label, "$primary bold underline" if index == self.current else "$text-muted")
            for index, label in enumerate(self.labels)
        ]
        return Content("  ").join(parts)

    def on_click(self, event: Click) -> None:
        """Open the tab under the pointer."""
        start = 0
        for index, label in enumerate(self.labels):
            if start <= event.x < start + len(label) + 1:
                self.post_message(self.TabClicked(index))
                return
            start += len(label) + 2
