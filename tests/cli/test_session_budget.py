"""A command with several places asks each server two things at once, and eight in all."""

from __future__ import annotations

import dataclasses

from backend_adapters.model import Task
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport.target import Target
from tests.cli.fake_session import make_connection
from tests.support.counted_server import CountedServer
from tests.support.simulated_servers import serve_in_loop
from tui.cli.work import session_set
from tui.cli.work.session import Session
from tui.cli.work.session_set import PlaceToOpen, SessionSet

GRAPHS = ("one", "two", "three", "four", "five")
SETTINGS = dataclasses.replace(EMPTY_HUGEGRAPH, history=60, unfinished=3, graphs=GRAPHS)


async def read_all(session: Session) -> int:
    """Read the list of one place; gives how many tasks it has."""
    await session.backend.connect(then_snapshot=True)
    rows: list[Task] = []
    async for batch in session.backend.snapshot():
        rows += batch.tasks
    return len(rows)


async def read_places(graphs: tuple[str, ...]) -> CountedServer:
    """Read these graphs of one server together, as a command does."""
    server = CountedServer(hugegraph_app(SETTINGS))

    async def work(opened: SessionSet) -> int:
        read = await opened.run_each(read_all)
        assert len(read) == len(graphs)
        assert all(read.values())
        return 0

    async with serve_in_loop(server) as url:
        connections = [make_connection(Target(url=url, graph=graph)) for graph in graphs]
        places = [PlaceToOpen(connection=connection) for connection in connections]
        # Not `run_sessions`, which has a loop of its own.
        assert await session_set._work_on(places, work, ()) == 0
    return server


async def test_graphs_of_one_server_are_read_by_two_requests_at_once() -> None:
    assert (await read_places(GRAPHS)).most == 2


async def test_a_place_alone_is_read_by_as_many_as_ever() -> None:
    assert (await read_places(GRAPHS[:1])).most > 2
