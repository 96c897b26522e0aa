"""Snapshots of a list that changes while it is read, and refreshes of a big one."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters import list_limit
from backend_adapters.backend import KnownTasks
from backend_adapters.errors import Busy, NoSuchTask, Unsupported
from backend_adapters.model import Action, RunningCount, Scope
from tests.adapters.scripted_ges import CENTER, ScriptedGes, collected, job, known_backend, name, newest_first
from tests.support.patience import PATIENCE


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 250, 1000])
@pytest.mark.parametrize("dialect", CENTER)
async def test_a_snapshot_brings_each_job_once(dialect, count):
    wire = ScriptedGes(newest_first(count), dialect)
    ids, note = await collected(wire.backend())
    assert ids == [name(n) for n in range(count, 0, -1)]
    assert note == ""
    assert len(wire.asked()) <= 3 + count // 99 + 1


async def test_a_project_that_fits_on_a_page_is_read_with_three_requests():
    wire = ScriptedGes([job(2, "running"), job(1)])
    assert (await collected(wire.backend()))[1] == ""
    assert wire.asked() == [
        {"limit": "100", "offset": "0", "status": "running"},
        {"limit": "100", "offset": "0", "status": "waiting"},
        {"limit": "100", "offset": "0"},
    ]


async def test_the_unfinished_are_in_the_first_batch_wherever_they_are():
    jobs = newest_first(500)
    jobs[400], jobs[450] = job(100, "running"), job(50, "pending")
    backend = ScriptedGes(jobs).backend()
    first = await anext(aiter(backend.snapshot()))
    assert {name(100), name(50), name(500)} <= {task.id for task in first.tasks}


async def test_where_statuses_can_not_be_asked_the_first_batch_does_not_claim_all_that_runs():
    jobs = newest_first(250)
    jobs[200] = job(50, "running")
    for wire, has in (
        (ScriptedGes(jobs), True),
        (ScriptedGes(jobs, "ges-graph"), False),
        (ScriptedGes(jobs), False),
    ):
        wire.statuses = has
        first = await anext(aiter(wire.backend(graph="movies").snapshot()))
        assert (name(50) in {task.id for task in first.tasks}, first.has_unfinished) == (has, has)


@pytest.mark.parametrize("born", [1, 7, 60, 99, 100, 150])
async def test_jobs_that_come_during_a_scan_push_none_out_and_none_twice(born):
    wire = ScriptedGes(newest_first(500))

    def push(number: int) -> None:
        if number in (4, 5):
            start = 501 + (number - 4) * born
            wire.jobs[:0] = newest_first(born, start)

    wire.after = push
    ids, note = await collected(wire.backend())
    assert Counter(ids).most_common(1)[0][1] == 1
    assert set(ids) >= {name(n) for n in range(1, 501)}
    assert note == ""


@pytest.mark.parametrize("gone", [1, 2, 30, 99, 130])
async def test_jobs_that_go_from_the_front_during_a_scan_take_no_other_along(gone):
    """As in a list that begins with the oldest, whose records expire."""
    wire = ScriptedGes(reversed(newest_first(600)))

    def drop(number: int) -> None:
        # The two status requests, the first page and the newest one have been answered by then.
        if number in (5, 6):
            del wire.jobs[:gone]

    wire.after = drop
    ids, _ = await collected(wire.backend())
    assert set(ids) >= {row["jobId"] for row in wire.jobs}


async def test_both_at_once_and_all_the_time():
    wire = ScriptedGes(newest_first(1000))

    def churn(number: int) -> None:
        wire.jobs[:0] = newest_first(3, 1001 + 3 * number)
        del wire.jobs[-2:]

    wire.after = churn
    before = {row["jobId"] for row in wire.jobs}
    ids, note = await collected(wire.backend())
    assert before & {row["jobId"] for row in wire.jobs} <= set(ids)
    assert len(ids) == len(set(ids))
    assert note == ""


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (lambda n: n, ""),
        (lambda n: n + 7, "The server reports 257 jobs but lists 250."),
        (lambda n: n + 1, "The server reports 251 jobs but lists 250."),
        (lambda n: n - 1, "The server reports 249 jobs but lists 250."),
        (lambda n: 0, "The server reports 0 jobs but lists 250."),
        (lambda n: 10**15 - 1, "The server reports 999,999,999,999,999 jobs but lists 250."),
        (lambda n: 10**15, ""),
        (str, ""),
        (lambda n: f" {n + 1} ", "The server reports 251 jobs but lists 250."),
        (lambda n: None, ""),
        (lambda n: "many", ""),
        (lambda n: -3, ""),
        (lambda n: 1e9, ""),
        (lambda n: [], ""),
    ],
)
async def test_a_count_that_disagrees_is_told_and_hides_nothing(count, words):
    wire = ScriptedGes(newest_first(250))
    wire.counts = count
    ids, note = await collected(wire.backend())
    assert (len(ids), note) == (250, words)
    # Only a right count tells the end; before one is called wrong, the first page is read once more.
    end = [] if str(count(250)) == "250" else [249]
    assert offsets(wire) == [0, 99, 198, *end, *([0] if words else [])]


@pytest.mark.parametrize("filters", [{"graph": "movies"}, {"since": "2026-11-01"}, {"until": "2026-11-30"}])
async def test_the_count_of_a_filtered_list_is_not_judged(filters):
    wire = ScriptedGes(newest_first(250))
    wire.counts = lambda count: count + 7
    assert (await collected(wire.backend(**filters)))[1] == ""


def offsets(wire: ScriptedGes) -> list[int]:
    """Where the pages began that were asked for without a status."""
    return [int(query["offset"]) for query in wire.asked() if "status" not in query]


@pytest.mark.parametrize(("size", "pages"), [(250, [0, 99, 198]), (50, [0, 49, 98]), (2, [0, 1, 2])])
async def test_a_page_that_repeats_ends_the_scan_with_words(size, pages):
    """A server, or a proxy's cache, that ignores the offset."""
    wire = ScriptedGes(newest_first(size))
    page = {"jobCount": 900, "jobList": wire.jobs[:100]}
    wire.override = lambda request: (
        httpx.Response(200, json=page) if "status" not in request.url.params else None
    )
    ids, note = await asyncio.wait_for(collected(wire.backend()), PATIENCE)
    assert len(ids) == len(set(ids)) == min(100, size)
    assert note == "The server sent the same page again, so the list may be incomplete."
    assert offsets(wire) == pages


