"""The wire facts that graphtop is built on, asserted on real servers over plain HTTP."""

from __future__ import annotations

import base64

import httpx
import pytest

from tests.live.conftest import BIG
from tests.live.java_process import wait_until
from tests.live.seeded_tasks import BIG as BIG_RESULT
from tests.live.seeded_tasks import BOOM, FINISHED, QUICK, SLEEP, Jobs, stubborn
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tests.support.patience import PATIENCE

both_rocksdb = on("rocksdb_17", "rocksdb_15")


@both_rocksdb
def test_ids_count_up_without_holes_and_lists_are_ascending(jobs: Jobs) -> None:
    ids = [jobs.submit(QUICK) for _ in range(6)]
    assert ids == list(range(ids[0], ids[0] + 6))
    assert [task["id"] for task in jobs.tasks(limit=-1)] == ids
    assert [task["id"] for task in jobs.tasks(limit=2)] == ids[:2]


@both_rocksdb
def test_the_last_page_can_be_asked_again_for_what_is_new(jobs: Jobs) -> None:
    ids = [jobs.submit(QUICK) for _ in range(5)]
    seen: list[int] = []
    last = ""
    token: str | None = ""
    while token is not None:
        last, (tasks, token) = token, jobs.page(token, limit=2)
        seen += [task["id"] for task in tasks]
    assert seen == ids
    new = [jobs.submit(QUICK) for _ in range(3)]
    tail = [task["id"] for task in jobs.page(last, limit=100)[0]]
    assert tail == [ids[-1], *new]


@both_rocksdb
def test_ids_finds_what_is_there_and_says_nothing_of_the_rest(server: HugeGraphServer, jobs: Jobs) -> None:
    task = jobs.submit(QUICK)
    found = jobs.tasks(ids=list(range(task, task + 50)))
    assert [one["id"] for one in found] == [task]
    # The server closes this connection after its answer, and does not say so.
    with server.client() as http:
        too_long = http.get(f"{jobs.path}/tasks", params={"ids": list(range(10_000, 10_900))})
    assert (too_long.status_code, too_long.content) == (400, b"")


@both_rocksdb
def test_lists_show_neither_input_nor_result_and_details_do(jobs: Jobs) -> None:
    task = jobs.submit("1 + 1")
    listed = jobs.wait(task, "success")
    assert listed.keys().isdisjoint({"task_input", "task_result", "task_callable"})
    assert isinstance(listed["task_create"], int)
    assert (listed["task_name"], listed["task_server"]) == ("1 + 1", "server-1")
    detail = jobs.get(task)
    assert detail is not None
    assert detail["task_result"] == "2"
    assert '"gremlin":"1 + 1"' in detail["task_input"]


@both_rocksdb
def test_a_failed_task_has_its_exception_as_result(jobs: Jobs) -> None:
    task = jobs.submit(BOOM)
    jobs.wait(task, "failed")
    detail = jobs.get(task)
    assert detail is not None
    assert "boom" in detail["task_result"]
    assert "Exception" in detail["task_result"].splitlines()[0]


@both_rocksdb
def test_cancel_is_202_then_cancelled_and_a_second_one_is_400(jobs: Jobs) -> None:
    task = jobs.submit(SLEEP)
    jobs.wait(task, "running")
    answer = jobs.cancel(task)
    assert (answer.status_code, answer.json()["task_status"]) == (202, "cancelling")
    jobs.wait(task, "cancelled")
    again = jobs.cancel(task)
    assert again.status_code == 400
    assert again.json()["message"] == f"Can't cancel task '{task}' which is completed or cancelling"
    assert jobs.http.put(f"{jobs.path}/tasks/{task}", params={"action": "pause"}).status_code == 415


@both_rocksdb
def test_a_stubborn_task_is_cancelled_too_by_its_status(jobs: Jobs) -> None:
    task = jobs.submit(stubborn(8))
    jobs.wait(task, "running")
    assert jobs.cancel(task).status_code == 202
    jobs.wait(task, "cancelled")


@both_rocksdb
def test_delete_refuses_a_running_task_unless_forced(jobs: Jobs) -> None:
    done, running = jobs.submit(QUICK), jobs.submit(SLEEP)
    jobs.wait(done, "success")
    jobs.wait(running, "running")
    gone = jobs.delete(done)
    assert (gone.status_code, gone.content) == (204, b"")
    assert jobs.get(done) is None
    missing = jobs.delete(done)
    assert (missing.status_code, missing.json()["message"]) == (404, f"Can't find task with id '{done}'")
    refused = jobs.delete(running)
    assert refused.status_code == 400
    assert "Please try to cancel the task first" in refused.json()["message"]
    jobs.cancel(running)
    jobs.wait(running, "cancelled")
    assert jobs.delete(running, force=True).status_code == 204


@both_rocksdb
def test_status_filters_and_an_unknown_status_names_the_known(jobs: Jobs) -> None:
    done, failed = jobs.submit(QUICK), jobs.submit(BOOM)
    jobs.wait(done, "success")
    jobs.wait(failed, "failed")
    assert [task["id"] for task in jobs.tasks(status="FAILED")] == [failed]
    answer = jobs.http.get(f"{jobs.path}/tasks", params={"status": "PENDING"})
    assert answer.status_code == 400
    assert "HANGING" in answer.json()["message"]
    assert "DELETING" in answer.json()["message"]


@both_rocksdb
def test_four_tasks_run_and_the_fifth_is_queued(jobs: Jobs) -> None:
    ids = [jobs.submit(SLEEP) for _ in range(5)]

    def words() -> list[str]:
        return sorted(task["task_status"] for task in jobs.tasks(ids=ids))

    assert wait_until(lambda: words() == ["queued"] + ["running"] * 4, PATIENCE), words()


