"""What a key costs over SSH: the bytes that are sent for it, beside what a perfect program would send.

The pictures before and after a key are those of an emulated terminal. What a clock and a running task
change meanwhile counts on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import GRAPHTOP, HEIGHT, WIDTH, Screen
from tests.bench.servers import lasting, serving
from tests.support.emulated_screen import EmulatedScreen, count_changes, least_bytes

KEYS = (
    ("down", "j"),
    ("up", "k"),
    ("page down", "\x1b[6~"),
    ("page up", "\x1b[5~"),
    ("last row", "G"),
    ("first row", "g"),
    ("mark", " "),
    ("detail", "\r"),
    ("list beside detail", "\t"),
    ("down beside detail", "j"),
    ("close detail", "\x1b"),
    ("help", "?"),
    ("close help", "\x1b"),
    ("filter", "/"),
    ("letter in filter", "e"),
    ("clear filter", "\x1b"),
    ("sort", "S"),
    ("close sort", "\x1b"),
)
"""Common keys in an order in which each does something."""
ALLOWED = 150
"""Bytes that a key may cost beside one and a half times the least."""
SETTLE_SECONDS = 1.5
TICK_SECONDS = 15


class KeyCost(NamedTuple):
    """What a key cost."""

    name: str
    sent: int
    least: int

    @property
    def excess(self) -> float:
        """Sent by what was allowed."""
        return self.sent / (1.5 * self.least + ALLOWED)


def measure_keys() -> list[KeyCost]:
    """Start and press each key, and let the screen settle after each."""
    with (
        serving(*lasting(300, 12, old=False, moving=False)) as (url, _),
        Screen([*GRAPHTOP, url, "--interval", "2"]) as screen,
    ):
        emulated, costs = EmulatedScreen(WIDTH, HEIGHT), list[KeyCost]()
        for name, keys in (("start", ""), *KEYS):
            before = emulated.picture()
            start = len(screen.raw)
            if keys:
                screen.send(keys)
            else:
                screen.until(rb"success")
            screen.watch(SETTLE_SECONDS)
            sent = bytes(screen.raw[start:])
            emulated.feed(sent)
            costs.append(KeyCost(name, len(sent), least_bytes(before, emulated.picture())))
        return costs


def measure_ticks(running: int) -> float:
    """Bytes for each cell that differs from one second to the next, while so many rows are running."""
    with (
        serving(*lasting(300, running, old=False, moving=False)) as (url, _),
        Screen([*GRAPHTOP, url, "--interval", "2"]) as screen,
    ):
        screen.until(rb"success")
        # All that is running, instead of as many as there is room for above the history.
        screen.send("1")
        screen.watch(3.0)
        emulated = EmulatedScreen(WIDTH, HEIGHT)
        emulated.feed(bytes(screen.raw))
        sent = cells = 0
        for _ in range(TICK_SECONDS):
            before = emulated.picture()
            written = screen.watch(1.0)
            emulated.feed(written)
            sent += len(written)
            cells += count_changes(before, emulated.picture())
        return sent / max(cells, 1)


def main() -> None:
    """Measure the keys in sum and one by one, and what ticks."""
    costs = measure_keys()
    worst = max(costs, key=lambda cost: cost.excess)
    report(
        Figure(
            what="bytes to the terminal for the start and 18 common keys (pty, 120x36)",
            ours=sum(cost.sent for cost in costs),
            unit="B",
            goal="<= 1.2 x a perfect differ",
            limit=1.2,
            baseline=sum(cost.least for cost in costs),
            against="a perfect differ",
            by_ratio=True,
            note=", ".join(f"{cost.name} {cost.sent:,} of {cost.least:,}" for cost in costs),
        ),
        Figure(
            what="the most expensive of these keys, of what it may cost",
            ours=worst.excess,
            unit="x",
            goal=f"<= 1.5 x a perfect differ + {ALLOWED} B",
            limit=1.0,
            note=f"{worst.name}: {worst.sent:,} of {worst.least:,} B",
        ),
        *(
            Figure(
                what=f"bytes to the terminal for each ticking cell, {running} tasks running",
                ours=measure_ticks(running),
                unit="B",
                goal="<= 20",
                limit=20.0,
                note=f"{TICK_SECONDS} s, with the clock",
            )
            for running in (5, 20)
        ),
    )


if __name__ == "__main__":
    main()
