"""The whole program on a simulated server, over real HTTP semantics, with a clock that the test owns."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.pilot import Pilot
from textual.strip import Strip

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.support.patience import PATIENCE
from tui.app import Graphtop
from tui.config.finding_settings import FINDING_SETTINGS
from tui.config.options import ScreenOptions
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.clock import Clock
from tui.monitor.health import Phase
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.screens.dialogs.login import LoginScreen
from tui.screens.tasks.screen import TasksScreen
from tui.textual_ext.cell_app import is_at_rest
from tui.widgets.task_line import TaskLine

NOON = 1_795_435_200_000
"""2026-11-23 12:00:00 UTC in epoch milliseconds."""
NO_PROBLEMS = {one.name: False for one in FINDING_SETTINGS if one.is_rule}
"""Nothing is looked for: a picture of something else does not depend on when something is found."""
SPEED = 20.0
STALL = 0.1
"""Seconds between two looks at a fast clock of which no more are counted: the machine was busy elsewhere."""


class FastClock(Clock):
    """Time that runs faster than the wall's, so that ten seconds of a server take half a second.

    While a busy machine stalls the program it stands still, so that no limit runs out meanwhile.
    """

    def __init__(self, speed: float = SPEED) -> None:
        self._looked = time.monotonic()
        self._elapsed = 0.0
        self._speed = speed

    def now(self) -> int:
        return NOON + round(self.monotonic() * 1000)

    def monotonic(self) -> float:
        before, self._looked = self._looked, time.monotonic()
        self._elapsed += min(self._looked - before, STALL) * self._speed
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        began = self.monotonic()
        while (left := began + seconds - self.monotonic()) > 0:
            step = min(left / self._speed, STALL / 2)
            await asyncio.sleep(step)


class FrozenClock(Clock):
    """Time that stands still, for pictures."""

    def __init__(self, now: int = NOON) -> None:
        self.moment = now

    def now(self) -> int:
        return self.moment

    def monotonic(self) -> float:
        return 1000.0


def read_screen(app: App[None]) -> list[str]:
    """What a person sees, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