async def test_a_job_alone_that_is_sent_again_is_the_end():
    wire = ScriptedGes(newest_first(1))
    wire.override = lambda request: (
        httpx.Response(200, json={"jobCount": 900, "jobList": wire.jobs})
        if "status" not in request.url.params
        else None
    )
    assert (await collected(wire.backend()))[1] == "The server reports 900 jobs but lists 1."
    assert offsets(wire) == [0, 1, 0]


SAME = "The server sent the same page again, so the list may be incomplete."


@pytest.mark.parametrize(("count", "pages", "note"), [(None, 4, SAME), (100, 4, ""), (101, 51, SAME)])
async def test_pages_with_the_same_jobs_in_another_order_end_the_scan(count, pages, note):
    """Where the server counts more jobs than came, it is given more time to send them."""
    wire = ScriptedGes()
    jobs = newest_first(100)

    def mixed(request: httpx.Request) -> httpx.Response | None:
        if "status" in request.url.params:
            return None
        jobs.append(jobs.pop(0))
        return httpx.Response(200, json={"jobCount": count, "jobList": jobs})

    wire.override = mixed
    ids, told = await collected(wire.backend())
    assert (len(ids), told) == (100, note)
    assert offsets(wire) == [99 * page for page in range(pages)]


async def test_a_list_that_changes_faster_than_it_can_be_read_is_told():
    """No page begins with what was read before, so the walk steps back twenty times, and then goes on."""
    wire = ScriptedGes()
    numbers = iter(range(10**6, 0, -1))

    def fresh(request: httpx.Request) -> httpx.Response | None:
        if "status" in request.url.params:
            return None
        rows = 0 if int(request.url.params["offset"]) > 300 else 100
        return httpx.Response(200, json={"jobList": [job(next(numbers)) for _ in range(rows)]})

    wire.override = fresh
    _, note = await collected(wire.backend())
    assert note == "The list changed faster than it could be read, so some jobs may be missing."
    assert offsets(wire) == [0, *[99, 49, 0] * 10, 99, 198, 297, 396]


