"""A task that blocks all others on its server while it is read: they are seen, and it is found."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BackendError, ServerFault
from backend_adapters.hugegraph import unreadable_records as unreadable
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.hugegraph.deferred_ids import _Group as Group
from backend_adapters.hugegraph.server_check import check_alive
from backend_adapters.model import Action
from backend_adapters.transport.target import Target
from tests.adapters.blocked_server import MINUTES, Blocked, Screen, watched
from tests.adapters.failing_tasks import bad_rows, listed, poison
from tests.adapters.scripted_servers import URL, ScriptedServer, failure, record
from tests.support.faulty_proxy import INTERRUPTED
from tests.support.rounds import Rounds
from tests.unit.fakes import run_until_idle


@pytest.mark.parametrize("count", [6, 40, 3000])
@pytest.mark.parametrize("place", ["first", "middle", "newest"])
async def test_the_others_are_seen_and_it_is_a_row(count, place, monkeypatch):
    bad = {"first": 1, "middle": count // 2, "newest": count}[place]
    _, server, screen = await watched(monkeypatch, (record(n) for n in range(1, count + 1)), {bad})
    await screen.scan()
    assert server.times
    assert "stopped answering" in screen.partial
    assert len(screen.tasks) > count // 4
    await screen.polls(2)
    assert screen.note == screen.partial
    await screen.polls()
    await screen.scan()
    assert set(screen.tasks) == {str(n) for n in range(1, count + 1)}
    (told,) = bad_rows(screen.tasks).items()
    assert told[0] == str(bad)
    assert "stops answering about all its tasks when asked for this one" in told[1]
    assert screen.partial == ""
    # By fours from one request's ids to the one, and once by a list.
    assert server.times <= 7
    # It is asked for no more, and no list with it.
    before = server.times
    await screen.polls()
    await screen.scan()
    assert server.times == before


async def test_a_task_that_ends_with_a_result_that_blocks_is_found_by_the_polls(monkeypatch):
    wire, server, screen = await watched(
        monkeypatch, (record(n, "running" if n in (58, 59, 60) else "success") for n in range(1, 61))
    )
    await screen.scan()
    wire.records[59]["task_status"] = "success"
    server.bad = {59}
    await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["59"]
    wire.records[60]["task_status"] = "success"
    await screen.polls(1)
    assert screen.tasks["60"].raw_status == "success"
    assert (len(screen.tasks), screen.note) == (60, "")
    assert screen.stale == 1
    assert server.times <= 5


async def test_once_it_can_be_read_it_is_a_task_like_others(monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    monkeypatch.setattr(unreadable, "FIRST_RETRY_AFTER_STOP", 600)
    await screen.scan()
    await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["33"]
    server.bad = set()
    server.now += 1200
    await screen.polls(2)
    assert bad_rows(screen.tasks) == {}
    await screen.scan()
    assert (len(screen.tasks), screen.partial) == (40, "")


async def test_a_person_is_answered_at_once(monkeypatch):
    _, _, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    await screen.scan()
    aside = [str(n) for n in range(1, 41) if str(n) not in screen.tasks and n != 33]
    assert aside
    looked = await screen.backend.look(aside)
    assert {task.id: task.raw_status for task in looked.tasks} == dict.fromkeys(aside, "success")


async def test_what_is_kept_apart_is_not_called_gone(monkeypatch):
    _, _, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    await screen.scan()
    looked = await screen.backend.look(["33", "34", "99"], urgent=False)
    assert looked.missing == {"99"}


async def test_of_a_server_that_is_down_no_task_is_suspected(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    backend = await server.connected()
    server.dead = True
    with pytest.raises(BackendError):
        _ = [batch async for batch in backend.snapshot()]
    assert server.times == 1
    server.dead, server.bad = False, set()
    server.now += MINUTES
    screen = Screen(backend, server)
    await screen.scan()
    assert (len(screen.tasks), screen.partial) == (40, "")


@pytest.mark.parametrize(
    ("ids", "bad"),
    [
        ([1], 1),
        ([1, 2], 2),
        ([*range(1, 41), 200], 200),
        ([*range(1, 41), *range(500, 520)], 519),
    ],
)
async def test_wherever_it_is_the_server_is_not_asked_for_it_for_ever(ids, bad, monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in ids), {bad})
    for _ in range(3):
        await screen.scan()
        await screen.polls()
    before = server.times
    await screen.scan()
    await screen.polls(20)
    assert (set(screen.tasks), list(bad_rows(screen.tasks))) == (set(map(str, ids)), [str(bad)])
    assert (server.times, screen.partial, screen.note) == (before, "", "")
    assert before <= 8


async def test_where_no_id_leads_to_it_the_list_is_left_alone_for_long_and_that_is_said(monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in [*range(1, 2000), 90_000]), {90_000})
    await screen.scan()
    assert (len(screen.tasks), server.times) == (1999, 1)
    assert screen.partial.startswith("The task list ends early, so some tasks may be missing.")
    await screen.scan()
    assert server.times == 1
    server.now += 1e9
    await screen.scan()
    assert server.times == 2


async def test_among_many_that_run_the_one_that_ends_so_is_found(monkeypatch):
    wire, server, screen = await watched(
        monkeypatch, (record(n, "running" if n > 40 else "success") for n in range(1, 61))
    )
    await screen.scan()
    wire.records[55]["task_status"] = "success"
    server.bad = {55}
    await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["55"]
    assert server.times <= 5


async def test_a_running_task_that_no_scan_reaches_ends_no_program(monkeypatch):
    wire, server, screen = await watched(
        monkeypatch, [*(record(n) for n in range(1, 6)), record(3333, "running")]
    )
    await screen.scan()
    wire.records[3333]["task_status"] = "success"
    server.bad = {3333}
    await screen.polls()
    before = server.times
    await screen.scan()
    assert list(bad_rows(screen.tasks)) == ["3333"]
    assert (server.times, screen.partial) == (before, "")


@pytest.mark.parametrize("code", [503, 504])
async def test_a_proxy_that_gives_up_first_makes_no_difference(code, monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33}, code=code)
    await screen.scan()
    await screen.polls()
    await screen.scan()
    assert list(bad_rows(screen.tasks)) == ["33"]
    assert (len(screen.tasks), server.times <= 7) == (40, True)


@pytest.mark.parametrize("store", ["hstore", ""])
async def test_where_ids_may_come_in_blocks_no_list_is_asked_for_with_it(store, monkeypatch):
    wire, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)))
    wire.store = store
    await screen.scan()
    wire.records |= {41: record(41, "running")}
    await screen.polls(2)
    wire.records[41]["task_status"] = "success"
    server.bad = {41}
    await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["41"]
    before = server.times
    await screen.scan()
    assert server.times == before
    assert screen.partial == (
        "The task list ends early, so some tasks may be missing. "
        "The server stops answering about its tasks when a list includes task 41."
    )


async def test_a_group_that_is_failed_over_while_the_server_works_is_asked_for_as_others_are(monkeypatch):
    wire, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    await screen.scan()
    server.bad = set()
    poison(wire, {33}, 500, INTERRUPTED)
    await screen.polls()
    await screen.scan()
    assert list(bad_rows(screen.tasks)) == ["33"]
    assert "stops answering" not in bad_rows(screen.tasks)["33"]
    assert (len(screen.tasks), screen.partial) == (40, "")


async def test_what_is_set_aside_stays_so_over_a_new_connection_and_not_when_ids_begin_anew(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, {33})
    backend = await server.connected()
    screen = Screen(backend, server)
    await screen.scan()
    before = server.times
    await backend.connect()
    await screen.scan()
    assert "stopped answering" in screen.partial
    assert server.times == before
    wire.records = {n: record(n) | {"task_create": 1773000000000 + n} for n in (1, 2)}
    server.bad = set()
    server.now += MINUTES
    await screen.polls(20)
    await screen.scan()
    assert screen.partial == ""


async def test_the_polls_own_answer_counts_more_than_that_of_the_try_beside_it(monkeypatch):
    wire, _, screen = await watched(
        monkeypatch, (record(n, "running" if n > 57 else "success") for n in range(1, 61))
    )
    await screen.scan()
    link_of = screen.backend._connection.client
    link_of.deferred._groups = [Group((58, 61), 0.0)]
    await screen.backend.changes(KnownTasks(["58", "59", "60"], "60"))
    await run_until_idle()
    wire.records[58]["task_status"] = "success"
    wire.records[61] = record(61)
    changes = await screen.backend.changes(KnownTasks(["58", "59", "60"], "60"))
    words = [task.raw_status for task in changes.tasks if task.id == "58"]
    assert words[-1] == "success"
    assert "61" in {task.id for task in changes.tasks}
    assert "61" not in changes.missing


async def test_what_came_before_the_server_stopped_is_seen(monkeypatch):
    wire = ScriptedServer(record(n, "running" if n == 7 else "success") for n in range(1, 301))
    server = Blocked(wire, monkeypatch, {230})
    backend = await server.connected()
    batches = backend.snapshot()
    batch = await anext(batches)
    assert {"299", "300"} <= {task.id for task in batch.tasks}
    assert (batch.has_newest, batch.has_unfinished) == (False, False)
    with pytest.raises(BackendError):
        await anext(batches)


async def test_it_is_deleted_without_being_asked_for(monkeypatch):
    wire, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    await screen.scan()
    await screen.polls()
    assert screen.tasks["33"].stops_server
    before, mark = server.times, len(wire.requests)
    looked = await screen.backend.look(["33"])
    assert [task.stops_server for task in looked.tasks] == [True]
    assert (await screen.backend.act(Action.DELETE, "33")).accepted
    assert wire.since(mark) == ["DELETE /graphspaces/DEFAULT/graphs/hugegraph/tasks/33"]
    assert (await screen.backend.look(["33"])).missing == {"33"}
    assert server.times == before


async def test_a_poll_that_stops_the_server_beside_a_scan_is_found_out(monkeypatch):
    wire, server, screen = await watched(
        monkeypatch, (record(n, "running" if n > 57 else "success") for n in range(1, 61))
    )
    await screen.scan()
    wire.records[59]["task_status"] = "success"
    server.bad = {59}
    link_of = screen.backend._connection.client
    async with link_of.heavy_lock:
        await screen.polls(1)
    assert link_of.deferred.select_deferred([59])


async def test_a_server_that_answers_only_once_it_is_free_again_is_known_to_have_stopped(monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33}, lasts=45.0)
    for _ in range(3):
        await screen.scan()
        await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["33"]
    assert (len(screen.tasks), screen.partial, server.times <= 7) == (40, "", True)


async def test_new_tasks_are_seen_where_the_only_one_stops_the_server(monkeypatch):
    wire, _, screen = await watched(monkeypatch, [record(1)], {1})
    await screen.scan()
    await screen.polls(300)
    assert list(bad_rows(screen.tasks)) == ["1"]
    wire.records[2] = record(2)
    changes = await screen.backend.changes(KnownTasks([], None))
    assert "2" in {task.id for task in changes.tasks}


@pytest.mark.parametrize("store", ["hstore", "cassandra"])
async def test_where_ids_may_come_in_blocks_a_list_that_stops_the_server_is_left_alone(store, monkeypatch):
    wire, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    wire.store = store
    for _ in range(3):
        await screen.scan()
        await screen.polls()
    assert list(bad_rows(screen.tasks)) == ["33"]
    assert (len(screen.tasks), server.times <= 8) == (40, True)
    before = server.times
    await screen.scan()
    assert server.times == before


async def test_after_it_was_silent_it_is_left_in_peace_for_as_long(monkeypatch):
    _, server, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    await screen.scan()
    before, freed = server.times, server.now
    while server.times == before:
        await screen.polls(1)
        assert server.now < freed + 200
    assert server.began > freed + 60


async def test_a_bad_record_of_a_server_that_is_slow_for_a_while_is_only_a_bad_record(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    server = Blocked(wire, monkeypatch, set())
    backend = await server.connected()

    def override(request: httpx.Request) -> httpx.Response | None:
        bad = 33 in listed(wire, request)
        # It fails at once over the record, and takes its time for whatever comes after that.
        server.now += 0.01 if bad else 8.0
        return failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED) if bad else None

    wire.override = override
    screen = Screen(backend, server)
    await screen.scan()
    assert list(bad_rows(screen.tasks)) == ["33"]
    assert not screen.tasks["33"].stops_server
    assert (len(screen.tasks), screen.partial, screen.failed) == (40, "", 0)


async def test_where_ids_may_come_in_blocks_a_list_that_is_left_alone_hides_no_task(monkeypatch):
    wire, _, screen = await watched(monkeypatch, (record(n) for n in range(1, 41)), {33})
    wire.store = "hstore"
    await screen.scan()
    await screen.polls()
    screen.tasks.clear()
    await screen.scan()
    assert set(screen.tasks) == {str(n) for n in range(1, 41)}


async def test_of_two_requests_that_fail_at_once_only_the_tasks_of_one_are_suspected():
    wire = ScriptedServer([record(n) for n in range(1, 9)])
    rounds = Rounds(wire)
    backend = HugeGraphBackend(Target(url=URL, http=rounds))
    work = asyncio.create_task(backend.look(["1"]))
    while not work.done():
        await rounds.answer_round()
    link_of = backend._connection.client
    wire.override = lambda request: (
        failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED)
        if request.url.path.endswith("/tasks")
        else None
    )
    checks = [
        asyncio.create_task(check_alive(link_of, ServerFault("It failed.", code=500), ids))
        for ids in ([1, 2], [3, 4])
    ]
    while not all(check.done() for check in checks):
        await rounds.answer_round()
    assert all(isinstance(check.exception(), ServerFault) for check in checks)
    assert link_of.deferred.select_deferred(range(1, 9)) == {1, 2}
    await backend.aclose()
