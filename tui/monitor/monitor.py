"""The whole engine: one source with its store, view, refresh and actions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError
from backend_adapters.model import Ability, Action, Task, TaskId, is_different_task
from tui.monitor.clock import Clock
from tui.monitor.details import Details
from tui.monitor.failure_headlines import FailureHeadlines
from tui.monitor.filters import FilterError
from tui.monitor.health import Health, Phase, is_calm
from tui.monitor.journal.writer import Journal
from tui.monitor.kind_record import KindRecords
from tui.monitor.last_rows import LastRows
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Outcome, Report, describe_worker_refusal
from tui.monitor.place_file import PlaceFile
from tui.monitor.poller import Poller
from tui.monitor.rows_file import RowsFile
from tui.monitor.rows_keeper import RowsKeeper
from tui.monitor.server_time import ServerTime
from tui.monitor.session_rows import SessionRows
from tui.monitor.silent_tasks import Silence, explain_silence, measure_silence
from tui.monitor.store import Change, Store
from tui.monitor.view import Shape, View

NOT_CONNECTED = Ability(False, "Not connected to the server yet.")
NOT_REACHED = Ability(False, "The server can't be reached, so nothing was sent. Press r to try again.")
CONNECTION_LOST = Ability(False, "The connection was lost, so nothing was sent. Press r to try again.")


class Listener:
    """What the engine reports to its user interface. Calls come on the event loop and must return quickly."""

    def rows_changed(self, changes: Sequence[Change]) -> None:
        """Tasks changed; the view already shows them."""

    def shape_changed(self) -> None:
        """The view shows another order, filter or group."""

    def filter_refused(self, error: FilterError) -> None:
        """A filter was rejected because it takes too long; the view stays as it was."""

    def overlays_changed(self) -> None:
        """What is shown besides the server's state changed: actions under way."""

    def health_changed(self, health: Health) -> None:
        """The state of the refresh changed."""

    def operation_ended(self, report: Report) -> None:
        """An action on a task has ended, or a force deleted task has reappeared."""

    def batch_ended(self, reports: Sequence[Report]) -> None:
        """All actions started together have ended; `operation_ended` has been called for each."""

    def ids_on_screen(self) -> Sequence[TaskId]:
        """The ids of the rows on the screen."""
        return ()

    def on_internal_error(self, error: BaseException) -> None:
        """An error in graphtop itself that nothing else handles."""


