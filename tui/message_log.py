"""Everything that was said, and every action, for as long as the program runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from backend_adapters.model import Millis

MessageKind: TypeAlias = Literal["information", "warning", "error", "action"]

MAX_MESSAGES = 500
MAX_ACTIONS = 1_000
"""How many messages, and how many actions, are kept: the newest ones."""
SAME_MILLIS: Millis = 60_000
"""What is said again within this time is counted rather than kept twice."""


class Message(Struct, eq=False):
    """One thing that was said, or one action."""

    moment: Millis
    """When it was said last; of an action, when it was confirmed by the person."""
    kind: MessageKind
    text: str
    """Safe to draw; it may have several lines."""
    place: str
    """What was watched when it was said."""
    count: int = 1
    first: Millis = 0
    """When it was said first."""
    has_failed: bool = False
    """Of an action that did not reach what was asked for."""
    number: int = 0
    """Its place in the order in which all was said."""


class MessageLog:
    """The newest messages and actions. `version` grows with every change."""

    def __init__(self, now: Callable[[], Millis]) -> None:
        self.version = 0
        self.dropped = 0
        """How many older ones are no longer kept."""
        self._now = now
        self._messages: deque[Message] = deque()
        self._actions: deque[Message] = deque()

    def __len__(self) -> int:
        return len(self._messages) + len(self._actions)

    def list_all(self) -> list[Message]:
        """All of them, oldest first, whatever the clock did meanwhile."""
        return sorted((*self._messages, *self._actions), key=lambda message: message.number)

    def add_message(self, kind: MessageKind, text: str, place: str) -> None:
        """Keep what is said now; the same as a moment ago is counted."""
        now = self._now()
        for message in reversed(self._messages):
            if now - message.moment > SAME_MILLIS:
                break
            if (message.kind, message.text, message.place) == (kind, text, place):
                self._messages.remove(message)
                message.count, message.moment = message.count + 1, now
                self._append(self._messages, message, MAX_MESSAGES)
                return
        self._append(self._messages, Message(now, kind, text, place, first=now), MAX_MESSAGES)

    def begin_action(self, text: str, place: str) -> Message:
        """Keep an action that was confirmed now; `end_action` says later what became of it."""
        now = self._now()
        message = Message(now, "action", text, place, first=now)
        self._append(self._actions, message, MAX_ACTIONS)
        return message

    def end_action(self, message: Message, text: str, *, has_failed: bool) -> None:
        """Say what became of an action, in its own line."""
        message.text, message.has_failed = text, has_failed
        self.version += 1

    def _append(self, kept: deque[Message], message: Message, most: int) -> None:
        self.version += 1
        message.number = self.version
        kept.append(message)
        if len(kept) > most:
            kept.popleft()
            self.dropped += 1
