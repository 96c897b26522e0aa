"""From a key to the paint that answers it, while 100,000 tasks are loaded, and read again, in a real pty."""

from __future__ import annotations

import random
import time

from tests.bench.figures import Figure, percentile, report
from tests.bench.raw_terminal import GRAPHTOP, PATIENCE, Screen, placed
from tests.bench.servers import serving, simulated

TASKS = 100_000
CURSOR = b"48;2;33;51;69m"
"""The background of the row under the cursor in the default theme."""
FIRST_ROW = 5


def echoed(screen: Screen, key: str, line: int) -> float:
    """Milliseconds from a key to the paint of the cursor on the line where it brings it."""
    seen, began = b"", time.perf_counter()
    screen.send(key)
    while all(at != line or CURSOR not in update for at, update in placed(seen)):
        assert time.perf_counter() - began < PATIENCE, f"{key} did not move the cursor to line {line}"
        seen += screen.read(1.0)
    return (time.perf_counter() - began) * 1000


def pressed(screen: Screen, *, rounds: int, until: bytes = b"never") -> list[float]:
    """Echo times of keys at odd moments, ten down and ten up in a round, until something was written."""
    times: list[float] = []
    start = len(screen.raw)
    for _ in range(rounds):
        if until in screen.raw[start:]:
            break
        for key, lines in (("j", range(1, 11)), ("k", range(9, -1, -1))):
            for row in lines:
                times.append(echoed(screen, key, FIRST_ROW + row))
                # What a key brings after its own paint, such as the footer, is through before the next.
                screen.watch(random.uniform(0.02, 0.06))
    return times


def main() -> None:
    """Press keys from the first rows to the last task, and during a second reading of all."""
    with serving(*simulated(TASKS)) as (url, _), Screen([*GRAPHTOP, url, "--interval", "1"]) as screen:
        screen.until(rb"success")
        screen.watch(0.3)
        loading = pressed(screen, rounds=20, until=b"100,000")
        again: list[float] = []
        for _ in range(6):
            screen.watch(0.5)
            screen.send("r")
            again += pressed(screen, rounds=2)
    times = loading + again
    report(
        Figure(
            what="key to paint while 100,000 tasks are loaded and read again, p99",
            ours=percentile(times, 99),
            unit="ms",
            goal="<= 50 ms",
            limit=50.0,
            note=f"{len(loading)} keys during the load, {len(again)} during the second; median "
            f"{percentile(times, 50):.0f} ms, worst {max(times):.0f} ms",
        )
    )


if __name__ == "__main__":
    main()
