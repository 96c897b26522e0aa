"""A scrolling text made of styled lines, which is repainted only when it changes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

LEAST_WIDTH = 20
"""Cells that lines are made for at least."""


class ScrolledText(VerticalScroll):
    """Draws what `make_text` returns, again whenever the width changes."""

    DEFAULT_CSS = """
    ScrolledText { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    ScrolledText > Static { width: 1fr; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: Content | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One static text in a scroll."""
        yield self._text

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.update_text()

    def make_text(self, width: int) -> Content:
        """Return the text for lines of `width` cells."""
        raise NotImplementedError

    def update_text(self) -> None:
        """Draw the text as it is now, if it is another one."""
        content = self.make_text(max(LEAST_WIDTH, self.scrollable_content_region.width))
        if self._drawn is None or not content.is_same(self._drawn):
            self._drawn = content
            self._text.update(content)