@both_rocksdb
def test_a_large_result_comes_whole_chunked_and_cannot_be_left_out(jobs: Jobs) -> None:
    task = jobs.submit(BIG_RESULT)
    jobs.wait(task, "success")
    answer = jobs.http.get(f"{jobs.path}/tasks/{task}", params={"with_result": "false"})
    assert len(answer.content) > 20_000_000
    assert "content-length" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert "date" not in answer.headers


def test_an_unknown_graph_is_a_500_in_1_7(rocksdb_17: HugeGraphServer) -> None:
    with rocksdb_17.client() as http:
        answer = http.get("/graphspaces/DEFAULT/graphs/nosuch/tasks")
        assert answer.status_code == 500
        assert "NullPointerException" in answer.json()["exception"]
        assert answer.json()["trace"]


def test_an_unknown_graph_is_a_404_in_1_5(rocksdb_15: HugeGraphServer) -> None:
    with rocksdb_15.client() as http:
        answer = http.get("/graphs/nosuch/tasks")
        assert (answer.status_code, answer.json()["message"]) == (404, "Graph 'nosuch' does not exist")
        assert "trace" not in answer.json()


def test_discovery_in_1_7(rocksdb_17: HugeGraphServer) -> None:
    with rocksdb_17.client() as http:
        assert http.get("/versions").json()["versions"]["core"].startswith("1.7.0")
        assert http.get("/graphspaces").json() == {"graphSpaces": []}
        assert set(http.get("/graphspaces/DEFAULT/graphs").json()["graphs"]) == set(rocksdb_17.spec.graphs)
        assert "tasks" in http.get("/graphs/second/tasks").json()


def test_discovery_in_1_5(rocksdb_15: HugeGraphServer) -> None:
    with rocksdb_15.client() as http:
        assert http.get("/versions").json()["versions"]["core"].startswith("1.5.0")
        assert http.get("/graphspaces").status_code == 404
        assert http.get("/graphspaces/DEFAULT/graphs/hugegraph/tasks").status_code == 404
        assert set(http.get("/graphs").json()["graphs"]) == set(rocksdb_15.spec.graphs)


@pytest.mark.parametrize("limit", [100, 500])
def test_pages_of_5000_tasks_miss_none(big_graph: Jobs, limit: int) -> None:
    seen: list[int] = []
    token: str | None = ""
    while token is not None:
        tasks, token = big_graph.page(token, limit)
        seen += [task["id"] for task in tasks]
    assert set(seen) == set(range(1, BIG + 1))
    assert seen == sorted(seen)
    # From 500 a page on, the task at a boundary comes twice.
    assert (len(seen) > BIG) == (limit >= 500)


@on("memory_17")
def test_the_memory_backend_cannot_page_but_lists_and_looks(jobs: Jobs) -> None:
    ids = [jobs.submit(QUICK) for _ in range(3)]
    paged = jobs.http.get(f"{jobs.path}/tasks", params={"page": "", "limit": 10})
    assert paged.status_code == 400
    assert "Invalid paging iterator" in paged.json()["message"]
    assert {task["id"] for task in jobs.tasks(limit=-1)} == set(ids)
    assert {task["id"] for task in jobs.tasks(ids=[*ids, ids[-1] + 1])} == set(ids)


@on("distributed_17")
def test_the_distributed_scheduler_says_400_and_does_it(jobs: Jobs) -> None:
    cancelled, deleted, forced = (jobs.submit(SLEEP) for _ in range(3))
    for task in (cancelled, deleted, forced):
        running = jobs.wait(task, "running")
        assert running.get("task_server") is None
    cancel, delete = jobs.cancel(cancelled), jobs.delete(deleted)
    assert (cancel.status_code, delete.status_code) == (400, 400)
    assert "Can't cancel task" in cancel.json()["message"]
    assert delete.json()["message"] == f"There is no task with id '{deleted}'"
    assert jobs.delete(forced, force=True).status_code == 204
    assert jobs.get(forced) is None
    jobs.wait(cancelled, "cancelled")
    jobs.wait_gone(deleted)


def test_a_login_is_asked_for_and_a_token_is_one(auth_17: HugeGraphServer) -> None:
    path = f"{auth_17.graph_path()}/tasks"
    with httpx.Client(base_url=auth_17.url, trust_env=False) as stranger:
        assert stranger.get("/versions").status_code == 200
        refused = stranger.get(path)
        assert (refused.status_code, refused.json()["message"]) == (
            401,
            "Authentication credentials are required",
        )
        wrong = stranger.get(path, auth=("admin", "wrong"))
        assert (wrong.status_code, wrong.json()["message"]) == (401, "Authentication failed")
    with auth_17.client() as admin:
        assert admin.get(path).json() == {"tasks": []}
        login = {"user_name": "admin", "user_password": auth_17.spec.password}
        token = admin.post("/auth/login", json=login).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx.get(auth_17.url + path, headers=bearer, trust_env=False).json() == {"tasks": []}


def test_a_user_without_rights_sees_no_tasks(auth_17: HugeGraphServer) -> None:
    with Jobs(auth_17) as jobs:
        task = jobs.submit(QUICK)
        jobs.wait(task, *FINISHED)
        user = {"user_name": "guest", "user_password": "guest-pass"}
        assert jobs.http.post("/graphspaces/DEFAULT/auth/users", json=user).status_code == 201
        basic = base64.b64encode(b"guest:guest-pass").decode()
        answer = httpx.get(
            f"{auth_17.url}{jobs.path}/tasks", headers={"Authorization": f"Basic {basic}"}, trust_env=False
        )
        assert (answer.status_code, answer.json()) == (200, {"tasks": []})
        jobs.clear()
