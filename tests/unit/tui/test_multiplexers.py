"""What tmux and GNU screen are sent for the terminal that they are shown on."""

from __future__ import annotations

from tui.multiplexers import wrap_for_tmux


def test_tmux_gets_each_escape_twice() -> None:
    assert wrap_for_tmux("\x1b]9;x\x1b\\") == "\x1bPtmux;\x1b\x1b]9;x\x1b\x1b\\\x1b\\"
