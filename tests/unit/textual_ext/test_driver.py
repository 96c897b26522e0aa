"""The driver's halves: what is written to the terminal, what is read from it, and how it ends."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from textual import events
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tests.support.patience import PATIENCE
from tui.config.terminal_encoding import is_utf8_locale
from tui.textual_ext import driver
from tui.textual_ext.driver import ENDING_SIGNALS, TerminalDriver
from tui.textual_ext.key_queue import KeyRun
from tui.textual_ext.terminal_output import TerminalOutput


class Pipe:
    """What is written, and how to read it."""

    def __init__(self) -> None:
        self.end, self.descriptor = os.pipe()

    def fileno(self) -> int:
        return self.descriptor

    def read(self) -> bytes:
        return os.read(self.end, 1_000_000) if select.select([self.end], [], [], 0)[0] else b""


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.end)
    os.close(made.descriptor)


@pytest.fixture(autouse=True)
def _locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def never(error: Exception) -> None:
    raise AssertionError(error)


# --- writing -----------------------------------------------------------------------------------------


def test_what_is_kept_is_written_in_one_piece_at_the_flush(pipe: Pipe) -> None:
    output = TerminalOutput(pipe, on_fault=never)
    output.write("● live")
    output.write(" 图谱")
    assert pipe.read() == b""
    output.flush()
    assert pipe.read() == "● live 图谱".encode()
    output.flush()
    assert pipe.read() == b""
    assert output.fileno() == pipe.descriptor


DRAWN = {
    "─━╸╺╴╶–—⊘▔▀": "-",
    "│┃▏▎▍▌▕▐": "|",
    "┌┐└┘├┤┬┴┼╭╮╰╯✓": "+",
    "▋▊▉█▇▆▅": "#",
    "▄▃▂‖": "=",
    "▁": "_",
    "…◌": "~",
    "•●": "*",
    "⟩▶⏎❱": ">",
    "⟨": "<",
    "×✗": "x",
    "·": ".",
    "◐": "%",
    "◦": "o",
    "▾↓": "v",
    "▴↑": "^",
}


def test_in_ascii_every_sign_that_is_drawn_has_one_like_it_and_a_servers_text_stays(pipe: Pipe) -> None:
    output = TerminalOutput(pipe, on_fault=never, ascii=True)
    output.write("".join(DRAWN) + "🔎图é")
    output.flush()
    plain = "".join(sign * len(signs) for signs, sign in DRAWN.items())
    assert pipe.read().decode() == f"{plain}/ 图é"


def test_where_the_locale_has_no_utf8_a_question_mark_stands_for_each_cell(pipe: Pipe, monkeypatch) -> None:
    monkeypatch.setenv("LANG", "C")
    output = TerminalOutput(pipe, on_fault=never)
    output.write("● ✓ 图é🚮 x")
    output.flush()
    assert pipe.read() == b"* + ????? x"


def test_another_fault_of_the_encoding_is_raised_as_it_is() -> None:
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", "graphtop-cells")


def test_a_fault_is_told_and_the_next_text_is_written(pipe: Pipe, monkeypatch) -> None:
    told: list[Exception] = []
    output = TerminalOutput(pipe, on_fault=told.append)
    broken = ZeroDivisionError()
    with monkeypatch.context() as patched:
        patched.setattr(output, "_write_pieces", lambda: never(broken))
        output.write("lost")
        output.flush()
    assert len(told) == 1
    output.write("next")
    output.flush()
    assert pipe.read() == b"next"


def test_a_terminal_that_is_gone_gets_no_more(pipe: Pipe, monkeypatch) -> None:
    asked: list[bytes] = []

    def gone(descriptor: int, data: memoryview) -> int:
        asked.append(bytes(data))
        raise OSError

    monkeypatch.setattr(os, "write", gone)
    output = TerminalOutput(pipe, on_fault=never)
    for text in ("one", "two"):
        output.write(text)
        output.flush()
    assert asked == [b"one"]


def test_a_terminal_that_takes_little_at_a_time_gets_all_of_it(pipe: Pipe, monkeypatch) -> None:
    write, waited = os.write, []
    monkeypatch.setattr(select, "select", lambda *what: waited.append(what))
    turns = iter(range(100))

    def slow(descriptor: int, data: memoryview) -> int:
        if next(turns) % 2 == 0:
            raise BlockingIOError
        return write(descriptor, data[:3])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", slow)
        output = TerminalOutput(pipe, on_fault=never)
        output.write("a long text")
        output.flush()
    assert waited == [([], [pipe.descriptor], [])] * 4
    assert os.read(pipe.end, 100) == b"a long text"


@pytest.mark.parametrize(
    ("names", "yes"),
    [
        ({}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, True),
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_CTYPE": "POSIX", "LANG": "C.UTF-8"}, False),
    ],
)
def test_the_first_variable_that_is_set_tells_of_utf8(names: dict[str, str], yes: bool, monkeypatch) -> None:
    monkeypatch.delenv("LANG")
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert is_utf8_locale() is yes


# --- the driver --------------------------------------------------------------------------------------


class Heard:
    """A program that notes what it is told."""

    def __init__(self) -> None:
        self.options = SimpleNamespace(ascii=False)
        self.left: list[tuple[object, int]] = []
        self.faults: list[Exception] = []
        self.messages: list[object] = []

    def exit(self, result: object, code: int) -> None:
        self.left.append((result, code))

    def _handle_exception(self, error: Exception) -> None:
        self.faults.append(error)

    def post_message(self, message: object) -> bool:
        self.messages.append(message)
        return True


@pytest.fixture
async def made(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> Iterator[TerminalDriver]:
    """A driver that writes to the pipe, reads from another, and whose guard never strikes."""
    monkeypatch.setattr("sys.__stdout__", pipe)
    guards: list[tuple[float, int]] = []

    class Guard:
        daemon = False

        def __init__(self, seconds: float, work: object, arguments: list[int]) -> None:
            self.what = (seconds, arguments[0])

        def start(self) -> None:
            assert self.daemon, "it would keep the program"
            guards.append(self.what)

    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    monkeypatch.setattr(threading, "Timer", Guard)
    keys, typing = os.pipe()
    made = TerminalDriver(Heard())
    made.fileno, made.typing, made.guards = keys, typing, guards
    monkeypatch.setattr(made, "send_message", made._app.messages.append)
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)
    os.close(keys)
    if made.typing is not None:
        os.close(made.typing)


@pytest.mark.parametrize("number", ENDING_SIGNALS)
async def test_a_signal_ends_it_with_its_number_once(made: TerminalDriver, number: int) -> None:
    for again in (number, signal.SIGTERM):
        signal.raise_signal(again)
    await asyncio.sleep(0)
    assert made._app.left == [(None, 128 + number)]
    assert made.guards == [(driver.GRACE_SECONDS, 128 + number)]


async def test_of_two_sizes_at_once_the_newer_is_told_last(
    made: TerminalDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [(200, 60), (80, 24)]

    def read() -> tuple[int, int]:
        size = sizes.pop(0)
        if sizes:
            # The terminal changes again before this size has been told.
            signal.raise_signal(signal.SIGWINCH)
        return size

    monkeypatch.setattr(LinuxDriver, "start_application_mode", lambda self: None)
    monkeypatch.setattr(made, "_get_terminal_size", read)
    before = signal.getsignal(signal.SIGWINCH)
    try:
        made.start_application_mode()
        signal.raise_signal(signal.SIGWINCH)
        for _ in range(3):
            await asyncio.sleep(0)
    finally:
        signal.signal(signal.SIGWINCH, before)
    assert [message.size for message in made._app.messages] == [(200, 60), (80, 24)]


async def test_a_signal_that_is_ignored_stays_ignored(monkeypatch, pipe: Pipe) -> None:
    monkeypatch.setattr("sys.__stdout__", pipe)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING_SIGNALS}
    try:
        TerminalDriver(Heard())
        assert [signal.getsignal(number) for number in ENDING_SIGNALS] == [signal.SIG_IGN] * len(
            ENDING_SIGNALS
        )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def test_a_fault_of_a_thread_is_handed_on_and_ends_it(made: TerminalDriver) -> None:
    fault = ZeroDivisionError()
    made._output._on_fault(fault)
    await asyncio.sleep(0)
    assert made._app.faults == [fault]
    assert made._app.left == [(None, 1)]


async def test_what_is_typed_is_echoed_again_only_when_all_is_written(
    made: TerminalDriver, pipe: Pipe, monkeypatch
) -> None:
    # Longer than what a pipe takes: the writing lasts until it is read.
    drawn = "─" * 100_000
    written, restored = bytearray(), list[int]()
    monkeypatch.setattr(termios, "tcsetattr", lambda *what: restored.append(len(written)))
    monkeypatch.setattr(made, "disable_input", lambda: None)
    made._writer_thread = WriterThread(made._file)
    made._writer_thread.start()
    made.attrs_before = ["before"]
    made.write(drawn)
    stopping = asyncio.create_task(asyncio.to_thread(made.stop_application_mode))
    while not stopping.done():
        written += pipe.read()
        await asyncio.sleep(0)
    await stopping
    written += pipe.read()
    assert bytes(written).startswith(drawn.encode())
    assert written.endswith(b"\x1b[?1004l")
    # What the pipe holds, and what was just read, is not counted yet.
    assert restored[0] >= len(written) - 2 * 65_536


async def test_what_is_given_up_leaves_the_terminal_as_it_was(
    made: TerminalDriver, pipe: Pipe, monkeypatch
) -> None:
    monkeypatch.setattr(driver, "_LAST_WRITE_SECONDS", 0.01)
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    restored: list[object] = []
    monkeypatch.setattr(termios, "tcsetattr", lambda *what: restored.append(what))
    made.attrs_before = None
    made._exit_now(143)
    assert restored == []
    made.attrs_before = ["before"]
    made._exit_now(129)
    assert restored == [(made.fileno, termios.TCSANOW, ["before"])]
    assert ended == [143, 129]
    assert pipe.read() == 2 * driver._RESET_SEQUENCE
    assert not os.get_blocking(pipe.descriptor)


async def test_the_size_is_the_terminals_own_and_never_nothing(made: TerminalDriver, monkeypatch) -> None:
    for size, expected in (((100, 30), (100, 30)), ((0, 0), (80, 25))):
        monkeypatch.setattr(os, "get_terminal_size", lambda _, size=size: os.terminal_size(size))
        assert made._get_terminal_size() == expected
    asked: list[int] = []

    def none(descriptor: int) -> os.terminal_size:
        asked.append(descriptor)
        raise OSError

    monkeypatch.setattr(os, "get_terminal_size", none)
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("LINES", "20")
    assert made._get_terminal_size() == (70, 20)
    assert asked[0] == made._output.fileno()


async def test_keys_are_read_until_the_terminal_is_gone(made: TerminalDriver) -> None:
    os.write(made.typing, b"j\x1b[200~a\x1b[31mb\r\nc\x1b[201~\x1b[B")
    os.close(made.typing)
    made.typing = None
    await asyncio.to_thread(made.run_input_thread)
    await asyncio.sleep(0)
    heard = [message for message in made._app.messages if isinstance(message, (events.Key, events.Paste))]
    assert [getattr(message, "key", None) or message.text for message in heard] == ["j", "a[31mb", "down"]
    assert made._app.left == [(None, 128 + signal.SIGHUP)]


async def test_many_characters_at_once_are_one_message_and_never_a_part_of_a_paste(
    made: TerminalDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = 30
    pieces = [
        b"a" * long,
        b"\x1b[200~",
        b"b" * long,
        b"c" * long,
        b"\x1b[201~",
        b"d" * long,
        b"e" * long,
        b"",
    ]
    os.write(made.typing, b"there is something to read")
    monkeypatch.setattr(made, "_read_input", lambda: pieces.pop(0))
    await asyncio.to_thread(made.run_input_thread)
    await asyncio.sleep(0)
    heard = [message for message in made._app.messages if isinstance(message, (KeyRun, events.Paste))]
    assert [(type(message), message.text) for message in heard] == [
        (KeyRun, "a" * long),
        (events.Paste, "b" * long + "c" * long),
        (KeyRun, "d" * long),
        (KeyRun, "e" * long),
    ]


async def test_the_reading_ends_with_the_program(made: TerminalDriver) -> None:
    made.exit_event.set()
    await asyncio.to_thread(made.run_input_thread)
    assert made._app.left == []


async def test_a_descriptor_that_can_not_be_read_is_the_end(made: TerminalDriver) -> None:
    made.fileno, keys = 10_000, made.fileno
    assert made._read_input() == b""
    made.fileno = keys
    os.write(made.typing, b"xy")
    assert made._read_input() == b"xy"


async def test_what_is_given_up_while_the_terminal_takes_no_bytes_leaves_it_as_it_was(
    made: TerminalDriver, monkeypatch
) -> None:
    monkeypatch.setattr(driver, "_LAST_WRITE_SECONDS", 0.01)
    monkeypatch.setattr(os, "_exit", lambda code: None)
    monkeypatch.setattr(made, "disable_input", lambda: None)
    restored: list[object] = []
    monkeypatch.setattr(termios, "tcsetattr", lambda *what: restored.append(what[-1]))
    waits, goes_on = threading.Event(), threading.Event()

    def hold(text: str) -> None:
        if text == "\x1b[?1049l":
            waits.set()
            assert goes_on.wait(PATIENCE)

    monkeypatch.setattr(made, "write", hold)
    made.attrs_before = ["before"]
    stopping = asyncio.create_task(asyncio.to_thread(made.stop_application_mode))
    await asyncio.to_thread(waits.wait, PATIENCE)
    made._exit_now(143)
    restored_by_then = list(restored)
    goes_on.set()
    await stopping
    assert restored_by_then == [["before"]]
