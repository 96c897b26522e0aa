"""How many requests may be under way: a few, for a moment more, and few again where that was too much."""

from __future__ import annotations

import asyncio

from backend_adapters.transport.request_slots import FEWEST, RequestSlots
from tests.unit.fakes import run_until_idle


class Users:
    """Requests that hold a slot until they are let go."""

    def __init__(self, slots: RequestSlots) -> None:
        self._slots = slots
        self.inside = 0
        self.order: list[int] = []
        self.let_go = asyncio.Event()

    async def use(self, number: int) -> None:
        async with self._slots:
            self.inside += 1
            self.order.append(number)
            try:
                await self.let_go.wait()
            finally:
                self.inside -= 1


async def test_slots_are_given_in_turn_and_more_of_them_for_a_while():
    slots = RequestSlots(2)
    users = Users(slots)
    work = [asyncio.create_task(users.use(number)) for number in range(6)]
    await run_until_idle()
    assert users.inside == 2
    with slots.allow_more(3):
        await run_until_idle()
        assert users.inside == 5
    await run_until_idle()
    assert users.inside == 5, "what is under way stays so"
    users.let_go.set()
    await asyncio.gather(*work)
    assert (users.inside, users.order) == (0, [0, 1, 2, 3, 4, 5])


async def test_who_waits_no_longer_takes_no_slot():
    slots = RequestSlots(1)
    users = Users(slots)
    first, second, third = (asyncio.create_task(users.use(number)) for number in range(3))
    await run_until_idle()
    second.cancel()
    await run_until_idle()
    first.cancel()
    await run_until_idle()
    assert (users.inside, users.order) == (1, [0, 2])
    third.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    async with slots:
        assert users.inside == 0


async def test_who_is_cancelled_in_the_moment_of_the_turn_gives_the_slot_back():
    slots = RequestSlots(1)
    users = Users(slots)
    first = asyncio.create_task(users.use(0))
    await run_until_idle()
    second = asyncio.create_task(users.use(1))
    await run_until_idle()
    users.let_go.set()
    await first
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(users.use(2), 1)


async def test_after_a_refusal_there_are_few_as_long_as_there_would_be_more():
    slots = RequestSlots(4)
    assert not slots.note_refusal(), "of the usual number nothing is to be said"
    users = Users(slots)
    with slots.allow_more(4):
        assert slots.note_refusal()
        assert slots.note_refusal(), "the others of them, too"
        work = [asyncio.create_task(users.use(number)) for number in range(6)]
        await run_until_idle()
        assert users.inside == FEWEST
    assert slots.were_refused
    users.let_go.set()
    await asyncio.gather(*work)
    with slots.allow_more(4):
        users.let_go.clear()
        work = [asyncio.create_task(users.use(number)) for number in range(6)]
        await run_until_idle()
        assert users.inside == FEWEST, "nor are there more at another time"
        users.let_go.set()
    await asyncio.gather(*work)
