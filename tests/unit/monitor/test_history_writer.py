"""What a process saw of its tasks stands in the file afterwards; whatever the file does, graphtop goes on."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.model import Source, Task, TaskStatus, build_task, change_task
from tests.support.patience import PATIENCE
from tests.support.quick_history import write_history_at_once
from tui.monitor.filters import Filter
from tui.monitor.health import Health, Phase
from tui.monitor.history import database, places_writer
from tui.monitor.history import storage as history_storage
from tui.monitor.history import writer as history_writer
from tui.monitor.history.database import DamagedHistory, HistoryError, open_history
from tui.monitor.history.reader import HistoryReader
from tui.monitor.history.recorder import PlaceRecorder
from tui.monitor.history.storage import HistoryStorage
from tui.monitor.history.writer import HistoryWriter, KeepLimits
from tui.monitor.store import Change, Store

S = TaskStatus
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
NOON = 1_800_000_000_000
SOURCE = Source(
    profile="prod", url="http://ann:pw@h:8080", dialect="hugegraph", graph="g", graphspace="DEFAULT"
)


def make_task(task_id: str = "1", status: TaskStatus = S.QUEUED, **fields) -> Task:
    return build_task(
        **{
            "id": task_id,
            "type": "gremlin",
            "name": "import day 7",
            "status": status,
            "raw_status": status.value,
            "created": NOON,
            "updated": NOON,
            **fields,
        }
    )


class Watcher:
    """A process that watches one place, whose clock and answers the test decides."""

    def __init__(self, path: Path, source: Source = SOURCE) -> None:
        self.now = NOON
        self.writer = HistoryWriter(path, lambda: self.now)
        self.source = source
        self.store = Store(lambda: self.now)
        self.recorder = self.add_recorder()

    def add_recorder(self) -> PlaceRecorder:
        recorder = self.writer.add_recorder(lambda: self.source)
        recorder.follow_store(self.store.tasks, lambda: self.now)
        return recorder

    def answer(self, *tasks: Task, after: int = 0, missing: Sequence[str] = (), scanned: bool = True) -> None:
        """Let the place answer with these tasks, after some milliseconds."""
        self.now += after
        changes = self.store.apply_answer(tasks, missing, asked=self.store.take_ticket())
        self.recorder.note_changes(changes)
        self.recorder.note_health(Health(last_ok=self.now, begun=True, scanned=scanned))

    def end(self) -> None:
        self.recorder.close()
        self.writer.close()
        assert self.writer.has_ended


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    write_history_at_once(monkeypatch)


@pytest.fixture
def watcher(path: Path) -> Iterator[Watcher]:
    watcher = Watcher(path)
    yield watcher
    watcher.end()


def read(path: Path, statement: str) -> list[tuple]:
    connection = open_history(path, read_only=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def read_transitions(path: Path) -> list[tuple]:
    """The status, the server's time, when it was seen, and since when nobody had watched, from noon."""
    found = read(path, "SELECT status, at, seen, unwatched_since FROM transition ORDER BY task, number")
    return [
        (status, *(moment if moment is None else moment - NOON for moment in moments))
        for status, *moments in found
    ]


