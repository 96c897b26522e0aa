"""What all dialogs have in common: each gives one answer, at its own time."""

from __future__ import annotations

from typing import Any, TypeVar

from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import ModalScreen

T = TypeVar("T")


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
        return self._go() if self.is_active else AwaitComplete()  # type: ignore[attr-defined]

    def _go(self) -> AwaitComplete:
        gone: AwaitComplete = super().dismiss(*(self._answer or ()))  # type: ignore[misc]
        return gone

    def on_screen_resume(self) -> None:
        """Go now, where the answer was given while another dialog lay over this one, and it has not gone."""
        if self._answer is not None and self.is_active:  # type: ignore[attr-defined]
            self._go()

    @property
    def left(self) -> bool:
        """Whether the answer has been given: what comes now comes too late."""
        return self._answer is not None


class Dialog(OneAnswer, ModalScreen[T]):
    """A dialog over what the screen below shows."""
