"""What every HugeGraph must answer to this adapter, simulated or real: one check for each promise.

A check is a coroutine that takes a `Stand`, submits what it needs and leaves nothing running. `CHECKS` holds
them all; `run` runs one. The simulator is run through them in `test_contract`, real servers in `tests/live`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
from msgspec.structs import replace as changed

from backend_adapters.backend import Backend, Known
from backend_adapters.errors import NoSuchGraph, NoSuchTask, NotLoggedIn, Unsupported
from backend_adapters.model import FINISHED, Action, Task, TaskId, TaskStatus
from backend_adapters.registry import Credentials, Target, open_backend

QUICK = "6 * 7"
SLEEP = "for (i in 0..<60) { Thread.sleep(1000) }"
BOOM = "throw new RuntimeException('boom')"
BIG = "(1..20000).collect { [id: it, name: 'vertex number ' + it] }"

PATIENCE = 30.0
"""Seconds within which everything that is waited for has to happen; the distributed one wakes every 10."""


@dataclass(frozen=True)
class Stand:
    """A server to check: where it is and what it is like."""

    name: str
    target: Target
    version: str = "1.7.0"
    scheduler: Literal["local", "distributed"] = "local"
    pages: bool = True
    """Whether the backend can page; memory can't."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Lets this many seconds pass on the server."""

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


class Bench:
    """A connected backend with the means to wait for things."""

    def __init__(self, stand: Stand, backend: Backend) -> None:
        self.stand = stand
        self.backend = backend

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
        task_id = await self.backend.submit(script)
        await self.until(task_id, TaskStatus.RUNNING)
        return task_id

    async def ended(self, script: str) -> Task:
        """Submit a script and wait until it has ended."""
        return await self.until(await self.backend.submit(script), *FINISHED)

    async def all_tasks(self) -> dict[TaskId, Task]:
        """Everything a snapshot gives."""
        return {task.id: task async for batch in self.backend.snapshot() for task in batch.tasks}

    async def sweep(self) -> None:
        """Cancel what is unfinished and wait for its end."""
        open_ones = [task for task in (await self.all_tasks()).values() if not task.status.finished]
        for task in open_ones:
            if task.status not in (TaskStatus.CANCELLING, TaskStatus.DELETING):
                await self.backend.act(Action.CANCEL, task.id)
        for task in open_ones:
            await self._when(task.id, lambda task: task is None or task.status.finished)

    async def _when(self, task_id: TaskId, true: Callable[[Task | None], bool]) -> Task | None:
        waited = 0.0
        while not true(task := await self.task(task_id)):
            assert waited < PATIENCE, f"{self.stand.name}: after {waited:.0f} s still {task}"
            await self.stand.pause(0.25)
            waited += 0.25
        return task


