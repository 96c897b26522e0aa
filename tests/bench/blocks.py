"""How long the event loop is kept by what works on a lot, or waits for another process."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from textual.app import App, ComposeResult

from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import Action, Task, TaskStatus
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, report
from tests.bench.in_process_app import watched_loop
from tests.bench.servers import vertices
from tui.gc_tuning import freeze_screen_objects
from tui.monitor.clock import Clock
from tui.monitor.document.loading import load_document
from tui.monitor.journal.file import JournalError
from tui.monitor.journal.writer import Journal
from tui.widgets.text_view import TextView

MEGABYTES = 60
REPEATS = 5
ACTIONS = 4
NEEDLE = "a word that is nowhere"
HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(600)
"""


class TextApp(App[None]):
    """Our view alone."""

    def __init__(self) -> None:
        super().__init__()
        self.found: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def compose(self) -> ComposeResult:
        yield TextView()

    def on_text_view_search_result(self, event: TextView.SearchResult) -> None:
        """Note the end of a search: then all lines with a match are counted."""
        if event.total is not None and not self.found.done():
            self.found.set_result(event.total)


async def longest(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Milliseconds for which the loop was kept at the most by some work, in the best and the worst run.

    What the work itself keeps it for is in every run, what another process takes from it is not.
    """
    found: list[float] = []
    for _ in range(REPEATS):
        async with watched_loop() as rounds:
            await work()
        found.append(max(rounds))
    return min(found), max(found)


async def kept_by_texts() -> tuple[tuple[float, float], tuple[float, float]]:
    """By loading a long result, and by a search in it that finds nothing."""
    source = vertices(MEGABYTES).encode()
    app = TextApp()
    async with app.run_test(size=(120, 36)) as pilot:
        freeze_screen_objects()
        loading = await longest(lambda: load_document(source, "result"))
        view = app.query_one(TextView)
        view.show_document(await load_document(source, "result"))
        await pilot.pause()

        async def search() -> None:
            app.found = asyncio.get_running_loop().create_future()
            view.start_search(NEEDLE)
            assert not await app.found

        return loading, await longest(search)


@contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """The lock of a file in the hand of a stopped process."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        os.kill(holder.pid, signal.SIGSTOP)
        with path.open("a") as own, suppress(BlockingIOError):
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
            raise AssertionError("the lock is not held")
        yield
    finally:
        holder.kill()
        holder.communicate()


async def kept_by_lock() -> tuple[float, float]:
    """By actions whose lines can't be written, as another process holds the journal's lock."""
    row = Task(id="1", type="gremlin", name="", status=TaskStatus.RUNNING, raw_status="running")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "journal.jsonl")

        async def act() -> None:
            journal = Journal(path, HugeGraphBackend(Target(url="http://nowhere")), Clock())
            refused = 0
            for _ in range(ACTIONS):
                with suppress(JournalError):
                    await journal.begin_action(Action.CANCEL, row)
                    refused -= 1
                refused += 1
            assert refused == ACTIONS

        with held_lock(path):
            return await longest(act)


def main() -> None:
    """Report each."""
    loading, searching = asyncio.run(kept_by_texts())
    for what, (best, worst) in (
        (f"{MEGABYTES} MB result loaded", loading),
        (f"search without a hit in {MEGABYTES} MB", searching),
        ("journal's lock held by a stopped process, an action", asyncio.run(kept_by_lock())),
    ):
        report(
            Figure(
                what=f"{what}: the loop's longest block",
                ours=best,
                unit="ms",
                goal="<= 16 ms",
                limit=16.0,
                note=f"worst of {REPEATS}: {worst:.0f} ms",
            )
        )


if __name__ == "__main__":
    main()
