"""The set-up makes a working environment also where another tool has left one that it can't use."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from tests.terminal.term import ROOT

MAKE_ENVIRONMENT = (
    "import sys; from pathlib import Path; sys.path.insert(0, '.tools'); "
    "import set_up; set_up.create_environment(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def test_an_environment_without_pip_is_made_anew_and_one_with_pip_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    venv.create(folder, with_pip=False)
    for said in (f"graphtop: creating {folder}\n", ""):
        made = subprocess.run(
            [sys.executable, "-c", MAKE_ENVIRONMENT, str(folder), "requirements.lock"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        assert made.stdout == said
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "--version"], check=True, capture_output=True)
