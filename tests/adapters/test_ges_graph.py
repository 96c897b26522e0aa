"""The jobs of one graph from its own host: lists of both editions, and what can be stopped."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.backend import Known
from backend_adapters.errors import (
    NoSuchGraph,
    NotLoggedIn,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from backend_adapters.model import Action, TaskStatus
from backend_adapters.registry import Credentials
from tests.adapters.ges_wire import PROJECT, GesWire, collected

TOKEN = Credentials(token=lambda: "t0ken")


def memory(number: int, status: str = "complete", **fields: object) -> dict[str, object]:
    """A job as the memory edition lists it."""
    return {
        "jobId": f"f99f60f1-bba6-4cde-bd1a-ff4bdd1fd5000001{number:05d}",
        "rawRequest": '{"algorithmName": "pagerank", "parameters": {"alpha": "0.85"}}',
        "taskType": "Algorithm",
        "canStop": status == "running",
        "progress": 40,
        "startTime": "2026-11-20 09:30:00",
        "endTime": None if status == "running" else "2026-11-20 09:31:00",
        "status": status,
        "failReason": None,
        "files": None,
    } | fields


def graph_wire(*jobs: dict[str, object]) -> GesWire:
    wire = GesWire(jobs, "ges-graph")
    wire.statuses = False
    return wire


def opened(wire: GesWire, credentials: Credentials = TOKEN, **options):
    return wire.backend(credentials, graph="图 a", **{"url": "http://10.0.0.7"} | options)


async def test_it_asks_its_own_host_with_a_token_and_in_english():
    wire = graph_wire(memory(1))
    backend = opened(wire)
    info = await backend.connect()
    request = wire.requests[-1]
    path = f"/ges/v1.0/{PROJECT}/graphs/%E5%9B%BE%20a/jobs/status?limit=1&offset=0"
    assert (request.url.host, request.url.raw_path.decode()) == ("10.0.0.7", path)
    assert (request.headers["X-Auth-Token"], request.headers["X-Language"]) == ("t0ken", "en-us")
    assert (bool(info.capabilities.cancel), bool(info.capabilities.delete), info.note) == (True, False, "")
    assert (info.capabilities.graphs, info.capabilities.texts) == (False, True)
    assert [scope.graph for scope in await backend.scopes()] == ["图 a"]


async def test_the_memory_edition():
    wire = graph_wire(memory(2, "running"), memory(1, "failed", failReason="no vertex", progress=100))
    backend = opened(wire)
    assert len((await collected(backend))[0]) == 2
    changes = await backend.changes(Known([], None))
    running, failed = changes.tasks
    assert (running.name, running.type, running.status) == ("pagerank", "Algorithm", TaskStatus.RUNNING)
    assert (running.progress, running.stoppable, failed.stoppable) == (40, True, False)
    assert (running.created, running.updated, failed.took) == (1_795_167_000_000, None, 60_000)
    detail = await backend.detail(failed.id, cap=10_000)
    assert detail.result == "no vertex"
    assert detail.input is not None
    assert "0.85" in detail.input
    assert "status" not in "".join(str(query) for query in wire.asked())


async def test_the_database_edition():
    request = {"command": "import", "url": "/jobs", "body": {"label": "x"}}
    wire = graph_wire()
    wire.override = lambda asked: httpx.Response(
        200,
        json={
            "jobs": [{"jobId": "a", "status": "success", "request": request}],
            "result": "success",
            "totalCount": 1,
        },
    )
    backend = opened(wire)
    ids, note = await collected(backend)
    assert (ids, note) == (["a"], "")
    detail = await backend.detail("a", cap=1000)
    assert (detail.task.name, detail.task.type, detail.task.stoppable) == ("import", "import", None)
    assert detail.input is not None
    assert '"label": "x"' in detail.input


@pytest.mark.parametrize(
    ("sent", "millis"),
    [
        (1_795_167_000_000, 1_795_167_000_000),
        (1_795_167_000, 1_795_167_000_000),
        ("2026-11-20T09:30:00", 1_795_167_000_000),
    ],
)
async def test_times_may_be_numbers(sent, millis):
    backend = opened(graph_wire(memory(1, startTime=sent)))
    (task,) = (await backend.changes(Known([], None))).tasks
    assert (task.created, task.fault) == (millis, None)


async def test_a_job_is_stopped_by_one_delete():
    wire = graph_wire(memory(1, "running"))
    backend = opened(wire)
    (job_id,), _ = await collected(backend)
    mark = len(wire.requests)
    answer = await backend.act(Action.CANCEL, job_id)
    assert (answer.code, answer.accepted, answer.words) == (200, True, "")
    (request,) = wire.requests[mark:]
    assert (request.method, request.url.path.rsplit("/", 1)) == (
        "DELETE",
        [f"/ges/v1.0/{PROJECT}/graphs/图 a/jobs", job_id],
    )
    assert request.content == b""


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("Job is cancelled by user.", TaskStatus.CANCELLED),
        ("canceled", TaskStatus.CANCELLED),
        ("no such vertex", TaskStatus.FAILED),
        (None, TaskStatus.FAILED),
    ],
)
async def test_a_job_that_failed_as_it_was_cancelled_is_a_cancelled_one(reason, status):
    backend = opened(graph_wire(memory(1, "failed", failReason=reason)))
    (task,) = (await backend.changes(Known([], None))).tasks
    assert (task.status, task.word) == (status, "failed")


async def test_nothing_is_sent_for_what_can_not_be_stopped_or_deleted():
    wire = graph_wire(memory(1, "running", canStop=False))
    backend = opened(wire)
    (job_id,), _ = await collected(backend)
    mark = len(wire.requests)
    with pytest.raises(Unsupported, match="canStop is false"):
        await backend.act(Action.CANCEL, job_id)
    for action in (Action.DELETE, Action.FORCE_DELETE):
        with pytest.raises(Unsupported, match="no call to delete"):
            await backend.act(action, job_id)
    assert len(wire.requests) == mark


@pytest.mark.parametrize(
    ("code", "body", "words"),
    [
        (
            400,
            {"errorCode": "GES.8303", "errorMessage": "Can not find job to cancel"},
            "Can not find job to cancel (GES.8303)",
        ),
        (400, {"errorCode": "GES.8301", "errorMessage": ""}, "no such job (GES.8301)"),
        (500, {"errorCode": "GES.8304", "errorMessage": "stop failed"}, "stop failed (GES.8304)"),
        (
            200,
            {"errorCode": "GES.8303", "errorMessage": "Unsupported Operation"},
            "Unsupported Operation (GES.8303)",
        ),
    ],
)
async def test_a_no_comes_back_with_its_words(code, body, words):
    wire = graph_wire()
    wire.override = lambda request: httpx.Response(code, json=body)
    answer = await opened(wire).act(Action.CANCEL, "a/b")
    assert (answer.code, answer.accepted, answer.words) == (code, False, words)
    assert wire.requests[-1].url.raw_path.endswith(b"/a%2Fb")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"errorCode": "GES.8007", "errorMessage": "bad token"}), NotLoggedIn),
        (httpx.Response(401), NotLoggedIn),
        (httpx.Response(502, content=b"<html>"), ServerFault),
        (httpx.ReadTimeout("x"), TimedOut),
        (httpx.ReadError("x"), Unreachable),
    ],
)
async def test_a_cancel_is_sent_once_whatever_comes_back(answer, kind):
    wire = graph_wire()

    def answering(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    wire.override = answering
    with pytest.raises(kind):
        await opened(wire).act(Action.CANCEL, "a")
    assert len(wire.requests) == 1


async def test_a_token_that_ran_out_before_a_cancel_is_asked_for_again_by_the_next_request():
    wire = graph_wire(memory(1, "running"))
    tokens = ["old"]
    backend = opened(wire, Credentials(token=lambda: tokens[-1]))
    await backend.connect()
    wire.override = lambda request: (
        httpx.Response(400, json={"errorCode": "GES.8007", "errorMessage": "token expired"})
        if request.headers["X-Auth-Token"] == "old"
        else None
    )
    tokens.append("new")
    with pytest.raises(NotLoggedIn) as caught:
        await backend.act(Action.CANCEL, "x")
    assert caught.value.wants == "token"
    assert len((await backend.changes(Known([], None))).tasks) == 1
    assert (await backend.act(Action.CANCEL, "x")).accepted


async def test_without_a_graph_nothing_is_sent():
    wire = graph_wire()
    with pytest.raises(NoSuchGraph, match="no graph is named"):
        await wire.backend(TOKEN).connect()
    assert wire.requests == []
