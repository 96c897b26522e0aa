"""Servers to check: where they are, what they are like, how jobs come to be there, and the suites of checks.

`CHECKS` holds all that a HugeGraph promises, `EVERYWHERE` those among them that every dialect does, also one
that starts, cancels and deletes nothing itself. The checks are in `contract`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace as changed

from backend_adapters.backend import Backend
from backend_adapters.model import FINISHED, Action, ServerInfo, Task, TaskId, TaskStatus
from backend_adapters.registry import open_backend
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE

QUICK = "6 * 7"
SLEEP = "for (i in 0..<60) { Thread.sleep(1000) }"
BOOM = "throw new RuntimeException('boom')"
BIG = "(1..20000).collect { [id: it, name: 'vertex number ' + it] }"


async def submitted(backend: Backend, script: str) -> TaskId:
    """Start a job as a person does."""
    return await backend.submit(script)


@dataclass(frozen=True)
class ContractServer:
    """A server to check: where it is and what it is like."""

    name: str
    target: Target
    version: str = "1.7.0"
    scheduler: Literal["local", "distributed"] = "local"
    pages: bool = True
    """Whether the backend can page; memory can't."""
    blockwise: bool = False
    """Whether ids come in blocks, one for each server of a cluster."""
    lists: bool = True
    """Whether it lists its graphs; on a cluster 1.7 lists none."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Lets this many seconds pass on the server."""
    starts: Callable[[Backend, str], Awaitable[TaskId]] = submitted
    """Starts a job that goes as the script does: `QUICK`, `SLEEP`, `BOOM` or `BIG`; returns its id."""
    wrong: tuple[Credentials, ...] = ()
    """Logins that it does not let in; none: a wrong password, and nobody, where it has a login."""

    @property
    def graphspaces(self) -> bool:
        """Whether this version has graphspaces."""
        return tuple(map(int, self.version.split("."))) >= (1, 7)

    @property
    def forces(self) -> bool:
        """Whether this version has force delete."""
        return tuple(map(int, self.version.split("."))) >= (1, 5)

    @property
    def distributed(self) -> bool:
        """Whether the distributed scheduler runs the tasks: it refuses what it accepts."""
        return self.scheduler == "distributed"


class ContractRun:
    """A connected backend with the means to wait for things."""

    def __init__(self, stand: ContractServer, backend: Backend, info: ServerInfo) -> None:
        self.stand = stand
        self.backend = backend
        self.info = info

    async def submit(self, script: str) -> TaskId:
        """Start a job, in the way of this stand."""
        return await self.stand.starts(self.backend, script)

    @property
    def requests(self) -> int:
        """How many requests the backend has made."""
        return self.backend.transport.request_count  # type: ignore[attr-defined]

    async def task(self, task_id: TaskId) -> Task | None:
        """The task now, None when it is gone."""
        looked = await self.backend.look([task_id])
        assert looked.missing == (frozenset() if looked.tasks else {task_id})
        return looked.tasks[0] if looked.tasks else None

    async def until(self, task_id: TaskId, *wanted: TaskStatus) -> Task:
        """Wait for one of these statuses."""
        task = await self._when(task_id, lambda task: task is not None and task.status in wanted)
        assert task is not None
        return task

    async def until_gone(self, task_id: TaskId) -> None:
        """Wait until the task is not there any more."""
        await self._when(task_id, lambda task: task is None)

    async def started(self, script: str) -> TaskId:
        """Submit a script and wait until it runs."""
        task_id = await self.submit(script)
        await self.until(task_id, TaskStatus.RUNNING)
        return task_id

    async def ended(self, script: str) -> Task:
        """Submit a script and wait until it has ended, and its end is written.

        A HugeGraph reports the end before it has written when that was (hugegraph/PROTOCOL.md, section 1.3).
        """
        task = await self.until(await self.submit(script), *FINISHED)
        while True:
            await self.stand.pause(0.2)
            again = await self.until(task.id, *FINISHED)
            if again == task:
                return task
            task = again

    async def all_tasks(self) -> dict[TaskId, Task]:
        """Everything a snapshot gives."""
        return {task.id: task async for batch in self.backend.snapshot() for task in batch.tasks}

    async def sweep(self) -> None:
        """Cancel what is unfinished and wait for its end, where that can be done."""
        if not self.info.capabilities.cancel:
            return
        open_ones = [task for task in (await self.all_tasks()).values() if not task.status.is_finished]
        for task in open_ones:
            if task.status not in (TaskStatus.CANCELLING, TaskStatus.DELETING):
                await self.backend.act(Action.CANCEL, task.id)
        for task in open_ones:
            await self._when(task.id, lambda task: task is None or task.status.is_finished)

    async def _when(self, task_id: TaskId, true: Callable[[Task | None], bool]) -> Task | None:
        waited = 0.0
        while not true(task := await self.task(task_id)):
            assert waited < PATIENCE, f"{self.stand.name}: after {waited:.0f} s still {task}"
            await self.stand.pause(0.5)
            waited += 0.5
        return task


Check = Callable[[ContractRun], Awaitable[None]]
CHECKS: list[Check] = []
EVERYWHERE: list[Check] = []


def check(function: Check) -> Check:
    """Adds a check to the suite of a HugeGraph."""
    CHECKS.append(function)
    return function


def check_everywhere(function: Check) -> Check:
    """Adds a check to the suite of every dialect."""
    EVERYWHERE.append(function)
    return check(function)


async def run_check(one: Check, stand: ContractServer) -> None:
    """Run one check on a stand, with a backend of its own, and clean up."""
    async with open_run(stand) as bench:
        await one(bench)
        await bench.sweep()


@asynccontextmanager
async def open_run(stand: ContractServer, **options: object) -> AsyncIterator[ContractRun]:
    """A connected backend on a stand, with some options of its target replaced."""
    backend = open_backend(changed(stand.target, **options))
    try:
        yield ContractRun(stand, backend, await backend.connect())
    finally:
        await backend.aclose()
