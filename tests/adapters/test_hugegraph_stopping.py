"""What is known of a server that stops over single tasks: how long it is kept, and who is blamed."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import ServerFault
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.errors import TaskStoreError
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.unreadable_records import BrokenList
from backend_adapters.hugegraph.wire import task_from_wire
from backend_adapters.model import Action
from tests.adapters.failing_tasks import connected, poison, read
from tests.adapters.scripted_servers import ScriptedServer, ids_of, record


async def opened(wire: ScriptedServer | None = None) -> tuple[HugeGraphBackend, HugeGraphClient]:
    backend = await connected(wire or ScriptedServer(record(n) for n in range(1, 41)))
    assert backend._connection is not None
    return backend, backend._connection.client


def stop_list(link: HugeGraphClient) -> None:
    link.broken_lists[None] = BrokenList(
        ServerFault("stopped"), time.monotonic() + 600, 600, stops_server=True
    )


def stop_over(link: HugeGraphClient, number: int) -> None:
    link.unreadable.note_failure(number, TaskStoreError("stopped"), exists=True, stops=True)


@pytest.mark.parametrize("there", [True, False])
async def test_a_scan_ends_though_a_record_that_can_not_be_read_lies_far_above(there):
    wire = ScriptedServer(record(n) for n in (*range(1, 31), *([9000] if there else [])))
    poison(wire, {9000})
    backend, link = await opened(wire)
    link.unreadable.note_failure(9000, TaskStoreError("bad"), exists=True)
    mark = len(wire.requests)
    _, tasks = await read(backend)
    assert len(wire.requests) - mark < 100
    assert {str(n) for n in range(1, 31)} <= set(tasks)


async def test_a_scan_ends_after_most_tasks_below_one_that_can_not_be_read_are_gone():
    wire = ScriptedServer(record(n) for n in range(1, 2001))
    poison(wire, {2000})
    backend, _ = await opened(wire)
    await read(backend)
    for number in range(31, 2000):
        del wire.records[number]
    mark = len(wire.requests)
    _, tasks = await read(backend)
    assert len(wire.requests) - mark < 200
    assert {str(n) for n in range(1, 31)} <= set(tasks)


async def test_of_two_requests_that_fail_together_only_the_first_is_blamed():
    _, link = await opened(
        ScriptedServer(record(n, "running" if n > 30 else "success") for n in range(1, 41))
    )
    await read_tasks_by_id(link, [1])
    real = link.transport.get
    first = asyncio.Event()

    async def get(path, *args, **more):
        if "/tasks?" not in path:
            # The first one is judged only after the second has failed as well.
            await second.wait()
            return await real(path, *args, **more)
        await asyncio.sleep(0)
        first.set()
        raise ServerFault("too late", code=500)

    async def poll() -> None:
        await first.wait()
        second.set()
        await read_tasks_by_id(link, (), [31, 32, 33], [41, 42])

    second = asyncio.Event()
    link.transport.get = get
    await asyncio.gather(read_tasks_by_id(link, [5, 6]), poll(), return_exceptions=True)
    assert link.deferred.select_deferred(range(1, 50)) in ({5, 6}, {31, 32, 33, 41, 42})


async def test_a_request_of_a_person_that_was_given_up_may_still_keep_the_server():
    _, link = await opened()
    await read_tasks_by_id(link, [1])
    assert link.responsiveness.answered_lately
    with pytest.raises(asyncio.CancelledError), link.responsiveness.person_is_waiting():
        raise asyncio.CancelledError
    assert (link.responsiveness.waiting_people, link.responsiveness.answered_lately) == (0, False)


async def test_a_result_that_a_person_opens_counts_as_one_that_may_keep_the_server():
    wire = ScriptedServer(record(n, task_result="1") for n in range(1, 41))
    backend, link = await opened(wire)
    seen: list[int] = []

    def override(request: httpx.Request) -> None:
        if request.url.path.endswith("/tasks/5"):
            seen.append(link.responsiveness.waiting_people)

    wire.override = override
    assert b"".join([piece async for piece in backend.stream("5", "result")]) == b"1"
    assert seen == [1]


async def test_one_that_was_set_aside_when_it_was_its_turn_is_not_forgotten():
    wire = ScriptedServer(record(n) for n in range(1, 301))
    poison(wire, {290})
    backend, link = await opened(wire)
    link.deferred.defer([20, 21])
    rows, partial = set(), ""
    async for batch in backend.snapshot():
        rows |= {task.id for task in batch.tasks}
        partial = batch.partial or partial
        if "100" in rows:
            link.deferred.release_ids([20, 21])
    assert not {"20", "21"} & rows
    assert partial.startswith("The task list ends early, so some tasks may be missing.")


async def test_a_record_that_can_be_read_again_says_nothing_of_a_list_that_stops_the_server():
    backend, link = await opened()
    stop_list(link)
    link.unreadable.note_failure(5, TaskStoreError("bad"), exists=True)
    await backend.detail("5", cap=1000)
    assert 5 not in link.unreadable
    assert None in link.broken_lists


async def test_a_detail_that_came_late_does_not_make_its_task_harmless():
    backend, link = await opened()
    stop_over(link, 5)
    await backend.detail("5", cap=1000)
    assert link.unreadable.stopping_ids == [5]


@pytest.mark.parametrize(("action", "left"), [(Action.CANCEL, [5]), (Action.DELETE, [])])
async def test_only_a_delete_that_was_accepted_makes_it_forgotten(action, left):
    backend, link = await opened()
    stop_over(link, 5)
    assert (await backend.act(action, "5")).accepted
    assert link.unreadable.stopping_ids == left


async def test_ids_that_begin_anew_are_of_other_tasks_and_another_list():
    _, link = await opened()
    stop_list(link)
    stop_over(link, 5)
    link.forget_ids()
    assert (link.broken_lists, link.list_obstacle) == ({}, "")


async def test_a_new_connection_leaves_the_server_in_peace_as_well():
    backend, link = await opened()
    link.responsiveness._rests_until = time.perf_counter() + 300
    await backend.connect()
    assert backend._connection.client is not link
    assert backend._connection.client.responsiveness.is_resting


async def test_a_bad_record_at_the_front_tells_nothing_of_how_many_can_be_read_at_once():
    wire = ScriptedServer(record(n) for n in range(1, 30))
    poison(wire, {1})
    backend, link = await opened(wire)
    before = link.batch.save_state()
    await backend.changes(KnownTasks([], None))
    assert link.batch.save_state() == before


@pytest.mark.parametrize("gone", [True, False])
async def test_a_record_that_was_asked_for_again_during_a_poll_is_as_it_was_found(gone):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    poison(wire, {40})
    backend, link = await opened(wire)
    await read(backend)
    assert 40 in link.unreadable
    finder, trying = backend._connection.finder, asyncio.get_running_loop().create_future()
    finder._retry = ([40], trying)

    def override(request: httpx.Request) -> None:
        if 41 in ids_of(request):
            # The poll has taken 40 for unreadable, and has not been answered yet.
            link.unreadable.forget_ids([40])
            trying.set_result(FetchedTasks({} if gone else {40: task_from_wire(record(40))}))

    wire.override = override
    changes = await backend.changes(KnownTasks([], "39"))
    assert [task.raw_status for task in changes.tasks if task.id == "40"] == ([] if gone else ["success"])
    assert changes.missing == ({"40"} if gone else set())
