"""From the start of the process to the first frame with rows, in a real pty."""

from __future__ import annotations

from functools import partial

from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import BARE, GRAPHTOP, Screen
from tests.bench.servers import compiled, serving, simulated

REPEATS = 9
ROW = rb"success"
GOAL = "<= 1.25 x"


def rows_after(*command: str) -> float:
    """Milliseconds until a row is on the terminal."""
    with Screen(command) as screen:
        return (screen.until(ROW) - screen.began) * 1000


def main() -> None:
    """Measure the demo, a server and the bare program in turns."""
    compiled()
    with serving(*simulated(360)) as (url, _):
        works = [partial(rows_after, *command) for command in (BARE, (*GRAPHTOP, "demo"), (*GRAPHTOP, url))]
        bare, demo, server = (median(times) for times in interleaved(works, REPEATS))
    for name, ours in (("demo", demo), ("a local simulator", server)):
        report(
            Figure(
                what=f"start to the first frame with rows: {name}",
                ours=ours,
                unit="ms",
                goal=GOAL,
                limit=1.25,
                baseline=bare,
                against="Textual with a table and a footer",
                by_ratio=True,
            )
        )


if __name__ == "__main__":
    main()
