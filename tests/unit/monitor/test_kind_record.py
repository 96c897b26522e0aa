"""What became of the tasks of one kind, counted without holding anything up."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.fakes import START, FakeClock, S, task
from tui.monitor import kind_record
from tui.monitor.history.statistics import UsualRange
from tui.monitor.kind_record import KEPT_SECONDS, KindRecord, KindRecords
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
    assert record == KindRecord(succeeded=6, failed=2, cancelled=1, usual=UsualRange(1000, 9000))
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


def test_a_record_is_counted_again_after_a_minute() -> None:
    records, store, clock = records_of(ended(1, 1))
    assert records.find_at_once(ended(1, 1)).succeeded == 1
    store.apply_answer([ended(2, 1)], asked=store.take_ticket())
    assert records.find_at_once(ended(2, 1)).succeeded == 1
    clock.time += KEPT_SECONDS + 1
    assert records.find_at_once(ended(2, 1)).succeeded == 2


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
