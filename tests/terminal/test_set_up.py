"""The set-up makes a working environment also where there is one that it can't use."""

from __future__ import annotations

import platform
import subprocess
import sys
import venv
from pathlib import Path

from tests.terminal.terminal_emulator import ROOT

MAKE_ENVIRONMENT = (
    "import sys; from pathlib import Path; sys.path.insert(0, '.tools'); "
    "import set_up; set_up.create_environment(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def create(folder: Path) -> str:
    """Let the set-up make an environment, and see that it has a pip; gives what it said."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE_ENVIRONMENT, str(folder), "requirements.lock"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    subprocess.run([folder / "bin" / "python", "-m", "pip", "--version"], check=True, capture_output=True)
    return made.stdout


def test_an_environment_without_pip_is_made_anew_and_one_with_pip_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    venv.create(folder, with_pip=False)
    assert create(folder) == f"graphtop: creating {folder} anew\n"
    (folder / "graphtop.lock").touch()
    assert create(folder) == ""


def test_an_environment_whose_set_up_was_killed_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "named"
    create(folder)
    (folder / "graphtop.unfinished").touch()
    broken = next(folder.glob("lib/python*/site-packages/pip/__main__.py"))
    broken.write_text("")
    assert create(folder) == f"graphtop: creating {folder} anew\n"
    assert broken.read_text()


def test_an_environment_of_another_python_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    venv.create(folder, with_pip=False)
    (folder / "graphtop.lock").touch()
    python = folder / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\necho 3.9\n")
    python.chmod(0o755)
    assert create(folder) == f"graphtop: creating {folder} anew\n"
    version = subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout
    assert version == f"Python {platform.python_version()}\n"
