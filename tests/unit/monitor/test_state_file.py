"""The journal's files belong to who runs graphtop, alone, or nothing is written, read or sent."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend_adapters.model import Action
from tests.support.other_user import as_other, give_away, held_by_other, need_root, shared_folder
from tests.unit.fakes import FakeBackend, FakeClock, task
from tui.monitor.journal import file as journal_file
from tui.monitor.journal import reader
from tui.monitor.journal.writer import Journal
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import Store

NAME = "rm -rf ~; job 1"


class Rig:
    """Cancels a task whose name somebody else chose, with a journal in a file."""

    def __init__(self, path: Path) -> None:
        self.said: list[str] = []
        self.clock = FakeClock()
        row = task(1, name=NAME)
        self.backend = FakeBackend(self.clock, [row])
        store = Store(self.clock.now)
        store.apply_answer([row], asked=store.take_ticket())
        self.row = row
        self.operations = Operations(
            self.backend,
            store,
            self.backend.look,
            clock=self.clock,
            on_report=lambda report: None,
            on_overlay=lambda: None,
            journal=Journal(path, self.backend, self.clock, self.said.append),
        )

    def cancel(self) -> Report:
        return asyncio.run(self._cancel())

    async def _cancel(self) -> Report:
        (report,) = await self.clock.wait_for(self.operations.run_action(Action.CANCEL, [self.row]))
        return report


def refused(path: Path, words: str) -> None:
    """Nothing is sent and nothing is read, and it is said why."""
    rig = Rig(path)
    report = rig.cancel()
    assert (report.outcome, rig.backend.count("act")) == (Outcome.NOT_SENT, 0)
    assert words in report.words
    assert "Use --no-journal to do without it" in report.words
    with pytest.raises(OSError, match=r".") as caught:
        list(reader.read_journal(path))
    assert words in str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is; its folder is there."""
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "journal.jsonl"


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A file that the journal must not touch."""
    file = tmp_path / ".bashrc"
    file.write_text("export PS1=x\n")
    return file


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can reach and nobody else can write into, in one as /tmp is."""
    with shared_folder(0o755) as folder:
        yield folder


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_planted_link_is_not_followed(path: Path, precious: Path) -> None:
    path.symlink_to(precious)
    refused(path, "it is a symbolic link")
    assert precious.read_text() == "export PS1=x\n"


def test_a_link_to_nothing_makes_no_file(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "authorized_keys")
    rig = Rig(path)
    assert (rig.cancel()).outcome is Outcome.NOT_SENT
    assert not (tmp_path / "authorized_keys").exists()


def test_a_hard_link_is_not_written_through(path: Path, precious: Path) -> None:
    path.hardlink_to(precious)
    refused(path, "it has more than one hard link")
    assert precious.read_text() == "export PS1=x\n"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_file_holds_nothing_up(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    rig = Rig(path)
    report = rig.cancel()
    assert (report.outcome, rig.backend.count("act")) == (Outcome.NOT_SENT, 0)
    with pytest.raises(OSError, match="it is not a regular file"):
        list(reader.read_journal(path))


def test_a_pipe_with_a_reader_gets_no_line(path: Path) -> None:
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        refused(path, "it is not a regular file")
        assert os.read(reader, 100) == b""
    finally:
        os.close(reader)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o703], ids=oct)
def test_a_folder_that_others_write_into_is_not_used(path: Path, mode: int) -> None:
    path.parent.chmod(mode)
    refused(path, f"others can write to its folder; run `chmod go-w {path.parent}`")
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o666, 0o604], ids=oct)
def test_an_own_file_that_others_may_use_is_closed_to_them_with_a_word(path: Path, mode: int) -> None:
    path.write_text("")
    path.chmod(mode)
    rig = Rig(path)
    assert (rig.cancel()).outcome is Outcome.CANCELLED
    assert mode_of(path) == 0o600
    assert rig.said == [f"Other users had access to {path}. Its mode is now 0600."]


def test_files_put_aside_are_as_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "ROTATE_BYTES", 1)
    path.write_text("x\n")
    path.chmod(0o644)
    rig = Rig(path)
    rig.cancel()
    assert {file.name: mode_of(file) for file in path.parent.iterdir()} == {
        "journal.jsonl": 0o600,
        "journal.jsonl.1": 0o600,
    }


