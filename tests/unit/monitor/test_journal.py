"""The journal: a line for each action, written before anything is sent, whole with several writers."""

from __future__ import annotations

import asyncio
import fcntl
import json
import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    Busy,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from backend_adapters.model import Action, Source, TaskDetail
from tests.support.full_disk import fill_disk
from tests.support.one_place import watch_one
from tests.unit.fakes import (
    AnsweringServer,
    FakeBackend,
    FakeClock,
    FakeServer,
    S,
    make_answer,
    run_until_idle,
    task,
)
from tui.monitor.journal import file as journal_file
from tui.monitor.journal import line as journal_line
from tui.monitor.journal import reader
from tui.monitor.journal import writer as journal
from tui.monitor.journal.file import JournalError
from tui.monitor.journal.writer import Journal
from tui.monitor.listener import Listener
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Outcome
from tui.monitor.store import Store

FILES = Path("/proc/self/fd")
CANCEL, DELETE, FORCE = Action.CANCEL, Action.DELETE, Action.FORCE_DELETE


class Rig:
    """Operations on a fake server with a journal in a file."""

    def __init__(self, path: Path, *rows, server: FakeServer | None = None) -> None:
        self.path = path
        self.sent = 0
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows, server or FakeServer())
        self.store = Store(self.clock.now)
        self.store.apply_answer(rows, asked=self.store.take_ticket())
        self.operations = Operations(
            self.backend,
            self.store,
            self.look,
            clock=self.clock,
            on_report=lambda report: None,
            on_overlay=lambda: None,
            journal=Journal(path, self.backend, self.clock),
        )

    async def look(self, ids):
        asked = self.store.take_ticket()
        looked = await self.backend.look(ids)
        self.store.apply_answer(looked.tasks, looked.missing, asked=asked)
        return looked

    async def run(self, action: Action, *rows):
        return await self.clock.wait_for(self.operations.run_action(action, rows))

    @property
    def bytes(self) -> bytes:
        return self.path.read_bytes()

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.bytes.splitlines()]


def write(path: Path, data: bytes) -> None:
    """Put something into the journal."""
    path.parent.mkdir()
    path.write_bytes(data)


