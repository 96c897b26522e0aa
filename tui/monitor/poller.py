"""The refresh: connects, scans once in the background, then asks again and again for what may have changed.

It never overlaps itself, backs off when the server fails, and goes on for ever. What it finds goes into
the store; how it fares is its `health`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Backend, KnownTasks, LookResult
from backend_adapters.errors import BackendError, Starting, Unreachable
from backend_adapters.model import Millis, ServerInfo, Task, TaskId
from backend_adapters.transport.retry import backoff_seconds
from tui.monitor.clock import Clock
from tui.monitor.cooperative import LoopYielder
from tui.monitor.store import Change, Store

INTERVALS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""The seconds between two polls that a person can choose among."""

BACKOFF_FIRST, BACKOFF_MOST = 1.0, 30.0
REFUSED_FIRST, REFUSED_MOST = 30.0, 300.0
"""Seconds between two tries after what a person has to mend, where it was live before: seldom, as a wrong
password that is sent again and again may lock its user out."""
ASKED_MOST = 300.0
"""Seconds that are waited at the most because the server asks for it."""
TOOK_MOST = 60.0
"""Seconds for which a failure that came late lets it wait at the most."""
UNFOCUSED_TIMES, UNFOCUSED_MOST = 5, 30.0
"""While nobody looks the pauses are so many times as long, but for this not over so many seconds."""
LOOK_AT_ONCE = 300
TRIED_MOST = 20
"""Tasks that can't be read and are tried again, one by one, when a person asks for everything."""
ANSWER_SLICE = 250
"""Tasks taken in between two looks at the time: a millisecond."""
VISIBLE_EVERY = 15.0
"""Seconds between two looks at the finished tasks on the screen, which somebody else may have deleted."""
VISIBLE_COSTLY = 0.2
"""Seconds; a longer look means large results on the server's side (facts: HugeGraph, section 13 #6)."""
SCAN_EVERY, SCAN_SHARE = 600.0, 100
"""Seconds until a full scan is repeated, and how many times its own length this is at the least."""
SCATTERED_EVERY, SCATTERED_SHARE = 10.0, 40
"""The same where new tasks may come up where no poll looks for them, and after a scan that was not whole."""


