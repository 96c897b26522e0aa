"""The task that ended last is found without a look through all of them."""

from __future__ import annotations

from random import Random

from tests.unit.fakes import START, S, task
from tui.monitor.store import Store


def last(store: Store) -> str | None:
    found = store.last_end.find_task(store.tasks)
    return found.id if found is not None else None


def test_no_task_has_ended() -> None:
    store = Store()
    assert last(store) is None
    store.apply_answer([task(1, S.RUNNING, updated=START)], asked=store.take_ticket())
    assert last(store) is None


def test_the_next_one_follows_where_the_last_is_deleted_or_runs_again() -> None:
    store = Store()
    rows = [task(number, S.SUCCESS, updated=START + number) for number in range(1, 5)]
    store.apply_answer(rows, asked=store.take_ticket())
    assert last(store) == "4"
    store.apply_answer([], missing=["4"], asked=store.take_ticket())
    assert last(store) == "3"
    store.apply_answer([task(3, S.RUNNING, updated=START + 99)], asked=store.take_ticket())
    assert last(store) == "2"


def test_after_any_changes_it_is_the_one_that_a_search_finds() -> None:
    random, store = Random(7), Store()
    for _ in range(400):
        number = random.randrange(1, 12)
        if random.random() < 0.25:
            store.apply_answer([], missing=[str(number)], asked=store.take_ticket())
        else:
            one = task(
                number, random.choice([S.RUNNING, S.SUCCESS, S.FAILED]), updated=random.randrange(START)
            )
            store.apply_answer([one], asked=store.take_ticket())
        ends = [one.updated for one in store.tasks.values() if one.status.is_finished]
        found = store.last_end.find_task(store.tasks)
        assert (found.updated if found is not None else None) == max(ends, default=None)
