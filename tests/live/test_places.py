"""Several servers in one engine: graphs that come and go, one that dies, other dialects, a wrong login."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.model import Action
from backend_adapters.transport.credentials import Credentials
from tests.live.conftest import NewServer
from tests.live.java_process import wait_until
from tests.live.recorded_monitor import target_of
from tests.live.recorded_places import OPTIONS, drop_graph, open_server, shorten_pauses, wait_for_words, watch
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tests.support.patience import PATIENCE
from tests.ui.running_app import read_screen
from tui.app import Graphtop
from tui.connection.demo import make_demo_target
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.health import Phase
from tui.monitor.outcomes import Outcome
from tui.screens.tasks.row_overlays import find_old_keys

pytestmark = pytest.mark.timeout(1200)

LOGIN = Spec(password="correct horse")
"""Only a server with logins creates graphs."""
OLD = Spec(version="1.5.0")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_pauses(monkeypatch)


def open_demos() -> list[Destination]:
    """A simulated project of GES and computer jobs."""
    return [
        Destination(replace(make_demo_target(dialect=dialect), profile=profile), OPTIONS)
        for dialect, profile in (("ges", "cloud"), ("computerdis", "jobs"))
    ]


def create_graph(client: httpx.Client, graph: str) -> None:
    settings = {
        "gremlin.graph": "org.apache.hugegraph.auth.HugeFactoryAuthProxy",
        "backend": "rocksdb",
        "serializer": "binary",
        "store": graph,
        "rocksdb.data_path": f"./data/{graph}",
        "rocksdb.wal_path": f"./data/{graph}",
    }
    made = client.post(f"/graphspaces/DEFAULT/graphs/{graph}", json=settings)
    assert made.status_code == 201, made.text


async def test_graphs_come_and_go_beside_a_server_that_dies_and_is_started_again(
    new_server: NewServer,
) -> None:
    new = await asyncio.to_thread(new_server, LOGIN)
    old = await asyncio.to_thread(new_server, OLD)
    with Jobs(new) as new_jobs, Jobs(old) as old_jobs, new.client() as client:
        first = await asyncio.to_thread(new_jobs.submit, QUICK)
        kept = await asyncio.to_thread(old_jobs.submit, QUICK)
        await asyncio.to_thread(new_jobs.wait, first, "success")
        await asyncio.to_thread(old_jobs.wait, kept, "success")
        places = [open_server(new, "new", "*"), open_server(old, "old"), *open_demos()]
        async with watch(*places) as seen:
            await seen.live("new:DEFAULT/hugegraph", "old:hugegraph")
            assert seen.shows("new:DEFAULT/hugegraph", first, "success")
            assert seen.shows("old:hugegraph", kept, "success")
            assert {task.place.dialect for task in seen.monitor.view if task.place} == {
                "hugegraph",
                "ges",
                "computerdis",
            }

            await asyncio.to_thread(create_graph, client, "later")
            await seen.live("new:DEFAULT/later")
            with Jobs(new, "later") as later:
                same = await asyncio.to_thread(later.submit, QUICK)
                assert same == first, "ids count from 1 in each graph"
                await seen.until(lambda: seen.shows("new:DEFAULT/later", same, "success"))
                await asyncio.to_thread(later.clear)

            await asyncio.to_thread(old.kill)
            await seen.until(lambda: seen.monitor.health.partial.endswith("does not answer."))
            health = seen.monitor.health
            assert (health.phase, health.error) == (Phase.LIVE, None), "the others are live"
            (silent,) = [one for one in seen.monitor.places if one.health.error is not None]
            assert isinstance(silent.health.error, Unreachable)
            row = seen.find("old:hugegraph", kept)
            assert row is not None, "its rows stay"
            assert find_old_keys(seen.monitor, list(seen.monitor.view)) == {row.key}

            await asyncio.to_thread(drop_graph, client, "later")
            await seen.until(lambda: "new:DEFAULT/later" not in seen.names)
            assert not [name for name in seen.rows if name.startswith("later")]

            await asyncio.to_thread(old.restart)
            await seen.live()
            assert seen.monitor.health.partial == ""
            assert find_old_keys(seen.monitor, list(seen.monitor.view)) == frozenset()
            assert seen.shows("old:hugegraph", kept, "success")


async def test_a_cancel_over_two_servers(new_server: NewServer) -> None:
    new = await asyncio.to_thread(new_server, Spec(graphs=("hugegraph", "second")))
    old = await asyncio.to_thread(new_server, OLD)
    with Jobs(new) as one, Jobs(new, "second") as second, Jobs(old) as other:
        running = {
            "new:DEFAULT/hugegraph": await asyncio.to_thread(one.submit, SLEEP),
            "new:DEFAULT/second": await asyncio.to_thread(second.submit, SLEEP),
            "old:hugegraph": await asyncio.to_thread(other.submit, SLEEP),
        }
        untouched = await asyncio.to_thread(other.submit, SLEEP)
        for jobs in (one, second, other):
            await asyncio.to_thread(jobs.wait, 1, "running")
        async with watch(open_server(new, "new", "*"), open_server(old, "old")) as seen:
            await seen.live(*running)
            await seen.until(lambda: all(seen.shows(*item, "running") for item in running.items()))
            shown = [task for item in running.items() if (task := seen.find(*item)) is not None]
            assert len(shown) == 3
            assert {task.id for task in shown} == {"1"}, "the same id in three places"
            seen.monitor.start_action(Action.CANCEL, shown)
            await seen.until(lambda: len(seen.reports) == 3)
            assert {report.outcome for report in seen.reports} == {Outcome.CANCELLED}
            assert {report.task.key for report in seen.reports} == {task.key for task in shown}
            for jobs in (one, second, other):
                assert await asyncio.to_thread(wait_until, lambda jobs=jobs: is_cancelled(jobs), PATIENCE)
            record = await asyncio.to_thread(other.look, untouched)
            assert record is not None
            assert record["task_status"] == "running"
        await asyncio.to_thread(other.clear)


def is_cancelled(jobs: Jobs) -> bool:
    record = jobs.look(1)
    return record is not None and record["task_status"] == "cancelled"


async def test_a_wrong_password_for_one_leaves_the_others_live(
    auth_17: HugeGraphServer, rocksdb_15: HugeGraphServer
) -> None:
    user, password = auth_17.auth or ("", "")
    credentials = Credentials(user, lambda: "wrong")
    locked = Destination(
        target_of(auth_17, "hugegraph", profile="locked", dialect="hugegraph", credentials=credentials),
        OPTIONS,
    )
    with Jobs(rocksdb_15) as jobs:
        task = await asyncio.to_thread(jobs.submit, QUICK)
        async with watch(locked, open_server(rocksdb_15, "old")) as seen:
            await seen.until(lambda: seen.shows("old:hugegraph", task, "success"))
            place = seen.monitor.places[0]
            await seen.until(lambda: place.health.phase is Phase.BLOCKED)
            assert isinstance(place.health.error, NotLoggedIn)
            assert (seen.monitor.health.phase, seen.monitor.health.error) == (Phase.LIVE, None)
            later = await asyncio.to_thread(jobs.submit, QUICK)
            await seen.until(lambda: seen.shows("old:hugegraph", later, "success"))

            credentials.use_password(user, lambda: password)
            place.poller.poll_now()
            await seen.live()
            assert seen.monitor.health.partial == ""
        await asyncio.to_thread(jobs.clear)


async def test_the_screen_tells_of_a_server_that_dies_and_keeps_its_rows(
    rocksdb_17: HugeGraphServer, new_server: NewServer
) -> None:
    old = await asyncio.to_thread(new_server, OLD)
    places = (open_server(rocksdb_17, "new", "*"), open_server(old, "old"), *open_demos())
    with Jobs(rocksdb_17, "second") as second, Jobs(old) as jobs:
        running = await asyncio.to_thread(second.submit, SLEEP)
        kept = await asyncio.to_thread(jobs.submit, QUICK)
        await asyncio.to_thread(jobs.wait, kept, "success")
        app = Graphtop(None, OPTIONS, profile_source=ProfileSwitcher(), destinations=places)
        async with app.run_test(size=(120, 36)) as pilot:
            await wait_for_words(pilot, "6 places", "new:second", "cloud", "jobs:hugegraph", "old:hugegraph")
            line = next(line for line in read_screen(app) if "new:second" in line)
            assert f" {running} " in line
            assert "running" in line
            await asyncio.to_thread(old.kill)
            await wait_for_words(
                pilot, "6 places · 1 does not answer", "old:hugegraph does not answer.", "live"
            )
            await asyncio.to_thread(old.restart)
            await wait_for_words(pilot, "6 places", "old:hugegraph", gone="answer")
        await asyncio.to_thread(second.clear)
