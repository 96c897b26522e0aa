"""What a second costs in which nothing happens, with each of the screens open, in a real pty."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench.figures import Figure, median, report
from tests.bench.raw_terminal import BARE, GRAPHTOP, Screen
from tests.bench.servers import lasting, serving

TASKS = 1_000
SECONDS = 10.0
ROUNDS = 2
OPENED = {
    "the table": "",
    "the detail": "\r",
    "a result": "o",
    "the filter's line": "/",
    "the help": "?",
    "the palette": ":",
}
"""The keys that open each."""


def used(screen: Screen) -> float:
    """Milliseconds of CPU in a second."""
    before = screen.cpu()
    screen.watch(SECONDS)
    return (screen.cpu() - before) * 1000 / SECONDS


def main() -> None:
    """Open each in a program of its own, and measure all of them in turns."""
    with serving(*lasting(TASKS, 1, old=True, moving=False)) as (url, _), ExitStack() as stack:
        screens = {what: stack.enter_context(Screen([*GRAPHTOP, url, "--interval", "60"])) for what in OPENED}
        bare = stack.enter_context(Screen(BARE))
        bare.until(rb"success")
        for what, screen in screens.items():
            screen.until(rb"success")
            screen.watch(1.0)
            screen.send(OPENED[what])
            screen.watch(2.0)
        rounds = [{what: used(screen) for what, screen in screens.items()} for _ in range(ROUNDS)]
        idle = median([used(bare) for _ in range(ROUNDS)])
    for what in OPENED:
        report(
            Figure(
                what=f"CPU of a second in which nothing happens: {what}",
                ours=median([one[what] for one in rounds]),
                unit="ms",
                goal="<= 15 ms",
                limit=15.0,
                baseline=idle,
                against="Textual with a table and a footer, idle",
            )
        )


if __name__ == "__main__":
    main()
