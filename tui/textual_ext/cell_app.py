"""An application of Textual's that sends a terminal only the cells that differ from what it shows.

Textual 8.2 sends whole lines of a widget for one changed cell, each part with all of its look, and repaints
the whole screen several times while a dialog opens. Over a slow line that is what makes a program feel far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Offset
from textual.screen import Screen

from tui.textual_ext.compositor import TerminalFrame

ANSWER_SECONDS = 0.5
"""Seconds after a key in which a new layout is taken for its answer."""
LONGEST_WAIT_SECONDS = 0.15
"""Seconds for which a new layout waits at most for what its widgets draw anew in their new sizes."""
REST_CHECK_SECONDS = 0.003
"""Seconds between two looks whether they are done."""
_QUICK_LOOKS = 30
"""Looks that are made at once, one for each turn of the loop."""
_TORN_BYTES = 512
"""Characters from which on a terminal could show a part of an update before it has read the rest."""


class CellApp(App[None]):
    """An application that sends a terminal only the cells that differ from what it shows."""

    _terminal_frame: TerminalFrame | None = None
    """What the terminal shows; None before anything was drawn."""
    _known_since = 0.0
    """When the first of it was sent, by `monotonic`."""
    _frame_timer: asyncio.TimerHandle | None = None
    """Set while a new layout waits until it is finished."""
    _after_frame: tuple[Callable[[], object], ...] = ()
    """What waits until the terminal shows what is drawn now."""
    _last_input = 0.0
    """When the last key or size came, by `monotonic`."""

    def call_after_frame(self, callback: Callable[[], object]) -> None:
        """Call it once the terminal shows what is drawn now: at once where nothing waits to be sent.

        While an application starts, Textual draws nothing (`batch_update`).
        """
        if self.is_headless or (self._frame_timer is None and not self._batch_count):
            callback()
            return
        self._after_frame = (*self._after_frame, callback)
        # In any case, also where nothing comes to be drawn.
        self.set_timer(2 * LONGEST_WAIT_SECONDS, self._call_waiting)

    def _call_waiting(self) -> None:
        waiting, self._after_frame = self._after_frame, ()
        for callback in waiting:
            callback()

    async def on_event(self, event: events.Event) -> None:
        """Note when a person does something."""
        if isinstance(event, events.InputEvent):
            self._last_input = monotonic()
        await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        """Send everything anew: what a terminal shows is not known after another size, or a stop."""
        # The size that a driver tells at its start comes when the first frame may have been sent already.
        if self._terminal_frame is not None and event.time > self._known_since:
            self._last_input = monotonic()
            self._forget_sent(self._terminal_frame)
            # Another size is drawn anew in any case; but a terminal can have had one meanwhile.
            if self._terminal_frame.size == event.size:
                self._send_when_at_rest()

    def action_redraw(self) -> None:
        """Send everything anew, for when others have written over it."""
        if self._terminal_frame is not None:
            self._forget_sent(self._terminal_frame)
            self._send_frame()

    def _forget_sent(self, frame: TerminalFrame) -> None:
        frame.forget_sent()
        self._known_since = monotonic()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not isinstance(renderable, (LayoutUpdate, ChopsUpdate)) or not self._draws_cells():
            super()._display(screen, renderable)
            return
        try:
            self._draw_update(screen, renderable)
        except Exception as error:
            self._handle_exception(error)
        # A new layout that isn't a new screen is drawn while it is still marked as required.
        is_new_layout = isinstance(renderable, LayoutUpdate) or screen._layout_required
        # What nobody has asked for comes at once, in parts if need be: the first rows are waited for.
        if is_new_layout and monotonic() - self._last_input < ANSWER_SECONDS:
            self._send_when_at_rest()
        elif self._frame_timer is None:
            self._send_frame()
        self.post_display_hook()

    def _draws_cells(self) -> bool:
        """Whether there is a whole terminal to draw on."""
        driver = self._driver
        is_drawing = self._running and not self._closed and not self._batch_count and not self.is_headless
        return is_drawing and driver is not None and not driver.is_inline

    def _draw_update(self, screen: Screen[Any], update: LayoutUpdate | ChopsUpdate) -> None:
        frame = self._terminal_frame
        if frame is None:
            color_system = self.console._color_system or ColorSystem.TRUECOLOR
            frame = self._terminal_frame = TerminalFrame(color_system)
            self._known_since = monotonic()
        if isinstance(update, LayoutUpdate):
            frame.draw_all(update)
        elif screen._compositor.size == frame.size and not frame.is_full:
            frame.draw_spans(update)
        else:
            frame.draw_all(screen._compositor.render_full_update())

    def _send_when_at_rest(self) -> None:
        """Send the frame when nothing is left to be drawn in a new layout, and soon in any case."""
        if self._frame_timer is None:
            self._wait_for_rest(monotonic() + LONGEST_WAIT_SECONDS)

    def _wait_for_rest(self, end: float, looks: int = 0) -> None:
        loop = asyncio.get_running_loop()
        # Most messages are heeded at once; only what waits for something else is worth a pause.
        delay = 0 if looks < _QUICK_LOOKS else REST_CHECK_SECONDS
        self._frame_timer = loop.call_later(delay, self._check_rest, end, looks + 1)

    def _check_rest(self, end: float, looks: int) -> None:
        self._frame_timer = None
        if monotonic() < end and not is_at_rest(self):
            if not (has_unheeded_messages(self) or self._batch_count):
                # Textual's own timer would let it wait for up to a 60th of a second.
                self.screen.call_next(self.screen._on_timer_update)
            self._wait_for_rest(end, looks)
            return
        try:
            self._send_frame()
        except Exception as error:
            # The loop would only log it.
            self._handle_exception(error)

    def _send_frame(self) -> None:
        """Send the terminal what differs from what it shows."""
        if self._terminal_frame is None or self._driver is None or not self._draws_cells():
            return
        changes = self._terminal_frame.take_changes(self._find_cursor())
        if len(changes) >= _TORN_BYTES:
            self._begin_update()
            self._driver.write(changes)
            self._end_update()
        elif changes:
            self._driver.write(changes)
        if self._after_frame:
            self.call_later(self._call_waiting)

    def _find_cursor(self) -> Offset | None:
        """Where the hidden cursor belongs, at which methods of input open a window; None if anywhere."""
        if self.screen_stack and hasattr(type(self.focused), "cursor_screen_offset"):
            return self.screen.outer_size.clamp_offset(self.cursor_position)
        return None


def is_at_rest(app: App[Any]) -> bool:
    """Whether nothing is to be laid out or drawn any more, and no widget has a message to heed."""
    if not app.screen_stack:
        return True
    screen = app.screen
    undrawn = screen._layout_required or screen._repaint_required or screen._dirty_widgets
    return not (undrawn or screen._callbacks or has_unheeded_messages(app))


def has_unheeded_messages(app: App[Any]) -> bool:
    """Whether the application or a widget of its current screen has a message to heed."""
    nodes = [app, *app.screen.walk_children(with_self=True)]
    return any(node.message_queue_size or node._next_callbacks for node in nodes)
