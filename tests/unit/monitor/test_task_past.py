"""What files tell of a task: transitions, gaps and runs of the history, and the journal's actions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_adapters.model import Source, change_task
from tests.support.quick_history import write_history_at_once
from tests.unit.fakes import START, S, task
from tui.monitor.health import Health
from tui.monitor.history.kinds import find_kind
from tui.monitor.history.writer import HistoryWriter
from tui.monitor.journal.line import JournalLine, encode_line, format_moment
from tui.monitor.store import Store
from tui.monitor.task_past import PastReader, TaskPast

SOURCE = Source(profile="prod", url="http://h:8080", dialect="hugegraph", graph="g", graphspace="DEFAULT")
MINUTE = 60_000
QUEUED = task(7, S.QUEUED, name="import day 7")
RUNNING = task(7, S.RUNNING, name="import day 7", updated=START + MINUTE)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A history in which a task waited and runs, and five others of its kind have ended."""
    write_history_at_once(monkeypatch)
    path, now = tmp_path / "state" / "history.db", START
    writer = HistoryWriter(path, lambda: now)
    recorder, store = writer.add_recorder(lambda: SOURCE), Store(lambda: now)
    recorder.follow_store(store.tasks, lambda: now)
    others = [
        task(n, S.SUCCESS, name=f"import day {n}", updated=START + n * MINUTE, created=START - n)
        for n in range(1, 6)
    ]
    for moment, shown in ((START, []), (START, [*others, QUEUED]), (START + MINUTE, [RUNNING])):
        now = moment
        recorder.note_changes(store.apply_answer(shown, asked=store.take_ticket()))
        recorder.note_health(Health(last_ok=now, begun=True, scanned=True))
    recorder.close()
    writer.close()
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal with an action on the task, on another one, and on one that had its id before."""
    path = tmp_path / "state" / "journal.jsonl"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    base = {"by": "ann@host", "profile": "prod", "graph": "DEFAULT/g", "outcome": "refused"}
    lines = [
        JournalLine(when=format_moment(when), url=url, id=task_id, action=action, **base)
        for when, url, task_id, action in (
            (START - 90 * MINUTE, SOURCE.url, "7", "delete"),
            (START + MINUTE, SOURCE.url, "7", "cancel"),
            (START + MINUTE, "http://other:8080", "7", "delete"),
            (START + MINUTE, SOURCE.url, "77", "delete"),
        )
    ]
    path.write_bytes(b"".join(encode_line(line) + b"\n" for line in lines) + b'{"id":"7"\n')
    path.chmod(0o600)
    return path


def test_all_files_are_read(history: Path, journal: Path) -> None:
    past = PastReader(lambda: SOURCE, journal=journal, history=history).read_task(RUNNING)
    assert [(one.raw_status, one.seen) for one in past.transitions] == [
        ("queued", START),
        ("running", START + MINUTE),
    ]
    assert past.waited == MINUTE
    assert past.gaps == ()
    assert [(line.action, line.by) for line in past.actions] == [("cancel", "ann@host")]


def test_the_transitions_of_several_tasks_are_read_at_once(history: Path, tmp_path: Path) -> None:
    unknown = task(77, S.QUEUED)
    reader = PastReader(lambda: SOURCE, history=history)
    of_known, of_unknown = reader.read_transitions([RUNNING, unknown])
    assert [one.raw_status for one in of_known] == ["queued", "running"]
    assert of_unknown == ()
    nowhere = PastReader(lambda: SOURCE, history=tmp_path / "none.db")
    assert nowhere.read_transitions([RUNNING, unknown]) == [(), ()]


def test_a_clock_that_is_ahead_moves_what_is_of_this_task(journal: Path) -> None:
    reader, day = PastReader(lambda: SOURCE, journal=journal), 24 * 60 * MINUTE
    tomorrow = change_task(RUNNING, created=START + day)
    assert not reader.read_task(tomorrow).actions
    assert [line.action for line in reader.read_task(tomorrow, day).actions] == ["cancel"]


def test_the_runs_of_a_kind_are_those_that_have_ended(history: Path) -> None:
    reader = PastReader(lambda: SOURCE, history=history)
    kind, none = find_kind(RUNNING), find_kind(task(1, name="export"))
    runs = reader.read_runs([kind, none])
    assert sorted((run.task_id, run.took) for run in runs[kind]) == [
        (str(n), n * MINUTE + n) for n in range(1, 6)
    ]
    assert not runs[none]


@pytest.mark.parametrize("damage", [None, b"no database at all", b""])
def test_what_cannot_be_read_is_left_out(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "state" / "history.db"
    if damage is not None:
        path.parent.mkdir(mode=0o700)
        path.write_bytes(damage)
        path.chmod(0o600)
    reader = PastReader(lambda: SOURCE, journal=tmp_path / "state" / "journal.jsonl", history=path)
    assert reader.read_task(RUNNING) == TaskPast()
    assert not reader.read_runs([find_kind(RUNNING)])
    assert damage is None or path.read_bytes() == damage, "who only reads puts nothing aside"
