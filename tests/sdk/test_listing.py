"""Huawei's SDK 3.1.219 reads the simulated project, v1 and v2, signing each request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES
from tests.sdk.conftest import ServedProject, ask, serve_project
from tests.support.ges_jobs import submit_job

STILL = replace(DEMO_GES, pace=0)
both = pytest.mark.parametrize("version", ["v1", "v2"])
NAMES = {
    "v1": ("ListJobsRequest", "list_jobs"),
    "v2": ("ListJobs2Request", "list_jobs2"),
}


async def jobs(server: ServedProject, version: str, client: Any = None, **query: str) -> Any:
    """What the SDK makes of one list."""
    import huaweicloudsdkges.v1 as v1
    import huaweicloudsdkges.v2 as v2

    request, method = NAMES[version]
    made = getattr(v1 if version == "v1" else v2, request)(**query)
    return await ask(getattr(client or server.client(version), method), made)


def shown(moment: int) -> str:
    """A moment of the world as the service writes it."""
    return datetime.fromtimestamp((moment + 500) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@both
async def test_the_first_page(version: str) -> None:
    async with serve_project(STILL) as server:
        answer = await jobs(server, version)
        assert answer.status_code == 200
        assert answer.job_count == len(list(server.app.world)) == 374
        assert len(answer.job_list) == 10
        newest = list(server.app.world)[::-1]
        assert [job.job_id for job in answer.job_list] == [job.id for job in newest[:10]]
        assert answer.job_list[0].job_name == "ImportGraph"
        assert answer.job_list[0].related_graph == "movie_recs"
        assert server.app.requests[-1].startswith("GET /v1.0/demo" if version == "v1" else "GET /v2/demo")


@both
async def test_it_pages_to_the_end(version: str) -> None:
    async with serve_project(STILL) as server:
        client, found = server.client(version), []
        while True:
            page = await jobs(server, version, client, offset=str(len(found)), limit="100")
            if not page.job_list:
                break
            found += [job.job_id for job in page.job_list]
        assert len(found) == len(set(found)) == page.job_count == 374
        assert found == [job.id for job in list(server.app.world)[::-1]]


@both
async def test_each_job_is_what_the_world_says(version: str) -> None:
    async with serve_project(STILL) as server:
        now = server.time()
        listed = (await jobs(server, version, limit="1000")).job_list
        for job in listed:
            real = server.app.world.jobs_by_id[job.job_id]
            assert real is not None
            assert job.status == real.status_at(now)
            assert (job.job_type, job.job_name) == (real.kind.type, real.kind.name)
            assert job.begin_time == (shown(real.begins) if real.begins <= now else None)
            assert job.end_time == (shown(real.ends) if real.ends <= now else None)
            assert (job.fail_reason is not None) == (job.status == "failed")
            assert (job.job_detail is not None) == (job.job_name == "ImportGraph" and job.status != "pending")
            assert job.job_progress == 0
        assert {job.status for job in listed} == {
            "pending", "running", "success", "failed", "partiallyFailed",
        }  # fmt: skip


@both
async def test_the_files_of_an_import(version: str) -> None:
    async with serve_project(
        replace(EMPTY_GES, graphs=("fraud_ring", "telecom"), old_graphs=("telecom",))
    ) as server:
        world = server.app.world
        done = submit_job(world, "ImportGraph", "fraud_ring", outcome="partiallyFailed", millis=1000)
        old = submit_job(world, "ImportGraph", "telecom", millis=1000)
        server.offset = 20_000
        counted, uncounted = (
            [load for part in _parts(job) for load in part]
            for job in (await jobs(server, version)).job_list[::-1]
        )
        assert len(done.files or ()) == len(counted)
        for load in counted:
            if getattr(load, "total_lines", None) is not None:
                assert load.total_lines == load.failed_lines + load.successful_lines > 0
        (partly,) = [load for load in counted if load.status == "partFailed"]
        assert partly.failed_lines > 0
        assert partly.cause
        assert partly.log.endswith("/log/")
        assert len(old.files or ()) == len(uncounted)
        assert {getattr(load, "total_lines", None) for load in uncounted} <= {-1, None}
        assert uncounted[-1].total_lines == -1


def _parts(job: Any) -> list[Any]:
    detail = job.job_detail
    return [part for part in (detail.schema_path, detail.vertexset_path, detail.edgeset_path) if part]


@both
async def test_lines_grow_while_an_import_runs(version: str) -> None:
    async with serve_project(EMPTY_GES) as server:
        submit_job(server.app.world, "ImportGraph", "fraud_ring", wait=2000, millis=100_000)
        lines = []
        for seconds in (1, 30, 60, 90, 103):
            server.offset = seconds * 1000
            (job,) = (await jobs(server, version)).job_list
            loads = [] if job.job_detail is None else [load for part in _parts(job) for load in part]
            lines.append(sum(getattr(load, "successful_lines", None) or 0 for load in loads))
        assert job.status == "success"
        assert lines[0] == 0
        assert lines == sorted(set(lines))


@both
async def test_the_status_filter(version: str) -> None:
    async with serve_project(STILL) as server:
        for word in ("running", "waiting", "success", "failed", "partiallyFailed"):
            answer = await jobs(server, version, status=word, limit="1000")
            said = "pending" if word == "waiting" else word
            wanted = [job.id for job in server.app.world if job.status_at(server.time()) == said]
            assert [job.job_id for job in answer.job_list] == wanted[::-1]
            assert answer.job_count == len(wanted) > 0
            assert {job.status for job in answer.job_list} == {said}


@both
async def test_the_graph_filter_takes_any_name(version: str) -> None:
    names = ("plain", "供应链_华东", "图 a+b&c=d/e%~'é", " ")
    async with serve_project(replace(EMPTY_GES, graphs=names)) as server:
        for name in names * 2:
            submit_job(server.app.world, "ExportGraph", name)
        for name in names:
            answer = await jobs(server, version, graph_name=name)
            assert [job.related_graph for job in answer.job_list] == [name, name]
            assert answer.job_count == 2
        none = await jobs(server, version, graph_name="nobody")
        assert (none.job_count, none.job_list) == (0, [])


@both
async def test_the_dates(version: str) -> None:
    async with serve_project(STILL) as server:
        keys = {"since": "start_time", "until": "end_time"}
        ended = [job for job in server.app.world if job.ends <= server.time()]
        day = shown(ended[100].begins)[:10]
        since = await jobs(server, version, **{keys["since"]: day}, status="success", limit="1000")
        until = await jobs(server, version, **{keys["until"]: day}, status="success", limit="1000")
        on_it = await jobs(server, version, start_time=day, end_time=day, status="success", limit="1000")
        succeeded = [job for job in ended if job.outcome == "success"]
        begun = [job.id for job in succeeded if shown(job.begins)[:10] >= day]
        over = [job.id for job in succeeded if shown(job.ends)[:10] <= day]
        assert [job.job_id for job in since.job_list] == begun[::-1]
        assert [job.job_id for job in until.job_list] == over[::-1]
        assert {job.job_id for job in on_it.job_list} == {*begun} & {*over}
        assert 0 < len(on_it.job_list) < len(succeeded)


@both
async def test_graphs_and_one_job_of_them(version: str) -> None:
    import huaweicloudsdkges.v1 as v1
    import huaweicloudsdkges.v2 as v2

    async with serve_project(STILL) as server:
        client = server.client(version)
        listed = v1.ListGraphsRequest(limit=100) if version == "v1" else v2.ListGraphs2Request(limit=100)
        graphs = await ask(client.list_graphs if version == "v1" else client.list_graphs2, listed)
        assert [graph.name for graph in graphs.graphs] == list(DEMO_GES.graphs)
        assert graphs.graph_count == 6
        ids = {graph.name: graph.id for graph in graphs.graphs}
        states = {graph.name: graph.status for graph in graphs.graphs}
        assert (states["fraud_ring"], states["knowledge_base"]) == ("202", "201")
        row = (await jobs(server, version, graph_name="fraud_ring", status="running")).job_list[0]
        make, show = (v1.ShowJobRequest, "show_job") if version == "v1" else (v2.ShowJob2Request, "show_job2")
        wanted = make(graph_id=ids["fraud_ring"], job_id=row.job_id)
        shown_job = await ask(getattr(client, show), wanted)
        assert json.loads(str(shown_job)) == json.loads(str(row))
        assert shown_job.job_detail.vertexset_path


@both
async def test_no_jobs(version: str) -> None:
    async with serve_project(EMPTY_GES) as server:
        answer = await jobs(server, version)
        assert (answer.status_code, answer.job_count, answer.job_list) == (200, 0, [])


async def test_temporary_keys() -> None:
    async with serve_project(EMPTY_GES) as server:
        client = server.client("v1", "demo-temporary-ak", "demo-temporary-sk", "demo-security-token")
        assert (await jobs(server, "v1", client)).status_code == 200


async def test_the_project_of_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkges.v1 import GesClient, ListJobsRequest
    from huaweicloudsdkges.v1.region.ges_region import GesRegion

    async with serve_project(STILL) as server:
        monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_GES_CN_NORTH_4", server.url)
        monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.url)

        def listed() -> Any:
            builder = GesClient.new_builder().with_credentials(BasicCredentials("demo-ak", "demo-sk"))
            return builder.with_region(GesRegion.value_of("cn-north-4")).build().list_jobs(ListJobsRequest())

        assert (await ask(listed)).job_count == 374
        assert server.app.requests[0] == "GET /v3/projects?name=cn-north-4"