def test_each_transition_is_kept_with_the_time_of_the_server_and_when_it_was_seen(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer()
    watcher.answer(make_task(created=NOON + 500, updated=NOON + 500), after=1_000)
    running = make_task(status=S.RUNNING, created=NOON + 500, updated=NOON + 5_500)
    watcher.answer(running, after=5_000)
    watcher.answer(change_task(running, progress=7, updated=NOON + 8_000), after=5_000)
    done = change_task(running, status=S.SUCCESS, raw_status="success", updated=NOON + 20_500, progress=9)
    watcher.answer(done, after=10_000)
    watcher.end()
    assert read_transitions(path) == [
        ("queued", 500, 1_000, None),
        ("running", 5_500, 6_000, None),
        ("success", 20_500, 21_000, None),
    ]
    (row,) = read(path, "SELECT task_id, name, status, waited, ran, progress, gone FROM task")
    assert row == ("1", "import day 7", "success", 5_000, 15_000, 9, None)
    assert read(path, "SELECT type, graph, pattern FROM kind") == [("gremlin", "", "import day #")]
    assert read(path, "SELECT profile, url, graphspace, graph FROM place") == [
        ("prod", "http://h:8080", "DEFAULT", "g")
    ]
    assert [
        (began - NOON, ended - NOON) for began, ended in read(path, "SELECT began, ended FROM watch")
    ] == [(0, 21_000)]


def test_what_came_while_nobody_watched_is_marked_as_seen_late(path: Path) -> None:
    first = Watcher(path)
    running = make_task("1", S.RUNNING, created=NOON - MINUTE, updated=NOON - 1_000)
    waiting = make_task("2", created=NOON - MINUTE)
    first.answer(running, waiting)
    first.end()
    second = Watcher(path)
    second.answer(
        change_task(running, status=S.SUCCESS, raw_status="success", updated=NOON + 30 * MINUTE),
        change_task(waiting, status=S.RUNNING, raw_status="running", updated=NOON + 40 * MINUTE),
        make_task("3", S.RUNNING, created=NOON + 50 * MINUTE, updated=NOON + 51 * MINUTE),
        after=60 * MINUTE,
    )
    second.end()
    assert read_transitions(path) == [
        # Nobody had ever watched: it could have begun at any time since its creation.
        ("running", None, 0, -MINUTE),
        ("success", 30 * MINUTE, 60 * MINUTE, 0),
        ("queued", None, 0, -MINUTE),
        ("running", None, 60 * MINUTE, 0),
        # It was created while nobody watched.
        ("running", None, 60 * MINUTE, 50 * MINUTE),
    ]
    assert len(read(path, "SELECT * FROM watch")) == 2


@pytest.mark.parametrize("outage", [20_000, 10 * MINUTE])
def test_a_place_that_does_not_answer_is_not_watched(path: Path, outage: int) -> None:
    watcher = Watcher(path)
    task = make_task(status=S.RUNNING)
    watcher.answer(task)
    wait_until(lambda: path.exists() and count_rows(path, "watch") == 1)
    error = BackendError("It is away.")
    watcher.recorder.note_health(Health(last_ok=NOON, begun=True, phase=Phase.OFFLINE, error=error))
    done = change_task(task, status=S.SUCCESS, raw_status="success", updated=NOON + 5_000)
    watcher.answer(done, after=outage)
    watcher.end()
    assert read_transitions(path)[-1] == ("success", 5_000, outage, 0)
    spans = read(path, "SELECT began, ended FROM watch ORDER BY began")
    assert [(began - NOON, ended - NOON) for began, ended in spans] == [(0, 0), (outage, outage)]


def count_rows(path: Path, table: str) -> int:
    """How many rows a table has; none where it isn't made yet."""
    try:
        ((number,),) = read(path, f"SELECT count(*) FROM {table}")
    except (HistoryError, sqlite3.Error):
        return 0
    return number


def test_nothing_is_written_twice_for_a_task_that_is_as_before(path: Path) -> None:
    for _ in range(2):
        watcher = Watcher(path)
        watcher.answer(make_task("1", S.SUCCESS), make_task("2", S.FAILED, reason="no space"))
        watcher.end()
    assert read(path, "SELECT count(*), min(last_seen), max(last_seen) FROM task") == [(2, NOON, NOON)]
    assert read(path, "SELECT count(*) FROM transition") == [(2,)]


def test_a_task_begun_again_and_the_reason_of_a_failure_are_kept(path: Path) -> None:
    watcher = Watcher(path)
    running = make_task(status=S.RUNNING)
    watcher.answer(running)
    watcher.answer(change_task(running, status=S.RESTORING, raw_status="restoring", retries=1), after=1_000)
    watcher.answer(change_task(running, retries=2), after=1_000)
    failed = change_task(running, status=S.FAILED, raw_status="failed", retries=2)
    watcher.answer(failed, after=1_000)
    change = watcher.store.set_reason(failed, "no vertex 17 in password=hunter2 'a'")
    assert change is not None
    watcher.recorder.note_changes([change])
    watcher.end()
    found = read(path, "SELECT status, retries FROM transition")
    assert found == [("running", 0), ("restoring", 1), ("running", 2), ("failed", 2)]
    (row,) = read(
        path, "SELECT headline, text FROM task JOIN fingerprint ON task.fingerprint = fingerprint.id"
    )
    assert row[0].startswith("no vertex 17 in password=")
    assert row[1].startswith("no vertex # in password=")
    assert b"hunter2" not in path.read_bytes()


def test_gone_tasks_stay_and_an_id_that_is_given_again_is_another_task(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer(make_task("1", S.SUCCESS), make_task("2", S.SUCCESS))
    watcher.answer(missing=["1"], after=1_000)
    watcher.end()
    # The graph is cleared and filled again while nobody watches.
    later = Watcher(path)
    later.answer(make_task("2", created=NOON + MINUTE, name="another"), after=2 * MINUTE)
    later.end()
    assert read(path, "SELECT task_id, name, gone FROM task ORDER BY id") == [
        ("1", "import day 7", NOON + 1_000),
        ("2", "import day 7", NOON + 2 * MINUTE),
        ("2", "another", None),
    ]


def test_what_a_complete_list_lacks_is_found_gone_a_part_at_a_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_writer, "TASKS_AT_ONCE", 2)
    watcher = Watcher(path)
    watcher.answer(*(make_task(str(number), S.SUCCESS) for number in range(5)))
    wait_until(lambda: count_rows(path, "task") == 5)
    watcher.end()
    partial = Watcher(path)
    partial.answer(make_task("0", S.SUCCESS), after=MINUTE, scanned=False)
    partial.end()
    assert read(path, "SELECT count(*) FROM task WHERE gone IS NOT NULL") == [(0,)]
    whole = Watcher(path)
    whole.answer(make_task("0", S.SUCCESS), after=MINUTE)
    wait_until(lambda: len(read(path, "SELECT 1 FROM task WHERE gone IS NULL")) == 1)
    whole.end()
    assert read(path, "SELECT task_id FROM task WHERE gone IS NULL") == [("0",)]


def test_many_tasks_are_written_in_more_than_one_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_writer, "TASKS_AT_ONCE", 100)
    watcher = Watcher(path)
    changes = [Change(None, make_task(str(number), S.SUCCESS)) for number in range(1_234)]
    watcher.recorder.note_health(Health(last_ok=NOON, begun=True))
    watcher.recorder.note_changes(changes)
    wait_until(lambda: not watcher.recorder.has_listed)
    watcher.end()
    assert read(path, "SELECT count(*), count(DISTINCT task_id) FROM task") == [(1_234, 1_234)]


