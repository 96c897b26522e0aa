"""The terminal side of the application: keys in order, and the clipboard."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual import events, on
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widget import Widget

from tui.clipboard import CopyText, clipboard_sequence, describe_copy, load_into_tmux
from tui.multiplexers import is_in_tmux
from tui.notice_app import NoticeApp
from tui.text import format_count, sanitize_label
from tui.textual_ext.key_queue import KeyHandled, KeyQueue, KeyRun
from tui.widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from tui.widgets.line_input import LineInput

HANDLING_SECONDS = 5.0
"""Seconds after which the next key is passed on although the one before has not been handled."""
CHECK_SECONDS = 0.1
"""Seconds between two checks whether the receiver of a key is still there."""
UNQUEUED_KEYS = frozenset({"ctrl+q"})
"""Keys that are passed on at once."""


class TerminalApp(NoticeApp):
    """Textual's application, with keys, toasts and the clipboard as people at a terminal expect them."""

    def __init__(self) -> None:
        super().__init__()
        self._key_queue = KeyQueue()
        self._handled_mark: KeyHandled | None = None
        self._key_receiver: MessagePump | None = None
        self._sent_at = 0.0
        self._check_timer: Timer | None = None

    # Typing.

    async def on_event(self, event: events.Event) -> None:
        """Queue what was typed; drop keys and clicks while no screen is left to take them."""
        new = not event.is_forwarded
        waits = not (isinstance(event, events.Key) and event.key in UNQUEUED_KEYS)
        if new and waits and isinstance(event, (events.Key, events.Paste, KeyRun)):
            await self._queue_typed(event)
        elif self.screen_stack or not isinstance(event, events.InputEvent):
            await super().on_event(event)

    async def _queue_typed(self, event: events.Key | events.Paste | KeyRun) -> None:
        if not self._key_queue.add_typed(event):
            self.notify(
                "Too many keys at once; some were ignored.",
                severity="warning",
            )
        if self._handled_mark is None:
            await self._send_next_key()
        if len(self._key_queue) and self._check_timer is None:
            self._check_timer = self.set_interval(CHECK_SECONDS, self._check_receiver)

    async def _send_next_key(self) -> None:
        """Pass on the next key, and the ones after it as soon as each has been handled."""
        while self._handled_mark is None and len(self._key_queue):
            if not self.screen_stack:
                self._key_queue.clear()
                return
            focused = self.focused
            event = self._key_queue.take_next(into_line=_joins_keys(focused))
            if event is not None:
                handled = KeyHandled(self.screen)
                await super().on_event(event)
                self._send_mark(handled, focused or handled.screen)

    def _send_mark(self, handled: KeyHandled, receiver: MessagePump) -> None:
        """Send the mark that follows a key."""
        self._handled_mark = handled if receiver.post_message(handled) else None
        self._key_receiver, self._sent_at = receiver, monotonic()

    @on(KeyHandled)
    async def _key_handled(self, handled: KeyHandled) -> None:
        """Pass on the next key; where this one opened another screen, only after that has its focus."""
        if handled is not self._handled_mark:
            return
        self._handled_mark = None
        if self.screen_stack and self.screen is not handled.screen:
            self._send_mark(KeyHandled(self.screen), self.screen)
        await self._send_next_key()

    async def _check_receiver(self) -> None:
        """Go on where the focused widget is gone, and the mark with it, or takes too long."""
        gone = self._key_receiver is None or not self._key_receiver.is_attached
        if self._handled_mark is not None and (gone or monotonic() - self._sent_at > HANDLING_SECONDS):
            self._handled_mark = None
            await self._send_next_key()
        if self._handled_mark is None and self._check_timer is not None:
            self._check_timer.stop()
            self._check_timer = None

    def on_line_input_limit_reached(self, event: LineInput.LimitReached) -> None:
        """Say that the rest of what was typed is left out."""
        self.notify(
            f"Only the first {format_count(event.line.limit)} characters fit in this line.",
            severity="warning",
        )

    # The clipboard.

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard."""
        self._copy_text(CopyText(text))

    @on(CopyText)
    def _copy_text(self, event: CopyText) -> None:
        self.remember_clipboard(event.text)
        if is_in_tmux():
            self.run_worker(self._copy_through_tmux(event), group="clipboard", exit_on_error=False)
        elif self.write_to_terminal(clipboard_sequence(event.text)):
            self._say_copied(event, is_certain=False)

    async def _copy_through_tmux(self, event: CopyText) -> None:
        if trouble := await load_into_tmux(event.text):
            self.notify(f"Couldn't copy. {trouble}", severity="error")
        else:
            self._say_copied(event, is_certain=True)

    def _say_copied(self, event: CopyText, *, is_certain: bool) -> None:
        if event.what:
            self.notify(sanitize_label(describe_copy(event.what, is_certain=is_certain)))


def _joins_keys(focused: Widget | None) -> bool:
    """Whether the focused widget takes several characters as one text."""
    return isinstance(focused, TypedLine) and focused.joins_keys
