"""The simulated GES answers as the documents say: shapes, filters, errors, IAM and the engines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from backend_adapters.ges.login import GesAuth
from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES, GesSettings, ges_app
from backend_adapters.simulator.ges.graph_engines import ENGINE_JOB_KINDS
from backend_adapters.transport.credentials import AccessKeys, Credentials
from tests.support.ges_jobs import submit_job

NOW = 1_795_420_000_000
V1 = "/v1.0/demo-project/graphs"
V2 = "/v2/demo-project/graphs"
ENGINE = "/ges/v1.0/demo-project/graphs/fraud_ring/jobs"
TOKEN = {"X-Auth-Token": "demo-token"}


class Simulated:
    """A project with a clock that stands still until a test moves it."""

    def __init__(self, settings: GesSettings = EMPTY_GES) -> None:
        self.now = NOW
        self.app = ges_app(settings, lambda: self.now)
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://simulated", headers=TOKEN)

    async def get(self, path: str, **query: object) -> httpx.Response:
        return await self.http.get(path, params=query or None)  # type: ignore[arg-type]

    async def jobs(self, **query: object) -> list[dict[str, Any]]:
        answer = await self.get(f"{V1}/jobs", **query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["jobList"]
        return rows


@pytest.fixture
def server() -> Iterator[Simulated]:
    return Simulated()


def refused(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    return answer.status_code, body.get("errorCode") or body["error_code"]


async def test_one_job_in_both_versions(server: Simulated) -> None:
    job = submit_job(
        server.app.world,
        "StartGraph",
        "fraud_ring",
        outcome="failed",
        wait=2000,
        millis=5400,
        reason="no capacity",
    )
    server.now += 60_000
    expected = {
        "jobId": job.id,
        "status": "failed",
        "jobType": "GraphManagement",
        "jobName": "StartGraph",
        "relatedGraph": "fraud_ring",
        "beginTime": "2026-11-23T07:46:42",
        "endTime": "2026-11-23T07:46:47",
        "failReason": "no capacity",
        "jobProgress": 0,
    }
    assert (await server.get(f"{V1}/jobs")).json() == {"jobCount": 1, "jobList": [expected]}
    assert (await server.get(f"{V2}/jobs")).json() == {
        "job_count": 1,
        "job_list": [
            {
                "job_id": job.id,
                "status": "failed",
                "job_type": "GraphManagement",
                "job_name": "StartGraph",
                "related_graph": "fraud_ring",
                "begin_time": "2026-11-23T07:46:42",
                "end_time": "2026-11-23T07:46:47",
                "fail_reason": "no capacity",
                "job_progress": 0,
            }
        ],
    }
    graph = server.app.world.graphs[0].id
    assert (await server.get(f"{V1}/{graph}/jobs/{job.id}/status")).json() == expected


async def test_ids_hold_the_time_of_creation(server: Simulated) -> None:
    ids = []
    for _ in range(3):
        server.now += 1234
        ids.append(submit_job(server.app.world, "ExportGraph", "fraud_ring").id)
    assert all(re.fullmatch(r"ff808081[0-9a-f]{24}", job_id) for job_id in ids)
    assert [int(job_id[16:28], 16) for job_id in ids] == [NOW + 1234, NOW + 2468, NOW + 3702]
    assert [job_id[28:] for job_id in ids] == ["0000", "0001", "0002"]
    assert len({job_id[8:16] for job_id in ids}) == 1


async def test_what_is_not_known_yet_is_missing_or_null(server: Simulated) -> None:
    for _ in range(8):
        submit_job(server.app.world, "ImportGraph", "fraud_ring", wait=5000)
    rows = await server.jobs()
    assert {row["status"] for row in rows} == {"pending"}
    assert {row.get("beginTime", "missing") for row in rows} == {None, "missing"}
    assert not any("jobDetail" in row or "failReason" in row for row in rows)


async def test_an_import_tells_of_its_files(server: Simulated) -> None:
    submit_job(server.app.world, "ImportGraph", "fraud_ring", millis=60_000)
    details = []
    for seconds in (1, 30, 59, 61):
        server.now = NOW + seconds * 1000
        (row,) = await server.jobs()
        details.append(row["jobDetail"])
    assert all(detail.keys() == {"schemaPath", "vertexsetPath", "edgesetPath"} for detail in details)
    last = details[-1]
    for section in ("vertexsetPath", "edgesetPath"):
        for load in last[section] or []:
            assert load["status"] == "success"
            assert load["totalLines"] == load["successfulLines"]
            assert load["failedLines"] == 0
    begun = [sum(len(files or []) for files in detail.values()) for detail in details]
    assert begun == sorted(begun)
    assert "totalLines" not in (last["schemaPath"] or [{}])[0]


async def test_null_where_a_kind_of_file_is_not_there() -> None:
    server = Simulated(replace(EMPTY_GES, history=200))
    details = [row["jobDetail"] for row in await server.jobs(limit=1000) if "jobDetail" in row]
    for section in ("schemaPath", "vertexsetPath"):
        assert any(detail[section] is None for detail in details)
        assert any(detail[section] for detail in details)


async def test_offset_and_limit() -> None:
    server = Simulated(replace(EMPTY_GES, history=25))
    everything = await server.jobs(limit=100)
    assert len(everything) == 25
    assert await server.jobs() == everything[:10]
    assert await server.jobs(offset=20) == everything[20:]
    assert await server.jobs(offset=5, limit=3) == everything[5:8]
    assert await server.jobs(offset=25) == []
    assert (await server.get(f"{V1}/jobs", offset=99)).json() == {"jobCount": 25, "jobList": []}
    created = [int(row["jobId"][16:28], 16) for row in everything]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize("key", ["graph_name", "graphName"])
async def test_both_keys_filter_by_graph_on_v1(key: str) -> None:
    server = Simulated(replace(DEMO_GES, pace=0))
    rows = (await server.get(f"{V1}/jobs", **{key: "movie_recs", "limit": 1000})).json()
    assert {row["relatedGraph"] for row in rows["jobList"]} == {"movie_recs"}
    assert rows["jobCount"] == len(rows["jobList"]) > 10


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"status": "success"}, [0]),
        ({"status": "failed"}, [1]),
        ({"status": "partiallyFailed"}, [2]),
        ({"status": "running"}, [3]),
        ({"status": "waiting"}, [4]),
        ({"status": ""}, [4, 3, 2, 1, 0]),
        ({"graph_name": "fraud_ring"}, [4, 3, 2, 1, 0]),
        ({"graph_name": "other"}, []),
        ({"startTime": "2026-11-24"}, [4, 3, 2, 1]),
        ({"startTime": "2026-11-25"}, [4, 3]),
        ({"endTime": "2026-11-23"}, [0]),
        ({"endTime": "2026-11-24"}, [2, 1, 0]),
        ({"startTime": "2026-11-24", "endTime": "2026-11-24"}, [2, 1]),
        ({"startTime": "2026-11-24", "status": "failed", "limit": "1"}, [1]),
    ],
    ids=str,
)
async def test_jobs_are_filtered_by_status_graph_and_days(
    server: Simulated, query: dict[str, str], numbers: list[int]
) -> None:
    submit = partial(submit_job, server.app.world)
    ids = [submit("ExportGraph", "fraud_ring", millis=1000).id]
    server.now = midnight = NOW - NOW % 86_400_000 + 86_400_000
    ids.append(submit("ExportGraph", "fraud_ring", millis=1000, outcome="failed").id)
    server.now = midnight + 80_000_000
    ids.append(submit("ImportGraph", "fraud_ring", millis=1000, outcome="partiallyFailed").id)
    server.now = midnight + 86_400_000
    ids.append(submit("ExportGraph", "fraud_ring", millis=10_000_000).id)
    ids.append(submit("ExportGraph", "fraud_ring", wait=10_000_000).id)
    answer = (await server.get(f"{V1}/jobs", **query)).json()
    assert [row["jobId"] for row in answer["jobList"]] == [ids[number] for number in numbers]
    renamed = {"startTime": "start_time", "endTime": "end_time"}
    newer = (await server.get(f"{V2}/jobs", **{renamed.get(key, key): query[key] for key in query})).json()
    assert newer["job_count"] == answer["jobCount"] == len(numbers)


async def test_a_key_that_it_does_not_know_is_ignored_without_a_word() -> None:
    server = Simulated(replace(DEMO_GES, pace=0, graph_keys=("graph_name",)))
    rows = await server.jobs(graphName="movie_recs", limit=1000)
    assert len({row["relatedGraph"] for row in rows}) > 3
    v2 = (await server.get(f"{V2}/jobs", graphName="movie_recs")).json()
    assert v2["job_count"] == len(list(server.app.world))


@pytest.mark.parametrize(
    "query",
    [
        {"offset": "-1"},
        {"limit": "0"},
        {"limit": "ten"},
        {"limit": "1" * 10},
        {"limit": "٣"},
        {"status": "pending"},
        {"startTime": "2026-13-01"},
        {"endTime": "2026-11-23T00:00:00"},
    ],
    ids=str,
)
async def test_parameters_that_it_does_not_take(server: Simulated, query: dict[str, str]) -> None:
    answer = await server.get(f"{V1}/jobs", **query)
    assert answer.status_code == 400
    words = f"Parameter error: {next(iter(query))} is invalid."
    assert answer.json() == {"errorCode": "GES.0001", "errorMessage": words}
    assert (await server.get(f"{V1}/jobs", limit="9" * 9, offset="0")).status_code == 200


async def test_errors_of_the_two_versions(server: Simulated) -> None:
    graph = server.app.world.graphs[0].id
    first = await server.get(f"{V1}/{graph}/jobs/nope/status")
    words = "can not find job, jobId is nope"
    assert (first.status_code, first.json()) == (400, {"errorCode": "GES.8301", "errorMessage": words})
    second = await server.get(f"{V2}/{graph}/jobs/nope/status")
    assert (second.status_code, second.json()) == (400, {"error_code": "GES.8301", "error_msg": words})
    other = Simulated(replace(DEMO_GES, pace=0))
    rows = await other.jobs(limit=1000)
    job = next(row["jobId"] for row in rows if row["relatedGraph"] == "movie_recs")
    elsewhere = await other.get(f"{V1}/{other.app.world.graphs[0].id}/jobs/{job}/status")
    assert refused(elsewhere) == (400, "GES.8301")
    assert refused(await server.get(f"{V1}/fraud_ring/jobs/nope/status")) == (400, "GES.7000")
    assert refused(await server.get("/v1.0/other/graphs/jobs")) == (400, "GES.0016")


async def test_a_job_of_a_graph_that_is_gone() -> None:
    server = Simulated(replace(DEMO_GES, pace=0))
    rows = await server.jobs(graph_name="poc_fraud_2026")
    assert [row["jobName"] for row in rows] == ["DeleteGraph", "ImportGraph", "CreateGraph"]
    listed = (await server.get(V1, limit=100)).json()["graphs"]
    assert "poc_fraud_2026" not in {graph["name"] for graph in listed}
    job = server.app.world.jobs_by_id[rows[0]["jobId"]]
    assert job is not None
    assert refused(await server.get(f"{V1}/{job.graph.id}/jobs/{job.id}/status")) == (400, "GES.7000")


async def test_a_graph_is_what_its_job_makes_of_it(server: Simulated) -> None:
    async def state() -> list[str]:
        return [graph["status"] for graph in (await server.get(V1)).json()["graphs"]]

    assert await state() == ["200"]
    submit_job(server.app.world, "StopGraph", "fraud_ring", millis=5000)
    assert await state() == ["901"]
    server.now += 6000
    assert await state() == ["900"]
    submit_job(server.app.world, "StartGraph", "fraud_ring", millis=5000)
    assert await state() == ["920"]
    server.now += 6000
    submit_job(server.app.world, "DeleteGraph", "fraud_ring", millis=5000)
    assert await state() == ["200"]
    server.now += 6000
    assert await state() == []


@pytest.mark.parametrize("method", ["DELETE", "PUT", "POST"])
async def test_the_jobs_center_only_lists(server: Simulated, method: str) -> None:
    job = submit_job(server.app.world, "ImportGraph", "fraud_ring")
    for path in (f"{V1}/jobs", f"{V1}/{server.app.world.graphs[0].id}/jobs/{job.id}"):
        answer = await server.http.request(method, path)
        assert refused(answer) == (404, "APIGW.0101")
    assert (await server.jobs())[0]["status"] == "running"


async def test_the_gateway_stamps_what_it_sends(server: Simulated) -> None:
    good, bad = await server.get(f"{V1}/jobs"), await server.get("/v1.0")
    assert good.headers["server"] == "api-gateway"
    assert good.headers["date"] == "Mon, 23 Nov 2026 07:46:40 GMT"
    assert bad.json()["request_id"] == bad.headers["x-request-id"] != good.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", bad.headers["x-request-id"])


@pytest.mark.parametrize(
    ("headers", "status", "code", "words"),
    [
        ({}, 401, "APIGW.0301", "Incorrect IAM authentication information: x-auth-token not found"),
        (
            {"X-Auth-Token": "other"},
            401,
            "APIGW.0301",
            "Incorrect IAM authentication information: decrypt token fail",
        ),
        (TOKEN | {"X-Project-Id": "other"}, 403, "APIGW.0310", "The project is unavailable: other"),
        ({"Authorization": "Basic eDp5"}, 401, "APIGW.0301", None),
    ],
    ids=["nothing", "token", "project", "basic"],
)
async def test_who_is_not_let_in(
    server: Simulated, headers: dict[str, str], status: int, code: str, words: str | None
) -> None:
    server.http.headers.pop("X-Auth-Token")
    answer = await server.http.get(f"{V1}/jobs", headers=headers)
    assert refused(answer) == (status, code)
    assert answer.json().keys() == {"error_code", "error_msg", "request_id"}
    assert words in {None, answer.json()["error_msg"]}


@pytest.mark.parametrize("wait", [None, 5])
async def test_the_throttle(wait: int | None) -> None:
    server = Simulated(replace(EMPTY_GES, throttle=3, retry_after=wait))
    codes = [(await server.get(f"{V1}/jobs")).status_code for _ in range(3)]
    answer = await server.get(f"{V1}/jobs")
    assert codes == [200, 200, 200]
    assert refused(answer) == (429, "APIGW.0308")
    assert answer.headers.get("Retry-After") == (None if wait is None else "5")
    assert "policy user over ratelimit,limit:3,time:1 minute" in answer.json()["error_msg"]
    server.now += 59_999
    assert (await server.get(f"{V1}/jobs")).status_code == 429
    server.now += 1
    assert (await server.get(f"{V1}/jobs")).status_code == 200


@pytest.mark.parametrize(("size", "code"), [(12 * 1024 * 1024, 400), (12 * 1024 * 1024 + 1, 413)])
async def test_a_body_of_twelve_megabytes_is_taken(server: Simulated, size: int, code: int) -> None:
    answer = await server.http.post("/v3/auth/tokens", content=b" " * size)
    assert answer.status_code == code
    if code == 413:
        assert answer.json()["error_code"] == "APIGW.0201"
        assert answer.json()["error_msg"] == "The request body is too large."


def login(
    password: str = "demo-password",
    scope: object = None,
    user: str = "demo",
    methods: tuple[str, ...] = ("password",),
) -> dict[str, object]:
    who = {"name": user, "password": password, "domain": {"name": "acme"}}
    identity = {"methods": methods, "password": {"user": who}}
    return {"auth": {"identity": identity, "scope": scope or {"project": {"name": "cn-north-4"}}}}


async def test_a_token_from_iam_lives_and_ends() -> None:
    server = Simulated(replace(EMPTY_GES, token_life=600_000))
    server.http.headers.pop("X-Auth-Token")
    given = await server.http.post("/v3/auth/tokens", json=login())
    assert given.status_code == 201
    assert given.json() == {
        "token": {
            "expires_at": "2026-11-23T07:56:40.000000Z",
            "issued_at": "2026-11-23T07:46:40.000000Z",
            "methods": ["password"],
            "user": {"name": "demo", "id": "0" * 31 + "1", "domain": {"name": "acme"}},
            "roles": [],
            "catalog": [],
            "project": {"id": "demo-project", "name": "cn-north-4"},
        }
    }
    again = await server.http.post("/v3/auth/tokens", json=login(scope={"project": {"id": "demo-project"}}))
    tokens = [answer.headers["X-Subject-Token"] for answer in (given, again)]
    assert len(set(tokens)) == 2
    assert all(re.fullmatch(r"MIIFbAYJKoZIhvcNAQcCoIIFXTCC[0-9a-f]{128}", token) for token in tokens)
    server.http.headers["X-Auth-Token"] = given.headers["X-Subject-Token"]
    server.now += 599_999
    assert await server.jobs() == []
    server.now += 1
    answer = await server.get(f"{V1}/jobs")
    assert refused(answer) == (401, "APIGW.0307")
    assert answer.json()["error_msg"] == "The token must be updated."


async def test_a_token_that_is_revoked(server: Simulated) -> None:
    server.app.gateway.revoke_secret("demo-ak")
    assert await server.jobs() == []
    server.app.gateway.revoke_secret("demo-token")
    assert refused(await server.get(f"{V1}/jobs")) == (401, "APIGW.0307")


@pytest.mark.parametrize(
    ("body", "title", "words"),
    [
        (login("wrong"), "Unauthorized", "The username or password is wrong."),
        (login(user="other"), "Unauthorized", "The username or password is wrong."),
        (
            login(scope={"project": {"name": "eu-west-101"}}),
            "Unauthorized",
            "The project in the scope is not one of the user's.",
        ),
        ({"auth": {}}, "Bad Request", "Invalid input for the request: "),
        ([], "Bad Request", "Invalid input for the request: "),
        (
            {"auth": {"identity": {"methods": ["totp"], "password": {"user": {}}}}},
            "Bad Request",
            "Invalid input for the request: ",
        ),
        (login(methods=("password", "totp")), "Bad Request", "Only the method password is supported."),
    ],
    ids=["password", "user", "project", "nothing", "list", "method", "methods"],
)
async def test_iam_refuses_in_its_own_words(server: Simulated, body: object, title: str, words: str) -> None:
    answer = await server.http.post("/v3/auth/tokens", json=body)
    error = answer.json()["error"]
    code = 401 if title == "Unauthorized" else 400
    assert (answer.status_code, error["code"], error["title"]) == (code, code, title)
    assert error["message"] == words or (words.endswith(": ") and error["message"].startswith(words))
    assert "X-Subject-Token" not in answer.headers


async def test_a_token_without_a_project_is_not_enough(server: Simulated) -> None:
    given = await server.http.post("/v3/auth/tokens", json=login(scope={"domain": {"name": "acme"}}))
    assert "project" not in given.json()["token"]
    server.http.headers["X-Auth-Token"] = given.headers["X-Subject-Token"]
    answer = await server.get(f"{V1}/jobs")
    assert refused(answer) == (403, "APIGW.0306")
    assert answer.json()["error_msg"] == "The API access was denied: the token is not of a project."


async def test_the_project_of_a_name(server: Simulated) -> None:
    assert (await server.get("/v3/projects", name="cn-north-4")).json()["projects"] == [
        {"id": "demo-project", "name": "cn-north-4"}
    ]
    assert (await server.get("/v3/projects")).json() == {
        "projects": [{"id": "demo-project", "name": "cn-north-4"}],
        "links": {},
    }
    assert (await server.get("/v3/projects", name="nowhere")).json()["projects"] == []


async def test_the_engine_lists_what_it_does() -> None:
    server = Simulated(replace(DEMO_GES, pace=0))
    listed = (await server.get(f"{ENGINE}/status")).json()
    assert listed["jobCount"] == len(listed["jobs"]) == 42
    some = (await server.get(f"{ENGINE}/status", offset=1, limit=2)).json()["jobs"]
    assert some == listed["jobs"][1:3]
    fixed, stoppable = listed["jobs"][:2]
    assert (fixed["canStop"], stoppable["canStop"]) == (False, True)
    assert fixed["startTime"] == "2026-11-23 07:46:30"
    assert json.loads(stoppable["rawRequest"])["algorithmName"] == "louvain"
    assert all(not job["canStop"] for job in listed["jobs"][2:])
    assert {job["status"] for job in listed["jobs"]} == {"running", "success", "failed"}
    assert all("failReason" in job for job in listed["jobs"] if job["status"] == "failed")


async def test_a_job_of_the_engine_from_its_birth_to_its_end(server: Simulated) -> None:
    work = next(work for work in ENGINE_JOB_KINDS if "shortest_path" in work.request)
    engine = server.app.world.engines["fraud_ring"]
    jobs = [
        engine.submit_job(work, wait=2000, millis=10_000, outcome=outcome)
        for outcome in ("success", "failed")
    ]
    said: list[list[object]] = []
    for seconds in (1, 2, 7, 11.999, 12):
        server.now = NOW + int(seconds * 1000)
        rows = (await server.get(f"{ENGINE}/status")).json()["jobs"]
        said.append([(row["status"], row["progress"], row["canStop"]) for row in rows])
        assert [row["jobId"] for row in rows] == [jobs[1].id, jobs[0].id]
    assert said == [
        [("pending", "0", False)] * 2,
        [("running", "0", False)] * 2,
        [("running", "50", False)] * 2,
        [("running", "99", False)] * 2,
        [("failed", "100", False), ("success", "100", False)],
    ]
    failed, good = rows
    reason = "Running algorithm [shortest_path] error: parameter [source] is invalid!"
    assert failed == {
        "jobId": jobs[1].id,
        "rawRequest": '{"algorithmName": "shortest_path", "parameters": {"source": "38", "directed": true}}',
        "taskType": "Algorithm",
        "canStop": False,
        "progress": "100",
        "status": "failed",
        "startTime": "2026-11-23 07:46:42",
        "endTime": "2026-11-23 07:46:52",
        "failReason": reason,
    }
    assert "failReason" not in good
    told = [(await server.get(f"{ENGINE}/{job.id}/status")).json() for job in jobs]
    assert told[0] == {
        "jobId": jobs[0].id,
        "status": "success",
        "errorCode": "",
        "errorMessage": "",
        "data": {
            "outputs": {
                "data_return_size": 2,
                "data_offset": 0,
                "data_total_size": 2,
                "runtime": 0.41,
                "result": [{"38": 0.61}, {"46": 0.39}],
            }
        },
    }
    assert (told[1]["status"], told[1]["failReason"], "data" in told[1]) == ("failed", reason, False)


async def test_a_waiting_job_of_the_engine_is_cancelled_at_once(server: Simulated) -> None:
    work = next(work for work in ENGINE_JOB_KINDS if work.is_stoppable)
    job = server.app.world.engines["fraud_ring"].submit_job(work, wait=5000)
    assert (await server.http.delete(f"{ENGINE}/{job.id}")).status_code == 200
    (row,) = (await server.get(f"{ENGINE}/status")).json()["jobs"]
    assert (row["status"], row["startTime"], row["endTime"]) == (
        "failed",
        "2026-11-23 07:46:40",
        "2026-11-23 07:46:40",
    )


@pytest.mark.parametrize(
    ("engine_keys", "secret", "code"),
    [(True, "demo-sk", None), (True, "wrong", "GES.8006"), (False, "demo-sk", "GES.8007")],
)
async def test_an_engine_takes_signatures_only_where_it_is_told_to(
    engine_keys: bool, secret: str, code: str | None
) -> None:
    server = Simulated(replace(EMPTY_GES, engine_keys=engine_keys))
    server.http.headers.pop("X-Auth-Token")
    login = GesAuth(
        Credentials(keys=lambda: AccessKeys("demo-ak", secret)),
        "",
        usual="keys",
        now=lambda: server.now / 1000,
    )
    answer = await server.http.get(f"{ENGINE}/status", auth=login)
    if code is None:
        assert answer.json() == {"jobs": [], "jobCount": 0}
    else:
        assert refused(answer) == (400, code)
        assert answer.json().keys() == {"errorCode", "errorMessage"}


async def test_the_engine_of_the_database_edition() -> None:
    server = Simulated(replace(DEMO_GES, pace=0, edition="database"))
    listed = (await server.get(f"{ENGINE}/status", limit=3)).json()
    assert listed.keys() == {"jobs", "result", "totalCount"}
    assert (listed["result"], listed["totalCount"]) == ("success", 42)
    assert listed["jobs"][2]["status"] == "complete"
    assert listed["jobs"][0]["request"] == {
        "command": "Algorithm",
        "url": "/ges/v1.0/demo-project/graphs/fraud_ring/action",
        "body": {"algorithmName": "shortest_path", "parameters": {"source": "38", "directed": True}},
    }


async def test_the_engine_cancels_what_can_be_stopped() -> None:
    server = Simulated(replace(DEMO_GES, pace=0))
    fixed, stoppable, over = (await server.get(f"{ENGINE}/status", limit=3)).json()["jobs"]
    answer = await server.http.delete(f"{ENGINE}/{stoppable['jobId']}")
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await server.get(f"{ENGINE}/{stoppable['jobId']}/status")).json()["status"] == "running"
    server.now += 699
    assert (await server.get(f"{ENGINE}/{stoppable['jobId']}/status")).json()["status"] == "running"
    server.now += 1
    told = (await server.get(f"{ENGINE}/{stoppable['jobId']}/status")).json()
    assert (told["status"], told["failReason"]) == ("failed", "Job is cancelled by user.")
    for job, words in (
        (fixed["jobId"], "Unsupported Operation"),
        (stoppable["jobId"], f"Can not find job to cancel, jobId is {stoppable['jobId']}"),
        (over["jobId"], f"Can not find job to cancel, jobId is {over['jobId']}"),
        ("ff808081", "Can not find job to cancel, jobId is ff808081"),
    ):
        answer = await server.http.delete(f"{ENGINE}/{job}")
        assert (answer.status_code, answer.json()) == (
            400,
            {"errorCode": "GES.8303", "errorMessage": words},
        )


async def test_the_engine_has_refusals_of_its_own(server: Simulated) -> None:
    assert refused(await server.get(f"{ENGINE}/nope/status")) == (400, "GES.8301")
    assert refused(await server.get(f"{ENGINE.replace('fraud_ring', 'nope')}/status")) == (400, "GES.8005")
    assert refused(await server.get(f"{ENGINE.replace('demo-', 'other-')}/status")) == (400, "GES.8006")
    server.http.headers["X-Auth-Token"] = "other"
    assert refused(await server.get(f"{ENGINE}/status")) == (400, "GES.8007")
    server.http.headers.pop("X-Auth-Token")
    assert refused(await server.get(f"{ENGINE}/status")) == (400, "GES.8007")
