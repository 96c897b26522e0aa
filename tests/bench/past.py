"""The history's file with a million tasks: what the screen's start and the commands take of it.

The file is written directly, with one kind that has a tenth of all tasks. The statistics are measured as the
commands read them: from opening the file on. The start is that of the screen on a simulated server, with this
file and with none, in turns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import GRAPHTOP, Screen
from tests.bench.servers import serving, simulated
from tests.support.history_file import HistoryFile, place_of
from tests.terminal.terminal_emulator import environment
from tests.unit.fakes import START, task
from tui.monitor.filters import compile_filter
from tui.monitor.history.group_statistics import read_statistics
from tui.monitor.history.kinds import find_kind
from tui.monitor.history.reader import HistoryReader

TASKS = 1_000_000
KINDS = 500
REPEATS = 7
STARTS = 5
STATS_LIMIT = 200.0
"""Milliseconds."""
START_RATIO = 1.05
"""A start that is no slower, as far as can be measured."""
COLUMNS = 20


def write_million(path: Path) -> None:
    """Write the file, each task with its transitions."""
    file, random = HistoryFile(path), Random(1)
    places = [place_of(profile) for profile in ("prod", "stage", "dev")]
    kinds = [
        (
            file.add_place(place),
            file.add_kind(place, task(1, type=f"type{number % 7}", name=f"{_name(number)}1")),
        )
        for number in range(KINDS)
        for place in [places[number % 3]]
    ]

    def list_rows() -> Iterator[tuple[object, ...]]:
        for number in range(TASKS):
            chosen = 0 if number % 10 == 0 else random.randrange(KINDS)
            place, kind = kinds[chosen]
            created, took = START + number * 5000, random.randrange(1000, 100_000)
            status = "success" if number % 17 else "failed"
            ended = created + took
            yield (
                *(number + 1, place, str(number), created, kind, f"{_name(chosen)}{number}"),
                *(status, status, ended, None, 0, "server-1", None, None),
                *(random.randrange(500), took - 500, created, created, None, ended),
            )

    steps = (
        (number + 1, step, word, word, 0, START + number * 5000 + step, START + number * 5000 + step, None)
        for number in range(TASKS)
        for step, word in enumerate(("queued", "running", "success"))
    )
    file.connection.execute("BEGIN")
    file.connection.executemany(f"INSERT INTO task VALUES ({','.join('?' * COLUMNS)})", list_rows())
    file.connection.executemany("INSERT INTO transition VALUES (?,?,?,?,?,?,?,?)", steps)
    file.connection.execute("COMMIT")
    file.close()


def _name(kind: int) -> str:
    """The name of a kind, which its number is no part of."""
    return f"job {chr(97 + kind % 26)}{chr(97 + kind // 26)} run "


def measure_reads(path: Path, read: Callable[[HistoryReader], object]) -> float:
    """Milliseconds to open the file and read from it; the median."""

    def once() -> float:
        began = time.perf_counter()
        with HistoryReader(path) as reader:
            assert read(reader)
        return (time.perf_counter() - began) * 1000

    (times,) = interleaved([once], REPEATS)
    return median(times)


def measure_command(path: Path, *words: str) -> float:
    """Milliseconds of a whole command, as a process."""

    def once() -> float:
        began = time.perf_counter()
        env = environment(path.parent, {"GRAPHTOP_HISTORY": str(path)})
        subprocess.run([*GRAPHTOP, *words], env=env, stdout=subprocess.DEVNULL, check=True)
        return (time.perf_counter() - began) * 1000

    (times,) = interleaved([once], REPEATS)
    return median(times)


def measure_starts(path: Path) -> tuple[float, float]:
    """Milliseconds until the screen's first rows, with the file and without any."""
    with serving(*simulated(1_000)) as (url, _):

        def start_with(history: Path) -> float:
            with Screen([*GRAPHTOP, url], env={"GRAPHTOP_HISTORY": str(history)}) as screen:
                began = screen.began
                shown = screen.until(rb"success")
                screen.quit()
            return (shown - began) * 1000

        def without() -> float:
            with tempfile.TemporaryDirectory() as folder:
                return start_with(Path(folder, "history.db"))

        ours, bare = interleaved([lambda: start_with(path), without], STARTS)
    return median(ours), median(bare)


def main() -> None:
    """Write the file, and measure."""
    now = START + TASKS * 5000
    everything = compile_filter("")
    largest, usual = compile_filter(f'name="{_name(0)}"'), compile_filter(f'name="{_name(7)}"')
    kind, place = find_kind(task(1, type="type0", name=f"{_name(0)}1")), place_of("prod")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.db")
        write_million(path)
        what = f"history of {TASKS:,} tasks"
        many = measure_reads(path, lambda reader: read_statistics(reader, "name", largest, now))
        few = measure_reads(path, lambda reader: read_statistics(reader, "name", usual, now))
        whole = measure_reads(path, lambda reader: read_statistics(reader, "type", everything, now))
        runs = measure_reads(path, lambda reader: reader.list_runs(place.key, kind, 500))
        page = measure_reads(path, lambda reader: list(islice(reader.list_tasks(everything, now), 50)))
        command = measure_command(path, "stats", "by", "name", f'name="{_name(7)}"')
        ours, bare = measure_starts(path)
    goal = f"<= {STATS_LIMIT:.0f} ms"
    report(
        Figure(what=f"{what}: stats of one kind", ours=few, unit="ms", goal=goal, limit=STATS_LIMIT),
        Figure(
            what=f"{what}: stats of the kind that has a tenth of all",
            ours=many,
            unit="ms",
            goal=goal,
            limit=STATS_LIMIT,
        ),
        Figure(what=f"{what}: `graphtop stats` of one kind, the process", ours=command, unit="ms"),
        Figure(what=f"{what}: stats of all by type", ours=whole, unit="ms"),
        Figure(what=f"{what}: the last 500 runs of a kind", ours=runs, unit="ms"),
        Figure(what=f"{what}: the last 50 tasks", ours=page, unit="ms"),
        Figure(
            what=f"{what}: first rows of the screen",
            ours=ours,
            unit="ms",
            goal="not slower",
            limit=START_RATIO,
            baseline=bare,
            against="without history",
            by_ratio=True,
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
