"""What benches and tests keep of what they watch is never in the files of whoever runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.own_folders import leave_personal_out
from tui.monitor.history.path import find_history_path
from tui.monitor.journal.file import default_journal_path

ROOT = Path(__file__).parents[3]
PRINT_PATHS = """
import os
from tui.monitor.history.path import find_history_path
from tui.monitor.journal.file import default_journal_path
from tui.monitor.rows_file import default_rows_folder
print(find_history_path(os.environ), default_journal_path(os.environ), default_rows_folder())
"""
START_OTHERS = """
import subprocess, sys
from tests.bench.raw_terminal import environment
for first in "", "import tests.bench":
    subprocess.run([sys.executable, "-c", first + sys.argv[1]], env=environment(), check=True)
"""


def test_benches_and_what_they_start_keep_nothing_in_the_files_of_a_person(tmp_path: Path) -> None:
    own = {"HOME": tmp_path, "XDG_STATE_HOME": tmp_path / "state", "GRAPHTOP_HISTORY": tmp_path / "h.db"}
    command = [sys.executable, "-u", "-c", f"import tests.bench{PRINT_PATHS}{START_OTHERS}", PRINT_PATHS]
    env = {"PATH": os.environ["PATH"], **{name: str(path) for name, path in own.items()}}
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    of_bench, of_program, of_started_bench = done.stdout.splitlines()
    assert of_program == of_started_bench == of_bench
    for path in map(Path, of_bench.split()):
        assert not path.is_relative_to(tmp_path)
        assert not path.parents[1].exists(), "all of it is removed with the bench"
    assert not list(tmp_path.iterdir())


def test_nothing_that_a_person_has_set_stays(tmp_path: Path) -> None:
    environ = {
        "PATH": "/bin",
        "GRAPHTOP_HISTORY": "/home/ann/h.db",
        "https_proxy": "http://proxy",
        "XDG_STATE_HOME": "/home/ann/state",
    }
    leave_personal_out(environ, tmp_path)
    assert set(environ) == {"PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}
    assert Path(environ["XDG_STATE_HOME"]).parent == tmp_path


def test_the_tests_write_into_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    assert find_history_path(os.environ).is_relative_to(base)
    assert default_journal_path(os.environ).is_relative_to(base)
