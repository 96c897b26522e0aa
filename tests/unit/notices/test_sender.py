"""What is sent follows the settings: a sequence, a bell, a command, or nothing."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tui.config.options import NoticeOptions
from tui.notices.sender import NoticeSender

GHOSTTY = {"TERM_PROGRAM": "ghostty"}


async def send(env: dict[str, str], **options: str) -> tuple[str, list[str]]:
    written: list[str] = []
    return await NoticeSender(NoticeOptions(**options), written.append, env).send("done"), written


@pytest.mark.parametrize(
    ("env", "method", "written"),
    [
        (GHOSTTY, "auto", ["\x1b]777;notify;graphtop;done\x1b\\"]),
        ({}, "auto", ["\a"]),
        (GHOSTTY, "bell", ["\a"]),
        ({}, "osc9", ["\x1b]9;graphtop: done\x1b\\"]),
        (GHOSTTY, "off", []),
    ],
)
async def test_a_terminal_gets_what_it_knows_or_what_a_person_says(
    env: dict[str, str], method: str, written: list[str]
) -> None:
    assert await send(env, method=method) == ("", written)


@pytest.mark.parametrize("method", ["auto", "command"])
async def test_a_command_goes_before_the_terminal(tmp_path: Path, method: str) -> None:
    write = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    command = shlex.join([sys.executable, "-c", write, str(tmp_path / "said")])
    assert await send(GHOSTTY, method=method, command=command) == ("", [])
    assert (tmp_path / "said").read_text() == "done"


async def test_why_nothing_is_sent_is_said() -> None:
    missing = 'notify is "command", but notify_command is not set.'
    assert await send(GHOSTTY, method="command") == (missing, [])
    refused = "config.toml:3: notify_command is not used. Others can write the file."
    assert await send(GHOSTTY, refused=refused) == (refused, [])
    failed = "notify_command failed: it can't be run: No such file or directory."
    assert await send(GHOSTTY, command="/nowhere/x") == (failed, [])
    assert await send(GHOSTTY, method="bell", command="/nowhere/x") == ("", ["\a"])