class Phase(Enum):
    """How the connection fares."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    OFFLINE = "offline"
    BLOCKED = "blocked"
    """A person has to do something; where it was live before it is tried again all the same, but seldom."""


class Health(Struct, frozen=True, kw_only=True):
    """How the refresh fares, for the header."""

    phase: Phase = Phase.CONNECTING
    info: ServerInfo | None = None
    error: BackendError | None = None
    last_ok: Millis | None = None
    """When the last complete answer came, by the local clock."""
    latency: float | None = None
    """Seconds the last poll took."""
    retry_at: float | None = None
    """When it tries again, on the monotonic clock."""
    scanning: bool = False
    begun: bool = False
    """The first tasks of a scan are in the store, all of them: what they show of the newest is whole."""
    scanned: bool = False
    """A scan has come to its end; unless it was partial, what is not in the store does not exist."""
    partial: str = ""
    """Why the last scan did not bring all tasks, as a sentence; empty where it did."""
    note: str = ""
    """What could not be read, of the last scan, poll and look; empty once they are clean again."""
    scattered: bool = False
    """The first tasks of a scan need not be the newest, and scans are repeated sooner."""

    @property
    def is_complete(self) -> bool:
        """Whether what is not in the store does not exist."""
        return self.scanned and not self.partial


class Poller:
    """Keeps a store in step with a backend."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        *,
        clock: Clock,
        interval: float,
        on_changes: Callable[[list[Change]], None],
        on_health: Callable[[Health], None],
        visible: Callable[[], Sequence[TaskId]],
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """`visible` tells which rows are on the screen, `busy` whether an action is still followed."""
        self.backend = backend
        self.store = store
        self.clock = clock
        self.interval = interval
        self.health = Health()
        self._on_changes = on_changes
        self._on_health = on_health
        self._visible = visible
        self._busy = busy
        self._focused = True
        self._wake = asyncio.Event()
        self._first_batch = asyncio.Event()
        self._full = True
        self._wanted = False
        self._paused = False
        self._failures = self._refusals = 0
        self._refusal: BackendError | None = None
        """The last one that was told since the server was live."""
        self._by_itself = False
        """The try under way began because its time had come: nobody asked for it."""
        self._scan_ended = self._scan_length = 0.0
        self._glance_due = 0.0
        self._glance_pause = VISIBLE_EVERY
        self._scan: asyncio.Task[None] | None = None
        self._notes: dict[str, str] = {}

    # What a person, or an operation, can ask for.

    def poll_now(self) -> None:
        """Poll now."""
        self._wake.set()

    def refresh_all(self) -> None:
        """Poll now and scan everything again, once even while paused; the backing off begins anew."""
        self._failures = self._refusals = 0
        self._full = self._wanted = True
        self._wake.set()

    @property
    def is_paused(self) -> bool:
        """Whether a person stopped it."""
        return self._paused

    def set_paused(self, paused: bool) -> None:
        """Stop asking, or go on."""
        self._paused = paused
        known = self.health.info is not None and self.health.error is None
        going = Phase.LIVE if known else Phase.CONNECTING
        self._tell(phase=Phase.PAUSED if paused else going, retry_at=None)
        self._wake.set()

    def set_interval(self, seconds: float) -> None:
        """Poll every so many seconds from now on."""
        self.interval = seconds
        if not self._failures:
            self._wake.set()

    @property
    def is_slowed(self) -> bool:
        """Whether it polls more slowly because nobody looks; never while an action is followed."""
        return not self._focused and not self._busy()

    @property
    def poll_pause(self) -> float:
        """Seconds between two polls as things are."""
        if not self.is_slowed:
            return self.interval
        return max(self.interval, min(UNFOCUSED_TIMES * self.interval, UNFOCUSED_MOST))

    def set_focused(self, focused: bool) -> None:
        """Note whether the terminal has the focus; with it back, poll at once."""
        back = focused and not self._focused
        self._focused = focused
        if back and not self._failures:
            self._wake.set()

    # The loop.

    async def run(self) -> None:
        """Refresh until cancelled."""
        try:
            while True:
                self._by_itself = not self._wake.is_set()
                self._wake.clear()
                began = self.clock.monotonic()
                try:
                    await self._refresh_once()
                except BackendError as error:
                    await self._failed(error, self.clock.monotonic() - began)
                else:
                    self._refusals = 0
                    await self._rest(max(self.poll_pause, 2 * (self.health.latency or 0.0)))
        finally:
            await self._end_scan()

    async def _refresh_once(self) -> None:
        self._collect_scan()
        if self._paused and not self._wanted:
            return
        if self.health.info is None:
            info = await self.backend.connect()
            self._tell(info=info)
        wanted = self._wanted
        if self._scan is None and (self._full or self.clock.monotonic() >= self._scan_due()):
            await self._begin_scan()
        await self._poll_changes()
        if wanted:
            await self.look_at(self._choose_unreadable())
        await self._refresh_visible()

    async def _poll_changes(self) -> None:
        began, asked = self.clock.monotonic(), self.store.take_ticket()
        known = KnownTasks(frozenset(self.store.unfinished), self.store.newest)
        changes = await self.backend.changes(known)
        await self._apply_answer(changes.tasks, changes.missing, asked)
        self._full = self._full or changes.stale
        self._notes["poll"] = changes.note
        if self._scan is None:
            # A server whose polls work and whose scans fail is to be asked more and more seldom too.
            self._failures = 0
        self._refusal = None
        self._tell(
            phase=Phase.PAUSED if self._paused else Phase.LIVE,
            error=None,
            retry_at=None,
            last_ok=self.clock.now(),
            latency=self.clock.monotonic() - began,
            note=self._note(),
            scattered=changes.scattered,
        )

    async def look_at(self, ids: Collection[TaskId], *, wished: bool = True) -> LookResult:
        """Read these tasks now and take in what the server says. Raises BackendError."""
        tasks: list[Task] = []
        missing: set[TaskId] = set()
        note = ""
        wanted = list(ids)
        for start in range(0, len(wanted), LOOK_AT_ONCE):
            asked = self.store.take_ticket()
            looked = await self.backend.look(wanted[start : start + LOOK_AT_ONCE], wished=wished)
            await self._apply_answer(looked.tasks, looked.missing, asked)
            tasks += looked.tasks
            missing |= looked.missing
            note = looked.note or note
        if wanted:
            self._notes["look"] = note
            self._tell(note=self._note())
        return LookResult(tuple(tasks), frozenset(missing), note)

    def _choose_unreadable(self) -> list[TaskId]:
        """Some of what can't be read, what is on the screen first, for a person who asks for everything."""
        unreadable = self.store.unreadable
        shown = [task_id for task_id in self._visible() if task_id in unreadable]
        return list(dict.fromkeys([*shown, *unreadable]))[:TRIED_MOST]

    async def _refresh_visible(self) -> None:
        """Look at the finished tasks on the screen now and then: others may have deleted them.

        Those that can't be read are left to the adapter, which tries them seldom and one by one.
        """
        began = self.clock.monotonic()
        if began < self._glance_due or self.backend.busy:
            return
        known = self.store.tasks
        finished = [one for one in self._visible() if one in known and known[one].status.is_finished]
        if finished:
            await self.look_at(finished, wished=False)
        took = self.clock.monotonic() - began
        self._glance_pause = min(2 * self._glance_pause, 300.0) if took > VISIBLE_COSTLY else VISIBLE_EVERY
        self._glance_due = self.clock.monotonic() + self._glance_pause

    async def _apply_answer(self, tasks: Sequence[Task], missing: Collection[TaskId], asked: int) -> None:
        """Take an answer in, in slices: one poll can bring as many tasks as others have started meanwhile."""
        loop, gone = LoopYielder(), list(missing)
        for start in range(0, len(tasks), ANSWER_SLICE):
            self._report_changes(self.store.apply_answer(tasks[start : start + ANSWER_SLICE], asked=asked))
            await loop.yield_if_due()
        for start in range(0, len(gone), ANSWER_SLICE):
            self._report_changes(self.store.apply_answer((), gone[start : start + ANSWER_SLICE], asked=asked))
            await loop.yield_if_due()

    async def _apply_scan(self, tasks: Sequence[Task], began: int) -> None:
        """Take a part of a scan in, in slices too."""
        loop = LoopYielder()
        for start in range(0, len(tasks), ANSWER_SLICE):
            self._report_changes(self.store.apply_scan(tasks[start : start + ANSWER_SLICE], began=began))
            await loop.yield_if_due()

    def _report_changes(self, changes: list[Change]) -> None:
        if changes:
            self._on_changes(changes)

    # The scan.

    async def _scan_all(self) -> None:
        """Read everything, then look again at what the scan did not bring before it is called gone."""
        started, began = self.clock.monotonic(), self.store.take_ticket()
        suspects = set(self.store.tasks)
        self._tell(scanning=True)
        note = partial = ""
        try:
            async with aclosing(self.backend.snapshot()) as batches:
                async for batch in batches:
                    if not batch.has_newest:
                        self._tell(scattered=True)
                    await self._apply_scan(batch.tasks, began)
                    suspects.difference_update(task.id for task in batch.tasks)
                    if batch.partial:
                        partial = batch.partial
                        self._tell(partial=partial)
                    if batch.note:
                        note = self._notes["scan"] = batch.note
                        self._tell(note=self._note())
                    self._tell(begun=True)
                    self._first_batch.set()
            if suspects:
                await self.look_at(suspects, wished=False)
            self.store.finish_scan(began)
            self._scan_ended = self.clock.monotonic()
            self._scan_length = self._scan_ended - started
            self._notes = {"scan": note}
            self._tell(begun=True, scanned=True, partial=partial, note=self._note())
        except BackendError:
            # The loop reports it and backs off; the scan starts anew after that.
            self._full = True
            self._wake.set()
            raise
        finally:
            self._tell(scanning=False)

    def _scan_due(self) -> float:
        """When the next scan is due, on the monotonic clock."""
        if self.health.scattered or self.health.partial:
            return self._scan_ended + max(SCATTERED_EVERY, SCATTERED_SHARE * self._scan_length)
        return self._scan_ended + max(SCAN_EVERY, SCAN_SHARE * self._scan_length)

    async def _begin_scan(self) -> None:
        """Start a scan in the background and wait for its first tasks: a poll builds on the newest id."""
        self._full = self._wanted = False
        self._first_batch.clear()
        self._scan = asyncio.create_task(self._scan_all(), name="graphtop scan")
        self._scan.add_done_callback(lambda _: self._first_batch.set())
        await self._first_batch.wait()
        self._collect_scan()

    def _collect_scan(self) -> None:
        """Put a scan that has ended away, and raise what it failed with."""
        if self._scan is not None and self._scan.done():
            scan, self._scan = self._scan, None
            if scan.exception() is not None and not self._wanted:
                # It woke the loop for this; left set, the wake would cut the backing off short.
                self._wake.clear()
            scan.result()

    async def _end_scan(self) -> None:
        if self._scan is not None:
            scan, self._scan = self._scan, None
            # What it has not brought is not known.
            self._full = True
            scan.cancel()
            await asyncio.gather(scan, return_exceptions=True)

    # Failures and rests.

    async def _failed(self, error: BackendError, took: float) -> None:
        """Back off; after a failure that came late, for at least as long as it `took`, in seconds."""
        self._failures += 1
        self._wanted = False
        # The server may have restarted, as another version even; or a person has to mend something first.
        anew = not error.retryable or isinstance(error, (Unreachable, Starting))
        if anew or self._paused:
            await self._end_scan()
        self._full = self._full or anew
        info = None if anew else self.health.info
        phase = Phase.OFFLINE if error.retryable else Phase.BLOCKED
        if self._paused or not (error.retryable or self.health.last_ok is not None):
            self._tell(phase=phase, error=error, retry_at=None, info=info)
            await self._wake.wait()
            return
        pause = self._backoff(error) if error.retryable else self._refused_pause()
        delay = max(pause, min(took, TOOK_MOST))
        retry_at = self.clock.monotonic() + delay
        self._tell(phase=phase, error=self._as_told(error), retry_at=retry_at, info=info)
        await self._rest(delay)

    def _as_told(self, error: BackendError) -> BackendError:
        """The refusal that was told before where it came again by itself: it is no news."""
        if error.retryable:
            return error
        told = self._refusal
        same = type(told) is type(error) and str(told) == str(error)
        self._refusal = told if told is not None and same and self._by_itself else error
        return self._refusal

    def _refused_pause(self) -> float:
        """Seconds to wait after what a person has to mend: ever longer."""
        self._refusals += 1
        return backoff_seconds(self._refusals, REFUSED_FIRST, REFUSED_MOST)

    def _backoff(self, error: BackendError) -> float:
        """Seconds to wait: what the server asks for, within reason, else ever longer and never in step."""
        asked = min(max(0.0, error.retry_after or 0.0), ASKED_MOST)
        longest = backoff_seconds(self._failures, BACKOFF_FIRST, BACKOFF_MOST)
        return asked or random.uniform(longest / 2, longest)

    def _note(self) -> str:
        """What to tell of records that could not be read: of the scan first, it has seen the most."""
        return next((note for note in map(self._notes.get, ("scan", "poll", "look")) if note), "")

    async def _rest(self, seconds: float) -> None:
        """Wait so long, or until woken; while paused, until woken."""
        if self._paused and not self._wanted:
            await self._wake.wait()
            return
        rest = asyncio.ensure_future(self.clock.sleep(seconds))
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait((rest, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            rest.cancel()
            woken.cancel()

    def _tell(self, **changes: object) -> None:
        health = replace(self.health, **changes)
        if health != self.health:
            self.health = health
            self._on_health(health)