def wait_until(is_true) -> None:
    """Wait for what the thread does."""
    pause = threading.Event()
    for _ in range(int(PATIENCE * 100)):
        if is_true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come to pass")


def test_texts_of_any_kind_are_kept(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer(
        make_task("1", name="\ud800 \0 token=abcdefgh12345678 \U0001f680" + "x" * 100_000, type="t" * 10_000),
        make_task("2", S.UNREADABLE, created=None, updated=None, raw_status=""),
        make_task("3", S.UNKNOWN, raw_status="'); DROP TABLE task; --"),
        # These are not kept: no task that anything can be done with has such an id, or such a time.
        make_task("\ud800"),
        make_task("4 --yes"),
        make_task("5", created=10**30),
    )
    watcher.end()
    assert read(path, "SELECT count(*), max(length(name)) FROM task") == [(3, 1_000)]
    assert b"abcdefgh12345678" not in path.read_bytes()


def test_two_processes_that_see_the_same_keep_it_once(path: Path) -> None:
    one, other = Watcher(path), Watcher(path)
    task = make_task(created=NOON + 10)
    for watcher in (one, other):
        watcher.answer()
    for status in (S.QUEUED, S.RUNNING, S.SUCCESS):
        for watcher in (one, other):
            at = NOON + 1_000 * [S.QUEUED, S.RUNNING, S.SUCCESS].index(status)
            watcher.answer(change_task(task, status=status, raw_status=status.value, updated=at), after=997)
    one.end()
    other.end()
    assert [status for status, *_ in read_transitions(path)] == ["queued", "running", "success"]


def test_a_clock_that_is_set_back_loses_nothing(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer()
    task = make_task(status=S.RUNNING, created=NOON + 100, updated=NOON + 100)
    watcher.answer(task, after=1_000)
    wait_until(lambda: path.exists() and count_rows(path, "task") == 1)
    watcher.answer(
        change_task(task, status=S.SUCCESS, raw_status="success", updated=NOON + 9_000), after=-60 * MINUTE
    )
    watcher.end()
    assert [(status, at) for status, at, *_ in read_transitions(path)] == [
        ("running", 100),
        ("success", 9_000),
    ]
    assert not read(path, "SELECT 1 FROM watch WHERE ended < began")


# What goes wrong with the file.


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    open_history(path, read_only=False).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    watcher = Watcher(path)
    watcher.answer(make_task())
    wait_until(lambda: watcher.writer.problem)
    assert "newer graphtop" in watcher.writer.problem
    watcher.answer(make_task("2"))
    assert not watcher.recorder.has_changes
    watcher.end()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["cut in half", "rubbish"])
def test_a_file_that_is_damaged_while_it_is_written_is_put_aside(path: Path, damage: str) -> None:
    watcher = Watcher(path)
    watcher.answer(*(make_task(str(number), S.RUNNING) for number in range(800)))
    wait_until(lambda: count_rows(path, "task") == 800)
    other = open_history(path, read_only=False)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    watcher.answer(make_task("0", S.SUCCESS), after=1_000)
    wait_until(lambda: len(read(path, "SELECT 1 FROM task WHERE status = 'success'")) == 1)
    half = path.stat().st_size // 2
    with path.open("r+b") as file:
        # Not opened elsewhere in this process while SQLite locks it; a real one has its own.
        file.truncate(half)
        if damage == "rubbish":
            file.write(b"rubbish " * (half // 8))
    watcher.answer(*(make_task(str(number), S.SUCCESS) for number in range(1, 800)), after=1_000)
    wait_until(lambda: watcher.writer.notice or watcher.writer.problem)
    wait_until(lambda: count_rows(path, "task") == 800)
    watcher.end()
    assert "put aside as" in watcher.writer.notice
    assert watcher.writer.problem == ""
    assert path.with_name("history.db.damaged-1").exists()
    assert read(path, "SELECT count(*) FROM task WHERE status = 'success'") == [(800,)]


def test_a_file_that_is_damaged_at_the_start_is_put_aside(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"rubbish " * 9_000)
    watcher = Watcher(path)
    watcher.answer(make_task("1"))
    wait_until(lambda: count_rows(path, "task") == 1)
    watcher.end()
    assert watcher.writer.notice == (
        f"The history was damaged. It was put aside as {path}.damaged-1, and a new one was begun."
    )


def test_a_file_that_is_taken_away_is_begun_anew(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer(make_task("1"))
    wait_until(lambda: not watcher.recorder.has_changes and path.exists())
    for file in path.parent.iterdir():
        file.unlink()
    watcher.answer(make_task("2"), after=1_000)
    wait_until(lambda: count_rows(path, "task") == 2)
    watcher.end()
    assert read(path, "SELECT task_id FROM task ORDER BY task_id") == [("1",), ("2",)]
    assert watcher.writer.problem == ""


def test_a_folder_that_others_write_to_is_said_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_writer, "RETRY_PAUSE", 0.01)
    path.parent.mkdir(mode=0o777)
    path.parent.chmod(0o777)
    watcher = Watcher(path)
    watcher.answer(make_task("1"))
    wait_until(lambda: watcher.writer.problem)
    assert "chmod go-w" in watcher.writer.problem
    assert "Nothing is recorded meanwhile." in watcher.writer.problem
    path.parent.chmod(0o700)
    wait_until(lambda: not watcher.writer.problem)
    watcher.end()
    assert read(path, "SELECT task_id FROM task") == [("1",)]


def test_a_full_disk_is_said_and_what_could_not_be_written_is_written_once_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_writer, "RETRY_PAUSE", 0.01)
    most = 30

    class SmallStorage(HistoryStorage):
        """On a disk that has room for so many pages."""

        def begin_transaction(self):
            self.connection.execute(f"PRAGMA max_page_count = {most}")
            return super().begin_transaction()

    monkeypatch.setattr(history_storage, "HistoryStorage", SmallStorage)
    watcher = Watcher(path)
    watcher.answer(*(make_task(str(number), S.RUNNING, name="x" * 500) for number in range(400)))
    wait_until(lambda: watcher.writer.problem)
    assert watcher.writer.problem == (
        f"The history {path} can't be used: the disk is full. Free some space. Nothing is recorded meanwhile."
    )
    watcher.answer(make_task("1", S.SUCCESS), after=1_000)
    most = 10_000
    wait_until(lambda: not watcher.writer.problem)
    watcher.end()
    assert read(path, "SELECT count(*), sum(status = 'success') FROM task") == [(400, 1)]
    assert read(path, "SELECT count(*) FROM transition") == [(401,)]


def test_without_sqlite_there_is_no_history(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    watcher = Watcher(path)
    watcher.answer(make_task("1"))
    wait_until(lambda: watcher.writer.is_off)
    assert watcher.writer.problem == "The history can't be kept: this Python lacks a module (sqlite3)."
    watcher.end()


def test_an_error_in_the_thread_ends_the_history_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(places_writer.PlacesWriter, "_gather_work", break_down)
    watcher = Watcher(path)
    watcher.answer(make_task("1"))
    wait_until(lambda: watcher.writer.is_off)
    assert "error in graphtop" in watcher.writer.problem
    watcher.answer(make_task("2"))
    watcher.end()


def test_a_locked_file_is_waited_for_without_a_word(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MILLIS", 10)
    open_history(path, read_only=False).close()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        watcher = Watcher(path)
        watcher.answer(make_task("1"))
        wait_until(lambda: watcher.writer._busy_since is not None)
        assert watcher.writer.problem == ""
        other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: watcher.writer._busy_since is None)
    watcher.end()
    assert read(path, "SELECT task_id FROM task") == [("1",)]
    assert {file.name for file in path.parent.iterdir()} <= {
        path.name,
        f"{path.name}-wal",
        f"{path.name}-shm",
    }


def test_a_clock_that_is_set_back_leaves_no_task_as_it_was_before(path: Path, watcher: Watcher) -> None:
    watcher.answer(make_task("1", S.RUNNING))
    wait_until(lambda: path.exists() and count_rows(path, "task") == 1)
    watcher.answer(make_task("1", S.RUNNING, server="a"), make_task("2", S.RUNNING), after=365 * DAY)
    wait_until(lambda: path.exists() and count_rows(path, "task") == 2)
    done = [make_task(task_id, S.SUCCESS, updated=NOON + MINUTE) for task_id in "12"]
    watcher.answer(*done, after=MINUTE - 365 * DAY)
    watcher.answer(after=MINUTE // 4)
    watcher.end()
    assert read(path, "SELECT status FROM task") == [("success",), ("success",)]
    spans = read(path, "SELECT began - :n, ended - :n FROM watch".replace(":n", str(NOON)))
    assert spans == [(0, 0), (365 * DAY, 365 * DAY), (MINUTE, MINUTE + MINUTE // 4)]


def test_a_state_from_before_that_is_written_late_does_not_undo_the_next_one(path: Path) -> None:
    first, second = Watcher(path), Watcher(path)
    first.answer(make_task("1", S.RUNNING))
    second.answer(make_task("1", S.RUNNING))
    second.answer(make_task("1", S.SUCCESS, updated=NOON + MINUTE), after=MINUTE)
    second.end()
    first.answer(make_task("1", S.RUNNING, updated=NOON + 1), after=1)
    first.end()
    assert read(path, "SELECT status FROM task") == [("success",)]


@pytest.mark.parametrize("number", [1 << 62, -(1 << 62), 1 << 60, -(1 << 60), 1 << 70, -5])
def test_no_number_of_a_server_ends_the_history(path: Path, watcher: Watcher, number: int) -> None:
    watcher.answer()
    for created, updated in ((number, -number), (-number, number), (number, number)):
        for status in (S.QUEUED, S.RUNNING, S.SUCCESS):
            watcher.answer(make_task("1", status, created=created, updated=updated), after=1000)
    watcher.answer(make_task("2", S.SUCCESS), after=1000)
    wait_until(lambda: path.exists() and count_rows(path, "task WHERE task_id = '2'") == 1)
    assert not watcher.writer.problem


def test_what_is_dated_in_the_future_is_not_newer_than_when_it_was_seen(path: Path, watcher: Watcher) -> None:
    watcher.answer(make_task("1", S.SUCCESS, updated=885_000_000_000_000), make_task("2", S.RUNNING))
    watcher.end()
    assert read(path, "SELECT moment FROM task ORDER BY task_id") == [(NOON,), (NOON,)]
    assert read(path, "SELECT updated FROM task WHERE task_id = '1'") == [(885_000_000_000_000,)]


def test_a_clock_that_is_set_forward_makes_nothing_old(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_writer, "PRUNE_DELAY", 0.0)
    watcher = Watcher(path)
    watcher.end()
    watcher.writer = HistoryWriter(path, lambda: watcher.now, KeepLimits(days=90))
    watcher.recorder = watcher.writer.add_recorder(lambda: SOURCE)
    ahead = 0
    watcher.recorder.follow_store(watcher.store.tasks, lambda: watcher.now + ahead)
    watcher.answer(make_task("1", S.SUCCESS))
    wait_until(lambda: path.exists() and count_rows(path, "task") == 1)
    # The own clock is wrong before the next answer tells it.
    watcher.now += 365 * DAY
    watcher.recorder.note_changes([Change(None, make_task("2", S.RUNNING))])
    wait_until(lambda: path.exists() and count_rows(path, "task") == 2)
    ahead = -365 * DAY
    watcher.answer(make_task("3", S.SUCCESS, created=NOON + MINUTE, updated=NOON + MINUTE))
    wait_until(lambda: path.exists() and count_rows(path, "task") >= 3)
    watcher.end()
    assert count_rows(path, "task") == 3


@pytest.mark.parametrize("damage", ["last_seen = 'x'", "name = x'00'", "status = CAST(x'ff' AS TEXT)"])
def test_a_row_that_is_damaged_unknown_to_sqlite_has_the_file_put_aside(path: Path, damage: str) -> None:
    watcher = Watcher(path)
    watcher.answer(make_task("1", S.RUNNING))
    watcher.end()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE task SET {damage}")
    watcher = Watcher(path)
    watcher.answer(make_task("1", S.RUNNING))
    wait_until(lambda: watcher.writer.notice or watcher.writer.problem)
    watcher.answer(make_task("1", S.SUCCESS, updated=NOON + MINUTE), after=MINUTE)
    wait_until(lambda: count_rows(path, "task") == 1)
    watcher.end()
    assert not watcher.writer.problem
    assert path.with_name("history.db.damaged-1").exists()


def test_what_only_a_reader_finds_damaged_is_put_aside_by_the_next_writer(path: Path) -> None:
    watcher = Watcher(path)
    watcher.answer(*(make_task(str(number), S.SUCCESS, name="n" * 900) for number in range(800)))
    watcher.end()
    # In the middle, where the next tasks don't come.
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xee" * 4096 * 5)

    def read_all() -> int:
        with HistoryReader(path) as reader:
            return len(list(reader.list_tasks(Filter(), NOON)))

    with pytest.raises(DamagedHistory):
        read_all()
    # Of another place, so that it has no reason to look at these tasks.
    watcher = Watcher(path, replace(SOURCE, graph="other"))
    watcher.answer(make_task("1000"))
    wait_until(lambda: watcher.writer.notice)
    wait_until(lambda: count_rows(path, "task") == 1)
    watcher.end()
    assert read_all() == 1
    assert path.with_name("history.db.damaged-1").exists()
    assert not path.with_name("history.db.check").exists()
