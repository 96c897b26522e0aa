"""The harness itself: no Java process may survive the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.live.java_process import wait_until
from tests.support.patience import PATIENCE

_RUN = """
import subprocess, sys, time
from pathlib import Path
from tests.live.java_process import watchdog
child = subprocess.Popen(["sleep", "3600"], start_new_session=True)
dog = watchdog(child.pid, Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(3600)
"""


def test_a_killed_run_leaves_neither_process_nor_folder(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    (folder / "data").mkdir(parents=True)
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert run.stdout is not None
    child = int(run.stdout.readline())
    assert _lives(child)
    assert folder.exists()

    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()

    assert wait_until(lambda: not _lives(child) and not folder.exists(), PATIENCE)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
