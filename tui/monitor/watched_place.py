"""One place that is watched: its backend, the tasks it has, the refresh, and the actions on its tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError
from backend_adapters.model import Ability, Action, Place, Task, TaskId, is_different_task
from tui.monitor.clock import Clock
from tui.monitor.details import Details
from tui.monitor.failure_headlines import FailureHeadlines
from tui.monitor.health import Health, Phase, is_calm
from tui.monitor.journal.writer import Journal
from tui.monitor.kept_tasks import start_kept_task
from tui.monitor.kind_record import KindRecords
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Outcome, Report, describe_worker_refusal
from tui.monitor.place_counts import PlaceCounter
from tui.monitor.place_file import PlaceFile
from tui.monitor.poller import Poller
from tui.monitor.request_rate import RequestRate
from tui.monitor.rows_file import RowsFile
from tui.monitor.seen_changes import SeenChanges
from tui.monitor.server_time import ServerTime
from tui.monitor.silent_tasks import Silence, explain_silence, measure_silence
from tui.monitor.store import Change, Store
from tui.monitor.task_past import PastReader

if TYPE_CHECKING:
    from tui.monitor.double_lists import TaskTest
    from tui.monitor.history.recorder import PlaceRecorder

NOT_CONNECTED = Ability(False, "Not connected to the server yet.")
NOT_REACHED = Ability(False, "The server can't be reached, so nothing was sent. Press r to try again.")
CONNECTION_LOST = Ability(False, "The connection was lost, so nothing was sent. Press r to try again.")


def _is_never_busy(_task_id: TaskId) -> bool:
    return False


class PlaceConnection(Struct, frozen=True, kw_only=True):
    """What a place is watched with."""

    backend: Backend
    place: Place | None = None
    """None where it is the only one that is watched."""
    journal: Journal | None = None
    """Keeps a line of every action; what can't be written there is not sent."""
    recall_refusal: Callable[[], str] | None = None
    """The last action that the server refused as a worker, read from a file; called in a thread."""
    place_file: PlaceFile | None = None
    """Keeps what is known of the place for the next start."""
    recorder: PlaceRecorder | None = None
    """Notes what is seen there for the history."""
    rows_file: RowsFile | None = None
    """Of one of several places: keeps its newest rows for the next start, and has those of the last one."""
    is_busy: Callable[[TaskId], bool] = _is_never_busy
    """Whether another monitor, which is about to close, still acts on a task."""
    may_act: Ability = Ability(True)
    """Whether something may be changed there, and why not."""
    past_reader: PastReader | None = None
    """Reads what files tell of its tasks; None where nothing is kept."""


class PlaceOwner(Struct, frozen=True, kw_only=True):
    """What a place needs of the monitor that watches it."""

    clock: Clock
    interval: float
    """Seconds between two polls."""
    find_visible: Callable[[], Sequence[TaskId]]
    """The ids of the place's rows on the screen."""
    on_changes: Callable[[Sequence[Change]], None]
    on_health: Callable[[Health], None]
    on_report: Callable[[Report], None]
    on_overlay: Callable[[], None]
    turns: asyncio.Semaphore | None = None
    """Those that the places of one server have to begin; None where one place is watched."""
    find_double_test: Callable[[], TaskTest | None]
    """Gives the test for tasks that are left out, as another place that is watched has them as well."""
    on_fault: Callable[[BaseException], None]
    """Called with an error in graphtop itself that nothing else handles."""


