"""graphtop within this process, on a driver that only notes when it was written to.

Where a figure starts at "the bytes are there", the server's answers are recorded first and replayed at no
cost, so that all that is measured is ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.app import App
from textual.driver import Driver

from backend_adapters.backend import Progress
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import ServerInfo
from backend_adapters.transport.client import DEADLINE, LIST_CAP, Params, Transport
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.target import Target
from tests.bench.raw_terminal import HEIGHT, PATIENCE, ROOT, WIDTH
from tests.support.one_place import watch_one
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.screens.tasks.screen import TasksScreen


class Noting(Driver):
    """A terminal that keeps the last text written to it, and when it came."""

    def __init__(
        self, app: App[None], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.written = 0
        """Bytes so far."""
        self.on_write: Callable[[str], None] = lambda text: None

    @property
    def is_headless(self) -> bool:
        """Nobody looks, but everything is drawn."""
        return False

    def write(self, data: str) -> None:
        """Count and tell."""
        self.written += len(data.encode())
        self.on_write(data)

    def start_application_mode(self) -> None:
        """Nothing to set."""

    def disable_input(self) -> None:
        """Nothing comes in."""

    def stop_application_mode(self) -> None:
        """Nothing to put back."""


class Recorded(Transport):
    """Asks each thing once, and gives the same answer at once from then on."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.answers: dict[tuple[str, Params], Reply] = {}
        self.answered = 0.0
        """When the last answer was handed over, by perf_counter."""

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        cap: int = LIST_CAP,
        progress: Progress | None = None,
        within: float | None = DEADLINE,
    ) -> Reply:
        """See Transport."""
        key = (path, tuple(params))
        if key not in self.answers:
            self.answers[key] = await super().get(path, params, cap=cap, progress=progress, within=within)
        self.answered = time.perf_counter()
        return self.answers[key]

    async def aclose(self) -> None:
        """Stay: another program is to be started on the same answers."""


class Replayed(Graphtop):
    """graphtop on recorded answers."""

    CSS_PATH = ROOT / "tui" / "styles" / "tasks.tcss"

    began: float
    """When it began to ask, by perf_counter, and `began_cpu` by process_time."""
    began_cpu: float

    def __init__(self, target: Target, wire: Recorded) -> None:
        super().__init__(target, ScreenOptions(interval=60.0))
        self.driver_class = Noting
        self._wire = wire

    def make_monitor(self, listener: Listener, last_rows: LastRows | None) -> Monitor:
        backend = HugeGraphBackend(self.target)
        backend.transport = self._wire
        self.began, self.began_cpu = time.perf_counter(), time.process_time()
        return watch_one(backend, listener=listener, interval=self.options.interval, last_rows=last_rows)


async def recorded(target: Target) -> Recorded:
    """A transport that has been asked all that a start asks."""
    wire = Recorded(target)
    backend = HugeGraphBackend(target)
    backend.transport = wire
    info = await backend.connect()
    assert isinstance(info, ServerInfo)
    async for _ in backend.snapshot():
        pass
    return wire


class InProcessApp:
    """A running program, its keys and its paints."""

    def __init__(self, app: Replayed) -> None:
        self.app = app

    @property
    def screen(self) -> TasksScreen:
        """The tasks screen."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, TasksScreen))

    @property
    def monitor(self) -> Monitor:
        """What it watches."""
        assert self.screen.monitor is not None
        return self.screen.monitor

    @property
    def driver(self) -> Noting:
        """Its terminal."""
        assert isinstance(self.app._driver, Noting)
        return self.app._driver

    def press(self, *keys: str) -> None:
        """Type keys, as the terminal's thread does."""
        for key in keys:
            self.driver.process_message(events.Key(key, key if len(key) == 1 else None))

    async def painted(self, true: Callable[[str], bool]) -> float:
        """When something is written of which this holds, by perf_counter."""
        found: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def look(text: str) -> None:
            if not found.done() and true(text):
                found.set_result(time.perf_counter())

        self.driver.on_write = look
        try:
            return await asyncio.wait_for(found, PATIENCE)
        finally:
            self.driver.on_write = lambda text: None

    async def settle(self, seconds: float = 0.3) -> None:
        """Let everything under way end."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def run_in_process(wire: Recorded, target: Target) -> AsyncIterator[InProcessApp]:
    """Run graphtop on recorded answers until the end of the block."""
    app = Replayed(target, wire)
    async with app.run_test(headless=False, size=(WIDTH, HEIGHT)):
        yield InProcessApp(app)


@asynccontextmanager
async def watched_loop() -> AsyncIterator[list[float]]:
    """Give the lengths of the loop's rounds meanwhile, in ms: the longest is how long it was blocked."""
    rounds: list[float] = []

    async def turn() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            rounds.append((now - last) * 1000)
            last = now

    turning = asyncio.create_task(turn())
    try:
        yield rounds
    finally:
        turning.cancel()
