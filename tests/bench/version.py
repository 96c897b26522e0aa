"""`graphtop --version` as it is installed, against a Python that does nothing.

The version is a constant in `tui.cli`: looking it up with importlib.metadata alone would be several times the
baseline.
"""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import environment

REPEATS = 41


def length(*command: str) -> float:
    """Milliseconds from start to end."""
    began = time.perf_counter()
    subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure both in turns."""
    script = Path(sys.executable).with_name("graphtop")
    works = [partial(length, str(script), "--version"), partial(length, sys.executable, "-c", "pass")]
    ours, nothing = (median(times) for times in interleaved(works, REPEATS))
    report(
        Figure(
            what="graphtop --version",
            ours=ours,
            unit="ms",
            goal="<= 3 x",
            limit=3.0,
            baseline=nothing,
            against="python -c pass",
            by_ratio=True,
        )
    )


if __name__ == "__main__":
    main()
