"""How a command ends: its exit code and its last words, whatever was in the way."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.transport.target import Target
from tests.cli.fake_session import make_connection
from tests.unit.fakes import FakeBackend, FakeClock, run_until_idle, task
from tui import VERSION, cli
from tui.cli import exit_codes
from tui.cli.error_handler import run_guarded
from tui.cli.errors import CommandError, OutputError
from tui.cli.output.standard_error import report_error, show_progress
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.terminal import is_terminal
from tui.cli.work import session
from tui.cli.work.session import Session
from tui.config.resolved import ConfigError


@contextmanager
def output_into(path: Path) -> Iterator[None]:
    """Let standard output be this file."""
    with path.open("w") as stream, redirect_stdout(stream):
        yield


def raising(error: BaseException) -> Callable[[], int]:
    """What prints something, and then fails so."""

    def work() -> int:
        StandardOutput().write("half")
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "graphtop: Interrupted.\n"),
        (BrokenPipeError(), 141, ""),
        (
            OutputError(OSError(errno.ENOSPC, "No space left")),
            1,
            "graphtop: Can't write the output: No space left.\n",
        ),
    ],
)
def test_what_is_in_the_way_of_the_output_ends_the_command(tmp_path: Path, capsys, error, code, said) -> None:
    with output_into(tmp_path / "out"):
        assert run_guarded(raising(error)) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("error", [BrokenPipeError(), OutputError(OSError(errno.EIO, "x"))])
def test_an_output_that_failed_is_silent_at_the_end(tmp_path: Path, error) -> None:
    with output_into(tmp_path / "out"):
        run_guarded(raising(error))
        print("more")
    assert (tmp_path / "out").read_bytes() == b""


def test_what_was_printed_is_sent_before_the_end(tmp_path: Path) -> None:
    def work() -> int:
        StandardOutput().write("whole")
        return 7

    with output_into(tmp_path / "out"):
        assert run_guarded(work) == 7
        assert (tmp_path / "out").read_text() == "whole"


def test_a_closed_output_is_left_alone(capsys) -> None:
    with redirect_stdout(None):
        assert run_guarded(raising(OutputError(OSError(errno.EIO, "x")))) == 1
        assert (StandardOutput().terminal, StandardOutput().ascii, StandardOutput().is_abandoned()) == (
            False,
            True,
            False,
        )
        StandardOutput().write_bytes(b"x")
        assert run_guarded(lambda: 7) == 7
    assert capsys.readouterr().err == "graphtop: Can't write the output: x.\n"


def test_a_full_disk_is_told_when_it_shows(capsys) -> None:
    with output_into(Path("/dev/full")):
        assert run_guarded(lambda: StandardOutput().write("x" * 100) or 0) == 1
    assert capsys.readouterr().err == "graphtop: Can't write the output: No space left on device.\n"


class Failing(io.TextIOWrapper):
    """A stream whose writes fail with this number."""

    number = errno.EIO

    def write(self, words: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EBADF, errno.EINVAL])
def test_a_standard_error_that_fails_is_left_alone(monkeypatch, number: int) -> None:
    stream = Failing(io.BytesIO())
    stream.number = number
    monkeypatch.setattr("sys.stderr", stream)
    if number == errno.EINVAL:
        with pytest.raises(OSError, match="Invalid argument"):
            report_error("x")
    else:
        report_error("x")


@pytest.mark.parametrize("closed", [True, False])
def test_without_a_standard_error_nothing_is_told(monkeypatch, capsys, closed: bool) -> None:
    stream = io.StringIO() if closed else None
    if stream is not None:
        stream.close()
    monkeypatch.setattr("sys.stderr", stream)
    report_error("x")
    assert not is_terminal(stream)
    assert capsys.readouterr().out == "", "nor is it told among the output"


def test_nothing_is_told_of_nothing_and_a_sentence_is_harmless(capsys) -> None:
    report_error("")
    report_error("a\x1b[31m\nb password=hunter2")
    assert capsys.readouterr().err == "graphtop: a␛[31m␊b password=••••••\n"


def test_a_line_of_progress_is_cut_to_the_terminal_and_replaced(capsys, stderr_terminal, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    show_progress("123456789")
    show_progress("1234567890")
    report_error("x")
    report_error("y")
    assert capsys.readouterr().err == (
        "\r\x1b[K123456789\r\x1b[K12345678…\r\x1b[Kgraphtop:\n  x\ngraphtop:\n  y\n"
    )


def test_progress_is_taken_away_before_a_terminal_is_written_to(capsys, stderr_terminal) -> None:
    show_progress("half")
    pipe, terminal = io.StringIO(), io.StringIO()
    StandardOutput(pipe).write("x")
    assert capsys.readouterr().err == "\r\x1b[Khalf"
    out = StandardOutput(terminal)
    out.terminal = True
    out.write("x")
    assert (capsys.readouterr().err, terminal.getvalue()) == ("\r\x1b[K", "x")


def test_what_graphtop_found_is_harmless_and_names_where_a_secret_is(capsys, stderr_terminal) -> None:
    show_progress("half")
    report_error("a\x1b[31m\nb holds a secret. Run: chmod 600 b")
    assert capsys.readouterr().err == (
        "\r\x1b[Khalf\r\x1b[Kgraphtop: a␛[31m␊b holds a secret. Run: chmod 600 b\n"
    )


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("it makes no sense."), 2), (CommandError("it makes no sense.", 6), 6)]
)
def test_a_command_that_gives_up_says_why(capsys, error: Exception, code: int) -> None:
    assert run_guarded(raising(error)) == code
    assert capsys.readouterr().err == "graphtop: it makes no sense.\n"


@pytest.mark.parametrize("words", [["ls", "http://ann:pw-7@h"], ["ls", "-p", "http://ann:pw-7@h"]])
def test_a_password_in_an_address_that_is_not_one_is_not_printed(
    words: list[str], tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("")
    assert cli.run(words) == 2
    assert cli.run(["config", "check", "-p", "http://ann:pw-7@h"]) == 2
    printed = capsys.readouterr()
    assert "pw-7" not in printed.out + printed.err
    assert printed.err.count("ann:••••••@h") == 2


# --- a session ---------------------------------------------------------------------------------------


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """The server of each session."""
    made = FakeBackend(FakeClock(), [task(1)])
    monkeypatch.setattr(session, "open_backend", lambda target: made)
    return made


PLACE = make_connection()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Unreachable("It is away.", hint="Look."), 5, "graphtop: fake · g: It is away. Look.\n"),
        (Unreachable("fake is away.", hint="Look."), 5, "graphtop: fake is away. Look.\n"),
        (NotLoggedIn("It wants a login.", hint=""), 4, "graphtop: fake · g: It wants a login.\n"),
        (ConfigError("that makes no sense."), 2, "graphtop: that makes no sense.\n"),
        (CommandError("it has gone on too long.", 6), 6, "graphtop: it has gone on too long.\n"),
        (CommandError("", 2), 2, ""),
    ],
)
def test_what_ends_the_work_is_told_and_the_connection_is_closed(
    backend: FakeBackend, capsys, error: Exception, code: int, said: str
) -> None:
    async def work(opened: Session) -> int:
        await opened.connect()
        raise error

    assert session.run_session(PLACE, work) == code
    assert capsys.readouterr().err == said
    assert [name for name, _ in backend.calls] == ["connect", "aclose"]


def test_a_server_that_can_not_be_opened_is_told(monkeypatch, capsys) -> None:
    def refuse(target: Target) -> None:
        raise Unreachable("There is no way.", hint="Look.")

    monkeypatch.setattr(session, "open_backend", refuse)
    assert run_guarded(lambda: session.run_session(PLACE, lambda opened: None)) == exit_codes.UNREACHABLE
    assert capsys.readouterr().err == "graphtop: There is no way. Look.\n"


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "graphtop: Interrupted.\n"),
        (signal.SIGTERM, 143, "graphtop: Ended by SIGTERM.\n"),
    ],
)
def test_a_signal_ends_the_work_and_the_handlers_are_as_before(
    backend: FakeBackend, capsys, number: int, code: int, said: str
) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

    async def work(opened: Session) -> int:
        os.kill(os.getpid(), number)
        await asyncio.sleep(3600)
        return 0

    assert session.run_session(PLACE, work) == code
    assert capsys.readouterr().err == said
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
    assert backend.closed


def test_of_a_work_that_goes_on_the_second_signal_is_the_end(backend: FakeBackend, capsys) -> None:
    async def work(opened: Session) -> int:
        opened.is_acting = True
        os.kill(os.getpid(), signal.SIGINT)
        await run_until_idle()
        assert opened.interrupted
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(3600)
        return 0

    assert session.run_session(PLACE, work) == 130
    assert [line[:20] for line in capsys.readouterr().err.splitlines()] == [
        "graphtop: Stopping: ",
        "graphtop: Interrupte",
    ]


def test_a_third_signal_ends_what_holds_the_loop(backend: FakeBackend, capsys) -> None:
    async def work(opened: Session) -> int:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
        return 0

    assert run_guarded(lambda: session.run_session(PLACE, work)) == 130
    assert set(capsys.readouterr().err.splitlines()) == {"graphtop: Interrupted."}


def test_a_cancelled_work_that_no_signal_ended_is_a_fault(backend: FakeBackend) -> None:
    async def work(opened: Session) -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        session.run_session(PLACE, work)
    assert backend.closed


def test_garbage_is_looked_for_while_a_session_goes_on(backend: FakeBackend) -> None:
    async def work(opened: Session) -> int:
        return 7 if gc.isenabled() else 0

    gc.disable()
    try:
        assert session.run_session(PLACE, work) == 7
    finally:
        gc.enable()


def test_an_interrupt_before_there_is_a_session_is_told(monkeypatch, capsys) -> None:
    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.cli.registry.import_module", interrupt)
    assert cli.run(["ls"]) == 130
    assert capsys.readouterr().err == "graphtop: Interrupted.\n"
    assert gc.isenabled()


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_printed(capsys, flag: str) -> None:
    assert cli.run([flag]) == 0
    assert capsys.readouterr().out == f"graphtop {VERSION}\n"
