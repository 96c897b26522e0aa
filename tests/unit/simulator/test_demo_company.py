"""The made-up company of `graphtop demo --all`: its places, and what a table of all of them tells."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import Unreachable
from backend_adapters.model import Task, TaskStatus
from backend_adapters.registry import open_backend
from backend_adapters.simulator.company_urls import COMPANY_HUGEGRAPH_URLS, RECOVERY_URL
from backend_adapters.simulator.demo_company import SERVERS, make_company_transports
from backend_adapters.simulator.demo_targets import make_hugegraph_demo
from tui.connection.demo import DemoPlace, make_company_targets

NOW = 1_795_420_000_000
LISTS = [
    (url, f"/graphs/{graph}" if settings.version < "1.7" else f"/graphspaces/{space}/graphs/{graph}")
    for url, settings in SERVERS.items()
    for space, graph in settings.split_graphs()
]


async def answers(seed: int) -> list[bytes]:
    """The whole lists of tasks of all servers that answer, an hour after their start."""
    clock = [NOW]
    ways = make_company_transports(seed, lambda: clock[0])
    clock[0] += 3_600_000
    found = []
    for url, graph in LISTS:
        async with httpx.AsyncClient(transport=ways[url], base_url=url) as http:
            answer = await http.get(f"{graph}/tasks?limit=-1")
            assert answer.status_code == 200, answer.text
            found.append(answer.content)
    return found


async def test_seed_and_clock_decide_all_that_the_company_does() -> None:
    once = await answers(7)
    assert once == await answers(7)
    assert all(one != other for one, other in zip(once, await answers(8), strict=True))


async def tasks_of(backend: Backend) -> dict[str, Task]:
    """All tasks of a place by their ids."""
    await backend.connect()
    return {task.id: task async for batch in backend.snapshot() for task in batch.tasks}


def name(place: DemoPlace) -> str:
    target = place.target
    return target.profile if target.graph is None else f"{target.profile}:{target.graph}"


@pytest.fixture(scope="module")
def places() -> tuple[DemoPlace, ...]:
    return make_company_targets(41)


def test_there_are_three_servers_with_seven_graphs_a_project_and_one_that_is_down(places) -> None:
    assert [name(place) for place in places] == [
        "prod:hugegraph", "prod:payments", "prod:risk", "staging:hugegraph", "staging:recommendations",
        "dev:hugegraph", "dev:social", "cloud", "dr:hugegraph",
    ]  # fmt: skip
    assert {place.target.profile for place in places if place.production} == {"prod", "dr"}
    assert {place.target.dialect for place in places} == {"hugegraph", "computerdis", "ges"}
    assert {place.target.url for place in places if place.target.dialect != "ges"} == COMPANY_HUGEGRAPH_URLS


def stopped(places: tuple[DemoPlace, ...]) -> dict[str, Backend]:
    """The adapters of all HugeGraph places that answer, on servers whose clock stands still."""
    ways = make_company_transports(7, lambda: NOW)
    return {
        name(place): open_backend(replace(place.target, demo=None, http=ways[place.target.url]))
        for place in places
        if place.target.url in SERVERS
    }


async def test_each_place_tells_a_story_of_its_own(places) -> None:
    lists = {place: await tasks_of(backend) for place, backend in stopped(places).items()}
    unfinished = {
        place: Counter(task.status.value for task in tasks.values() if not task.status.is_finished)
        for place, tasks in lists.items()
    }
    assert unfinished == {
        "prod:hugegraph": {"running": 1},
        "prod:payments": {"running": 1},
        "prod:risk": {"running": 1},
        "staging:hugegraph": {},
        "staging:recommendations": {},
        "dev:hugegraph": {"running": 2, "queued": 4},
        "dev:social": {"running": 2},
    }
    rebuild = next(task for task in lists["prod:hugegraph"].values() if not task.status.is_finished)
    assert (rebuild.type, rebuild.name) == ("rebuild_index", "INDEX_LABEL:17:customerByEmail")
    failed = [t for t in lists["staging:recommendations"].values() if t.name.startswith("// copy ratings")]
    assert [task.status for task in failed] == [TaskStatus.FAILED] * 14
    assert any(task.progress for task in lists["prod:risk"].values() if not task.status.is_finished)


async def test_an_import_runs_in_the_cloud(places) -> None:
    jobs = (await tasks_of(open_backend(places[-2].target))).values()
    imports = [job for job in jobs if job.name == "ImportGraph" and job.status is TaskStatus.RUNNING]
    assert "fraud_ring" in [job.graph for job in imports]


async def test_the_failures_of_staging_have_one_cause(places) -> None:
    backend = stopped(places)["staging:recommendations"]
    failed = [task.id for task in (await tasks_of(backend)).values() if task.name.startswith("// copy")]
    causes = {(await backend.detail(task, cap=10_000)).result for task in failed}
    assert len(causes) == 1
    assert b"ratings-db.staging:5432 refused the connection" in (causes.pop() or b"")


async def test_the_recovery_site_refuses_connections(places) -> None:
    with pytest.raises(Unreachable) as refused:
        await open_backend(places[-1].target).connect()
    assert str(refused.value) == "dr.demo:8080 refused the connection: nothing is listening on this port."
    assert not refused.value.sent
    assert places[-1].target.url == RECOVERY_URL


async def test_the_places_of_a_server_share_it_and_see_all_its_graphs(places) -> None:
    for place in places[:3]:
        backend = open_backend(place.target)
        await backend.connect()
        graphs = [(scope.graphspace, scope.graph) for scope in await backend.scopes()]
        assert graphs == [("DEFAULT", "hugegraph"), ("DEFAULT", "payments"), ("fraud", "risk")]
    assert len({id(make_hugegraph_demo(place.target, 41).http) for place in places[:3]}) == 1