Check = Callable[[Bench], Awaitable[None]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Adds a check to the suite."""
    CHECKS.append(function)
    return function


async def run(one: Check, stand: Stand) -> None:
    """Run one check on a stand, with a backend of its own, and clean up."""
    async with opened(stand) as bench:
        await one(bench)
        await bench.sweep()


@asynccontextmanager
async def opened(stand: Stand, **options: object) -> AsyncIterator[Bench]:
    """A connected backend on a stand, with some options of its target replaced."""
    backend = open_backend(changed(stand.target, **options))
    try:
        await backend.connect()
        yield Bench(stand, backend)
    finally:
        await backend.aclose()


@check
async def says_what_it_is(bench: Bench) -> None:
    """Version, style of paths and abilities are found out, also on a second `connect`."""
    stand, source = bench.stand, bench.backend.source
    for _ in range(2):
        info = await bench.backend.connect()
        assert (info.product, info.version) == ("HugeGraph", stand.version)
        assert bool(info.capabilities.force_delete) == stand.forces
    assert source.graphspace == ("DEFAULT" if stand.graphspaces else None)
    scopes = await bench.backend.scopes()
    assert (source.graph, source.graphspace) in {(scope.graph, scope.graphspace) for scope in scopes}


@check
async def answers_to_classic_paths(bench: Bench) -> None:
    """Every version knows the classic paths."""
    task = await bench.ended(QUICK)
    async with opened(bench.stand, paths="classic") as classic:
        assert classic.backend.source.graphspace is None
        assert await classic.task(task.id) == task


@check
async def names_the_graphs_there_are(bench: Bench) -> None:
    """An unknown graph is NoSuchGraph with a list, whatever the server makes of it."""
    source = bench.backend.source
    for paths in ("auto", "classic"):
        with pytest.raises(NoSuchGraph) as caught:
            async with opened(bench.stand, graph="no_such_graph", paths=paths):
                pass
        assert source.graph in caught.value.graphs


@check
async def runs_a_job_to_its_end(bench: Bench) -> None:
    """A submitted script ends as a success, with all its fields and its result."""
    task = await bench.ended(QUICK)
    assert (task.status, task.word, task.type, task.name) == (TaskStatus.SUCCESS, "success", "gremlin", QUICK)
    assert task.created is not None
    assert task.took is not None
    assert (task.retries, task.fault) == (0, None)
    assert task.server is None if bench.stand.distributed else task.server
    detail = await bench.backend.detail(task.id, cap=100_000)
    assert detail.input is not None
    assert json.loads(detail.input)["gremlin"] == QUICK
    assert detail.callable is not None
    assert detail.callable.endswith(".GremlinJob")
    assert not detail.truncated
    assert detail.result
    assert detail.task == task


@check
async def tells_why_a_job_failed(bench: Bench) -> None:
    """A failure's result is the exception."""
    task = await bench.ended(BOOM)
    assert (task.status, task.word) == (TaskStatus.FAILED, "failed")
    detail = await bench.backend.detail(task.id, cap=100_000)
    assert detail.result is not None
    assert "boom" in detail.result


@check
async def gives_everything_in_a_snapshot(bench: Bench) -> None:
    """All tasks are in a snapshot, the unfinished in its first batch."""
    ids = [await bench.backend.submit(QUICK) for _ in range(5)]
    running = await bench.started(SLEEP)
    batches = [batch async for batch in bench.backend.snapshot()]
    assert running in {task.id for task in batches[0].tasks}
    assert {*ids, running} <= {task.id for batch in batches for task in batch.tasks}
    assert not any(batch.note for batch in batches)


@check
async def shows_new_tasks_in_the_next_refresh(bench: Bench) -> None:
    """What is submitted is in the next answer, and a quiet refresh brings nothing."""
    newest = (await bench.ended(QUICK)).id
    quiet = await bench.backend.changes(Known([], newest))
    assert (quiet.tasks, quiet.missing, quiet.stale) == ((), frozenset(), False)
    ids = {await bench.backend.submit(QUICK) for _ in range(60)}
    changes = await bench.backend.changes(Known([], newest))
    assert {task.id for task in changes.tasks} == ids
    assert min(map(int, ids)) == int(newest) + 1


@check
async def shows_the_first_task_of_an_emptied_graph(bench: Bench) -> None:
    """Ids go on after all tasks were deleted, and who comes then knows none of them."""
    await bench.ended(QUICK)
    emptied = list(await bench.all_tasks())
    for task_id in emptied:
        await bench.backend.act(Action.DELETE, task_id)
    for task_id in emptied:
        await bench.until_gone(task_id)
    async with opened(bench.stand) as newcomer:
        assert await newcomer.all_tasks() == {}
        assert (await newcomer.backend.changes(Known([], None))).tasks == ()
        task_id = await bench.backend.submit(QUICK)
        changes = await newcomer.backend.changes(Known([], None))
        assert ([task.id for task in changes.tasks], changes.stale) == ([task_id], False)


@check
async def follows_what_is_unfinished(bench: Bench) -> None:
    """A refresh tells of the unfinished, and which of them are gone."""
    running = await bench.started(SLEEP)
    changes = await bench.backend.changes(Known([running, "987654"], running))
    assert [task.status for task in changes.tasks] == [TaskStatus.RUNNING]
    assert (changes.missing, changes.stale) == ({"987654"}, False)


@check
async def cancels_a_running_job(bench: Bench) -> None:
    """A cancel ends in `cancelled` within the patience, whatever the server says to it."""
    running = await bench.started(SLEEP)
    answer = await bench.backend.act(Action.CANCEL, running)
    assert answer.code == (400 if bench.stand.distributed else 202)
    assert answer.accepted == (not bench.stand.distributed)
    task = await bench.until(running, TaskStatus.CANCELLED)
    assert task.word == "cancelled"


@check
async def refuses_a_second_cancel_in_words(bench: Bench) -> None:
    """What has ended can't be cancelled."""
    task = await bench.ended(QUICK)
    answer = await bench.backend.act(Action.CANCEL, task.id)
    assert (answer.code, answer.accepted) == (400, False)
    assert answer.words == f"Can't cancel task '{task.id}' which is completed or cancelling"
    assert await bench.task(task.id) == task


@check
async def deletes_an_ended_task(bench: Bench) -> None:
    """A delete ends with the task gone, whatever the server says to it."""
    task = await bench.ended(QUICK)
    later = await bench.ended(QUICK)
    answer = await bench.backend.act(Action.DELETE, task.id)
    assert answer.code == (400 if bench.stand.distributed else 204)
    await bench.until_gone(task.id)
    with pytest.raises(NoSuchTask, match=task.id):
        await bench.backend.detail(task.id, cap=1000)
    changes = await bench.backend.changes(Known([task.id], later.id))
    assert (changes.missing, changes.stale) == ({task.id}, False)
    assert task.id not in await bench.all_tasks()


@check
async def does_as_its_scheduler_does_with_a_delete_of_a_running_job(bench: Bench) -> None:
    """The standard scheduler refuses in words; the distributed one refuses too, and obeys."""
    running = await bench.started(SLEEP)
    answer = await bench.backend.act(Action.DELETE, running)
    assert answer.code == 400
    if bench.stand.distributed:
        await bench.until_gone(running)
        return
    assert answer.words.startswith("Can't delete incomplete task")
    assert answer.patience < 5
    task = await bench.task(running)
    assert task is not None
    assert task.status is TaskStatus.RUNNING


@check
async def force_deletes_a_running_job_where_it_can(bench: Bench) -> None:
    """With force the record is gone at once; without the ability nothing is sent."""
    running = await bench.started(SLEEP)
    if not bench.stand.forces:
        with pytest.raises(Unsupported):
            await bench.backend.act(Action.FORCE_DELETE, running)
        return
    await bench.backend.act(Action.CANCEL, running)
    await bench.until(running, TaskStatus.CANCELLED)
    answer = await bench.backend.act(Action.FORCE_DELETE, running)
    assert (answer.code, answer.accepted) == (204, True)
    await bench.until_gone(running)


@check
async def says_no_to_an_action_on_what_is_not_there(bench: Bench) -> None:
    """An unknown id is refused in words."""
    for action in (Action.CANCEL, Action.DELETE):
        answer = await bench.backend.act(action, "987654")
        assert not answer.accepted
        assert answer.code in ((400, 404, 500) if bench.stand.distributed else (404,))
        assert answer.words


@check
async def cuts_a_large_result_at_the_cap(bench: Bench) -> None:
    """A detail over the cap keeps its row and the beginning of its result."""
    task = await bench.ended(BIG)
    whole = await bench.backend.detail(task.id, cap=10_000_000)
    assert whole.result is not None
    assert len(json.loads(whole.result)) == 20_000
    received: list[int] = []
    part = await bench.backend.detail(task.id, cap=50_000, progress=received.append)
    assert (part.truncated, len(part.raw)) == (True, 50_000)
    assert part.task == whole.task
    assert part.result is not None
    assert whole.result.startswith(part.result)
    assert received == sorted(received)


@check
async def streams_a_large_result_whole(bench: Bench) -> None:
    """A stream brings the very texts of the detail, piece by piece, and nothing of a task that is gone."""
    task = await bench.ended(BIG)
    whole = await bench.backend.detail(task.id, cap=10_000_000)
    assert whole.result is not None
    assert whole.input is not None
    for part, text in (("result", whole.result), ("input", whole.input)):
        pieces = [piece async for piece in bench.backend.stream(task.id, part)]
        assert b"".join(pieces).decode() == text
    await bench.backend.act(Action.DELETE, task.id)
    await bench.until_gone(task.id)
    with pytest.raises(NoSuchTask):
        await anext(bench.backend.stream(task.id, "result"))


@check
async def wants_the_right_password(bench: Bench) -> None:
    """Where there is a login, a wrong one is NotLoggedIn; where there is none, any will do."""
    target = bench.stand.target
    wrong = Credentials("admin", lambda: "wrong")
    if target.credentials.user is None:
        async with opened(bench.stand, credentials=wrong) as anybody:
            assert await anybody.all_tasks() == await bench.all_tasks()
        return
    for credentials in (wrong, Credentials()):
        with pytest.raises(NotLoggedIn):
            async with opened(bench.stand, credentials=credentials):
                pass
