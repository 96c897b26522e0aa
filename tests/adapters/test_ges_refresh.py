"""Refreshes of a project: what a big one costs, and that nothing new and nothing unfinished is missed."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import NoSuchTask, NotAllowed, Unreadable
from backend_adapters.model import TaskStatus
from tests.adapters.scripted_ges import ScriptedGes, collected, job, known_backend, name, newest_first
from tests.support.rounds import Rounds


async def test_a_quiet_refresh_of_ten_thousand_jobs_is_one_request():
    jobs = newest_first(10_000)
    jobs[3] = job(9_997, "running")
    wire = ScriptedGes(jobs)
    backend, mark = await known_backend(wire)
    for _ in range(4):
        changes = await backend.changes(KnownTasks([name(9_997)], name(10_000)))
        assert name(9_997) in {task.id for task in changes.tasks}
        assert (changes.missing, changes.stale, changes.note) == (frozenset(), False, "")
    assert len(wire.requests) - mark == 4


async def test_an_old_unfinished_job_costs_a_second_request():
    jobs = newest_first(10_000)
    jobs[7_000] = job(3_000, "running")
    wire = ScriptedGes(jobs)
    backend, mark = await known_backend(wire)
    changes = await backend.changes(KnownTasks([name(3_000)], None))
    assert name(3_000) in {task.id for task in changes.tasks}
    assert [query.get("status") for query in wire.asked(mark)] == [None, "running"]


async def test_an_old_job_that_has_ended_is_found_where_it_is():
    jobs = newest_first(10_000)
    jobs[7_000] = job(3_000, "running")
    wire = ScriptedGes(jobs)
    backend, mark = await known_backend(wire)
    wire.jobs[7_000] = job(3_000, "partiallyFailed")
    wire.jobs[:0] = newest_first(80, 10_001)
    changes = await backend.changes(KnownTasks([name(3_000)], None))
    (task,) = [task for task in changes.tasks if task.id == name(3_000)]
    assert (task.status, task.raw_status) == (TaskStatus.PARTIAL, "partiallyFailed")
    assert [query["offset"] for query in wire.asked(mark)] == ["0", "0", "7055"]


async def test_an_old_unfinished_job_that_is_gone_is_missing_only_after_all_was_read():
    jobs = newest_first(400)
    jobs[300] = job(100, "running", relatedGraph="old")
    wire = ScriptedGes(jobs)
    backend, mark = await known_backend(wire)
    del wire.jobs[300]
    changes = await backend.changes(KnownTasks([name(100)], None))
    assert changes.missing == {name(100)}
    assert asked(wire, mark) == ["0", "0 running", "275", "175", "0 old"]


def asked(wire: ScriptedGes, mark: int) -> list[str]:
    """Where the pages began that were asked for after the first `mark` requests, and of what."""
    return [
        " ".join(query[key] for key in ("offset", "status", "graph_name") if key in query)
        for query in wire.asked(mark)
    ]


@pytest.mark.parametrize("born", [1, 50, 99, 100, 101, 350])
@pytest.mark.parametrize("newest_at", ["front", "end"])
async def test_new_jobs_are_all_found_in_one_refresh(newest_at, born):
    wire = ScriptedGes(newest_first(1000))
    if newest_at == "end":
        wire.jobs.reverse()
    backend, mark = await known_backend(wire)
    fresh = newest_first(born, 1001)
    wire.jobs = [*fresh, *wire.jobs] if newest_at == "front" else [*wire.jobs, *reversed(fresh)]
    changes = await backend.changes(KnownTasks([], None))
    assert {name(n) for n in range(1001, 1001 + born)} <= {task.id for task in changes.tasks}
    assert not changes.stale
    assert len(wire.requests) - mark <= 2 + born // 50


@pytest.mark.parametrize(
    ("newest_at", "pages"),
    [("front", ["0", "0"]), ("end", ["8950", "300", "350", "351", "8950", "301", "351", "352"])],
)
async def test_a_count_of_more_than_was_asked_for_hides_no_new_job(newest_at, pages):
    """Whether a filtered list counts what the filter left is not documented: it is read to an empty page."""
    wire = ScriptedGes(newest_first(350))
    if newest_at == "end":
        wire.jobs.reverse()
    wire.counts = lambda count: 9000
    backend, mark = await known_backend(wire, graph="movies")
    for new in (351, 352):
        wire.jobs.insert(0 if newest_at == "front" else len(wire.jobs), job(new))
        changes = await backend.changes(KnownTasks([], None))
        assert name(new) in {task.id for task in changes.tasks}
        assert not changes.stale
    assert asked(wire, mark) == [f"{page} movies" for page in pages]


async def test_a_short_list_that_begins_with_the_oldest_is_read_from_its_begin():
    wire = ScriptedGes(reversed(newest_first(30)))
    backend, mark = await known_backend(wire)
    assert len((await backend.changes(KnownTasks([], None))).tasks) == 30
    assert asked(wire, mark) == ["0"]


async def test_the_reason_of_a_job_that_was_found_in_the_list_of_its_graph_is_kept():
    wire = ScriptedGes(newest_first(1000))
    backend, _ = await known_backend(wire)
    wire.jobs[500] = job(500, "failed", failReason="no space")
    wire.jobs[:0] = newest_first(400, 1001)
    assert len((await backend.look([name(500)])).tasks) == 1
    assert wire.asked()[-1]["graph_name"] == "movies"
    mark = len(wire.requests)
    assert (await backend.detail(name(500), cap=1000)).result == b"no space"
    assert len(wire.requests) == mark


async def test_old_jobs_that_expire_in_a_list_that_begins_with_them_hide_no_new_one():
    wire = ScriptedGes(reversed(newest_first(500)))
    wire.counts = lambda count: None
    backend, mark = await known_backend(wire)
    del wire.jobs[:170]
    wire.jobs.append(job(501))
    changes = await backend.changes(KnownTasks([], None))
    assert name(501) in {task.id for task in changes.tasks}
    assert asked(wire, mark) == ["450", "350", "250"]


async def test_a_list_that_begins_with_the_oldest_and_was_cut_short_is_read_from_its_begin():
    wire = ScriptedGes(reversed(newest_first(500)))
    backend, mark = await known_backend(wire)
    wire.jobs = [job(501)]
    changes = await backend.changes(KnownTasks([], None))
    assert name(501) in {task.id for task in changes.tasks}
    assert asked(wire, mark) == ["450", "350", "250", "150", "50", "0"]


async def test_more_new_jobs_than_a_refresh_should_read_call_for_a_snapshot():
    wire = ScriptedGes(newest_first(100))
    backend, mark = await known_backend(wire)
    wire.jobs[:0] = newest_first(5000, 101)
    assert (await backend.changes(KnownTasks([], None))).stale
    assert asked(wire, mark) == [str(99 * page) for page in range(20)]


@pytest.mark.parametrize(("count", "stale"), [(0, False), (99, False), (100, True), (250, True)])
async def test_a_refresh_of_an_unknown_project_reads_one_page(count, stale):
    wire = ScriptedGes(newest_first(count))
    changes = await wire.backend().changes(KnownTasks([], None))
    assert (len(changes.tasks), changes.stale) == (min(count, 100), stale)
    assert asked(wire, 0) == ["0"]


async def test_a_waiting_job_that_the_list_puts_at_its_end_is_found_within_some_refreshes():
    wire = ScriptedGes(newest_first(500))
    backend, _ = await known_backend(wire)
    wire.jobs.append(job(501, "pending"))
    mark = len(wire.requests)
    found = [
        name(501) in {t.id for t in (await backend.changes(KnownTasks([], None))).tasks} for _ in range(5)
    ]
    assert found == [False, False, False, False, True]
    assert asked(wire, mark) == ["0"] * 5 + ["0 waiting"]


async def test_a_waiting_job_that_began_is_looked_for_among_the_running():
    wire = ScriptedGes([*newest_first(300, 2), job(1, "pending")])
    backend, mark = await known_backend(wire)
    known = KnownTasks([name(1)], None)
    assert name(1) in {task.id for task in (await backend.changes(known)).tasks}
    assert asked(wire, mark) == ["0", "0 waiting"]
    wire.jobs[-1] = job(1, "running")
    mark = len(wire.requests)
    (task,) = [task for task in (await backend.changes(known)).tasks if task.id == name(1)]
    assert task.status is TaskStatus.RUNNING
    assert asked(wire, mark) == ["0", "0 waiting", "0 running"]


async def test_an_old_job_of_an_unknown_status_is_looked_at_seldom():
    wire = ScriptedGes([*newest_first(300, 2), job(1, "frozen")])
    backend, mark = await known_backend(wire)
    found = [
        name(1) in {t.id for t in (await backend.changes(KnownTasks([name(1)], None))).tasks}
        for _ in range(20)
    ]
    assert found == ([False] * 9 + [True]) * 2
    assert asked(wire, mark) == ([*["0"] * 5, "0 waiting", *["0"] * 5, "0 waiting", "275"]) * 2


async def test_unreadable_records_of_a_refresh_are_told_once():
    wire = ScriptedGes([{"status": "x"}, *newest_first(150)])
    backend, _ = await known_backend(wire)
    changes = await backend.changes(KnownTasks([name(1)], None))
    assert changes.note == "1 record of the list couldn't be read because it has no id."
    wire.jobs.insert(0, {"status": "x"})
    assert (
        await backend.changes(KnownTasks([], None))
    ).note == "2 records of the list couldn't be read because they have no id."


@pytest.mark.parametrize(
    ("waiting", "running", "note"),
    [
        (0, 0, ""),
        (1, 0, "1 record of the list couldn't be read because it has no id."),
        (0, 2, "2 records of the list couldn't be read because they have no id."),
        (1, 2, "2 records of the list couldn't be read because they have no id."),
    ],
)
async def test_unreadable_records_among_the_unfinished_are_told(waiting, running, note):
    wire = ScriptedGes([*newest_first(150, 3), job(2, "pending"), job(1, "running")])
    backend, _ = await known_backend(wire)

    def with_bad(request: httpx.Request) -> httpx.Response | None:
        status = request.url.params.get("status")
        if status is None:
            return None
        rows, bad = ([job(2, "pending")], waiting) if status == "waiting" else ([job(1, "running")], running)
        rows += [{"status": "x"}] * bad
        return httpx.Response(200, json={"jobList": rows[int(request.url.params["offset"]) :]})

    wire.override = with_bad
    changes = await backend.changes(KnownTasks([name(1), name(2)], None))
    assert {name(1), name(2)} <= {task.id for task in changes.tasks}
    assert changes.note == note


async def test_a_list_that_begins_with_the_oldest_is_read_at_its_end():
    wire = ScriptedGes(reversed(newest_first(500)))
    first = await anext(aiter(wire.backend().snapshot()))
    assert {name(1), name(100), name(500)} <= {task.id for task in first.tasks}
    assert not first.has_newest, "those in between are not in it"
    assert (await anext(aiter(ScriptedGes(newest_first(500)).backend().snapshot()))).has_newest
    backend, mark = await known_backend(wire)
    wire.jobs += reversed(newest_first(3, 501))
    changes = await backend.changes(KnownTasks([], None))
    assert {name(501), name(502), name(503)} <= {task.id for task in changes.tasks}
    assert asked(wire, mark) == ["450"]


async def test_a_status_filter_that_is_ignored_or_refused_hides_nothing_and_is_not_asked_again():
    jobs = newest_first(300)
    jobs[250] = job(50, "running")
    ignoring = ScriptedGes(jobs)
    ignoring.statuses = False
    refusing = ScriptedGes(jobs)
    refusing.override = lambda request: (
        httpx.Response(400, json={"errorCode": "GES.0001", "errorMessage": "status is invalid"})
        if "status" in request.url.params
        else None
    )
    for wire in (ignoring, refusing):
        backend, mark = await known_backend(wire)
        changes = await backend.changes(KnownTasks([name(50)], None))
        assert name(50) in {task.id for task in changes.tasks}
        assert asked(wire, 0) == ["0 running", "0", "99", "198", "297", "0", "225"]
        assert mark == 5


async def test_a_look_at_what_stands_together_is_one_request():
    wire = ScriptedGes(newest_first(5000))
    backend, mark = await known_backend(wire)
    ids = [name(n) for n in range(2000, 2050)]
    looked = await backend.look(ids)
    assert ({task.id for task in looked.tasks}, looked.missing) == (set(ids), frozenset())
    assert len(wire.requests) - mark == 1


@pytest.mark.parametrize(
    ("ids", "pages"),
    [
        ([], []),
        ([2000], ["0"]),
        ([1980], ["0"]),
        ([1974], ["1"]),
        ([1000], ["975"]),
        ([1], ["1974"]),
        ([1000, 950], ["975"]),
        ([1000, 949], ["975", "1026"]),
        ([1000, 100, 990], ["975", "1875"]),
        (range(1900, 1900 - 20 * 51, -51), [str(75 + 51 * number) for number in range(20)]),
        (range(1900, 1900 - 21 * 51, -51), [f"{99 * page} movies" for page in range(12)]),
    ],
)
async def test_a_look_reads_pages_that_begin_a_little_before_the_jobs(ids, pages):
    """Where more than twenty would be needed, the list is read as far as the last of them."""
    wire = ScriptedGes(newest_first(2000))
    backend, mark = await known_backend(wire)
    wanted = {name(number) for number in ids}
    looked = await backend.look(wanted)
    assert ({task.id for task in looked.tasks}, looked.missing) == (wanted, frozenset())
    assert asked(wire, mark) == pages


@pytest.mark.parametrize(
    ("move", "pages"),
    [(-120, ["475", "375"]), (-20, ["475"]), (70, ["475"]), (120, ["475", "375", "575"])],
)
async def test_a_job_that_was_moved_is_found_a_page_above_or_below(move, pages):
    wire = ScriptedGes(newest_first(1000))
    backend, mark = await known_backend(wire)
    if move < 0:
        del wire.jobs[:-move]
    else:
        wire.jobs[:0] = newest_first(move, 1001)
    looked = await backend.look([name(500)])
    assert [task.id for task in looked.tasks] == [name(500)]
    assert asked(wire, mark) == pages


async def test_unreadable_records_near_the_jobs_looked_for_are_told():
    wire = ScriptedGes(newest_first(1000))
    backend, mark = await known_backend(wire)
    wire.jobs[505] = wire.jobs[805] = {"status": "x"}
    looked = await backend.look([name(500), name(200)])
    assert (len(looked.tasks), looked.note) == (
        2,
        "2 records of the list couldn't be read because they have no id.",
    )
    assert asked(wire, mark) == ["475", "775"]


async def test_what_a_whole_scan_did_not_bring_any_more_is_gone_without_a_request():
    wire = ScriptedGes(newest_first(300))
    backend, _ = await known_backend(wire)
    del wire.jobs[200:]
    await collected(backend)
    mark = len(wire.requests)
    looked = await backend.look([name(n) for n in range(1, 101)])
    assert looked.missing == {name(n) for n in range(1, 101)}
    assert len(wire.requests) == mark
    await collected(backend)
    # By then it is forgotten, and as unknown as any other.
    mark = len(wire.requests)
    assert (await backend.look([name(1)])).missing == {name(1)}
    assert asked(wire, mark) == ["0", "99", "198"]


async def test_a_look_at_the_unknown_reads_all_and_says_missing_or_finds_it():
    wire = ScriptedGes(newest_first(250))
    backend = wire.backend()
    looked = await backend.look([name(7), name(999)])
    assert ([task.id for task in looked.tasks], looked.missing) == ([name(7)], {name(999)})
    assert asked(wire, 0) == ["0", "99", "198"]
    with pytest.raises(NoSuchTask, match=r"^ges\.region\.example:443 has no job nobody \(any more\)\.$"):
        await backend.detail("nobody", cap=1000)


async def test_what_is_not_found_beside_unreadable_records_is_not_called_missing():
    wire = ScriptedGes([*newest_first(20), {"status": "running"}])
    backend = wire.backend()
    looked = await backend.look([name(999)])
    assert (looked.missing, looked.note) == (
        frozenset(),
        "1 record of the list couldn't be read because it has no id.",
    )
    with pytest.raises(Unreadable) as caught:
        await backend.detail(name(999), cap=1000)
    assert str(caught.value) == (
        f"ges.region.example:443 sent no readable record of job {name(999)}. "
        "1 record of the list couldn't be read because it has no id."
    )
    assert caught.value.hint == ""


@pytest.mark.parametrize(
    ("number", "pages"), [(240, ["0"]), (151, ["0"]), (150, ["0", "99"]), (1, ["0", "99", "198"])]
)
async def test_a_look_at_an_unknown_job_stops_at_the_page_that_has_it(number, pages):
    wire = ScriptedGes(newest_first(250))
    looked = await wire.backend().look([name(number)])
    assert ([task.id for task in looked.tasks], looked.missing) == ([name(number)], frozenset())
    assert asked(wire, 0) == pages


async def test_a_detail_tells_how_much_of_its_page_has_come():
    wire = ScriptedGes(newest_first(150))
    backend, _ = await known_backend(wire)
    sizes: list[int] = []
    await backend.detail(name(5), cap=1000, progress=sizes.append)
    assert sizes
    assert sizes[-1] == len(wire._list({"offset": "120", "limit": "100"}).content)


async def test_a_start_asks_for_the_newest_and_the_unfinished_side_by_side():
    wire = ScriptedGes([job(3, "running"), job(2), job(1)])
    rounds = Rounds(wire)
    backend = wire.backend(http=rounds)
    connecting = asyncio.create_task(backend.connect(then_snapshot=True))
    assert len(await rounds.answer_round()) == 3
    await connecting
    first = await anext(backend.snapshot())
    assert {task.id for task in first.tasks} == {name(1), name(2), name(3)}
    assert len(wire.requests) == 3, "what has come is not asked for again"
    await backend.aclose()


async def test_a_start_that_fails_is_told_and_then_made_step_by_step():
    wire = ScriptedGes([job(1)])
    wire.override = lambda request: httpx.Response(403, json={"errorCode": "GES.0002"})
    backend = wire.backend()
    with pytest.raises(NotAllowed):
        await backend.connect(then_snapshot=True)
    wire.override = lambda request: None
    mark = len(wire.requests)
    await backend.connect(then_snapshot=True)
    assert len(wire.requests) == mark + 1
    assert [task.id async for batch in backend.snapshot() for task in batch.tasks] == [name(1)]
    await backend.aclose()
