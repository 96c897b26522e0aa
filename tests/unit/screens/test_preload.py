"""What is imported after the first rows is all that a key can open."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import tui.screens.dialogs
from tui.screens.preload import LATER_MODULES


def test_all_are_there() -> None:
    assert [name for name in LATER_MODULES if find_spec(name) is None] == []


def test_they_are_all_dialogs() -> None:
    folder = Path(tui.screens.dialogs.__path__[0])
    dialogs = {f"tui.screens.dialogs.{path.stem}" for path in folder.glob("[!_]*.py")}
    assert dialogs - set(LATER_MODULES) == set()