def open_files(path: Path) -> int:
    """How many files beside the journal, and itself, are open in this process."""
    return sum(fd.resolve().parent == path.parent for fd in FILES.iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


async def test_a_cancel_leaves_one_line_that_says_all_of_it(path: Path) -> None:
    rig = Rig(path, task(1))
    await rig.run(CANCEL, task(1))
    (line,) = rig.lines
    assert line.pop("by").count("@") == 1
    assert 1.3 <= line.pop("elapsed") < 4
    assert line == {
        "when": "2027-01-15T08:00:00.000Z",
        "profile": "fake",
        "url": "http://fake",
        "graph": "g",
        "id": "1",
        "action": "cancel",
        "type": "gremlin",
        "name": "job 1",
        "shown": "running",
        "code": 202,
        "outcome": "cancelled",
    }


async def test_the_line_is_there_before_anything_is_sent_and_stays_when_graphtop_dies(path: Path) -> None:
    rig = Rig(path, task(1))
    rig.backend.gates["act"] = asyncio.Event()
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await run_until_idle()
    assert [line["outcome"] for line in rig.lines] == [journal_line.UNDER_WAY]
    assert rig.backend.count("act") == 1
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert [line["outcome"] for line in rig.lines] == [journal_line.UNDER_WAY]


async def test_a_deleted_tasks_own_json_is_kept_with_its_secrets_hidden(path: Path) -> None:
    rig = Rig(path, task(1, S.FAILED))
    given = json.dumps({"token": "hunter2"})
    fields = {"id": 1, "task_input": given, "password": "hunter2", "n": 12345678901234567890}
    raw = json.dumps(fields, indent=1).encode()
    rig.backend.details["1"] = [TaskDetail(task=task(1, S.FAILED), raw=raw)]
    await rig.run(DELETE, task(1, S.FAILED))
    (line,) = rig.lines
    assert line["outcome"] == "deleted"
    assert line["task"]["n"] == 12345678901234567890
    assert "hunter2" not in rig.path.read_text()
    assert json.loads(line["task"]["task_input"]) == {"token": "••••••"}


async def test_json_that_was_cut_or_can_not_be_had_is_kept_as_far_as_it_goes(path: Path) -> None:
    rig = Rig(path, task(1, S.FAILED), task(2, S.FAILED))
    rig.backend.details["1"] = [TaskDetail(task=task(1), raw=b'{"id": 1, "task_res', truncated=True)]
    await rig.run(DELETE, task(1, S.FAILED))
    rig.backend.always["detail"] = BackendError("no")
    await rig.run(DELETE, task(2, S.FAILED))
    assert rig.lines[0]["task"] == '{"id": 1, "task_res'
    kept = rig.lines[1]["task"]
    assert kept["name"] == "job 2"
    assert (kept["word"], kept["fault"], kept["before"]) == ("failed", None, None)
    assert not {"raw_status", "decode_error", "status_before"} & kept.keys()


async def test_a_delete_reads_its_task_once_and_no_more_of_it_than_is_kept(path: Path) -> None:
    rig = Rig(path, task(1, S.FAILED), task(2))
    caps, detail = [], rig.backend.detail

    async def capped(task_id, *, cap):
        caps.append(cap)
        return await detail(task_id, cap=cap)

    rig.backend.detail = capped
    await rig.run(DELETE, task(1, S.FAILED))
    await rig.run(CANCEL, task(2))
    assert [asked for call, asked in rig.backend.calls if call == "detail"] == ["1"]
    assert caps == [262_144]


@pytest.mark.parametrize("seconds", [4.9, 5.1, 10_000])
async def test_a_task_that_is_slow_to_read_is_deleted_all_the_same(path: Path, seconds: float) -> None:
    rig = Rig(path, task(1, S.FAILED))
    rig.backend.details["1"] = [TaskDetail(task=task(1, S.FAILED), raw=b'{"whole": true}')]
    rig.backend.delays["detail"] = seconds
    (report,) = await rig.run(DELETE, task(1, S.FAILED))
    assert report.outcome is Outcome.DELETED
    assert report.elapsed < 10
    (line,) = rig.lines
    assert ("whole" in line["task"]) is (seconds < 5)
    assert ("status" in line["task"]) is (seconds > 5)
    assert rig.backend.in_flight["detail"] == 0


async def test_what_is_stopped_while_its_task_is_read_is_not_sent(path: Path) -> None:
    rig = Rig(path, task(1, S.FAILED))
    rig.backend.delays["detail"] = 3
    work = asyncio.create_task(rig.operations.run_action(DELETE, [task(1, S.FAILED)]))
    await rig.clock.advance(1)
    rig.operations.stop_sending()
    (report,) = await rig.clock.wait_for(work)
    assert (report.outcome, rig.backend.count("act")) == (Outcome.NOT_SENT, 0)
    assert [line["outcome"] for line in rig.lines] == ["not sent"]


async def test_no_secret_of_any_field_gets_in(path: Path) -> None:
    server = AnsweringServer(make_answer(400, "bad: http://admin:hunter2@host/ and password=hunter2"))
    row = task(1, type="t token=hunter2", name="ak=hunter2", raw_status="secret: hunter2")
    rig = Rig(path, row, server=server)
    source = Source(profile="p", url="http://admin:hunter2@host", dialect="fake", graph="g")
    rig.operations._journal._backend = SimpleNamespace(source=source, detail=rig.backend.detail)
    rig.backend.always["detail"] = BackendError("no")
    await rig.run(DELETE, row)
    await rig.run(CANCEL, row)
    text = rig.path.read_text()
    assert "hunter2" not in text
    assert text.count("http://admin:••••••@host") == 4


async def test_a_line_moves_no_terminal(path: Path) -> None:
    row = task(1, name="a\x1b[2J\x9b31m\u202eb\u2028c\x7f")
    rig = Rig(path, row)
    await rig.run(CANCEL, row)
    assert [line["name"] for line in rig.lines] == [row.name]
    assert rig.bytes.decode().rstrip("\n").isprintable()


async def test_without_room_nothing_is_sent_and_the_person_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    rig = Rig(path, task(1), task(2, S.SUCCESS))
    (report,) = await rig.run(CANCEL, task(1))
    assert (report.outcome, report.in_journal) == (Outcome.NOT_SENT, False)
    assert str(path) in report.words
    assert "No space left" in report.words
    assert "--no-journal" in report.words
    (report,) = await rig.run(DELETE, task(2, S.SUCCESS))
    assert report.outcome is Outcome.NOT_SENT
    assert rig.backend.count("act") == 0


async def test_a_folder_that_can_not_be_written_stops_an_action_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    rig = Rig(tmp_path / "file" / "journal.jsonl", task(1))
    (report,) = await rig.run(CANCEL, task(1))
    assert report.outcome is Outcome.NOT_SENT
    assert rig.backend.count("act") == 0


def broken_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line be written over any more."""

    def broken(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pwrite", broken)


async def test_an_end_that_can_not_be_written_is_told_beside_what_was_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_ends(monkeypatch)
    rig = Rig(path, task(1), task(2))
    trouble = (
        f"Can't write the journal: Input/output error. Use --no-journal to do without it, or check {path}."
    )
    (report,) = await rig.run(CANCEL, task(1))
    assert (report.outcome, report.words, report.in_journal) == (Outcome.CANCELLED, trouble, False)
    (report,) = await rig.run(DELETE, task(2))
    assert (report.outcome, report.in_journal) == (Outcome.REFUSED, False)
    assert report.words == f"Can't delete incomplete task '2' in status RUNNING. {trouble}"
    assert open_files(path) == 0


async def test_a_job_keeps_its_id_and_its_error_when_its_end_can_not_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_ends(monkeypatch)
    rig = Rig(path)
    assert await start(rig) == "9"
    with pytest.raises(Refused, match=r"No\."):
        await start(rig, Refused("No."))


async def test_what_was_not_written_is_not_sent_and_not_written_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(path, task(1))
    tried = []

    async def full(self: journal_file.JournalFile, line: bytes) -> object:
        tried.append(line)
        with journal_file.convert_os_errors(self.path):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal_file.JournalFile, "append_line", full)
    (report,) = await rig.run(CANCEL, task(1))
    assert report.words == (
        "Nothing was sent. Can't write the journal: No space left on device."
        f" Use --no-journal to do without it, or check {path}."
    )
    assert (report.in_journal, len(tried)) == (False, 1)


async def test_what_never_reached_the_server_and_what_came_back_have_their_lines(path: Path) -> None:
    rig = Rig(path, task(1), server=AnsweringServer(never_sent(Unreachable("No connection to fake."))))
    (report,) = await rig.run(CANCEL, task(1))
    assert report.in_journal
    rig.backend.server = FakeServer()
    reports = await rig.run(FORCE, task(1))
    rig.backend.put(task(1))
    await rig.clock.wait_for(rig.operations.watch_for_reappearance(reports))
    assert [(line["action"], line["outcome"]) for line in rig.lines] == [
        ("cancel", "not sent"),
        ("force delete", "deleted"),
        ("force delete", "came back"),
    ]
    assert rig.lines[0]["words"] == "Nothing was sent. No connection to fake."


async def test_half_a_line_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(path, task(1), task(2))
    await rig.run(CANCEL, task(1))
    whole, write = rig.bytes, os.write
    calls = iter([10])

    def full(file: int, data: bytes) -> int:
        try:
            return write(file, data[: next(calls)])
        except StopIteration:
            raise OSError(28, "No space left on device") from None

    monkeypatch.setattr(os, "write", full)
    (report,) = await rig.run(CANCEL, task(2))
    monkeypatch.undo()
    assert report.outcome is Outcome.NOT_SENT
    assert rig.bytes == whole


async def test_what_was_not_sent_is_told_too_and_a_refusal_with_its_code_and_words(path: Path) -> None:
    rig = Rig(
        path, task(1, S.SUCCESS), task(2), server=AnsweringServer(make_answer(400, "No, " + "because " * 200))
    )
    await rig.run(CANCEL, task(1, S.SUCCESS))
    await rig.run(DELETE, task(2))
    first, second = rig.lines
    assert (first["outcome"], "code" in first) == ("finished first", False)
    assert (second["outcome"], second["code"]) == ("refused", 400)
    assert second["words"].startswith("No, because because")
    assert len(second["words"]) == 300


async def test_words_of_any_kind_have_room(path: Path) -> None:
    rig = Rig(path, task(1), server=AnsweringServer(make_answer(400, "\x01\u2028" * 400)))
    await rig.run(DELETE, task(1))
    assert rig.lines[0]["outcome"] == "refused"
    assert rig.bytes.count(b"\n") == 1


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("x" * 300, 300),
        ("x" * 301, 300),
        ("\x01" * 136, 136),
        ("\x01" * 137, 100),
        ("图" * 300, 100),
        ("é" * 300, 300),
    ],
)
async def test_as_many_words_are_kept_as_have_room(path: Path, words: str, kept: int) -> None:
    rig = Rig(path, task(1), server=AnsweringServer(make_answer(400, words)))
    await rig.run(DELETE, task(1))
    (line,) = rig.lines
    assert line["words"] == words[:kept]
    assert len(rig.bytes.rstrip()) < len(rig.bytes) - 100, "a status and a number fit beside them"


def test_a_line_that_is_just_too_long_for_its_room_loses_its_words() -> None:
    line = journal_line.JournalLine(
        when="", by="", profile="", url="", graph="", id="7" * 50, action="cancel", outcome="", words="No."
    )
    size = len(journal_line.encode_line(line))
    assert journal_line.pad_line(line, size + 1) == journal_line.encode_line(line) + b"\n"
    short = journal_line.pad_line(line, size)
    assert (len(short), short[-1:]) == (size, b"\n")
    assert (json.loads(short)["id"], "words" in json.loads(short)) == ("7" * 40, False)


def test_a_moment_is_written_with_its_milliseconds() -> None:
    assert journal_line.format_moment(1_800_000_000_007) == "2027-01-15T08:00:00.007Z"
    assert journal_line.format_moment(999) == "1970-01-01T00:00:00.999Z"


@pytest.mark.parametrize("error", [KeyError("no such user"), OSError("no such user")])
async def test_who_has_no_name_is_written_as_a_number(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr(journal.getpass, "getuser", nobody)
    rig = Rig(path, task(1))
    await rig.run(CANCEL, task(1))
    assert rig.lines[0]["by"] == f"{os.getuid()}@{journal.socket.gethostname()}"


async def test_many_at_once_have_a_line_each_and_leave_no_file_open(path: Path) -> None:
    rows = [task(number) for number in range(1, 41)]
    rig = Rig(path, *rows)
    await rig.run(CANCEL, *rows)
    assert sorted(int(line["id"]) for line in rig.lines) == list(range(1, 41))
    assert {line["outcome"] for line in rig.lines} == {"cancelled"}
    assert open_files(path) == 0


async def test_thousands_at_once_need_one_open_file(path: Path) -> None:
    rows = [task(number) for number in range(1, 1001)]
    rig = Rig(path, *rows)
    rig.backend.later = lambda seconds, do: None  # they stay cancelling
    work = asyncio.create_task(rig.operations.run_action(CANCEL, rows))
    await rig.clock.advance(5)
    assert rig.backend.count("act") == 1000
    assert open_files(path) == 1
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.mark.parametrize("begun", ["{", '{"when": "20'])
async def test_after_half_a_line_a_new_one_begins(path: Path, begun: str) -> None:
    write(path, begun.encode())
    await Rig(path, task(1)).run(CANCEL, task(1))
    half, line = reader.read_journal(path)
    assert half == begun
    assert line.outcome == "cancelled"


async def test_a_lock_that_nobody_lets_go_stops_an_action(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "LOCK_WAIT", 0.01)
    rig = Rig(path, task(1))
    path.parent.mkdir()
    with path.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        (report,) = await rig.run(CANCEL, task(1))
    assert "another graphtop holds its lock" in report.words
    assert rig.backend.count("act") == 0


class Lock:
    """A journal's lock in another graphtop's hand."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        self.file = os.open(path, os.O_CREAT | os.O_RDWR)
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def let_go(self) -> None:
        os.close(self.file)


@pytest.mark.parametrize(("held", "outcome"), [(0.99, Outcome.CANCELLED), (1.05, Outcome.NOT_SENT)])
async def test_a_lock_is_waited_for_a_second(path: Path, held: float, outcome: Outcome) -> None:
    rig, lock = Rig(path, task(1)), Lock(path)
    begun = rig.clock.time
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await rig.clock.advance(held)
    lock.let_go()
    (report,) = await rig.clock.wait_for(work)
    assert report.outcome is outcome
    if outcome is Outcome.NOT_SENT:
        assert rig.clock.time == pytest.approx(begun + held, abs=0.3), "it ends with the last look"
    assert open_files(path) == 0


async def test_while_a_lock_is_waited_for_everything_else_goes_on(path: Path) -> None:
    rig, lock = Rig(path, task(1), task(2, S.SUCCESS)), Lock(path)
    sent = []

    async def send() -> str:
        sent.append("a job")
        return "9"

    works = [
        asyncio.create_task(work)
        for work in (
            rig.operations.run_action(CANCEL, [task(1)]),
            rig.operations.run_action(CANCEL, [task(2, S.SUCCESS)]),
            rig.operations.submit_job("submit", "gremlin", "g.V()", send),
        )
    ]
    await rig.clock.advance(0.5)
    assert not any(work.done() for work in works)
    assert (rig.backend.count("act"), sent, rig.bytes) == (0, [], b"")
    lock.let_go()
    await rig.clock.wait_for(asyncio.gather(*works))
    assert sorted(line["outcome"] for line in rig.lines) == ["accepted", "cancelled", "finished first"]
    assert open_files(path) == 0


async def test_who_gives_up_while_a_lock_is_waited_for_leaves_no_file_open(path: Path) -> None:
    rig, lock = Rig(path, task(1)), Lock(path)
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await rig.clock.advance(0.5)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    lock.let_go()
    assert (open_files(path), rig.bytes) == (0, b"")


async def test_of_many_that_are_not_sent_the_lock_is_taken_once(path: Path) -> None:
    rows = [task(number, S.SUCCESS) for number in range(1, 41)]
    rig, lock = Rig(path, *rows), Lock(path)
    begun = rig.clock.time
    await rig.run(CANCEL, *rows)
    assert rig.clock.time - begun < 1.5, "a lock that stays held holds up all of them once"
    lock.let_go()
    await rig.run(CANCEL, *rows)
    assert [line["outcome"] for line in rig.lines] == ["finished first"] * 40


async def test_a_lock_that_stays_held_holds_up_many_actions_once(path: Path) -> None:
    rows = [task(number) for number in range(1, 101)]
    rig, lock = Rig(path, *rows), Lock(path)
    begun = rig.clock.time
    reports = await rig.run(CANCEL, *rows)
    assert {report.outcome for report in reports} == {Outcome.NOT_SENT}
    assert rig.clock.time - begun < 2.5
    lock.let_go()
    (report,) = await rig.run(CANCEL, rows[0])
    assert report.outcome is Outcome.CANCELLED


async def test_after_a_while_a_lock_is_waited_for_again(path: Path) -> None:
    rig, lock = Rig(path, task(1), task(2)), Lock(path)
    await rig.run(CANCEL, task(1))
    await rig.clock.advance(journal_file.LOCK_GIVEN_UP + 1)
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(2)]))
    await rig.clock.advance(0.9)
    lock.let_go()
    (report,) = await rig.clock.wait_for(work)
    assert report.outcome is Outcome.CANCELLED


