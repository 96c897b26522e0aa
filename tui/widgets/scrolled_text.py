"""A scrolling text about one task, made of styled lines, which is repainted only when it changes."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

StateT = TypeVar("StateT")

LEAST_WIDTH = 20
"""Cells that lines are made for at least."""
NOTHING_SHOWN = Content.styled("No task is selected.", "$text-muted")


class ScrolledText(VerticalScroll, Generic[StateT]):
    """Draws the lines that `make_lines` returns, again whenever the width changes."""

    DEFAULT_CSS = """
    ScrolledText { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    ScrolledText > Static { width: 1fr; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: StateT | None = None
        self._instead: Content | None = None
        self._drawn: Content | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One static text in a scroll."""
        yield self._text

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._update_text()

    def show_task(self, shown: StateT | None, instead: Content | None = None) -> None:
        """Show this task; without one, what is to be told instead, or that there is none."""
        self._state, self._instead = shown, instead
        self._update_text()

    def make_lines(self, shown: StateT, width: int) -> list[Content]:
        """Return the lines of the task, each at most `width` cells."""
        raise NotImplementedError

    def _update_text(self) -> None:
        """Draw the text as it is now, if it is another one."""
        if self._state is None:
            content = self._instead or NOTHING_SHOWN
        else:
            width = max(LEAST_WIDTH, self.scrollable_content_region.width)
            content = Content("\n").join(self.make_lines(self._state, width))
        if self._drawn is None or not content.is_same(self._drawn):
            self._drawn = content
            self._text.update(content)
