"""When tasks of a real server end, and what the timeline tells of them, now and after the server forgot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.live.recorded_monitor import target_of
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.ui.running_app import read_screen, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.clock import Clock
from tui.monitor.history.set_up import make_history_writer

pytestmark = pytest.mark.timeout(900)
TALLY = "// tally of night {}\nfor (i in 0..<{}) {{ Thread.sleep(1000) }}"
USUAL, LONG = 8, 300
"""Seconds."""


class Watched:
    """The running program, as a person sees it."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot

    async def until_seen(self, *words: str) -> None:
        """Wait until one line of the screen has all these words."""

        def are_seen() -> bool:
            return any(all(word in line for word in words) for line in read_screen(self._pilot.app))

        await wait_until(self._pilot, are_seen, f"seeing {words}")

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self._pilot.pause()


@asynccontextmanager
async def watch(server: HugeGraphServer, folder: Path) -> AsyncIterator[Watched]:
    """Run the program with a history and a journal of its own."""
    history = make_history_writer(
        {"GRAPHTOP_HISTORY": str(folder / "history.db")}, Clock().now, days=9, megabytes=9
    )
    app = Graphtop(target_of(server, "hugegraph"), ScreenOptions(interval=1.0), history=history)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        yield Watched(pilot)
    await asyncio.to_thread(history.close)


async def test_the_end_of_a_task_is_told_from_what_others_took_also_once_they_are_gone(
    rocksdb_17: HugeGraphServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path / "state" / "journal.jsonl"))
    with Jobs(rocksdb_17) as jobs:

        async def submit(night: int, seconds: int) -> int:
            return await asyncio.to_thread(jobs.submit, TALLY.format(night, seconds))

        async with watch(rocksdb_17, tmp_path / "state") as at:
            earlier = [await submit(night, USUAL) for night in range(1, 6)]
            for task in earlier:
                await asyncio.to_thread(jobs.wait, task, "success")
            long = await submit(6, LONG)
            await at.until_seen(f" {long} ", "running", "~")
            await at.until_seen(f" {long} ", "running", "late")
            await at.press("g", "v")
            await at.until_seen("longer than all 5 runs; usually ")
            await at.press("T")
            await at.until_seen("last 6   ✓✓✓✓✓▶")
            await at.until_seen("this one")
            await at.press("C")
            await at.until_seen("Cancel")
            await asyncio.sleep(1)
            await at.press("y")
            await at.until_seen("cancel by ", ": cancelled")
            await at.until_seen("⊘ cancelled")
            await at.until_seen("last 6   ✓✓✓✓✓⊘")

        for task in [*earlier, long]:
            await asyncio.to_thread(jobs.delete, task)
        async with watch(rocksdb_17, tmp_path / "state") as at:
            again = await submit(7, LONG)
            await at.until_seen(f" {again} ", "running", "~")
            await at.press("g", "T")
            await at.until_seen("last 7   ✓✓✓✓✓⊘▶")
            await at.until_seen("same kind: 5 ok, 1 cancelled")
            await asyncio.to_thread(jobs.cancel, again)
            await at.until_seen("⊘ cancelled")
