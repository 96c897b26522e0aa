"""When a task is slow, and when it has waited for long: on both sides of each threshold."""

from __future__ import annotations

import pytest

from tests.unit.fakes import START, S, task
from tests.unit.monitor.findings_facts import MINUTE, make_facts, tell
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.slow_tasks import find_long_wait, find_slow_task
from tui.monitor.findings.stuck_tasks import find_stuck_task

TEN = [10 * MINUTE] * 5
ROW = task(7, S.RUNNING, created=START)


def slow(minutes: float, lengths=tuple(TEN), row=ROW, **limits):
    now = START + round(minutes * MINUTE)
    facts = make_facts(row, now=now, lengths=lengths, limits=FindingLimits(**limits))
    return find_slow_task(row, facts)


def test_it_must_run_one_and_a_half_times_as_long_as_the_median() -> None:
    assert slow(15 - 1 / 60_000) is None
    found = slow(15)
    assert (found.title, found.since, found.task, found.keys) == (
        "Running 1.5 times as long as usual", START + 15 * MINUTE, ROW, ("7",)
    )  # fmt: skip
    assert tell(found) == (
        "It has been running for 15m. Of 5 successes of its kind, half took at most 10m,"
        " and 95 % at most 10m."
    )
    assert found.numbers["median_ms"] == 10 * MINUTE
    assert (found.step.key, found.step.command) == ("enter", "graphtop get 7")


def test_it_must_run_longer_than_nearly_all() -> None:
    lengths = [10 * MINUTE] * 18 + [40 * MINUTE] * 2
    assert slow(40, lengths) is None
    assert slow(40 + 1 / 60_000, lengths).since == START + 40 * MINUTE


def test_five_successes_must_be_known() -> None:
    assert slow(99, TEN[:4]) is None
    assert slow(99, TEN) is not None
    assert slow(99, TEN[:2], fewest_runs=2) is not None
    assert slow(99, TEN, fewest_runs=6) is None


def test_the_thresholds_can_be_set() -> None:
    assert slow(29.9, slow_times=3) is None
    assert slow(30, slow_times=3) is not None
    half = [10 * MINUTE] * 5 + [40 * MINUTE] * 5
    assert slow(20, half, slow_percent=50) is not None
    assert slow(20, half, slow_percent=95) is None


def test_only_what_runs_is_slow_and_a_kind_that_takes_no_time_is_no_measure() -> None:
    assert slow(99, row=task(7, S.QUEUED)) is None
    assert slow(99, row=task(7, S.RUNNING, created=None)) is None
    assert slow(1, [0] * 5).title == "Running much longer than usual"


def test_of_a_task_of_a_few_seconds_nothing_is_said() -> None:
    assert slow(9.999 / 60, [1000] * 5) is None
    assert slow(10 / 60, [1000] * 5).since == START + 10_000
    assert slow(2 / 60, [1000] * 5, slow_after=0) is not None


def test_the_time_for_which_it_was_seen_to_wait_does_not_count() -> None:
    facts = make_facts(ROW, now=START + 30 * MINUTE, lengths=TEN)
    facts.store.since["7"] = START + 20 * MINUTE
    assert find_slow_task(ROW, facts) is not None, "nobody saw it begin"
    facts.store.watched.add("7")
    assert find_slow_task(ROW, facts) is None


def wait(minutes: float, waits=tuple(TEN), status=S.QUEUED, **more):
    row = task(7, status, created=START)
    limits = FindingLimits(**more)
    facts = make_facts(row, now=START + round(minutes * MINUTE), waits=waits, limits=limits)
    return find_long_wait(row, facts)


def test_it_must_wait_longer_than_nearly_all_of_its_kind() -> None:
    assert wait(10) is None
    found = wait(10 + 1 / 60_000)
    assert (found.title, found.since) == ("Waiting longer than 95 % of its kind", START + 10 * MINUTE)
    assert tell(found) == (
        "It has been queued for 10m. Of 5 tasks of its kind, 95 % waited at most 10m. 0 tasks run here."
    )


def test_a_short_wait_is_none_and_few_waits_are_no_measure() -> None:
    assert wait(1, [5] * 5) is not None
    assert wait(0.99, [5] * 5) is None
    assert wait(99, TEN[:4]) is None
    assert wait(99, ()) is None


@pytest.mark.parametrize("status", [S.SCHEDULED, S.RUNNING, S.SUCCESS, S.CANCELLING])
def test_other_statuses_do_not_wait(status) -> None:
    assert wait(99, status=status) is None


def test_what_the_session_saw_is_the_measure_where_no_history_tells() -> None:
    row = task(7, S.QUEUED, created=START)
    facts = make_facts(row, now=START + 5 * MINUTE, find_waits=lambda task: TEN)
    assert find_long_wait(row, facts) is None
    facts = make_facts(row, now=START + 11 * MINUTE, find_waits=lambda task: TEN)
    assert find_long_wait(row, facts) is not None
    assert find_stuck_task(row, facts) is None
