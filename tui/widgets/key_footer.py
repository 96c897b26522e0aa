"""The footer: the keys that work here and now, as many as fit whole."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tui.text import cell_width

BETWEEN = 2
"""Cells that the key, a gap and its word take besides their texts."""


class KeyFooter(Footer):
    """Textual's footer without a key that would be cut off at the right edge."""

    def compose(self) -> ComposeResult:
        """The keys, the first ones first, while there is room."""
        room = self.app.size.width - BETWEEN
        for widget in super().compose():
            if isinstance(widget, FooterKey):
                room -= cell_width(widget.key_display) + cell_width(widget.description) + BETWEEN
                if room < 0:
                    return
            yield widget

    def on_resize(self) -> None:
        """Choose anew what fits."""
        self.call_after_refresh(self.recompose)
