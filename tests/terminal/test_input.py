"""Bytes that no key sends: nothing dies of them, and nothing is misread."""

from __future__ import annotations

import re

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal_emulator import Terminal
from tui.text import PASTE_LIMIT
from tui.textual_ext.input_decoder import InputDecoder

SIZES = [(200, 60), (20, 5), (150, 10), (30, 50), (111, 22), (20, 5), (200, 60), (80, 24)]


def opened(graphtop: Open) -> Terminal:
    terminal = graphtop("demo")
    terminal.wait_for("● live")
    return terminal


def assert_alive(terminal: Terminal) -> None:
    """Keys do what they did before."""
    terminal.send("?")
    terminal.wait_for("Move up or down")
    terminal.send("\x1b")
    terminal.wait_gone("Move up or down")
    assert terminal.process.poll() is None


def test_legacy_mouse_bytes(graphtop: Open) -> None:
    terminal = opened(graphtop)
    for place in range(0x21, 0x100, 7):
        terminal.send(b"\x1b[M" + bytes([0x20, place, 0xFF - place + 0x21]))
    terminal.send(b"\x1b[M !q\xff\xfe\xc3\x28\x80")
    assert_alive(terminal)


def test_a_pasted_block_presses_no_keys(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.send(b"\x1b[200~" + b"q\x04C4S?\r\n" * 14_000 + b"\x1b[201~")
    assert_alive(terminal)
    # What comes last shows all that was pressed before: the order is part of what is listed.
    terminal.send("I")
    terminal.wait_for("AGE▴")
    assert re.search(r"tasks · [\d,]+ ", terminal.text()), "a status was chosen"


def test_a_paste_into_the_filter_stays_one_line(graphtop: Open) -> None:
    terminal = opened(graphtop)
    terminal.send("/")
    terminal.wait_for("status=failed")
    terminal.send("\x1b[200~DROP ALL\r\nq\x1b[201~")
    terminal.wait(lambda: re.search("^ */ DROP ALL +1 of", terminal.text(), re.M) is not None, "the filter")
    assert terminal.process.poll() is None


def test_a_resize_storm(graphtop: Open) -> None:
    terminal = opened(graphtop)
    for width, height in SIZES * 3:
        terminal.resize(width, height)
        terminal.send("j")
    terminal.wait(lambda: "Detail" in terminal.lines()[-1], "the footer in the last line")
    terminal.wait(
        lambda: terminal.lines()[0].startswith("  ") and "live" in terminal.lines()[0], "the header"
    )
    terminal.wait(
        lambda: terminal.lines()[-2].startswith("╰") and len(terminal.lines()[-2]) == 80, "the frame"
    )
    assert len(terminal.lines()) == 24
    assert_alive(terminal)


# A read may not end within `ESC [`: an escape key doesn't wait for what may follow.
@pytest.mark.parametrize("cut", [0, 1, 2, 3, 6, 7, 8, 9])
def test_mouse_bytes_are_left_out_wherever_a_read_ends(cut: int) -> None:
    data = "aé\x1b[M".encode() + b"\xff\xfe\xfd" + "語".encode()
    decoder = InputDecoder()
    assert decoder.decode(data[:cut]) + decoder.decode(data[cut:]) == "aé語"


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    assert InputDecoder().decode(b"a\xffb") == "a�b"


TEXT = "q\x1b[A\x1b[?1049lq\x1bOPq\x11\x1b\x1b[Mabc語\x1b[200~q\r\n\tx\x7f"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_a_paste_holds_no_keys_wherever_a_read_ends(size: int) -> None:
    data = b"j\x1b[200~" + TEXT.encode() + b"\x1b[201~k\x1b[200~\x1b[201~\x1b[B"
    decoder = InputDecoder()
    text = "".join(decoder.decode(data[at : at + size]) for at in range(0, len(data), size))
    assert text == ("j\x1b[200~q[A[?1049lqOPq[Mabc語[200~q\r\n\tx\x1b[201~k\x1b[200~\x1b[201~\x1b[B")


def test_of_a_huge_text_without_the_marks_of_a_paste_only_the_beginning_is_taken() -> None:
    decoder = InputDecoder()
    taken = "".join(decoder.decode(b"drop " * 800) for _ in range(100))
    assert len(taken) == 4 * PASTE_LIMIT
    assert [decoder.decode(data) for data in (b"q", b"\x1b[A", b"drop " * 800)] == [
        "q",
        "\x1b[A",
        "drop " * 800,
    ]


def test_of_a_huge_paste_only_the_beginning_is_taken() -> None:
    decoder = InputDecoder()
    pieces = [b"\x1b[200~", *[b"x" * 4096] * 1000, b"\x1b[20", b"1~q"]
    text = "".join(map(decoder.decode, pieces))
    assert text == "\x1b[200~" + "x" * 4 * PASTE_LIMIT + "\x1b[201~q"