@pytest.mark.parametrize("others_begin", [True, False])
async def test_a_file_that_is_put_aside_while_its_lock_is_waited_for_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch, others_begin: bool
) -> None:
    write(path, b"old\n")
    lock = journal_file.try_lock

    def late(file: int) -> bool:
        monkeypatch.setattr(journal_file, "try_lock", lock)
        path.rename(journal_file.rotated_path(path, 1))
        if others_begin:
            path.write_bytes(b"new\n")
        return lock(file)

    monkeypatch.setattr(journal_file, "try_lock", late)
    await Rig(path, task(1)).run(CANCEL, task(1))
    assert journal_file.rotated_path(path, 1).read_bytes() == b"old\n"
    *before, line = reader.read_journal(path)
    assert before == (["old", "new"] if others_begin else ["old"])
    assert line.outcome == "cancelled"
    assert open_files(path) == 0


async def test_a_line_is_whole_that_is_taken_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, pieces = os.write, []

    def slow(file: int, data: bytes) -> int:
        pieces.append(data)
        return write(file, data[:100])

    monkeypatch.setattr(os, "write", slow)
    await Rig(path, task(1)).run(CANCEL, task(1))
    monkeypatch.undo()
    (line,) = Rig(path).lines
    assert (line["id"], line["outcome"]) == ("1", "cancelled")
    assert len(pieces) > 10


