"""A line to type in, as every screen and dialog has it."""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import Highlighter
from textual.message import Message
from textual.widgets import Input

PRINTABLE_PATTERN = r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
"""What an input takes: an Input draws control and bidi characters raw, and a paste can hold them."""

INPUT_LIMIT = 4_000
"""Characters that a line takes: with each of them every key gets slower, and nobody types so many."""


class LineInput(Input):
    """An input that takes no control characters, doesn't blink, and has an end."""

    joins_keys: ClassVar[bool] = True
    """Whether characters that come in one piece are the same to it as one text."""

    class LimitReached(Message):
        """The line has taken all that it has room for; the rest of what was typed or pasted is left out."""

        def __init__(self, line: LineInput) -> None:
            self.line = line
            super().__init__()

        @property
        def control(self) -> LineInput:
            """The line that is full."""
            return self.line

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        highlighter: Highlighter | None = None,
        password: bool = False,
        select_on_focus: bool = True,
        longest: int = INPUT_LIMIT,
        id: str | None = None,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            highlighter=highlighter,
            password=password,
            restrict=PRINTABLE_PATTERN,
            max_length=longest,
            select_on_focus=select_on_focus,
            compact=True,
            id=id,
        )
        self.limit = longest
        """Characters that it takes."""
        # A blinking cursor alone costs 2.5 kB/s on the wire.
        self.cursor_blink = False

    def action_copy(self) -> None:
        """Copy what is selected, unless it is a secret: a clipboard is seen by every program."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut what is selected; a secret is only taken out."""
        if self.password:
            self.delete_selection()
        else:
            super().action_cut()

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part by as much of `text` as fits; posts `LimitReached` when that is not all of it."""
        first, last = sorted((max(0, start), min(len(self.value), end)))
        room = max(0, self.limit - len(self.value) + last - first)
        if len(text) > room:
            self.post_message(self.LimitReached(self))
            text = text[:room]
        if text or first < last:
            super().replace(text, start, end)
