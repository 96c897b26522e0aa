"""How the terminal is reached: directly, and through multiplexers that may pass on nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.notices.route import TerminalRoute, find_route, read_tmux_answer
from tui.notices.terminals import TerminalKind

KITTY = "xterm-kitty kitty(0.32.0)"


@pytest.mark.parametrize(
    ("said", "method"),
    [
        (f"on 1 1 {KITTY}\n", "osc99"),
        (f"all 0 1 {KITTY}\n", "osc99"),
        (f"on 0 1 {KITTY}\n", "bell"),
        (f"on 1 0 {KITTY}\n", "bell"),
        (f"1 1 1 {KITTY}\n", "osc99"),
        (f"off 1 1 {KITTY}\n", "bell"),
        (f"0 1 1 {KITTY}\n", "bell"),
        ("all 1 1 xterm-256color WezTerm 20250209-182623\n", "osc777"),
        ("all 1 1 xterm-256color \n", "bell"),
        ("", "bell"),
        ("error", "bell"),
    ],
)
def test_tmux_says_what_it_passes_on_and_to_which_terminal(said: str, method: str) -> None:
    assert read_tmux_answer(said).method == method


def test_progress_goes_only_where_it_is_shown() -> None:
    shown = read_tmux_answer("on 1 1 xterm-ghostty ghostty 1.2.3")
    assert shown.carry_progress(40, has_failed=False) == "\x1bPtmux;\x1b\x1b]9;4;1;40\x1b\x1b\\\x1b\\"
    assert shown.carry_no_progress() == "\x1bPtmux;\x1b\x1b]9;4;0;0\x1b\x1b\\\x1b\\"
    for hidden in (read_tmux_answer("off 1 1 xterm-ghostty ghostty 1.2.3"), TerminalRoute()):
        assert hidden.carry_progress(40, has_failed=False) == hidden.carry_no_progress() == ""


def test_within_gnu_screen_no_string_ends_the_wrapping() -> None:
    route = TerminalRoute(TerminalKind("iterm"), "screen")
    assert route.carry_notice("osc9", "done") == "\x1bP\x1b]9;graphtop: done\x07\x1b\\"


async def test_a_tmux_that_can_not_be_asked_has_its_bell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    route = await find_route({"TMUX": "/x,1,0", "TERM_PROGRAM": "ghostty"})
    assert route.carry_notice(route.method, "done") == "\a"


async def test_without_a_multiplexer_the_variables_tell() -> None:
    assert (await find_route({"TERM_PROGRAM": "ghostty"})).method == "osc777"
    assert (await find_route({"TERM_PROGRAM": "ghostty", "STY": "1.x"})).through == "screen"
