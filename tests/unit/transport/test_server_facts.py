"""What places ask of their server in common is asked once, and again when it may have changed."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.errors import BackendError, Unreachable
from backend_adapters.transport.server_facts import FACT_SECONDS, ServerFacts


class AskedServer:
    """Tells its version, and counts how often it was asked for it."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.facts = ServerFacts(lambda: self.time)
        self.version = "1.7.0"
        self.count = 0
        self.errors: list[BackendError] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def read(self) -> str:
        self.count += 1
        await self.may_answer.wait()
        if self.errors:
            raise self.errors.pop()
        return self.version

    async def ask(self, accept=lambda _: True, **more) -> str:
        return await self.facts.ask_once("version", self.read, accept, **more)


async def test_fifty_places_that_ask_at_the_same_time_ask_once() -> None:
    server = AskedServer()
    assert await asyncio.gather(*(server.ask() for _ in range(50))) == ["1.7.0"] * 50
    assert await server.ask() == "1.7.0"
    assert server.count == 1


async def test_it_is_asked_anew_once_it_is_old() -> None:
    server = AskedServer()
    await server.ask()
    server.version = "1.8.0"
    server.time += FACT_SECONDS - 1
    assert await server.ask() == "1.7.0"
    server.time += 1
    assert await asyncio.gather(server.ask(), server.ask()) == ["1.8.0"] * 2
    assert server.count == 2


async def test_it_is_asked_anew_by_a_place_where_something_has_failed_since_and_once_for_all_of_them() -> (
    None
):
    server = AskedServer()
    await server.ask()
    server.version = "1.8.0"
    failed_at = server.time = server.time + 1
    assert await server.ask(after=failed_at) == "1.8.0"
    server.time += 1
    assert await server.ask(after=failed_at) == "1.8.0"
    assert await server.ask() == "1.8.0"
    assert server.count == 3, "not asked after the failure, but in the same moment"


async def test_an_answer_that_is_not_accepted_is_asked_for_anew() -> None:
    server = AskedServer()
    await server.ask()
    assert await server.ask(lambda version: version == "1.8.0") == "1.7.0"
    assert await server.ask(None) == "1.7.0"
    assert server.count == 3


async def test_who_waits_gets_the_same_error_and_who_comes_later_asks() -> None:
    server = AskedServer()
    error = Unreachable("No connection.")
    server.errors.append(error)
    server.may_answer.clear()
    asking = [asyncio.create_task(server.ask()) for _ in range(4)]
    await asyncio.sleep(0)
    server.time += 5
    server.may_answer.set()
    assert await asyncio.gather(*asking, return_exceptions=True) == [error] * 4
    assert server.count == 1
    server.time += 1
    assert await server.ask() == "1.7.0"


async def test_a_place_that_is_closed_while_it_asks_leaves_the_question_to_the_others() -> None:
    server = AskedServer()
    server.errors.append(Unreachable("It was closed."))
    server.may_answer.clear()
    closed = asyncio.create_task(server.ask(is_closed=lambda: True))
    await asyncio.sleep(0)
    others = [asyncio.create_task(server.ask()) for _ in range(3)]
    await asyncio.sleep(0)
    server.may_answer.set()
    with pytest.raises(Unreachable):
        await closed
    assert await asyncio.gather(*others) == ["1.7.0"] * 3
    assert server.count == 2


async def test_one_who_is_cancelled_while_it_asks_leaves_the_question_to_the_others() -> None:
    server = AskedServer()
    server.may_answer.clear()
    first, second = asyncio.create_task(server.ask()), asyncio.create_task(server.ask())
    await asyncio.sleep(0)
    first.cancel()
    server.may_answer.set()
    assert await second == "1.7.0"
    assert first.cancelled()
