"""Which terminal it is, and what it is known to show."""

from __future__ import annotations

import pytest

from tui.notices.terminals import has_title, identify_terminal, identify_tmux_client, read_version_numbers


@pytest.mark.parametrize(
    ("env", "method", "shows_progress"),
    [
        ({"TERM": "xterm-kitty"}, "osc99", False),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "osc99", False),
        ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"}, "osc777", True),
        ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.1.3"}, "osc777", False),
        ({"TERM": "xterm-ghostty"}, "osc777", False),
        ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20250209-182623-44866cc1"}, "osc777", True),
        ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"}, "osc777", False),
        ({"TERM": "foot"}, "osc777", False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, "osc9", True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.14"}, "osc9", False),
        ({"LC_TERMINAL": "iTerm2", "LC_TERMINAL_VERSION": "3.6.10"}, "osc9", True),
        ({"TERM_PROGRAM": "WarpTerminal", "TERM_PROGRAM_VERSION": "v0.2026"}, "osc9", False),
        ({"WT_SESSION": "x", "TERM": "xterm-256color"}, "bell", True),
        ({"ConEmuANSI": "ON"}, "bell", True),
        ({"VTE_VERSION": "8000", "TERM": "xterm-256color"}, "bell", True),
        ({"VTE_VERSION": "6800"}, "bell", False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "bell", False),
        ({"TERM_PROGRAM": "vscode", "VTE_VERSION": "8000", "KITTY_WINDOW_ID": "1"}, "bell", False),
        ({"TERM": "xterm-256color"}, "bell", False),
        ({"TERM": "linux"}, "bell", False),
        ({}, "bell", False),
    ],
)
def test_a_terminal_is_sent_only_what_it_is_known_to_show(
    env: dict[str, str], method: str, shows_progress: bool
) -> None:
    terminal = identify_terminal(env)
    assert (terminal.method, terminal.shows_progress) == (method, shows_progress)


@pytest.mark.parametrize(
    ("term", "told", "method"),
    [
        ("xterm-kitty", "kitty(0.32.0)", "osc99"),
        ("xterm-256color", "WezTerm 20250209-182623-44866cc1", "osc777"),
        ("xterm-256color", "iTerm2 3.6.6", "osc9"),
        ("xterm-ghostty", "ghostty 1.2.0", "osc777"),
        ("xterm-kitty", "", "osc99"),
        ("foot", "", "osc777"),
        ("xterm-256color", "XTerm(388)", "bell"),
        ("", "", "bell"),
    ],
)
def test_what_tmux_is_shown_on_is_known_by_what_it_told_tmux(term: str, told: str, method: str) -> None:
    assert identify_tmux_client(term, told).method == method


def test_a_version_is_read_as_numbers() -> None:
    assert read_version_numbers("3.6.6") == (3, 6, 6)
    assert read_version_numbers("kitty(0.32.0)") == (0, 32, 0)
    assert read_version_numbers("") == ()


def test_a_console_has_no_title() -> None:
    titled = ("xterm", "xterm-256color", "tmux-256color", "screen", "alacritty", "foot", "st", "st-256color")
    assert all(has_title({"TERM": term}) for term in titled)
    assert not any(has_title({"TERM": term}) for term in ("linux", "vt100", "dumb", "ansi", "stv52", ""))
