"""The CPU and the memory that watching 100,000 tasks takes, at one poll a second, in a real pty."""

from __future__ import annotations

import time

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import BARE, GRAPHTOP, Screen
from tests.bench.servers import lasting, serving

TASKS = 100_000
SECONDS = 20.0
LOADED = rb"100,0\d\d"


def loaded(screen: Screen) -> None:
    """Wait until all tasks are there, and what that started has come to rest."""
    screen.until(LOADED)
    screen.watch(3.0)


def share(screen: Screen) -> float:
    """Percent of one core over some seconds."""
    began, used = time.perf_counter(), screen.cpu()
    screen.watch(SECONDS)
    return (screen.cpu() - used) / (time.perf_counter() - began) * 100


def watched(*, moving: bool) -> tuple[float, float]:
    """Percent of a core and megabytes, the newest row changing at every poll or none."""
    unfinished = 1 if moving else 0
    with (
        serving(*lasting(TASKS, unfinished, old=False, moving=moving)) as (url, _),
        Screen([*GRAPHTOP, url, "--interval", "1"]) as screen,
    ):
        loaded(screen)
        return share(screen), screen.memory()


def bare() -> tuple[float, float]:
    """The same of a Textual program that does nothing."""
    with Screen(BARE) as screen:
        screen.until(rb"success")
        screen.watch(2.0)
        began, used = time.perf_counter(), screen.cpu()
        screen.watch(5.0)
        return (screen.cpu() - used) / (time.perf_counter() - began) * 100, screen.memory()


def main() -> None:
    """Measure a server at rest, one whose newest task changes at every poll, and the bare program."""
    (still, memory), (moved, _), (idle, least) = watched(moving=False), watched(moving=True), bare()
    for what, ours, limit in (("nothing", still, 1.0), ("one row", moved, 2.0)):
        report(
            Figure(
                what=f"CPU at polls of 1 s with 100,000 tasks, {what} changed",
                ours=ours,
                unit="% of a core",
                goal=f"<= {limit:g} %",
                limit=limit,
                baseline=idle,
                against="Textual with a table and a footer, idle",
            )
        )
    report(
        Figure(
            what="memory with 100,000 tasks over a bare Textual program",
            ours=memory - least,
            unit="MB",
            goal="<= 80 MB",
            limit=80.0,
            baseline=least,
            against="that program alone",
        )
    )


if __name__ == "__main__":
    main()
