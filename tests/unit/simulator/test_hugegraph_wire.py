"""The simulated HugeGraph answers as a real one does: every text here was measured on a server 1.7.0."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.unit.simulator.simulated_server import JOBS, LONG, NOW, TASKS, SimulatedServer


@pytest.fixture
def server() -> Iterator[SimulatedServer]:
    return SimulatedServer()


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["exception"].removeprefix("class ").rsplit(".", 1)[-1], body["message"]


async def test_versions_and_discovery(server: SimulatedServer) -> None:
    assert (await server.get("/versions")).text == (
        '{"versions":{"version":"v1","core":"1.7.0","gremlin":"3.5.1","api":"0.71.0.0"}}'
    )
    assert (await server.get("/graphs")).json() == {"graphs": ["hugegraph"]}
    assert (await server.get("/graphspaces")).json() == {"graphSpaces": []}
    assert (await server.get("/graphspaces/DEFAULT/graphs")).json() == {"graphs": ["hugegraph"]}
    assert (await server.get("/graphspaces/NOPE/graphs")).json() == {"graphs": []}
    assert (await server.get("/graphs/hugegraph")).json() == {"name": "hugegraph", "backend": "rocksdb"}


async def test_a_server_with_pd_lists_its_graphspaces() -> None:
    server = SimulatedServer(DEMO_HUGEGRAPH)
    assert (await server.get("/graphspaces")).json() == {"graphSpaces": ["DEFAULT", "finance"]}
    assert (await server.get("/graphspaces/finance/graphs")).json() == {"graphs": ["ledger", "risk"]}
    assert (await server.get("/graphs")).json() == {"graphs": ["hugegraph", "supply_chain"]}
    unknown = await server.get("/graphspaces/nope/graphs")
    assert refusal(unknown) == (400, "IllegalArgumentException", "Graphspace not exist!")
    assert (await server.get("/graphspaces/nope/graphs/ledger/tasks")).status_code == 404
    assert (await server.get("/graphspaces/finance/graphs/nope/tasks")).status_code == 404


async def test_a_submitted_task_is_queued_then_runs_then_has_its_result(server: SimulatedServer) -> None:
    await server.submit("1+1\n[7]", "throw new RuntimeException('boom')", "(1..3).collect{it}", LONG)
    listed = (await server.get(TASKS)).json()
    assert listed["tasks"][0] == {
        "task_name": "1+1",
        "task_progress": 0,
        "task_create": NOW,
        "task_status": "queued",
        "task_retries": 0,
        "id": 1,
        "task_type": "gremlin",
        "task_server": "server-1",
    }
    assert "page" not in listed
    server.pass_time(2)
    first = await server.task(1)
    assert first["task_status"] == "success"
    assert first["task_update"] == NOW + 32
    assert first["task_result"] == "[7]"
    assert first["task_callable"] == "org.apache.hugegraph.job.GremlinJob"
    assert json.loads(str(first["task_input"])) == {
        "gremlin": "1+1\n[7]",
        "aliases": {"hugegraph": "graph"},
        "bindings": {},
        "language": "gremlin-groovy",
    }
    failed = await server.task(2)
    assert failed["task_result"] == (
        "org.apache.hugegraph.HugeException: javax.script.ScriptException: java.lang.RuntimeException: boom"
    )
    assert len(json.loads(str((await server.task(3))["task_result"]))) == 3
    running = await server.task(4)
    assert running["task_status"] == "running"
    assert "task_result" not in running


async def test_a_list_holds_no_input_result_or_callable(server: SimulatedServer) -> None:
    await server.submit("1")
    server.pass_time(1)
    (item,) = (await server.get(TASKS)).json()["tasks"]
    assert not {"task_input", "task_result", "task_callable"} & item.keys()


async def test_a_name_is_the_first_line_cut_to_256_bytes(server: SimulatedServer) -> None:
    await server.submit("图" * 100 + "\nsecond")
    assert (await server.task(1))["task_name"] == "图" * 85


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "status=bogus",
            (
                400,
                "IllegalArgumentException",
                "Status value must be in [UNKNOWN, NEW, SCHEDULING, SCHEDULED, QUEUED, RESTORING, RUNNING, "
                "SUCCESS, CANCELLING, CANCELLED, FAILED, HANGING, DELETING], but got 'bogus'",
            ),
        ),
        (
            "ids=1&status=SUCCESS",
            (
                400,
                "IllegalArgumentException",
                "Not support status when query task by ids, but got status='SUCCESS'",
            ),
        ),
        (
            "ids=1&page=",
            (400, "IllegalArgumentException", "Not support page when query task by ids, but got page=''"),
        ),
        ("ids=1,2", (404, "ParamException$QueryParamException", "HTTP 404 Not Found")),
        ("limit=x", (404, "ParamException$QueryParamException", "HTTP 404 Not Found")),
        ("ids=", (500, "NullPointerException", "The 'object' can't be null")),
        (
            "limit=-5",
            (
                400,
                "HugeException",
                "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
                "java.lang.IllegalArgumentException: Invalid limit -5",
            ),
        ),
        (
            "limit=800001",
            (
                400,
                "HugeException",
                "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
                "java.lang.IllegalArgumentException: Invalid limit 800001, must be <= capacity(800000)",
            ),
        ),
        (
            "limit=0&page=",
            (
                400,
                "HugeException",
                "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
                "java.lang.IllegalStateException: Can't set limit=0 when using paging",
            ),
        ),
        (
            "page=x",
            (
                400,
                "HugeException",
                "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
                "org.apache.hugegraph.HugeException: Invalid page: 'x'",
            ),
        ),
        (
            "page=abc%3D",
            (
                400,
                "HugeException",
                "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
                "org.apache.hugegraph.HugeException: Invalid page: '0x69b7'",
            ),
        ),
    ],
)
async def test_bad_list_queries(server: SimulatedServer, query: str, expected: tuple[int, str, str]) -> None:
    assert refusal(await server.get(f"{TASKS}?{query}")) == expected


async def test_status_filter_takes_either_case_and_limit_counts(server: SimulatedServer) -> None:
    await server.submit(*["1"] * 130, LONG)
    server.pass_time(5)
    assert len(await server.ids()) == 100
    assert await server.ids(limit=-1) == list(range(1, 132))
    assert await server.ids(limit=800_000) == list(range(1, 132))
    assert await server.ids(limit=0) == []
    assert await server.ids(status="success", limit=2) == [1, 2]
    assert await server.ids(status="RUNNING") == [131]
    assert await server.ids(status="NEW") == []


async def test_ids_give_what_runs_first_and_leave_out_what_is_not_there(server: SimulatedServer) -> None:
    await server.submit("1", "2", "3", LONG)
    server.pass_time(1)
    assert await server.ids(ids=[3, 1, 99, 4]) == [4, 3, 1]
    assert await server.ids(ids=[3, 3]) == [3, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", 200),
        ("%2B1", 200),
        ("-1", 200),
        (str(2**63 - 1), 200),
        (str(2**63), 404),
        (str(-(2**63)), 200),
        (str(-(2**63) - 1), 404),
        ("9" * 5_000, 404),
        ("0" * 5_000 + "1", 200),
        ("1.0", 404),
        ("0x1", 404),
    ],
)
async def test_an_id_is_a_java_long(server: SimulatedServer, text: str, code: int) -> None:
    answer = await server.get(f"{TASKS}?ids={text}")
    assert answer.status_code == code
    if code == 404:
        assert (
            answer.json()["exception"]
            == "class org.glassfish.jersey.server.ParamException$QueryParamException"
        )
        assert answer.json()["cause"] == (
            "org.glassfish.jersey.internal.inject.ExtractorException: "
            f'java.lang.NumberFormatException: For input string: "{text}"'
        )


async def test_pages_end_with_null_and_the_last_token_gives_the_tail(server: SimulatedServer) -> None:
    await server.submit(*["1"] * 5)
    seen, token, tokens = [], "", []
    while token is not None:
        tokens.append(token)
        page = (await server.get(TASKS, page=token, limit=2)).json()
        seen.append([task["id"] for task in page["tasks"]])
        token = page["page"]
    assert seen == [[1, 2], [3, 4], [5]]
    await server.submit("1", "1")
    tail = (await server.get(TASKS, page=tokens[-1], limit=10)).json()
    assert [task["id"] for task in tail["tasks"]] == [5, 6, 7]
    assert tail["page"] is None
    other = await server.get(TASKS, page=tokens[-1], status="SUCCESS")
    assert other.json() == {"tasks": [], "page": None}


async def test_an_exact_multiple_ends_with_null(server: SimulatedServer) -> None:
    await server.submit(*["1"] * 4)
    first = (await server.get(TASKS, page="", limit=2)).json()
    assert (await server.get(TASKS, page=first["page"], limit=2)).json()["page"] is None
    assert (await server.get(TASKS, page="", limit=-1)).json()["page"] is None


async def test_large_pages_repeat_the_boundary_task() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, history=1200))
    for limit, repeated in ((499, False), (500, True)):
        first = (await server.get(TASKS, page="", limit=limit)).json()
        second = (await server.get(TASKS, page=first["page"], limit=limit)).json()
        ids = [[task["id"] for task in page["tasks"]] for page in (first, second)]
        start = limit if repeated else limit + 1
        assert ids == [list(range(1, limit + 1)), list(range(start, start + limit))]


async def test_the_memory_backend_cannot_page() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, backend="memory"))
    await server.submit("1")
    code, kind, message = refusal(await server.get(TASKS, page=""))
    assert (code, kind) == (400, "HugeException")
    assert "java.lang.IllegalStateException: Invalid paging iterator: class java.util.HashMap" in message
    assert await server.ids(limit=-1) == [1]


async def test_missing_tasks_and_graphs(server: SimulatedServer) -> None:
    missing = await server.get(f"{TASKS}/9")
    assert refusal(missing) == (404, "NotFoundException", "Can't find task with id '9'")
    assert missing.json()["trace"][0].startswith("org.apache.hugegraph.task.StandardTaskScheduler.findTask")
    assert missing.headers.get("connection") is None
    assert (await server.get(f"{TASKS}/x")).json()["cause"] == (
        'java.lang.NumberFormatException: For input string: "x"'
    )
    nowhere = await server.get("/graphs/nope/tasks")
    assert refusal(nowhere) == (
        500,
        "NullPointerException",
        'Cannot invoke "Object.getClass()" because "graph" is null',
    )
    assert nowhere.headers["connection"] == "close"
    assert len(nowhere.json()["trace"]) > 10
    assert refusal(await server.get("/nothing")) == (404, "NotFoundException", "HTTP 404 Not Found")
    wrong = await server.http.post(TASKS)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET,OPTIONS")


async def test_the_classic_path_is_the_default_graphspace(server: SimulatedServer) -> None:
    await server.submit("1", path="/graphs/hugegraph/jobs/gremlin")
    assert (await server.get("/graphs/hugegraph/tasks")).json() == (await server.get(TASKS)).json()
    assert (await server.get(f"{TASKS}/")).status_code == 200
    about = (await server.get("/")).json()
    assert (about["service"], about["version"]) == ("hugegraph", "1.7.0")
    assert {"job", "space"} < set(about["apis"])


@pytest.mark.parametrize(
    ("version", "tasks"),
    [("1.7.0", "graphspaces/{graphspace}/graphs/{graph}/tasks"), ("1.5.0", "graphs/{graph}/tasks")],
)
async def test_its_apis_are_named(version: str, tasks: str) -> None:
    apis = (await SimulatedServer(replace(EMPTY_HUGEGRAPH, version=version)).get("/apis")).json()["apis"]
    requests = [(one["method"], one["url"]) for one in apis["job"]["TaskAPI"]]
    one = f"{tasks}/{{id}}"
    assert requests == [("GET", tasks), ("GET", one), ("PUT", one), ("DELETE", one)]
    assert [one["name"] for one in apis["job"]["TaskAPI"][0]["parameters"]] == [
        "status",
        "ids",
        "limit",
        "page",
    ]


async def test_version_150_knows_classic_paths_only_and_sends_no_trace() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, version="1.5.0"))
    assert (await server.get("/versions")).json()["versions"]["core"] == "1.5.0"
    assert (await server.get("/graphspaces")).status_code == 404
    assert (await server.get(TASKS)).status_code == 404
    await server.submit("1", path="/graphs/hugegraph/jobs/gremlin")
    assert (await server.get("/graphs/hugegraph/tasks")).json()["tasks"][0]["id"] == 1
    unknown = await server.get("/graphs/nope/tasks")
    assert refusal(unknown) == (404, "NotFoundException", "Graph 'nope' does not exist")
    assert (await server.get("/graphs/hugegraph/tasks/9")).json() == {
        "exception": "class org.apache.hugegraph.exception.NotFoundException",
        "message": "Can't find task with id '9'",
        "cause": "",
    }


async def test_too_many_ids_are_a_400_without_a_body(server: SimulatedServer) -> None:
    fine = await server.get(f"{TASKS}?" + "&".join(f"ids={number}" for number in range(1000, 1800)))
    assert (fine.status_code, fine.json()) == (200, {"tasks": []})
    refused = await server.get(f"{TASKS}?" + "&".join(f"ids={number}" for number in range(10_000, 10_900)))
    assert (refused.status_code, refused.content) == (400, b"")
    assert "connection" not in refused.headers  # it is closed all the same


@pytest.mark.parametrize(("length", "code"), [(8192, 200), (8193, 400)])
async def test_a_head_of_eight_kilobytes_is_taken(server: SimulatedServer, length: int, code: int) -> None:
    request = server.http.build_request("GET", "/versions", headers={"x-long": ""})
    head = len("GET /versions HTTP/1.1\r\n\r\n") + sum(len(k) + len(v) + 4 for k, v in request.headers.raw)
    answer = await server.http.get("/versions", headers={"x-long": "x" * (length - head)})
    assert answer.status_code == code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The gremlin parameter can't be null"),
        ({"gremlin": "1", "aliases": {"a": "b"}}, "There is no need to pass gremlin aliases"),
    ],
)
async def test_bad_jobs(server: SimulatedServer, body: dict[str, object], message: str) -> None:
    answer = await server.http.post(JOBS, json=body)
    assert refusal(answer) == (400, "IllegalArgumentException", message)


async def test_malformed_jobs(server: SimulatedServer) -> None:
    assert (await server.http.post(JOBS, content="{}")).status_code == 415
    kind = {"content-type": "application/json"}
    cut = await server.http.post(JOBS, content='{"gremlin":', headers=kind)
    assert (cut.status_code, cut.headers["content-type"]) == (400, "text/plain")
    empty = await server.http.post(JOBS, headers=kind)
    assert refusal(empty) == (400, "IllegalArgumentException", "The request body can't be empty")
    extra = await server.http.post(JOBS, json={"gremlin": "1", "limit": 1})
    assert extra.text.startswith('Unrecognized field "limit"')


async def test_cancelling_a_running_task(server: SimulatedServer) -> None:
    await server.submit(LONG)
    server.pass_time(1)
    accepted = await server.cancel(1)
    assert (accepted.status_code, accepted.json()["task_status"]) == (202, "cancelling")
    assert "task_input" in accepted.json()
    again = await server.cancel(1)
    text = "Can't cancel task '1' which is completed or cancelling"
    assert refusal(again) == (400, "BadRequestException", text)
    assert "trace" not in again.json()
    server.pass_time(1.3)
    assert await server.status(1) == "cancelled"
    assert refusal(await server.cancel(1)) == (400, "BadRequestException", text)


async def test_other_actions_and_missing_tasks_are_not_cancelled(server: SimulatedServer) -> None:
    await server.submit(LONG)
    other = await server.http.put(f"{TASKS}/1?action=pause")
    assert refusal(other) == (415, "NotSupportedException", "Not support action 'pause'")
    assert refusal(await server.http.put(f"{TASKS}/1"))[2] == "Not support action 'null'"
    assert (await server.cancel(9)).status_code == 404


async def test_deleting(server: SimulatedServer) -> None:
    await server.submit(LONG, "1")
    server.pass_time(1)
    refused = await server.http.delete(f"{TASKS}/1")
    assert refusal(refused) == (
        400,
        "IllegalArgumentException",
        "Can't delete incomplete task '1' in status RUNNING, Please try to cancel the task first",
    )
    gone = await server.http.delete(f"{TASKS}/2")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await server.http.delete(f"{TASKS}/2")).status_code == 404


async def test_a_force_deleted_run_goes_on_and_writes_its_record_again(server: SimulatedServer) -> None:
    await server.submit("Thread.sleep(5000)", LONG)
    server.pass_time(1)
    assert (await server.http.delete(f"{TASKS}/1?force=true")).status_code == 204
    assert await server.ids() == [2]
    server.pass_time(5)
    assert await server.ids() == [1, 2]
    assert await server.status(1) == "success"


async def test_force_is_not_known_before_150() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, version="1.3.0"))
    await server.submit(LONG, path="/graphs/hugegraph/jobs/gremlin")
    server.pass_time(1)
    assert (await server.http.delete("/graphs/hugegraph/tasks/1?force=true")).status_code == 400


async def test_the_fifth_long_job_waits_as_an_ignored_interrupt_keeps_its_worker(
    server: SimulatedServer,
) -> None:
    stubborn = "for(i in 0..<9){try{Thread.sleep(1000)}catch(InterruptedException e){}}"
    await server.submit(stubborn, LONG, LONG, LONG, LONG, LONG)
    server.pass_time(1)
    assert await server.ids(status="QUEUED") == [5, 6]
    await server.cancel(1)
    server.pass_time(1.5)
    assert await server.status(1) == "cancelled"
    assert await server.ids(status="QUEUED") == [5, 6]
    await server.cancel(2)
    server.pass_time(1.5)
    assert await server.ids(status="QUEUED") == [6]
    server.pass_time(7)
    assert await server.ids(status="QUEUED") == []


async def test_the_distributed_scheduler_refuses_what_it_accepts() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, scheduler="distributed"))
    await server.submit(LONG, LONG, "1", LONG)
    server.pass_time(5)
    assert {task["task_status"] for task in (await server.get(TASKS)).json()["tasks"]} == {"new"}
    assert not {"task_server", "task_update"} & (await server.task(1)).keys()
    server.pass_time(6)
    assert await server.status(1) == "running"
    assert refusal(await server.cancel(1))[:2] == (400, "BadRequestException")
    assert await server.status(1) == "cancelling"
    refused = await server.http.delete(f"{TASKS}/2")
    assert refusal(refused) == (400, "IllegalArgumentException", "There is no task with id '2'")
    assert await server.status(2) == "deleting"
    server.pass_time(10)
    assert await server.status(1) == "cancelled"
    assert await server.ids() == [1, 3, 4]
    assert (await server.http.delete(f"{TASKS}/4?force=true")).status_code == 204
    assert refusal(await server.http.delete(f"{TASKS}/9"))[:2] == (500, "NullPointerException")
    assert refusal(await server.http.delete(f"{TASKS}/9?force=true"))[2] == "There is no task with id '9'"


async def test_the_distributed_scheduler_with_logins_looks_for_a_task_before_it_deletes_it() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, scheduler="distributed", auth=("admin", "secret")))
    answer = await server.http.delete(f"{TASKS}/9")
    assert refusal(answer) == (404, "NotFoundException", "Can't find task with id '9'")


@pytest.mark.parametrize(
    ("script", "millis", "result"),
    [
        ("1", 30, "1"),
        ("20 + 22", 30, "42"),
        ("[1, 2]", 30, "[1, 2]"),
        ("x = 1\n7", 30, "7"),
        ("g.V()", 30, "[1]"),
        ("Thread.sleep(70)", 70, "[]"),
        ("for (i in 0..<3) { Thread.sleep(20) }", 60, "[]"),
        ("for (i in 0..3) { Thread.sleep(20) }", 80, "[]"),
        ("for (i in 5..1) { Thread.sleep(20) }", 20, "[]"),
        (
            "(1..2).collect { it }",
            30,
            '[{"id":1,"name":"vertex number 1"},{"id":2,"name":"vertex number 2"}]',
        ),
        ("throw new Error()", 30, "java.lang.Error"),
        ("throw new a.B('c')", 30, "a.B: c"),
        ('throw new B("it\'s")', 30, "java.lang.B: it's"),
        ("throw it", 30, "java.lang.RuntimeException"),
    ],
)
async def test_a_script_runs_and_ends_as_it_says(
    server: SimulatedServer, script: str, millis: int, result: str
) -> None:
    await server.submit(script)
    server.now += 2
    assert await server.status(1) == "running"
    server.now += millis - 1
    assert await server.status(1) == "running"
    server.now += 1
    task = await server.task(1)
    failed = "throw" in script
    assert task["task_status"] == ("failed" if failed else "success")
    thrown = "org.apache.hugegraph.HugeException: javax.script.ScriptException: "
    assert task["task_result"] == (thrown + result if failed else result)


async def test_a_login_is_asked_for_everywhere_but_at_versions() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, auth=("admin", "secret")))
    assert (await server.get(TASKS)).status_code == 200
    server.http.auth = None
    assert (await server.get("/versions")).status_code == 200
    nobody = await server.get(TASKS)
    assert refusal(nobody) == (
        401,
        "NotAuthorizedException",
        "Authentication credentials are required",
    )
    assert nobody.headers["www-authenticate"] == "Missing authentication credentials"
    wrong = await server.http.get(TASKS, auth=("admin", "bad"))
    assert refusal(wrong) == (401, "NotAuthorizedException", "Authentication failed")
    colon = await server.http.get(TASKS, auth=("admin", "a:b"))
    assert refusal(colon) == (400, "BadRequestException", "Invalid syntax for username and password")
    assert refusal(await server.http.get(TASKS, headers={"authorization": "Digest x"})) == (
        400,
        "BadRequestException",
        "Only HTTP Basic or Bearer authentication is supported",
    )


async def test_a_token_is_good_for_a_day() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, auth=("admin", "secret")))
    login = {"user_name": "admin", "user_password": "secret"}
    token = (await server.http.post("/auth/login", json=login)).json()["token"]
    assert token != (await server.http.post("/auth/login", json=login)).json()["token"]
    head, payload = (base64.urlsafe_b64decode(part + "==") for part in token.split(".")[:2])
    assert json.loads(head) == {"alg": "HS256"}
    assert json.loads(payload) == {"user_name": "admin", "exp": NOW // 1000 + 86_400}
    whoami = await server.get("/auth/verify")
    assert whoami.json() == {"user_name": "admin", "user_id": "-31:admin"}
    bad = await server.http.post("/auth/login", json={**login, "user_password": "x"})
    assert refusal(bad) == (401, "NotAuthorizedException", "Incorrect username or password")
    assert bad.headers["www-authenticate"] == (
        "javax.security.sasl.AuthenticationException: Incorrect username or password"
    )
    assert (await server.http.post("/auth/login", json={**login, "user_name": "x"})).status_code == 401
    for field, words in (("user_name", "name of user"), ("user_password", "password of user")):
        missing = await server.http.post("/auth/login", json={**login, field: None})
        assert refusal(missing) == (400, "IllegalArgumentException", f"The {words} can't be null")
    assert (await server.http.post("/auth/login", json=[])).status_code == 400
    server.http.auth = None
    bearer = {"authorization": f"Bearer {token}"}
    server.pass_time(86_399.999)
    assert (await server.http.get(TASKS, headers=bearer)).status_code == 200
    server.pass_time(0.001)
    late = await server.http.get(TASKS, headers=bearer)
    assert refusal(late) == (401, "NotAuthorizedException", "Authentication failed")
    assert late.headers["www-authenticate"] == "Incorrect username or password"
    assert (await server.http.get(TASKS, headers={"authorization": "Basic x"})).status_code == 400


async def test_the_login_of_older_versions_is_below_the_graph() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, version="1.5.0", auth=("admin", "secret")))
    login = {"user_name": "admin", "user_password": "secret"}
    assert (await server.http.post("/graphs/hugegraph/auth/login", json=login)).json().keys() == {"token"}
    assert (await server.http.post("/auth/login", json=login)).status_code == 404
    assert (await SimulatedServer().http.post("/auth/login", json=login)).status_code == 404
