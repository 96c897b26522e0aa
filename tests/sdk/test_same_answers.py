"""graphtop's adapter and Huawei's SDK 3.1.219, asked the same questions, give the same answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend_adapters.backend import Backend, KnownTasks
from backend_adapters.errors import BackendError, Busy, NotLoggedIn, WrongClock
from backend_adapters.model import Task, TaskStatus
from backend_adapters.registry import open_backend
from backend_adapters.simulator import wall_clock
from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target
from tests.sdk.conftest import ServedProject, ask, serve_project
from tests.support.ges_jobs import submit_job

STILL = replace(DEMO_GES, pace=0)
DIALECT = {"v1": "ges", "v2": "ges-v2"}
CAP = 1_000_000

both = pytest.mark.parametrize("version", ["v1", "v2"])


@asynccontextmanager
async def ours(
    server: ServedProject, version: str, secret: str = "demo-sk", **options: str
) -> AsyncIterator[Backend]:
    """Our adapter on the same server, with the same key."""
    credentials = Credentials(keys=lambda: AccessKeys("demo-ak", secret))
    target = Target(
        url=server.url,
        dialect=DIALECT[version],
        project="demo-project",
        credentials=credentials,
        **options,  # type: ignore[arg-type]
    )
    backend = open_backend(target)
    try:
        yield backend
    finally:
        await backend.aclose()


async def our_tasks(server: ServedProject, version: str, **options: str) -> dict[str, Task]:
    """All that a snapshot brings."""
    async with ours(server, version, **options) as backend:
        await backend.connect()
        return {task.id: task async for batch in backend.snapshot() for task in batch.tasks}


def their_jobs(server: ServedProject, version: str, **query: str) -> dict[str, Any]:
    """All that the SDK pages through."""
    import huaweicloudsdkges.v1 as v1
    import huaweicloudsdkges.v2 as v2

    client, found = server.client(version), dict[str, Any]()
    call = client.list_jobs if version == "v1" else client.list_jobs2
    make = v1.ListJobsRequest if version == "v1" else v2.ListJobs2Request
    while page := call(make(offset=str(len(found)), limit="100", **query)).job_list:
        found |= {job.job_id: job for job in page}
    return found


def moment(text: str | None) -> int | None:
    """The SDK's text for a time, as epoch ms."""
    return None if text is None else int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def compare(task: Task, job: Any) -> None:
    """Whether a row says what the SDK's object says."""
    assert (task.id, task.raw_status, task.type, task.name) == (
        job.job_id,
        job.status,
        job.job_type,
        job.job_name,
    )
    assert task.graph == job.related_graph
    assert (task.created, task.updated) == (moment(job.begin_time), moment(job.end_time))
    assert task.status.is_finished == (job.end_time is not None)
    assert task.decode_error is None


def files(job: Any) -> list[tuple[str, ...]]:
    """The SDK's files of an import, as the rows of our table."""
    detail, rows = job.job_detail, list[tuple[str, ...]]()
    if detail is None:
        return rows
    kinds = (
        ("schema", detail.schema_path),
        ("vertices", detail.vertexset_path),
        ("edges", detail.edgeset_path),
    )
    for kind, loads in kinds:
        for load in loads or ():
            lines = [
                getattr(load, name, None) for name in ("total_lines", "successful_lines", "failed_lines")
            ]
            shown = ["" if line in {None, -1} else str(line) for line in lines]
            rows.append((kind, load.path, load.status, *shown, load.cause or "", load.log or ""))
    return rows


@both
async def test_all_jobs(version: str) -> None:
    async with serve_project(replace(STILL, unfinished=7)) as server:
        tasks, jobs = await our_tasks(server, version), await ask(their_jobs, server, version)
        assert tasks.keys() == jobs.keys()
        assert len(tasks) == 381
        for job_id, job in jobs.items():
            compare(tasks[job_id], job)
        assert {task.status for task in tasks.values()} == {
            TaskStatus.QUEUED,
            TaskStatus.RUNNING,
            TaskStatus.SUCCESS,
            TaskStatus.PARTIAL,
            TaskStatus.FAILED,
        }


@both
async def test_the_jobs_of_one_graph(version: str) -> None:
    async with serve_project(STILL) as server:
        for graph in ("fraud_ring", "供应链_华东"):
            tasks = await our_tasks(server, version, graph=graph)
            jobs = await ask(lambda name=graph: their_jobs(server, version, graph_name=name))
            assert tasks.keys() == jobs.keys()
            assert {task.graph for task in tasks.values()} == {graph}


@both
async def test_a_graph_whose_name_needs_quoting(version: str) -> None:
    graph = "图 a+b&c=d/e%~'é"
    async with serve_project(replace(EMPTY_GES, graphs=("plain", graph))) as server:
        for name in ("plain", graph, "plain", graph):
            submit_job(server.app.world, "ExportGraph", name)
        tasks = await our_tasks(server, version, graph=graph)
        jobs = await ask(lambda: their_jobs(server, version, graph_name=graph))
        assert tasks.keys() == jobs.keys()
        assert len(tasks) == 2