async def test_a_long_file_is_put_aside_and_an_open_line_still_gets_its_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(path, task(1), task(2))
    rig.backend.gates["act"] = asyncio.Event()
    work = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await run_until_idle()
    monkeypatch.setattr(journal_file, "ROTATE_BYTES", 1)
    other = asyncio.create_task(rig.operations.run_action(CANCEL, [task(2)]))
    await run_until_idle()
    rig.backend.gates["act"].set()
    await rig.clock.wait_for(asyncio.gather(work, other))
    assert [line.id for line in reader.read_journal(path)] == ["1", "2"]
    assert [line.outcome for line in reader.read_journal(path)] == ["cancelled", "cancelled"]
    assert journal_file.rotated_path(path, 1).exists()
    assert open_files(path) == 0


@pytest.mark.parametrize(("size", "aside"), [(8_388_607, False), (8_388_608, True)])
async def test_a_file_is_put_aside_from_8_mebibytes_on(path: Path, size: int, aside: bool) -> None:
    write(path, b"")
    os.truncate(path, size)
    await Rig(path, task(1)).run(CANCEL, task(1))
    assert journal_file.rotated_path(path, 1).exists() is aside
    assert open_files(path) == 0


async def test_only_so_many_files_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "ROTATE_BYTES", 1)
    rows = [task(number) for number in range(1, 9)]
    rig = Rig(path, *rows)
    for row in rows:
        await rig.run(CANCEL, row)
    assert [line.id for line in reader.read_journal(path)] == ["4", "5", "6", "7", "8"]
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "journal.jsonl",
        *(f"journal.jsonl.{number}" for number in range(1, 5)),
    ]


