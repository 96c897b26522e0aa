"""What all dialogs have in common: each gives one answer, and some hear nothing before they can be read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import ModalScreen
from textual.widget import Widget

AnswerT = TypeVar("AnswerT")

IGNORE_INPUT_SECONDS = 0.3
"""Seconds after a dialog is first drawn in which what is pressed is thrown away."""


class OneAnswer(MessagePump):
    """A screen that is left once. Textual's own takes whichever screen is on top away, at each `dismiss`.

    It is no Screen, as of several bases Textual takes the styles of the first alone.
    """

    _answer: tuple[Any] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Give the answer and go; later answers are none. Under another dialog, as soon as that has gone."""
        if self._answer is not None:
            return AwaitComplete()
        self._answer = (result,)
        return self._leave_screen() if self.is_active else AwaitComplete()  # type: ignore[attr-defined]

    def _leave_screen(self) -> AwaitComplete:
        gone: AwaitComplete = super().dismiss(*(self._answer or ()))  # type: ignore[misc]
        return gone

    def on_screen_resume(self) -> None:
        """Go now, where the answer was given while another dialog lay over this one, and it has not gone."""
        if self._answer is not None and self.is_active:  # type: ignore[attr-defined]
            self._leave_screen()

    @property
    def is_answered(self) -> bool:
        """Whether the answer has been given: what comes now comes too late."""
        return self._answer is not None


class Dialog(OneAnswer, ModalScreen[AnswerT]):
    """A dialog over what the screen below shows."""


class EarlyInputGuard(MessagePump):
    """A part of a dialog that does not hear what was pressed before the dialog could be read."""

    async def on_event(self, event: events.Event) -> None:
        """Drop early keys, clicks and pastes; hand on everything else."""
        pressed = isinstance(event, (events.Key, events.Click, events.Paste))
        screen = self.screen if isinstance(self, Widget) else None
        if pressed and isinstance(screen, GuardedDialog) and screen.is_too_early(event):
            event.stop()
            return
        await super().on_event(event)


class GuardedDialog(EarlyInputGuard, Dialog[AnswerT]):
    """A dialog that throws away what was meant for the screen below; all its parts are to be Patient."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives monotonic seconds."""
        super().__init__()
        self._clock = clock
        self._listening_since: float | None = None

    def on_screen_resume(self) -> None:
        """Begin to listen a moment after the dialog is drawn, at first and after each return to it."""
        self._listening_since = None
        self.call_after_refresh(self._start_listening)

    def _start_listening(self) -> None:
        self._listening_since = self._clock()

    def is_too_early(self, event: events.Event) -> bool:
        """Whether a key, click or paste was made before a person can have read the dialog.

        What counts is when it was pressed: behind a stalled loop it can arrive much later.
        """
        waited = max(0.0, time.monotonic() - event.time)
        return (
            self._listening_since is None
            or self._clock() - waited < self._listening_since + IGNORE_INPUT_SECONDS
        )
