"""A server that stops answering about its tasks while it reads certain ones, and who scans and polls it."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph import listing
from backend_adapters.hugegraph import responsiveness as answering
from backend_adapters.hugegraph import unreadable_records as unreadable
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import Task, TaskStatus
from backend_adapters.transport import request_context
from tests.adapters.failing_tasks import connected, listed
from tests.adapters.scripted_servers import ScriptedServer, failure
from tests.support.faulty_proxy import INTERRUPTED
from tests.unit.fakes import run_until_idle

MINUTES = 120.0
"""How long the server is blocked."""


class Blocked:
    """Lets a server answer nothing about its tasks for a while once some are read; time is the test's."""

    def __init__(
        self,
        wire: ScriptedServer,
        monkeypatch: pytest.MonkeyPatch,
        bad: set[int],
        *,
        code: int = 500,
        lasts: float = MINUTES,
    ) -> None:
        self.wire = wire
        self.now = 1000.0
        self.bad = bad
        self.code = code
        self.lasts = lasts
        self.times = 0
        """How often it was blocked."""
        self.began = 0.0
        """When it was blocked last."""
        self.dead = False
        """Whether it answers nothing else either."""
        self._until = 0.0
        clock = SimpleNamespace(perf_counter=lambda: self.now, monotonic=lambda: self.now)
        for module in (request_context, answering, listing):
            monkeypatch.setattr(module, "time", clock)
        for module in (listing, unreadable):
            monkeypatch.setattr(module, "FIRST_RETRY_AFTER_STOP", 1e9)
        wire.override = self._override

    async def connected(self) -> HugeGraphBackend:
        backend = await connected(self.wire)
        session = backend._connection
        assert session is not None
        for memory in (session.client.deferred, session.client.unreadable):
            memory._now = lambda: self.now
        return backend

    def _override(self, request: httpx.Request) -> httpx.Response | None:
        self.now += 0.003
        if not request.url.path.endswith("/tasks"):
            return failure(500, "java.lang.Exception", "Broken") if self.dead else None
        if self.now >= self._until and self._reads_bad(request):
            self.times += 1
            self.began = self.now
            self._until = self.now + self.lasts
        if self.now >= self._until:
            return None
        if (wait := self._until - self.now) <= 30 and not self._reads_bad(request):
            # It gets free while this waits.
            self.now += wait
            return None
        self.now += 30
        return failure(self.code, "org.apache.hugegraph.HugeException", INTERRUPTED)

    def _reads_bad(self, request: httpx.Request) -> bool:
        return bool(self.bad) and not self.bad.isdisjoint(listed(self.wire, request))


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

    async def polls(self, count: int = 120) -> None:
        known = self._known()
        for _ in range(count):
            try:
                changes = await self.backend.changes(known)
            except BackendError:
                self.server.now += 60
            else:
                if changes.tasks or changes.missing:
                    self.tasks = {n: task for n, task in self.tasks.items() if n not in changes.missing}
                    self.tasks |= {task.id: task for task in changes.tasks}
                    known = self._known()
                self.note = changes.note
                self.stale += changes.stale
            await run_until_idle()
            self.server.now += 5

    def _known(self) -> KnownTasks:
        going = [n for n, task in self.tasks.items() if not task.status.is_finished]
        unfinished = [n for n in going if self.tasks[n].status is not TaskStatus.UNREADABLE]
        return KnownTasks(unfinished, max(self.tasks, key=int, default=None))


async def watched(
    monkeypatch: pytest.MonkeyPatch, records: Iterable[dict[str, Any]], bad: Iterable[int] = (), **how: Any
) -> tuple[ScriptedServer, Blocked, Screen]:
    """A server with these records that stops over the `bad` ones, and a screen on it that has not scanned."""
    wire = ScriptedServer(records)
    server = Blocked(wire, monkeypatch, set(bad), **how)
    return wire, server, Screen(await server.connected(), server)