def _write_many(path: Path, first: int) -> None:
    async def main() -> None:
        rows = [task(number) for number in range(first, first + 100)]
        await Rig(path, *rows).run(CANCEL, *rows)

    journal_file.ROTATE_BYTES, journal_file.LOCK_WAIT = 80_000, 60.0
    asyncio.run(main())


def test_two_graphtops_write_whole_lines_into_one_journal(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(path, first)) for first in (1, 1001)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    lines = list(reader.read_journal(path))
    assert not [line for line in lines if isinstance(line, str)]
    assert {line.outcome for line in lines} == {"cancelled"}
    assert sorted(int(line.id) for line in lines) == [*range(1, 101), *range(1001, 1101)]
    assert 1 < len(list(path.parent.iterdir())) <= journal_file.ROTATED_FILES


def test_a_line_that_can_not_be_read_comes_as_its_text(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"when": 1}\n\xff\n')
    assert list(reader.read_journal(path)) == ['{"when": 1}', "�"]


def test_a_file_that_is_put_aside_while_all_are_read_is_met_once(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"new\n")
    journal_file.rotated_path(path, 1).write_bytes(b"old\n")
    opened = journal_file.open_state_file

    def rotating(file: Path, *arguments: object) -> int:
        number = opened(file, *arguments)
        if file == path:
            journal_file._rotate_files(path)
        return number

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_file, "open_state_file", rotating)
        assert list(journal_file.read_lines(path)) == [b"old\n", b"new\n"]


