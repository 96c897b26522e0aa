"""Which adapter a dialect opens, and what the demo's servers are."""

from __future__ import annotations

import pytest

from backend_adapters.errors import Unsupported
from backend_adapters.ges.adapter import GesBackend
from backend_adapters.ges.graph_backend import GesGraphBackend
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.hugegraph.computer.adapter import ComputerBackend
from backend_adapters.registry import DIALECTS, find_credentials, open_backend
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.adapters.test_ges_contract import GUISES

DEMO_URL, COMPUTER_DEMO_URL = (DIALECTS[name].demo_url for name in ("hugegraph", "computerdis"))
ADAPTERS = {
    "auto": HugeGraphBackend,
    "hugegraph": HugeGraphBackend,
    "computerdis": ComputerBackend,
    "ges": GesBackend,
    "ges-v1-2019": GesBackend,
    "ges-v2": GesBackend,
    "ges-graph": GesGraphBackend,
}


def test_every_dialect_opens_its_adapter() -> None:
    opened = {name: type(open_backend(Target(url="http://h", dialect=name))) for name in DIALECTS}
    assert opened == ADAPTERS


def test_an_unknown_dialect_names_the_known_ones_in_order() -> None:
    with pytest.raises(Unsupported) as caught:
        open_backend(Target(url="http://h", dialect="neo4j"))
    assert str(caught.value) == (
        f'There is no dialect "neo4j". graphtop supports: {", ".join(sorted(ADAPTERS))}.'
    )
    assert not caught.value.retryable


@pytest.mark.parametrize(("dialect", "place"), [
    ("hugegraph", "DEFAULT/hugegraph"), ("auto", "DEFAULT/hugegraph"), ("computerdis", "DEFAULT/hugegraph"),
])  # fmt: skip
async def test_the_demo_of_each_list_of_a_hugegraph_answers(dialect: str, place: str) -> None:
    backend = open_backend(Target(url=DEMO_URL, dialect=dialect, demo=1))
    await backend.connect()
    assert backend.source.qualified_graph == place
    assert (await anext(backend.snapshot())).tasks
    await backend.aclose()


@pytest.mark.parametrize("dialect", ["ges", "ges-v1-2019", "ges-v2"])
async def test_the_demo_of_ges_is_logged_in_by_its_own_keys(dialect: str) -> None:
    backend = open_backend(Target(url=DEMO_URL, dialect=dialect, demo=1))
    await backend.connect()
    assert (await anext(backend.snapshot())).tasks
    assert backend.source.project
    await backend.aclose()


async def test_the_demo_of_a_single_graph_of_ges_is_logged_in_by_its_token_whatever_was_given() -> None:
    lists = open_backend(Target(url=DEMO_URL, dialect="ges", demo=1))
    await lists.connect()
    graph = next(scope.graph for scope in await lists.scopes() if scope.graph)
    given = Credentials(token=lambda: "another")
    backend = open_backend(Target(url=DEMO_URL, dialect="ges-graph", demo=1, graph=graph, credentials=given))
    await backend.connect()
    assert backend.source.graph == graph
    for one in (lists, backend):
        await one.aclose()


@pytest.mark.parametrize(("url", "dialect"), [(DEMO_URL, "hugegraph"), (COMPUTER_DEMO_URL, "computerdis")])
async def test_another_seed_is_another_demo(url: str, dialect: str) -> None:
    async def oldest(seed: int) -> list[str]:
        backend = open_backend(Target(url=url, dialect=dialect, demo=seed))
        tasks = {int(task.id): task async for batch in backend.snapshot() for task in batch.tasks}
        await backend.aclose()
        return [f"{number} {tasks[number].name}" for number in sorted(tasks)[:20]]

    assert await oldest(1) == await oldest(1)
    assert await oldest(1) != await oldest(2)


async def test_the_demo_server_is_the_same_after_a_switch_and_another_one_for_another_seed() -> None:
    async def submitted(seed: int, url: str, dialect: str = "hugegraph") -> str:
        backend = open_backend(Target(url=url, dialect=dialect, demo=seed))
        await backend.connect()
        task_id = await backend.submit("1")
        await backend.aclose()
        return task_id

    first = int(await submitted(11, DEMO_URL))
    assert int(await submitted(11, DEMO_URL, "auto")) == first + 1
    assert int(await submitted(12, DEMO_URL)) != first + 2
    computer = int(await submitted(11, COMPUTER_DEMO_URL))
    assert int(await submitted(11, COMPUTER_DEMO_URL)) == computer + 1


async def test_the_tasks_beside_the_computer_jobs_of_the_demo_are_on_the_same_server() -> None:
    jobs = open_backend(Target(url=COMPUTER_DEMO_URL, dialect="computerdis", demo=13))
    tasks = open_backend(Target(url=COMPUTER_DEMO_URL, dialect="hugegraph", demo=13))
    await jobs.connect()
    created = await jobs.create("wcc", {})
    assert [task.id for task in (await tasks.look([created])).tasks] == [created]
    for one in (jobs, tasks):
        await one.aclose()


def test_a_hugegraph_has_no_places_of_its_own_to_log_in_from() -> None:
    keys = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK"}
    assert find_credentials("hugegraph", keys) is None
    assert find_credentials("neo4j", keys) is None
    for dialect in ("ges", "ges-v1-2019", "ges-v2", "ges-graph"):
        found = find_credentials(dialect, keys)
        assert found is not None
        assert repr(found.credentials.keys()) == "AccessKeys('AK', …)"


def test_every_adapter_is_run_through_the_contract_suite() -> None:
    dialects = {"auto", "computerdis", *(guise.dialect for guise in GUISES.values())}
    assert {DIALECTS[name].adapter for name in dialects} == {entry.adapter for entry in DIALECTS.values()}
