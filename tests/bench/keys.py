"""From a key to the paint that answers it, while 100,000 tasks are loaded, and read again, in a real pty."""

from __future__ import annotations

import random
import re
import time

from tests.bench.figures import Figure, percentile, report
from tests.bench.raw_terminal import GRAPHTOP, PATIENCE, GroundColumn, Screen
from tests.bench.servers import serving, simulated

TASKS = 100_000
_CUT = re.compile(rb"\x1b[^a-zA-Z]*\Z")
CURSOR = b"48;2;33;51;69"
"""The background of the row under the cursor in the default theme."""
FIRST_ROW = 5


class Watched:
    """A program on a screen, of which is known how much has been drawn."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self._drawn = screen, 0
        self._grounds = GroundColumn(20)

    def has_cursor(self, line: int) -> bool:
        """Whether the table's cursor is on a line; 1 is the first."""
        # A sequence may have been read by half.
        new = bytes(self.screen.raw[self._drawn :])
        whole = max(new.rfind(b"\x1b"), 0) if _CUT.search(new) else len(new)
        self._grounds.feed(new[:whole])
        self._drawn += whole
        return self._grounds.ground(line) == CURSOR

    def echo(self, key: str, line: int) -> float:
        """Milliseconds from a key to the paint of the cursor on the line where it brings it."""
        assert not self.has_cursor(line), "the cursor is there already"
        began = painted = time.perf_counter()
        self.screen.send(key)
        while not self.has_cursor(line):
            assert painted - began < PATIENCE, f"{key} did not move the cursor to line {line}"
            self.screen.read(1.0)
            painted = time.perf_counter()
        return (painted - began) * 1000

    def press(self, *, rounds: int, until: bytes = b"never") -> list[float]:
        """Echo times of keys at odd moments, ten down and ten up in a round, until something was written."""
        times: list[float] = []
        start = len(self.screen.raw)
        for _ in range(rounds):
            if until in self.screen.raw[start:]:
                break
            for key, lines in (("j", range(1, 11)), ("k", range(9, -1, -1))):
                for row in lines:
                    times.append(self.echo(key, FIRST_ROW + row))
                    # What a key brings after its own paint, such as the footer, is through before the next.
                    self.screen.watch(random.uniform(0.02, 0.06))
        return times


def main() -> None:
    """Press keys from the first rows to the last task, and during a second reading of all."""
    with serving(*simulated(TASKS)) as (url, _), Screen([*GRAPHTOP, url, "--interval", "1"]) as screen:
        screen.until(rb"success")
        screen.watch(0.3)
        watched = Watched(screen)
        loading = watched.press(rounds=20, until=b"100,000")
        again: list[float] = []
        for _ in range(6):
            screen.watch(0.5)
            screen.send("r")
            again += watched.press(rounds=2)
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
