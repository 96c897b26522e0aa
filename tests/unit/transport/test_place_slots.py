"""Slots that places share: how many requests there are at once, who goes first, and that none is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.transport.place_slots import (
    FIRST_LONG_AFTER,
    IN_ALL,
    LONG_AFTER,
    OF_A_KIND,
    PER_SERVER,
    RESERVED,
    PlaceSlots,
    SharedSlots,
)
from backend_adapters.transport.request_context import awaited_by_person
from tests.adapters.scripted_servers import move_clock
from tests.unit.fakes import run_until_idle


class Request:
    """A request that holds its slot until it is let go."""

    def __init__(self, slots: PlaceSlots, *, awaited: bool = False) -> None:
        self._slots = slots
        self.awaited = awaited
        self.is_inside = False
        self.answered = asyncio.Event()
        self.let_go = asyncio.Event()
        self.work = asyncio.create_task(self._hold_as_person() if awaited else self._hold())

    async def _hold_as_person(self) -> None:
        with awaited_by_person():
            await self._hold()

    async def _hold(self) -> None:
        async with self._slots.hold_slot() as slot:
            self.is_inside = True
            try:
                await self.answered.wait()
                slot.note_answer()
                await self.let_go.wait()
            finally:
                self.is_inside = False

    async def answer(self) -> None:
        """Let its answer begin."""
        self.answered.set()
        await run_until_idle()

    async def end(self) -> None:
        """Let its answer come."""
        self.answered.set()
        self.let_go.set()
        await run_until_idle()

    async def cancel(self) -> None:
        self.work.cancel()
        with suppress(asyncio.CancelledError):
            await self.work
        await run_until_idle()


class Office:
    """Places on some servers, and their requests."""

    def __init__(self) -> None:
        self.shared = SharedSlots()
        self.requests: list[Request] = []

    def open_place(self, server: int = 0) -> PlaceSlots:
        return PlaceSlots(self.shared, f"http://server-{server}:8080")

    async def ask(self, server: int = 0, *, awaited: bool = False) -> Request:
        """One request of a place of its own."""
        request = Request(self.open_place(server), awaited=awaited)
        self.requests.append(request)
        await run_until_idle()
        return request

    async def ask_many(self, number: int, server: int = 0, *, awaited: bool = False) -> list[Request]:
        return [await self.ask(server, awaited=awaited) for _ in range(number)]

    async def end_all(self) -> None:
        """Nothing is under way any more, and nothing is left of it."""
        for request in self.requests:
            request.answered.set()
            request.let_go.set()
        await asyncio.gather(*(request.work for request in self.requests), return_exceptions=True)
        assert (self.shared.waiting_count, self.shared.under_way_count) == (0, 0)


async def pass_time(seconds: float = LONG_AFTER) -> None:
    """Let so much time go by."""
    move_clock(seconds + 0.001)
    await run_until_idle()


def find_inside(requests: list[Request]) -> list[int]:
    return [number for number, request in enumerate(requests) if request.is_inside]


# One server.


async def test_two_of_a_server_at_once_in_the_order_in_which_they_came() -> None:
    office = Office()
    requests = await office.ask_many(5)
    assert find_inside(requests) == [0, 1]
    await requests[1].end()
    assert find_inside(requests) == [0, 2]
    await requests[0].end()
    assert find_inside(requests) == [2, 3]
    await office.end_all()


async def test_names_of_one_machine_are_one_server() -> None:
    office = Office()
    places = [
        PlaceSlots(office.shared, f"http://{host}:8080") for host in ("localhost", "127.0.0.1", "[::1]")
    ]
    requests = [Request(place) for place in places]
    other = Request(PlaceSlots(office.shared, "http://localhost:8081"))
    office.requests = [*requests, other]
    await run_until_idle()
    assert (find_inside(requests), other.is_inside) == ([0, 1], True)
    await office.end_all()


async def test_a_person_goes_first_and_beyond_the_two_that_nobody_waits_for() -> None:
    office = Office()
    polls = await office.ask_many(4)
    first, second = await office.ask_many(2, awaited=True)
    assert (find_inside(polls), first.is_inside, second.is_inside) == ([0, 1], True, False)
    await polls[0].end()
    assert (find_inside(polls), second.is_inside) == ([1], True), "a person's second goes before the polls"
    await first.end()
    assert find_inside(polls) == [1], "two are under way"
    await second.end()
    assert find_inside(polls) == [1, 2]
    await office.end_all()


async def test_polls_go_on_one_at_a_time_while_a_person_deletes_hundreds() -> None:
    office = Office()
    deletes = await office.ask_many(6, awaited=True)
    assert find_inside(deletes) == [0, 1]
    polls = await office.ask_many(3)
    assert find_inside(polls) == [0], "the third slot"
    await deletes[0].end()
    assert (find_inside(deletes), find_inside(polls)) == ([1, 2], [0]), "no delete waits for a poll"
    await polls[0].end()
    assert find_inside(polls) == [1]
    await office.end_all()


async def test_a_server_that_refused_one_of_three_gets_two_even_for_a_person() -> None:
    office = Office()
    place = office.open_place()
    polls = await office.ask_many(2)
    assert place.note_refusal(), "there were many"
    assert place.were_refused
    person = await office.ask(awaited=True)
    assert not person.is_inside
    waiting = await office.ask()
    await polls[0].end()
    assert (person.is_inside, waiting.is_inside) == (True, False)
    await office.end_all()


async def test_a_refusal_of_a_single_request_says_nothing_of_how_many_there_may_be() -> None:
    office = Office()
    place = office.open_place()
    await office.ask()
    assert not place.note_refusal()
    assert not place.were_refused
    place.were_refused = True
    assert office.open_place().were_refused, "all places of the server know"
    assert not office.open_place(1).were_refused
    await office.end_all()


async def test_no_place_gets_more_slots_than_the_others() -> None:
    office = Office()
    place = office.open_place()
    with place.allow_more(5):
        requests = [Request(place) for _ in range(5)]
        office.requests = requests
        await run_until_idle()
        assert find_inside(requests) == [0, 1]
    await office.end_all()


# All servers together.


async def test_six_background_requests_at_once_on_all_servers_and_two_of_a_person_beside_them() -> None:
    office = Office()
    polls = [await office.ask(server) for server in range(IN_ALL + 2)]
    assert find_inside(polls) == list(range(OF_A_KIND))
    persons = [await office.ask(20 + server, awaited=True) for server in range(4)]
    assert find_inside(persons) == [0, 1], "eight in all"
    await polls[0].end()
    assert (find_inside(persons), find_inside(polls)) == ([0, 1, 2], [1, 2, 3, 4, 5])
    await office.end_all()


async def test_six_requests_of_a_person_leave_two_to_the_background() -> None:
    office = Office()
    persons = [await office.ask(server, awaited=True) for server in range(IN_ALL)]
    polls = [await office.ask(20 + server) for server in range(4)]
    assert (find_inside(persons), find_inside(polls)) == ([*range(OF_A_KIND)], [0, 1])
    await office.end_all()


async def test_of_all_servers_the_request_goes_that_has_waited_for_longest() -> None:
    office = Office()
    held = [request for server in range(3) for request in await office.ask_many(2, server)]
    waiting = [await office.ask(server) for server in (0, 3, 4, 3)]
    await held[5].end()
    assert find_inside(waiting) == [1], "the first one's server has no slot"
    await held[0].end()
    assert find_inside(waiting) == [0, 1]
    await held[2].end()
    assert find_inside(waiting) == [0, 1, 2]
    await office.end_all()


async def test_a_request_that_takes_long_counts_on_its_server_alone() -> None:
    office = Office()
    hanging = [await office.ask(server) for server in (0, 0, 1, 1, 2, 2)]
    waits = await office.ask(0)
    other = await office.ask(9)
    await pass_time(FIRST_LONG_AFTER / 2)
    assert not other.is_inside
    await pass_time(FIRST_LONG_AFTER / 2)
    assert other.is_inside, "it waited half a second for servers that hang"
    assert not waits.is_inside, "the server's own two are under way"
    assert find_inside(hanging) == [0, 1, 2, 3, 4, 5]
    await office.end_all()


async def test_a_server_that_hangs_delays_the_others_only_once() -> None:
    office = Office()
    hanging = [await office.ask(server) for server in range(OF_A_KIND)]
    await pass_time()
    for request in hanging:
        await request.cancel()
    for server in range(OF_A_KIND):
        await office.ask(server)
    other = await office.ask(9)
    assert other.is_inside
    await office.end_all()


async def test_a_server_that_answers_soon_again_counts_again() -> None:
    office = Office()
    late = await office.ask(0)
    await pass_time()
    await late.end()
    soon = await office.ask(0)
    await soon.end()
    await office.ask(0)
    polls = [await office.ask(server) for server in range(1, OF_A_KIND + 1)]
    assert find_inside(polls) == [*range(OF_A_KIND - 1)]
    await pass_time(FIRST_LONG_AFTER)
    await office.ask_many(2, 7)
    polls.append(await office.ask(8))
    assert find_inside(polls) == [*range(OF_A_KIND), OF_A_KIND]
    await office.end_all()


# Long answers.


async def start_long_answer(office: Office, server: int = 0, *, awaited: bool = True) -> Request:
    """A request whose answer has been coming for long."""
    request = await office.ask(server, awaited=awaited)
    assert request.is_inside
    await request.answer()
    await pass_time()
    return request


async def test_beside_a_long_answer_there_is_a_poll_and_a_person_goes_first() -> None:
    office = Office()
    await start_long_answer(office)
    polls = await office.ask_many(3)
    assert find_inside(polls) == [0]
    person = await office.ask(awaited=True)
    assert person.is_inside
    another = await office.ask(awaited=True)
    assert not another.is_inside
    await person.end()
    assert (find_inside(polls), another.is_inside) == ([0], True), "a person's next before the polls"
    await polls[0].end()
    assert find_inside(polls) == [1], "one at a time"
    await office.end_all()


async def test_two_long_answers_stop_neither_polls_nor_a_person() -> None:
    office = Office()
    for _ in range(2):
        await start_long_answer(office)
    polls = await office.ask_many(3)
    person = await office.ask(awaited=True)
    assert (find_inside(polls), person.is_inside) == ([0], True)
    await polls[0].end()
    await person.end()
    assert len(find_inside(polls)) == 1
    await office.end_all()


async def test_many_long_answers_leave_a_slot_to_the_polls() -> None:
    office = Office()
    for _ in range(2):
        await start_long_answer(office)
    more = await office.ask_many(6, awaited=True)
    for request in more:
        await request.answer()
    await pass_time()
    polls = await office.ask_many(3)
    assert (find_inside(more), find_inside(polls)) == ([0], [0])
    await office.end_all()


async def test_a_long_answer_that_ends_takes_its_slot_with_it() -> None:
    office = Office()
    long = [await start_long_answer(office) for _ in range(2)]
    await long[0].end()
    await long[1].cancel()
    polls = await office.ask_many(4)
    assert find_inside(polls) == [0, 1]
    await office.end_all()


async def test_what_nobody_waits_for_keeps_its_slot_however_long_its_answer_takes() -> None:
    office = Office()
    for _ in range(2):
        await start_long_answer(office, awaited=False)
    assert not (await office.ask()).is_inside
    await office.end_all()


# Cancelled and closed.


async def test_who_is_cancelled_in_the_moment_of_the_turn_gives_the_slot_back() -> None:
    office = Office()
    await office.ask()
    async with office.open_place().hold_slot():
        second, third = await office.ask_many(2)
    assert (office.shared.waiting_count, second.is_inside) == (1, False), "its turn has come just now"
    second.work.cancel()
    await run_until_idle()
    assert third.is_inside
    await office.end_all()


async def test_requests_of_a_closed_place_wait_no_longer_and_take_no_slots() -> None:
    office = Office()
    held = await office.ask_many(2)
    place = office.open_place()
    waiting = [Request(place) for _ in range(3)]
    office.requests += waiting
    other = await office.ask()
    place.close()
    assert office.shared.waiting_count == 1
    waiting.append(Request(place))
    office.requests.append(waiting[-1])
    await run_until_idle()
    assert find_inside(waiting) == [0, 1, 2, 3], "the transport refuses them"
    assert office.shared.under_way_count == 2
    await held[0].end()
    assert other.is_inside
    await office.end_all()


CHANGES = ["answer", "end", "cancel", "end and cancel", "close"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 5), st.booleans()),
        st.tuples(st.sampled_from(CHANGES), st.integers(0, 99)),
        st.tuples(st.just("time"), st.floats(0, 2)),
    ),
    max_size=60,
)


@pytest.mark.parametrize("refused", [False, True])
@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_the_limits_hold_and_no_slot_is_lost(steps: list[tuple], *, refused: bool) -> None:
    asyncio.run(run_steps(steps, refused=refused))


async def run_steps(steps: list[tuple], *, refused: bool) -> None:
    office = Office()
    places = [office.open_place(number % 4) for number in range(6)]
    places[0].were_refused = refused
    servers = [office.shared.find_server(f"http://server-{number}:8080") for number in range(4)]
    for kind, *how in steps:
        if kind == "ask":
            office.requests.append(Request(places[how[0]], awaited=how[1]))
        elif kind == "time":
            await pass_time(how[0])
        elif kind == "close":
            number = how[0] % 6
            places[number].close()
            places[number] = office.open_place(number % 4)
        elif office.requests:
            await change_request(office.requests[how[0] % len(office.requests)], kind, office)
        await run_until_idle()
        for server in servers:
            background = server.under_way - server.awaited
            assert background <= PER_SERVER
            assert office.shared.counted_number <= IN_ALL
            spare = 0 if server.has_refused else RESERVED
            assert server.under_way <= PER_SERVER + spare + (server.long_answers >= 2)
            for awaited, waiting in server.waiting.items():
                assert not waiting or not office.shared.may_start(next(iter(waiting))), awaited
    for request in office.requests[::2]:
        await request.cancel()
    await office.end_all()
    assert office.shared.counted_number == 0
    assert all(server.long_answers == server.awaited == 0 for server in servers)


async def change_request(request: Request, kind: str, office: Office) -> None:
    if kind == "cancel":
        await request.cancel()
    elif kind == "answer":
        await request.answer()
    else:
        request.answered.set()
        request.let_go.set()
        if kind == "end and cancel":
            # Some whose turn has come in the same moment, and others that wait.
            await asyncio.sleep(0)
            for other in office.requests:
                if not (other.is_inside or other.work.done()):
                    other.work.cancel()