def test_links_and_pipes_among_the_files_put_aside_are_not_followed(
    path: Path, precious: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "ROTATE_BYTES", 1)
    path.write_text("x\n")
    path.chmod(0o600)
    journal_file.rotated_path(path, 1).symlink_to(precious)
    os.mkfifo(journal_file.rotated_path(path, 2))
    assert (Rig(path).cancel()).outcome is Outcome.CANCELLED
    assert precious.read_text() == "export PS1=x\n"
    assert journal_file.rotated_path(path, 1).read_text() == "x\n"
    with pytest.raises(OSError, match="it is a symbolic link"):
        list(reader.read_journal(path))


def test_a_folder_is_made_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "graphtop" / "journal.jsonl"
    assert (Rig(path).cancel()).outcome is Outcome.CANCELLED
    assert (mode_of(path.parent), mode_of(path)) == (0o700, 0o600)


def test_an_own_link_to_an_own_folder_is_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(path.parent)
    rig = Rig(tmp_path / "here" / path.name)
    assert (rig.cancel()).outcome is Outcome.CANCELLED
    assert [line.name for line in reader.read_journal(path)] == [NAME]


# --- with a second user ------------------------------------------------------------------------------


def test_a_file_of_another_user_is_not_used(path: Path) -> None:
    need_root()
    path.write_text("")
    give_away(path)
    refused(path, "it belongs to nobody, but graphtop runs as root")
    assert path.read_text() == ""


@pytest.mark.parametrize("mode", [0o700, 0o755], ids=oct)
def test_a_folder_of_another_user_is_not_used(path: Path, mode: int) -> None:
    need_root()
    path.parent.chmod(mode)
    give_away(path.parent)
    refused(path, f"{path.parent} belongs to nobody, but graphtop runs as root")
    assert list(path.parent.iterdir()) == []


def test_under_sudo_with_the_home_of_another_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_root()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SUDO_USER", "ann")
    folder = tmp_path / ".local" / "state" / "graphtop"
    folder.mkdir(parents=True)
    give_away(folder)
    refused(folder / "journal.jsonl", "graphtop runs as root with the HOME of another user: use sudo -H")


def test_root_makes_no_folder_in_the_home_of_another(tmp_path: Path) -> None:
    need_root()
    home = tmp_path / "ann"
    home.mkdir()
    give_away(home)
    report = Rig(home / ".local" / "state" / "graphtop" / "journal.jsonl").cancel()
    assert report.outcome is Outcome.NOT_SENT
    assert f"{home} belongs to nobody, but graphtop runs as root" in report.words
    assert list(home.iterdir()) == []


def test_root_makes_no_folder_behind_a_link_of_another(shared: Path) -> None:
    need_root()
    (shared / "mine").mkdir()
    (shared / "open").mkdir()
    (shared / "open").chmod(0o1777)
    as_other("ln -s ../mine state", shared / "open")
    refused(shared / "open" / "state" / "graphtop" / "journal.jsonl", "state belongs to nobody")
    assert list((shared / "mine").iterdir()) == []


def test_root_with_a_home_elsewhere_has_a_journal_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / ".local" / "state" / "graphtop" / "journal.jsonl"
    assert (Rig(path).cancel()).outcome is Outcome.CANCELLED
    assert [line.outcome for line in reader.read_journal(path)] == ["cancelled"]


def test_a_link_that_another_user_planted_on_the_way_is_not_followed(shared: Path) -> None:
    need_root()
    (shared / "mine").mkdir(mode=0o700)
    (shared / "open").mkdir()
    (shared / "open").chmod(0o1777)
    as_other("ln -s ../mine graphtop", shared / "open")
    refused(shared / "open" / "graphtop" / "journal.jsonl", "graphtop belongs to nobody")
    assert list((shared / "mine").iterdir()) == []


def test_a_lock_of_another_user_holds_nobody_up_for_longer_than_its_limit(path: Path) -> None:
    need_root()
    path.write_text("")
    path.chmod(0o600)
    number = os.open(path, os.O_RDONLY)
    fcntl.flock(number, fcntl.LOCK_SH)
    rig = Rig(path)
    began = rig.clock.time
    with held_by_other(number):
        report = rig.cancel()
    assert (report.outcome, rig.backend.count("act")) == (Outcome.NOT_SENT, 0)
    assert "holds its lock" in report.words
    assert rig.clock.time - began < journal_file.LOCK_WAIT + 0.3
    assert (Rig(path).cancel()).outcome is Outcome.CANCELLED
