"""Which requests computer jobs cost, and what becomes of answers that are good, bad and huge."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BackendError, BadAnswer, Busy, NoSuchTask
from backend_adapters.model import TaskStatus
from backend_adapters.transport import request_context
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target
from tests.adapters.scripted_computers import (
    GRAPH,
    JOBS,
    ScriptedComputers,
    full,
    ids_in,
    job,
    older_job,
    opened,
)
from tests.adapters.scripted_servers import URL, failure, ids_of, record
from tests.support.rounds import Rounds


def crowd(tasks: int = 10_000, every: int = 200) -> list[dict]:
    """So many tasks, each so many-th a computer job, the last job running."""
    rows = [job(n) if n % every == 100 else record(n) for n in range(1, tasks + 1)]
    last = max(row["id"] for row in rows if row["task_type"] == "computer-dis")
    rows[last - 1]["task_status"] = "running"
    return rows


async def test_a_snapshot_is_the_own_list_once_the_highest_id_is_found():
    wire = ScriptedComputers([job(1), record(2), job(3, "running"), record(4, "running"), job(5), record(6)])
    backend, mark = await opened(wire)
    assert await ids_in(backend.snapshot()) == [["3", "5", "1"]]
    graph, *gallop, last = wire.requests[mark:]
    assert graph.url.path.endswith("/graphs/hugegraph"), "whose store tells how ids are given out"
    assert last.url.raw_path.decode() == f"{JOBS}?limit=-1"
    assert gallop
    assert all(ids_of(request) for request in gallop)
    assert all("content-type" not in request.headers for request in wire.requests)


async def test_on_a_cluster_without_jobs_a_poll_neither_reads_the_other_tasks_nor_calls_for_a_scan():
    wire = ScriptedComputers(record(n) for n in range(1, 501))
    wire.store = "hstore"
    backend, _ = await opened(wire)
    assert not any(await ids_in(backend.snapshot()))
    for _ in range(3):
        mark = len(wire.requests)
        changes = await backend.changes(KnownTasks([], None))
        assert (changes.tasks, changes.stale) == ((), False)
        assert len(wire.requests) - mark <= 5
    wire.records[501] = job(501)
    assert [task.id for task in (await backend.changes(KnownTasks([], None))).tasks] == ["501"]


async def test_a_snapshot_of_no_jobs_is_one_empty_batch():
    backend, _ = await opened(ScriptedComputers([record(1), record(2)]))
    assert await ids_in(backend.snapshot()) == [[]]


async def test_ten_thousand_tasks_of_which_fifty_are_jobs_cost_few_requests_and_then_one_each():
    wire = ScriptedComputers(crowd())
    backend, mark = await opened(wire)
    batches = await ids_in(backend.snapshot())
    assert sum(map(len, batches)) == 50
    assert batches[0][0] == "9900"
    assert len(wire.requests) - mark <= 12
    assert sum(JOBS in line for line in wire.lines(mark)) == 1
    for _ in range(5):
        mark = len(wire.requests)
        changes = await backend.changes(KnownTasks({"9900"}, "9900"))
        assert [task.id for task in changes.tasks] == ["9900"]
        assert (changes.missing, changes.stale, changes.note) == (frozenset(), False, "")
        assert len(wire.requests) - mark == 1
        assert len(ids_of(wire.requests[-1])) < 80


async def test_a_new_job_is_found_among_many_new_tasks_and_alone():
    wire = ScriptedComputers(crowd())
    backend, _ = await opened(wire)
    await ids_in(backend.snapshot())
    wire.records |= {n: record(n) for n in range(10_001, 10_071)} | {10_040: job(10_040, "queued")}
    changes = await backend.changes(KnownTasks({"9900"}, "9900"))
    assert [task.id for task in changes.tasks] == ["9900", "10040"]
    wire.records[10_071] = job(10_071, "queued")
    mark = len(wire.requests)
    changes = await backend.changes(KnownTasks({"9900", "10040"}, "10040"))
    assert [task.id for task in changes.tasks] == ["9900", "10040", "10071"]
    assert len(wire.requests) - mark == 1


async def test_the_first_job_of_a_graph_is_found():
    wire = ScriptedComputers()
    backend, _ = await opened(wire)
    assert await ids_in(backend.snapshot()) == [[]]
    mark = len(wire.requests)
    assert (await backend.changes(KnownTasks((), None))).tasks == ()
    wire.records = {776: record(776), 777: job(777, "running")}
    assert [task.id for task in (await backend.changes(KnownTasks((), None))).tasks] == ["777"]
    assert wire.lines(mark) == [f"GET {GRAPH}/tasks?limit=10&page="] * 2, "whatever ids they have"


async def test_what_comes_while_the_list_is_read_is_in_the_next_refresh():
    wire = ScriptedComputers([job(1), record(2)])
    backend, _ = await opened(wire)

    def late(request: httpx.Request) -> httpx.Response | None:
        if "limit" not in request.url.params:
            return None
        answer = wire._answer(request)
        wire.records[3] = job(3, "queued")
        return answer

    wire.override = late
    assert await ids_in(backend.snapshot()) == [["1"]]
    assert [task.id for task in (await backend.changes(KnownTasks((), "1"))).tasks] == ["3"]


async def test_a_job_that_is_gone_or_whose_id_another_task_has_is_missing():
    wire = ScriptedComputers([job(4, "running"), job(5, "running"), record(6), job(7)])
    backend, _ = await opened(wire)
    await ids_in(backend.snapshot())
    del wire.records[4]
    wire.records[5] = record(5, "running")
    changes = await backend.changes(KnownTasks({"4", "5"}, "7"))
    assert (changes.tasks, changes.missing, changes.stale) == ((), {"4", "5"}, False)


async def test_a_look_reads_jobs_only():
    wire = ScriptedComputers([job(1), record(2), older_job(3)])
    backend, mark = await opened(wire)
    looked = await backend.look(["1", "2", "3", "9", "x"])
    assert [task.id for task in looked.tasks] == ["1", "3"]
    assert looked.missing == {"2", "9", "x"}
    assert wire.lines(mark) == [f"GET {GRAPH}/tasks?ids=1&ids=2&ids=3&ids=9"]


async def test_a_detail_has_input_and_the_bare_word_for_a_result():
    wire = ScriptedComputers([full(job(1)), full(record(2)), full(job(3, "running"), task_result="RUNNING")])
    backend, mark = await opened(wire)
    detail = await backend.detail("1", cap=10_000)
    assert (detail.task.name, detail.result) == ("computer-dis:page-rank", b"SUCCEEDED")
    assert detail.input is not None
    assert (await backend.detail("3", cap=10_000)).result == b"RUNNING"
    assert wire.lines(mark) == [f"GET {GRAPH}/tasks/1", f"GET {GRAPH}/tasks/3"]
    with pytest.raises(NoSuchTask, match=r"hugegraph has a task 2, but it is not a computer job\."):
        await backend.detail("2", cap=10_000)
    with pytest.raises(NoSuchTask, match="has no such task"):
        await backend.detail("99", cap=10_000)
    assert [piece async for piece in backend.stream("1", "result")] == [b"SUCCEEDED"]


async def test_the_older_list_is_not_trusted_all_tasks_are_read_instead():
    rows = [older_job(n) if n % 3 == 0 else record(n) for n in range(1, 1001)]
    rows[2]["task_status"] = "running"
    wire = ScriptedComputers(rows, version="0.12.0", form="A")
    backend, mark = await opened(wire)
    first, *rest = await ids_in(backend.snapshot())
    assert first[0] == "3"
    assert {one for part in rest for one in part} == {str(n) for n in range(3, 1001, 3)}
    assert not any("computerdis" in line for line in wire.lines(mark))
    mark = len(wire.requests)
    wire.records[1001] = older_job(1001, "queued")
    changes = await backend.changes(KnownTasks({"3"}, "999"))
    assert [task.id for task in changes.tasks] == ["3", "1001"]
    assert len(wire.requests) - mark == 1


@pytest.mark.parametrize("answer", [
    failure(404, "java.util.NoSuchElementException", "null"),
    httpx.Response(200, json={"tasks": [older_job(3)]}),
])  # fmt: skip
async def test_an_older_list_that_looked_like_the_newer_one_is_found_out_by_what_it_lists(answer):
    wire = ScriptedComputers([older_job(1), older_job(2, "running"), older_job(3)])
    backend, mark = await opened(wire)
    wire.override = lambda request: answer if request.url.path == JOBS else None
    for times in (1, 1):
        first, whole = await ids_in(backend.snapshot())
        assert first[0] == "2"
        assert whole == ["1", "2", "3"]
        assert wire.lines(mark).count(f"GET {JOBS}?limit=-1") == times
    assert {param.name for recipe in backend.recipes() for param in recipe.params} == {"worker"}


async def test_ten_thousand_jobs_come_in_parts_the_unfinished_first():
    rows = [job(n, "running" if n in (7, 5000) else "success") for n in range(1, 10_001)]
    backend, _ = await opened(ScriptedComputers(rows))
    batches = await ids_in(backend.snapshot())
    assert batches[0][:3] == ["5000", "7", "10000"]
    assert len(batches[0]) == 202
    assert all(len(batch) <= 1000 for batch in batches)
    assert sorted((one for batch in batches for one in batch), key=int) == [str(n) for n in range(1, 10_001)]


@pytest.mark.parametrize("in_parts", [True, False])
@pytest.mark.parametrize(("form", "store"), [("A", "rocksdb"), ("B", "rocksdb"), ("B", "hstore")])
async def test_what_was_asked_for_with_the_connection_is_read_to_its_end(form, store, in_parts):
    make = older_job if form == "A" else job
    rows = [make(n, "running" if n == 400 else "success") for n in range(1, 501)]
    wire = ScriptedComputers(rows, version="0.12.0" if form == "A" else "3.0.0", form=form)
    wire.store = store
    rounds = Rounds(wire)
    backend = wire.computer()
    backend.transport = Transport(Target(url=URL, http=rounds))

    async def read() -> set[str]:
        await backend.connect(then_snapshot=True)
        batches = await ids_in(backend.snapshot(in_parts=in_parts))
        return {task_id for batch in batches for task_id in batch}

    reading = asyncio.create_task(read())
    for _ in range(60):
        await rounds.answer_round()
    assert reading.done()
    assert await reading == {str(n) for n in range(1, 501)}
    await backend.aclose()


@pytest.mark.parametrize(("count", "sizes"), [
    (199, [199]), (200, [200]), (201, [200, 1]), (1200, [200, 1000]), (1201, [200, 1000, 1]),
])  # fmt: skip
async def test_two_hundred_jobs_come_first_and_the_others_by_the_thousand(count, sizes):
    backend, _ = await opened(ScriptedComputers(job(n) for n in range(1, count + 1)))
    batches = await ids_in(backend.snapshot())
    assert [len(batch) for batch in batches] == sizes
    assert [one for batch in batches for one in batch] == [str(n) for n in range(count, 0, -1)]


async def test_polls_go_on_above_the_highest_job_where_the_gallop_missed_it():
    wire = ScriptedComputers([job(1), job(4_999_998)])
    backend, _ = await opened(wire)
    await ids_in(backend.snapshot())
    mark = len(wire.requests)
    await backend.changes(KnownTasks((), "1"))
    assert ids_of(wire.requests[mark])[0] == 4_999_999


async def test_polls_of_the_older_form_go_on_above_the_highest_of_all_tasks():
    rows = [older_job(n) if n < 10 else record(n) for n in range(1, 1001)]
    wire = ScriptedComputers(rows, version="0.12.0", form="A")
    backend, _ = await opened(wire)
    batches = backend.snapshot()
    await anext(batches)
    await backend.changes(KnownTasks((), "9"))
    assert ids_of(wire.requests[-1])[0] == 1001, "while the list is still being read"
    assert [one async for one in batches]
    await backend.changes(KnownTasks((), "9"))
    assert ids_of(wire.requests[-1])[0] == 1001


async def test_records_lost_in_polls_and_looks_are_told():
    wire = ScriptedComputers([job(1, "running")])
    backend, _ = await opened(wire)
    wire.records[2] = {"id": None}
    changes = await backend.changes(KnownTasks(["1"], "1"))
    assert ([task.id for task in changes.tasks], changes.note) == (["1"], "1 record could not be read.")
    looked = await backend.look(["1", "2", "3"])
    assert (looked.missing, looked.note) == (frozenset({"3"}), "1 record could not be read.")


async def test_ids_that_began_anew_call_for_a_snapshot():
    backend, _ = await opened(ScriptedComputers([job(1)]))
    changes = await backend.changes(KnownTasks(["499"], "500"))
    assert (changes.missing, changes.stale) == ({"499"}, True)


GOOD = job(1)


@pytest.mark.parametrize("field", [name for name in GOOD if name not in ("id", "task_type")])
@pytest.mark.parametrize("value", ["missing", None, [], {"a": 1}, "\x1b[31m", -1, 1e300, True])
async def test_a_field_that_is_missing_or_of_a_wrong_type_hides_no_job(field, value):
    bad = {**GOOD, field: value}
    if value == "missing":
        del bad[field]
    wire = ScriptedComputers([bad, job(2)])
    backend, _ = await opened(wire)
    (batch,) = await ids_in(backend.snapshot())
    assert sorted(batch) == ["1", "2"]
    looked = await backend.look(["1", "2"])
    assert ({task.id for task in looked.tasks}, looked.missing) == ({"1", "2"}, frozenset())


@pytest.mark.parametrize("value", ["missing", None, [], {"a": 1}, 7])
async def test_a_job_whose_type_can_not_be_read_is_known_by_its_name(value):
    bad = {**GOOD, "task_type": value}
    if value == "missing":
        del bad["task_type"]
    backend, _ = await opened(ScriptedComputers([bad, {**record(2), "task_type": value}]))
    looked = await backend.look(["1", "2"])
    assert ([task.id for task in looked.tasks], looked.missing) == (["1"], {"2"})


async def test_records_without_an_id_are_counted_and_unknown_statuses_are_kept():
    wire = ScriptedComputers([job(1, "PAUSED_BY_K8S"), job(2)])
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": [wire.records[1], {"task_name": "computer-dis:x"}, 7, None]})
        if request.url.params.get("limit") == "-1"
        else None
    )
    backend, _ = await opened(wire)
    (batch,) = [batch async for batch in backend.snapshot()]
    assert [(task.raw_status, task.status) for task in batch.tasks] == [("PAUSED_BY_K8S", TaskStatus.UNKNOWN)]
    assert (batch.note, batch.partial) == (
        "",
        "3 records of the list couldn't be read because they have no id.",
    )


@pytest.mark.parametrize(("response", "kind"), [
    (httpx.Response(200, html="<html>gateway</html>"), BadAnswer),
    (httpx.Response(200, content=b'{"tasks":[{"id":1'), BadAnswer),
    (httpx.Response(200, content=b""), BadAnswer),
    (httpx.Response(200, json={"jobs": []}), BadAnswer),
    (httpx.Response(502, html="<html>bad gateway</html>"), BackendError),
    (failure(400, "x.HugeException", "java.lang.InterruptedException"), Busy),
])  # fmt: skip
async def test_a_list_that_is_none_is_an_error_in_words(response, kind):
    wire = ScriptedComputers([job(1)])
    backend, _ = await opened(wire)
    wire.override = lambda request: response if request.url.params.get("limit") == "-1" else None
    with pytest.raises(kind) as caught:
        await ids_in(backend.snapshot())
    assert str(caught.value).startswith("graph.example:8080/DEFAULT/hugegraph")


async def test_all_tasks_are_read_at_once_only_where_the_newest_are_light(monkeypatch):
    seconds = 0.0

    def slow(request: httpx.Request) -> None:
        nonlocal seconds
        seconds += 0.42 * sum(number in wire.records for number in ids_of(request))

    for heavy in (False, True):
        wire = ScriptedComputers([record(n) for n in range(1, 40)] + [job(40)])
        backend, mark = await opened(wire)
        monkeypatch.setattr(request_context, "time", SimpleNamespace(perf_counter=lambda: seconds))
        wire.override = slow if heavy else lambda request: None
        assert sum(map(len, await ids_in(backend.snapshot()))) >= 1
        assert any(JOBS in line for line in wire.lines(mark)) is not heavy
