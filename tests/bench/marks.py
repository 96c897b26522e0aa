"""What thousands of marked tasks cost: a move of the cursor beside them, and the dialog about them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.bench.figures import Figure, median, report
from tests.bench.in_process_app import InProcessApp, recorded, run_in_process
from tests.bench.load import TASKS, target
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.widgets.task_table import TaskTable

REPEATS = 9
MOVES = 10
ASKED = 2_000


async def cost_of(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of the processor until everything that some work has started is done."""
    began = time.process_time()
    await work()
    return (time.process_time() - began) * 1000


async def move(stage: InProcessApp) -> None:
    """Move the cursor down and up again, and wait for each paint."""
    for key in ("j", "k") * (MOVES // 2):
        stage.press(key)
        await stage.painted(lambda text: True)


async def ask(stage: InProcessApp) -> None:
    """Ask for the marked tasks to be deleted, and wait for the dialog."""
    stage.press("ctrl+d")
    await stage.painted(lambda text: isinstance(stage.app.screen, ConfirmScreen))


async def measured() -> tuple[list[float], list[float], list[float], list[float]]:
    """A move without marks, one with all marked, the dialog for some of them and for one; in turns."""
    place = target()
    wire = await recorded(place)
    plain, marked, asked, single = list[float](), list[float](), list[float](), list[float]()
    async with run_in_process(wire, place) as stage:
        while len(stage.monitor.view) < TASKS:
            await stage.settle(0.1)
        await stage.settle(1.0)
        table = stage.screen.query_one(TaskTable)
        ids = [task.id for task in stage.monitor.view][:ASKED]
        for _ in range(REPEATS):
            stage.press("U")
            await stage.settle()
            plain.append(await cost_of(lambda: move(stage)) / MOVES)
            stage.press("*")
            await stage.settle()
            marked.append(await cost_of(lambda: move(stage)) / MOVES)
            for number, times in ((ASKED, asked), (1, single)):
                table._set_marks(dict.fromkeys(ids[:number]))
                await stage.settle()
                times.append(await cost_of(lambda: ask(stage)))
                stage.press("escape")
                await stage.settle()
    return plain, marked, asked, single


def main() -> None:
    """Report what the marks add to a move, and the dialog."""
    plain, marked, asked, single = asyncio.run(measured())
    report(
        Figure(
            what="cursor move with 100,000 marked, CPU more than without marks",
            ours=max(0.0, median(marked) - median(plain)),
            unit="ms",
            goal="<= 1 ms",
            limit=1.0,
            note=f"{median(marked):.1f} ms with, {median(plain):.1f} ms without, key to paint",
        ),
        Figure(
            what=f"confirm dialog for {ASKED:,} marked of 100,000: key to paint, CPU",
            ours=median(asked),
            unit="ms",
            goal="<= 50 ms",
            limit=50.0,
            baseline=median(single),
            against="for one task",
        ),
    )


if __name__ == "__main__":
    main()