class Monitor:
    """Watches one source and acts on it. Start it in a running event loop, and close it."""

    def __init__(
        self,
        backend: Backend,
        *,
        listener: Listener,
        clock: Clock | None = None,
        interval: float = 2.0,
        busy: Callable[[TaskId], bool] = lambda task_id: False,
        journal: Journal | None = None,
        places: PlaceFile | None = None,
        rows_file: RowsFile | None = None,
        last_rows: LastRows | None = None,
    ) -> None:
        """`busy` tells whether another monitor, which is about to close, still acts on a task.

        `journal` keeps a line of every action; what can't be written there is not sent. `places` keeps what
        is known of the place, and `rows_file` its newest rows, for the next start; `last_rows` are those of
        the last session.
        """
        self.backend = backend
        self.clock = clock or Clock()
        self.listener = listener
        self.server_time = ServerTime(backend, self.clock)
        self.store = Store(self.server_time.now)
        self.server_time.on_jump = self.store.move_times
        self.view = View(self.store, self.server_time.now)
        self.view.expects_ended = True
        self.wanted = Shape() if last_rows is None else last_rows.view.shape
        self.poller = Poller(
            backend,
            self.store,
            clock=self.clock,
            interval=interval,
            on_changes=self._follow_changes,
            on_health=self._follow_health,
            visible=listener.ids_on_screen,
            busy=lambda: bool(self.store.overlays),
        )
        self.operations = Operations(
            backend,
            self.store,
            self.poller.look_at,
            clock=self.clock,
            on_report=self._note_report,
            on_overlay=listener.overlays_changed,
            busy=busy,
            journal=journal,
        )
        self.session_rows = self._make_session_rows(last_rows, rows_file)
        self.kind_records = KindRecords(self.store, self.clock)
        self.details = Details(backend, spawn=self._start_task)
        self.headlines = FailureHeadlines(
            backend,
            self.store,
            clock=self.clock,
            on_changes=self._follow_changes,
            ready=lambda: self.health.phase is Phase.LIVE and not backend.is_busy,
            calm=lambda: is_calm(self.health),
        )
        self._refused: dict[TaskId, Task] = {}
        """The tasks whose delete was refused, as they were at that time."""
        self._journal = journal
        self._places = places
        self._has_begun = False
        """The first rows are there."""
        self._as_worker = ""
        """The last action the server refused because it is a worker, unless it has accepted one since."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._acts: set[asyncio.Task[Any]] = set()
        self._creations: set[asyncio.Task[TaskId]] = set()
        self._rebuild: asyncio.Task[Any] | None = None

    def _make_session_rows(self, last: LastRows | None, file: RowsFile | None) -> SessionRows:
        keeper = None
        if file is not None:
            keeper = RowsKeeper(
                file, self.backend, self.store, self.view, clock=self.clock, health=lambda: self.health
            )
        return SessionRows(last, keeper, backend=self.backend, store=self.store, view=self.view)

    @property
    def health(self) -> Health:
        """The state of the refresh."""
        return self.poller.health

    @property
    def noun(self) -> str:
        """What the list's entries are called, in the plural."""
        if self.health.info is not None:
            return self.health.info.capabilities.noun
        return self.session_rows.last.noun if self.session_rows.last is not None else "tasks"

    def start_watching(self) -> None:
        """Start the refresh and what reads in the background."""
        self._start_task(self.poller.run())
        self._start_task(self.headlines.run())
        self._start_task(self.session_rows.run())
        if self._journal is not None:
            self._start_task(self._recall_refusal(self._journal))

    async def _recall_refusal(self, journal: Journal) -> None:
        """Read from the journal what the server refused in an earlier run."""
        known = await asyncio.to_thread(journal.last_worker_refusal)
        self._as_worker = self._as_worker or known

    async def finish_and_close(self) -> None:
        """Stop watching, follow the actions under way to their ends, then close."""
        self.session_rows.keep_now()
        self.details.drop_fetch()
        try:
            for task in self._tasks - self._acts:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Stop everything under way and close the connections."""
        self.session_rows.keep_now()
        self.details.drop_fetch()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._keep_end()
        await self.backend.aclose()

    def ability_for(self, action: Action) -> Ability:
        """Whether the server can do this, and why not."""
        info = self.health.info
        return info.capabilities.ability_for(action) if info is not None else self._explain_no_connection()

    def _explain_no_connection(self) -> Ability:
        """Why nothing can be done without a connection: there was none yet, or it was lost."""
        error = self.health.error
        if error is None or self.health.last_ok is None:
            return NOT_CONNECTED
        return NOT_REACHED if error.retryable else CONNECTION_LOST

    @property
    def warning(self) -> str:
        """A sentence that a person should read before an action; usually empty."""
        return describe_worker_refusal(self._as_worker) if self._as_worker else ""

    def start_action(self, action: Action, shown: Sequence[Task]) -> None:
        """Carry out an action that a person has confirmed, on exactly these tasks."""
        work = self._start_task(self._run_action(action, shown))
        self._acts.add(work)
        work.add_done_callback(self._acts.discard)

    async def _run_action(self, action: Action, shown: Sequence[Task]) -> None:
        reports = await self.operations.run_action(action, shown)
        self.listener.batch_ended(reports)
        self.poller.poll_now()
        await self.operations.watch_for_reappearance(reports)

    def look_again(self, task_id: TaskId) -> None:
        """Read an unreadable task again in the background, because its detail could be read."""
        self._start_task(self._look_at(task_id))

    async def _look_at(self, task_id: TaskId) -> None:
        # If this fails as well, the poll reports it.
        with suppress(BackendError):
            await self.poller.look_at([task_id])

    def show_shape(self, shape: Shape) -> None:
        """Show another order, filter or group once it is ready; a newer request replaces an older one."""
        self.wanted = shape
        if self._rebuild is not None:
            self._rebuild.cancel()
        self._rebuild = self._start_task(self._rebuild_view(shape))

    async def _rebuild_view(self, shape: Shape) -> None:
        try:
            await self.session_rows.rebuild(shape)
            ready = await self.view.rebuild(shape)
        except FilterError as error:
            self.wanted = replace(self.wanted, filter=self.view.shape.filter)
            self.listener.filter_refused(error)
        else:
            if ready:
                self.listener.shape_changed()
            await self.view.free_replaced_rows()

    def find_constant_columns(self) -> None:
        """Find out, after everything was read, which columns say the same in every row."""
        self._start_task(self._find_constant_columns())

    async def _find_constant_columns(self) -> None:
        await self.view.find_constant_columns()
        self.listener.overlays_changed()

    @property
    def pending_creations(self) -> int:
        """How many jobs are being created: the server may have started them, but their ids are unknown."""
        return len(self._creations)

    def create_job(self, recipe: str, values: Mapping[str, str]) -> asyncio.Task[TaskId]:
        """Start creating a job, then poll for it; this goes on even if nobody awaits it.

        Its task raises BadValue and JournalError before anything is sent, or BackendError.
        """
        work = asyncio.create_task(self._create_job(recipe, values))
        for kept in (self._tasks, self._acts, self._creations):
            kept.add(work)
            work.add_done_callback(kept.discard)
        work.add_done_callback(self._report_failed_creation)
        return work

    def _report_failed_creation(self, work: asyncio.Task[TaskId]) -> None:
        """Report an error in graphtop itself; whoever awaits the job handles the server's refusal."""
        error = None if work.cancelled() else work.exception()
        if error is not None and not isinstance(error, BackendError):
            self.listener.on_internal_error(error)

    async def _create_job(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        said = " ".join(f"{name}={value}" for name, value in values.items())
        task_id = await self.operations.submit_job(
            "create", recipe, said, lambda: self.backend.create(recipe, values)
        )
        self.poller.poll_now()
        return task_id

    def find_silence(self, task: Task) -> Silence | None:
        """What is known of a running task that has long shown no sign of life; None for others."""
        silent = measure_silence(self.store, task, self.store.now())
        if silent is None:
            return None
        known = self._refused.get(task.id)
        refused = known is not None and not is_different_task(known, task)
        return explain_silence(silent, refused=refused, other=self.headlines.find_out_of_memory(task))

    def _note_report(self, report: Report) -> None:
        if report.action.is_deletion and report.outcome is Outcome.REFUSED:
            self._refused[report.task.id] = report.task
        if report.as_worker:
            self._as_worker = report.action.value
        elif report.action.value == self._as_worker and report.outcome in (
            Outcome.CANCELLED,
            Outcome.DELETED,
        ):
            self._as_worker = ""
        self.listener.operation_ended(report)

    def _follow_health(self, health: Health) -> None:
        self.view.expects_ended = not health.begun
        self.session_rows.follow_health(health)
        if health.begun and not self._has_begun:
            self._has_begun = True
            self._start_task(self._keep_place())
        self.listener.health_changed(health)

    async def _keep_place(self) -> None:
        """Keep what is known of the place, beside the event loop."""
        if self._places is not None and (place := self.backend.place) is not None:
            await asyncio.to_thread(self._places.keep, place)

    def _keep_end(self) -> None:
        """Keep what is known at the end, and of a place that never answered that it did not."""
        if self._places is None:
            return
        if not self._has_begun:
            self._places.distrust()
        elif (place := self.backend.place) is not None:
            self._places.keep(place)

    def _follow_changes(self, changes: Sequence[Change]) -> None:
        if self._refused:
            for change in changes:
                if change.new is None and change.old is not None:
                    self._refused.pop(change.old.id, None)
        self.view.follow_changes(changes)
        self.headlines.note_changes(changes)
        self.listener.rows_changed(self.session_rows.follow_changes(changes))

    def _start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)
        return task

    def _end_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.listener.on_internal_error(error)
