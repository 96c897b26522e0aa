"""What became of the tasks of one kind, counted without holding anything up."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.fakes import START, FakeClock, S, task
from tui.monitor import kind_record
from tui.monitor.history.kinds import KindKey
from tui.monitor.history.statistics import UsualRange
from tui.monitor.kind_record import (
    FEW_KEPT_SECONDS,
    KEPT_SECONDS,
    KEPT_UNCHANGED_SECONDS,
    KindRecord,
    KindRecords,
    PastRun,
)
from tui.monitor.store import Store


def ended(task_id: int, seconds: int, status=S.SUCCESS, **more):
    return task(task_id, status, updated=START + 1000 * seconds, **{"name": f"import day {task_id}", **more})


def records_of(*tasks) -> tuple[KindRecords, Store, FakeClock]:
    store, clock = Store(), FakeClock()
    store.apply_answer(tasks, asked=store.take_ticket())
    return KindRecords(store, clock), store, clock


def test_tasks_whose_names_differ_in_numbers_only_are_of_one_kind() -> None:
    records, _, _ = records_of(
        *(ended(n, n) for n in range(1, 6)),
        ended(6, 9, S.FAILED),
        ended(7, 9, S.PARTIAL),
        ended(8, 9, S.CANCELLED),
        ended(9, 9, name="import week 9"),
        ended(10, 9, type="algorithm"),
        ended(13, 9, graph="another"),
        task(11, S.RUNNING, name="import day 11"),
        ended(12, 9, name="import day 0af3b2c1d4e5f607"),
    )
    record = records.find_at_once(task(99, name="import day 99"))
    assert (record.succeeded, record.failed, record.cancelled) == (6, 2, 1)
    assert record.usual == UsualRange(1000, 9000)
    assert list(record.lengths) == [1000, 2000, 3000, 4000, 5000, 9000]
    assert record.describe(task(99), ascii=False) == ("same kind: 6 ok, 2 failed, 1 cancelled, usually 1s–9s")
    assert record.describe(task(99), ascii=True).endswith("usually 1s-9s")


@pytest.mark.parametrize(
    ("record", "looked_at", "words"),
    [
        (KindRecord(), task(1), ""),
        (KindRecord(failed=1), ended(1, 1, S.FAILED), ""),
        (KindRecord(failed=2), ended(1, 1, S.FAILED), "same kind: 2 failed"),
        (KindRecord(failed=1), task(1), "same kind: 1 failed"),
        (
            KindRecord(succeeded=12_345, usual=UsualRange(4000, 4999)),
            task(1),
            "same kind: 12,345 ok, usually 4s",
        ),
    ],
)
def test_nothing_is_said_of_a_task_that_is_the_only_one(record: KindRecord, looked_at, words: str) -> None:
    assert record.describe(looked_at, ascii=False) == words


@pytest.mark.parametrize(
    ("number", "usual"), [(4, None), (5, UsualRange(1000, 5000)), (20, UsualRange(3000, 18_000))]
)
def test_how_long_they_usually_take_is_told_from_five_successes_on(number: int, usual) -> None:
    records, _, _ = records_of(*(ended(n, n) for n in range(1, number + 1)))
    assert records.find_at_once(ended(1, 1)).usual == usual


async def test_a_record_of_few_tasks_is_counted_again_at_once_and_one_of_many_after_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, store, clock = records_of(ended(1, 1))
    assert records.find_at_once(ended(1, 1)).succeeded == 1
    store.apply_answer([ended(2, 1)], asked=store.take_ticket())
    assert records.find_at_once(ended(2, 1)).succeeded == 2
    monkeypatch.setattr(kind_record, "FEW_TASKS", 1)
    store.apply_answer([ended(3, 1)], asked=store.take_ticket())
    assert (await records.count(ended(2, 1))).succeeded == 2
    clock.time += KEPT_SECONDS + 1
    assert (await records.count(ended(2, 1))).succeeded == 3


async def test_of_many_tasks_it_is_counted_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind_record, "FEW_TASKS", 10)
    records, _, _ = records_of(*(ended(n, n) for n in range(1, 3001)))
    assert records.find_at_once(ended(1, 1)) is None
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(kind_record.LoopYielder, "is_due", True)
    other = asyncio.create_task(take_turns())
    assert (await records.count(ended(1, 1))).succeeded == 3000
    other.cancel()
    assert turns >= 6
    assert records.find_at_once(ended(1, 1)).succeeded == 3000


async def test_what_only_the_history_knows_is_counted_once_it_was_read() -> None:
    records, store, clock = records_of(*(ended(n, n) for n in range(1, 4)))
    read: list[set[KindKey]] = []
    past = [PastRun(str(n), S.SUCCESS, START, START + 1000 * n, 1000 * n) for n in range(3, 9)]

    def read_runs(kinds):
        read.append(set(kinds))
        return dict.fromkeys(kinds, past)

    records.read_runs = read_runs
    first = records.find_at_once(ended(1, 1))
    assert (first.succeeded, first.is_whole) == (3, False)
    assert not records.is_current(ended(1, 1))
    whole = await records.count(ended(1, 1))
    assert (whole.succeeded, whole.is_whole) == (8, True), "the third is in both"
    assert [run.task_id for run in whole.last] == [str(n) for n in range(1, 9)]
    assert records.is_current(ended(1, 1))
    assert records.find_at_once(ended(1, 1)) is whole
    await records.count_all([ended(1, 1), ended(2, 2, name="export 1"), ended(3, 3, name="export 2")])
    assert len(read) == 2
    assert records.find_kept(ended(2, 2, name="export 9")).succeeded == 6
    store.apply_answer([ended(20, 20)], asked=store.take_ticket())
    clock.time += KEPT_SECONDS + 1
    assert not records.is_current(ended(1, 1))
    assert records.find_kept(ended(1, 1)) is whole, "an old one is better than none"


async def test_a_task_that_has_just_ended_is_counted_at_once() -> None:
    records, store, _ = records_of(*(ended(n, n) for n in range(1, 4)))
    records.read_runs = lambda kinds: {}
    before = await records.count(ended(1, 1))
    assert not before.lacks(ended(1, 1))
    assert not before.lacks(task(9, S.RUNNING))
    assert not before.lacks(ended(9, 1, created=START - 5000)), "an older one may be left out of the last"
    store.apply_answer([ended(9, 9)], asked=store.take_ticket())
    assert records.find_at_once(ended(9, 9)) is before
    assert before.lacks(ended(9, 9))
    assert (await records.count(ended(9, 9))).last[-1].task_id == "9"


async def test_what_was_counted_too_early_is_soon_counted_again_where_there_are_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, store, clock = records_of(ended(1, 1))
    records.read_runs = lambda kinds: {}
    await records.count_all([ended(2, 1)])
    store.apply_answer([ended(2, 1)], asked=store.take_ticket())
    assert records.is_current(ended(2, 1)), "not with each answer"
    clock.time += FEW_KEPT_SECONDS
    assert not records.is_current(ended(2, 1))
    monkeypatch.setattr(kind_record, "FEW_TASKS", 1)
    assert records.is_current(ended(2, 1))


def test_the_record_is_kept_longer_while_nothing_ends() -> None:
    records, _, clock = records_of(ended(1, 1))
    record = records.find_at_once(ended(1, 1))
    clock.time += KEPT_SECONDS + 1
    assert records.find_at_once(ended(1, 1)) is record
    clock.time += KEPT_UNCHANGED_SECONDS
    assert records.find_at_once(ended(1, 1)) is not record


def test_the_end_of_a_running_task_is_estimated_from_five_successes_on() -> None:
    records, _, _ = records_of(*(ended(n, 60 * n) for n in range(1, 6)))
    record = records.find_at_once(ended(1, 1))
    running = task(9, S.RUNNING, name="import day 9")
    assert record.estimate(running, START + 30_000).left == 150_000
    assert record.estimate(running, START + 3_000_000).is_long
    assert record.estimate(task(9, S.QUEUED), START + 30_000) is None
    assert record.estimate(ended(1, 1), START + 30_000) is None
    few, _, _ = records_of(*(ended(n, 60 * n) for n in range(1, 5)))
    assert few.find_at_once(ended(1, 1)).estimate(running, START + 30_000) is None


def test_the_last_twelve_are_those_that_ended_last() -> None:
    records, _, _ = records_of(*(ended(n, 100 - n) for n in range(1, 21)))
    last = records.find_at_once(ended(1, 1)).last
    assert [run.task_id for run in last] == [str(n) for n in range(12, 0, -1)]
