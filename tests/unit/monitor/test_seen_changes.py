"""What a session keeps of the tasks that it saw going on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.errors import TimedOut
from backend_adapters.model import change_task
from tests.unit.fakes import START, FakeClock, S, task
from tui.monitor import seen_changes
from tui.monitor.health import Health, Phase
from tui.monitor.history.records import WatchSpan
from tui.monitor.seen_changes import ProgressRate, SeenChanges
from tui.monitor.store import Change


class Sights:
    """What is noted, at the times of a clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.noted = SeenChanges(self.clock)
        self.before: dict[str, object] = {}

    def see(self, *tasks, after: float = 0) -> None:
        self.clock.time += after
        self.noted.note_changes([Change(self.before.get(one.id), one) for one in tasks])
        self.before |= {one.id: one for one in tasks}

    def answer(self, after: float, phase: Phase = Phase.LIVE, **more) -> None:
        self.clock.time += after
        self.noted.note_health(Health(phase=phase, last_ok=self.clock.now(), **more))

    def words(self, shown) -> list[str]:
        return [one.raw_status for one in self.noted.list_transitions(shown)]


QUEUED = task(1, S.QUEUED)
RUNNING = task(1, S.RUNNING, updated=START + 1000)
DONE = task(1, S.SUCCESS, updated=START + 9000)


def test_each_status_is_noted_with_both_times() -> None:
    at = Sights()
    at.see(QUEUED)
    at.see(RUNNING, after=2)
    at.see(replace(RUNNING, updated=START + 5000), after=2)
    at.see(DONE, after=5)
    assert at.words(DONE) == ["queued", "running", "success"]
    noted = at.noted.list_transitions(DONE)
    assert [one.at for one in noted] == [None, START + 1000, START + 9000]
    assert [one.seen for one in noted] == [START, START + 2000, START + 9000]
    assert all(one.unwatched_since is None for one in noted)


def test_nothing_is_kept_of_what_had_ended_before_and_of_what_replaced_a_task() -> None:
    at = Sights()
    at.see(DONE)
    at.see(change_task(DONE, reason="no vertex"))
    assert at.words(DONE) == []
    at.see(task(2))
    other = task(2, name="another", created=START + 1)
    assert at.words(other) == []
    at.see(other)
    assert at.words(other) == ["running"]


def test_a_restart_is_one_transition_more() -> None:
    at = Sights()
    at.see(RUNNING)
    at.see(replace(RUNNING, retries=1), after=2)
    assert [one.retries for one in at.noted.list_transitions(RUNNING)] == [0, 1]


def test_of_a_long_queue_the_changes_are_kept_and_the_oldest_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seen_changes, "TASKS_MOST", 3)
    at = Sights()
    at.see(*(task(n, S.QUEUED) for n in range(5)))
    assert [bool(at.words(task(n, S.QUEUED))) for n in range(5)] == [True, True, True, False, False]
    at.see(task(4), task(1))
    assert [at.words(task(n)) for n in (0, 1, 4)] == [[], ["queued", "running"], ["running"]]


def test_of_one_task_the_last_transitions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_changes, "TRANSITIONS_MOST", 2)
    at = Sights()
    at.see(QUEUED)
    at.see(RUNNING)
    at.see(DONE)
    assert at.words(DONE) == ["running", "success"]


def test_what_came_while_nobody_watched_is_marked() -> None:
    at = Sights()
    at.see(QUEUED)
    at.answer(0)
    at.noted.note_health(Health(phase=Phase.OFFLINE, error=TimedOut("late"), last_ok=START))
    at.see(RUNNING, after=60)
    at.answer(0)
    assert at.noted.gaps == (WatchSpan(START, START + 60_000),)
    assert at.noted.list_transitions(RUNNING)[-1].unwatched_since == START
    at.see(DONE, after=2)
    at.answer(0)
    assert at.noted.list_transitions(DONE)[-1].unwatched_since is None
    assert len(at.noted.gaps) == 1


def test_a_pause_is_a_gap_and_a_slow_poll_is_none() -> None:
    at = Sights()
    at.answer(0)
    at.answer(60)
    assert at.noted.gaps == ()
    at.noted.note_health(Health(phase=Phase.PAUSED, last_ok=at.clock.now()))
    at.answer(300)
    assert at.noted.gaps == (WatchSpan(START + 60_000, START + 360_000),)
    at.noted.note_health(Health(phase=Phase.OFFLINE, error=TimedOut("x"), last_ok=at.clock.now()))
    at.answer(3)
    assert len(at.noted.gaps) == 1, "too short to be told"


def count(number: int, **more):
    return task(1, S.RUNNING, progress=number, **more)


def test_the_rate_of_a_counter() -> None:
    at = Sights()
    at.see(count(0))
    assert at.noted.measure_rate(count(0)) is None
    at.see(count(3000), after=30)
    assert at.noted.measure_rate(count(3000)) == ProgressRate(3000, 30_000)
    at.clock.time += 270
    assert at.noted.measure_rate(count(3000)) == ProgressRate(3000, 300_000), "it has stopped"
    at.see(count(50), after=1)
    assert at.noted.measure_rate(count(50)) is None, "it began again"
    at.see(task(1, S.SUCCESS), after=1)
    assert at.noted.measure_rate(task(1, S.SUCCESS)) is None


@pytest.mark.parametrize(
    ("rate", "more", "words"),
    [
        (ProgressRate(36_000, 30_000), {}, "counter at 41,123; about 1,200 a second in the last 30s"),
        (ProgressRate(7, 600_000), {}, "counter at 41,123; about 1 a minute in the last 10m"),
        (ProgressRate(1, 600_000), {}, "counter at 41,123; about 6 an hour in the last 10m"),
        (
            ProgressRate(600, 60_000),
            {"progress_total": 50_000, "progress_unit": "lines"},
            "counter at 41,123 lines; about 10 a second in the last 1m",
        ),
        (ProgressRate(600, 60_000), {"progress_total": 100, "progress_unit": "%"}, ""),
        (ProgressRate(0, 60_000), {}, ""),
    ],
)
def test_a_rate_in_words_is_never_a_percentage(rate: ProgressRate, more, words: str) -> None:
    assert rate.describe(change_task(count(41_123), **more)) == words
