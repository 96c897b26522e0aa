"""What the doctor says of the history."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.history_file import HistoryFile, place_of
from tests.unit.fakes import START, S, task
from tui.cli.work import history_check
from tui.cli.work.history_check import HistoryState, check_history
from tui.config.resolved import OriginKind, ResolvedValue, ValueOrigin


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder / "history.db"


def check(path: Path) -> HistoryState:
    return check_history({"GRAPHTOP_HISTORY": str(path)}, ResolvedValue(True))


def fill(path: Path, tasks: int) -> None:
    file = HistoryFile(path)
    for number in range(tasks):
        file.add_task(place_of(), task(number, S.SUCCESS, updated=START), seen=START)
    file.close()


def test_where_nothing_was_kept_yet_it_writes_nothing(path: Path) -> None:
    state = check(path)
    assert state.ok
    assert state.says == f"Nothing is kept yet: {path} is written while graphtop watches tasks."
    assert not path.exists()


def test_where_the_folder_is_not_there_either(path: Path) -> None:
    assert check(path.parent / "none" / "none" / "history.db").ok


def test_what_turned_it_off_is_named(path: Path) -> None:
    fill(path, 1)
    off = ResolvedValue(False, ValueOrigin(OriginKind.PROFILE, "config.toml:4", "prod"))
    state = check_history({"GRAPHTOP_HISTORY": str(path)}, off)
    assert state.ok is None
    assert state.says == "Nothing is recorded: it is turned off by the profile prod (config.toml:4)."


@pytest.mark.parametrize(("tasks", "words"), [(1, "1 task of 1 place"), (1200, "1200 tasks of 1 place")])
def test_it_says_how_much_is_kept(path: Path, tasks: int, words: str) -> None:
    fill(path, tasks)
    state = check(path)
    assert state.ok
    assert state.says.startswith(f"{words} since 2027-01-15, ")
    assert state.says.endswith(f"B: {path}.")
    assert not state.do


def test_a_damaged_file_is_said_and_left_alone(path: Path) -> None:
    path.write_bytes(b"x" * 5000)
    path.chmod(0o600)
    state = check(path)
    assert state.ok is None
    assert state.says == f"The history {path} is damaged."
    assert "put aside" in state.do
    assert path.read_bytes() == b"x" * 5000


def test_a_newer_file_is_said(path: Path) -> None:
    fill(path, 1)
    file = HistoryFile(path)
    file.connection.execute("PRAGMA user_version = 99")
    file.close()
    state = check(path)
    assert state.ok is None
    assert "was written by a newer graphtop" in state.says


def test_a_link_is_not_followed(path: Path) -> None:
    fill(path, 1)
    path.rename(path.with_name("other.db"))
    path.symlink_to(path.with_name("other.db"))
    state = check(path)
    assert state.ok is None
    assert "it is a symbolic link" in state.says


def test_a_file_that_can_not_be_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path, 1)
    monkeypatch.setattr(os, "access", lambda *_: False)
    state = check(path)
    assert state.ok is None
    assert state.says.endswith("It can't be written to, so nothing new is kept.")
    assert state.do == f"Check {path.parent}."


def test_a_disk_that_is_nearly_full_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path, 1)
    full = SimpleNamespace(f_bavail=3, f_frsize=4096)
    monkeypatch.setattr(history_check.os, "statvfs", lambda _: full)
    state = check(path)
    assert state.ok is None
    assert "Only 12.3 kB of its disk are free." in state.says
    assert state.do.startswith("Make room")


def test_damaged_files_that_were_put_aside_are_named(path: Path) -> None:
    fill(path, 1)
    for name in ("history.db.damaged-2", "history.db.damaged-1", "history.db.damaged-1-wal"):
        path.with_name(name).write_bytes(b"")
    state = check(path)
    assert state.ok
    assert state.says.endswith(
        " Damaged ones were put aside beside it: history.db.damaged-1, history.db.damaged-2."
    )
