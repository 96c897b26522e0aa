"""What is imported before the first rows: each module costs a tenth of a millisecond at least."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.terminal.conftest import Open, Simulate
from tests.terminal.terminal_emulator import Terminal

COUNTING = (sys.executable, "-m", "tests.terminal.counting_program")
MOST_MODULES = 790
"""A little more than there are: who adds one looks whether the first rows need it."""
LATER = (
    "tui.screens.dialogs.",
    "tui.screens.welcome",
    "tui.screens.tasks.copy_controller",
    "tui.screens.tasks.save_controller",
    "tui.screens.tasks.palette_choices",
    "tui.monitor.joint_health",
    "tui.monitor.placed_backend",
    "tui.monitor.history.database",
    "tui.monitor.history.storage",
    "sqlite3",
    "tui.monitor.task_source",
    "backend_adapters.transport.request_budget",
    "backend_adapters.ges",
    "backend_adapters.simulator.ges",
    "textual.types",
    "textual.widgets._option_list",
    "pydantic",
    "click",
    "pygments",
    "uvicorn",
)
"""Packages and modules that a key, a login, another server or several places together need."""


def modules_at_first_rows(terminal: Terminal, file: Path) -> list[str]:
    assert terminal.exit_code() == 0
    return file.read_text().split()


@pytest.mark.parametrize("place", ["demo", "a server"])
def test_the_first_rows_wait_for_few_modules(
    graphtop: Open, simulate: Simulate, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "modules"
    address = "demo" if place == "demo" else simulate().url
    terminal = graphtop(str(file), address, program=COUNTING)
    loaded = modules_at_first_rows(terminal, file)
    assert [name for name in loaded if name.startswith(LATER)] == []
    assert len(loaded) <= MOST_MODULES
