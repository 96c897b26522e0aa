"""The bases of the dialogs: each gives one answer, and some ignore input until a person can read them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.containers import Container
from textual.message_pump import MessagePump
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button

from backend_adapters.errors import BackendError, NotLoggedIn
from backend_adapters.sentences import join_sentences

AnswerT = TypeVar("AnswerT")

IGNORE_INPUT_SECONDS = 0.3
"""Seconds after the first drawing of a dialog in which input is ignored."""


class OneAnswer(MessagePump):
    """A screen that is dismissed once; Textual's own pops whichever screen is on top at each `dismiss`.

    It is no subclass of Screen: with several bases, Textual applies the styles of the first one only.
    """

    _answer: tuple[Any] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Give the answer and leave, if need be after a dialog above; later answers are ignored."""
        if self._answer is not None:
            return AwaitComplete()
        self._answer = (result,)
        return self._leave_screen() if self.is_active else AwaitComplete()  # type: ignore[attr-defined]

    def _leave_screen(self) -> AwaitComplete:
        gone: AwaitComplete = super().dismiss(*(self._answer or ()))  # type: ignore[misc]
        return gone

    def on_screen_resume(self) -> None:
        """Leave now if the answer was given while another dialog lay over this one."""
        if self._answer is not None and self.is_active:  # type: ignore[attr-defined]
            self._leave_screen()

    @property
    def is_answered(self) -> bool:
        """Whether the answer has been given: all further input is too late."""
        return self._answer is not None


class DialogBand(Container):
    """The lines that a dialog stands on: no text of the screen below is left beside its frame."""


class Dialog(OneAnswer, ModalScreen[AnswerT]):
    """A dialog over what the screen below shows."""

    def __init__(self, *, ascii: bool = False) -> None:
        super().__init__()
        self._ascii = ascii
        self.set_class(ascii, "-ascii")

    def action_close(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    @on(Button.Pressed, "#no")
    def _press_no(self) -> None:
        self.action_close()


class EarlyInputGuard(MessagePump):
    """A part of a dialog that ignores input from before the dialog could be read."""

    async def on_event(self, event: events.Event) -> None:
        """Drop early keys, clicks and pastes; hand on everything else."""
        pressed = isinstance(event, (events.Key, events.Click, events.Paste))
        screen = self.screen if isinstance(self, Widget) else None
        if pressed and isinstance(screen, GuardedDialog) and screen.is_too_early(event):
            event.stop()
            return
        await super().on_event(event)


class GuardedDialog(EarlyInputGuard, Dialog[AnswerT]):
    """A dialog that ignores input meant for the screen below; every part must be an EarlyInputGuard."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, ascii: bool = False) -> None:
        """`clock` gives monotonic seconds."""
        super().__init__(ascii=ascii)
        self._clock = clock
        self._listening_since: float | None = None

    def on_screen_resume(self) -> None:
        """Accept input a moment after the dialog is drawn, also after each return to it."""
        self._listening_since = None
        self.call_after_refresh(self._start_listening)

    def _start_listening(self) -> None:
        self._listening_since = self._clock()

    def is_too_early(self, event: events.Event) -> bool:
        """Whether a key, click or paste came before a person can have read the dialog.

        The time of the press counts: behind a stalled event loop the event can arrive much later.
        """
        waited = max(0.0, time.monotonic() - event.time)
        return (
            self._listening_since is None
            or self._clock() - waited < self._listening_since + IGNORE_INPUT_SECONDS
        )


def explain_error_in_dialog(error: BackendError) -> str:
    """What happened and what to do, in sentences; a login is asked for by a key, not by flags."""
    hint = "Press esc, then r to sign in again." if isinstance(error, NotLoggedIn) else error.hint
    return join_sentences(str(error), hint)
