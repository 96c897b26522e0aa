"""However the program ends, the terminal is left as it was found."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace

import psutil
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from tests.fuzz.hostile_server import served
from tests.support.held_servers import HeldTexts
from tests.support.patience import PATIENCE
from tests.terminal.conftest import Open, Simulate
from tests.terminal.patient_program import PATIENT
from tests.terminal.terminal_emulator import ALTERNATE_SCREEN, Terminal, assert_clean

CTRL_C, CTRL_Q = "\x03", "\x11"


def opened(graphtop: Open, *arguments: str, **options: object) -> Terminal:
    terminal = graphtop(*(arguments or ("demo",)), **options)
    terminal.wait_for("● live")
    return terminal


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signals_end_it_cleanly(graphtop: Open, number: int, code: int) -> None:
    terminal = opened(graphtop)
    terminal.send("?")
    terminal.wait_for("Move up or down")
    terminal.signal(number)
    assert terminal.exit_code() == code
    assert_clean(terminal)
    assert b"Traceback" not in terminal.raw


IMPATIENT = (
    sys.executable,
    "-c",
    "from tui.textual_ext import driver; driver.GRACE_SECONDS = 0.0; from tui.__main__ import main; main()",
)
"""graphtop that has no time to end by itself after a signal."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_one_that_has_no_time_to_end_by_itself_leaves_the_terminal_clean(
    graphtop: Open, number: int, code: int
) -> None:
    terminal = opened(graphtop, program=IMPATIENT)
    terminal.send("?")
    terminal.signal(number)
    assert terminal.exit_code() == code
    assert_clean(terminal)


def test_two_signals_at_once_end_it_once(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.signal(signal.SIGTERM)
    terminal.signal(signal.SIGINT)
    assert terminal.exit_code() in (143, 130)
    assert_clean(terminal)


@pytest.mark.parametrize("shell", ["", "trap '' HUP"], ids=["hung up", "hang-up ignored"])
def test_a_vanished_terminal_ends_it(graphtop: Open, shell: str) -> None:
    terminal = opened(graphtop, shell=shell)
    terminal.vanish()
    assert terminal.exit_code() == 129


def test_nohup_is_heeded(graphtop: Open) -> None:
    terminal = opened(graphtop, shell="trap '' HUP")
    terminal.signal(signal.SIGHUP)
    terminal.send("?")
    terminal.wait_for("Move up or down")
    terminal.send("\x1b")
    terminal.wait_gone("Move up or down")
    assert terminal.process.poll() is None


def fill(terminal: Terminal) -> None:
    """Read no more, and let the program write until the terminal takes no more bytes."""
    terminal.freeze()
    seen = 0

    def full() -> bool:
        nonlocal seen
        # Every key that turns the help on and off writes a screen full of text.
        terminal.send("?\x1b")
        seen = seen + 1 if terminal.full() else 0
        # A terminal that is called full has room for the last of some text, but not for more.
        return seen > 20

    terminal.wait(full, "a terminal that takes no more bytes")


def test_a_terminal_that_takes_no_bytes_does_not_keep_it(graphtop: Open) -> None:
    terminal = opened(graphtop)
    fill(terminal)
    terminal.signal(signal.SIGTERM)
    assert terminal.process.wait(PATIENCE) == 143
    assert terminal.restored()


def test_a_terminal_that_takes_bytes_again_after_a_while_is_left_as_it_was(graphtop: Open) -> None:
    terminal = opened(graphtop, program=PATIENT)
    fill(terminal)
    terminal.signal(signal.SIGTERM)
    terminal.wait(terminal.given_up, "the end of its patience")
    terminal.thaw()
    assert terminal.exit_code() == 143
    assert_clean(terminal)


def test_ctrl_c_is_a_key_and_ends_nothing(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.send(CTRL_C)
    terminal.send("?")
    terminal.wait_for("Move up or down")
    assert terminal.process.poll() is None


def test_ctrl_q_quits_out_of_a_dialog(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.send("S")
    terminal.wait_for("Sort by")
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert_clean(terminal)


def test_ctrl_q_quits_as_soon_as_a_detail_is_wished_for(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.send("\r")
    terminal.wait_for("Overview")
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert b"Traceback" not in terminal.raw
    assert_clean(terminal)


def test_ctrl_q_quits_while_a_detail_arrives(graphtop: Open) -> None:
    app = HeldTexts(hugegraph_app(replace(EMPTY_HUGEGRAPH, huge=8_000_000)))
    with served(app) as url:
        terminal = opened(graphtop, url, program=PATIENT)
        terminal.wait_for("✓ success")
        terminal.send("\r")
        assert app.holding.wait(PATIENCE)
        terminal.send(CTRL_Q)
        assert terminal.exit_code() == 0
        assert b"Traceback" not in terminal.raw
        assert_clean(terminal)


@pytest.mark.parametrize("connected", [True, False])
def test_ctrl_q_quits_while_a_server_keeps_it_waiting(
    graphtop: Open, simulate: Simulate, connected: bool
) -> None:
    server = simulate()
    if not connected:
        server.process.send_signal(signal.SIGSTOP)
    terminal = graphtop(server.url, "--interval", "0.2", program=PATIENT)
    terminal.wait_for("● live" if connected else "Connecting…")
    if connected:
        server.process.send_signal(signal.SIGSTOP)
        terminal.wait_for("! stale")
        terminal.send("\r")
        terminal.wait_for("Overview")
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert_clean(terminal)


def test_stopped_and_continued(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.signal(signal.SIGTSTP)
    process = psutil.Process(terminal.process.pid)
    terminal.wait(lambda: process.status() == psutil.STATUS_STOPPED, "the stop")
    terminal.drain()
    assert_clean(terminal)
    terminal.signal(signal.SIGCONT)
    terminal.wait(lambda: bool(terminal.mode(ALTERNATE_SCREEN)), "the return")
    # Everything is drawn again, and no key is needed for that.
    terminal.wait(lambda: "STATUS" in terminal.text() and "Help" in terminal.lines()[-1], "the whole screen")
    terminal.send("?")
    terminal.wait_for("Move up or down")
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert_clean(terminal)
