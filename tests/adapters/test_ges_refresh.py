"""Refreshes of a project: what a big one costs, and that nothing new and nothing unfinished is missed."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.backend import Known
from backend_adapters.errors import BadAnswer, NoSuchTask
from backend_adapters.model import TaskStatus
from tests.adapters.ges_wire import GesWire, collected, job, known_backend, name, newest_first


async def test_a_quiet_refresh_of_ten_thousand_jobs_is_one_request():
    jobs = newest_first(10_000)
    jobs[3] = job(9_997, "running")
    wire = GesWire(jobs)
    backend, mark = await known_backend(wire)
    for _ in range(4):
        changes = await backend.changes(Known([name(9_997)], name(10_000)))
        assert name(9_997) in {task.id for task in changes.tasks}
        assert (changes.missing, changes.stale, changes.note) == (frozenset(), False, "")
    assert len(wire.requests) - mark == 4


async def test_an_old_unfinished_job_costs_a_second_request():
    jobs = newest_first(10_000)
    jobs[7_000] = job(3_000, "running")
    wire = GesWire(jobs)
    backend, mark = await known_backend(wire)
    changes = await backend.changes(Known([name(3_000)], None))
    assert name(3_000) in {task.id for task in changes.tasks}
    assert [query.get("status") for query in wire.asked(mark)] == [None, "running"]


async def test_an_old_job_that_has_ended_is_found_where_it_is():
    jobs = newest_first(10_000)
    jobs[7_000] = job(3_000, "running")
    wire = GesWire(jobs)
    backend, mark = await known_backend(wire)
    wire.jobs[7_000] = job(3_000, "partiallyFailed")
    wire.jobs[:0] = newest_first(80, 10_001)
    changes = await backend.changes(Known([name(3_000)], None))
    (task,) = [task for task in changes.tasks if task.id == name(3_000)]
    assert (task.status, task.word) == (TaskStatus.PARTIAL, "partiallyFailed")
    assert [query["offset"] for query in wire.asked(mark)] == ["0", "0", "7055"]


async def test_an_old_unfinished_job_that_is_gone_is_missing_only_after_all_was_read():
    jobs = newest_first(400)
    jobs[300] = job(100, "running", relatedGraph="old")
    wire = GesWire(jobs)
    backend, mark = await known_backend(wire)
    del wire.jobs[300]
    changes = await backend.changes(Known([name(100)], None))
    assert changes.missing == {name(100)}
    assert wire.asked(mark)[-1]["graph_name"] == "old"


@pytest.mark.parametrize("born", [1, 50, 99, 100, 101, 350])
@pytest.mark.parametrize("newest_at", ["front", "end"])
async def test_new_jobs_are_all_found_in_one_refresh(newest_at, born):
    wire = GesWire(newest_first(1000))
    if newest_at == "end":
        wire.jobs.reverse()
    backend, mark = await known_backend(wire)
    fresh = newest_first(born, 1001)
    wire.jobs = [*fresh, *wire.jobs] if newest_at == "front" else [*wire.jobs, *reversed(fresh)]
    changes = await backend.changes(Known([], None))
    assert {name(n) for n in range(1001, 1001 + born)} <= {task.id for task in changes.tasks}
    assert not changes.stale
    assert len(wire.requests) - mark <= 2 + born // 50


@pytest.mark.parametrize("newest_at", ["front", "end"])
async def test_a_count_of_more_than_was_asked_for_hides_no_new_job(newest_at):
    """Whether a filtered list counts what the filter left is not documented."""
    wire = GesWire(newest_first(350))
    if newest_at == "end":
        wire.jobs.reverse()
    wire.counts = lambda count: 9000
    backend, mark = await known_backend(wire, graph="movies")
    for new in (351, 352):
        wire.jobs.insert(0 if newest_at == "front" else len(wire.jobs), job(new))
        changes = await backend.changes(Known([], None))
        assert name(new) in {task.id for task in changes.tasks}
        assert not changes.stale
    assert len(wire.requests) - mark <= 10


async def test_old_jobs_that_expire_in_a_list_that_begins_with_them_hide_no_new_one():
    wire = GesWire(reversed(newest_first(500)))
    wire.counts = lambda count: None
    backend, _ = await known_backend(wire)
    del wire.jobs[:170]
    wire.jobs.append(job(501))
    changes = await backend.changes(Known([], None))
    assert name(501) in {task.id for task in changes.tasks}


async def test_more_new_jobs_than_a_refresh_should_read_call_for_a_snapshot():
    wire = GesWire(newest_first(100))
    backend, mark = await known_backend(wire)
    wire.jobs[:0] = newest_first(5000, 101)
    assert (await backend.changes(Known([], None))).stale
    assert len(wire.requests) - mark <= 21


async def test_a_waiting_job_that_the_list_puts_at_its_end_is_found_within_some_refreshes():
    wire = GesWire(newest_first(500))
    backend, _ = await known_backend(wire)
    wire.jobs.append(job(501, "pending"))
    found = [name(501) in {t.id for t in (await backend.changes(Known([], None))).tasks} for _ in range(5)]
    assert True in found


async def test_a_status_filter_that_is_ignored_or_refused_hides_nothing_and_is_not_asked_again():
    jobs = newest_first(300)
    jobs[250] = job(50, "running")
    ignoring = GesWire(jobs)
    ignoring.statuses = False
    refusing = GesWire(jobs)
    refusing.override = lambda request: (
        httpx.Response(400, json={"errorCode": "GES.0001", "errorMessage": "status is invalid"})
        if "status" in request.url.params
        else None
    )
    for wire in (ignoring, refusing):
        backend, mark = await known_backend(wire)
        changes = await backend.changes(Known([name(50)], None))
        assert name(50) in {task.id for task in changes.tasks}
        assert not any("status" in query for query in wire.asked(mark))


async def test_a_look_at_what_stands_together_is_one_request():
    wire = GesWire(newest_first(5000))
    backend, mark = await known_backend(wire)
    ids = [name(n) for n in range(2000, 2050)]
    looked = await backend.look(ids)
    assert ({task.id for task in looked.tasks}, looked.missing) == (set(ids), frozenset())
    assert len(wire.requests) - mark == 1


async def test_what_a_whole_scan_did_not_bring_any_more_is_gone_without_a_request():
    wire = GesWire(newest_first(300))
    backend, _ = await known_backend(wire)
    del wire.jobs[200:]
    await collected(backend)
    mark = len(wire.requests)
    looked = await backend.look([name(n) for n in range(1, 101)])
    assert looked.missing == {name(n) for n in range(1, 101)}
    assert len(wire.requests) == mark


async def test_a_look_at_the_unknown_reads_all_and_says_missing_or_finds_it():
    wire = GesWire(newest_first(250))
    backend = wire.backend()
    looked = await backend.look([name(7), name(999)])
    assert ([task.id for task in looked.tasks], looked.missing) == ([name(7)], {name(999)})
    with pytest.raises(NoSuchTask, match="no job nobody"):
        await backend.detail("nobody", cap=1000)


async def test_what_is_not_found_beside_unreadable_records_is_not_called_missing():
    wire = GesWire([*newest_first(20), {"status": "running"}])
    backend = wire.backend()
    looked = await backend.look([name(999)])
    assert (looked.missing, looked.note) == (frozenset(), "1 record could not be read.")
    with pytest.raises(BadAnswer, match="can't be read"):
        await backend.detail(name(999), cap=1000)
