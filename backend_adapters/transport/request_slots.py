"""Limits how many requests to one server are under way at once; for a short while more of them may be."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

FEWEST = 2
"""Requests at once after a server refused some of many.

HugeGraph with two processors takes three (hugegraph/PROTOCOL.md, section 4).
"""


class RequestSlots:
    """Slots for requests, given out in the order in which they were asked for."""

    place_count = 1
    """How many places of the server are watched."""

    def __init__(self, usual: int) -> None:
        self._usual = self._most = usual
        self._used = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.were_refused = False
        """The server has refused some of many requests."""

    def hold_slot(self) -> RequestSlots:
        """A slot for one request; entering waits for it."""
        return self

    def note_answer(self) -> None:
        """The answer of a request has begun, which makes no difference to the others."""

    def close(self) -> None:
        """Those that wait get their turns as soon as the requests under way have ended."""

    async def __aenter__(self) -> RequestSlots:
        """Wait for a slot."""
        if self._used < self._most and not self._waiting:
            self._used += 1
            return self
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # Its turn came in the same moment.
                self._free_slot()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the slot."""
        self._free_slot()

    @contextmanager
    def allow_more(self, more: int) -> Iterator[None]:
        """Let so many more requests be under way: all of them light, and none that waits for another."""
        if more:
            self._set_most(FEWEST if self.were_refused else self._usual + more)
        try:
            yield
        finally:
            self._set_most(self._usual)

    def note_refusal(self) -> bool:
        """A server was too busy for a request; whether it may be asked again, as there were many at once."""
        if self._most > self._usual:
            self.were_refused = True
            self._set_most(FEWEST)
            return True
        return self._most == FEWEST

    def _set_most(self, most: int) -> None:
        self._most = most
        self._give_turns()

    def _free_slot(self) -> None:
        self._used -= 1
        self._give_turns()

    def _give_turns(self) -> None:
        while self._waiting and self._used < self._most:
            turn = self._waiting.popleft()
            if not turn.done():
                self._used += 1
                turn.set_result(None)