@pytest.mark.parametrize(
    ("count", "partial"),
    [
        (390, ""),
        (397, "The list was read only up to 397 jobs."),
        (1000, "The list was read only up to 397 jobs."),
    ],
)
async def test_a_list_is_read_to_a_number_of_pages_and_not_further(monkeypatch, count, partial):
    monkeypatch.setattr("backend_adapters.ges.list_walker._MOST_PAGES", 4)
    wire = ScriptedGes(newest_first(count))
    batches = [batch async for batch in wire.backend().snapshot()]
    assert (batches[-1].note, batches[-1].partial) == ("", partial)
    assert offsets(wire) == [0, 99, 198, 297]


@pytest.mark.parametrize(("most", "text", "read"), [(250, 10**9, 298), (10**9, 2_000, 100)])
async def test_jobs_without_end_are_read_to_a_number_and_a_size(monkeypatch, most, text, read):
    monkeypatch.setattr(list_limit, "MAX_KEPT_TASKS", most)
    monkeypatch.setattr(list_limit, "MAX_KEPT_TEXT", text)
    wire = ScriptedGes(newest_first(2_000))
    batches = [batch async for batch in wire.backend().snapshot()]
    assert len({task.id for batch in batches for task in batch.tasks}) == read
    assert batches[-1].partial == f"The list has more than {read} tasks; graphtop stopped there."


async def test_a_record_that_can_not_be_read_is_counted_once_where_two_pages_meet():
    wire = ScriptedGes(newest_first(150))
    wire.jobs[99] = {"status": "success"}
    wire.jobs[120] = {"status": "success"}
    batches = [batch async for batch in wire.backend().snapshot()]
    assert sum(len(batch.tasks) for batch in batches) == 148
    assert [(batch.note, batch.partial) for batch in batches] == [
        ("", "1 record of the list couldn't be read because it has no id."),
        ("", "2 records of the list couldn't be read because they have no id."),
    ]
    assert offsets(wire) == [0, 99]


@pytest.mark.parametrize("most", [2, 10, 50, 1000])
async def test_a_server_with_a_page_size_of_its_own_is_read_whole(most):
    wire = ScriptedGes(newest_first(230))

    def capped(request: httpx.Request) -> httpx.Response | None:
        if "status" in request.url.params:
            return None
        offset = int(request.url.params["offset"])
        return httpx.Response(200, json={"jobCount": 230, "jobList": wire.jobs[offset : offset + most]})

    wire.override = capped
    ids, note = await collected(wire.backend())
    assert (len(ids), len(set(ids)), note) == (230, 230, "")


async def test_a_scan_waits_out_a_throttle_and_goes_on_where_it_was():
    wire = ScriptedGes(newest_first(1000))
    throttled = iter([False] * 6 + [True, True, False, False, True])
    wire.override = lambda request: (
        httpx.Response(429, json={"error_code": "APIGW.0308"}, headers={"Retry-After": "0"})
        if next(throttled, False)
        else None
    )
    ids, note = await collected(wire.backend())
    assert (len(ids), note) == (1000, "")
    assert len(wire.requests) == 2 + 11 + 3


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that scans waited; here no time goes by."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("backend_adapters.ges.list_walker.asyncio", SimpleNamespace(sleep=sleep))
    return waited


