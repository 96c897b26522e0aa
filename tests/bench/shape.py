"""Another order, filter or grouping of 100,000 tasks: from the key to the paint, and the loop meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.bench.figures import Figure, median, report
from tests.bench.in_process_app import InProcessApp, recorded, run_in_process, watched_loop
from tests.bench.load import TASKS, target
from tui.monitor.view import Shape

REPEATS = 5
WORD, PATTERN = "person", r"/g\.V\(.*count/"
ENTER = "enter"
LIMITS = {"sort": 120.0}
"""Milliseconds from the key to the paint, where it is not `USUAL_LIMIT`."""
USUAL_LIMIT = 150.0


async def changed(stage: InProcessApp, key: str, wanted: Callable[[Shape], bool]) -> tuple[float, float]:
    """Milliseconds from a key to the first paint in the wanted shape, and the loop's longest round."""
    await stage.settle()
    async with watched_loop() as rounds:
        began = time.perf_counter()
        stage.press(key)
        painted = await stage.painted(lambda text: wanted(stage.monitor.view.shape))
    return (painted - began) * 1000, max(rounds)


async def sorted_by(stage: InProcessApp, column: str) -> tuple[float, float]:
    """Choose a column in the dialog; measured from the last key."""
    stage.press("S")
    await stage.settle()
    stage.press(*column)
    return await changed(stage, ENTER, lambda shape: shape.order.column == column)


async def grouped(stage: InProcessApp, kind: str) -> tuple[float, float]:
    """Choose what to group by, and show no groups again; measured from the last key."""
    stage.press("B")
    await stage.settle()
    stage.press(*kind)
    measured = await changed(stage, ENTER, lambda shape: shape.grouped_by == kind)
    stage.press("escape")
    await stage.settle()
    return measured


async def filtered(stage: InProcessApp, text: str) -> tuple[float, float]:
    """Type a filter, and take it away again; measured from the last letter that was typed."""
    stage.press("slash")
    await stage.settle()
    stage.press(*text[:-1])
    measured = await changed(stage, text[-1], lambda shape: shape.filter.text == text)
    stage.press("escape")
    await stage.settle()
    stage.press("escape")
    await stage.settle()
    return measured


async def measured() -> dict[str, list[tuple[float, float]]]:
    """All four, some times over, in turns."""
    place = target()
    wire = await recorded(place)
    names = ("sort", "group", "filter by text", "filter by regex")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    async with run_in_process(wire, place) as stage:
        while len(stage.monitor.view) < TASKS:
            await stage.settle(0.1)
        await stage.settle(1.0)
        for turn in range(REPEATS):
            found["sort"].append(await sorted_by(stage, ("name", "took")[turn % 2]))
            found["group"].append(await grouped(stage, ("type", "status")[turn % 2]))
            found["filter by text"].append(await filtered(stage, WORD))
            found["filter by regex"].append(await filtered(stage, PATTERN))
    return found


def main() -> None:
    """Report the paint and the blocking of each."""
    for name, times in asyncio.run(measured()).items():
        limit = LIMITS.get(name, USUAL_LIMIT)
        report(
            Figure(
                what=f"{name} over 100,000 tasks: key to paint",
                ours=median([paint for paint, _ in times]),
                unit="ms",
                goal=f"<= {limit:g} ms",
                limit=limit,
            ),
            Figure(
                what=f"{name} over 100,000 tasks: the loop's longest block",
                ours=median([block for _, block in times]),
                unit="ms",
                goal="<= 16 ms",
                limit=16.0,
                note=f"worst of {REPEATS}: {max(block for _, block in times):.0f} ms",
            ),
        )


if __name__ == "__main__":
    main()