def test_the_path_is_the_states_unless_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert journal_file.default_journal_path({}) == tmp_path / "graphtop" / "journal.jsonl"
    assert journal_file.default_journal_path({"GRAPHTOP_JOURNAL": "~/j"}) == Path("~/j").expanduser()
    assert journal_file.default_journal_path({"GRAPHTOP_JOURNAL": "j"}).is_absolute()


def test_neither_the_demo_nor_no_journal_has_one(path: Path) -> None:
    clock = FakeClock()
    backend = FakeBackend(clock)
    environ = {"GRAPHTOP_JOURNAL": str(path)}
    assert journal.open_journal(backend, clock, environ=environ).path == path
    assert journal.open_journal(backend, clock, demo=True, environ=environ) is None
    assert journal.open_journal(backend, clock, wanted=False, environ=environ) is None


def test_only_its_owner_can_read_it(path: Path) -> None:
    async def main() -> None:
        await Rig(path, task(1)).run(CANCEL, task(1))

    asyncio.run(main())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def start(rig: Rig, said: BackendError | None = None, name: str = "g.V()") -> str:
    async def send() -> str:
        assert [line["outcome"] for line in rig.lines][-1] == journal_line.UNDER_WAY
        rig.sent += 1
        await rig.clock.advance(2)
        if said is not None:
            raise said
        return "9"

    return await rig.operations.submit_job("submit", "gremlin", name, send)


