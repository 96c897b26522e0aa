"""Places become connections: each with its guard, its way back, and a number that no other has."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace as change

import httpx
import pytest

from backend_adapters.model import Action, Place
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.connection.profile_source import Destination
from tui.monitor.clock import Clock
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor_factory import MonitorFactory, cache_first_value
from tui.screens.retired_monitors import RetiredMonitors

QUIET = change(DEMO_HUGEGRAPH, pace=0.0, graphs=("hugegraph", "social"))


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def lead(profile: str, graph: str | None = None, *, graphs: tuple[str, ...] = (), **options) -> Destination:
    """A destination on a simulated server of its own."""
    http = httpx.ASGITransport(hugegraph_app(QUIET))
    target = Target(url=f"http://{profile}:8080", profile=profile, graph=graph, http=http)
    return Destination(target, ScreenOptions(journal=False, **options), graphs=graphs)


@pytest.fixture
def factory() -> MonitorFactory:
    said: list[str] = []
    return MonitorFactory(Clock(), RetiredMonitors(lambda work: work), said.append)


@asynccontextmanager
async def watch(factory: MonitorFactory, *leads: Destination) -> AsyncIterator[Monitor]:
    monitor = factory.watch_many(leads, Listener(), interval=3.0)
    try:
        yield monitor
    finally:
        await monitor.aclose()


def places_of(monitor: Monitor) -> list[Place]:
    return [one.place for one in monitor.places if one.place is not None]


async def until(monitor: Monitor, check) -> None:
    clock, end = Clock(), Clock().monotonic() + PATIENCE
    while not check():
        assert clock.monotonic() < end, [place.name for place in places_of(monitor)]
        await clock.sleep(0.01)


async def test_each_place_has_its_mark_its_guard_and_its_way_back(factory: MonitorFactory) -> None:
    origin = ValueOrigin(OriginKind.PROFILE, "config.toml", "prod")
    safe = lead("prod", "hugegraph", production=True, read_only=True, read_only_origin=origin)
    async with watch(factory, safe, lead("dev", "social")) as monitor:
        assert monitor.is_joint
        assert (monitor.interval, monitor.has_production) == (3.0, True)
        prod, dev = places_of(monitor)
        assert [(place.label, place.production) for place in (prod, dev)] == [
            ("hugegraph", True),
            ("social", False),
        ]
        monitor.start_watching()
        await until(monitor, lambda: monitor.health.scanned)
        refused = monitor.places[0].ability_for(Action.CANCEL)
        assert not refused
        assert "config.toml" in refused.reason
        assert monitor.places[1].ability_for(Action.CANCEL)
        back = factory.find_destination(prod)
        assert back is not None
        assert (back.target.profile, back.target.graph, back.target.budget) == ("prod", "hugegraph", None)
        assert back.options is safe.options
        assert {task.place for task in monitor.tasks.list_tasks()} == {prod, dev}


async def test_no_later_place_has_the_number_of_an_earlier_one(factory: MonitorFactory) -> None:
    numbers = []
    for _ in range(2):
        async with watch(factory, lead("prod"), lead("dev")) as monitor:
            numbers += [place.number for place in places_of(monitor)]
            first = places_of(monitor)[0]
            assert factory.find_destination(first) is not None
    assert len(set(numbers)) == 4
    gone = Place(number=numbers[0], profile="prod", dialect="hugegraph")
    assert factory.find_destination(gone) is None


async def test_the_way_to_a_place_that_is_gone_is_forgotten(factory: MonitorFactory) -> None:
    async with watch(factory, lead("prod", "social"), lead("dev", "social")) as monitor:
        monitor.remove_place(monitor.places[0])
        await until(monitor, lambda: len(monitor.acting_places) == 1)
        gc.collect()
        assert [one.target.profile for one in factory._destinations.values()] == ["dev"]


async def test_all_graphs_of_a_server_are_found(factory: MonitorFactory) -> None:
    async with watch(factory, lead("prod", graphs=("*",)), lead("dev", "social")) as monitor:
        monitor.start_watching()
        await until(monitor, lambda: len(monitor.places) == 3 and monitor.health.scanned)
        assert sorted(place.label for place in places_of(monitor)) == [
            "dev:social",
            "prod:hugegraph",
            "prod:social",
        ]
        found = [factory.find_destination(place) for place in places_of(monitor)]
        assert sorted(f"{one.target.profile}:{one.target.graph}" for one in found if one is not None) == [
            "dev:social",
            "prod:hugegraph",
            "prod:social",
        ]


COMPUTERS = change(
    EMPTY_HUGEGRAPH,
    version="1.7.0",
    computer="on",
    specials=True,
    history=5,
    graphs=("hugegraph", "social"),
)
"""Two graphs, of which the first has computer jobs among its tasks."""


@pytest.mark.parametrize(
    ("all_tasks", "some_jobs"),
    [
        ({"graphs": ("*",)}, {"graph": "hugegraph"}),
        ({"graphs": ("*",)}, {"graph": "hugegraph", "graphspace": "DEFAULT"}),
        ({"graphs": ("*",)}, {}),
        ({"graphs": ("*",)}, {"graphs": ("*",)}),
        ({}, {"graph": "hugegraph"}),
        ({"graph": "hugegraph"}, {"graph": "hugegraph", "graphspace": "DEFAULT"}),
    ],
)
@pytest.mark.parametrize("is_jobs_first", [False, True])
async def test_a_computer_job_is_shown_once_beside_the_tasks_of_its_graph(
    factory: MonitorFactory, all_tasks: dict, some_jobs: dict, is_jobs_first: bool
) -> None:
    http = httpx.ASGITransport(hugegraph_app(COMPUTERS))

    def at_server(profile: str, dialect: str, graphs: tuple[str, ...] = (), **more) -> Destination:
        target = Target(url="http://prod:8080", profile=profile, dialect=dialect, http=http, **more)
        return Destination(target, ScreenOptions(journal=False), graphs=graphs)

    lists = [at_server("prod", "auto", **all_tasks), at_server("olap", "computerdis", **some_jobs)]
    async with watch(factory, *(reversed(lists) if is_jobs_first else lists)) as monitor:

        def list_ids(*dialects: str) -> list[str]:
            return sorted(
                f"{place.graph}/{task.id}"
                for task in monitor.tasks.list_tasks()
                if (place := task.place) is not None and place.dialect in dialects
            )

        monitor.start_watching()
        await until(monitor, lambda: monitor.health.scanned and all(p.graph for p in places_of(monitor)))
        await until(monitor, lambda: len(list_ids("computerdis")) == 12)
        shown = list_ids("hugegraph", "computerdis")
        assert len(set(shown)) == len(shown)
        assert len(list_ids("hugegraph")) >= 20, "the other tasks are there"


async def test_one_place_is_watched_without_a_name_and_its_keys_are_ids(factory: MonitorFactory) -> None:
    one = lead("prod", "hugegraph")
    monitor = factory.watch_one(one.target, one.options, Listener(), last_rows=None)
    try:
        assert not monitor.is_joint
        monitor.start_watching()
        await until(monitor, lambda: monitor.health.scanned)
        assert all(task.place is None and task.key == task.id for task in monitor.tasks.list_tasks())
    finally:
        await monitor.aclose()


def test_what_is_read_for_all_graphs_of_a_server_is_read_once() -> None:
    read: list[str] = []
    first = cache_first_value(lambda: read.append("journal") or "cancel")
    assert [first(), first()] == ["cancel", "cancel"]
    assert read == ["journal"]
