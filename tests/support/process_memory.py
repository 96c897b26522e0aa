"""How much memory a process takes, by /proc (Linux only)."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.support.patience import PATIENCE


def peak_kb(pid: int) -> int:
    """The most memory that a process had so far, in kB; 0 when it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def read_output(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Read a command's output to its end; gives its bytes, and the most memory in kB that it had.

    The output must be larger than a pipe holds, so that the command is there when it is first measured.
    """
    size, most = 0, 0
    assert process.stdout is not None
    while piece := process.stdout.read1(1 << 16):
        size += len(piece)
        most = max(most, peak_kb(process.pid))
    assert process.wait(PATIENCE) == 0
    assert most, "it was never measured"
    return size, most


def peak_to_the_end(process: subprocess.Popen[bytes]) -> int:
    """Wait until a command that prints little has ended; gives the most memory in kB that it had."""
    most, end = 0, time.monotonic() + PATIENCE
    while process.poll() is None:
        most = max(most, peak_kb(process.pid))
        assert time.monotonic() < end, "it did not end"
        time.sleep(0.02)
    assert most, "it was never measured"
    return most
