"""Running tasks that give no sign of life: when that is said, and in which words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.model import Action, Task, TaskStatus
from tests.support.one_place import watch_one
from tests.unit.fakes import START, FakeBackend, FakeClock, S, task
from tui.monitor.listener import Listener
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.silent_tasks import (
    SILENT_AFTER,
    describe_silence,
    explain_silence,
    find_silent_tasks,
    measure_silence,
)
from tui.monitor.store import Store
from tui.widgets.overview import overview_lines
from tui.widgets.overview_text import OverviewState

HOUR = SILENT_AFTER


def holding(*tasks: Task) -> Store:
    store = Store(lambda: START)
    store.apply_answer(tasks, asked=store.take_ticket())
    return store


@pytest.mark.parametrize("status", list(TaskStatus))
def test_only_what_runs_is_silent(status):
    row = task(1, status, created=START, updated=START)
    store = holding(row)
    assert measure_silence(store, row, START + HOUR) == (HOUR if status is S.RUNNING else None)
    assert measure_silence(store, row, START + HOUR - 1) is None


def test_an_update_or_progress_that_was_seen_is_a_sign_of_life():
    store = holding(task(1, created=START, updated=START, progress=1))
    store.now = lambda: START + HOUR
    moved = task(1, created=START, updated=START, progress=2)
    store.apply_answer([moved], asked=store.take_ticket())
    assert measure_silence(store, moved, START + 2 * HOUR - 1) is None
    assert measure_silence(store, moved, START + 2 * HOUR) == HOUR
    same = replace(moved, server="other")
    store.now = lambda: START + 2 * HOUR
    store.apply_answer([same], asked=store.take_ticket())
    assert measure_silence(store, same, START + 2 * HOUR) == HOUR
    store.apply_answer([task(1, S.SUCCESS)], asked=store.take_ticket())
    assert store.moved == {}


def test_without_any_time_nothing_is_known():
    row = task(1, created=None, updated=None)
    assert measure_silence(holding(row), row, START + 9 * HOUR) is None


def test_the_longest_silence_comes_first():
    store = holding(*(task(n, created=START, updated=START + n) for n in (3, 1, 2)), task(4, S.QUEUED))
    assert [row.id for row, _ in find_silent_tasks(store, START + 2 * HOUR)] == ["1", "2", "3"]


def test_what_is_known_is_said_and_no_more():
    assert describe_silence(3 * HOUR) == (
        "running for 3h without an update; the server may or may not still be working on it."
    )
    assert describe_silence(3 * HOUR, refused=True) == (
        "running for 3h without an update; delete was refused; the server may have lost it."
    )
    assert describe_silence(3 * HOUR, other="9\x1b").endswith(
        "; task 9␛ ran out of memory; the server may have lost it."
    )


async def test_a_refused_delete_of_it_is_remembered_for_this_task_alone():
    row = task(1, created=START, updated=START)
    clock = FakeClock()
    clock.time += 3 * HOUR / 1000
    monitor = watch_one(FakeBackend(clock, [row]), listener=Listener(), clock=clock)
    monitor.only.store.apply_answer([row], asked=monitor.only.store.take_ticket())
    assert "refused" not in monitor.only.find_silence(row).doubt
    for action, outcome, words in (
        (Action.CANCEL, Outcome.REFUSED, "may or may not"),
        (Action.DELETE, Outcome.UNCONFIRMED, "may or may not"),
        (Action.DELETE, Outcome.REFUSED, "Delete was refused; the server may have lost it"),
    ):
        monitor.only._note_report(Report(action=action, task=row, outcome=outcome))
        assert words in monitor.only.find_silence(row).doubt
    assert "refused" not in monitor.only.find_silence(replace(row, created=START + 1)).doubt
    assert monitor.only.find_silence(task(2, S.QUEUED)) is None


def test_the_overview_says_it_in_whole_lines():
    silence = explain_silence(3 * HOUR, refused=True)
    shown = OverviewState(task=task(1), now=START + 3 * HOUR, silent=silence.length, doubt=silence.doubt)
    drawn = " ".join(line.plain.strip() for line in overview_lines(shown, 40))
    assert "running for 3h; no sign from the server since its start" in drawn
    assert "Delete was refused; the server may have lost it." in drawn


@pytest.mark.parametrize(
    ("words", "more", "found"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", {}, "9"),
        ("java.lang.NullPointerException", {}, None),
        ("java.lang.OutOfMemoryError: Java heap space", {"updated": START - 1}, None),
        ("java.lang.OutOfMemoryError: Java heap space", {"server": "server-2"}, None),
    ],
)
def test_one_that_failed_beside_it_for_want_of_memory_is_named(words, more, found):
    clock = FakeClock()
    monitor = watch_one(FakeBackend(clock, []), listener=Listener(), clock=clock)
    other = replace(task(9, S.FAILED, created=START, updated=START + HOUR, server="server-1"), **more)
    monitor.only.store.apply_answer([other], asked=monitor.only.store.take_ticket())
    monitor.only.headlines._remember(other, words)
    running = task(1, created=START, updated=START, server="server-1")
    assert monitor.only.headlines.find_out_of_memory(running) == found
