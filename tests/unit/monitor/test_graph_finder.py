"""The graphs of a server come and go, and a place for each of them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend_adapters.errors import NoSuchGraph, NotLoggedIn, Unreachable
from backend_adapters.model import Scope
from tests.unit.fakes import FakeBackend, FakeClock, run_until_idle, task
from tests.unit.joint_monitor import JointMonitor, run_joint_monitor
from tui.connection.graph_patterns import match_scopes
from tui.monitor.graph_finder import RETRY_SECONDS, SEARCH_SECONDS, GraphFinder


class GraphServer(FakeBackend):
    """A server whose graphs a test creates and drops; its own address names `g`."""

    def __init__(self, clock: FakeClock, *graphs: str) -> None:
        super().__init__(clock)
        self.graphs = list(graphs)

    async def scopes(self) -> tuple[Scope, ...]:
        return await self._call("scopes", None, lambda: tuple(Scope(graph=name) for name in self.graphs))


class FoundGraphs(JointMonitor):
    """A monitor with the finder of one server."""

    def __init__(self, rig: JointMonitor, patterns: tuple[str, ...], graphs: tuple[str, ...]) -> None:
        self.rig = rig
        self.server = GraphServer(rig.clock, *graphs)
        self.down: Unreachable | None = None

        def connect(scope: Scope | None):
            made = rig.connect(f"prod:{'g' if scope is None else scope.graph}", task(1))
            if self.down is not None:
                made.backend.always["connect"] = self.down
            return made

        self.finder = GraphFinder(
            self.server,
            choose=lambda scopes: match_scopes(patterns, scopes),
            connect=connect,
            clock=rig.clock,
        )
        rig.monitor.follow_finder(self.finder)

    def labels(self) -> list[str]:
        return sorted(self.rig.labels())


@asynccontextmanager
async def find_graphs(*graphs: str, patterns: tuple[str, ...] = ("*",)) -> AsyncIterator[FoundGraphs]:
    async with run_joint_monitor() as rig:
        found = FoundGraphs(rig, patterns, graphs)
        yield found
        await rig.clock.wait_for(rig.monitor.aclose())
        assert found.server.closed


async def test_each_graph_has_a_place_and_that_of_the_address_is_watched_once() -> None:
    async with find_graphs("g", "social", "movies") as found:
        await found.rig.start()
        assert found.labels() == ["g", "movies", "social"]
        assert sorted(found.rig.keys().split()) == ["1/1", "2/1", "3/1"]
        assert sorted(one.graph for one in (b.source for b in found.rig.backends.values())) == [
            "g",
            "movies",
            "social",
        ]


async def test_a_graph_that_is_listed_twice_is_one_place_and_goes_with_its_name() -> None:
    async with find_graphs("g", "social", "social", "g") as found:
        await found.rig.start()
        assert found.labels() == ["g", "social"]
        found.server.graphs = ["g"]
        await found.rig.clock.advance(SEARCH_SECONDS + 1)
        assert found.labels() == ["g"]


async def test_nothing_is_kept_of_graphs_that_are_gone() -> None:
    async with find_graphs("g") as found:
        await found.rig.start()
        seen = []
        for number in range(5):
            found.server.graphs = ["g", f"new{number}"]
            await found.rig.clock.advance(SEARCH_SECONDS + 1)
            seen.append(weakref.ref(found.rig.monitor.places[-1].place))
            # It is gone again while it is being read.
            found.rig.monitor.refresh_all()
            found.server.graphs = ["g"]
            await found.rig.clock.advance(SEARCH_SECONDS + 1)
        assert found.labels() == ["g"]
        found.rig.backends.clear()
        gc.collect()
        assert [one() for one in seen] == [None] * 5


async def test_graphs_that_are_created_and_dropped_come_and_go_with_their_rows() -> None:
    async with find_graphs("g", "social") as found:
        await found.rig.start()
        found.server.graphs = ["g", "movies"]
        await found.rig.clock.advance(SEARCH_SECONDS + 1)
        assert found.labels() == ["g", "movies"]
        assert sorted(found.rig.keys().split()) == ["1/1", "3/1"]
        assert found.rig.backends[2].closed
        found.server.graphs = ["g", "movies", "social"]
        await found.rig.clock.advance(SEARCH_SECONDS + 1)
        assert sorted(found.rig.keys().split()) == ["1/1", "3/1", "4/1"], "it is another one of that name"


async def test_only_what_is_wanted_is_watched() -> None:
    async with find_graphs("g", "social_eu", "social_us", "movies", patterns=("social_*",)) as found:
        await found.rig.start()
        assert found.labels() == ["social_eu", "social_us"]
        assert found.rig.backends[1].closed, "the graph of the address is not wanted"


async def test_with_nothing_that_fits_the_graph_of_the_address_stays() -> None:
    async with find_graphs("g", "movies", patterns=("social_*",)) as found:
        await found.rig.start()
        assert found.labels() == ["g"]


async def test_a_server_that_does_not_answer_is_asked_again_and_its_place_says_so() -> None:
    async with find_graphs("g", "social") as found:
        found.down = gone = Unreachable("prod refused the connection.")
        found.server.always["connect"] = gone
        await found.rig.start()
        assert found.labels() == ["g"]
        assert found.rig.monitor.health.error is gone
        found.down = None
        found.server.always.clear()
        found.rig.backends[1].always.clear()
        await found.rig.clock.advance(RETRY_SECONDS + 60)
        assert found.labels() == ["g", "social"]
        assert found.rig.monitor.health.error is None


async def test_places_stay_while_the_list_of_graphs_can_not_be_read() -> None:
    async with find_graphs("g", "social") as found:
        await found.rig.start()
        found.server.always["scopes"] = Unreachable("prod is gone.")
        found.server.graphs = []
        await found.rig.clock.advance(SEARCH_SECONDS * 3)
        assert found.labels() == ["g", "social"]


async def test_a_graph_that_the_address_names_and_that_is_gone_prevents_nothing() -> None:
    async with find_graphs("social") as found:
        found.server.always["connect"] = NoSuchGraph("There is no graph g.")
        await found.rig.start()
        assert found.labels() == ["social"]


async def test_no_list_is_asked_for_after_the_end() -> None:
    async with find_graphs("g") as found:
        found.server.gates["scopes"] = gate = asyncio.Event()
        await found.rig.start()
        await found.rig.clock.wait_for(found.rig.monitor.aclose())
        gate.set()
        await run_until_idle()
        asked = found.server.count("scopes")
        await found.rig.clock.advance(SEARCH_SECONDS * 3)
        assert found.server.count("scopes") == asked


async def test_a_refused_login_is_not_sent_again_before_a_person_asks() -> None:
    async with find_graphs("g", "social") as found:
        found.server.always["connect"] = NotLoggedIn("The password is wrong.")
        await found.rig.start()
        asked = found.server.count("connect")
        await found.rig.clock.advance(SEARCH_SECONDS * 20)
        assert found.server.count("connect") == asked == 1
        found.server.always.clear()
        found.rig.monitor.poll_now()
        await run_until_idle()
        assert found.labels() == ["g", "social"]


async def test_reloading_looks_for_graphs_at_once() -> None:
    async with find_graphs("g") as found:
        await found.rig.start()
        found.server.graphs = ["g", "movies"]
        found.rig.monitor.refresh_all()
        await run_until_idle()
        assert found.labels() == ["g", "movies"]


async def test_while_paused_no_graphs_are_looked_for_unless_a_person_asks() -> None:
    async with find_graphs("g") as found:
        await found.rig.start()
        found.rig.monitor.set_paused(True)
        asked = found.server.count("scopes")
        found.server.graphs = ["g", "movies"]
        await found.rig.clock.advance(SEARCH_SECONDS * 3)
        assert found.server.count("scopes") == asked
        found.rig.monitor.refresh_all()
        await run_until_idle()
        assert found.labels() == ["g", "movies"]
        found.server.graphs = ["g", "movies", "social"]
        await found.rig.clock.advance(SEARCH_SECONDS * 3)
        assert found.labels() == ["g", "movies"]
        found.rig.monitor.set_paused(False)
        await run_until_idle()
        assert found.labels() == ["g", "movies", "social"]
