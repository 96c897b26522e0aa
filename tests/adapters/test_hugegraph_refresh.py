"""What snapshots and refreshes ask for, and what they find."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend_adapters.backend import Known
from backend_adapters.errors import BadAnswer, Busy
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.transport.target import Target
from tests.adapters.wires import URL, Wire, failure, ids_of, record

STATUSES = "RUNNING QUEUED NEW RESTORING SCHEDULING SCHEDULED CANCELLING HANGING DELETING"


async def snapshot(backend: HugeGraphBackend) -> list[list[str]]:
    return [[task.id for task in batch.tasks] async for batch in backend.snapshot()]


async def opened(wire: Wire) -> tuple[HugeGraphBackend, int]:
    backend = wire.backend()
    await backend.connect()
    return backend, len(wire.requests)


async def test_a_snapshot_begins_with_the_unfinished_and_the_newest_and_ends_with_all():
    wire = Wire([record(n, "running" if n in (3, 900) else "success") for n in range(1, 1001)])
    wire.twice = True
    backend, mark = await opened(wire)
    first, *pages = await snapshot(backend)
    assert sorted(first, key=int) == ["3", *(str(n) for n in range(801, 1001))]
    assert [task for page in pages for task in page] == [str(n) for n in range(1, 1001)]
    lists = [request for request in wire.requests[mark:] if not ids_of(request)]
    gallop = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert len(gallop) <= 4
    assert all(len(ids) <= 390 for ids in gallop)
    statuses = {request.url.params.get("status") for request in lists[:9]}
    assert statuses == set(STATUSES.split())
    assert [request.url.params["page"] for request in lists[9:]] == ["", "400", "800"]


@pytest.mark.parametrize("count", [0, 1, 2, 399, 5014, 123_456])
async def test_the_gallop_finds_the_newest_whatever_the_count(count):
    wire = Wire(record(n) for n in range(1, count + 1))
    backend, mark = await opened(wire)
    batches = backend.snapshot()
    newest = (await anext(batches)).tasks
    await batches.aclose()
    assert [task.id for task in newest] == [str(n) for n in range(count, max(0, count - 200), -1)]
    assert len(wire.requests) - mark - 9 <= 6


async def test_the_gallop_goes_beyond_ten_million():
    wire = Wire(record(n) for n in [*range(1, 400), 12_000_000])
    wire.records |= {n: record(n) for n in range(9_999_000, 10_000_001)}
    backend, _ = await opened(wire)
    batches = backend.snapshot()
    assert (await anext(batches)).tasks[-200].id in {"10000000", "12000000"}
    await batches.aclose()


@pytest.mark.parametrize("words", [
    "Invalid paging iterator",
    "Invalid PageState 'null'",
    "The entries must be Metadatable when query in paging, but got 'java.util.Iterator'",
])  # fmt: skip
async def test_a_backend_without_paging_is_asked_for_everything_and_not_to_page_again(words):
    wire = Wire(record(n) for n in range(1, 1001))
    wire.no_paging = words
    wire.paging = False
    backend, _ = await opened(wire)
    ids = {task for batch in await snapshot(backend) for task in batch}
    assert len(ids) == 1000
    mark = len(wire.requests)
    await snapshot(backend)
    assert all(request.url.params.get("limit", "-1") == "-1" for request in wire.requests[mark:])


async def test_statuses_that_an_older_server_does_not_know_are_left_out():
    wire = Wire([record(1, "running")], version="1.3.0")
    backend, mark = await opened(wire)
    await snapshot(backend)
    statuses = {request.url.params.get("status") for request in wire.requests[mark:]}
    assert "RUNNING" in statuses
    assert not {"DELETING", "HANGING"} & statuses


async def test_a_status_that_the_server_refuses_hides_nothing():
    wire = Wire([record(1, "running")])
    wire.override = lambda request: (
        failure(400, "java.lang.IllegalArgumentException", "Status value must be in [NEW], but got 'HANGING'")
        if request.url.params.get("status") == "HANGING"
        else None
    )
    backend, _ = await opened(wire)
    assert (await snapshot(backend))[0] == ["1"]


async def test_a_page_token_that_comes_again_ends_the_scan_with_words():
    wire = Wire([record(1)])
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": [record(1)], "page": "same"})
        if "page" in request.url.params
        else None
    )
    backend, _ = await opened(wire)
    with pytest.raises(BadAnswer, match="same page again"):
        await asyncio.wait_for(snapshot(backend), 5)


async def test_overload_during_a_scan_is_busy_and_one_error():
    wire = Wire([record(1)])
    wire.override = lambda request: (
        failure(400, "x.HugeException", "Failed to update/query TaskStore: java.lang.InterruptedException")
        if request.url.params.get("status")
        else None
    )
    backend, _ = await opened(wire)
    with pytest.raises(Busy):
        await snapshot(backend)


async def test_a_quiet_refresh_is_one_request_whatever_the_history():
    wire = Wire(record(n, "running" if n > 4998 else "success") for n in range(1, 5001))
    backend, mark = await opened(wire)
    for _ in range(5):
        changes = await backend.changes(Known(["4999", "5000"], "5000"))
        assert {task.id for task in changes.tasks} == {"4999", "5000"}
        assert not changes.missing
        assert not changes.stale
    assert len(wire.requests) - mark == 5
    assert ids_of(wire.requests[-1])[:52] == [4999, 5000, *range(5001, 5051)]


@pytest.mark.parametrize("born", [1, 25, 26, 50, 51, 200, 3000])
async def test_new_tasks_are_all_found_in_one_refresh(born):
    wire = Wire(record(n) for n in range(1, 101))
    backend, mark = await opened(wire)
    wire.records |= {n: record(n, "queued") for n in range(101, 101 + born)}
    changes = await backend.changes(Known([], "100"))
    assert {int(task.id) for task in changes.tasks} == set(range(101, 101 + born))
    assert not changes.stale
    assert len(wire.requests) - mark <= 2 + born // 200
    mark = len(wire.requests)
    assert (await backend.changes(Known([], "100"))).tasks == ()
    assert len(wire.requests) - mark == 1


async def test_new_tasks_are_found_beyond_a_hole():
    wire = Wire([record(n) for n in range(1, 101)] + [record(n) for n in range(700, 2000)])
    backend, _ = await opened(wire)
    changes = await backend.changes(Known([], "100"))
    assert {int(task.id) for task in changes.tasks} == set(range(700, 2000))


async def test_the_first_tasks_of_an_emptied_graph_are_found_whatever_their_ids():
    wire = Wire()
    backend, _ = await opened(wire)
    assert await snapshot(backend) == [[], []]
    mark = len(wire.requests)
    assert (await backend.changes(Known([], None))).tasks == ()
    wire.records[777] = record(777, "running")
    changes = await backend.changes(Known([], None))
    assert ([task.id for task in changes.tasks], changes.stale) == (["777"], False)
    assert len(wire.requests) - mark == 2
    wire.records |= {n: record(n) for n in range(1, 60)}
    assert (await backend.changes(Known([], None))).stale is False, "777 is known to the adapter already"


async def test_more_first_tasks_than_a_page_call_for_a_snapshot():
    wire = Wire()
    backend, _ = await opened(wire)
    wire.records |= {n: record(n) for n in range(700, 800)}
    changes = await backend.changes(Known([], None))
    assert changes.stale
    assert len(changes.tasks) == 50


async def test_more_new_tasks_than_a_refresh_should_read_call_for_a_snapshot():
    wire = Wire(record(n) for n in range(1, 30_000))
    backend, mark = await opened(wire)
    assert (await backend.changes(Known([], "10"))).stale
    assert len(wire.requests) - mark <= 41


async def test_unfinished_tasks_that_are_gone_are_missing():
    wire = Wire([record(1), record(2, "running")])
    backend, _ = await opened(wire)
    changes = await backend.changes(Known(["1", "2", "9"], "9"))
    assert changes.missing == {"9"}
    assert not changes.stale


async def test_ids_that_began_anew_are_stale():
    wire = Wire(record(n, "running") for n in range(1, 4))
    backend, _ = await opened(wire)
    changes = await backend.changes(Known(["498", "499"], "500"))
    assert changes.stale
    assert changes.missing == {"498", "499"}


async def test_the_newest_deleted_by_somebody_else_is_not_a_new_beginning():
    wire = Wire(record(n) for n in range(1, 500))
    backend, mark = await opened(wire)
    changes = await backend.changes(Known(["500"], "500"))
    assert (changes.missing, changes.stale) == ({"500"}, False)
    assert len(wire.requests) - mark == 2


async def test_an_idle_graph_that_began_anew_is_noticed_after_some_refreshes():
    wire = Wire([record(1)])
    backend, _ = await opened(wire)
    stale = [(await backend.changes(Known([], "500"))).stale for _ in range(10)]
    assert stale == [False] * 9 + [True]


async def test_many_unfinished_are_asked_for_in_parts_two_at_a_time():
    wire = Wire(record(n, "queued") for n in range(1, 1001))
    now, most = 0, 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.002)
        now -= 1
        return wire(request)

    backend = HugeGraphBackend(Target(url=URL, http=httpx.MockTransport(slow)))
    await backend.connect()
    changes = await backend.changes(Known([str(n) for n in range(1, 1001)], "1000"))
    assert len(changes.tasks) == 1000
    assert most == 2


async def test_requests_stay_below_the_servers_longest_line():
    wire = Wire(record(n) for n in range(10**15, 10**15 + 1000))
    backend, mark = await opened(wire)
    looked = await backend.look([str(n) for n in range(10**15, 10**15 + 1000)])
    assert len(looked.tasks) == 1000
    assert all(len(request.url.query) <= 6000 for request in wire.requests[mark:])


async def test_a_look_tells_what_is_missing_and_asks_for_nothing_impossible():
    wire = Wire([record(1), record(-7)])
    backend, _ = await opened(wire)
    looked = await backend.look(["1", "-7", "2", "x'1", "٣"])
    assert {task.id for task in looked.tasks} == {"1", "-7"}
    assert looked.missing == {"2", "x'1", "٣"}
    assert ids_of(wire.requests[-1]) == [-7, 1, 2]
    assert (await backend.look([])).tasks == ()
