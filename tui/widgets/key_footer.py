"""The footer: the keys that work now, as many as fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.screen import Screen

from tui.text import cell_width
from tui.widgets.line_widget import LineWidget, TextRun

KEY_GAP = 2
"""Cells of the gaps before and after a label."""


class FooterKey(Struct, frozen=True):
    """A key with its label, and the cells that they take."""

    key: str
    shown: str
    word: str
    enabled: bool
    start: int
    end: int


class KeyFooter(LineWidget):
    """One line. Textual's footer is a widget for each key, created anew at every move of the cursor.

    That took 10 ms each time, and 4.7 kB of the line to the terminal (measured).
    """

    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        background: $footer-background;
        & > .key-footer--text { color: $footer-foreground; }
        & > .key-footer--key, & > .key-footer--key-off {
            color: $primary; background: $footer-key-background; text-style: bold;
        }
        & > .key-footer--word, & > .key-footer--word-off {
            color: $footer-description-foreground; background: $footer-description-background;
        }
        & > .key-footer--key-off { text-style: bold dim; }
        & > .key-footer--word-off { text-style: dim; }
    }
    """

    PREFIX = "key-footer--"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"key-footer--{look}" for look in ("text", "key", "key-off", "word", "word-off")
    }

    _keys: tuple[FooterKey, ...] = ()

    def __init__(self, is_left_out: Callable[[str], bool] = lambda action: False) -> None:
        """`is_left_out` tells of which actions the keys make room for others now, though they work."""
        super().__init__()
        self._is_left_out = is_left_out

    def on_mount(self) -> None:
        """Follow changes of the keys that work."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is self.screen and screen.app.app_focus:
            # The effect of the key is painted first.
            self.call_after_refresh(self._update_keys)

    def _update_keys(self) -> None:
        # The screen may be gone by now.
        if self.is_attached:
            self.redraw_changes()

    def line_runs(self, width: int) -> list[TextRun]:
        """Return the keys and their labels in their order, while they fit."""
        self._keys = tuple(self._fit_keys(width))
        runs: list[TextRun] = []
        for spot in self._keys:
            off = "" if spot.enabled else "-off"
            runs += [(spot.shown, f"key{off}"), (f" {spot.word}", f"word{off}"), (" ", "text")]
        taken = self._keys[-1].end + 1 if self._keys else 0
        return [*runs, (" " * max(0, width - taken), "text")]

    def _fit_keys(self, width: int) -> list[FooterKey]:
        spots: dict[str, FooterKey] = {}
        at = 0
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not binding.show or binding.action in spots or self._is_left_out(binding.action):
                continue
            # Its sign would be drawn as `>`.
            is_named = binding.key == "enter" and self.screen.has_class("-ascii")
            shown = "enter" if is_named else self.app.get_key_display(binding)
            end = at + cell_width(shown) + cell_width(binding.description) + KEY_GAP - 1
            if end >= width:
                break
            spots[binding.action] = FooterKey(binding.key, shown, binding.description, enabled, at, end)
            at = end + 1
        return list(spots.values())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key under the pointer."""
        offset = event.get_content_offset(self)
        for spot in self._keys:
            if offset is not None and spot.start <= offset.x < spot.end:
                if spot.enabled:
                    self.app.simulate_key(spot.key)
                else:
                    self.app.bell()
