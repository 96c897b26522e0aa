"""Reading standard input and files: whole, not for ever, and never in the way of a signal."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from backend_adapters.model import Action
from tests.cli.fake_session import make_connection, options_of
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.cli.commands import get, submit, wait
from tui.cli.errors import CommandError
from tui.cli.exit_codes import USAGE
from tui.cli.work import read_input, session
from tui.cli.work.read_input import read_file, read_stdin
from tui.cli.work.session import Session
from tui.cli.work.task_actions import ActionOptions, act_on_ids

Reads = Callable[[Session], Awaitable[int]]


def script_flags(name: str):
    return options_of(submit.Options, script=name)


READERS: dict[str, Reads] = {
    "submit": lambda opened: submit._submit_script(opened, script_flags("-")),
    "wait": lambda opened: wait._wait_for_tasks(opened, options_of(wait.Options, ids=["-"])),
    "get": lambda opened: get._show_tasks(opened, options_of(get.Options, ids=["-"])),
    **{
        action.value: lambda opened, action=action: act_on_ids(
            opened, action, options_of(ActionOptions, ids=["-"])
        )
        for action in Action
    },
}


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of standard input, which is a pipe."""
    reading, number = os.pipe()
    with os.fdopen(reading) as stream:
        monkeypatch.setattr("sys.stdin", stream)
        yield number
        os.close(number)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """The server of each session."""
    made = FakeBackend(FakeClock(), [task(1, S.SUCCESS)])
    monkeypatch.setattr(session, "open_backend", lambda target: made)
    return made


def ended_by(number: int, reads: Reads) -> int:
    """The exit code of a command that is sent a signal as it begins to read what never comes."""

    async def work(opened: Session) -> int:
        os.kill(os.getpid(), number)
        return await reads(opened)

    return session.run_session(make_connection(), work)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "graphtop: Interrupted.\n"),
        (signal.SIGTERM, 143, "graphtop: Ended by SIGTERM.\n"),
    ],
)
@pytest.mark.parametrize("command", READERS)
def test_a_signal_ends_a_command_that_waits_for_its_standard_input(
    backend: FakeBackend, writing: int, capsys, command: str, number: int, code: int, said: str
) -> None:
    os.write(writing, b"1\n")
    assert ended_by(number, READERS[command]) == code
    assert capsys.readouterr().err == said
    assert not {name for name, _ in backend.calls} & {"act", "submit"}


def test_a_signal_ends_a_submit_of_a_pipe_that_nobody_writes_to(backend: FakeBackend, tmp_path: Path) -> None:
    fifo = tmp_path / "script"
    os.mkfifo(fifo)
    assert (
        ended_by(signal.SIGTERM, lambda opened: submit._submit_script(opened, script_flags(str(fifo)))) == 143
    )
    assert not [about for name, about in backend.calls if name == "submit"]


async def test_a_pipe_is_read_to_its_end_however_slowly_it_comes(writing: int) -> None:
    reading = asyncio.ensure_future(read_stdin())
    for piece in (b"a", b"b" * 1000, b"c"):
        os.write(writing, piece)
        await asyncio.sleep(0)
    os.dup2(2, writing)  # which closes the only end that is written to
    assert await reading == b"a" + b"b" * 1000 + b"c"


async def test_a_named_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    fifo = tmp_path / "script"
    os.mkfifo(fifo)
    reading = asyncio.ensure_future(read_file(str(fifo)))
    await asyncio.sleep(0)
    with fifo.open("wb") as stream:
        stream.write(b"g.V()")
    assert await reading == b"g.V()"


async def test_a_file_is_read_whole_on_standard_input_too(monkeypatch, tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    path = tmp_path / "file"
    path.write_bytes(data)
    assert await read_file(str(path)) == data
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert await read_stdin() == data


async def test_what_never_ends_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(read_input, "INPUT_MOST", 1 << 20)
    with pytest.raises(
        CommandError, match=r"^/dev/zero is larger than 1 MB, the most that graphtop reads\.$"
    ) as refused:
        await read_file("/dev/zero")
    assert refused.value.code == USAGE
    with os.fdopen(os.open("/dev/zero", os.O_RDONLY)) as stream:
        monkeypatch.setattr("sys.stdin", stream)
        with pytest.raises(CommandError, match=r"^standard input is larger than 1 MB"):
            await read_stdin()


async def test_a_closed_standard_input_is_told(monkeypatch) -> None:
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr("sys.stdin", stream)
        with pytest.raises(OSError, match="Bad file descriptor"):
            await read_stdin()
        with pytest.raises(CommandError, match=r"^Can't read ids from standard input\.$"):
            await READERS["wait"](Session(make_connection(), FakeBackend(FakeClock())))
