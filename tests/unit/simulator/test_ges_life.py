"""The simulated project over time: believable, deterministic, within the service's own rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator.durations import DAY_MS
from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES, GesApp, GesSettings, ges_app
from backend_adapters.simulator.ges.settings import RECORD_LIFETIME

NOW = 1_795_420_000_000
JOBS = "/v1.0/demo-project/graphs/jobs"
ORDER = {"pending": 0, "running": 1, "success": 2, "failed": 2, "partiallyFailed": 2}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def world(settings: GesSettings) -> tuple[GesApp, Clock]:
    clock = Clock()
    return ges_app(settings, clock), clock


async def everything(app: GesApp) -> list[dict[str, object]]:
    headers = {"X-Auth-Token": "demo-token"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulated", headers=headers) as http:
        answer = (await http.get(JOBS, params={"limit": 100_000})).json()
    assert answer["jobCount"] == len(answer["jobList"])
    jobs: list[dict[str, object]] = answer["jobList"]
    return jobs


async def test_equal_seeds_and_clocks_give_equal_answers_however_often_one_looks() -> None:
    (one, clock_one), (two, clock_two) = world(DEMO_GES), world(DEMO_GES)
    for _ in range(48):
        clock_one.now += 5000
        await everything(one)
    clock_two.now += 240_000
    assert await everything(one) == await everything(two)
    other, _ = world(replace(DEMO_GES, seed=8))
    assert await everything(other) != await everything(world(DEMO_GES)[0])


async def test_it_looks_alive_at_once() -> None:
    app, clock = world(DEMO_GES)
    seen = {job["jobId"]: job["status"] for job in await everything(app)}
    assert {"pending", "running"} <= set(seen.values())
    changes: list[tuple[int, object]] = []
    for second in range(1, 31):
        clock.now += 1000
        now = {job["jobId"]: job["status"] for job in await everything(app)}
        changes += [(second, status) for job, status in now.items() if seen.get(job) != status]
        seen = now
    early = {status for second, status in changes if second <= 10}
    assert {"pending", "running", "success", "failed"} <= early
    assert max(Counter(second for second, _ in changes).values()) <= 6


async def test_hours_pass_and_a_graph_does_one_thing_at_a_time() -> None:
    app, clock = world(DEMO_GES)
    before: dict[str, str] = {}
    for _ in range(3 * 3600 // 5):
        clock.now += 5000
        app.world.advance_to_now()
        now = {job.id: job.status_at(clock.now) for job in app.world}
        running = Counter(job.graph.name for job in app.world if now[job.id] == "running")
        assert max(running.values(), default=0) <= 1
        changed = before.items() - now.items()
        assert all(ORDER[now[job]] > ORDER[status] for job, status in changed if job in now)
        before = now
    waiting = Counter(job.graph.name for job in app.world if job.status_at(clock.now) == "pending")
    assert max(waiting.values(), default=0) <= 4
    assert len(before) > 374 + 3 * 3600 / 15


async def test_a_stopped_graph_is_only_started() -> None:
    app, clock = world(replace(DEMO_GES, specials=False, history=3000))
    clock.now += 6 * 3_600_000
    app.world.advance_to_now()
    stopped: defaultdict[str, bool] = defaultdict(bool)
    starts = 0
    for job in app.world:
        assert (job.kind.name == "StartGraph") == stopped[job.graph.name]
        starts += stopped[job.graph.name]
        if job.outcome == "success" and job.kind.name in {"StopGraph", "StartGraph"}:
            stopped[job.graph.name] = job.kind.name == "StopGraph"
    assert starts > 100


async def test_records_are_kept_for_a_month() -> None:
    app, clock = world(replace(DEMO_GES, pace=0))
    oldest = next(iter(app.world))
    assert NOW - 30 * DAY_MS < oldest.created < NOW - 28 * DAY_MS
    clock.now = oldest.ends + RECORD_LIFETIME
    assert oldest.id in {job["jobId"] for job in await everything(app)}
    clock.now += 1
    assert oldest.id not in {job["jobId"] for job in await everything(app)}
    assert oldest.id not in app.world.jobs_by_id
    clock.now = NOW + 2 * RECORD_LIFETIME
    assert await everything(app) == []


async def test_the_odd_jobs_are_there() -> None:
    app, _ = world(DEMO_GES)
    jobs = await everything(app)
    names = {job["jobName"] for job in jobs}
    assert names == {
        "CreateBackup", "CreateGraph", "DeleteGraph", "ExportGraph", "ImportGraph",
        "RestoreGraph", "StartGraph", "StopGraph", "UpgradeGraph",
    }  # fmt: skip
    assert {job["jobType"] for job in jobs} == {"GraphManagement", "BackupManagement"}
    assert any("\x1b[31m" in str(job.get("failReason")) for job in jobs)
    (waiting,) = [job for job in jobs if job["status"] == "pending"]
    (held,) = [job for job in jobs if job["relatedGraph"] == "fraud_ring" and job["status"] == "running"]
    assert (waiting["relatedGraph"], waiting["jobName"]) == ("fraud_ring", "CreateBackup")
    assert held["jobName"] == "ImportGraph"


@pytest.mark.parametrize("graphs", [1, 6])
async def test_ten_thousand_jobs_are_there_and_get_their_files_when_asked_for(graphs: int) -> None:
    settings = GesSettings(
        graphs=DEMO_GES.graphs[:graphs], history=10_000, unfinished=50, specials=False, pace=0
    )
    app, clock = world(settings)
    assert all(job.files is None for job in app.world)
    jobs = await everything(app)
    assert any(job.files for job in app.world)
    assert len(jobs) == 10_050
    assert len({job["jobId"] for job in jobs}) == 10_050
    clock.now += 3000
    running = [job for job in await everything(app) if job["status"] == "running"]
    assert len(running) == graphs


async def test_an_empty_project_stays_empty() -> None:
    app, clock = world(EMPTY_GES)
    clock.now += 3_600_000
    assert await everything(app) == []


async def test_a_project_without_graphs() -> None:
    app, clock = world(GesSettings(graphs=()))
    clock.now += 3_600_000
    assert await everything(app) == []
