"""The input line of all screens and dialogs."""

from __future__ import annotations

from dataclasses import dataclass

from rich.highlighter import Highlighter
from textual.message import Message
from textual.widgets import Input

from tui.widgets.typed_line import TypedLine

PRINTABLE_PATTERN = r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
"""The characters that an input accepts: it would draw pasted control and bidi characters as they are."""

REQUIRED = "required"
"""What an empty line says that must be filled in."""

INPUT_LIMIT = 4_000
"""Characters that a line accepts: more would make each key slower, and nobody types so many."""


class LineInput(Input, TypedLine):
    """An input without control characters and without a blinking cursor, of limited length."""

    @dataclass
    class LimitReached(Message):
        """The line is full: the rest of what was typed or pasted is left out."""

        line: LineInput

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
        """Characters that the line accepts."""
        # A blinking cursor alone costs 2.5 kB/s on the wire.
        self.cursor_blink = False

    def mark_missing(self) -> None:
        """Mark it as a required line that is empty, and go there; the next change takes the mark away."""
        self.add_class("-missing")
        if not self.placeholder.startswith(REQUIRED):
            self.placeholder = f"{REQUIRED}: {self.placeholder}" if self.placeholder else REQUIRED
        self.focus()

    def watch_value(self) -> None:
        """Take the mark of a required line away once there is something in it."""
        if self.has_class("-missing"):
            self.remove_class("-missing")
            self.placeholder = self.placeholder.removeprefix(REQUIRED).removeprefix(": ")

    def action_copy(self) -> None:
        """Copy the selection, unless it is a secret: every program can read the clipboard."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection; a secret is only deleted."""
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
