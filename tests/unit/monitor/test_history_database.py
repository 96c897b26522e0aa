"""The file of the history: for this user alone, left alone where newer, put aside where damaged."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.other_user import give_away, need_root
from tui.monitor.history.database import (
    ASIDE_MOST,
    DamagedHistory,
    HistoryError,
    NewerHistory,
    NoHistoryYet,
    identify_history,
    open_history,
    put_history_aside,
)
from tui.monitor.history.path import find_history_path
from tui.monitor.history.schema import SCHEMA_VERSION


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


def make_history(path: Path) -> None:
    """A history with a place, all of it in its main file."""
    connection = open_history(path, read_only=False)
    connection.execute("INSERT INTO place VALUES (1, 'k', 'prod', 'http://h', 'hugegraph', NULL, 'g', NULL)")
    connection.close()


def read_profiles(path: Path) -> list[str]:
    connection = open_history(path, read_only=True)
    try:
        return [profile for (profile,) in connection.execute("SELECT profile FROM place")]
    finally:
        connection.close()


def test_it_is_where_the_variable_says_or_in_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_history_path({"GRAPHTOP_HISTORY": "/x/h.db"}) == Path("/x/h.db")
    monkeypatch.setenv("XDG_STATE_HOME", "/s")
    assert find_history_path({}) == Path("/s/graphtop/history.db")


def test_what_is_written_is_read_again_and_is_for_this_user_alone(path: Path) -> None:
    with pytest.raises(NoHistoryYet):
        open_history(path, read_only=True)
    assert not path.parent.exists(), "who only reads makes nothing"
    make_history(path)
    assert read_profiles(path) == ["prod"]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_it_is_read_while_another_process_writes_and_in_a_folder_that_cannot_be_written(path: Path) -> None:
    make_history(path)
    writer = open_history(path, read_only=False)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM place")
    assert read_profiles(path) == ["prod"]
    writer.execute("ROLLBACK")
    writer.close()
    path.parent.chmod(0o500)
    assert read_profiles(path) == ["prod"]


def test_rights_of_others_are_taken_away(path: Path) -> None:
    make_history(path)
    path.chmod(0o644)
    make_history_again = open_history(path, read_only=False)
    make_history_again.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_newer_one_is_left_alone(path: Path) -> None:
    make_history(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    for read_only in (True, False):
        with pytest.raises(NewerHistory, match="Update graphtop"):
            open_history(path, read_only=read_only)
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]


def fill_with_rubbish(path: Path) -> None:
    path.write_bytes(b"rubbish " * 4_096)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [fill_with_rubbish, cut_in_half])
def test_a_damaged_one_is_put_aside_and_a_new_one_begun(path: Path, damage: Callable[[Path], None]) -> None:
    make_history(path)
    damage(path)
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(DamagedHistory, match="is damaged"):
            open_history(path, read_only=read_only)
    assert put_history_aside(path, identify_history(path)) == path.with_name("history.db.damaged-1")
    assert path.with_name("history.db.damaged-1").read_bytes() == before
    open_history(path, read_only=False).close()
    assert read_profiles(path) == []


def test_few_damaged_ones_are_kept_and_one_that_was_replaced_is_not_put_aside(path: Path) -> None:
    for _ in range(ASIDE_MOST + 2):
        make_history(path)
        put_history_aside(path, identify_history(path))
    assert len(list(path.parent.iterdir())) == ASIDE_MOST
    make_history(path)
    found = identify_history(path)
    path.rename(path.with_name("kept-so-that-its-inode-is-not-given-again"))
    make_history(path)
    assert put_history_aside(path, found) is None
    assert read_profiles(path) == ["prod"]


def make_link(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(b"")
    path.symlink_to(path.with_name("elsewhere"))


def make_hard_link(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(b"")
    path.hardlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("make", [make_link, make_hard_link, os.mkfifo, os.mkdir])
@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
def test_what_is_no_file_of_its_own_is_neither_read_nor_written(
    path: Path, make: Callable[[Path], None], ending: str
) -> None:
    make_history(path)
    planted = path.with_name(path.name + ending)
    planted.unlink(missing_ok=True)
    make(planted)
    for read_only in (True, False):
        with pytest.raises(HistoryError):
            open_history(path, read_only=read_only)
    elsewhere = path.with_name("elsewhere")
    assert not elsewhere.exists() or not elsewhere.read_bytes()


def test_a_folder_of_others_is_not_used(path: Path) -> None:
    make_history(path)
    path.parent.chmod(0o777)
    with pytest.raises(HistoryError, match="chmod go-w"):
        open_history(path, read_only=False)


def test_a_file_of_another_user_is_not_used(path: Path) -> None:
    need_root()
    make_history(path)
    give_away(path)
    for read_only in (True, False):
        with pytest.raises(HistoryError, match="belongs to"):
            open_history(path, read_only=read_only)


def test_where_there_can_be_no_folder_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    with pytest.raises(HistoryError, match=r"^The history .*/history\.db can't be used: .*\.$"):
        open_history(tmp_path / "state" / "history.db", read_only=False)


def test_the_database_of_another_program_is_neither_read_nor_written(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER)")
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(HistoryError, match="another program's database"):
            open_history(path, read_only=read_only)
    assert path.read_bytes() == before


def test_what_a_killed_writer_left_is_read_where_nothing_can_be_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left" / "history.db"
    left.parent.mkdir(mode=0o700)
    make_history(path)
    with closing(open_history(path, read_only=False)) as writer:
        writer.execute("UPDATE place SET profile = 'changed'")
        for file in path.parent.iterdir():
            shutil.copy(file, left.parent)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert read_profiles(left) == ["changed"]
    assert read_profiles(path) == ["changed"]


def test_a_folder_that_can_not_be_entered_is_not_one_without_a_history(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refuse)
    with pytest.raises(HistoryError, match="permission denied") as found:
        open_history(path, read_only=True)
    assert not isinstance(found.value, NoHistoryYet)
