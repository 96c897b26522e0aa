"""Which tasks are called stuck."""

from __future__ import annotations

import pytest

from backend_adapters.model import Task, TaskStatus
from tests.unit.fakes import START, S, task
from tui.monitor.store import Store
from tui.monitor.stuck import find_stuck_ids, find_transient_since, is_stuck

MINUTE = 60_000
LATER = START + MINUTE + 1


def holding(*tasks: Task, now: int = START) -> Store:
    store = Store(lambda: now)
    store.apply_answer(tasks, asked=store.take_ticket())
    return store


@pytest.mark.parametrize("status", list(TaskStatus))
def test_only_states_that_pass_by_themselves_can_be_stuck(status):
    transient = {S.CANCELLING, S.DELETING, S.SCHEDULING, S.SCHEDULED}
    row = task(1, status, updated=START)
    store = holding(row)
    assert is_stuck(store, row, LATER) is (status in transient)
    assert find_stuck_ids(store, LATER) == (["1"] if status in transient else [])


def test_it_takes_longer_than_a_minute_since_the_last_update():
    row = task(1, S.CANCELLING, updated=START + 5_000)
    store = holding(row)
    assert not is_stuck(store, row, LATER)
    assert not is_stuck(store, row, START + 5_000 + MINUTE)
    assert is_stuck(store, row, START + 5_001 + MINUTE)


def test_without_an_update_it_counts_from_when_the_status_was_first_seen():
    store = holding(task(1, S.RUNNING, updated=None), now=START)
    store.now = lambda: START + 600_000
    row = task(1, S.CANCELLING, updated=None)
    store.apply_answer([row], asked=store.take_ticket())
    assert find_transient_since(store, row) == START + 600_000
    assert not is_stuck(store, row, START + 600_000 + MINUTE)
    assert is_stuck(store, row, START + 600_001 + MINUTE)


def test_a_server_clock_ahead_of_ours_makes_nothing_stuck():
    row = task(1, S.CANCELLING, updated=LATER * 2)
    assert not is_stuck(holding(row), row, LATER)


def test_a_cancel_of_an_old_task_is_not_stuck_at_once():
    store = holding(task(1, S.RUNNING, updated=START - 86_400_000), now=START)
    row = task(1, S.CANCELLING, updated=START - 86_400_000)
    store.apply_answer([row], asked=store.take_ticket())
    assert not is_stuck(store, row, START + MINUTE)
    assert is_stuck(store, row, START + MINUTE + 1)
