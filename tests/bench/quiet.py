"""What a poll costs the line to the terminal: nothing where nothing changed, a cell where one cell did.

The clock in the corner ticks once a second whatever the polls bring; every update names the place where it
goes, so the clock's own are told from the others and left out.
"""

from __future__ import annotations

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import GRAPHTOP, Screen, beside_the_clock
from tests.bench.servers import lasting, serving

SECONDS = 8.0
GLANCE_SECONDS = 0.1
"""Less than between two polls: what is read meanwhile is of one of them."""
INTERVAL = 0.5
UNFINISHED = 40


def updates(*, moving: bool) -> list[int]:
    """The bytes of each update beside the clock in some seconds of polls, the table full of rows."""
    with (
        serving(*lasting(300, UNFINISHED, old=True, moving=moving)) as (url, _),
        Screen([*GRAPHTOP, url, "--interval", str(INTERVAL)]) as screen,
    ):
        screen.until(rb"success")
        # To the newest of the unfinished, of which one moves.
        screen.send("1G")
        # The table settles, and the frames of the start are through.
        screen.watch(2.5)
        sizes = list[int]()
        for _ in range(int(SECONDS / GLANCE_SECONDS)):
            start = len(screen.raw)
            screen.watch(GLANCE_SECONDS)
            sizes.append(beside_the_clock(screen.updates(start)))
        return [size for size in sizes if size]


def main() -> None:
    """Measure a server at rest, and one with a task that has another status at every poll."""
    still, moved = updates(moving=False), updates(moving=True)
    polls = int(SECONDS / INTERVAL)
    report(
        Figure(
            what="bytes to the terminal by a poll that changed nothing",
            ours=sum(still) / polls,
            unit="B",
            goal="0",
            limit=0.0,
            note=f"{polls} polls, the clock's ticks left out",
        ),
        Figure(
            what="bytes to the terminal for one changed row (pty, 120x36)",
            ours=sum(moved) / max(len(moved), 1),
            unit="B",
            goal="<= 150",
            limit=150.0,
            note=f"{len(moved)} changes of one status",
        ),
    )


if __name__ == "__main__":
    main()
