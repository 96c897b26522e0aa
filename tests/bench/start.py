"""From the start of the process to the first frame with rows, in a real pty."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import BARE, GRAPHTOP, Screen
from tests.bench.servers import compiled, serving, simulated

REPEATS = 9
ROW = rb"success"
GOAL = "<= 1.25 x"
KNOWN_GOAL = "<= 1.15 x"


def rows_after(*command: str) -> float:
    """Milliseconds until a row is on the terminal."""
    with Screen(command) as screen:
        return (screen.until(ROW) - screen.began) * 1000


@contextmanager
def hanging() -> Iterator[str]:
    """A server that an earlier session has watched to its end, and that no longer answers: its URL."""
    with serving(*simulated(360)) as (url, pid):
        with Screen((*GRAPHTOP, url)) as screen:
            screen.until(rb"live")
            screen.watch(1.0)
            screen.quit()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield url
        finally:
            os.kill(pid, signal.SIGCONT)


def main() -> None:
    """Measure the demo, a server, one that hangs, and the bare program in turns."""
    compiled()
    with serving(*simulated(360)) as (url, _), hanging() as mute:
        works = [
            partial(rows_after, *command)
            for command in (BARE, (*GRAPHTOP, "demo"), (*GRAPHTOP, url), (*GRAPHTOP, mute))
        ]
        bare, demo, server, known = (median(times) for times in interleaved(works, REPEATS))
    for what, ours, goal, limit in (
        ("the first frame with rows: demo", demo, GOAL, 1.25),
        ("the first frame with rows: a local simulator", server, GOAL, 1.25),
        ("the last known rows, of a server that hangs", known, KNOWN_GOAL, 1.15),
    ):
        report(
            Figure(
                what=f"start to {what}",
                ours=ours,
                unit="ms",
                goal=goal,
                limit=limit,
                baseline=bare,
                against="Textual with a table and a footer",
                by_ratio=True,
            )
        )


if __name__ == "__main__":
    main()
