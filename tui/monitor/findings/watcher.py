"""Looks for problems in all places that are watched, again and again, in slices and without any request.

A screen makes a `FindingsWatcher` for its monitor, looks once with `check_places`, runs it as long as it
watches, and draws `findings` whenever it is called back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from msgspec.structs import replace

from backend_adapters.model import Millis, TaskDetail, TaskKey
from tui.config.finding_settings import FindingLimits
from tui.monitor.clock import wait_for_event
from tui.monitor.cooperative import LoopYielder
from tui.monitor.findings.common_failures import CommonFailures
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.place_watch import PlaceWatch
from tui.monitor.findings.rules import sort_findings
from tui.monitor.watched_place import WatchedPlace
from tui.monitor.watched_places import WatchedPlaces

ROUND_PAUSE = 5.0
"""Seconds between two rounds."""
ROUND_PAUSE_MOST = 30.0
COST_TIMES = 100
"""A round is followed by a pause of at least so many times the work in it: one percent of a processor."""
COUNTED_EVERY_SECONDS = 60.0
"""Seconds between two counts of what the kinds of a place took."""


class FindingsWatcher:
    """The problems of all places of a monitor, as they are now."""

    def __init__(self, monitor: WatchedPlaces, limits: FindingLimits, on_change: Callable[[], None]) -> None:
        """`on_change` is called on the event loop after `findings` have changed; it must return quickly."""
        self.findings: tuple[Finding, ...] = ()
        """The present ones, the most urgent first."""
        self._by_task: dict[TaskKey, Finding] = {}
        self._monitor = monitor
        self._limits = limits
        self._on_change = on_change
        self._failures = CommonFailures()
        self._watches: dict[WatchedPlace, PlaceWatch] = {}
        self._counted: dict[WatchedPlace, float] = {}
        """When the kinds of a place may be counted again, by the monotonic clock."""
        self._found: dict[str, Millis] = {}
        """When each of the present ones was found first, by the clock that ages follow."""
        self._wake = asyncio.Event()
        self._work = 0.0

    def find_finding(self, key: TaskKey) -> Finding | None:
        """What is wrong with a task, by its key: the most urgent that is known; None where nothing is."""
        return self._by_task.get(key)

    def note_detail(self, watched: WatchedPlace, detail: TaskDetail) -> None:
        """Look at the result of a task whose detail was read for a person."""
        if (watch := self._watches.get(watched)) is not None:
            watch.note_detail(detail)
            self._wake.set()

    def check_now(self) -> None:
        """Look again now, rather than at the next round."""
        self._wake.set()

    async def run(self) -> None:
        """Look again after each pause, until cancelled."""
        while True:
            pause = min(max(ROUND_PAUSE, COST_TIMES * self._work), ROUND_PAUSE_MOST)
            await wait_for_event(self._monitor.clock, self._wake, pause)
            self._wake.clear()
            await self.check_places()

    async def check_places(self) -> None:
        """Look at all places once."""
        self._follow_places()
        loop, found, self._work = _WorkMeter(), list[Finding](), 0.0
        for watched, watch in list(self._watches.items()):
            await loop.run_steps(watch.take_changes())
            if watched.is_hidden:
                continue
            await self._count_kinds(watched, watch, loop)
            found += await loop.run_steps(watch.find_problems())
            # A place without tasks has no steps between which the time is looked at.
            await loop.yield_if_due()
        self._work = loop.measure_work()
        found += self._failures.find_all(self._limits, self._monitor.tasks.now())
        self._take_findings(found)

    def _follow_places(self) -> None:
        """Begin with places that are new, and forget those that are watched no longer."""
        places = dict.fromkeys(self._monitor.places)
        for watched in places:
            if watched not in self._watches:
                self._watches[watched] = PlaceWatch(watched, self._limits, self._failures)
        for watched in [one for one in self._watches if one not in places]:
            watched.followers.remove(self._watches.pop(watched))
            self._counted.pop(watched, None)
            if watched.place is not None:
                self._failures.forget_place(watched.place.make_key(""))

    async def _count_kinds(self, watched: WatchedPlace, watch: PlaceWatch, loop: LoopYielder) -> None:
        """Bring what is known of the kinds of unfinished tasks up to date, if it is time."""
        now = self._monitor.clock.monotonic()
        if now < self._counted.get(watched, 0.0) or not watched.health.scanned:
            return
        await watch.recall_sights()
        tasks = await loop.run_steps(watch.choose_counted_tasks())
        began = time.perf_counter()
        if tasks:
            await watched.kind_records.count_all(tasks)
        pause = max(COUNTED_EVERY_SECONDS, COST_TIMES * (time.perf_counter() - began))
        self._counted[watched] = now + pause if tasks else now

    def _take_findings(self, found: list[Finding]) -> None:
        now = self._monitor.tasks.now()
        self._found = {one.identity: self._found.get(one.identity, now) for one in found}
        known = [
            one if one.since is not None else replace(one, since=self._found[one.identity]) for one in found
        ]
        findings = tuple(sort_findings(known))
        if findings == self.findings:
            return
        self.findings = findings
        self._by_task = {}
        for one in findings:
            for key in one.keys:
                self._by_task.setdefault(key, one)
        self._on_change()


class _WorkMeter(LoopYielder):
    """Lets the event loop run after each slice, and adds up how long the slices took."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.perf_counter()
        self._total = 0.0

    async def yield_if_due(self) -> None:
        if self.is_due:
            self._total += time.perf_counter() - self._began
            await asyncio.sleep(0)
            self._began = self._since = time.perf_counter()

    def measure_work(self) -> float:
        """Seconds of work so far."""
        return self._total + time.perf_counter() - self._began
