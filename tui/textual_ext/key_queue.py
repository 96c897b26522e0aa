"""Keys in order: each goes to the focused widget only after the key before it has been handled.

Textual passes each key on at once. What is typed quickly after a key that opens a line or a dialog would
still go to the widget that had the focus before, where each letter is a command.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message
from textual.screen import Screen

QUEUE_LIMIT = 4_000
"""Keys that wait at the most: nobody types more ahead, but a paste without its marks may have more."""
RUN_MIN_LENGTH = 16
"""Characters in one piece from which on they count as a paste without its marks."""


class KeyRun(events.Event):
    """Many characters that came in one piece: a text for an input line, single keys for everything else."""

    def __init__(self, text: str) -> None:
        """An event for each character would take 10 µs (measured), and mostly nobody needs one."""
        super().__init__()
        self.text = text

    def split_first(self) -> tuple[events.Key, KeyRun | None]:
        """The first key, and the others."""
        (key,) = XTermParser().feed(self.text[0])
        assert isinstance(key, events.Key), "it is printable"
        others = KeyRun(self.text[1:]) if len(self.text) > 1 else None
        for event in (key, others):
            if event is not None:
                event.time = self.time
        return key, others


TypedEvent: TypeAlias = events.Key | events.Paste | KeyRun


@dataclass(eq=False)
class KeyHandled(Message):
    """A mark that follows a key: it reaches the application after every handler of the key has run."""

    screen: Screen[object]
    """The screen on which the key was pressed."""


class KeyQueue:
    """What was typed and has not been passed on yet."""

    def __init__(self) -> None:
        self._waiting: deque[TypedEvent] = deque()
        self._length = 0

    def __len__(self) -> int:
        """How many keys and pastes wait."""
        return self._length

    def add_typed(self, typed: TypedEvent) -> bool:
        """Append keys or a paste; false where the queue is full and some were left out."""
        room = max(0, QUEUE_LIMIT - self._length)
        size = len(typed.text) if isinstance(typed, KeyRun) else 1
        if isinstance(typed, KeyRun):
            typed.text = typed.text[:room]
        if room:
            self._waiting.append(typed)
            self._length += min(size, room)
        return size <= room

    def take_next(self, *, into_line: bool) -> events.Key | events.Paste | None:
        """Remove and return the next event; `into_line` joins the next characters to one paste."""
        if not self._waiting:
            return None
        first = self._waiting.popleft()
        if isinstance(first, KeyRun) and not into_line:
            key, others = first.split_first()
            if others is not None:
                self._waiting.appendleft(others)
            self._length -= 1
            return key
        text = [_characters_of(first)] if into_line else []
        while text and text[-1] and self._waiting:
            text.append(_characters_of(self._waiting[0]))
            if text[-1]:
                self._waiting.popleft()
        self._length -= max(1, sum(map(len, text)))
        if not isinstance(first, KeyRun) and not any(text[1:]):
            return first
        joined = events.Paste("".join(text))
        # Dialogs ignore what was pressed before they were visible.
        joined.time = first.time
        return joined

    def clear(self) -> None:
        """Drop everything that waits."""
        self._waiting.clear()
        self._length = 0


def _characters_of(typed: TypedEvent) -> str:
    """What keys type; nothing for other events."""
    if isinstance(typed, KeyRun):
        return typed.text
    return typed.character or "" if isinstance(typed, events.Key) and typed.is_printable else ""


def join_key_runs(messages: Iterable[Message]) -> Iterator[Message]:
    """Return the messages of one piece, each long run of characters joined to one message."""
    run: list[events.Key] = []
    for message in messages:
        if isinstance(message, events.Key) and message.is_printable:
            run.append(message)
            continue
        yield from _as_run(run)
        run = []
        yield message
    yield from _as_run(run)


def _as_run(run: list[events.Key]) -> list[Message]:
    text = "".join(key.character or "" for key in run)
    return [KeyRun(text)] if len(text) >= RUN_MIN_LENGTH else list(run)
