"""The simulated computer jobs answer as the source of Baidu's fork has it."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import (
    COMPUTER_DEMO,
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphApp,
    HugeGraphSettings,
    hugegraph_app,
)

NOW = 1_795_420_000_000
GRAPH = "/graphspaces/DEFAULT/graphs/hugegraph"
JOBS = f"{GRAPH}/jobs/computerdis"
OLD_JOBS = "/graphs/hugegraph/jobs/computerdis"
TASKS = f"{GRAPH}/tasks"
RANK = {"algorithm": "page-rank", "worker": 5, "params": {"pagerank.alpha": "0.15"}}

B = replace(EMPTY_HUGEGRAPH, version="3.0.0", computer="on")
A = replace(EMPTY_HUGEGRAPH, version="0.12.0", computer="on", computer_form="A")


class Simulated:
    """A server with a clock that stands still until a test moves it."""

    def __init__(self, settings: HugeGraphSettings = B) -> None:
        self.now = NOW
        self.app: HugeGraphApp = hugegraph_app(settings, lambda: self.now)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://simulated", auth=settings.auth
        )
        self.jobs = OLD_JOBS if settings.computer_form == "A" else JOBS

    async def rank(self) -> int:
        answer = await self.http.post(self.jobs, json=RANK)
        assert (answer.status_code, answer.json().keys()) == (201, {"task_id"})
        return answer.json()["task_id"]

    async def older_rank(self) -> int:
        answer = await self.http.post(f"{self.jobs}/pagerank", json={"worker_instances": "2"})
        assert answer.json() == {"task_id": answer.json()["task_id"], "message": "success"}
        return answer.json()["task_id"]

    async def job(self, number: int) -> dict[str, object]:
        return (await self.http.get(f"{self.jobs}/{number}")).json()

    async def listed(self, **query: object) -> list[int]:
        answer = await self.http.get(self.jobs, params=query)  # type: ignore[arg-type]
        assert answer.status_code == 200
        return [task["id"] for task in answer.json()["tasks"]]

    def pass_time(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["exception"].removeprefix("class ").rsplit(".", 1)[-1], body["message"]


async def test_a_job_waits_runs_with_progress_and_ends() -> None:
    server = Simulated()
    number = await server.rank()
    first = await server.job(number)
    assert (first["task_type"], first["task_name"]) == ("computer-dis", "computer-dis:page-rank")
    assert (first["task_status"], "task_result" in first) == ("queued", False)
    told = json.loads(str(first["task_input"]))
    assert (told["algorithm"], told["worker"], told["params"]) == ("page-rank", 5, RANK["params"])
    assert told["graph"] == "DEFAULT/hugegraph"
    assert told["token"].startswith("eyJ")
    server.pass_time(15)
    running = await server.job(number)
    assert (running["task_status"], running["task_result"]) == ("running", "RUNNING")
    assert 8 <= int(str(running["task_progress"])) <= 13
    server.pass_time(100)
    ended = await server.job(number)
    assert (ended["task_status"], ended["task_result"]) in {("success", "SUCCEEDED"), ("failed", "FAILED")}


async def test_jobs_are_tasks_of_the_graph_too_and_tasks_are_no_jobs() -> None:
    server = Simulated()
    await server.http.post(f"{GRAPH}/jobs/gremlin", json={"gremlin": "1"})
    number = await server.rank()
    listed = (await server.http.get(TASKS)).json()["tasks"]
    assert [task["task_type"] for task in listed] == ["gremlin", "computer-dis"]
    assert await server.listed() == [number]
    assert await server.http.get(f"{TASKS}/{number}") is not None
    for method in ("GET", "PUT", "DELETE"):
        answer = await server.http.request(method, f"{JOBS}/1")
        assert refusal(answer) == (400, "IllegalArgumentException", "The task is not computer-dis task.")
        assert (await server.http.request(method, f"{JOBS}/77")).status_code == 404


@pytest.mark.parametrize(("change", "status", "words"), [
    ({"algorithm": "page_rank"}, 400, "The algorithm is not existed."),
    ({"algorithm": None}, 400, "The algorithm is not existed."),
    ({"worker": 0}, 400, "The worker should be in [1, 100]."),
    ({"worker": 101}, 400, "The worker should be in [1, 100]."),
    ({"worker": None}, 400, "The worker should be in [1, 100]."),
    ({"params": None}, 500, "null value in entry: params=null"),
])  # fmt: skip
async def test_a_new_job_is_checked(change: dict[str, object], status: int, words: str) -> None:
    server = Simulated()
    answer = await server.http.post(JOBS, json=RANK | change)
    assert (answer.status_code, answer.json()["message"]) == (status, words)
    assert len((await server.http.get(TASKS)).json()["tasks"]) == 0


@pytest.mark.parametrize(
    ("worker", "taken"), [(1, 1), (100, 100), ("5", 5), (" 5 ", 5), (5.9, 5), ("", None), (2**31 - 1, None)]
)
async def test_a_worker_is_what_jackson_makes_of_it(worker: object, taken: int | None) -> None:
    server = Simulated()
    answer = await server.http.post(JOBS, json=RANK | {"worker": worker})
    if taken is None:
        assert refusal(answer) == (
            400,
            "IllegalArgumentException",
            "The worker should be in [1, 100].",
        )
    else:
        told = json.loads(str((await server.job(answer.json()["task_id"]))["task_input"]))
        assert told["worker"] == taken


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (RANK | {"worker": "five"}, "invalid literal for int() with base 10: 'five'"),
        (RANK | {"worker": []}, "Cannot deserialize value of type `int` from []"),
        (RANK | {"worker": True}, "Cannot deserialize value of type `int` from True"),
        (RANK | {"worker": 2**31}, "Cannot deserialize value of type `int` from 2147483648"),
        (
            RANK | {"more": 1},
            'Unrecognized field "more" (class com.baidu.hugegraph.api.job.ComputerDisAPI$JsonTask),'
            ' not marked as ignorable (3 known properties: "algorithm", "worker", "params"])',
        ),
    ],
)
async def test_a_body_that_jackson_can_not_read_is_400_in_plain_text(
    body: dict[str, object], words: str
) -> None:
    answer = await Simulated().http.post(JOBS, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain")
    assert (answer.text.partition("\n at [Source")[0], answer.headers["connection"]) == (words, "close")


async def test_the_older_form_takes_any_object_and_nothing_else() -> None:
    server = Simulated(A)
    answer = await server.http.post(f"{server.jobs}/pagerank", json=[])
    assert (answer.status_code, answer.text) == (
        400,
        "Cannot deserialize value of type `java.util.LinkedHashMap`",
    )
    assert (await server.http.post(f"{server.jobs}/no-such", json={})).status_code == 201


async def test_another_graphspace_has_to_be_told_of_its_resources() -> None:
    server = Simulated(replace(COMPUTER_DEMO, history=0, pace=0, specials=False))
    place = "/graphspaces/finance/graphs/ledger/jobs/computerdis"
    assert refusal(await server.http.post(place, json=RANK))[2].startswith("The params k8s.master_cpu")
    names = ("cpu", "request_memory", "memory")
    params = {f"k8s.{who}_{name}": "1" for who in ("master", "worker") for name in names}
    for name in params:
        answer = await server.http.post(place, json=RANK | {"params": params | {name: " "}})
        assert refusal(answer) == (
            400,
            "IllegalArgumentException",
            "The params k8s.master_cpu k8s.worker_cpu k8s.master_request_memory k8s.worker_request_memory"
            " k8s.master_memory k8s.worker_memory must be set.",
        )
    answer = await server.http.post(place, json=RANK | {"params": params})
    assert answer.status_code == 201
    detail = await server.http.get(f"{place}/{answer.json()['task_id']}")
    assert json.loads(detail.json()["task_input"])["graph"] == "finance/ledger"


async def test_a_cancel_is_202_with_the_job_and_later_with_its_id_alone() -> None:
    server = Simulated()
    number = await server.rank()
    server.pass_time(10)
    first = await server.http.put(f"{JOBS}/{number}", json={})
    assert (first.status_code, first.json()["task_status"]) == (202, "cancelling")
    again = await server.http.put(f"{JOBS}/{number}")
    assert (again.status_code, again.json()) == (202, {"task_id": number})
    server.pass_time(10)
    assert (await server.job(number))["task_status"] == "cancelled"
    assert (await server.http.put(f"{JOBS}/{number}", json={})).json() == {"task_id": number}
    wrong = await server.http.put(f"{JOBS}/{number}", content=b"x", headers={"Content-Type": "text/plain"})
    assert wrong.status_code == 415


async def test_a_waiting_job_can_be_cancelled_and_never_begins() -> None:
    server = Simulated()
    number = await server.rank()
    server.pass_time(1)
    await server.http.put(f"{JOBS}/{number}", json={})
    server.pass_time(60)
    assert (await server.job(number))["task_status"] == "cancelled"
    assert server.app.world.busy_workers == 0


async def test_a_delete_is_200_once_the_job_has_ended() -> None:
    server = Simulated()
    number = await server.rank()
    assert "Can't delete incomplete task" in refusal(await server.http.delete(f"{JOBS}/{number}"))[2]
    server.pass_time(200)
    answer = await server.http.delete(f"{JOBS}/{number}")
    assert (answer.status_code, answer.json()) == (200, {"task_id": number, "message": "success"})
    assert await server.listed() == []


async def test_the_list_is_cut_to_the_oldest_and_has_no_pages() -> None:
    server = Simulated(replace(B, history=20, computer_jobs=130))
    whole = await server.listed(limit=-1)
    assert (len(whole), whole == sorted(whole)) == (130, True)
    assert await server.listed() == whole[:100]
    assert await server.listed(limit=3) == whole[:3]
    assert await server.listed(limit=0) == []
    assert (await server.http.get(f"{JOBS}?limit=2&page=")).json()["page"] is None
    assert refusal(await server.http.get(f"{JOBS}?limit=-5"))[2] == "fromIndex(0) > toIndex(-5)"
    assert (await server.http.get(f"{JOBS}?limit=x")).status_code == 404
    assert await server.listed(limit=1, status="NO_SUCH") == whole[:1]


@pytest.mark.parametrize(
    "settings", [EMPTY_HUGEGRAPH, DEMO_HUGEGRAPH, replace(EMPTY_HUGEGRAPH, version="1.3.0")]
)
async def test_an_apache_server_answers_404(settings: HugeGraphSettings) -> None:
    server = Simulated(replace(settings, history=0, pace=0))
    for path in (OLD_JOBS, f"{OLD_JOBS}/1"):
        answer = await server.http.get(path)
        assert refusal(answer) == (404, "NotFoundException", "HTTP 404 Not Found")


@pytest.mark.parametrize("form", ["A", "B"])
async def test_without_kubernetes_every_call_is_refused(form: str) -> None:
    server = Simulated(replace(A if form == "A" else B, computer="off"))
    new = ("POST", f"{server.jobs}/pagerank", {}) if form == "A" else ("POST", server.jobs, RANK)
    calls = [
        ("GET", server.jobs, None),
        new,
        *((how, f"{server.jobs}/1", None) for how in ("GET", "PUT", "DELETE")),
    ]
    for method, path, body in calls:
        answer = await server.http.request(method, path, json=body)
        assert refusal(answer) == (400, "IllegalArgumentException", "The k8s api is not enable.")


async def test_the_older_form_takes_the_algorithm_in_the_path_and_gives_ids_as_texts() -> None:
    server = Simulated(A)
    assert (await server.http.post(server.jobs, json=RANK)).status_code == 405
    number = await server.older_rank()
    server.pass_time(10)
    job = await server.job(number)
    assert (job["task_type"], job["task_name"]) == ("computer-proxy", "computer-proxy:pagerank")
    assert json.loads(str(job["task_input"]))["parameters"] == {"worker_instances": "2"}
    assert (await server.http.put(f"{server.jobs}/{number}")).json()["task_status"] == "cancelling"
    server.pass_time(10)
    done = {"task_id": str(number), "message": "success"}
    assert (await server.http.put(f"{server.jobs}/{number}")).json() == done
    assert (await server.http.delete(f"{server.jobs}/{number}")).json() == done
    assert (await server.http.post(f"{JOBS}/pagerank", json={})).status_code == 404


async def test_the_newer_form_has_nothing_to_post_below_its_path() -> None:
    assert (await Simulated().http.post(f"{JOBS}/page-rank", json={})).status_code == 405


async def test_the_older_list_shows_every_second_job_and_runs_over_its_end() -> None:
    server = Simulated(A)
    assert await server.listed() == []
    await server.older_rank()
    assert await server.listed() == []
    server.pass_time(10)
    assert refusal(await server.http.get(server.jobs))[:2] == (404, "NoSuchElementException")
    await server.older_rank()
    assert await server.listed() == [2]
    assert refusal(await server.http.get(f"{server.jobs}?status=NOPE"))[2].startswith(
        "Status value must be in"
    )


async def test_the_demo_has_a_dozen_jobs_among_its_tasks_and_new_ones_come() -> None:
    server = Simulated(COMPUTER_DEMO)
    jobs = (await server.http.get(JOBS, params={"limit": -1})).json()["tasks"]
    words = [job["task_status"] for job in jobs]
    assert len(jobs) == 12
    assert (words.count("running"), words.count("failed"), words.count("cancelled")) == (3, 2, 1)
    assert len({job["task_name"] for job in jobs}) >= 8
    assert all(job["task_update"] >= job["task_create"] for job in jobs)
    for _ in range(40):
        server.pass_time(15)
        await server.http.get("/versions")
    later = await server.listed(limit=-1)
    assert len(later) >= 18
    elsewhere = await server.http.get("/graphspaces/finance/graphs/ledger/jobs/computerdis")
    assert elsewhere.json() == {"tasks": []}


async def test_the_same_seed_gives_the_same_jobs() -> None:
    first, second = Simulated(COMPUTER_DEMO), Simulated(COMPUTER_DEMO)
    assert await first.listed(limit=-1) == await second.listed(limit=-1)
    numbers = await first.listed(limit=-1)
    assert await first.job(numbers[3]) == await second.job(numbers[3])