async def wait_until(
    pilot: Pilot[None], check: Callable[[], bool], what: str, seconds: float = PATIENCE
) -> None:
    """Wait until something is so; fail with the screen as it is when it is not in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise AssertionError("\n".join((f"never happened: {what}", *read_screen(pilot.app))))
        await pilot.pause(0.02)
    await pilot.pause()


class RunningApp:
    """One running program, with the server behind it."""

    def __init__(self, app: Graphtop, pilot: Pilot[None], server: FaultyHugeGraph) -> None:
        self.app = app
        self.pilot = pilot
        self.server = server

    @property
    def screen(self) -> TasksScreen:
        """The tasks screen, also under a dialog."""
        found = [screen for screen in self.app.screen_stack if isinstance(screen, TasksScreen)]
        return found[-1]

    def scanned(self) -> bool:
        """Whether the first full scan is complete."""
        has_tasks = any(isinstance(screen, TasksScreen) for screen in self.app.screen_stack)
        monitor = self.screen.monitor if has_tasks else None
        return monitor is not None and monitor.health.scanned

    def drawn(self) -> bool:
        """Whether the first full scan is complete, and all that it brought on the screen."""
        return self.scanned() and not self.screen.presenter.is_draw_pending

    def lines(self) -> list[str]:
        """What a person sees, line by line."""
        return read_screen(self.app)

    def text(self) -> str:
        """What a person sees."""
        return "\n".join(self.lines())

    def table_head(self) -> str:
        """The line of the table that names the columns."""
        return self.lines()[self.screen.parts.table.content_region.y]

    def row(self, task_id: str) -> str:
        """The line of the table that shows a task."""
        table = self.screen.parts.table
        lines = [line.task_key if isinstance(line, TaskLine) else None for line in table._frame]
        assert task_id in lines, f"task {task_id} is not on the screen"
        return self.lines()[table.content_region.y + 1 + lines.index(task_id)]

    async def press(self, *keys: str) -> None:
        """Press keys and let the program settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def ask(self, *keys: str) -> None:
        """Press what opens the dialog of an action, and wait until the dialog listens."""
        await self.press(*keys)
        await self.until(self._listens, "the dialog listening")

    def asks_login(self) -> bool:
        """Whether the dialog that asks for a login is there, and listens."""
        dialog = self.app.screen
        return isinstance(dialog, LoginScreen) and not dialog.is_too_early(events.Key("y", "y"))

    def _listens(self) -> bool:
        dialog = self.app.screen
        return isinstance(dialog, ConfirmScreen) and not dialog.is_too_early(events.Key("y", "y"))

    async def until(self, check: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until something is so; fail with the screen as it is when it is not in time."""
        await wait_until(self.pilot, check, what, seconds)

    async def until_seen(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the screen shows these words; behind the end of a sentence stands no letter."""
        shown = re.compile(re.escape(words) + ("(?![A-Za-z])" if words.endswith(".") else ""))
        await self.until(lambda: shown.search(self.text()) is not None, f"seeing {words!r}", seconds)

    async def until_cancelled(self, task_id: str) -> None:
        """Wait until graphtop has told that a task was cancelled; the tab `Cancelled 1` is no such word."""
        shown, store = f"Cancelled {task_id}", self.screen.monitor.only.store
        await self.until(lambda: not store.overlays and shown in self.text(), f"seeing {shown!r} at the end")

    async def until_gone(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the screen no longer shows these words."""
        await self.until(lambda: words not in self.text(), f"{words!r} going away", seconds)

    async def work_done(self) -> None:
        """Wait until nothing runs in the background any more but what goes on until the end."""

        def is_done() -> bool:
            endless = ("problems",)
            return not any(work.is_running and work.group not in endless for work in self.app.workers)

        await self.until(is_done, "the end of the work in the background")

    async def submit(self, script: str, graph: str = "hugegraph") -> str:
        """Start a job as somebody else would."""
        return await submit_job(self._other(), script, graph)

    async def status(self, task_id: str, graph: str = "hugegraph") -> str:
        """What the server itself says of a task; `gone` where it has none."""
        answer = await self._other().get(f"/graphs/{graph}/tasks/{task_id}")
        return "gone" if answer.status_code == 404 else answer.json()["task_status"]

    async def delete(self, task_id: str, *, force: bool = False) -> None:
        """Delete a task as somebody else would."""
        await self._other().delete(f"/graphs/hugegraph/tasks/{task_id}", params={"force": str(force).lower()})

    async def cancel(self, task_id: str, until: str = "cancelled") -> None:
        """Cancel a task as somebody else would, and wait until it is in this status."""
        await self._other().put(f"/graphs/hugegraph/tasks/{task_id}", params={"action": "cancel"})
        end = time.monotonic() + PATIENCE
        while await self.status(task_id) != until:
            assert time.monotonic() < end, f"task {task_id} was never {until}"
            await self.pilot.pause(0.02)

    def sent(self, method: str) -> list[str]:
        """The requests of a method that the server received, `other=1` ones left out."""
        return [line for line in self.server.requests if line.startswith(method) and "other=1" not in line]

    def _other(self) -> httpx.AsyncClient:
        return make_other_client(self.server)


def make_other_client(server: ASGIApp) -> httpx.AsyncClient:
    """The way of somebody else to a server, whose requests have `other=1`."""
    transport = httpx.ASGITransport(server)
    return httpx.AsyncClient(transport=transport, base_url="http://stage", params={"other": "1"})


async def submit_job(client: httpx.AsyncClient, script: str, graph: str = "hugegraph") -> str:
    """Start a job; gives the id of its task."""
    body = {"gremlin": script, "bindings": {}, "language": "gremlin-groovy", "aliases": {}}
    answer = await client.post(f"/graphs/{graph}/jobs/gremlin", json=body)
    assert answer.status_code < 300, answer.text
    return str(answer.json()["task_id"])


def hold_actions(at: RunningApp, monkeypatch: pytest.MonkeyPatch, call: str = "act") -> asyncio.Event:
    """Let no action, or no other `call`, reach any server before the event is set."""
    sent = asyncio.Event()
    for place in at.screen.monitor.places:
        send = getattr(place.backend, call)

        async def send_late(*asked: object, send: Callable[..., Awaitable[object]] = send) -> object:
            await sent.wait()
            return await send(*asked)

        monkeypatch.setattr(place.backend, call, send_late)
    return sent


@asynccontextmanager
async def run_app(
    settings: HugeGraphSettings = EMPTY_HUGEGRAPH,
    *,
    size: tuple[int, int] = (120, 36),
    options: ScreenOptions | None = None,
    clock: Clock | None = None,
    credentials: Credentials | None = None,
    graph: str | None = None,
    server: FaultyHugeGraph | None = None,
    ready: bool = True,
    profile_source: ProfileSwitcher | None = None,
    terminal: type[Driver] | None = None,
    rows_folder: Path | None = None,
) -> AsyncIterator[RunningApp]:
    """Run the program on a simulated server until the block ends, without a terminal or with one.

    Last known rows are in `rows_folder`, where one is given.
    """
    clock = clock or FastClock()
    server = server or FaultyHugeGraph(settings, clock.now)
    target = Target(
        url="http://stage:8080",
        profile="stage",
        graph=graph,
        credentials=credentials or Credentials(),
        http=httpx.ASGITransport(server),
    )
    app = Graphtop(
        target,
        options or ScreenOptions(interval=1.0),
        clock=clock,
        profile_source=profile_source,
        rows_folder=rows_folder,
    )
    if terminal is not None:
        app.driver_class = terminal
    async with app.run_test(headless=terminal is None, size=size, notifications=True) as pilot:
        staged = RunningApp(app, pilot, server)
        if ready:
            await staged.until(staged.drawn, "the first scan")
        yield staged


async def wait_for_rest(pilot: Pilot[None]) -> None:
    """Wait until nothing is on its way any more, and what is drawn stays as it is."""
    end = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < end, "the screen did not come to rest"
        await pilot.pause(0.02)
        screens = [screen for screen in pilot.app.screen_stack if isinstance(screen, TasksScreen)]
        monitor = screens[-1].monitor if screens else None
        if monitor is None:
            continue
        quiet = monitor.health.scanned or monitor.health.error is not None
        is_live = monitor.health.phase is Phase.LIVE
        detail = screens[-1].panes.detail
        is_reading = any(place.headlines.is_reading for place in monitor.places)
        if monitor.is_joint:
            # Places take turns: for a moment none of them reads.
            shown = map(monitor.tasks.find_task, screens[-1].presenter.ids_on_screen())
            is_reading = is_reading or any(task is not None and task.lacks_reason for task in shown)
        reading = (is_live and is_reading) or (detail is not None and detail.is_waiting)
        if quiet and not reading and not screens[-1].presenter.is_draw_pending:
            break
    # A dialog is laid out in several steps.
    before: list[Strip] = []
    while (shown := pilot.app.screen._compositor.render_strips()) != before or not is_at_rest(pilot.app):
        assert time.monotonic() < end, "the picture did not come to rest"
        before = shown
        await pilot.pause(0.1)
