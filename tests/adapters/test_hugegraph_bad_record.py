"""A server that fails over single records: each is a row, and hides no other."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import Unreadable
from backend_adapters.hugegraph import unreadable_records as unreadable
from backend_adapters.model import Action, Task, TaskStatus
from tests.adapters.failing_tasks import bad_rows, connected, listed, poison, read
from tests.adapters.scripted_servers import ScriptedServer, failure, ids_of, record
from tests.support.faulty_proxy import INTERRUPTED, OUT_OF_MEMORY
from tests.unit.fakes import run_until_idle


@pytest.mark.parametrize("code", [400, 500])
@pytest.mark.parametrize("bad", [1, 450, 904])
@pytest.mark.parametrize("status", ["success", "running"])
async def test_one_that_the_server_fails_over_is_a_row_among_all_others(bad, code, status):
    wire = ScriptedServer(record(n, status if n == bad else "success") for n in range(1, 905))
    words = OUT_OF_MEMORY if code == 400 else INTERRUPTED
    poison(wire, {bad}, code, words)
    backend = await connected(wire)
    batches, tasks = await read(backend)
    known = {n for n in tasks if tasks[n].status is not TaskStatus.UNREADABLE}
    changes = await backend.changes(KnownTasks([], max(known, key=int)))
    tasks |= {task.id: task for task in changes.tasks}
    assert set(tasks) == {str(n) for n in range(1, 905)}
    (words_of,) = bad_rows(tasks).values()
    assert list(bad_rows(tasks)) == [str(bad)]
    assert words.split(":")[-1] in (words_of or "")
    assert not any(batch.partial for batch in batches), "every row stands"
    assert batches[0].has_unfinished is (status != "running")


async def test_several_of_them_are_several_rows():
    wire = ScriptedServer(record(n) for n in range(1, 2001))
    bad = {7, 8, 900, 1999}
    poison(wire, bad)
    backend = await connected(wire)
    _, tasks = await read(backend)
    assert len(tasks) == 2000
    assert set(bad_rows(tasks)) == set(map(str, bad))


async def test_it_is_left_out_of_polls_and_tried_again_seldom_and_alone(monkeypatch):
    now = 1000.0
    wire = ScriptedServer(record(n, "running" if n > 95 else "success") for n in range(1, 101))
    poison(wire, {97})
    backend = await connected(wire)
    monkeypatch.setattr(unreadable.time, "monotonic", lambda: now)
    backend._connection.client.unreadable = unreadable.UnreadableRecords(lambda: now)
    await read(backend)
    unfinished = ["96", "97", "98", "99", "100"]

    async def poll() -> tuple[dict[str, Task], list[list[int]], frozenset[str]]:
        mark = len(wire.requests)
        changes = await backend.changes(KnownTasks(unfinished, "100"))
        asked = [ids_of(request) for request in wire.requests[mark:]]
        return {task.id: task for task in changes.tasks}, asked, changes.missing

    tasks, asked, missing = await poll()
    assert tasks["97"].status is TaskStatus.UNREADABLE
    assert not missing
    assert not any(97 in ids for ids in asked)
    now += 61
    mark = len(wire.requests)
    await poll()
    await run_until_idle()
    alone = [ids_of(request) for request in wire.requests[mark:]]
    assert [ids for ids in alone if 97 in ids] == [[97]], "beside the poll"
    now += 61
    _, asked, _ = await poll()
    assert not any(97 in ids for ids in asked), "the pause doubles"
    now += 61
    wire.override = lambda request: None
    await poll()
    await run_until_idle()
    tasks, asked, _ = await poll()
    assert tasks["97"].status is TaskStatus.RUNNING
    tasks, asked, _ = await poll()
    assert 97 in asked[0], "one of the unfinished again"


async def test_one_that_was_deleted_meanwhile_is_missing(monkeypatch):
    now = 0.0
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {50})
    backend = await connected(wire)
    backend._connection.client.unreadable = unreadable.UnreadableRecords(lambda: now)
    await read(backend)
    del wire.records[50]
    wire.override = lambda request: None
    now = 61.0
    await backend.changes(KnownTasks([], "100"))
    await run_until_idle()
    assert (await backend.changes(KnownTasks([], "100"))).missing == {"50"}


async def test_a_person_who_asks_for_it_is_answered_and_asks_again_soon():
    now = 0.0
    wire = ScriptedServer(record(n) for n in range(1, 11))
    poison(wire, {5})
    backend = await connected(wire)
    backend._connection.client.unreadable = unreadable.UnreadableRecords(lambda: now)
    looked = await backend.look(["5", "6", "77"])
    assert {task.id: task.status for task in looked.tasks} == {
        "5": TaskStatus.UNREADABLE,
        "6": TaskStatus.SUCCESS,
    }
    assert looked.missing == {"77"}
    mark = len(wire.requests)
    await backend.look(["5"])
    assert len(wire.requests) == mark, "the server was asked a moment ago"
    now = 6.0
    wire.override = lambda request: None
    assert [task.status for task in (await backend.look(["5"])).tasks] == [TaskStatus.SUCCESS]


async def test_a_proxy_that_fails_for_an_id_that_no_task_has_makes_no_row():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    wire.override = lambda request: (
        httpx.Response(502, html="<html>bad gateway</html>") if 103 in ids_of(request) else None
    )
    backend = await connected(wire)
    _, tasks = await read(backend)
    changes = await backend.changes(KnownTasks([], "100"))
    assert bad_rows(tasks | {task.id: task for task in changes.tasks}) == {}
    wire.records[101] = record(101)
    changes = await backend.changes(KnownTasks([], "100"))
    assert [task.id for task in changes.tasks] == ["101"]


async def test_where_ids_come_in_blocks_a_list_that_breaks_is_told_as_partial_and_the_blocks_are_read():
    wire = ScriptedServer(record(n) for n in (*range(1, 300), *range(10_001, 10_300), 20_001))
    wire.store = "hstore"
    poison(wire, {10_200})
    backend = await connected(wire)
    batches, tasks = await read(backend)
    assert set(tasks) == set(map(str, wire.records))
    assert list(bad_rows(tasks)) == ["10200"]
    assert batches[-1].partial.startswith("The task list ends early, so some tasks may be missing.")
    assert "InterruptedException" in batches[-1].partial


async def test_the_detail_of_one_that_the_server_fails_over_says_so_in_its_words():
    wire = ScriptedServer([record(1), record(2)])
    backend = await connected(wire)
    wire.override = lambda request: failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED)
    with pytest.raises(Unreadable, match=r"can't read this task: .*InterruptedException") as caught:
        await backend.detail("1", cap=1000)
    assert caught.value.code == 500
    with pytest.raises(Unreadable):
        [piece async for piece in backend.stream("1", "result")]


async def test_on_a_cluster_a_status_that_can_not_be_listed_is_told_and_the_others_go_on():
    wire = ScriptedServer(
        record(n, "running" if n in (5, 7) else "queued" if n == 6 else "success") for n in range(1, 31)
    )
    wire.store = "hstore"
    backend = await connected(wire)
    await read(backend)
    poison(wire, {7})
    notes, seen = set(), set()
    for _ in range(2):
        changes = await backend.changes(KnownTasks(["5", "6"], "30"))
        notes.add(changes.note)
        seen |= {task.id for task in changes.tasks}
    (told,) = notes - {""}
    assert told.startswith("Not all running tasks could be listed: ")
    assert {"5", "6"} <= seen


@pytest.mark.parametrize("count", [1, 3, 5])
async def test_a_graph_of_which_no_task_can_be_read_has_its_rows(count):
    wire = ScriptedServer(record(n) for n in range(1, count + 1))
    poison(wire, range(1, count + 1))
    backend = await connected(wire)
    _, tasks = await read(backend)
    tasks |= {task.id: task for task in (await backend.changes(KnownTasks([], None))).tasks}
    assert set(bad_rows(tasks)) == {str(n) for n in range(1, count + 1)}


async def test_some_that_can_not_be_read_at_the_end_are_rows_and_hide_no_new_one():
    wire = ScriptedServer(record(n) for n in range(1, 161))
    poison(wire, range(157, 161))
    backend = await connected(wire)
    batches, tasks = await read(backend)
    assert set(tasks) == {str(n) for n in range(1, 161)}
    assert not any(batch.partial for batch in batches)
    wire.records[161] = record(161)
    changes = await backend.changes(KnownTasks([], "156"))
    assert "161" in {task.id for task in changes.tasks if task.status is not TaskStatus.UNREADABLE}


@pytest.mark.parametrize("store", ["rocksdb", "hstore"])
async def test_where_a_part_of_the_store_is_down_hardly_a_task_is_made_up(store):
    wire = ScriptedServer(record(n, "running" if n > 57 else "success") for n in range(1, 61))
    wire.store = store

    def override(request: httpx.Request) -> httpx.Response | None:
        asked = ids_of(request)
        down = any(n % 3 == 1 for n in asked) or (not asked and "limit" in request.url.params)
        return failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED) if down else None

    wire.override = override
    backend = await connected(wire)
    batches, tasks = await read(backend)
    for _ in range(3):
        changes = await backend.changes(KnownTasks(["59"], "60"))
        tasks |= {task.id: task for task in changes.tasks}
    assert {n for n in tasks if int(n) > 60} <= {"61"}, "which looks like the newest one"
    assert len(wire.requests) < 1500
    if store == "hstore":
        assert batches[-1].partial


async def test_a_list_is_whole_again_as_soon_as_what_it_broke_over_is_gone():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {50})
    backend = await connected(wire)
    await read(backend)
    await read(backend)
    del wire.records[50]
    wire.override = lambda request: None
    backend._connection.client.unreadable.forget_ids([50])
    batches, tasks = await read(backend)
    assert len(tasks) == 99
    assert not any(batch.partial for batch in batches)


async def test_so_many_that_none_can_be_searched_out_are_told():
    wire = ScriptedServer(record(n) for n in range(1, 1001))
    poison(wire, range(1, 800))
    backend = await connected(wire)
    batches, _ = await read(backend)
    assert batches[-1].partial
    assert len(wire.requests) < 3000


async def test_what_is_left_of_purged_history_is_found_where_a_list_breaks():
    wire = ScriptedServer(record(n) for n in (*range(1, 30), *range(19_501, 20_001)))
    poison(wire, {10})
    backend = await connected(wire)
    _, tasks = await read(backend)
    assert len(tasks) == 529
    assert list(bad_rows(tasks)) == ["10"]


async def test_what_a_list_broke_over_and_that_has_no_row_is_told():
    wire = ScriptedServer(record(n) for n in range(1, 905))

    def override(request: httpx.Request) -> httpx.Response | None:
        hit = 904 in listed(wire, request)
        return httpx.Response(502, html="<html>bad gateway</html>") if hit else None

    wire.override = override
    backend = await connected(wire)
    batches, tasks = await read(backend)
    assert "904" in bad_rows(tasks) or batches[-1].partial


async def test_what_a_list_reads_is_readable():
    wire = ScriptedServer(record(n, "running" if n == 97 else "success") for n in range(1, 101))
    poison(wire, {97})
    backend = await connected(wire)
    await read(backend)
    wire.override = lambda request: None
    backend._connection.client.broken_lists.clear()
    await read(backend)
    (task,) = (await backend.changes(KnownTasks(["97"], "100"))).tasks
    assert task.status is TaskStatus.RUNNING


async def test_a_try_that_failed_before_a_person_looked_counts_no_more():
    now = 0.0
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {50})
    backend = await connected(wire)
    backend._connection.client.unreadable = unreadable.UnreadableRecords(lambda: now)
    await read(backend)
    now = 61.0
    await backend.changes(KnownTasks([], "100"))
    await run_until_idle()
    wire.override = lambda request: None
    now = 70.0
    assert [task.status for task in (await backend.look(["50"])).tasks] == [TaskStatus.SUCCESS]
    assert (await backend.changes(KnownTasks([], "100"))).tasks == ()


async def test_ids_that_began_anew_are_noticed_beside_a_record_that_could_not_be_read():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {90})
    backend = await connected(wire)
    await read(backend)
    wire.override = lambda request: None
    wire.records = {n: record(n) for n in range(1, 6)}
    stale = [(await backend.changes(KnownTasks([], "100"))).stale for _ in range(10)]
    assert any(stale)
    assert 90 not in backend._connection.client.unreadable


async def test_an_id_that_somebody_fails_for_hides_no_deletion():
    wire = ScriptedServer(record(n, "running") for n in range(98, 101))
    wire.override = lambda request: (
        httpx.Response(502, html="<html>bad gateway</html>") if 103 in ids_of(request) else None
    )
    backend = await connected(wire)
    await read(backend)
    del wire.records[99]
    changes = await backend.changes(KnownTasks(["98", "99", "100"], "100"))
    assert (changes.missing, changes.note) == ({"99"}, "")


async def test_a_deleted_one_is_looked_at_anew():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {50})
    backend = await connected(wire)
    await read(backend)
    await backend.act(Action.DELETE, "50")
    assert (await backend.look(["50"])).missing == {"50"}


async def test_a_status_that_can_not_be_listed_is_not_tried_at_each_scan():
    wire = ScriptedServer(record(n, "running" if n < 5 else "success") for n in range(1, 101))
    poison(wire, {3})
    backend = await connected(wire)
    await read(backend)
    mark = len(wire.requests)
    batches, _ = await read(backend)
    asked = [request.url.params.get("status") for request in wire.requests[mark:]]
    assert "RUNNING" not in asked
    assert batches[0].has_unfinished is False


@pytest.mark.parametrize("store", ["rocksdb", "hstore"])
async def test_no_refresh_looks_at_a_finished_task_beside_others_that_may_be_heavy(store):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    wire.store = store
    backend = await connected(wire)
    await read(backend)
    heavy = backend._connection.client.heavy_lock
    alone: list[bool] = []

    def override(request: httpx.Request) -> None:
        if 40 in ids_of(request):
            alone.append(heavy.locked())

    wire.override = override
    async with heavy:
        for _ in range(30):
            await backend.changes(KnownTasks([], "40"))
    assert alone == []
    while not alone:
        await backend.changes(KnownTasks([], "40"))
    assert alone == [True], "it keeps others from coming beside it"


@pytest.mark.parametrize("bad", [5, 17, 30, 31])
async def test_one_that_still_can_not_be_read_after_a_while_is_not_gone(bad):
    now = 0.0
    wire = ScriptedServer(record(n) for n in range(1, 32))
    poison(wire, {bad})
    backend = await connected(wire)
    backend._connection.client.unreadable = unreadable.UnreadableRecords(lambda: now)
    await read(backend)
    await backend.changes(KnownTasks([], "29"))
    for _ in range(4):
        now += 4000
        await backend.changes(KnownTasks([], "29"))
        await run_until_idle()
        changes = await backend.changes(KnownTasks([], "29"))
        assert not changes.missing
        assert str(bad) in {task.id for task in changes.tasks if task.status is TaskStatus.UNREADABLE}


async def test_a_list_is_not_asked_for_that_is_known_to_break():
    wire = ScriptedServer(record(n) for n in range(1, 905))
    poison(wire, {900})
    backend = await connected(wire)
    mark = len(wire.requests)
    _, tasks = await read(backend)
    lists = [request for request in wire.requests[mark:] if "page" in request.url.params]
    assert all("status" in request.url.params for request in lists), "the newest, read by ids, told enough"
    assert len(tasks) == 904
