"""Keys in order: each goes to the focused widget only after the key before it has been handled.

Textual passes each key on at once. What is typed quickly after a key that opens a line or a dialog would
still go to the widget that had the focus before, where each letter is a command.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from textual import events
from textual.message import Message
from textual.screen import Screen

QUEUE_LIMIT = 4_000
"""Keys that wait at the most: nobody types more ahead, but a paste without its marks may have more."""
RUN_MIN_LENGTH = 16
"""Characters in one piece from which on they count as a paste without its marks."""


class KeyRun(events.Event):
    """Many characters that came in one piece: a text for an input line, single keys for everything else."""

    def __init__(self, keys: Iterable[events.Key]) -> None:
        super().__init__()
        self.keys = tuple(keys)


TypedEvent: TypeAlias = events.Key | events.Paste | KeyRun


@dataclass(eq=False)
class KeyHandled(Message):
    """A mark that follows a key: it reaches the application after every handler of the key has run."""

    screen: Screen[object]
    """The screen on which the key was pressed."""


class KeyQueue:
    """What was typed and has not been passed on yet."""

    def __init__(self) -> None:
        self._waiting: deque[events.Key | events.Paste] = deque()

    def __len__(self) -> int:
        """How many keys and pastes wait."""
        return len(self._waiting)

    def add_typed(self, typed: TypedEvent) -> bool:
        """Append keys or a paste; false where the queue is full and some were left out."""
        keys = typed.keys if isinstance(typed, KeyRun) else (typed,)
        room = max(0, QUEUE_LIMIT - len(self._waiting))
        self._waiting.extend(keys[:room])
        return len(keys) <= room

    def take_next(self, *, into_line: bool) -> events.Key | events.Paste | None:
        """Remove and return the next event; `into_line` joins the next characters to one paste."""
        if not self._waiting:
            return None
        first = self._waiting.popleft()
        if not into_line or not is_printable_key(first) or not self._waiting:
            return first
        text = [str(first.character)]
        while self._waiting and is_printable_key(key := self._waiting[0]):
            text.append(str(key.character))
            self._waiting.popleft()
        if len(text) == 1:
            return first
        joined = events.Paste("".join(text))
        # Dialogs ignore what was pressed before they were visible.
        joined.time = first.time
        return joined

    def clear(self) -> None:
        """Drop everything that waits."""
        self._waiting.clear()


def is_printable_key(event: events.Key | events.Paste) -> TypeGuard[events.Key]:
    """Whether the event is a key that types a character."""
    return isinstance(event, events.Key) and event.is_printable


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
    return [KeyRun(run)] if len(run) >= RUN_MIN_LENGTH else list(run)
