"""The command that shows a notice: its words are given as they are, and it can't stay for ever."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import psutil

from tests.support.patience import PATIENCE
from tui.notices.command import run_notice_command

WRITE = "import sys, os, json; json.dump([sys.argv[2:], dict(os.environ)], open(sys.argv[1], 'w'))"


async def run(command: str, text: str, **more: float) -> str:
    env = {"PATH": os.environ["PATH"], "GRAPHTOP_PASSWORD": "hunter2", "KEPT": "yes"}
    return await run_notice_command(command, text, env, **more)


def is_going_on(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_the_text_is_one_argument_that_no_shell_reads(tmp_path: Path) -> None:
    import json

    file = tmp_path / "said"
    command = shlex.join([sys.executable, "-c", WRITE, str(file), "two words"])
    text = "$(touch x); `id` && \"quoted\" 'it' * ~ \x1b[2J"
    assert await run(command, text, limit=PATIENCE) == ""
    words, env = json.loads(file.read_text())
    assert words == ["two words", text.replace("\x1b", "␛")]
    assert env["KEPT"] == "yes"
    assert "GRAPHTOP_PASSWORD" not in env


async def test_what_goes_wrong_is_said() -> None:
    assert await run("/nowhere/notify", "x") == "it can't be run: No such file or directory."
    assert await run("false", "x", limit=PATIENCE) == "exit code 1."


async def test_one_that_goes_on_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = tmp_path / "slow"
    script.write_text(f"#!/bin/sh\nsleep 1000 & echo $! > {pid}\nwait\n")
    script.chmod(0o755)
    assert await run(str(script), "x", limit=1.0) == "it was ended after 1 s."
    assert not is_going_on(int(pid.read_text()))


async def test_a_text_that_a_server_chose_is_no_flag(tmp_path: Path) -> None:
    import json

    file = tmp_path / "said"
    command = shlex.join([sys.executable, "-c", WRITE, str(file)])
    assert await run(command, "--icon=/x ended", limit=PATIENCE) == ""
    assert json.loads(file.read_text())[0] == [" --icon=/x ended"]
