"""Several places on simulated servers, over real HTTP: how many requests a server sees at once, and whose."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from contextlib import aclosing

import pytest
from msgspec.structs import replace

from backend_adapters.backend import Backend, KnownTasks
from backend_adapters.errors import TimedOut
from backend_adapters.model import Place
from backend_adapters.registry import open_backend
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport import place_slots
from backend_adapters.transport.client import Transport
from backend_adapters.transport.request_budget import RequestBudget
from backend_adapters.transport.request_context import awaited_by_person
from backend_adapters.transport.target import Target, Timeouts
from tests.adapters.scripted_servers import socket_server
from tests.support.counted_server import CountedServer
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import serve_in_loop
from tui.monitor.placed_backend import PlacedBackend

GRAPHS = tuple(f"graph{number}" for number in range(20))
SETTINGS = dataclasses.replace(EMPTY_HUGEGRAPH, history=60, unfinished=3, graphs=GRAPHS)


async def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def read_everything(backend: Backend) -> int:
    """Connect, read all tasks and poll; gives how many there are."""
    await backend.connect(then_snapshot=True)
    async with aclosing(backend.snapshot(in_parts=True)) as batches:
        ids = {task.id async for batch in batches for task in batch.tasks}
    await backend.changes(KnownTasks((), max(ids, key=int)))
    return len(ids)


def open_places(url: str, budget: RequestBudget) -> list[Backend]:
    target = Target(url=url, budget=budget)
    return [
        PlacedBackend(
            open_backend(replace(target, graph=graph)),
            Place(number=number, profile="prod", dialect="hugegraph", graph=graph),
        )
        for number, graph in enumerate(GRAPHS)
    ]


async def test_a_server_with_twenty_graphs_never_sees_more_than_two_requests_at_once() -> None:
    server = CountedServer(hugegraph_app(SETTINGS))
    async with serve_in_loop(server) as url:
        budget = RequestBudget()
        places = open_places(url, budget)
        counts = await asyncio.gather(*map(read_everything, places))
        assert server.most == 2
        assert counts == [63, *[counts[1]] * 19]
        assert (budget.waiting_count, budget.under_way_count, budget.pool_count) == (0, 0, 1)
        for place in places:
            await place.aclose()
        assert budget.pool_count == 0


async def test_a_person_is_served_before_nineteen_graphs_that_are_being_read() -> None:
    server = CountedServer(hugegraph_app(SETTINGS))
    async with serve_in_loop(server) as url:
        places = open_places(url, RequestBudget())
        await read_everything(places[0])
        server.let_go.clear()
        server.asked.clear()
        reading = [asyncio.create_task(read_everything(place)) for place in places[1:]]
        await wait_until(lambda: len(server.asked) == 2)
        detail = asyncio.create_task(places[0].detail("1", cap=10_000_000))
        await wait_until(lambda: len(server.asked) == 3)
        assert server.asked[2].endswith("/graph0/tasks/1")
        server.let_go.set()
        assert (await detail).task.id == "1"
        assert len(server.asked) < 20, "the graphs are being read still"
        looked = await places[0].look([str(number) for number in range(1, 5)])
        assert len(looked.tasks) == 4
        assert not all(one.done() for one in reading)
        assert len(set(await asyncio.gather(*reading))) == 1
        assert server.most == 3
        for place in places:
            await place.aclose()


async def test_servers_that_hang_delay_an_answer_of_another_by_no_more_than_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place_slots, "FIRST_LONG_AFTER", 0.05)
    let_go = asyncio.Event()

    async def hang(head: bytes, writer: asyncio.StreamWriter) -> None:
        await let_go.wait()

    loop, budget = asyncio.get_running_loop(), RequestBudget()
    async with (
        socket_server(hang) as (first, _),
        socket_server(hang) as (second, _),
        socket_server(hang) as (third, _),
        serve_in_loop(hugegraph_app(EMPTY_HUGEGRAPH)) as fine,
    ):
        silent = [
            Transport(Target(url=url, budget=budget, timeouts=Timeouts(read=60)))
            for url in (first, second, third)
            for _ in range(3)
        ]
        held = [asyncio.create_task(place.get("versions")) for place in silent]
        await wait_until(lambda: budget.under_way_count == 6)
        began = loop.time()
        healthy = Transport(Target(url=fine, budget=budget))
        assert (await healthy.get("versions")).is_success
        assert loop.time() - began < 10, "they hang for a minute"
        assert (budget.under_way_count, budget.waiting_count) == (6, 3)
        let_go.set()
        for place in (*silent, healthy):
            await place.aclose()
        await asyncio.gather(*held, return_exceptions=True)
        assert (budget.under_way_count, budget.waiting_count) == (0, 0)


async def test_a_request_that_times_out_frees_its_slot() -> None:
    async def hang(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with socket_server(hang) as (url, _):
        budget = RequestBudget()
        place = Transport(Target(url=url, budget=budget, timeouts=Timeouts(read=0.01)))
        results = await asyncio.gather(*(place.get("x") for _ in range(6)), return_exceptions=True)
        assert {type(result) for result in results} == {TimedOut}
        assert (budget.under_way_count, budget.waiting_count) == (0, 0)
        await place.aclose()


async def test_a_long_result_that_is_saved_leaves_a_slot_to_the_polls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place_slots, "LONG_AFTER", 0.01)
    monkeypatch.setattr(place_slots, "FIRST_LONG_AFTER", 0.01)
    let_go = asyncio.Event()

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"/result" in head:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlon")
            await let_go.wait()
            writer.write(b"ger")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def save(place: Transport) -> bytes:
        with awaited_by_person():
            pieces = place.stream("result", refuse=lambda reply: asyncio.sleep(0))
            async with aclosing(pieces):
                return b"".join([piece async for piece in pieces])

    async with socket_server(answer) as (url, _):
        target = Target(url=url, budget=RequestBudget())
        places = [Transport(target) for _ in range(12)]
        saving = [asyncio.create_task(save(place)) for place in places[:8]]
        await wait_until(lambda: all(place.request_count for place in places[:3]))
        replies = await asyncio.gather(*(place.get("poll") for place in places[8:]))
        assert all(reply.is_success for reply in replies)
        assert not any(one.done() for one in saving)
        let_go.set()
        assert await asyncio.gather(*saving) == [b"longer"] * 8
        for place in places:
            await place.aclose()
