"""What the commands print of hostile words: no control character, whatever the format."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.fuzz.hostile_server import HostileApp, record, served
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, environment

NAMES = ("\x1b[2J", "\x9b31m\u202e", "a\nb\x07", "\x1b]52;c;eA==\x07")
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "command", ["ls", "ls -o table", "ls -o wide", "ls -o json", "ls -o csv", "get 1", "graphs", "doctor"]
)
def test_nothing_that_a_server_says_acts_on_who_reads_it(command: str, tmp_path: Path) -> None:
    with served(HostileApp([record(number, name) for number, name in enumerate(NAMES, 1)])) as url:
        done = subprocess.run(
            [*GRAPHTOP, *command.split(), "--url", url],
            env=environment(tmp_path),
            cwd=ROOT,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    said = (done.stdout + done.stderr).decode()
    assert said
    assert ACTING.findall(said) == []
