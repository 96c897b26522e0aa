"""The jobs of one graph from its own host: lists of both editions, and what can be stopped."""

from __future__ import annotations

import json
from contextlib import suppress

import httpx
import pytest

from backend_adapters.backend import Answer, KnownTasks
from backend_adapters.errors import (
    BackendError,
    BadValue,
    Busy,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from backend_adapters.model import Action, TaskStatus
from backend_adapters.transport.credentials import Credentials
from tests.adapters.scripted_ges import HOSTILE_SEGMENTS, PROJECT, ScriptedGes, collected

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


def graph_wire(*jobs: dict[str, object]) -> ScriptedGes:
    wire = ScriptedGes(jobs, "ges-graph")
    wire.statuses = False
    return wire


def opened(wire: ScriptedGes, credentials: Credentials = TOKEN, **options):
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
    assert (info.capabilities.has_graphs, info.capabilities.has_texts) == (False, True)
    assert (info.product, info.version, info.capabilities.noun) == ("Huawei GES", "v1.0", "jobs")
    assert [scope.graph for scope in await backend.scopes()] == ["图 a"]


async def test_the_memory_edition():
    wire = graph_wire(memory(2, "running"), memory(1, "failed", failReason="no vertex", progress=100))
    backend = opened(wire)
    assert len((await collected(backend))[0]) == 2
    changes = await backend.changes(KnownTasks([], None))
    running, failed = changes.tasks
    assert (running.name, running.type, running.status) == ("pagerank", "Algorithm", TaskStatus.RUNNING)
    assert (running.progress, running.stoppable, failed.stoppable) == (40, True, False)
    assert (running.created, running.updated, failed.duration) == (1_795_167_000_000, None, 60_000)
    detail = await backend.detail(failed.id, cap=10_000)
    assert detail.result == b"no vertex"
    assert detail.input == '{"algorithmName": "pagerank", "parameters": {"alpha": "0.85"}}'
    assert (detail.extra, detail.sheets) == ((), ())
    assert "status" not in "".join(str(query) for query in wire.asked())


async def test_the_database_edition():
    request = {"command": "import", "url": "/jobs", "body": {"label": "图"}}
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
    assert detail.input == (
        '{\n  "command": "import",\n  "url": "/jobs",\n  "body": {\n    "label": "图"\n  }\n}'
    )
    assert detail.extra == ()


async def test_the_files_of_an_import_stand_beside_its_other_fields():
    files = {"vertexset_path": [{"path": "v.csv", "status": "success", "total_lines": 3}]}
    backend = opened(graph_wire(memory(1, files=files)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    (sheet,) = (await backend.detail(task.id, cap=10_000)).sheets
    assert sheet.rows == (("vertices", "v.csv", "success", "3", "", "", "", ""),)


@pytest.mark.parametrize("fail_reason", [None, " "])
async def test_why_an_import_failed_is_read_from_its_files(fail_reason):
    files = {"edgeset_path": [{"path": "e.csv", "status": "failed", "cause": "no header"}]}
    backend = opened(graph_wire(memory(1, "failed", files=files, failReason=fail_reason)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert task.reason == "no header"


def told(name: object, size: int = 0) -> str:
    """A request as the memory edition tells it, of at least so many characters."""
    plain = json.dumps({"algorithmName": name})
    return plain[:-1] + " " * max(0, size - len(plain)) + "}"


@pytest.mark.parametrize(
    ("fields", "name", "kind"),
    [
        ({"rawRequest": told("louvain")}, "louvain", "Algorithm"),
        ({"rawRequest": told("louvain", 19_999)}, "louvain", "Algorithm"),
        ({"rawRequest": told("louvain", 20_000)}, "Algorithm", "Algorithm"),
        ({"rawRequest": {"algorithmName": "louvain"}}, "louvain", "Algorithm"),
        ({"rawRequest": told(7)}, "Algorithm", "Algorithm"),
        ({"rawRequest": '{"algorithmName": "lou'}, "Algorithm", "Algorithm"),
        ({"rawRequest": '{"x":' + "[" * 19_000}, "Algorithm", "Algorithm"),
        ({"rawRequest": '["algorithmName"]'}, "Algorithm", "Algorithm"),
        ({"rawRequest": "match (n) return n"}, "Algorithm", "Algorithm"),
        ({"rawRequest": None, "request": {"command": "import"}}, "import", "Algorithm"),
        ({"rawRequest": None, "request": {"command": 7}}, "Algorithm", "Algorithm"),
        ({"rawRequest": told("louvain"), "request": {"command": "import"}}, "import", "Algorithm"),
        ({"rawRequest": told("louvain"), "taskType": None}, "louvain", "louvain"),
        ({"rawRequest": told("louvain"), "jobName": "mine"}, "mine", "Algorithm"),
    ],
)
async def test_a_job_is_called_after_what_it_does(fields, name, kind):
    backend = opened(graph_wire(memory(1, **fields)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert (task.name, task.type, task.decode_error) == (name, kind, None)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (None, None),
        ("", None),
        ({}, None),
        ("match (n)", "match (n)"),
        ({"a": "图"}, '{\n  "a": "图"\n}'),
        ([1], "[\n  1\n]"),
    ],
)
async def test_what_a_job_was_asked_to_do_is_its_input(asked, shown):
    backend = opened(graph_wire(memory(1, rawRequest=asked)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert (await backend.detail(task.id, cap=10_000)).input == shown


@pytest.mark.parametrize(("sent", "shown"), [(33.6, 34), ("40", 40), (0, 0), (100.0, 100), (None, None)])
async def test_progress_is_a_whole_number(sent, shown):
    backend = opened(graph_wire(memory(1, "running", progress=sent)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert (task.progress, task.decode_error) == (shown, None)


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
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert (task.created, task.decode_error) == (millis, None)


async def test_a_job_is_stopped_by_one_delete():
    wire = graph_wire(memory(1, "running"))
    backend = opened(wire)
    (job_id,), _ = await collected(backend)
    mark = len(wire.requests)
    answer = await backend.act(Action.CANCEL, job_id)
    assert (answer.code, answer.accepted, answer.server_message, answer.confirm_within) == (
        200,
        True,
        "",
        30.0,
    )
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
        ("Job is CANCELLED", TaskStatus.CANCELLED),
        ("uncancelled", TaskStatus.FAILED),
        ("no such vertex", TaskStatus.FAILED),
        (None, TaskStatus.FAILED),
    ],
)
async def test_a_job_that_failed_as_it_was_cancelled_is_a_cancelled_one(reason, status):
    backend = opened(graph_wire(memory(1, "failed", failReason=reason)))
    (task,) = (await backend.changes(KnownTasks([], None))).tasks
    assert (task.status, task.raw_status) == (status, "failed")


async def test_a_reason_makes_no_other_job_a_cancelled_one():
    record = memory(1, "running", failReason="cancelled")
    without = {key: value for key, value in memory(2, "failed").items() if key != "canStop"}
    backend = opened(graph_wire(record, without | {"failReason": "cancelled"}))
    running, failed = (await backend.changes(KnownTasks([], None))).tasks
    assert (running.status, failed.status) == (TaskStatus.RUNNING, TaskStatus.FAILED)


async def test_nothing_is_sent_for_what_can_not_be_stopped_or_deleted():
    wire = graph_wire(memory(1, "running", canStop=False))
    backend = opened(wire)
    (job_id,), _ = await collected(backend)
    mark = len(wire.requests)
    said = f"GES says that job {job_id} can't be stopped (canStop is false). Nothing was sent."
    kept = "GES can't delete job records; the engine removes old ones."
    for change, words in (
        (backend.act(Action.CANCEL, job_id), said),
        (backend.act(Action.DELETE, job_id), kept),
        (backend.act(Action.FORCE_DELETE, job_id), kept),
        (backend.submit("g.V()"), "graphtop can't run scripts on a GES graph."),
        (backend.create("x", {}), "The GES jobs center can't create jobs. Use the GES console."),
    ):
        with pytest.raises(Unsupported) as caught:
            await change
        assert (str(caught.value), caught.value.sent) == (words, False)
    assert len(wire.requests) == mark


@pytest.mark.parametrize(
    ("fields", "sent"), [({"canStop": None}, 1), ({"canStop": True}, 1), ({"canStop": False}, 0)]
)
async def test_only_a_plain_no_keeps_a_cancel_back(fields, sent):
    wire = graph_wire(memory(1, "running", **fields))
    backend = opened(wire)
    (job_id,), _ = await collected(backend)
    mark = len(wire.requests)
    with suppress(Unsupported):
        await backend.act(Action.CANCEL, job_id)
    assert len(wire.requests) - mark == sent


@pytest.mark.parametrize(
    ("code", "body", "words", "patience"),
    [
        (
            400,
            {"errorCode": "GES.8303", "errorMessage": "Can not find job to cancel"},
            "Can not find job to cancel (GES.8303)",
            3.0,
        ),
        (400, {"errorCode": "GES.8301", "errorMessage": ""}, "no such job (GES.8301)", 3.0),
        (404, {"errorCode": "GES.8301", "errorMessage": "gone"}, "gone (GES.8301)", 3.0),
        (409, {"errorCode": "GES.8303", "errorMessage": "ends"}, "ends (GES.8303)", 30.0),
        (500, {"errorCode": "GES.8304", "errorMessage": "stop failed"}, "stop failed (GES.8304)", 30.0),
        (500, {"message": "stop failed"}, "stop failed", 30.0),
        (
            200,
            {"errorCode": "GES.8303", "errorMessage": "Unsupported Operation"},
            "Unsupported Operation (GES.8303)",
            30.0,
        ),
    ],
)
async def test_a_no_comes_back_with_its_words(code, body, words, patience):
    wire = graph_wire()
    wire.override = lambda request: httpx.Response(code, json=body)
    answer = await opened(wire).act(Action.CANCEL, "a:b")
    assert answer == Answer(code, words, False, patience)
    assert wire.requests[-1].url.raw_path.endswith(b"/jobs/a%3Ab")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"errorCode": "GES.8007", "errorMessage": "bad token"}), NotLoggedIn),
        (httpx.Response(401), NotLoggedIn),
        (httpx.Response(502, content=b"<html>"), ServerFault),
        (httpx.Response(500, content=b"<html>"), ServerFault),
        (httpx.Response(500), ServerFault),
        (httpx.Response(400), Refused),
        (httpx.Response(408, json={"errorCode": "GES.7005", "errorMessage": "down"}), ServerFault),
        (httpx.Response(429, json={"error_code": "APIG.0308", "error_msg": "slowly"}), Busy),
        (httpx.Response(403, json={"errorCode": "GES.7041", "errorMessage": "no"}), NotAllowed),
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
    assert len((await backend.changes(KnownTasks([], None))).tasks) == 1
    assert (await backend.act(Action.CANCEL, "x")).accepted


async def test_without_a_graph_nothing_is_sent():
    wire = graph_wire()
    backend = wire.backend(TOKEN)
    for asked in (backend.connect(), backend.scopes(), backend.act(Action.CANCEL, "a")):
        with pytest.raises(
            NoSuchGraph, match=r"^Each GES graph has its own address, and no graph is set\.$"
        ) as caught:
            await asked
        assert caught.value.hint == "Use --graph to name the graph that this address belongs to."
    with pytest.raises(BadValue, match="no project is set"):
        await opened(wire, project=None).act(Action.CANCEL, "a")
    assert wire.requests == []


async def test_without_a_login_it_wants_a_token():
    wire = graph_wire()
    wire.override = lambda request: httpx.Response(401)
    with pytest.raises(NotLoggedIn) as caught:
        await opened(wire, Credentials()).connect()
    assert caught.value.wants == "token"
    assert "X-Auth-Token" not in wire.requests[-1].headers


async def test_a_graph_without_jobs_is_one():
    wire = graph_wire()
    await opened(wire).connect()
    assert len(wire.requests) == 1
    assert await collected(opened(wire)) == ([], "")


async def test_a_project_is_quoted_in_the_path():
    wire = graph_wire()
    await opened(wire, project="a#b").connect()
    assert wire.requests[-1].url.raw_path.startswith(b"/ges/v1.0/a%23b/graphs/")


@pytest.mark.parametrize("named", ["project", "graph"])
@pytest.mark.parametrize("name", HOSTILE_SEGMENTS)
async def test_a_place_that_leads_to_another_path_is_refused_before_anything_is_sent(named, name):
    wire = graph_wire(memory(1, "running"))
    backend = wire.backend(TOKEN, **{"graph": "g"} | {named: name})
    for request in (backend.connect, lambda: collected(backend), lambda: backend.act(Action.CANCEL, "1")):
        with pytest.raises(BadValue, match="Nothing was sent"):
            await request()
    assert wire.requests == []


@pytest.mark.parametrize("task_id", ["", *HOSTILE_SEGMENTS[:-1]])
async def test_an_id_that_leads_to_another_path_never_deletes_what_is_there(task_id):
    wire = graph_wire(memory(1, "running", jobId=task_id))
    backend = opened(wire)
    await collected(backend)
    with pytest.raises(BackendError, match="Nothing was sent"):
        await backend.act(Action.CANCEL, task_id)
    assert {request.method for request in wire.requests} == {"GET"}
