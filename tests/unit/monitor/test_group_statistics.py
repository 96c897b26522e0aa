"""What the runs say that the history holds, by group."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.history_file import HistoryFile, place_of
from tests.unit.fakes import START, S, task
from tui.monitor.filters import compile_filter
from tui.monitor.history import group_statistics
from tui.monitor.history.group_statistics import read_statistics
from tui.monitor.history.reader import HistoryReader
from tui.monitor.history.statistics import Trend

SECOND = 1000
MINUTE = 60 * SECOND
PROD, DEV = place_of("prod"), place_of("dev", "other")
NOW = START + 1000 * MINUTE


def ended(task_id: int, status=S.SUCCESS, *, took: int = 10 * SECOND, **more):
    created = START + task_id * MINUTE
    return task(task_id, status, **{"created": created, "updated": created + took, **more})


@pytest.fixture
def file(tmp_path: Path):
    file = HistoryFile(tmp_path / "history.db")
    yield file
    file.close()


def statistics_of(file: HistoryFile, by: str, words: str = "", **more):
    with HistoryReader(file.path) as reader:
        return read_statistics(reader, by, compile_filter(words), NOW, **more)


def add_runs(file: HistoryFile) -> None:
    for number in range(1, 13):
        waited = number * SECOND if number % 2 else None
        took = 10 * SECOND if number < 7 else 20 * SECOND
        file.add_task(PROD, ended(number, name=f"day {number}", took=took), seen=START, waited=waited)
    file.add_task(PROD, ended(20, S.FAILED, name="day 20"), seen=START)
    file.add_task(PROD, ended(21, S.PARTIAL, name="day 21"), seen=START)
    file.add_task(PROD, ended(22, S.CANCELLED, name="day 22"), seen=START)
    file.add_task(DEV, ended(30, type="rebuild", name="one"), seen=START, ran=3)
    file.add_task(DEV, task(31, S.RUNNING, type="rebuild", name="two"), seen=START)


def test_statistics_by_name_take_together_what_differs_in_numbers(file: HistoryFile) -> None:
    add_runs(file)
    first, *others = statistics_of(file, "name")
    assert (first.type, first.pattern, first.place) == ("gremlin", "day #", None)
    runs = first.runs
    assert (runs.runs, runs.succeeded, runs.failed, runs.cancelled) == (15, 12, 2, 1)
    assert (runs.waited_p50, runs.waited_p95) == (5 * SECOND, 11 * SECOND)
    assert (runs.ran_p50, runs.ran_p95) == (10 * SECOND, 20 * SECOND)
    assert runs.trend == Trend(10 * SECOND, 20 * SECOND)
    assert runs.last == START + 22 * MINUTE + 10 * SECOND
    assert [one.pattern for one in others] == ["one", "two"]
    assert others[0].runs.ran_p50 == 3
    assert others[1].runs.ran_p50 is None


def test_statistics_by_type_and_by_place(file: HistoryFile) -> None:
    add_runs(file)
    assert [(one.type, one.pattern, one.runs.runs) for one in statistics_of(file, "type")] == [
        ("gremlin", None, 15),
        ("rebuild", None, 2),
    ]
    assert [(one.type, one.place, one.runs.runs) for one in statistics_of(file, "place")] == [
        (None, PROD, 15),
        (None, DEV, 2),
    ]


@pytest.mark.parametrize("words", ["type=gremlin", "place=prod", "day", "type=gremlin day", "name=day"])
def test_statistics_of_what_passes_a_filter(file: HistoryFile, words: str) -> None:
    add_runs(file)
    (only,) = statistics_of(file, "name", words)
    assert only == statistics_of(file, "name")[0]
    assert statistics_of(file, "name", f"{words} status=success")[0].runs.runs == 12


def test_statistics_since_a_moment_and_of_some_places(file: HistoryFile) -> None:
    add_runs(file)
    assert statistics_of(file, "type", since=START + 21 * MINUTE)[0].runs.runs == 2
    assert [one.type for one in statistics_of(file, "type", places=[DEV])] == ["rebuild"]


def test_of_very_many_runs_all_are_counted_and_the_newest_are_measured(
    file: HistoryFile, monkeypatch
) -> None:
    monkeypatch.setattr(group_statistics, "MEASURED_RUNS", 3)
    for number in range(1, 10):
        file.add_task(PROD, ended(number, name="x", took=number * SECOND), seen=START, waited=number)
    (only,) = statistics_of(file, "name")
    assert only.runs.succeeded == 9
    assert (only.runs.ran_p50, only.runs.ran_p95) == (8 * SECOND, 9 * SECOND)
    assert (only.runs.waited_p50, only.runs.waited_p95) == (8, 9)