@pytest.mark.parametrize(
    ("code", "headers", "wait"),
    [
        (429, {}, 5.0),
        (503, {}, 5.0),
        (429, {"Retry-After": "0"}, 0.0),
        (429, {"Retry-After": "17"}, 17.0),
        (503, {"Retry-After": "29"}, 29.0),
        (429, {"Retry-After": "30"}, 30.0),
        (429, {"Retry-After": "31"}, 30.0),
        (429, {"Retry-After": "86400"}, 30.0),
    ],
)
async def test_a_scan_waits_as_long_as_it_is_told_to_up_to_half_a_minute(pauses, code, headers, wait):
    wire = ScriptedGes(newest_first(150))
    answers = iter([None, None, None, httpx.Response(code, headers=headers)])
    wire.override = lambda request: next(answers, None)
    ids, note = await collected(wire.backend())
    assert (len(ids), note) == (150, "")
    assert pauses == [wait]
    assert offsets(wire) == [0, 99, 99]


async def test_a_throttle_that_goes_on_is_told_and_at_the_begin_at_once():
    wire = ScriptedGes(newest_first(1000))
    for good in (3, 0):
        answers = iter([None] * good)
        mark = len(wire.requests)
        wire.override = lambda request, answers=answers: next(
            answers, httpx.Response(429, headers={"Retry-After": "0"})
        )
        with pytest.raises(Busy):
            await collected(wire.backend())
        assert len(wire.requests) - mark == (3 + 5 if good else 1)


async def test_a_list_that_never_ends_does():
    numbers = iter(range(10**9, 0, -1))
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(
        200, json={"jobCount": 100, "jobList": [job(next(numbers) % 2_000_000) for _ in range(100)]}
    )
    backend = wire.backend()
    batches = backend.snapshot()
    for _ in range(30):
        await anext(batches)
    await batches.aclose()


@pytest.mark.parametrize(
    "body", [{"jobCount": 0}, {"jobCount": 0, "jobList": None}, {"jobList": []}, {"jobList": None}]
)
async def test_no_jobs_in_any_spelling(body):
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(200, json=body)
    assert await collected(wire.backend()) == ([], "")
    assert (await wire.backend().changes(KnownTasks([], None))).tasks == ()


async def test_the_reasons_of_failed_jobs_cost_no_request_of_their_own():
    wire = ScriptedGes([job(n, "failed", failReason=f"reason {n}") for n in range(150, 0, -1)])
    backend, mark = await known_backend(wire)
    for n in (150, 75, 1):
        assert (await backend.detail(name(n), cap=1000)).result == f"reason {n}".encode()
    assert len(wire.requests) == mark
    del wire.jobs[50:]
    await collected(backend)
    with pytest.raises(NoSuchTask):
        await backend.detail(name(1), cap=1000)


@pytest.mark.parametrize("dialect", CENTER)
async def test_one_graph_is_asked_for_by_the_dialects_own_key(dialect):
    wire = ScriptedGes([job(3, relatedGraph="图 a+b"), job(2), job(1, relatedGraph="图 a+b")], dialect)
    backend = wire.backend(graph="图 a+b", since="2026-11-01", until="2026-11-30")
    assert await collected(backend) == ([name(3), name(1)], "")
    query = wire.asked()[-1]
    days = ("start_time", "end_time") if dialect == "ges-v2" else ("startTime", "endTime")
    assert query[wire.graph_keys] == "图 a+b"
    assert (query[days[0]], query[days[1]]) == ("2026-11-01", "2026-11-30")
    assert b"%E5%9B%BE%20a%2Bb" in wire.requests[-1].url.query


async def test_an_ignored_graph_filter_is_told_and_made_up_for():
    wire = ScriptedGes([job(n, relatedGraph="movies" if n % 2 else "other") for n in range(300, 0, -1)])
    wire.graph_keys = "graphName"
    backend = wire.backend(graph="movies")
    ids, note = await collected(backend)
    assert ids == [name(n) for n in range(299, 0, -2)]
    assert note == (
        'The server was asked for jobs of "movies" but sent others too, which are left out.'
        " It may not support the query key graph_name."
    )
    changes = await backend.changes(KnownTasks([], None))
    assert {task.graph for task in changes.tasks} == {"movies"}


