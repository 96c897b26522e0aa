"""An output that takes nothing, and a standard error that is closed: every command is as tidy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done
from tui.cli import run as run_here
from tui.cli.registry import COMMANDS

WRITE = [
    ["--version"],
    ["--help"],
    ["help"],
    ["config", "check"],
    ["config", "example"],
    ["config", "path"],
    ["completion", "bash"],
    ["journal", "--path"],
    ["simulate", "--port", "0", "--tasks", "1"],
    ["simulate", "--port", "0", "--tasks", "1", "--dialect", "ges"],
    *(["help", command] for command in COMMANDS),
    *([command, "--help"] for command in COMMANDS),
]


@pytest.fixture
def full(home: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., tuple[int, str]]:
    """Run a command onto a disk without any room; gives its exit code and what it says on standard error."""

    def ran(*arguments: str) -> tuple[int, str]:
        with Path("/dev/full").open("w", encoding="utf-8") as stream, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            patch.setenv("HOME", str(home))
            try:
                code = run_here(arguments)
            except SystemExit as ended:
                code = ended.code
        return code, capsys.readouterr().err

    return ran


@pytest.mark.parametrize("arguments", WRITE, ids=" ".join)
def test_an_output_that_takes_nothing_is_told(full, arguments: list[str]) -> None:
    assert full(*arguments) == (1, "graphtop: Can't write the output: No space left on device.\n")


def test_what_is_wrong_with_the_file_is_no_reason_to_hide_it(full, monkeypatch) -> None:
    monkeypatch.setenv("GRAPHTOP_CONFIG", "/no/such")
    code, said = full("config", "check")
    assert (code, said.splitlines()[-1]) == (1, "graphtop: Can't write the output: No space left on device.")


@pytest.mark.parametrize(
    ("arguments", "env", "code"),
    [
        (["ls", "--bogus"], {}, 2),
        (["ls"], {}, 2),
        (["frobnicate"], {}, 2),
        (["config", "check"], {"GRAPHTOP_CONFIG": "/no/such"}, 2),
        (["ls", "--url", "https://127.0.0.1:9", "--insecure"], {}, 5),
    ],
)
def test_nobody_is_told_where_standard_error_is_closed(
    call: Callable[..., Done], monkeypatch, arguments: list[str], env: dict[str, str], code: int
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    done = call(*arguments, env=env)
    assert done.returncode == code
    assert "graphtop" not in done.stdout.replace("/graphtop/", "")
