"""On a cluster each server process takes ids in blocks of 10,000: new tasks come up anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import httpx
import pytest

from backend_adapters.backend import Changes, KnownTasks
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from tests.adapters.scripted_servers import ScriptedServer, SilentStream, failure, ids_of, record

OFTEN = {"RUNNING", "QUEUED", "NEW", "RESTORING", "SCHEDULING", "SCHEDULED", "CANCELLING"}
SELDOM = {"HANGING", "DELETING"}


def cluster(records: Iterable[dict[str, Any]] = (), store: str = "hstore", **options: Any) -> ScriptedServer:
    """A server whose graph is in a store that gives ids out in blocks."""
    wire = ScriptedServer(records, **options)
    wire.store = store
    return wire


async def scanned(wire: ScriptedServer) -> tuple[HugeGraphBackend, int]:
    """A backend that has read everything, and how many requests there were until then."""
    backend = wire.backend()
    await backend.connect()
    async for _ in backend.snapshot():
        pass
    return backend, len(wire.requests)


def ids(changes: Changes) -> list[str]:
    return sorted((task.id for task in changes.tasks), key=int)


async def test_a_quiet_refresh_asks_five_times_whatever_the_history_and_each_status_within_two():
    wire = cluster(record(n, "running" if n == 10_005 else "success") for n in [*range(1, 301), 10_005])
    backend, mark = await scanned(wire)
    for _ in range(4):
        changes = await backend.changes(KnownTasks(["10005"], "10005"))
        assert (ids(changes), changes.missing, changes.stale) == (["10005"], frozenset(), False)
    polls = [wire.requests[mark + 5 * poll : mark + 5 * poll + 5] for poll in range(4)]
    assert len(wire.requests) - mark == 20
    for poll in polls:
        assert [bool(ids_of(request)) for request in poll] == [False, False, False, False, True]
        assert len(ids_of(poll[-1])) <= 390
        assert {request.url.params["limit"] for request in poll[:-1]} == {"200"}
    asked = [{request.url.params.get("status") for request in poll[:-1]} for poll in polls]
    for one, other in pairwise(asked):
        assert one | other >= OFTEN
    assert set.union(*asked) == OFTEN | SELDOM


@pytest.mark.parametrize("number", [301, 320, 9_999, 10_000, 10_001, 10_002, 20_001, 20_008, 80_001])
async def test_a_task_that_ended_at_once_is_found_by_its_id_wherever_a_server_gives_it_out(number):
    before = [*range(1, 301)] if number < 9_000 else [*range(1, 9_995)]
    wire = cluster(record(n) for n in before)
    backend, _ = await scanned(wire)
    wire.records[number] = record(number)
    assert ids(await backend.changes(KnownTasks([], str(before[-1])))) == [str(number)]


async def test_a_task_below_the_highest_known_id_is_found():
    wire = cluster(record(n) for n in [*range(1, 51), *range(10_001, 10_301), *range(20_001, 20_003)])
    backend, _ = await scanned(wire)
    wire.records |= {51: record(51), 10_301: record(10_301, "running")}
    assert ids(await backend.changes(KnownTasks([], "20002"))) == ["51", "10301"]


async def test_an_unfinished_task_is_found_by_its_status_however_far_its_id_is():
    wire = cluster(record(n) for n in range(1, 51))
    backend, _ = await scanned(wire)
    wire.records |= {n: record(n, "new" if n == 900_500 else "success") for n in range(900_001, 900_501)}
    found = [await backend.changes(KnownTasks([], "50")) for _ in range(2)]
    assert {task for changes in found for task in ids(changes)} == {str(n) for n in range(900_001, 900_501)}


async def test_what_a_status_lists_is_read_by_its_id_which_is_fresher():
    wire = cluster(record(n) for n in range(1, 51))
    backend, mark = await scanned(wire)
    wire.records[700_000] = record(700_000)
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": [record(700_000, "running")], "page": None})
        if request.url.params.get("status") == "RUNNING"
        else None
    )
    (task,) = (await backend.changes(KnownTasks([], "50"))).tasks
    assert (task.id, task.raw_status) == ("700000", "success")
    assert any(700_000 in ids_of(request) for request in wire.requests[mark:])


@pytest.mark.parametrize("born", [1, 9, 10, 11, 20, 21, 60, 500, 6_000])
async def test_many_new_tasks_of_a_block_are_all_found_in_one_refresh(born):
    wire = cluster(record(n) for n in [*range(1, 101), *range(10_001, 10_101)])
    backend, mark = await scanned(wire)
    wire.records |= {n: record(n) for n in range(101, 101 + born)}
    wire.records |= {n: record(n) for n in range(20_001, 20_001 + born)}
    changes = await backend.changes(KnownTasks([], "10100"))
    wanted = [*range(101, 101 + born), *range(20_001, 20_001 + born)]
    assert ids(changes) == [str(n) for n in wanted]
    assert not changes.stale
    asked = Counter(
        number for request in wire.requests[mark:] for number in ids_of(request) if number < 20_000
    )
    assert max(asked.values()) <= 2, "only the single ids far above the edge are asked for twice"


async def test_more_new_tasks_than_a_refresh_should_read_call_for_a_snapshot():
    wire = cluster([record(1)])
    backend, mark = await scanned(wire)
    wire.records |= {n: record(n) for n in range(2, 30_000)}
    changes = await backend.changes(KnownTasks([], "1"))
    assert changes.stale
    assert len(wire.requests) - mark <= 45


async def test_the_windows_of_many_blocks_fit_into_one_request_and_no_block_is_left_out_for_long():
    blocks = range(500)
    wire = cluster(record(block * 10_000 + 1) for block in blocks)
    backend, mark = await scanned(wire)
    for _ in range(5):
        assert ids(await backend.changes(KnownTasks([], "4990001"))) == []
    firsts = [request for request in wire.requests[mark:] if ids_of(request)]
    assert len(firsts) == 5
    asked = {number for request in firsts for number in ids_of(request)}
    assert asked >= {block * 10_000 + 2 for block in blocks}


@pytest.mark.parametrize(("unfinished", "requests"), [(200, 1), (310, 1), (311, 2), (600, 2)])
async def test_the_unfinished_leave_room_for_the_windows(unfinished, requests):
    wire = cluster(record(n, "running") for n in range(1, unfinished + 1))
    backend, mark = await scanned(wire)
    known = KnownTasks([str(n) for n in range(1, unfinished + 1)], str(unfinished))
    assert len((await backend.changes(known)).tasks) == unfinished
    by_ids = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert len(by_ids) == requests
    assert unfinished + 1 in [number for numbers in by_ids for number in numbers]


async def test_the_unfinished_that_are_gone_are_missing_and_a_new_beginning_is_stale():
    wire = cluster(record(n, "running") for n in [*range(1, 51), 10_001])
    backend, _ = await scanned(wire)
    del wire.records[50]
    changes = await backend.changes(KnownTasks(["49", "50"], "10001"))
    assert (changes.missing, changes.stale) == ({"50"}, False)
    assert "49" in ids(changes)
    wire.records = {}
    changes = await backend.changes(KnownTasks(["49", "10001"], "10001"))
    assert (changes.missing, changes.stale) == ({"49", "10001"}, True)
    mark = len(wire.requests)
    await backend.changes(KnownTasks([], None))
    assert not any(ids_of(request) for request in wire.requests[mark:]), "the blocks of before are forgotten"


async def test_an_idle_cluster_that_was_emptied_is_noticed_after_some_refreshes():
    wire = cluster([record(1), record(10_001)])
    backend, _ = await scanned(wire)
    wire.records = {}
    assert [(await backend.changes(KnownTasks([], "10001"))).stale for _ in range(10)] == [False] * 9 + [True]


async def test_a_graph_without_tasks_shows_its_first_one():
    wire = cluster()
    backend, _ = await scanned(wire)
    assert ids(await backend.changes(KnownTasks([], None))) == []
    wire.records[10_001] = record(10_001)
    assert ids(await backend.changes(KnownTasks([], None))) == ["10001"]


async def test_records_that_cannot_be_read_are_counted():
    wire = cluster(record(n) for n in range(1, 101))
    backend, _ = await scanned(wire)
    wire.records |= {110: {"id": None, "task_status": "new"}, 111: record(111)}
    changes = await backend.changes(KnownTasks([], "100"))
    assert (ids(changes), changes.note) == (["111"], "1 record could not be read.")


async def test_a_status_that_the_server_does_not_know_is_not_asked_for_again():
    wire = cluster([record(1)])
    backend, _ = await scanned(wire)
    mark = len(wire.requests)
    wire.override = lambda request: (
        failure(400, "java.lang.IllegalArgumentException", "Status value must be in [NEW]")
        if request.url.params.get("status") == "QUEUED"
        else None
    )
    for _ in range(4):
        await backend.changes(KnownTasks([], "1"))
    assert [request.url.params.get("status") for request in wire.requests[mark:]].count("QUEUED") == 1


@pytest.mark.parametrize(("store", "requests"), [
    ("rocksdb", 1), ("memory", 1), ("hstore", 5), ("cassandra", 1), ("", 5), (None, 5),
])  # fmt: skip
async def test_ids_that_rise_without_a_hole_count_up_unless_the_store_is_a_cluster_or_unknown(
    store, requests
):
    wire = cluster((record(n) for n in range(1, 10_002)), store=store)
    if store is None:
        wire.override = lambda request: (
            httpx.Response(403, json={"message": "no"})
            if request.url.path.endswith("/graphs/hugegraph")
            else None
        )
    backend, mark = await scanned(wire)
    await backend.changes(KnownTasks([], "10001"))
    assert len(wire.requests) - mark == requests


HOLE = [1, 2, *range(4, 10_003)]
REST = [record(n) for n in range(4, 10_002)]
LATER_BELOW = [{"id": 1}, {"id": 2, "task_create": 1772000009000}, {"id": 3}]
AT_ONCE = [{"id": 1}, {"id": 2, "task_create": 1772000000900}, {"id": 3, "task_create": 1772000000100}]


@pytest.mark.parametrize(("store", "records", "requests"), [
    ("mysql", [record(n) for n in HOLE], 5),
    ("rocksdb", [record(n) for n in HOLE], 1),
    ("rocksdb", [record(n) for n in (1, 2, 10_001)], 4),
    ("rocksdb", [record(n) for n in (1, 2, 10_002)], 1),
    ("mysql", [*(record(**{"number": 1} | item) for item in AT_ONCE), *REST], 1),
    ("mysql", [*(record(**{"number": 1} | item) for item in AT_ONCE), *REST[:-1]], 5),
    ("mysql", [record(**{"number": 1} | item) for item in LATER_BELOW], 5),
    ("rocksdb", [record(**{"number": 1} | item) for item in LATER_BELOW], 1),
    ("rocksdb", [record(**{"number": 1} | item) for item in [*LATER_BELOW, {"id": 5}]], 4),
    ("memory", [record(n) for n in (3, 1, 2)], 1),
    ("rocksdb", [record(1, task_create=None), record(2)], 1),
])  # fmt: skip
async def test_any_doubt_counts_as_ids_in_blocks(store, records, requests):
    wire = cluster(records, store=store)
    backend, mark = await scanned(wire)
    await backend.changes(KnownTasks([], str(max(wire.records))))
    assert len(wire.requests) - mark == requests


async def test_until_the_first_list_was_read_only_the_store_tells():
    wire = cluster((record(n) for n in range(1, 10_002)), store="mysql")
    backend = wire.backend()
    await backend.connect()
    batches = backend.snapshot()
    first = await anext(batches)
    assert not first.has_newest
    mark = len(wire.requests)
    assert (await backend.changes(KnownTasks([], "10001"))).scattered
    assert len(wire.requests) - mark == 4, "the statuses; where the ids go on is not known yet"
    async for _ in batches:
        pass
    mark = len(wire.requests)
    assert not (await backend.changes(KnownTasks([], "10001"))).scattered
    assert len(wire.requests) - mark == 1
    assert (await anext(backend.snapshot())).has_newest, "the next snapshot knows"


async def test_tasks_that_a_scan_passed_by_are_found_by_the_next_poll():
    """A scan that reads partition by partition brings a higher id, and not the lower ones below it."""
    wire = cluster(record(n) for n in [*range(1, 301), *range(10_001, 10_400)])
    wire.page_limit = 100
    backend = wire.backend()
    await backend.connect()
    batches = backend.snapshot()
    for _ in range(4):
        await anext(batches)
    wire.records = {n: record(n) for n in range(301, 330)} | wire.records | {330: record(330)}
    brought = {task.id async for batch in batches for task in batch.tasks}
    assert brought & {str(n) for n in range(301, 331)} == {"330"}
    assert set(ids(await backend.changes(KnownTasks([], "10399")))) >= {str(n) for n in range(301, 330)}


async def test_tasks_that_a_later_scan_passed_by_are_found_by_the_next_poll():
    wire = cluster(record(n) for n in [*range(1, 301), *range(10_001, 10_400)])
    wire.page_limit = 100
    backend, _ = await scanned(wire)
    batches = backend.snapshot()
    for _ in range(4):
        await anext(batches)
    wire.records = {n: record(n) for n in range(301, 330)} | wire.records | {330: record(330)}
    async for _ in batches:
        pass
    assert ids(await backend.changes(KnownTasks([], "10399"))) == [str(n) for n in range(301, 331)]


async def test_what_is_stored_later_than_a_higher_id_is_found():
    wire = cluster(record(n) for n in range(1, 51))
    backend, _ = await scanned(wire)
    wire.records[55] = record(55, "running")
    assert ids(await backend.changes(KnownTasks([], "50"))) == ["55"]
    wire.records[54] = record(54)
    assert ids(await backend.changes(KnownTasks(["55"], "55"))) == ["54", "55"]


async def test_a_status_that_shows_more_than_the_window_of_before_loses_nothing_below_it():
    wire = cluster(record(n) for n in range(1, 51))
    backend, _ = await scanned(wire)
    wire.override = lambda request: (
        wire.records.update({n: record(n, "running" if n == 55 else "success") for n in range(51, 56)})
        if request.url.params.get("status") == "RUNNING"
        else None
    )
    assert ids(await backend.changes(KnownTasks([], "50"))) == ["51", "52", "53", "54", "55"]


async def test_a_block_below_the_highest_in_which_no_task_was_known_is_found_by_its_first_ids():
    wire = cluster(record(n) for n in [*range(1, 51), *range(20_001, 20_051)])
    backend, _ = await scanned(wire)
    wire.records[10_001] = record(10_001)
    assert ids(await backend.changes(KnownTasks([], "20050"))) == ["10001"]


async def test_the_only_task_of_a_young_block_that_is_deleted_is_no_new_beginning():
    wire = cluster(record(n, "running" if n == 30_001 else "success") for n in [*range(1, 51), 30_001])
    backend, _ = await scanned(wire)
    del wire.records[30_001]
    changes = await backend.changes(KnownTasks(["30001"], "30001"))
    assert (changes.missing, changes.stale) == ({"30001"}, False)


async def test_polls_beside_the_first_scan_ask_for_no_ids_above_an_old_task():
    wire = cluster(record(n, "running" if n % 10_000 == 10 else "success") for n in [*range(1, 20_001)])
    backend = wire.backend()
    await backend.connect()
    batches = backend.snapshot()
    await anext(batches)
    mark = len(wire.requests)
    changes = await backend.changes(KnownTasks(["10", "10010"], "20000"))
    assert (ids(changes), changes.stale) == (["10", "10010"], False)
    assert len(wire.requests) - mark == 5
    await batches.aclose()


@pytest.mark.parametrize("odd", [0, -7, 2**50, 2**60])
async def test_an_id_that_no_server_counts_to_moves_no_window(odd):
    wire = cluster(record(n) for n in [odd, *range(1, 51)])
    backend, _ = await scanned(wire)
    wire.records |= {51: record(51), 10_001: record(10_001)}
    assert ids(await backend.changes(KnownTasks([], str(odd)))) == ["51", "10001"]


async def test_a_first_batch_of_one_server_whose_newest_are_not_in_order_does_not_claim_to_have_them():
    wire = cluster([record(1), record(2, task_create=1772000009000), record(3)], store="rocksdb")
    backend = wire.backend()
    await backend.connect()
    assert not (await anext(backend.snapshot())).has_newest


@pytest.mark.parametrize(("ids_there", "claims"), [
    ([], True), ([1], True), (range(1, 20), True), (range(2, 20), False), (range(2, 22), True),
    ([*range(1, 100), *range(101, 120)], False), ([*range(1, 100), *range(101, 121)], True),
    ([1, 3], False),
])  # fmt: skip
async def test_the_newest_are_claimed_to_be_these_only_where_their_ids_follow_each_other(ids_there, claims):
    wire = cluster((record(n) for n in sorted(ids_there)), store="rocksdb")
    backend = wire.backend()
    await backend.connect()
    assert (await anext(backend.snapshot())).has_newest is claims


@pytest.mark.parametrize("number", [120, 140, 180, 420, 5_220])
async def test_a_task_above_ids_that_came_and_went_unseen_is_found(number):
    wire = cluster(record(n) for n in [*range(1, 101), *range(10_001, 10_005)])
    backend, _ = await scanned(wire)
    wire.records |= {number: record(number)}
    assert ids(await backend.changes(KnownTasks([], "10004"))) == [str(number)]


async def test_further_pages_of_a_status_are_read_while_all_its_tasks_are_known():
    wire = cluster(record(n, "queued") for n in range(1, 451))
    backend, _ = await scanned(wire)
    wire.records[900_001] = record(900_001, "queued")
    known = KnownTasks([str(n) for n in range(1, 451)], "450")
    mark = len(wire.requests)
    changes = await backend.changes(known)
    assert "900001" in ids(changes)
    pages = [r.url.params["page"] for r in wire.requests[mark:] if r.url.params.get("status") == "QUEUED"]
    assert pages == ["", "200", "400"]
    mark = len(wire.requests)
    await backend.changes(KnownTasks([str(n) for n in range(1, 451) if n != 7], "450"))
    await backend.changes(KnownTasks([str(n) for n in range(1, 451) if n != 7], "450"))
    pages = [r.url.params["page"] for r in wire.requests[mark:] if r.url.params.get("status") == "QUEUED"]
    assert pages == [""], "one that is not known is news enough"


async def test_ids_that_began_anew_in_an_emptied_graph_are_followed_from_there():
    wire = cluster(record(n) for n in range(1, 3001))
    backend, _ = await scanned(wire)
    wire.records = {1: record(1)}
    mark = len(wire.requests)
    changes = await backend.changes(KnownTasks([], None))
    assert (ids(changes), changes.stale, len(wire.requests) - mark) == (["1"], False, 1)
    wire.records[2] = record(2)
    assert ids(await backend.changes(KnownTasks([], "1"))) == ["2"]


async def test_more_tasks_than_a_page_in_an_emptied_graph_call_for_a_snapshot():
    wire = cluster()
    backend, _ = await scanned(wire)
    wire.records = {n: record(n) for n in range(1, 202)}
    changes = await backend.changes(KnownTasks([], None))
    assert (len(changes.tasks), changes.stale) == (200, True)


async def test_no_gallop_looks_for_the_newest_where_ids_tell_nothing():
    wire = cluster(record(n) for n in range(1, 301))
    await scanned(wire)
    assert not any(ids_of(request) for request in wire.requests)


async def test_a_store_that_is_not_told_in_five_seconds_is_not_waited_for():
    wire = cluster([record(1)], store="rocksdb")
    body = SilentStream(6)
    wire.override = lambda request: (
        httpx.Response(200, stream=body) if request.url.path.endswith("/graphs/hugegraph") else None
    )
    backend, _ = await scanned(wire)
    assert body.waited_for.is_set()
    assert (await backend.changes(KnownTasks([], "1"))).scattered


@pytest.mark.parametrize("code", [500, 503])
async def test_a_store_that_could_not_be_asked_for_is_asked_for_again(code):
    wire = cluster([record(1)], store="rocksdb")
    wire.override = lambda request: (
        failure(code, "x.Fault", "not now") if request.url.path.endswith("/graphs/hugegraph") else None
    )
    backend, _ = await scanned(wire)
    assert (await backend.changes(KnownTasks([], "1"))).scattered
    wire.override = lambda request: None
    async for _ in backend.snapshot():
        pass
    assert not (await backend.changes(KnownTasks([], "1"))).scattered


async def test_the_store_is_asked_for_once():
    wire = cluster([record(1)])
    backend, _ = await scanned(wire)
    async for _ in backend.snapshot():
        pass
    assert sum(request.url.path.endswith("/graphs/hugegraph") for request in wire.requests) == 1
