"""What tmux and GNU screen are sent for the terminal that they are shown on, and what tmux is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.multiplexers import run_tmux, wrap_for_tmux


def test_tmux_gets_each_escape_twice() -> None:
    assert wrap_for_tmux("\x1b]9;x\x1b\\") == "\x1bPtmux;\x1b\x1b]9;x\x1b\x1b\\\x1b\\"


def install_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


async def test_a_command_of_tmux_gets_its_words_and_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_tmux(tmp_path, monkeypatch, 'echo "$@"; cat >&2; exit 3')
    assert await run_tmux("load-buffer", "-", text="é", seconds=30) == (3, "load-buffer -\n", "é")


async def test_a_tmux_that_does_not_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "pid"
    install_tmux(tmp_path, monkeypatch, f"echo $$ > '{pid}'; exec sleep 600")
    with pytest.raises(TimeoutError):
        await run_tmux("display-message", seconds=1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
