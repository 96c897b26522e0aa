"""The refresh: connects, scans once in the background, then polls for what may have changed.

It never overlaps itself, backs off when the server fails, and goes on for ever. What it finds goes into
the store; how it fares is its `health`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from backend_adapters.backend import Backend, KnownTasks
from backend_adapters.errors import BackendError, Starting, Unreachable
from backend_adapters.model import TaskId
from backend_adapters.transport.request_context import read_seconds_waited
from tui.monitor.backoff import Backoff
from tui.monitor.clock import Clock, wait_for_event
from tui.monitor.full_scan import FullScan
from tui.monitor.health import Health, HealthState, Phase
from tui.monitor.store import Change, Store
from tui.monitor.task_reader import TaskReader

INTERVALS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""The poll intervals in seconds that a person can choose from."""
UNFOCUSED_TIMES, UNFOCUSED_MOST = 5, 30.0
"""While the terminal has no focus, pauses are this many times longer, up to this many seconds."""
TRIED_MOST = 20
"""Unreadable tasks that are retried, one by one, when a person asks for everything."""
VISIBLE_EVERY, VISIBLE_MOST = 15.0, 300.0
"""Seconds between two checks of the finished tasks on the screen, which others may have deleted."""
VISIBLE_COSTLY = 0.2
"""Seconds; a longer check means large results on the server's side (hugegraph/PROTOCOL.md, section 1.5)."""


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
        turns: asyncio.Semaphore | None = None,
    ) -> None:
        """`visible` tells which rows are on the screen, `busy` whether an action is still followed.

        The first refresh waits for one of the `turns` that places of one server have, where there are many.
        """
        self.backend = backend
        self.store = store
        self.clock = clock
        self.interval = interval
        self.health_state = HealthState(on_health)
        self._reader = TaskReader(backend, store, self.health_state, on_changes)
        self.look_at = self._reader.look_at
        self.quiet_pause = 0.0
        """Seconds between two polls, at least, while nothing goes on in this place."""
        self.hidden_pause = 0.0
        """The same while, besides, none of its tasks is on the screen."""
        self._is_shown = True
        self._polled: float | None = None
        """When the last poll was answered; None before the first."""
        self._visible = visible
        self._busy = busy
        self._turns = turns
        self._has_turn = False
        self._focused = True
        self._wake = asyncio.Event()
        self._scan = FullScan(
            backend, store, self._reader, self.health_state, clock=clock, on_failure=self._wake.set
        )
        self._backoff = Backoff()
        self._refresh_wanted = False
        """A person has asked for everything: it is read once even while paused."""
        self.is_paused = False
        """A person has paused it; `set_paused` sets it."""
        self._by_itself = False
        """The attempt under way was started by its timer, not by a person."""
        self._visible_due = 0.0
        self._visible_pause = VISIBLE_EVERY

    @property
    def health(self) -> Health:
        """The state of the refresh."""
        return self.health_state.health

    # What a person, or an operation, can ask for.

    def poll_now(self) -> None:
        """Poll now."""
        self._wake.set()

    def refresh_all(self) -> None:
        """Poll now and scan everything again, once even while paused; resets the back-off."""
        self._backoff.restart()
        self._scan.is_needed = self._refresh_wanted = True
        self._wake.set()

    def set_paused(self, paused: bool) -> None:
        """Stop polling, or resume."""
        self.is_paused = paused
        known = self.health.info is not None and self.health.error is None
        going = Phase.LIVE if known else Phase.CONNECTING
        self.health_state.update(phase=Phase.PAUSED if paused else going, retry_at=None)
        self._wake.set()

    def set_interval(self, seconds: float) -> None:
        """Poll every so many seconds from now on."""
        self.interval = seconds
        if not self._backoff.failures:
            self._wake.set()

    @property
    def is_slowed(self) -> bool:
        """Whether it polls more slowly because nobody looks; never while an action is followed."""
        return not self._focused and not self._busy()

    @property
    def poll_pause(self) -> float:
        """Seconds between two polls as things are."""
        pause = self.interval
        if not self.store.unfinished and not self._busy():
            pause = max(pause, self.quiet_pause if self._is_shown else self.hidden_pause)
        if not self.is_slowed:
            return pause
        return max(pause, min(UNFOCUSED_TIMES * self.interval, UNFOCUSED_MOST))

    def set_shown(self, shown: bool) -> None:
        """Note whether tasks of this place are on the screen; where they come there, poll if it is time."""
        was_shown, self._is_shown = self._is_shown, shown
        is_due = self._polled is not None and self.clock.monotonic() >= self._polled + self.poll_pause
        if shown and not was_shown and is_due and not self._backoff.failures:
            self._wake.set()

    def set_focused(self, focused: bool) -> None:
        """Note whether the terminal has the focus; with it back, poll at once."""
        back = focused and not self._focused
        self._focused = focused
        if back and not self._backoff.failures:
            self._wake.set()

    # The loop.

    async def run(self) -> None:
        """Refresh until cancelled."""
        try:
            await self._wait_for_turn()
            while True:
                self._by_itself = not self._wake.is_set()
                self._wake.clear()
                began, waited = self.clock.monotonic(), read_seconds_waited()
                try:
                    await self._refresh_once()
                except BackendError as error:
                    self._end_turn()
                    await self._back_off(error, self._measure_work(began, waited))
                else:
                    self._end_turn()
                    self._backoff.note_refresh()
                    await self._wait(max(self.poll_pause, 2 * (self.health.latency or 0.0)))
        finally:
            self._end_turn()
            await self._scan.stop()

    async def _wait_for_turn(self) -> None:
        """Wait until this place may begin: one whole place after another is more than a bit of each."""
        if self._turns is None:
            return
        if self._turns.locked():
            self.health_state.update(scanning=True)
        await self._turns.acquire()
        self._has_turn = True
        self.health_state.update(scanning=False)

    def _end_turn(self) -> None:
        """The first refresh is over, or will not be."""
        if self._turns is not None and self._has_turn:
            self._has_turn = False
            self._turns.release()

    async def _refresh_once(self) -> None:
        self._collect_scan()
        if self.is_paused and not self._refresh_wanted:
            return
        if self.health.info is None:
            self.health_state.update(info=await self.backend.connect(then_snapshot=True))
        wanted = self._refresh_wanted
        if not self._scan.is_running and self._scan.is_due:
            self._refresh_wanted = False
            await self._scan.begin()
            self._collect_scan()
        await self._poll_changes()
        await self._look_at_unwritten_ends()
        if wanted:
            await self.look_at(self._choose_unreadable())
        await self._refresh_visible()

    def _collect_scan(self) -> None:
        """Raise the error of a scan that has failed."""
        try:
            self._scan.collect()
        except BackendError:
            if not self._refresh_wanted:
                # The scan set this event to be collected; left set, it would cut the back-off short.
                self._wake.clear()
            raise

    async def _poll_changes(self) -> None:
        began, asked = self.clock.monotonic(), self.store.take_ticket()
        waited = read_seconds_waited()
        known = KnownTasks(frozenset(self.store.unfinished), self.store.newest)
        changes = await self.backend.changes(known)
        self._polled = self.clock.monotonic()
        took = self._measure_work(began, waited)
        await self._reader.apply_answer(changes.tasks, changes.missing, asked)
        self._scan.is_needed = self._scan.is_needed or changes.stale
        self._backoff.note_poll(scanning=self._scan.is_running)
        self.health_state.notes["poll"] = changes.note
        self.health_state.update(
            phase=Phase.PAUSED if self.is_paused else Phase.LIVE,
            error=None,
            retry_at=None,
            last_ok=self.clock.now(),
            latency=took,
            scattered=changes.scattered,
        )

    def _measure_work(self, began: float, waited: float) -> float:
        """Seconds since then, but for those in which requests waited for their turns: no server was slow."""
        return max(0.0, self.clock.monotonic() - began - (read_seconds_waited() - waited))

    async def _look_at_unwritten_ends(self) -> None:
        """Look again at tasks that have finished while the server had not written when: not in a hurry.

        Such a task may have a large result, which costs the server much (hugegraph/PROTOCOL.md, section 1.5).
        """
        ends = self.store.unwritten_ends
        due = ends.note_poll()
        if due and not self.backend.is_busy:
            await self.look_at(due, urgent=False)
            ends.note_looks(due)

    def _choose_unreadable(self) -> list[TaskId]:
        """Some of the unreadable tasks, those on the screen first, for a person who asks for everything."""
        unreadable = self.store.unreadable
        shown = [task_id for task_id in self._visible() if task_id in unreadable]
        return list(dict.fromkeys([*shown, *unreadable]))[:TRIED_MOST]

    async def _refresh_visible(self) -> None:
        """Check the finished tasks on the screen now and then: others may have deleted them.

        Those that can't be read are left to the adapter, which tries them seldom and one by one.
        """
        began = self.clock.monotonic()
        if not self._is_shown or began < self._visible_due or self.backend.is_busy:
            return
        known = self.store.tasks
        finished = [one for one in self._visible() if one in known and known[one].status.is_finished]
        if finished:
            await self.look_at(finished, urgent=False)
        took = self.clock.monotonic() - began
        longer = min(2 * self._visible_pause, VISIBLE_MOST)
        self._visible_pause = longer if took > VISIBLE_COSTLY else VISIBLE_EVERY
        self._visible_due = self.clock.monotonic() + self._visible_pause

    # Failures and pauses.

    async def _back_off(self, error: BackendError, took: float) -> None:
        """Wait after a failure that came after `took` seconds."""
        self._backoff.failures += 1
        self._refresh_wanted = False
        # The server may have restarted, as another version even; or a person has to mend something first.
        anew = not error.retryable or isinstance(error, (Unreachable, Starting))
        if anew or self.is_paused:
            await self._scan.stop()
        self._scan.is_needed = self._scan.is_needed or anew
        info = None if anew else self.health.info
        phase = Phase.OFFLINE if error.retryable else Phase.BLOCKED
        if self.is_paused or not (error.retryable or self.health.last_ok is not None):
            self.health_state.update(phase=phase, error=error, retry_at=None, info=info)
            await self._wake.wait()
            return
        pause = self._backoff.choose_pause(error, took)
        retry_at = self.clock.monotonic() + pause
        reported = self._backoff.find_reported(error, by_itself=self._by_itself)
        self.health_state.update(phase=phase, error=reported, retry_at=retry_at, info=info)
        await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        """Wait so long, or until woken; while paused, until woken."""
        if self.is_paused and not self._refresh_wanted:
            await self._wake.wait()
            return
        await wait_for_event(self.clock, self._wake, seconds)
