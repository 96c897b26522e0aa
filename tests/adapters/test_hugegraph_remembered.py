"""A place that is remembered: the first request is the right one, and a wrong memory costs requests only."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.errors import BackendError, NoSuchGraph, NotLoggedIn
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.client import IN_FLIGHT
from backend_adapters.transport.credentials import Credentials
from tests.adapters.scripted_servers import ScriptedServer, failure, record
from tests.adapters.test_hugegraph_first_rows import Reading, history, quick_answers, reading
from tests.support.faulty_proxy import INTERRUPTED, OUT_OF_MEMORY

__all__ = ["quick_answers"]

PLACE = RememberedPlace(
    version="1.7.0",
    graph="hugegraph",
    graphspace="DEFAULT",
    store="rocksdb",
    highest=5000,
    is_prompt=True,
)


def all_ids(one: Reading) -> set[int]:
    return {int(task.id) for _, batch in one.batches for task in batch.tasks}


async def read_whole(wire: ScriptedServer, place: RememberedPlace, **target: object) -> Reading:
    """Read everything with this memory; whatever it says, nothing must be missing."""
    async with reading(wire, remembered=place, **target) as one:
        await one.go()
        assert one._work.done()
        one._work.result()
        assert all_ids(one) == set(wire.records)
    return one


async def test_what_is_remembered_is_what_was_found_out():
    wire = ScriptedServer(history(5000, {4990}))
    async with reading(wire) as one:
        await one.go()
        assert one.backend.place == PLACE


async def test_at_a_known_place_all_comes_with_the_first_round():
    one = await read_whole(ScriptedServer(history(5000, {3000, 4990})), PLACE)
    assert one.depth_of(3000, 4990) == 1
    assert one.depth_of(*range(4991, 5001)) == 1
    lists = ["status=" in path for path in one.asked[0]]
    searches = ["ids=" in path for path in one.asked[0]]
    assert searches.index(True) > max(at for at, is_list in enumerate(lists) if is_list)
    asked = [path.partition("?")[0].rpartition("/")[2] for path in one.asked[0]]
    assert sorted(asked) == sorted(["versions", "graphs", "hugegraph", *["tasks"] * 10])


@pytest.mark.parametrize("version", ["1.0.0", "1.3.0", "1.5.0", "3.0.0"])
async def test_every_version_is_known_again(version):
    wire = ScriptedServer(history(300, {290}), version=version)
    async with reading(wire) as first:
        await first.go()
        place = first.backend.place
    one = await read_whole(wire, place)
    assert one.depth_of(290, *range(291, 301)) == 1


@pytest.mark.parametrize("came", [1, 24, 40, 200, 3000, 30_000])
async def test_what_came_since_is_found(came):
    one = await read_whole(ScriptedServer(history(5000 + came, {4990})), PLACE)
    assert one.depth_of(4990) == 1
    assert one.depth_of(5000 + came) <= (1 if came < 25 else 6)


@pytest.mark.parametrize("left", [0, 1, 30, 4000])
async def test_a_server_whose_ids_began_anew_loses_no_task(left):
    one = await read_whole(ScriptedServer(history(left)), PLACE)
    assert left == 0 or one.depth_of(left) <= 7


async def test_ids_of_another_server_are_no_reason_to_miss_the_newest():
    records = [record(n) for n in (*range(1, 4000), *range(4985, 4999))]
    one = await read_whole(ScriptedServer(records), PLACE)
    whole = next(batch for _, batch in one.batches if not batch.is_part)
    assert "4998" in {task.id for task in whole.tasks}


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("1.7.0", "1.5.0"),
        ("1.5.0", "1.7.0"),
        ("1.3.0", "1.7.0"),
        ("1.0.0", "1.5.0"),
        ("1.5.0", "1.0.0"),
        ("1.7.1", "1.7.0"),
    ],
)
async def test_an_upgrade_or_a_downgrade_costs_requests_only(now, before):
    place = replace(PLACE, version=before, graphspace="DEFAULT" if before >= "1.7" else "")
    wire = ScriptedServer(history(300, {290}), version=now)
    if now < "1.7":
        wire.override = lambda request: (
            failure(404, "javax.ws.rs.NotFoundException", "HTTP 404 Not Found")
            if request.url.path.startswith("/graphspaces")
            else None
        )
    one = await read_whole(wire, place)
    info = await one_version(wire)
    assert one.depth_of(290) <= 4
    assert info == now


async def one_version(wire: ScriptedServer) -> str | None:
    return (await wire.backend().connect()).version


async def test_another_store_is_found_out():
    wire = ScriptedServer(history(300, {290}))
    wire.store = "hstore"
    one = await read_whole(wire, PLACE)
    assert not next(batch for _, batch in one.batches if not batch.is_part).has_newest
    assert one.backend.place.highest == 0
    wire.store = "rocksdb"
    await read_whole(wire, replace(PLACE, store="hstore", highest=0))


async def test_on_a_cluster_that_lists_no_graphs_the_unfinished_come_at_once():
    wire = ScriptedServer(history(300, {290}))
    wire.store, wire.graphs = "hstore", []
    async with reading(wire) as one:
        await one.go()
        assert one.depth_of(290) == 3
        place = one.backend.place
    assert place.store == "hstore"
    one = await read_whole(wire, place)
    assert one.depth_of(290) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"graph": "../../admin"},
        {"graph": ""},
        {"graphspace": "a/b"},
        {"graphspace": "elsewhere"},
        {"highest": -7},
        {"highest": 2**62},
        {"highest": 2**49},
        {"version": ""},
        {"version": "latest"},
        {"store": "floppy"},
        {"store": ""},
    ],
)
async def test_nothing_that_is_written_there_does_harm(wrong):
    wire = ScriptedServer(history(300, {290}))
    one = await read_whole(wire, replace(PLACE, **wrong))
    assert one.depth_of(290) <= 4
    assert next(batch for _, batch in one.batches if not batch.is_part).has_newest
    assert one.backend.place == replace(PLACE, highest=300)


async def test_what_is_remembered_of_one_graph_is_not_used_for_another():
    wire = ScriptedServer(history(30))
    wire.graphs = ["other", "hugegraph"]
    async with reading(wire, graph="other", remembered=PLACE) as one:
        assert await one.rounds.answer_round() == ["GET /versions"]


async def test_another_graph_that_is_meant_now_is_read():
    wire = ScriptedServer(history(30))
    one = await read_whole(wire, replace(PLACE, graph="other"))
    assert one.backend.source.graph == "hugegraph"


async def test_a_graph_that_is_gone_is_told_as_ever():
    wire = ScriptedServer(history(30))
    wire.graphs = ["a", "b"]
    async with reading(wire, graph="hugegraph", remembered=PLACE) as one:
        await one.go(5)
        with pytest.raises(
            NoSuchGraph, match=r'no graph "hugegraph" in the graphspace DEFAULT\. Its graphs: a, b'
        ):
            one._work.result()


async def test_a_password_is_tried_once_before_all_the_rest():
    wire = ScriptedServer(history(30, {29}))
    login = Credentials("admin", lambda: "c4nary-wrong")
    one = await read_whole(wire, replace(PLACE, highest=30), credentials=login)
    assert [path.partition("?")[0] for path in one.asked[0]] == [
        "GET /versions",
        "GET /graphspaces/DEFAULT/graphs",
    ]
    assert one.depth_of(29, 30) == 2
    wire.override = lambda request: (
        None
        if request.url.path == "/versions"
        else failure(401, "javax.ws.rs.NotAuthorizedException", "Authentication failed")
    )
    async with reading(wire, remembered=PLACE, credentials=login) as one:
        mark = len(wire.requests)
        await one.go(5)
        with pytest.raises(NotLoggedIn):
            one._work.result()
        assert wire.since(mark) == ["GET /versions", "GET /graphspaces/DEFAULT/graphs"]


async def test_a_place_that_was_slow_is_asked_for_few_lists_at_a_time():
    one = await read_whole(ScriptedServer(history(30, {29})), replace(PLACE, is_prompt=False))
    assert max(len([path for path in asked if "status=" in path]) for asked in one.asked) <= IN_FLIGHT


async def test_a_server_that_was_too_busy_for_many_requests_is_asked_for_two_lists_at_a_time_from_then_on():
    wire = ScriptedServer(history(30, {29}))
    refused: list[httpx.Request] = []

    def override(request: httpx.Request) -> httpx.Response | None:
        if "status=NEW" in str(request.url) and not refused:
            refused.append(request)
            return httpx.Response(503, json={"message": "The server is too busy"})
        return None

    wire.override = override
    one = await read_whole(wire, replace(PLACE, highest=30))
    assert refused
    for _ in range(2):
        place = one.backend.place
        assert place == replace(PLACE, highest=30, takes_few=True)
        one = await read_whole(wire, place)
        assert max(len([path for path in asked if "status=" in path]) for asked in one.asked) == 2


async def test_a_server_that_fails_is_told_as_ever_and_then_asked_as_any_other():
    wire = ScriptedServer(history(30, {29}))
    wire.override = lambda request: httpx.Response(502, html="<html>bad gateway</html>")
    async with reading(wire, remembered=PLACE) as one:
        await one.go(5)
        with pytest.raises(Exception, match="502: bad gateway"):
            one._work.result()
        wire.override = lambda request: None
        again = asyncio.create_task(one.backend.connect(then_snapshot=True))
        assert len(await one.rounds.answer_round()) == 1, "as if nothing was known"
        await one.rounds.answer_round()
        assert (await again).version == "1.7.0"


@pytest.mark.parametrize("place", [PLACE, None])
@pytest.mark.parametrize(
    ("answer", "most"),
    [
        (lambda: failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED), 18),
        (lambda: failure(400, "org.apache.hugegraph.HugeException", OUT_OF_MEMORY), 18),
        # Each is refused before the server does anything, and asked for once more, two at a time.
        (lambda: httpx.Response(503, text="overloaded"), 30),
    ],
)
async def test_a_server_that_fails_over_its_tasks_is_not_asked_much_more(place, answer, most):
    wire = ScriptedServer(history(30, {29}))
    wire.override = lambda request: answer() if request.url.path.endswith("/tasks") else None
    async with reading(wire, remembered=place) as one:
        await one.go(30)
        assert isinstance(one._work.exception(), BackendError)
        assert len(wire.requests) <= most


@pytest.mark.parametrize("hangs", ["/versions", "/graphs", "/tasks"])
async def test_who_leaves_while_a_server_hangs_leaves_nothing_behind(hangs):
    async with reading(ScriptedServer(history(30, {29})), remembered=PLACE) as one:
        held = one.rounds.hold(lambda request: request.url.path.endswith(hangs))
        await one.go(3)
        assert held
        assert not one._work.done()
        await one.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_without_a_snapshot_nothing_more_is_asked():
    wire = ScriptedServer(history(30, {29}))
    await wire.backend(remembered=PLACE).connect()
    assert wire.since() == ["GET /versions", "GET /graphspaces/DEFAULT/graphs"]
