"""The application as far as its terminal goes: keys in order, toasts, the clipboard, and a last word."""

from __future__ import annotations

from time import monotonic

from textual import events, on
from textual.message_pump import MessagePump
from textual.notifications import Notification, Notify
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from tui.clipboard import CopyText, clipboard_sequence, is_in_tmux, load_into_tmux
from tui.text import format_count
from tui.textual_ext.base_app import BaseApp
from tui.textual_ext.key_queue import KeyHandled, KeyQueue, KeyRun
from tui.widgets.line_input import LineInput

HANDLED_WITHIN, LOOK_AGAIN = 5.0, 0.1
"""Seconds after which the next key is handed on although the one before has not been heeded; and between two
looks at whether it still can be."""
NEVER_QUEUED = frozenset({"ctrl+q"})
"""Keys that wait for no other."""


class TerminalApp(BaseApp):
    """What Textual's application does otherwise than a person at a terminal expects."""

    def __init__(self) -> None:
        super().__init__()
        self._typed = KeyQueue()
        self._under_way: KeyHandled | None = None
        self._receiver: MessagePump | None = None
        self._since = 0.0
        self._guard: Timer | None = None

    # What is typed.

    async def on_event(self, event: events.Event) -> None:
        """Hand on what was typed in its order; while the program ends nobody is there for keys and clicks."""
        new = not event.is_forwarded
        waits = not (isinstance(event, events.Key) and event.key in NEVER_QUEUED)
        if new and waits and isinstance(event, (events.Key, events.Paste, KeyRun)):
            await self._take_typed(event)
        elif self.screen_stack or not isinstance(event, events.InputEvent):
            await super().on_event(event)

    async def _take_typed(self, event: events.Key | events.Paste | KeyRun) -> None:
        if not self._typed.add(event):
            self.notify(
                "More keys came at once than anybody types: some were left out.",
                severity="warning",
                markup=False,
            )
        if self._under_way is None:
            await self._hand_on()
        if len(self._typed) and self._guard is None:
            self._guard = self.set_interval(LOOK_AGAIN, self._look_again)

    async def _hand_on(self) -> None:
        """Hand on what was typed next, and what comes after it once that has been heeded."""
        while self._under_way is None and len(self._typed):
            if not self.screen_stack:
                self._typed.clear()
                return
            focused = self.focused
            event = self._typed.take(into_line=_joins_keys(focused))
            if event is not None:
                heeded = KeyHandled(self.screen)
                await super().on_event(event)
                self._follow(heeded, focused or heeded.screen)

    def _follow(self, heeded: KeyHandled, receiver: MessagePump) -> None:
        """Send the mark behind a key."""
        self._under_way = heeded if receiver.post_message(heeded) else None
        self._receiver, self._since = receiver, monotonic()

    @on(KeyHandled)
    async def _go_on(self, heeded: KeyHandled) -> None:
        """Hand on the next key; where this one opened another screen, once that knows where its focus is."""
        if heeded is not self._under_way:
            return
        self._under_way = None
        if self.screen_stack and self.screen is not heeded.screen:
            self._follow(KeyHandled(self.screen), self.screen)
        await self._hand_on()

    async def _look_again(self) -> None:
        """Go on where who had the focus is gone, and the mark with it, or takes too long."""
        gone = self._receiver is None or not self._receiver.is_attached
        if self._under_way is not None and (gone or monotonic() - self._since > HANDLED_WITHIN):
            self._under_way = None
            await self._hand_on()
        if self._under_way is None and self._guard is not None:
            self._guard.stop()
            self._guard = None

    @on(LineInput.LimitReached)
    def _line_is_full(self, event: LineInput.LimitReached) -> None:
        self.notify(
            f"This line takes {format_count(event.line.limit)} characters: the rest was left out.",
            severity="warning",
            markup=False,
        )

    # What is said.

    @on(Notify)
    def _take_same_away(self, event: Notify) -> None:
        """Show a toast in the place of one that says the same, unless that will be seen for long enough."""
        new = event.notification
        for shown in self.shown_notifications:
            if _said(shown) == _said(new):
                if shown.time_left > new.timeout / 2:
                    event.prevent_default()
                else:
                    self.drop_notification(shown)

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard, the way that there is."""
        self._copy(CopyText(text, lambda: None))

    @on(CopyText)
    def _copy(self, event: CopyText) -> None:
        self.remember_clipboard(event.text)
        if is_in_tmux():
            self.run_worker(self._copy_in_tmux(event), group="clipboard", exit_on_error=False)
        elif self.write_to_terminal(clipboard_sequence(event.text)):
            event.on_sent()

    async def _copy_in_tmux(self, event: CopyText) -> None:
        if trouble := await load_into_tmux(event.text):
            self.notify(f"It could not be copied. {trouble}", severity="error", markup=False)
        else:
            event.on_sent()


def _joins_keys(focused: Widget | None) -> bool:
    """Whether characters can go as one text to who has the focus."""
    return focused.joins_keys if isinstance(focused, LineInput) else isinstance(focused, Input)


def _said(toast: Notification) -> tuple[str, str, str]:
    return toast.message, toast.title, toast.severity