@both
async def test_the_jobs_of_some_days(version: str) -> None:
    async with serve_project(STILL) as server:
        now = datetime.fromtimestamp(server.time() / 1000, UTC)
        since, until = (
            datetime.fromtimestamp(now.timestamp() - days * 86_400, UTC).strftime("%Y-%m-%d")
            for days in (12, 5)
        )
        tasks = await our_tasks(server, version, since=since, until=until)
        jobs = await ask(lambda: their_jobs(server, version, start_time=since, end_time=until))
        assert tasks.keys() == jobs.keys()
        assert 50 < len(tasks) < 200


@both
async def test_every_detail(version: str) -> None:
    async with serve_project(replace(STILL, history=60)) as server, ours(server, version) as backend:
        await backend.connect()
        jobs = await ask(their_jobs, server, version)
        kinds = set()
        for job in jobs.values():
            detail = await backend.detail(job.job_id, cap=CAP)
            compare(detail.task, job)
            assert (detail.result or b"").decode() == (job.fail_reason or "")
            assert [row for sheet in detail.sheets for row in sheet.rows] == files(job)
            kinds |= {row[2] for sheet in detail.sheets for row in sheet.rows}
        assert kinds == {"success", "running", "partFailed", "failed"}


@both
async def test_a_job_as_it_goes_on(version: str) -> None:
    async with serve_project(EMPTY_GES) as server, ours(server, version) as backend:
        await backend.connect()
        job = submit_job(server.app.world, "ImportGraph", "fraud_ring", wait=5000, millis=60_000)
        seen = []
        for seconds in (1, 6, 30, 66):
            server.offset = seconds * 1000
            (task,) = (await backend.look([job.id])).tasks
            compare(task, (await ask(their_jobs, server, version))[job.id])
            detail = await backend.detail(job.id, cap=CAP)
            theirs = (await ask(their_jobs, server, version))[job.id]
            assert [row for sheet in detail.sheets for row in sheet.rows] == files(theirs)
            seen.append(task.raw_status)
        assert seen == ["pending", "running", "running", "success"]


@both
async def test_what_changed(version: str) -> None:
    async with serve_project(DEMO_GES) as server, ours(server, version) as backend:
        await backend.connect()
        tasks = {task.id: task async for batch in backend.snapshot() for task in batch.tasks}
        for _ in range(6):
            server.offset += 10_000
            unfinished = [task.id for task in tasks.values() if not task.status.is_finished]
            changes = await backend.changes(KnownTasks(unfinished, max(tasks)))
            assert not changes.stale
            tasks |= {task.id: task for task in changes.tasks}
            jobs = await ask(their_jobs, server, version)
            assert tasks.keys() == jobs.keys()
            for job_id, job in jobs.items():
                compare(tasks[job_id], job)


@both
async def test_the_graphs(version: str) -> None:
    import huaweicloudsdkges.v1 as v1
    import huaweicloudsdkges.v2 as v2

    async with serve_project(STILL) as server, ours(server, version) as backend:
        client = server.client(version)
        if version == "v1":
            theirs = await ask(client.list_graphs, v1.ListGraphsRequest(limit=100))
        else:
            theirs = await ask(client.list_graphs2, v2.ListGraphs2Request(limit=100))
        mine = {scope.graph for scope in await backend.scopes()}
        assert mine == {"", *(graph.name for graph in theirs.graphs)}


async def our_error(server: ServedProject, **options: str) -> BackendError:
    async with ours(server, "v1", **options) as backend:
        with pytest.raises(BackendError) as caught:
            await backend.connect()
        return caught.value


async def test_a_wrong_secret() -> None:
    async with serve_project(EMPTY_GES) as server:
        error = await our_error(server, secret="wrong")
        assert isinstance(error, NotLoggedIn)
        assert "verify aksk signature fail" in str(error)
        assert "canonicalRequest" not in str(error)


async def test_a_clock_that_is_off() -> None:
    async with serve_project(EMPTY_GES, wall_clock() + 3_600_000) as server:
        error = await our_error(server)
        assert isinstance(error, WrongClock)
        assert "behind" in str(error)


async def test_the_throttle() -> None:
    async with serve_project(replace(EMPTY_GES, throttle=0, retry_after=4)) as server:
        error = await our_error(server)
        assert isinstance(error, Busy)
        assert error.retry_after == 4


async def test_both_at_once_are_served() -> None:
    async with serve_project(STILL) as server:
        mine, theirs = await asyncio.gather(our_tasks(server, "v2"), ask(their_jobs, server, "v1"))
        assert mine.keys() == theirs.keys()