async def test_a_job_has_a_line_before_it_is_sent_and_its_id_after_that(path: Path) -> None:
    rig = Rig(path)
    assert await start(rig, name="g.V('password=hunter2')" + "x" * 500) == "9"
    (line,) = rig.lines
    assert (line["action"], line["id"], line["outcome"], line["elapsed"]) == ("submit", "9", "accepted", 2.0)
    assert (line["type"], len(line["name"])) == ("gremlin", 200)
    assert "hunter2" not in str(line)


def never_sent(error: BackendError) -> BackendError:
    error.sent = False
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("No, token=hunter2 is none.", code=400), "refused"),
        (NotAllowed("You may not.", code=403), "refused"),
        (NotLoggedIn("Who are you?", code=401), "refused"),
        (Unsupported("There is no such call."), "not sent"),
        (Busy("It throttles.", code=429), "refused"),
        (BadAnswer("It redirects.", code=302), "refused"),
        (BadAnswer("It accepted the job but didn't return its id.", code=201), "not confirmed"),
        (ServerFault("It broke.", code=500), "not confirmed"),
        (TimedOut("No answer within 30 s."), "not confirmed"),
        (Unreachable("No connection to fake."), "not confirmed"),
        (never_sent(Unreachable("No connection to fake.")), "not sent"),
        (BadValue("It must be a number.", param="n"), "not sent"),
    ],
)
async def test_a_job_that_did_not_start_says_why(path: Path, error: BackendError, outcome: str) -> None:
    rig = Rig(path)
    with pytest.raises(type(error)):
        await start(rig, error)
    (line,) = rig.lines
    assert (line["id"], line["outcome"], line.get("code")) == ("", outcome, error.code)
    assert line["words"] == str(error).replace("hunter2", "••••••")


async def test_without_room_no_job_is_sent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_disk(monkeypatch)
    rig = Rig(path)
    with pytest.raises(JournalError, match="No space left") as raised:
        await start(rig)
    assert "--no-journal" in str(raised.value)
    assert rig.sent == 0


async def test_an_id_that_is_far_too_long_stays_within_its_line(path: Path) -> None:
    rig = Rig(path, task(1))

    async def send() -> str:
        return "x" * 3000

    await rig.operations.submit_job("create", "pagerank", "", send)
    await rig.run(CANCEL, task(1))
    assert [line["id"] for line in rig.lines] == ["x" * 40, "1"]


class Creating(FakeBackend):
    """A server on which jobs can be created."""

    async def create(self, recipe, values):
        return await self._call("create", (recipe, dict(values)), lambda: "41")


@pytest.mark.parametrize("room", [True, False])
async def test_a_created_job_has_a_line_and_without_room_it_is_not_created(
    path: Path, monkeypatch: pytest.MonkeyPatch, room: bool
) -> None:
    if not room:
        fill_disk(monkeypatch)
    clock = FakeClock()
    backend = Creating(clock)
    monitor = watch_one(backend, listener=Listener(), clock=clock, journal=Journal(path, backend, clock))
    work = monitor.create_job("pagerank", {"alpha": "0.85", "token": "hunter2"})
    if room:
        assert await work == "41"
        (line,) = Rig(path).lines
        assert (line["action"], line["id"], line["type"]) == ("create", "41", "pagerank")
        assert line["name"] == "alpha=0.85 token=••••••"
    else:
        with pytest.raises(BackendError, match="No space left"):
            await work
    assert backend.count("create") == room
    await monitor.aclose()


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with (
        pytest.raises(JournalError, match="Can't write the journal"),
        journal_file.convert_os_errors(path),
    ):
        raise OSError(5, "Input/output error")
