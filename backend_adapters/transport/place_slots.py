"""How many requests are under way at once where several places are watched together, and who goes first.

A server is asked two things at once, however many of its graphs are watched, and all servers together eight.
What a person waits for goes before everything else:

- Beyond the two of a server there is one more slot, for a person's request that finds both taken, as what
  nobody waits for may take long: a page of heavy tasks takes seconds, and a server that hangs 30 s. There is
  no second one: HugeGraph with two processors takes three requests and refuses the fourth
  (hugegraph/PROTOCOL.md, section 4). A server that has refused one of three gets two from then on.
- Of the eight six at most are background requests, and six at most a person's. So each finds two slots that
  the others can't take: a person does not wait, and polls go on while hundreds of tasks are deleted.
- On a server, too, polls go on: where a person's requests take both slots, one background request may take
  the third.

What takes long must not stop the others:

- After a second a request no longer counts as one of the eight, whether its answer is still awaited or is
  being read; the first ones to a server do so after half a second, as it may not be there at all. To a server
  that let the last one wait that long the next does not count at all. So servers that hang delay the others
  once, for a moment. As one of its server's two a request counts to its end.
- An answer that a person waits for, and that has been coming for more than a second (a large result that is
  shown or saved), keeps one of the slots, and no background request takes more than one of the others. A
  second one at the same time gets a slot of its own. Further ones count like any request.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from itertools import count
from types import TracebackType

from backend_adapters.transport.origin import name_server
from backend_adapters.transport.request_context import is_awaited, waiting_for_turn

PER_SERVER = 2
"""Requests at once to one server."""

RESERVED = 1
"""How many more of them there may be for a person's sake."""

IN_ALL = 8
"""Requests at once to all servers, but for those that take long."""

OF_A_KIND = 6
"""How many of these may be background requests, and how many a person's."""

LONG_AFTER = 1.0
"""Seconds after which a request takes long."""

FIRST_LONG_AFTER = 0.5
"""The same where the server has not answered yet."""

LONG_ANSWERS = 2
"""Long answers of one server at once that are made allowance for."""


class SharedSlots:
    """The slots of all servers together, and the requests that wait for one."""

    def __init__(self) -> None:
        self._servers: dict[Hashable, ServerSlots] = {}
        self._counted = {True: 0, False: 0}
        """Requests under way that count as one of all: those that a person waits for, and the others."""
        self._numbers = count()
        self.waiting_count = 0

    @property
    def under_way_count(self) -> int:
        """How many requests are under way, with those that take long."""
        return sum(server.under_way for server in self._servers.values())

    @property
    def counted_number(self) -> int:
        """How many requests count as one of all."""
        return sum(self._counted.values())

    def find_server(self, url: str) -> ServerSlots:
        """The slots of the server that a URL leads to, however its host is written."""
        return self._servers.setdefault(name_server(url), ServerSlots())

    def may_start(self, request: SlotRequest) -> bool:
        """Whether a request may be sent now."""
        return self._has_slot(request.awaited) and request.server.has_slot(request.awaited)

    def _has_slot(self, awaited: bool) -> bool:
        return self._counted[awaited] < OF_A_KIND and self.counted_number < IN_ALL

    def add_waiting(self, request: SlotRequest) -> None:
        """Let a request wait; the others of its kind on its server go first."""
        request.number = next(self._numbers)
        request.server.waiting[request.awaited][request] = None
        self.waiting_count += 1

    def remove_waiting(self, request: SlotRequest) -> None:
        """Let a request wait no longer, if it does."""
        queue = request.server.waiting[request.awaited]
        if request in queue:
            del queue[request]
            self.waiting_count -= 1

    def start(self, request: SlotRequest) -> None:
        """Count a request as under way."""
        server = request.server
        server.under_way += 1
        server.awaited += request.awaited
        request.is_under_way = True
        request.counts = not server.is_slow
        self._counted[request.awaited] += request.counts
        patience = FIRST_LONG_AFTER if server.is_slow is None else LONG_AFTER
        request.timer = asyncio.get_running_loop().call_later(patience, self._note_long, request)

    def note_answer(self, request: SlotRequest) -> None:
        """The answer of a request under way has begun."""
        request.is_answered = True
        if request.is_long:
            self._note_long_answer(request)
            self._give_turns()
        else:
            request.server.is_slow = False

    def end(self, request: SlotRequest) -> None:
        """A request under way has ended, however it did."""
        if request.timer is not None:
            request.timer.cancel()
        self._count_no_more(request)
        server = request.server
        server.under_way -= 1
        server.awaited -= request.awaited
        server.long_answers -= request.is_long_answer
        request.is_under_way = False
        self._give_turns()

    def _note_long(self, request: SlotRequest) -> None:
        """A request takes long."""
        request.is_long = True
        if request.is_answered:
            self._note_long_answer(request)
        else:
            request.server.is_slow = True
        self._count_no_more(request)
        self._give_turns()

    def _note_long_answer(self, request: SlotRequest) -> None:
        request.is_long_answer = request.awaited
        request.server.long_answers += request.awaited

    def _count_no_more(self, request: SlotRequest) -> None:
        self._counted[request.awaited] -= request.counts
        request.counts = False

    def _give_turns(self) -> None:
        """Start all that may start now."""
        while self.waiting_count and (request := self._choose_next()) is not None:
            self.remove_waiting(request)
            self.start(request)
            request.stop_waiting()

    def _choose_next(self) -> SlotRequest | None:
        """A person's before a background one; of those the one that has waited for longest."""
        for awaited in (True, False):
            if self._has_slot(awaited):
                asked = [one for one in self._servers.values() if one.waiting[awaited]]
                first = [next(iter(one.waiting[awaited])) for one in asked if one.has_slot(awaited)]
                if first:
                    return min(first, key=lambda request: request.number)
        return None