class PlaceFollower(Protocol):
    """What is told of all that happens in a place. Calls must return quickly."""

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Tasks changed."""
        ...

    def note_health(self, health: Health) -> None:
        """The state of the refresh changed."""
        ...


class WatchedPlace:
    """Watches one place and acts on it."""

    def __init__(self, connection: PlaceConnection, owner: PlaceOwner) -> None:
        backend, place = connection.backend, connection.place
        self.place = place
        if place is not None:
            # Imported here: one place alone does without it.
            from tui.monitor.placed_backend import PlacedBackend

            backend = PlacedBackend(backend, place, owner.find_double_test)
        self.backend = backend
        self.server_time = ServerTime(backend, owner.clock)
        self.store = Store(self.server_time.now)
        self.server_time.on_jump = self.store.move_times
        self.poller = Poller(
            backend,
            self.store,
            clock=owner.clock,
            interval=owner.interval,
            on_changes=self._follow_changes,
            on_health=self._follow_health,
            visible=owner.find_visible,
            busy=lambda: bool(self.store.overlays),
            turns=owner.turns,
        )
        self.operations = Operations(
            backend,
            self.store,
            self.poller.look_at,
            clock=owner.clock,
            on_report=self._note_report,
            on_overlay=owner.on_overlay,
            busy=connection.is_busy,
            journal=connection.journal,
        )
        self.rows_file = connection.rows_file
        self.is_hidden = False
        """Its rows are left out of the view of several places; it is watched all the same."""
        self.counter = PlaceCounter(self.store)
        self.request_rate = RequestRate(owner.clock, lambda: backend.request_count)
        reader = connection.past_reader
        read_runs = reader.read_runs if reader is not None and reader.has_history else None
        self.kind_records = KindRecords(self.store, owner.clock, read_runs)
        self.seen_changes = SeenChanges(owner.clock)
        self.details = Details(backend, spawn=self._start_task)
        self.headlines = FailureHeadlines(
            backend,
            self.store,
            clock=owner.clock,
            on_changes=self._follow_changes,
            ready=lambda: self.health.phase is Phase.LIVE and not backend.is_busy,
            calm=lambda: is_calm(self.health),
        )
        self.past_reader = connection.past_reader
        self.followers: list[PlaceFollower] = []
        """Who else is told of all that happens here."""
        self._owner = owner
        self._double_test: TaskTest | None = None
        """What told the tasks that were left out last."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._may_act = connection.may_act
        self._refused: dict[TaskId, Task] = {}
        """The tasks whose delete was refused, as they were at that time."""
        self._recall = connection.recall_refusal
        if self._recall is None and connection.journal is not None:
            self._recall = connection.journal.last_worker_refusal
        self._file = connection.place_file
        self._recorder = connection.recorder
        if self._recorder is not None:
            self._recorder.follow_store(self.store.tasks, self.server_time.now)
        self._has_begun = False
        """The first rows are there."""
        self._as_worker = ""
        """The last action the server refused because it is a worker, unless it has accepted one since."""

    @property
    def health(self) -> Health:
        """The state of the refresh."""
        return self.poller.health

    def start_watching(self) -> None:
        """Start the refresh and what reads in the background."""
        self._start_task(self.poller.run())
        self._start_task(self.headlines.run())
        if self._recall is not None:
            self._start_task(self._recall_refusal(self._recall))

    async def _recall_refusal(self, recall: Callable[[], str]) -> None:
        """Read from the journal what the server refused in an earlier run."""
        known = await asyncio.to_thread(recall)
        self._as_worker = self._as_worker or known

    async def stop_watching(self) -> None:
        """End the refresh and what reads in the background; actions under way go on."""
        self.details.drop_fetch()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def aclose(self) -> None:
        """Stop, keep what is known of the place, and close the connections."""
        await self.stop_watching()
        self._keep_end()
        if self._recorder is not None:
            self._recorder.close()
        await self.backend.aclose()

    def leave_out_doubles(self) -> None:
        """Drop the tasks that another place has by now, and read those again that none has any more."""
        before, self._double_test = self._double_test, self._owner.find_double_test()
        if before is not None and before is not self._double_test:
            self.poller.refresh_all()
        if self._double_test is not None:
            # Imported here: one place alone does without it.
            from tui.monitor.double_lists import drop_doubles

            changes = drop_doubles(self.store, self._double_test)
            if self._recorder is not None:
                # What the server has can't be told from what the list has any more.
                self._recorder.lists_all = False
            if changes:
                self._pass_changes(changes)

    # What can be done.

    def ability_for(self, action: Action) -> Ability:
        """Whether the server can do this, and why not; among several places, only while it answers."""
        if not self._may_act:
            return self._may_act
        info = self.health.info
        if info is None or (self.place is not None and not self.is_answering):
            return self._explain_no_connection()
        return info.capabilities.ability_for(action)

    @property
    def may_act(self) -> bool:
        """Whether something may be changed there, as far as a person has set it."""
        return bool(self._may_act)

    def _explain_no_connection(self) -> Ability:
        """Why nothing can be done without a connection: there was none yet, or it was lost."""
        error = self.health.error
        if error is None or self.health.last_ok is None:
            return NOT_CONNECTED
        return NOT_REACHED if error.retryable else CONNECTION_LOST

    @property
    def is_answering(self) -> bool:
        """Whether the place's rows are what the server says now."""
        return self.health.is_answering

    @property
    def warning(self) -> str:
        """A sentence that a person should read before an action; usually empty."""
        return describe_worker_refusal(self._as_worker) if self._as_worker else ""

    def look_again(self, task_id: TaskId) -> None:
        """Read an unreadable task again in the background, because its detail could be read."""
        self._start_task(self._look_at(task_id))

    async def _look_at(self, task_id: TaskId) -> None:
        # If this fails as well, the poll reports it.
        with suppress(BackendError):
            await self.poller.look_at([task_id])

    async def create_job(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        """Create a job, then poll for it. Raises BadValue and JournalError before anything is sent."""
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
        refused = self.was_delete_refused(task)
        return explain_silence(silent, refused=refused, other=self.headlines.find_out_of_memory(task))

    def was_delete_refused(self, task: Task) -> bool:
        """Whether the server refused to delete a task that is still there."""
        known = self._refused.get(task.id)
        return known is not None and not is_different_task(known, task)

    # What the parts report.

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
        self._owner.on_report(report)

    def _follow_health(self, health: Health) -> None:
        if health.begun and not self._has_begun:
            self._has_begun = True
            self._start_task(self._keep_place())
        if self._recorder is not None:
            self._recorder.note_health(health)
        if self.place is not None:
            # Of one place alone nobody asks for it.
            self.request_rate.note_count()
        self.seen_changes.note_health(health)
        for follower in self.followers:
            follower.note_health(health)
        self._owner.on_health(health)

    async def _keep_place(self) -> None:
        """Keep what is known of the place, beside the event loop."""
        if self._file is not None and (known := self.backend.place) is not None:
            await asyncio.to_thread(self._file.keep, known)

    def _keep_end(self) -> None:
        """Keep what is known at the end, and of a place that never answered that it did not."""
        if self._file is None:
            return
        if not self._has_begun:
            self._file.distrust()
        elif (known := self.backend.place) is not None:
            self._file.keep(known)

    def _follow_changes(self, changes: Sequence[Change]) -> None:
        if self._recorder is not None:
            self._recorder.note_changes(changes)
        self._pass_changes(changes)

    def _pass_changes(self, changes: Sequence[Change]) -> None:
        if self._refused:
            for change in changes:
                if change.new is None and change.old is not None:
                    self._refused.pop(change.old.id, None)
        self.headlines.note_changes(changes)
        self.seen_changes.note_changes(changes)
        for follower in self.followers:
            follower.note_changes(changes)
        self._owner.on_changes(changes)

    def _start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return start_kept_task(work, self._tasks, self._owner.on_fault)
