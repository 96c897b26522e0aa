"""Which tasks are called stuck."""

from __future__ import annotations

import pytest

from backend_adapters.model import TaskStatus
from tests.unit.fakes import START, S, task
from tui.monitor.insight import STUCK_AFTER, stuck

LATER = START + STUCK_AFTER + 1


@pytest.mark.parametrize("status", list(TaskStatus))
def test_only_states_that_pass_by_themselves_can_be_stuck(status):
    transient = {S.CANCELLING, S.DELETING, S.SCHEDULING, S.SCHEDULED}
    assert stuck(task(1, status), LATER) is (status in transient)


def test_it_takes_longer_than_a_minute_since_the_last_update():
    row = task(1, S.CANCELLING, updated=START + 5_000)
    assert not stuck(row, LATER)
    assert not stuck(row, START + 5_000 + STUCK_AFTER)
    assert stuck(row, START + 5_001 + STUCK_AFTER)


def test_without_an_update_it_counts_from_the_creation_and_without_that_it_can_not_be_told():
    assert stuck(task(1, S.SCHEDULED), LATER)
    assert not stuck(task(1, S.SCHEDULED, created=None), LATER)


def test_a_server_clock_ahead_of_ours_makes_nothing_stuck():
    assert not stuck(task(1, S.CANCELLING, updated=LATER * 2), LATER)
