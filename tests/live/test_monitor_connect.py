"""Getting to a real server: logins, graphs that are not there, paths, and addresses where nothing listens."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from backend_adapters.errors import NoSuchGraph, NotLoggedIn, Unreachable
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.transport.client import Transport
from backend_adapters.transport.credentials import Credentials
from tests.live.recorded_monitor import record_monitor, target_of
from tests.live.seeded_tasks import QUICK, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tests.support.ports import free_port
from tui.monitor.health import Phase

both_rocksdb = on("rocksdb_17", "rocksdb_15")


async def test_a_wrong_password_is_asked_once_and_the_right_one_after_a_wake(
    auth_17: HugeGraphServer,
) -> None:
    user, password = auth_17.auth
    credentials = Credentials(user, lambda: "wrong")
    async with record_monitor(auth_17, interval=0.1, credentials=credentials) as watch:
        await watch.until(lambda: watch.health.phase is Phase.BLOCKED)
        assert isinstance(watch.health.error, NotLoggedIn)
        assert "Authentication failed" in str(watch.health.error)
        assert watch.health.retry_at is None
        requests = watch.backend.transport.request_count
        assert requests <= 4
        async with record_monitor(auth_17, interval=0.1) as other:
            await other.until(lambda: other.polls > 10)
        assert watch.backend.transport.request_count == requests, "it knocks again and again"

        credentials.use_password(user, lambda: password)
        watch.monitor.only.poller.poll_now()
        await watch.live()


async def test_who_gives_no_name_is_told_to_log_in(auth_17: HugeGraphServer) -> None:
    async with record_monitor(auth_17, credentials=Credentials()) as watch:
        await watch.until(lambda: watch.health.phase is Phase.BLOCKED)
        assert isinstance(watch.health.error, NotLoggedIn)
        assert "Authentication credentials are required" in str(watch.health.error)
        assert "--user" in watch.health.error.hint


async def test_a_token_is_a_login_too(auth_17: HugeGraphServer) -> None:
    user, password = auth_17.auth
    with Jobs(auth_17) as jobs:
        await asyncio.to_thread(jobs.clear)
        login = {"user_name": user, "user_password": password}
        token = jobs.http.post("/auth/login", json=login).json()["token"]
        task = await asyncio.to_thread(jobs.submit, QUICK)
        async with record_monitor(auth_17, credentials=Credentials(token=lambda: token)) as watch:
            await watch.live()
            await watch.shows(task, "success")
        await asyncio.to_thread(jobs.clear)


@both_rocksdb
async def test_an_unknown_graph_is_named_with_those_there_are(server: HugeGraphServer) -> None:
    async with record_monitor(server, "nosuch") as watch:
        await watch.until(lambda: watch.health.phase is Phase.BLOCKED)
        error = watch.health.error
        assert isinstance(error, NoSuchGraph)
        assert error.graphs == tuple(sorted(server.spec.graphs))
        assert 'has no graph "nosuch"' in str(error)
        assert "second" in str(error)


@both_rocksdb
async def test_a_graph_that_went_away_is_told_from_a_failing_server(server: HugeGraphServer) -> None:
    # 1.7.0 answers 500 with a NullPointerException, 1.5.0 a plain 404.
    transport = Transport(target_of(server))
    try:
        for space in (None, "DEFAULT") if server.spec.version >= "1.7" else (None,):
            with pytest.raises(NoSuchGraph) as caught:
                await read_tasks_by_id(HugeGraphClient(transport, Paths("nosuch", space)), [1])
            assert caught.value.graphs == tuple(sorted(server.spec.graphs))
    finally:
        await transport.aclose()


async def test_where_nothing_listens_it_keeps_trying(rocksdb_17: HugeGraphServer) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with record_monitor(rocksdb_17, url=url) as watch:
        await watch.until(lambda: watch.health.phase is Phase.OFFLINE)
        assert isinstance(watch.health.error, Unreachable)
        assert "refused the connection" in str(watch.health.error)
        first = watch.health.retry_at
        assert first is not None
        await watch.until(lambda: (watch.health.retry_at or 0) > first)


async def test_1_5_is_asked_by_classic_paths(rocksdb_15: HugeGraphServer) -> None:
    async with record_monitor(rocksdb_15) as watch:
        await watch.live()
        assert watch.health.info.version == "1.5.0"
        assert (watch.backend.source.graphspace, watch.backend.source.qualified_graph) == (None, "hugegraph")
        assert {scope.graphspace for scope in await watch.monitor.only.backend.scopes()} == {None}


async def test_graphspace_paths_on_a_server_without_them_say_so(rocksdb_15: HugeGraphServer) -> None:
    async with record_monitor(rocksdb_15, paths="graphspace") as watch:
        await watch.until(lambda: watch.health.phase is Phase.BLOCKED)
        assert isinstance(watch.health.error, NoSuchGraph)
        assert "HugeGraph 1.5.0" in str(watch.health.error)
        assert "has no graphspaces" in str(watch.health.error)
        assert "classic" in watch.health.error.hint
    async with record_monitor(rocksdb_15, graphspace="DEFAULT") as watch:
        await watch.live()
    async with record_monitor(rocksdb_15, graphspace="other") as watch:
        await watch.until(lambda: watch.health.phase is Phase.BLOCKED)
        assert isinstance(watch.health.error, NoSuchGraph)
        assert "without graphspaces" in str(watch.health.error)


@on("rocksdb_17", "rocksdb_15", "memory_17", "distributed_17", "auth_17")
async def test_a_server_that_was_watched_is_known_and_what_came_since_is_found(
    server: HugeGraphServer, jobs: Jobs
) -> None:
    before = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(30)]
    await asyncio.to_thread(jobs.wait, before[-1], "success")
    async with record_monitor(server) as watch:
        await watch.until(lambda: watch.health.scanned)
        place = watch.backend.place
        assert place is not None
        assert (place.version, place.highest) == (server.spec.version, before[-1])
    since = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(3)]
    await asyncio.to_thread(jobs.wait, since[-1], "success")
    for remembered in (place, replace(place, highest=5_000), replace(place, version="1.0.0", graphspace="")):
        async with record_monitor(server, remembered=remembered) as watch:
            await watch.until(lambda: watch.health.scanned)
            assert {*before, *since} <= set(watch.ids)
            assert watch.backend.place == replace(place, highest=since[-1])
            assert watch.health.error is None
