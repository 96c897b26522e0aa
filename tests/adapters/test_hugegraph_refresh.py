"""What snapshots and refreshes ask for, and what they find."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BackendError, BadAnswer, Busy, NoSuchTask, Refused, TimedOut
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import (
    URL,
    ScriptedServer,
    SilentStream,
    failure,
    ids_of,
    move_clock,
    record,
)
from tests.support.patience import PATIENCE
from tests.unit.fakes import run_until_idle

UNREADABLE = {"id": None, "task_status": "new"}
STATUSES = "RUNNING QUEUED NEW RESTORING SCHEDULING SCHEDULED CANCELLING HANGING DELETING"


async def snapshot(backend: HugeGraphBackend) -> list[list[str]]:
    return [[task.id for task in batch.tasks] async for batch in backend.snapshot()]


async def opened(wire: ScriptedServer) -> tuple[HugeGraphBackend, int]:
    backend = wire.backend()
    await backend.connect()
    return backend, len(wire.requests)


async def test_a_snapshot_begins_with_the_unfinished_and_the_newest_and_ends_with_all():
    wire = ScriptedServer([record(n, "running" if n in (3, 900) else "success") for n in range(1, 1001)])
    wire.twice = True
    backend, mark = await opened(wire)
    first, *pages = await snapshot(backend)
    assert sorted(first, key=int) == ["3", *(str(n) for n in range(801, 1001))]
    assert [task for page in pages for task in page] == [str(n) for n in range(1, 1001)]
    graph, *asked = wire.requests[mark:]
    assert graph.url.path.endswith("/graphs/hugegraph"), "whose store tells how ids are given out"
    lists = [request for request in asked if not ids_of(request)]
    gallop = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert len(gallop) <= 6
    assert all(len(ids) <= 390 for ids in gallop)
    statuses = {request.url.params.get("status") for request in lists[:9]}
    assert statuses == set(STATUSES.split())
    assert [request.url.params["page"] for request in lists[9:]] == ["", "10", "50", "214", "614"]


@pytest.mark.parametrize("count", [0, 1, 2, 399, 5014, 123_456])
async def test_the_gallop_finds_the_newest_whatever_the_count(count):
    wire = ScriptedServer(record(n) for n in range(1, count + 1))
    backend, mark = await opened(wire)
    batches = backend.snapshot()
    newest = (await anext(batches)).tasks
    await batches.aclose()
    assert [task.id for task in newest] == [str(n) for n in range(count, max(0, count - 200), -1)]
    assert len(wire.requests) - mark - 9 <= 10
    assert all(len(ids_of(request)) <= 390 for request in wire.requests[mark:])


async def test_an_unfinished_task_beyond_a_hole_that_no_sample_hits_counts_as_the_newest():
    old, new = range(1, 101), range(4_999_996, 5_000_001)
    wire = ScriptedServer(record(n, "running" if n == 4_999_998 else "success") for n in (*old, *new))
    backend, mark = await opened(wire)
    first, *pages = await snapshot(backend)
    assert first == ["4999998", "5000000", "4999999", "4999997", "4999996"]
    assert sum(map(len, pages)) == 105
    looks = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert looks[-1][-1] == 4_999_801, "the newest are read anew from there"
    assert 5_000_000 in {number for look in looks[-20:] for number in look}
    mark = len(wire.requests)
    await backend.changes(KnownTasks([], "100"))
    assert ids_of(wire.requests[mark])[0] == 5_000_001, "polls go on above the highest id of all"


async def test_the_newest_rows_are_read_once_where_the_gallop_finds_them():
    wire = ScriptedServer(record(n, "running" if n == 5000 else "success") for n in range(1, 5001))
    backend, mark = await opened(wire)
    await snapshot(backend)
    looks = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert sum(look.count(4801) for look in looks) == 1


@pytest.mark.parametrize("number", [2**50, 2**60])
async def test_an_id_that_was_not_counted_up_is_not_galloped_from(number):
    wire = ScriptedServer([record(number, "running"), record(number - 1)])
    backend, mark = await opened(wire)
    assert await snapshot(backend) == [[str(number), str(number - 1)], [str(number), str(number - 1)]]
    looks = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    above = [asked for look in looks for asked in look if asked > 10_000_000]
    assert above == list(range(number, number - 200, -1)), "the newest, and nothing that is higher"


async def test_no_id_is_asked_for_that_no_long_of_java_holds():
    highest = 2**63 - 1
    wire = ScriptedServer([record(highest, "running"), record(7)])
    backend, mark = await opened(wire)
    await snapshot(backend)
    changes = await backend.changes(KnownTasks([str(highest)], str(highest)))
    assert [task.id for task in changes.tasks] == [str(highest)]
    asked = [number for request in wire.requests[mark:] for number in ids_of(request)]
    assert max(asked) == highest, "the server refuses the whole request for a higher one"


async def test_the_first_gallop_asks_from_one_to_ten_million():
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    await snapshot(backend)
    looks = [ids_of(request) for request in wire.requests[mark:] if ids_of(request)]
    assert len(looks[0]) == 10, "nothing is known of the weight of those that exist"
    assert len(looks) <= 3
    asked = sorted(number for look in looks for number in look)
    assert (asked[0], asked[-1], len(set(asked))) == (1, 10_000_000, len(asked))
    assert 250 < len(asked) <= 380
    assert all(later / earlier < 1.1 for earlier, later in pairwise(asked) if earlier > 100)


async def test_the_gallop_goes_beyond_ten_million():
    wire = ScriptedServer(record(n) for n in [*range(1, 400), 12_000_000])
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
    wire = ScriptedServer(record(n) for n in range(1, 1001))
    wire.no_paging = words
    wire.paging = False
    backend, _ = await opened(wire)
    assert backend.paging
    ids = {task for batch in await snapshot(backend) for task in batch}
    assert len(ids) == 1000
    assert not backend.paging
    assert backend.paging.reason == (
        "This graph's backend doesn't support paging, so all tasks come in one long answer."
    )
    mark = len(wire.requests)
    await snapshot(backend)
    assert any(request.url.params.get("limit") == "-1" for request in wire.requests[mark:])
    assert all(request.url.params.get("limit", "-1") == "-1" for request in wire.requests[mark:])


@pytest.mark.parametrize(("paging", "limit"), [(True, 60), (False, 600)])
async def test_a_page_has_a_minute_and_a_list_without_pages_ten(paging, limit):
    wire = ScriptedServer()
    wire.paging = paging
    backend, _ = await opened(wire)
    body = SilentStream(limit - 5)
    wire.override = lambda request: (
        httpx.Response(200, stream=body)
        if request.url.path.endswith("/tasks")
        and ("page" in request.url.params) == paging
        and "ids" not in request.url.params
        else None
    )
    reading = asyncio.ensure_future(snapshot(backend))
    while not reading.done():
        await asyncio.wait(
            {reading, asyncio.ensure_future(body.waited_for.wait())}, return_when="FIRST_COMPLETED"
        )
        body.waited_for.clear()
        move_clock(10)
    with pytest.raises(TimedOut, match=f"didn't complete its answer within {limit} s"):
        await reading


async def test_a_page_that_fails_after_the_first_is_no_sign_of_a_backend_without_pages():
    wire = ScriptedServer(record(n) for n in range(1, 402))
    code = 400
    wire.override = lambda request: (
        failure(code, "x.IllegalStateException", "Invalid paging iterator")
        if request.url.params.get("page")
        else None
    )
    backend, _ = await opened(wire)
    with pytest.raises(BackendError, match="answered 400: Invalid paging iterator"):
        await snapshot(backend)
    assert backend.paging
    code = 500
    assert len({task for batch in await snapshot(backend) for task in batch}) == 401, "by their ids"
    assert backend.paging


async def test_a_backend_of_etcd_that_cannot_page_says_so_with_500():
    wire = ScriptedServer([record(1), record(2)])
    wire.override = lambda request: (
        failure(500, "x.HugeException", "Invalid paging iterator") if "page" in request.url.params else None
    )
    backend, _ = await opened(wire)
    assert {task for batch in await snapshot(backend) for task in batch} == {"1", "2"}


async def test_another_failure_of_the_first_page_is_not_taken_for_a_lack_of_pages():
    wire = ScriptedServer([record(1)])
    wire.override = lambda request: (
        failure(403, "x.Forbidden", "no paging for you")
        if "page" in request.url.params and "status" not in request.url.params
        else None
    )
    backend, _ = await opened(wire)
    with pytest.raises(BackendError, match="answered 403: no paging for you"):
        await snapshot(backend)
    assert backend.paging


ALWAYS = {"RUNNING", "QUEUED", "NEW", "RESTORING"}
SINCE_011 = {"SCHEDULING", "SCHEDULED", "CANCELLING"}
SINCE_15 = {"HANGING", "DELETING"}


@pytest.mark.parametrize(("version", "asked"), [
    ("0.10.4", ALWAYS), ("0.11.2", ALWAYS | SINCE_011), ("0.11", ALWAYS | SINCE_011),
    ("1.3.0", ALWAYS | SINCE_011), ("1.5", ALWAYS | SINCE_011 | SINCE_15),
    ("unknown", ALWAYS | SINCE_011 | SINCE_15),
])  # fmt: skip
async def test_a_server_is_asked_for_the_unfinished_statuses_that_its_version_knows(version, asked):
    wire = ScriptedServer([record(1, "running")], version=version)
    backend, mark = await opened(wire)
    await snapshot(backend)
    statuses = [request.url.params.get("status") for request in wire.requests[mark:]]
    assert sorted(filter(None, statuses)) == sorted(asked)


UNKNOWN_STATUS = "Status value must be in [NEW], but got 'HANGING'"


def refusing_hanging(code: int, words: str) -> ScriptedServer:
    """A server with one running task that refuses to list those of one status."""
    wire = ScriptedServer([record(1, "running")])
    wire.override = lambda request: (
        failure(code, "java.lang.IllegalArgumentException", words)
        if request.url.params.get("status") == "HANGING"
        else None
    )
    return wire


@pytest.mark.parametrize(
    "words", [UNKNOWN_STATUS, "No enum constant org.apache.hugegraph.TaskStatus.HANGING"]
)
async def test_a_status_that_the_server_does_not_know_hides_nothing(words):
    backend, _ = await opened(refusing_hanging(400, words))
    assert (await snapshot(backend))[0] == ["1"]


@pytest.mark.parametrize(("code", "words", "kind"), [
    (400, "Invalid limit 400", Refused),
    (404, "HTTP 404 Not Found", Refused),
    (404, UNKNOWN_STATUS, Refused),
    (404, "Can't find task with id '1'", NoSuchTask),
    (405, "No enum constant", Refused),
])  # fmt: skip
async def test_another_refusal_of_a_status_is_not_taken_for_no_tasks(code, words, kind):
    backend, _ = await opened(refusing_hanging(code, words))
    with pytest.raises(BackendError) as caught:
        await snapshot(backend)
    assert type(caught.value) is kind
    assert words in str(caught.value)


async def test_a_page_token_that_comes_again_ends_the_scan_with_words():
    wire = ScriptedServer([record(1)])
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": [record(1)], "page": "same"})
        if "page" in request.url.params
        else None
    )
    backend, _ = await opened(wire)
    mark = len(wire.requests)
    with pytest.raises(
        BadAnswer, match=r"^graph\.example:8080/DEFAULT/hugegraph keeps sending the same page"
    ):
        await asyncio.wait_for(snapshot(backend), PATIENCE)
    pages = [request.url.params.get("page") for request in wire.requests[mark:]]
    assert pages.count("same") <= 9, "each of the lists is asked for it once"


async def test_overload_during_a_scan_is_busy_and_one_error():
    wire = ScriptedServer([record(1)])
    backend, _ = await opened(wire)
    wire.override = lambda request: failure(503, "x.Unavailable", "too busy")
    with pytest.raises(Busy):
        await snapshot(backend)


async def test_a_quiet_refresh_is_one_request_whatever_the_history():
    wire = ScriptedServer(record(n, "running" if n > 4998 else "success") for n in range(1, 5001))
    backend, mark = await opened(wire)
    for _ in range(5):
        changes = await backend.changes(KnownTasks(["4999", "5000"], "5000"))
        assert {task.id for task in changes.tasks} == {"4999", "5000"}
        assert not changes.missing
        assert not changes.stale
    assert len(wire.requests) - mark == 5
    asked = ids_of(wire.requests[-1])
    assert asked[:52] == [4999, 5000, *range(5001, 5051)]
    far = asked[52:]
    assert (len(far), far[0], far[-1]) == (12, 5100, 15_000)
    gaps = [later - earlier for earlier, later in pairwise(far)]
    assert gaps == sorted(set(gaps)), "single ids, ever further apart"


@pytest.mark.parametrize(("born", "requests"), [
    (1, 1), (25, 1), (26, 2), (50, 2), (51, 2), (100, 2), (101, 3), (200, 3), (3000, 11),
])  # fmt: skip
async def test_new_tasks_are_all_found_in_one_refresh_without_an_id_asked_for_twice(born, requests):
    wire = ScriptedServer(record(n) for n in range(1, 101))
    backend, mark = await opened(wire)
    wire.records |= {n: record(n, "queued") for n in range(101, 101 + born)}
    changes = await backend.changes(KnownTasks([], "100"))
    assert {int(task.id) for task in changes.tasks} == set(range(101, 101 + born))
    assert not changes.stale
    first, *more = [ids_of(request) for request in wire.requests[mark:]]
    assert [*first[:50], *(number for ids in more for number in ids)] == list(
        range(101, 151 + sum(map(len, more)))
    )
    assert len(more) == requests - 1
    assert all(len(ids) <= 380 for ids in more)
    mark = len(wire.requests)
    assert (await backend.changes(KnownTasks([], "100"))).tasks == ()
    assert len(wire.requests) - mark == 1


async def test_new_tasks_are_all_found_where_few_were_asked_for_at_first():
    wire = ScriptedServer([record(n) for n in range(1, 6)])
    backend, _ = await opened(wire)
    await snapshot(backend)
    wire.records.update({n: record(n) for n in range(6, 66)})
    # As after slow answers; a quick one lets it grow while the refresh goes on.
    backend._connection.client.batch.size = 4
    changes = await backend.changes(KnownTasks([], "5"))
    assert {int(task.id) for task in changes.tasks} == set(range(6, 66))
    assert not changes.stale


async def test_new_tasks_are_found_beyond_a_hole():
    wire = ScriptedServer([record(n) for n in range(1, 101)] + [record(n) for n in range(700, 2000)])
    backend, _ = await opened(wire)
    changes = await backend.changes(KnownTasks([], "100"))
    assert {int(task.id) for task in changes.tasks} == set(range(700, 2000))


async def test_a_single_new_task_is_found_far_above_the_others():
    wire = ScriptedServer([record(1), record(10_001)])
    backend, mark = await opened(wire)
    assert {task.id for task in (await backend.changes(KnownTasks([], "1"))).tasks} == {"10001"}
    assert len(wire.requests) - mark > 2
    mark = len(wire.requests)
    await backend.changes(KnownTasks([], "10001"))
    assert ids_of(wire.requests[mark])[0] == 10_002


async def test_an_unfinished_task_above_the_newest_known_one_moves_the_window():
    wire = ScriptedServer([record(100), record(300, "running"), record(345, "queued")])
    backend, _ = await opened(wire)
    changes = await backend.changes(KnownTasks(["300"], "100"))
    assert [task.id for task in changes.tasks] == ["300", "345"]
    assert ids_of(wire.requests[-1])[:2] != [300, 101]


async def test_records_that_cannot_be_read_are_counted_in_every_window():
    wire = ScriptedServer(record(n) for n in range(1, 301))
    for number in (120, 160, 260, 261):
        wire.records[number] = UNREADABLE
    backend, mark = await opened(wire)
    changes = await backend.changes(KnownTasks([], "100"))
    assert len(wire.requests) - mark > 2
    assert {int(task.id) for task in changes.tasks} == set(range(101, 301)) - {120, 160, 260, 261}
    assert changes.note == "4 records could not be read."


async def test_a_record_that_cannot_be_read_is_counted_among_the_first_tasks_of_a_graph():
    wire = ScriptedServer([record(5), UNREADABLE])
    backend, mark = await opened(wire)
    changes = await backend.changes(KnownTasks([], None))
    assert ([task.id for task in changes.tasks], changes.note) == (["5"], "1 record could not be read.")
    assert [dict(request.url.params) for request in wire.requests[mark:]] == [{"limit": "10", "page": ""}]


async def test_the_first_tasks_of_an_emptied_graph_are_found_whatever_their_ids():
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    assert await snapshot(backend) == [[], []]
    mark = len(wire.requests)
    assert (await backend.changes(KnownTasks([], None))).tasks == ()
    wire.records[777] = record(777, "running")
    changes = await backend.changes(KnownTasks([], None))
    assert ([task.id for task in changes.tasks], changes.stale) == (["777"], False)
    assert len(wire.requests) - mark == 2
    wire.records |= {n: record(n) for n in range(1, 60)}
    assert (await backend.changes(KnownTasks([], None))).stale is False, "777 is known to the adapter already"


async def test_some_tasks_that_no_sample_hits_call_for_no_snapshot():
    wire = ScriptedServer(record(n) for n in range(906, 936))
    backend, _ = await opened(wire)
    first, *pages = await snapshot(backend)
    assert (first, sum(map(len, pages))) == ([], 30)
    backend, _ = await opened(wire)
    changes = await backend.changes(KnownTasks([], None))
    assert (len(changes.tasks), changes.stale) == (30, False)


async def test_more_first_tasks_than_a_page_call_for_a_snapshot():
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    wire.records |= {n: record(n) for n in range(700, 800)}
    changes = await backend.changes(KnownTasks([], None))
    assert changes.stale
    assert len(changes.tasks) == 50
    mark = len(wire.requests)
    assert (await backend.changes(KnownTasks([], None))).stale, "until there was a snapshot"
    assert len(wire.requests) - mark == 1
    del wire.records[750]
    wire.records = dict(list(wire.records.items())[:50])
    changes = await backend.changes(KnownTasks([], None))
    assert (len(changes.tasks), changes.stale) == (50, False), "a page that is full is not yet too many"


async def test_more_new_tasks_than_a_refresh_should_read_call_for_a_snapshot():
    wire = ScriptedServer(record(n) for n in range(1, 30_000))
    backend, mark = await opened(wire)
    assert (await backend.changes(KnownTasks([], "10"))).stale
    assert len(wire.requests) - mark == 41
    mark = len(wire.requests)
    await backend.changes(KnownTasks([], "20"))
    assert ids_of(wire.requests[mark])[0] == 21, "what was met is forgotten until there was a snapshot"


async def test_unfinished_tasks_that_are_gone_are_missing():
    wire = ScriptedServer([record(1), record(2, "running")])
    backend, mark = await opened(wire)
    changes = await backend.changes(KnownTasks(["1", "2", "9"], "9"))
    assert changes.missing == {"9"}
    assert not changes.stale
    assert len(wire.requests) - mark == 1


async def test_ids_that_began_anew_are_stale():
    wire = ScriptedServer(record(n, "running") for n in range(1, 4))
    backend, _ = await opened(wire)
    changes = await backend.changes(KnownTasks(["498", "499"], "500"))
    assert changes.stale
    assert changes.missing == {"498", "499"}
    asked = [number for request in wire.requests for number in ids_of(request)]
    assert asked[-21:] == list(range(480, 501))
    await backend.changes(KnownTasks(["2"], "3"))
    assert ids_of(wire.requests[-1])[:2] == [2, 4], "the ids that were met before are forgotten"


async def test_an_id_of_before_a_new_beginning_hides_no_task_of_after_it():
    wire = ScriptedServer(record(n, "running" if n == 1 else "success") for n in range(1, 3))
    backend, _ = await opened(wire)
    await snapshot(backend)
    # The engine forgets the tasks of before once it has looked at each, and polls meanwhile.
    await backend.changes(KnownTasks(["1"], "30"))
    wire.records[3] = record(3)
    changes = await backend.changes(KnownTasks(["1"], "2"))
    assert [task.id for task in changes.tasks] == ["1", "3"]


@pytest.mark.parametrize(("left", "stale"), [(480, False), (479, True)])
async def test_twenty_neighbours_tell_a_new_beginning_from_a_deletion(left, stale):
    wire = ScriptedServer([record(left)])
    backend, _ = await opened(wire)
    changes = await backend.changes(KnownTasks(["499"], "500"))
    assert (changes.missing, changes.stale) == ({"499"}, stale)


async def test_the_neighbours_of_a_low_id_begin_with_the_first_there_can_be():
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    assert (await backend.changes(KnownTasks(["4"], "5"))).stale
    assert ids_of(wire.requests[-1]) == [1, 2, 3, 4, 5]


async def test_a_neighbour_that_cannot_be_read_is_a_neighbour():
    wire = ScriptedServer()
    wire.records[490] = UNREADABLE
    backend, _ = await opened(wire)
    assert not (await backend.changes(KnownTasks(["499"], "500"))).stale


async def test_the_newest_deleted_by_somebody_else_is_not_a_new_beginning():
    wire = ScriptedServer(record(n) for n in range(1, 500))
    backend, mark = await opened(wire)
    changes = await backend.changes(KnownTasks(["500"], "500"))
    assert (changes.missing, changes.stale) == ({"500"}, False)
    assert len(wire.requests) - mark <= 4


async def test_an_idle_graph_that_began_anew_is_noticed_after_some_refreshes():
    wire = ScriptedServer([record(1)])
    backend, _ = await opened(wire)
    mark = len(wire.requests)
    stale = [(await backend.changes(KnownTasks([], "500"))).stale for _ in range(10)]
    assert stale == [False] * 9 + [True]
    firsts = [ids_of(request)[0] for request in wire.requests[mark:]]
    assert firsts[:11] == [501] * 9 + [500, 480], "the newest is looked at in each tenth refresh"


async def test_many_unfinished_are_asked_for_in_parts_one_after_the_other():
    wire = ScriptedServer(record(n, "queued") for n in range(1, 1001))
    now, most, answering = 0, 0, asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if ids_of(request):
            await answering.wait()
        now -= 1
        return wire(request)

    backend = HugeGraphBackend(Target(url=URL, http=httpx.MockTransport(slow)))
    await backend.connect()
    changes = asyncio.ensure_future(backend.changes(KnownTasks([str(n) for n in range(1, 1001)], "1000")))
    await run_until_idle()
    answering.set()
    assert len((await changes).tasks) == 1000
    assert most == 1


async def test_requests_stay_below_the_servers_longest_line():
    wire = ScriptedServer(record(n) for n in range(10**15, 10**15 + 1000))
    backend, mark = await opened(wire)
    looked = await backend.look([str(n) for n in range(10**15, 10**15 + 1000)])
    assert len(looked.tasks) == 1000
    assert all(len(request.url.query) <= 6000 for request in wire.requests[mark:])


@pytest.mark.parametrize(("first", "count", "parts"), [
    (1, 390, [390]), (1, 391, [390, 1]), (1, 781, [390, 390, 1]),
    (10**14, 300, [300]), (10**14, 301, [300, 1]),
])  # fmt: skip
async def test_a_request_holds_390_ids_or_6000_characters_of_them(first, count, parts):
    numbers = range(first, first + count)
    wire = ScriptedServer(record(n, "running") for n in numbers)
    backend, _ = await opened(wire)
    await snapshot(backend)
    mark = len(wire.requests)
    known = KnownTasks([str(n) for n in numbers], str(numbers[-1]))
    assert len((await backend.changes(known)).tasks) == count
    asked = [number for request in wire.requests[mark:] for number in ids_of(request)]
    lengths = [len(ids_of(request)) for request in wire.requests[mark:]]
    assert asked[:count] == list(numbers)
    assert lengths[: len(parts) - 1] == parts[:-1]
    assert lengths[len(parts) - 1] >= parts[-1]


async def test_records_lost_in_parts_of_a_look_are_counted_together():
    wire = ScriptedServer(record(n) for n in range(1, 401))
    wire.records[5] = wire.records[395] = UNREADABLE
    backend, _ = await opened(wire)
    looked = await backend.look([str(n) for n in range(1, 402)])
    assert (len(looked.tasks), looked.note) == (398, "2 records could not be read.")
    assert looked.missing == {"401"}, "which ids the lost records have is found out"


async def test_a_look_tells_what_is_missing_and_asks_for_nothing_impossible():
    wire = ScriptedServer([record(1), record(-7)])
    backend, _ = await opened(wire)
    looked = await backend.look(["1", "-7", "2", "x'1", "٣"])
    assert {task.id for task in looked.tasks} == {"1", "-7"}
    assert looked.missing == {"2", "x'1", "٣"}
    assert ids_of(wire.requests[-1]) == [-7, 1, 2]
    mark = len(wire.requests)
    assert (await backend.look([])).tasks == ()
    impossible = [*"٣x", "", "01", "-0x", "1.0", "+1", "1" * 20, str(2**63)]
    looked = await backend.look(impossible)
    assert (looked.tasks, looked.missing) == ((), set(impossible))
    assert len(wire.requests) == mark, "nothing can be asked for"
    top = str(2**63 - 1)
    assert (await backend.look([top, "0"])).missing == {top, "0"}
    assert ids_of(wire.requests[-1]) == [0, int(top)]
