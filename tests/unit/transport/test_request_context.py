"""What is known around a request: who waits for it, and how long it waited for its turn."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import pytest

from backend_adapters.transport.request_context import (
    awaited_by_person,
    in_background,
    is_awaited,
    limit_request_time,
    read_request_clock,
    waiting_for_turn,
)
from tests.adapters.scripted_servers import move_clock
from tests.unit.fakes import run_until_idle


async def tell() -> bool:
    return is_awaited()


async def test_a_person_waits_for_what_is_asked_inside_and_for_what_it_starts() -> None:
    assert not is_awaited()
    with awaited_by_person():
        assert await tell()
        started = asyncio.create_task(tell())
    assert await started
    assert not is_awaited()


async def test_what_is_read_in_the_background_stays_there_whatever_it_calls() -> None:
    with in_background():
        with awaited_by_person():
            assert not await tell()
        assert not is_awaited()
    with awaited_by_person(), in_background():
        assert not is_awaited()


async def test_one_task_does_not_hear_of_another() -> None:
    async def wait_as_person(inside: asyncio.Event, leave: asyncio.Event) -> None:
        with awaited_by_person():
            inside.set()
            await leave.wait()

    inside, leave = asyncio.Event(), asyncio.Event()
    person = asyncio.create_task(wait_as_person(inside, leave))
    await inside.wait()
    assert not is_awaited()
    leave.set()
    await person


async def test_a_coroutine_that_is_thrown_away_changes_nothing() -> None:
    async def wait_as_person() -> None:
        with awaited_by_person():
            await asyncio.sleep(0)

    thrown_away = wait_as_person()
    copy_context().run(thrown_away.send, None)
    thrown_away.close()
    assert not is_awaited()


async def test_the_clock_of_requests_stands_still_while_one_waits_for_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("backend_adapters.transport.request_context.time.perf_counter", lambda: now)
    before = read_request_clock()
    with waiting_for_turn():
        now += 30
    now += 2
    assert read_request_clock() - before == 2

    async def wait_elsewhere() -> None:
        nonlocal now
        with waiting_for_turn():
            now += 30

    before = read_request_clock()
    await asyncio.create_task(wait_elsewhere())
    assert read_request_clock() - before == 30, "another task's wait is not this one's"


async def test_a_time_limit_does_not_count_the_wait_and_goes_on_after_it() -> None:
    turn, answer = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        async with limit_request_time(5):
            with waiting_for_turn():
                await turn.wait()
            await answer.wait()

    asked = asyncio.create_task(ask())
    await run_until_idle()
    move_clock(60)
    await run_until_idle()
    assert not asked.done()
    turn.set()
    await run_until_idle()
    move_clock(4)
    await run_until_idle()
    assert not asked.done()
    move_clock(2)
    await run_until_idle()
    with pytest.raises(TimeoutError):
        await asked


async def test_a_wait_that_outlives_the_limit_of_who_started_it_has_none() -> None:
    turn = asyncio.Event()

    async def wait_for_turn() -> None:
        with waiting_for_turn():
            await turn.wait()

    async with limit_request_time(5):
        started = asyncio.create_task(wait_for_turn())
    turn.set()
    await started
