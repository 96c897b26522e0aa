"""A simulated server that can't read some of its records, as the task store of HugeGraph 1.5.0 and 1.7.0."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import (
    COMPUTER_DEMO,
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphSettings,
    hugegraph_app,
)

GRAPHS = "/graphspaces/DEFAULT/graphs"
TASKS = f"{GRAPHS}/hugegraph/tasks"


def client(settings: HugeGraphSettings) -> httpx.AsyncClient:
    """A client of a new server with these settings."""
    transport = httpx.ASGITransport(hugegraph_app(settings))
    return httpx.AsyncClient(transport=transport, base_url="http://simulated")


@pytest.mark.parametrize("scheduler", ["local", "distributed"])
@pytest.mark.parametrize("version", ["1.5.0", "1.7.0"])
async def test_each_answer_that_such_a_task_would_be_in_is_a_500(version, scheduler):
    settings = replace(
        EMPTY_HUGEGRAPH, history=20, unreadable=frozenset({7, 12}), version=version, scheduler=scheduler
    )
    tasks = "/graphs/hugegraph/tasks" if version < "1.7.0" else TASKS
    async with client(settings) as http:
        word = (await http.get(f"{tasks}?ids=8")).json()["tasks"][0]["task_status"]
        broken = (
            "?limit=-1",
            "?limit=7",
            "?limit=10&page=",
            "?ids=1&ids=12",
            f"?limit=-1&status={word.upper()}",
            "/7",
        )
        for path in broken:
            answer = await http.get(tasks + path)
            assert answer.status_code == 500, path
            assert answer.headers["connection"] == "close"
            said = answer.json()
            assert said["exception"] == "class org.apache.hugegraph.HugeException"
            assert said["message"] == "Failed to update/query TaskStore: java.lang.InterruptedException"
            assert said["cause"] == "java.lang.InterruptedException"
        for path in (
            "?limit=6",
            "?limit=6&page=",
            "?ids=1&ids=8",
            "?ids=99",
            "?limit=-1&status=RUNNING",
            "/8",
        ):
            assert (await http.get(tasks + path)).status_code == 200, path
        assert (await http.get(f"{tasks}/99")).status_code == 404


async def test_once_it_is_deleted_the_others_can_be_listed():
    async with client(replace(EMPTY_HUGEGRAPH, history=20, unreadable=frozenset({7}))) as http:
        assert (await http.delete(f"{TASKS}/7")).status_code == 204
        assert len((await http.get(f"{TASKS}?limit=-1")).json()["tasks"]) == 19
        assert (await http.get(f"{TASKS}/7")).status_code == 404


async def test_the_other_graphs_have_no_such_tasks():
    async with client(replace(DEMO_HUGEGRAPH, pace=0, unreadable=frozenset({7}))) as http:
        assert (await http.get(f"{TASKS}/7")).status_code == 500
        assert (await http.get(f"{GRAPHS}/supply_chain/tasks/7")).status_code == 200
        assert (await http.get(f"{GRAPHS}/supply_chain/tasks?limit=-1")).status_code == 200


async def test_a_computer_job_can_be_such_a_task():
    settings = replace(COMPUTER_DEMO, pace=0)
    jobs = f"{GRAPHS}/hugegraph/jobs/computerdis"
    async with client(settings) as http:
        number = (await http.get(f"{jobs}?limit=1")).json()["tasks"][0]["id"]
    async with client(replace(settings, unreadable=frozenset({number}))) as http:
        for path in (f"{jobs}?limit=1", f"{jobs}/{number}", f"{TASKS}/{number}"):
            assert (await http.get(path)).status_code == 500, path
