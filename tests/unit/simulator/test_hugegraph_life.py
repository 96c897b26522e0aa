"""The simulated world over time: believable, deterministic, within the server's own rules."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import httpx
import pytest
from starlette.types import Message

from backend_adapters.simulator import (
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphApp,
    HugeGraphSettings,
    hugegraph_app,
)
from backend_adapters.simulator.hugegraph import sample_scripts as scripts

NOW = 1_795_420_000_000
TASKS = "/graphs/hugegraph/tasks"

ALLOWED = {
    ("queued", "running"),
    ("queued", "cancelling"),
    ("running", "success"),
    ("running", "failed"),
    ("running", "cancelling"),
    ("cancelling", "cancelled"),
    ("cancelling", "success"),
    ("cancelling", "failed"),
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def world(settings: HugeGraphSettings) -> tuple[HugeGraphApp, Clock]:
    clock = Clock()
    return hugegraph_app(settings, clock), clock


def client(app: HugeGraphApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulated")


async def everything(app: HugeGraphApp, status: str | None = None) -> list[dict[str, object]]:
    query = {"limit": "-1", **({"status": status} if status else {})}
    async with client(app) as http:
        tasks: list[dict[str, object]] = (await http.get(TASKS, params=query)).json()["tasks"]
        return tasks


async def test_equal_seeds_and_clocks_give_equal_answers_however_often_one_looks() -> None:
    (one, clock_one), (two, clock_two) = world(DEMO_HUGEGRAPH), world(DEMO_HUGEGRAPH)
    for _ in range(48):
        clock_one.now += 5000
        await everything(one)
    clock_two.now += 240_000
    assert await everything(one) == await everything(two)
    other, _ = world(HugeGraphSettings(seed=8))
    assert await everything(other) != await everything(world(HugeGraphSettings())[0])


async def test_it_looks_alive_at_once() -> None:
    app, clock = world(DEMO_HUGEGRAPH)
    seen = {task["id"]: task["task_status"] for task in await everything(app)}
    changes: list[tuple[int, object]] = []
    for second in range(1, 31):
        clock.now += 1000
        now = {task["id"]: task["task_status"] for task in await everything(app)}
        changes += [(second, status) for task, status in now.items() if seen.get(task) != status]
        seen = now
    early = {status for second, status in changes if second <= 10}
    assert {"queued", "running", "success"} <= early
    assert "failed" in {status for _, status in changes}
    assert max(Counter(second for second, _ in changes).values()) <= 6


async def test_progress_is_fresh_by_ids_and_old_in_lists() -> None:
    app, clock = world(DEMO_HUGEGRAPH)
    (counting,) = [
        task for task in await everything(app, "RUNNING") if task["task_name"] == "algorithm:page_rank"
    ]
    clock.now += 3000
    async with client(app) as http:
        (fresh,) = (await http.get(TASKS, params={"ids": counting["id"]})).json()["tasks"]
    (listed,) = [task for task in await everything(app, "RUNNING") if task["id"] == counting["id"]]
    assert fresh["task_progress"] > 90_000
    assert listed["task_progress"] == 0


async def test_hours_pass_without_an_illegal_step_or_a_fifth_worker() -> None:
    app, clock = world(HugeGraphSettings())
    server = app.world
    (graph_tasks,) = server.graphs.values()
    seen = {task.id: task.status for task in graph_tasks}
    for _ in range(4 * 3600):
        clock.now += 1000
        server.advance_to_now()
        assert server.busy_workers <= 4
        for task in graph_tasks.select_tasks(None, max(1, graph_tasks.ids.last - 60), None):
            before = seen.get(task.id)
            assert before is None or before == task.status or _reachable(before, task.status)
            seen[task.id] = task.status
    assert [task.id for task in graph_tasks] == list(range(1, graph_tasks.ids.last + 1))
    assert graph_tasks.ids.last > 375 + 4 * 3600 / 10
    waiting = [task for task in graph_tasks if task.status == "queued"]
    assert len(waiting) < 40
    assert {task.status for task in graph_tasks} <= {"queued", "running", "success", "failed", "cancelled"}


@pytest.mark.parametrize("servers", [1, 2, 3])
async def test_a_cluster_gives_ids_out_in_blocks_and_lists_them_in_another_order(servers: int) -> None:
    app, _ = world(
        HugeGraphSettings(history=14_000, specials=False, pace=0, backend="hstore", servers=servers)
    )
    tasks = await everything(app)
    numbers = [int(str(task["id"])) for task in tasks]
    assert len(set(numbers)) == len(numbers) == 14_000
    assert numbers != sorted(numbers), "partition by partition"
    blocks = Counter((number - 1) // 10_000 for number in numbers)
    assert sorted(blocks) == list(range(len(blocks)))
    assert set(sorted(blocks.values())[servers:]) == {4000}, "a server takes a block after each restart"
    newest = sorted(tasks, key=lambda task: int(str(task["task_create"])))[-servers * 20 :]
    assert len({(int(str(task["id"])) - 1) // 10_000 for task in newest}) == servers
    paged: list[int] = []
    page: str | None = ""
    async with client(app) as http:
        while page is not None:
            answer = (await http.get(TASKS, params={"limit": "400", "page": page})).json()
            paged += [task["id"] for task in answer["tasks"]]
            page = answer["page"]
    assert paged == numbers


def _reachable(before: str, after: str) -> bool:
    """Whether a status follows another by allowed steps, several of which may lie between two looks."""
    reached = {before}
    while more := {new for old, new in ALLOWED if old in reached} - reached:
        reached |= more
    return after in reached


def named(tasks: Iterable[dict[str, object]], part: str) -> dict[str, object]:
    (task,) = [task for task in tasks if part in str(task["task_name"])]
    return task


async def test_the_odd_tasks_are_there() -> None:
    app, _ = world(DEMO_HUGEGRAPH)
    tasks = await everything(app)
    assert [task["id"] for task in tasks] == list(range(1, len(tasks) + 1))
    created = [int(str(task["task_create"])) for task in tasks]
    assert created == sorted(created)
    rebuilding = [
        task for task in tasks if task["task_type"] == "rebuild_index" and task["task_status"] == "running"
    ]
    assert NOW - int(str(rebuilding[0]["task_create"])) > 6 * 3600 * 1000
    assert named(tasks, "欺诈检测")["task_status"] == "success"
    assert named(tasks, "👩‍👩‍👧‍👦")["task_status"] == "failed"
    assert "\x1b[31;1m" in str(named(tasks, "DROP ALL")["task_name"])
    assert "[bold red]O'Brien[/]" in str(named(tasks, "bold red")["task_name"])
    assert {2} <= {task["task_retries"] for task in tasks}
    (child,) = [task for task in tasks if "task_dependencies" in task]
    (parent,) = child["task_dependencies"]  # type: ignore[misc]
    assert parent < child["id"]
    async with client(app) as http:
        loader = (await http.get(f"{TASKS}/{named(tasks, 'load suppliers')['id']}")).json()
    assert json.loads(loader["task_input"])["bindings"]["password"]


async def test_the_stuck_task_can_only_be_force_deleted() -> None:
    app, clock = world(DEMO_HUGEGRAPH)
    (stuck,) = [task for task in await everything(app) if task["task_server"] == "server-0"]
    path = f"{TASKS}/{stuck['id']}"
    async with client(app) as http:
        assert (await http.put(path, params={"action": "cancel"})).status_code == 202
        clock.now += 3600_000
        assert (await http.get(path)).json()["task_status"] == "cancelling"
        assert (await http.delete(path)).status_code == 400
        assert (await http.delete(path, params={"force": "true"})).status_code == 204
        clock.now += 3600_000
        assert (await http.get(path)).status_code == 404


async def test_the_stubborn_task_takes_its_time() -> None:
    app, clock = world(DEMO_HUGEGRAPH)
    stubborn = named(await everything(app, "RUNNING"), "must not be interrupted")
    path = f"{TASKS}/{stubborn['id']}"
    async with client(app) as http:
        await http.put(path, params={"action": "cancel"})
        clock.now += 15_000
        assert (await http.get(path)).json()["task_status"] == "cancelling"
        clock.now += 15_000
        assert (await http.get(path)).json()["task_status"] == "cancelled"


async def test_every_task_has_readable_texts_and_some_are_large() -> None:
    app, _ = world(HugeGraphSettings(history=150))
    sizes, failures = [], []
    async with client(app) as http:
        for task in await everything(app):
            detail = (await http.get(f"{TASKS}/{task['id']}")).json()
            if "task_input" in detail:
                json.loads(detail["task_input"])
            if detail["task_status"] == "success":
                json.loads(detail["task_result"])
                sizes.append(len(detail["task_result"]))
            elif detail["task_status"] == "failed":
                failures.append(detail["task_result"])
    assert max(sizes) > 3_000_000
    assert max(sizes) < 6_000_000
    assert sum(100_000 < size < 1_000_000 for size in sizes) > 3
    assert any(text.count("\n\tat ") > 20 for text in failures)
    assert all("Exception" in text or "Error" in text for text in failures)


async def test_of_a_hundred_thousand_tasks_only_those_asked_for_get_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    fill = scripts.fill_template

    def counted(template: str, salt: int) -> str:
        made.append(salt)
        return fill(template, salt)

    monkeypatch.setattr(scripts, "fill_template", counted)
    app, clock = world(HugeGraphSettings(history=100_000, unfinished=50, specials=False, pace=0))
    (graph_tasks,) = app.world.graphs.values()
    assert len(graph_tasks) == graph_tasks.ids.last == 100_050
    assert made == []
    clock.now += 100
    async with client(app) as http:
        running = (await http.get(TASKS, params={"status": "RUNNING"})).json()["tasks"]
        newest = (await http.get(TASKS, params={"ids": 100_050})).json()["tasks"]
    assert [task["id"] for task in running] == [100_001, 100_002, 100_003, 100_004]
    assert [(task["id"], task["task_status"]) for task in newest] == [(100_050, "queued")]
    assert 0 < len(made) <= len(running + newest)


async def test_an_empty_server_stays_empty() -> None:
    app, clock = world(EMPTY_HUGEGRAPH)
    clock.now += 3600_000
    assert await everything(app) == []


async def test_a_huge_result_is_made_as_it_is_sent() -> None:
    app, _ = world(replace(EMPTY_HUGEGRAPH, huge=5_000_000))
    pieces: list[bytes] = []

    async def send(message: Message) -> None:
        pieces.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": f"{TASKS}/1", "query_string": b"", "headers": []}
    await app({**scope, "raw_path": scope["path"].encode(), "root_path": ""}, never, send)
    task = json.loads(b"".join(pieces))
    rows = json.loads(task["task_result"])
    assert (task["id"], task["task_status"], rows[-1]) == (1, "success", {"id": "the last one"})
    assert 5_000_000 <= len(task["task_result"].encode()) < 5_200_000
    assert max(map(len, pieces)) < 200_000
    async with client(app) as http:
        listed = (await http.get(TASKS)).json()["tasks"]
        assert [row["id"] for row in listed] == [1]
        assert "task_result" not in listed[0]


async def never() -> Message:
    """A client that neither sends nor goes away."""
    await asyncio.Event().wait()
    raise AssertionError
