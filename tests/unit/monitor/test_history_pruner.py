"""What is too old, or too much, goes in small steps, and does not come back from the server's list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_adapters.model import Task, TaskStatus, build_task
from tui.monitor.history import pruner
from tui.monitor.history.pruner import DAY, HistoryPruner
from tui.monitor.history.recorder import TaskSighting
from tui.monitor.history.records import HistoryPlace, WatchSpan
from tui.monitor.history.storage import HistoryStorage
from tui.monitor.history.task_rows import WatchFacts
from tui.monitor.history.writer import KeepLimits

NOW = 1_800_000_000_000
PLACE = HistoryPlace(key="k", profile="prod", url="http://h", dialect="hugegraph", graph="g")
S = TaskStatus


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[HistoryStorage]:
    storage = HistoryStorage(tmp_path / "state" / "history.db")
    yield storage
    storage.close()


def make_task(number: int, age: int, status: TaskStatus = S.SUCCESS, name: str = "job") -> Task:
    moment = NOW - age
    return build_task(
        id=str(number),
        type="gremlin",
        name=name,
        status=status,
        raw_status=status.value,
        created=moment,
        updated=moment,
    )


def write(storage: HistoryStorage, *tasks: Task, seen: int = NOW) -> None:
    place = storage.find_place(PLACE)
    sightings = [TaskSighting(task=task, seen=seen, ahead=0, is_first=True) for task in tasks]
    batch = storage.prepare_batch(place, sightings, WatchFacts(None), lambda: None)
    with storage.begin_transaction():
        storage.write_batch(batch)


def prune(storage: HistoryStorage, now: int = NOW, **limits: int) -> int:
    """Prune all there is; returns the number of steps."""
    one = HistoryPruner(storage, KeepLimits(**limits), lambda: now)
    steps = 0
    while one.take_step():
        steps += 1
        assert steps < 10_000
    assert not one.take_step(), "it looks again after some minutes only"
    return steps


def read_ids(storage: HistoryStorage) -> list[str]:
    return [task_id for (task_id,) in storage.connection.execute("SELECT task_id FROM task ORDER BY moment")]


def test_what_ended_too_long_ago_goes_and_does_not_come_back(storage: HistoryStorage) -> None:
    old = [make_task(number, 31 * DAY) for number in range(450)]
    kept = make_task(1_000, 29 * DAY)
    write(storage, *old, kept)
    with storage.begin_transaction():
        number = 1
        storage.begin_span(number, WatchSpan(NOW - 40 * DAY, NOW - 35 * DAY))
        storage.begin_span(number, WatchSpan(NOW - DAY, NOW))
    assert prune(storage, days=30) >= 3, "so many go in more than one step"
    assert read_ids(storage) == ["1000"]
    count = storage.connection.execute("SELECT count(*) FROM transition").fetchone()
    assert count == (1,)
    assert storage.connection.execute("SELECT count(*) FROM watch").fetchone() == (1,)
    write(storage, *old)
    assert read_ids(storage) == ["1000"]


def test_what_still_goes_on_stays_however_old_it_is(storage: HistoryStorage) -> None:
    write(storage, make_task(1, 100 * DAY, S.RUNNING), make_task(2, 100 * DAY, S.QUEUED))
    write(storage, make_task(3, 100 * DAY, S.RUNNING), seen=NOW - 91 * DAY)
    prune(storage, days=90)
    assert read_ids(storage) == ["1", "2"], "nobody has seen the third one for long"


def test_of_a_file_that_is_too_large_the_oldest_go(
    storage: HistoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruner, "SPARE_PAGES", 10)
    tasks = [make_task(number, (10_000 - number) * 1_000, name="x" * 900) for number in range(3_000)]
    write(storage, *tasks)
    assert storage.measure_whole() > 2_000_000
    prune(storage, megabytes=1)
    ids = [int(task_id) for task_id in read_ids(storage)]
    assert ids == list(range(ids[0], 3_000))
    assert 500 < len(ids) < 2_000
    assert storage.measure_whole() < 1_200_000, "the disk has its room back"
    # Neither this graphtop nor the next one takes them in again.
    write(storage, *tasks)
    assert [int(task_id) for task_id in read_ids(storage)] == ids
    again = HistoryStorage(storage.path)
    HistoryPruner(again, KeepLimits(megabytes=1), lambda: NOW)
    write(again, *tasks)
    again.close()
    assert [int(task_id) for task_id in read_ids(storage)] == ids


def test_kinds_go_with_their_last_task_also_where_two_write(storage: HistoryStorage) -> None:
    other = HistoryStorage(storage.path)
    write(storage, make_task(1, 100 * DAY, name="once"), make_task(2, 1_000, name="again"))
    write(other, make_task(3, 100 * DAY, name="once"))
    prune(storage, days=90)
    patterns = storage.connection.execute("SELECT pattern FROM kind").fetchall()
    assert patterns == [("again",)]
    # The other one knew the kind by a number that it no longer has.
    write(other, make_task(4, 1_000, name="once"))
    other.close()
    found = storage.connection.execute("SELECT task_id, pattern FROM task JOIN kind ON kind.id = task.kind")
    assert sorted(found.fetchall()) == [("2", "again"), ("4", "once")]


def test_an_empty_history_needs_no_step(storage: HistoryStorage) -> None:
    assert prune(storage) == 0
