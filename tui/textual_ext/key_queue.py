"""Keys one after the other: each goes to who has the focus once the key before it has been heeded.

Textual hands each key on at once. What is typed fast behind a key that opens a line or a dialog would still
go to who had the focus before, where each letter is a command.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias, TypeGuard

from textual import events
from textual.message import Message
from textual.screen import Screen

QUEUE_LIMIT = 4_000
"""Characters that wait at the most: nobody has typed more ahead, but a paste without its marks has."""
RUN_MIN_LENGTH = 16
"""Characters that come in one piece from which on they are taken for a paste without its marks."""


class KeyRun(events.Event):
    """Many characters that came in one piece: typed text for a line, single keys for everything else."""

    def __init__(self, keys: Iterable[events.Key]) -> None:
        super().__init__()
        self.keys = tuple(keys)


TypedEvent: TypeAlias = events.Key | events.Paste | KeyRun


class KeyHandled(Message):
    """Follows a key on its way, and so comes back when all that heard the key have done what they do."""

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self.screen = screen
        """The screen on which the key was pressed."""


class KeyQueue:
    """What was typed and has not been handed on yet."""

    def __init__(self) -> None:
        self._waiting: deque[events.Key | events.Paste] = deque()

    def __len__(self) -> int:
        """How many keys and pastes wait."""
        return len(self._waiting)

    def add(self, typed: TypedEvent) -> bool:
        """Put something at the end; false where so much waits that it is left out."""
        keys = typed.keys if isinstance(typed, KeyRun) else (typed,)
        room = max(0, QUEUE_LIMIT - len(self._waiting))
        self._waiting.extend(keys[:room])
        return len(keys) <= room

    def take(self, *, into_line: bool) -> events.Key | events.Paste | None:
        """Take what comes next; all the characters that do, as one text, where it goes `into_line`."""
        if not self._waiting:
            return None
        first = self._waiting.popleft()
        if not into_line or not is_character(first) or not self._waiting:
            return first
        text = [str(first.character)]
        while self._waiting and is_character(key := self._waiting[0]):
            text.append(str(key.character))
            self._waiting.popleft()
        if len(text) == 1:
            return first
        joined = events.Paste("".join(text))
        # When it was pressed tells a dialog whether it can have been meant for it.
        joined.time = first.time
        return joined

    def clear(self) -> None:
        """Forget all of it."""
        self._waiting.clear()


def is_character(event: events.Key | events.Paste) -> TypeGuard[events.Key]:
    """Whether it is a key that puts a character into a line."""
    return isinstance(event, events.Key) and event.is_printable


def join_key_runs(messages: Iterable[Message]) -> Iterator[Message]:
    """What came in one piece, with each long run of characters as one message."""
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
    return [KeyRun(run)] if len(run) >= RUN_MIN_LENGTH else list(run)
