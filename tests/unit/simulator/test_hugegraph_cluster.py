"""A simulated cluster: a graph on hstore with PD, as it was measured on real ones 1.5.0 and 1.7.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings, hugegraph_app

CLUSTER = replace(EMPTY_HUGEGRAPH, backend="hstore", scheduler="distributed")
SHIPPED = replace(CLUSTER, version="1.5.0")
TASKS = "/graphs/hugegraph/tasks"
LONG = "Thread.sleep(60000)"


class Cluster:
    """A cluster with a clock that a test moves."""

    def __init__(self, settings: HugeGraphSettings = CLUSTER) -> None:
        self.now = 1_795_420_000_000
        self._transport = httpx.ASGITransport(hugegraph_app(settings, lambda: self.now))
        self.http = httpx.AsyncClient(transport=self._transport, base_url="http://simulated")

    async def submit(self, *scripts: str) -> list[int]:
        answers = [
            await self.http.post(TASKS[:-5] + "jobs/gremlin", json={"gremlin": one}) for one in scripts
        ]
        return [answer.json()["task_id"] for answer in answers]

    async def statuses(self, ids: Sequence[int]) -> list[str]:
        answer = await self.http.get(TASKS, params={"ids": ids})
        found = {task["id"]: task["task_status"] for task in answer.json()["tasks"]}
        return [found.get(number, "gone") for number in ids]

    async def read_pages(self, limit: int) -> list[list[int]]:
        pages, token = [], ""
        while token is not None:
            page = (await self.http.get(TASKS, params={"limit": limit, "page": token})).json()
            pages.append([task["id"] for task in page["tasks"]])
            token = page["page"]
        return pages


@pytest.mark.parametrize(
    ("version", "path", "expected"),
    [
        ("1.7.0", "/graphs", {"graphs": []}),
        ("1.7.0", "/graphspaces/DEFAULT/graphs", {"graphs": []}),
        ("1.7.0", "/graphspaces", {"graphSpaces": ["DEFAULT"]}),
        ("1.7.0", "/graphs/hugegraph/tasks", {"tasks": []}),
        ("1.7.0", "/graphspaces/DEFAULT/graphs/hugegraph/tasks", {"tasks": []}),
        ("1.7.0", "/graphspaces/NOPE/graphs", 400),
        ("1.7.0", "/graphspaces/NOPE/graphs/hugegraph/tasks", 404),
        ("1.7.0", "/graphs/nope/tasks", 404),
        ("1.5.0", "/graphs", {"graphs": ["hugegraph"]}),
        ("1.5.0", "/graphspaces", 404),
    ],
)
async def test_what_a_cluster_lists(version: str, path: str, expected: object) -> None:
    answer = await Cluster(replace(CLUSTER, version=version)).http.get(path)
    assert expected == (answer.json() if answer.status_code == 200 else answer.status_code)


async def test_only_pages_of_one_task_lose_some_and_others_run_short_in_the_middle() -> None:
    cluster = Cluster(replace(CLUSTER, history=714))
    everything = [task["id"] for task in (await cluster.http.get(f"{TASKS}?limit=-1")).json()["tasks"]]
    for limit in (2, 7, 50, 419):
        assert list(chain.from_iterable(await cluster.read_pages(limit))) == everything
    assert {len(page) for page in (await cluster.read_pages(50))[:-1]} == {49, 50}
    lost = list(chain.from_iterable(await cluster.read_pages(1)))
    assert lost == everything[: len(lost)]
    assert 0 < len(lost) < 200


async def test_a_result_that_cannot_be_read_is_in_nobodys_way() -> None:
    cluster = Cluster(replace(CLUSTER, history=20, unreadable=frozenset({7})))
    assert len((await cluster.http.get(f"{TASKS}?limit=-1")).json()["tasks"]) == 20
    assert (await cluster.http.get(f"{TASKS}/7")).status_code == 500


async def test_version_150_as_shipped_starts_four_tasks_and_never_looks_again() -> None:
    cluster = Cluster(SHIPPED)
    ids = await cluster.submit(*[LONG] * 6)
    cluster.now += 30_000
    assert await cluster.statuses(ids) == ["running"] * 4 + ["new"] * 2
    cancelled = await cluster.http.put(f"{TASKS}/{ids[0]}?action=cancel")
    deleted = await cluster.http.delete(f"{TASKS}/{ids[1]}")
    forced = await cluster.http.delete(f"{TASKS}/{ids[2]}?force=true")
    assert [answer.status_code for answer in (cancelled, deleted, forced)] == [400, 400, 204]
    assert await cluster.statuses(ids) == ["cancelling", "deleting", "gone", "running", "new", "new"]
    cluster.now += 31_000
    assert await cluster.statuses(ids) == ["success"] * 4 + ["new"] * 2
    assert (await cluster.http.delete(f"{TASKS}/{ids[3]}")).status_code == 400
    cluster.now += 600_000
    assert (await cluster.statuses(ids))[3:] == ["deleting", "new", "new"]