@pytest.mark.parametrize("dialect", CENTER)
async def test_the_management_plane_changes_nothing_and_says_why(dialect):
    wire = ScriptedGes([job(1, "running")], dialect)
    backend = wire.backend()
    abilities = (await backend.connect()).capabilities
    assert (abilities.has_graphs, abilities.has_texts) == (True, False)
    mark = len(wire.requests)
    kept = "GES job records can't be deleted; they expire after about one month."
    for change, words in (
        (
            backend.act(Action.CANCEL, name(1)),
            "GES can't cancel management jobs; they run to completion. A forced restart fails all jobs of the"
            " graph and interrupts service.",
        ),
        (backend.act(Action.DELETE, name(1)), kept),
        (backend.act(Action.FORCE_DELETE, name(1)), kept),
        (backend.submit("g.V()"), "The GES jobs center can't run scripts."),
        (backend.create("x", {}), "The GES jobs center can't create jobs. Use the GES console."),
    ):
        with pytest.raises(Unsupported) as caught:
            await change
        assert (str(caught.value), caught.value.sent) == (words, False)
    assert not any(map(abilities.ability_for, Action))
    assert (await backend.siblings(), backend.recipes()) == ((), ())
    assert len(wire.requests) == mark


@settings(max_examples=120, deadline=None)
@given(
    count=st.integers(0, 350),
    changes=st.lists(
        st.tuples(st.integers(0, 130), st.lists(st.integers(0, 10**6), max_size=60)), max_size=8
    ),
    backwards=st.booleans(),
    cap=st.sampled_from([100, 100, 30]),
)
def test_whatever_comes_and_goes_what_is_there_all_the_time_is_read_once(count, changes, backwards, cap):
    """Jobs come at the newest end and go anywhere, between any two pages."""
    wire = ScriptedGes(newest_first(count))
    if backwards:
        wire.jobs.reverse()
    stay = {row["jobId"] for row in wire.jobs}
    todo, born = iter(changes), count

    def churn(number: int) -> None:
        nonlocal born
        come, go = next(todo, (0, []))
        fresh = newest_first(come, born + 1)
        born += come
        wire.jobs = [*wire.jobs, *reversed(fresh)] if backwards else [*fresh, *wire.jobs]
        for place in go:
            if wire.jobs:
                stay.discard(wire.jobs.pop(place % len(wire.jobs))["jobId"])

    wire.after = churn
    list_of = wire._list

    def capped(query: dict[str, str]) -> httpx.Response:
        return list_of(query | {"limit": str(min(cap, int(query["limit"])))})

    wire._list = capped  # type: ignore[method-assign]
    ids, note = asyncio.run(collected(wire.backend()))
    if not backwards:
        # Where the newest are at the end, they are shown first and come again there.
        assert len(ids) == len(set(ids))
    assert stay <= set(ids) or "may be missing" in note or "may not be whole" in note


@pytest.mark.parametrize("dialect", CENTER)
async def test_running_jobs_of_a_graph_are_counted_by_one_request_for_one_job(dialect):
    jobs = newest_first(120)
    jobs[3], jobs[110] = job(117, "running"), job(10, "running")
    wire = ScriptedGes(jobs, dialect)
    assert await wire.backend().count_running(Scope(graph="movies")) == RunningCount(number=2)
    (asked,) = wire.asked()
    assert (asked["limit"], asked["status"], asked[wire.graph_keys]) == ("1", "running", "movies")


async def test_where_filters_are_ignored_or_do_not_exist_nothing_is_counted():
    wire = ScriptedGes(newest_first(5))
    wire.statuses = False
    assert await wire.backend().count_running(Scope(graph="movies")) is None
    assert await wire.backend().count_running(Scope(graph="")) is None
    assert len(wire.asked()) == 1
