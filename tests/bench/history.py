"""A long history read in the background: how long it takes, what it costs, and the memory that it takes then.

graphtop runs in a real pty on a simulated server, a process of its own. Memory is what the whole process has
resident (`VmRSS` of /proc) some seconds after the scan has ended.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import Screen
from tests.bench.servers import serving, simulated

RUNS = ((100_000, None, 90.0), (800_000, 45.0, 320.0))
"""Tasks, the goal for the seconds that reading them takes, and that for the memory in MB."""
REST_SECONDS = 6.0
"""What a scan leaves is freed in steps; then the memory is looked at."""
PATIENCE = 300.0
BLOCK_LIMIT = 16.0
WATCHED = (sys.executable, "-m", "tests.bench.watched_graphtop")


class Reading(msgspec.Struct):
    """What reading a history took."""

    seconds: float
    cpu: float
    """Percent of a core meanwhile."""
    block: float
    """The longest round of the event loop, in ms of its own processor time."""
    memory: float
    """MB resident at the end, as `memory_at_most` was before."""
    memory_at_most: float


def read_history(tasks: int) -> Reading:
    """Read so many tasks in a pty, rest, and quit."""
    with tempfile.TemporaryDirectory() as folder, serving(*simulated(tasks)) as (url, _):
        rounds = Path(folder, "rounds")
        with Screen([*WATCHED, str(rounds), url]) as screen:
            screen.until(rb"success")
            began, used = screen.began, screen.cpu()
            ended = screen.until(f"{tasks:,}".encode(), PATIENCE)
            cpu = (screen.cpu() - used) / (ended - began) * 100
            screen.watch(REST_SECONDS)
            status = Path(f"/proc/{screen.pid}/status").read_text()
            screen.quit()
        block = msgspec.json.decode(rounds.read_bytes(), type=float)
    return Reading(ended - began, cpu, block, _megabytes(status, "VmRSS"), _megabytes(status, "VmHWM"))


def _megabytes(status: str, name: str) -> float:
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    """Read both histories, one after the other."""
    for tasks, seconds, memory in RUNS:
        read = read_history(tasks)
        report(
            Figure(
                what=f"memory of the whole process with {tasks:,} tasks",
                ours=read.memory,
                unit="MB",
                goal=f"<= {memory:g} MB",
                limit=memory,
                note=f"VmRSS after the scan; {read.memory_at_most:.0f} MB at the most",
            )
        )
        if seconds is not None:
            report(
                Figure(
                    what=f"history of {tasks:,} tasks read in the background",
                    ours=read.seconds,
                    unit="s",
                    goal=f"<= {seconds:g} s",
                    limit=seconds,
                    note=f"{read.cpu:.0f} % of a core",
                ),
                Figure(
                    what=f"history of {tasks:,} tasks: the loop's longest block",
                    ours=read.block,
                    unit="ms",
                    goal=f"<= {BLOCK_LIMIT:g} ms",
                    limit=BLOCK_LIMIT,
                    note="its own processor time",
                ),
            )


if __name__ == "__main__":
    main()
