"""What is left out of Textual is what its application doesn't need, and anything else is still there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import textual

from tui.textual_ext.left_out import PALETTE_MODULE, PALETTE_NAMES

LEFT_OUT = "from tui.textual_ext.left_out import leave_out_palette; leave_out_palette(); "
WITH_AN_APPLICATION = ("app.py", "theme.py")
"""The modules of Textual that import the palette when an application is imported."""


def run_python(code: str) -> str:
    """What a Python of its own prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def names_from_palette(file: str) -> set[str]:
    """The names that a module of Textual imports from the palette's."""
    tree = ast.parse((Path(textual.__file__).parent / file).read_text())
    return {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == PALETTE_MODULE
        for name in node.names
    }


def test_the_names_are_those_that_textual_takes() -> None:
    # With one more, the real module would be loaded; with one less, a class would stand for nothing.
    assert set().union(*map(names_from_palette, WITH_AN_APPLICATION)) == PALETTE_NAMES


def test_an_application_comes_without_the_palette_and_its_widgets() -> None:
    said = run_python(f"{LEFT_OUT}import sys, textual.app; print(*sys.modules)").split()
    assert "textual.app" in said
    assert {name for name in said if name in ("textual.types", "textual.widgets._select")} == set()


def test_any_other_name_comes_from_the_real_module() -> None:
    said = run_python(f"{LEFT_OUT}import textual.app; from textual.command import Command; print(Command)")
    assert "textual.command.Command" in said


def test_a_palette_that_is_loaded_already_stays() -> None:
    said = run_python(f"import textual.app; {LEFT_OUT}from textual.command import Hit; print(Hit.__module__)")
    assert said.strip() == PALETTE_MODULE
