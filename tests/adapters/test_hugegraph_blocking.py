"""A task that blocks all others on its server while it is read: they are seen, and it is found."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.backend import Known
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph import link
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import Task, TaskStatus
from tests.adapters.failing import bad_rows, connected, listed
from tests.adapters.wires import Wire, failure, record
from tests.support.faulty_proxy import INTERRUPTED
from tests.unit.fakes import settle

MINUTES = 120.0
"""How long the server is blocked."""


class Blocked:
    """Lets a server answer nothing about its tasks for a while once some are read; time is the test's."""

    def __init__(self, wire: Wire, monkeypatch: pytest.MonkeyPatch, bad: set[int]) -> None:
        self.wire = wire
        self.now = 1000.0
        self.bad = bad
        self.times = 0
        """How often it was blocked."""
        self.dead = False
        """Whether it answers nothing else either."""
        self._until = 0.0
        monkeypatch.setattr(link, "time", SimpleNamespace(perf_counter=lambda: self.now))
        wire.override = self._override

    async def connected(self) -> HugeGraphBackend:
        backend = await connected(self.wire)
        session = backend._session
        assert session is not None
        for memory in (session.link.blocking, session.link.unreadable):
            memory._now = lambda: self.now
        return backend

    def _override(self, request: httpx.Request) -> httpx.Response | None:
        self.now += 0.003
        if not request.url.path.endswith("/tasks"):
            return failure(500, "java.lang.Exception", "Broken") if self.dead else None
        if set(listed(self.wire, request)) & self.bad and self.now >= self._until:
            self.times += 1
            self._until = self.now + MINUTES
        if self.now >= self._until:
            return None
        self.now += 30
        return failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED)


class Screen:
    """Scans and polls as the engine does, and keeps what came."""

    def __init__(self, backend: HugeGraphBackend, server: Blocked) -> None:
        self.backend = backend
        self.server = server
        self.tasks: dict[str, Task] = {}
        self.partial = self.note = ""
        self.failed = self.stale = 0

    async def scan(self) -> None:
        """Until a scan comes to its end; after one that failed it waits as the engine does."""
        while True:
            self.partial = ""
            try:
                async for batch in self.backend.snapshot():
                    self.tasks |= {task.id: task for task in batch.tasks}
                    self.partial = batch.partial or self.partial
                return
            except BackendError:
                self.failed += 1
                assert self.failed < 30
                self.server.now += 60

    async def polls(self, count: int = 40) -> None:
        for _ in range(count):
            going = [n for n, task in self.tasks.items() if not task.status.finished]
            unfinished = [n for n in going if self.tasks[n].status is not TaskStatus.UNREADABLE]
            try:
                newest = max(self.tasks, key=int, default=None)
                changes = await self.backend.changes(Known(unfinished, newest))
            except BackendError:
                self.server.now += 60
            else:
                self.tasks = {n: task for n, task in self.tasks.items() if n not in changes.missing}
                self.tasks |= {task.id: task for task in changes.tasks}
                self.note = changes.note
                self.stale += changes.stale
            await settle()
            self.server.now += 5


@pytest.mark.parametrize("count", [6, 40, 3000])
@pytest.mark.parametrize("place", ["first", "middle", "newest"])
async def test_the_others_are_seen_and_it_is_a_row(count, place, monkeypatch):
    bad = {"first": 1, "middle": count // 2, "newest": count}[place]
    wire = Wire(record(n) for n in range(1, count + 1))
    server = Blocked(wire, monkeypatch, {bad})
    screen = Screen(await server.connected(), server)
    await screen.scan()
    if server.times:
        assert "stopped answering" in screen.partial
        assert len(screen.tasks) > count // 4
    await screen.polls()
    await screen.scan()
    assert set(screen.tasks) == {str(n) for n in range(1, count + 1)}
    (told,) = bad_rows(screen.tasks).items()
    assert told[0] == str(bad)
    assert "stopped answering about its tasks when it was asked for this one" in told[1]
    assert screen.partial == ""
    # By fours from one request's ids to the one, and once by a list.
    assert server.times <= 7
    # It is asked for again after an hour at the earliest, and no list with it.
    before = server.times
    await screen.polls(100)
    await screen.scan()
    assert server.times == before


async def test_a_task_that_ends_with_a_result_that_blocks_is_found_by_the_polls(monkeypatch):
    wire = Wire(record(n, "running" if n in (58, 59, 60) else "success") for n in range(1, 61))
    server = Blocked(wire, monkeypatch, set())
    screen = Screen(await server.connected(), server)
    await screen.scan()
    wire.records[59]["task_status"] = "success"
    server.bad = {59}
    await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["59"]
    wire.records[60]["task_status"] = "success"
    await screen.polls(1)
    assert screen.tasks["60"].word == "success"
    assert (len(screen.tasks), screen.note) == (60, "")
    assert screen.stale == 1
    assert server.times <= 5


async def test_once_it_can_be_read_it_is_a_task_like_others(monkeypatch):
    wire = Wire(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    screen = Screen(await server.connected(), server)
    await screen.scan()
    await screen.polls()
    server.bad = set()
    server.now += 3600
    await screen.polls(2)
    assert bad_rows(screen.tasks) == {}
    await screen.scan()
    assert (len(screen.tasks), screen.partial) == (40, "")


async def test_a_person_is_answered_at_once(monkeypatch):
    wire = Wire(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    screen = Screen(await server.connected(), server)
    await screen.scan()
    assert "34" not in screen.tasks
    looked = await screen.backend.look(["34", "35"])
    assert {task.id: task.word for task in looked.tasks} == {"34": "success", "35": "success"}


async def test_what_is_kept_apart_is_not_called_gone(monkeypatch):
    wire = Wire(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    screen = Screen(await server.connected(), server)
    await screen.scan()
    looked = await screen.backend.look(["33", "34", "99"], wished=False)
    assert looked.missing == {"99"}


async def test_of_a_server_that_is_down_no_task_is_suspected(monkeypatch):
    wire = Wire(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    backend = await server.connected()
    server.dead = True
    with pytest.raises(BackendError):
        _ = [batch async for batch in backend.snapshot()]
    assert server.times == 1
    server.dead, server.bad = False, set()
    server.now += MINUTES
    screen = Screen(backend, server)
    await screen.scan()
    assert (len(screen.tasks), screen.partial) == (40, "")