class ServerSlots:
    """What is under way to one server, and what waits for it."""

    def __init__(self) -> None:
        self.place_count = 0
        """Those that have slots here."""
        self.under_way = 0
        self.awaited = 0
        """Those of them that a person waits for."""
        self.long_answers = 0
        """Those of these whose answers have been coming for long."""
        self.waiting: dict[bool, OrderedDict[SlotRequest, None]] = {True: OrderedDict(), False: OrderedDict()}
        """Those that a person waits for, and the others, each in order."""
        self.has_refused = False
        """It was too busy for one of more than two requests."""
        self.is_slow: bool | None = None
        """Whether the last answer, or the one that is waited for, takes long to begin; None before any."""

    def has_slot(self, awaited: bool) -> bool:
        """Whether there is a slot for one more request."""
        usual = max(PER_SERVER, 1 + min(self.long_answers, LONG_ANSWERS))
        most = usual if self.has_refused else usual + RESERVED
        if awaited:
            return self.awaited < usual and self.under_way < most
        is_only_one = self.under_way == self.awaited
        return self.under_way < (most if is_only_one else usual)


class PlaceSlots:
    """The slots of one place, shared with the places of its server; they are used like RequestSlots."""

    def __init__(self, shared: SharedSlots, url: str) -> None:
        self._shared = shared
        self._server = shared.find_server(url)
        self._server.place_count += 1
        self._waiting: set[SlotRequest] = set()
        self._closed = False

    def hold_slot(self) -> AbstractAsyncContextManager[SlotRequest]:
        """A slot for one request; entering waits for it."""
        return SlotRequest(self._shared, self._server, self._waiting, needs_slot=not self._closed)

    def close(self) -> None:
        """Let requests wait no longer, and have no slots: the place is closed, and sends nothing more."""
        self._server.place_count -= not self._closed
        self._closed = True
        for request in tuple(self._waiting):
            self._shared.remove_waiting(request)
            request.stop_waiting()

    @property
    def place_count(self) -> int:
        """How many places of the server are watched, or asked which graphs there are."""
        return self._server.place_count

    @property
    def were_refused(self) -> bool:
        """Whether the server has refused one of more than two requests."""
        return self._server.has_refused

    @were_refused.setter
    def were_refused(self, value: bool) -> None:
        self._server.has_refused = value

    @contextmanager
    def allow_more(self, more: int) -> Iterator[None]:  # noqa: ARG002
        """Nothing more is allowed for one of several places: the others wait for the same server."""
        yield

    def note_refusal(self) -> bool:
        """A server was too busy for a request; whether it may be asked again, as there were many at once."""
        many = self._server.under_way >= PER_SERVER
        self._server.has_refused |= many
        return many


class SlotRequest:
    """One request, as an async context manager: it waits, is under way, and ends."""

    def __init__(
        self, shared: SharedSlots, server: ServerSlots, waiting: set[SlotRequest], *, needs_slot: bool
    ) -> None:
        """`waiting`: the requests of its place that wait."""
        self._shared = shared
        self._waiting = waiting
        self._needs_slot = needs_slot
        self._turn: asyncio.Future[None] | None = None
        self.server = server
        self.awaited = is_awaited()
        """A person waits for it."""
        self.number = 0
        """Its place in the order of those that wait."""
        self.timer: asyncio.TimerHandle | None = None
        self.is_under_way = False
        self.counts = False
        """It counts as one of all requests under way."""
        self.is_answered = False
        """Its answer has begun."""
        self.is_long = False
        self.is_long_answer = False
        """Allowance is made for it, as its answer takes long."""

    async def __aenter__(self) -> SlotRequest:
        """Wait for a slot."""
        if self._needs_slot:
            if self._shared.may_start(self):
                self._shared.start(self)
            else:
                await self._wait_for_turn()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the slot."""
        if self.is_under_way:
            self._shared.end(self)

    def note_answer(self) -> None:
        """The answer has begun."""
        if self.is_under_way and not self.is_answered:
            self._shared.note_answer(self)

    def stop_waiting(self) -> None:
        """Go on, as the turn has come or will never come."""
        if self._turn is not None and not self._turn.done():
            self._turn.set_result(None)

    async def _wait_for_turn(self) -> None:
        self._turn = asyncio.get_running_loop().create_future()
        self._shared.add_waiting(self)
        self._waiting.add(self)
        try:
            with waiting_for_turn():
                await self._turn
        except BaseException:
            if self.is_under_way:
                # Its turn came in the same moment.
                self._shared.end(self)
            raise
        finally:
            self._waiting.discard(self)
            self._shared.remove_waiting(self)
