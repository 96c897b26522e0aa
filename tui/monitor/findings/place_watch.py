"""Keeps what the rules need of one place that is watched, as its tasks change."""

from __future__ import annotations

from array import array
from bisect import insort
from collections import deque
from collections.abc import Iterator, Sequence

from backend_adapters.model import Millis, Task, TaskDetail, TaskId, TaskStatus
from tui.config.finding_settings import FindingLimits
from tui.monitor.cooperative import Steps
from tui.monitor.findings.common_failures import CommonFailures
from tui.monitor.findings.earlier_sights import EarlierSights
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.lost_results import find_lost_result
from tui.monitor.findings.outages import OutageWatch
from tui.monitor.findings.place_facts import PlaceFacts
from tui.monitor.findings.rules import find_place_problems, find_task_problems, find_unread_problems
from tui.monitor.findings.server_signs import ServerSigns
from tui.monitor.findings.slow_tasks import WAITS_FOR_A_RUN, needs_record
from tui.monitor.health import Health
from tui.monitor.history.kinds import KindKey, find_kind
from tui.monitor.store import Change
from tui.monitor.watched_place import WatchedPlace

TAKEN_AT_ONCE = 50
"""Changes that are taken in between two checks of the time."""
KINDS_MOST = 100
"""Kinds that are counted for one look at a place; the records of so many are kept."""
WAITS_MOST = 200
"""Waits of one kind that are remembered where no history tells them."""
WAITING_KINDS_MOST = 1_000
RESULTS_MOST = 200
"""Findings about results that are kept; beyond that the first ones are forgotten."""


class PlaceWatch:
    """One place as the rules follow it. Changes are only queued; they are taken in by `take_changes`."""

    def __init__(self, watched: WatchedPlace, limits: FindingLimits, failures: CommonFailures) -> None:
        self.watched = watched
        self._limits = limits
        self._failures = failures
        self._servers = ServerSigns()
        self._outages = OutageWatch()
        self._queue: deque[Sequence[Change]] = deque()
        self._silent_since: Millis | None = None
        self._waits: dict[KindKey, array[int]] = {}
        self._results: dict[TaskId, Finding] = {}
        self._of_tasks: list[Finding] = []
        past = watched.past_reader
        self._sights = (
            EarlierSights(watched.store, past.read_transitions)
            if past is not None and past.has_history
            else None
        )
        self._known_before = watched.store.list_tasks()
        """What was there before the first change was followed, until it is taken in."""
        self.note_health(watched.health)
        watched.followers.append(self)

    # What happens.

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Keep changes for the next round."""
        self._queue.append(changes)

    def note_health(self, health: Health) -> None:
        """Note whether the place answers."""
        now = self._own_now
        self._outages.note_health(health, now)
        if health.error is None:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now

    def note_detail(self, detail: TaskDetail) -> None:
        """Look at the result of a task whose detail was read."""
        found = find_lost_result(detail, self._limits, self.watched.server_time.now())
        self._results.pop(detail.task.id, None)
        if found is not None:
            self._results[detail.task.id] = found
            while len(self._results) > RESULTS_MOST:
                del self._results[next(iter(self._results))]

    @property
    def _own_now(self) -> Millis:
        return self.watched.server_time.now() - self.watched.server_time.ahead

    def take_changes(self) -> Steps[None]:
        """Take in what has changed since the last round."""
        before, self._known_before = self._known_before, []
        for start in range(0, len(before), TAKEN_AT_ONCE):
            for task in before[start : start + TAKEN_AT_ONCE]:
                self._take_change(None, task)
            yield
        while self._queue:
            changes = self._queue.popleft()
            for start in range(0, len(changes), TAKEN_AT_ONCE):
                for change in changes[start : start + TAKEN_AT_ONCE]:
                    self._take_change(change.old, change.new)
                yield

    def _take_change(self, old: Task | None, new: Task | None) -> None:
        if old is not None and old.id in self._results and (new is None or new.status is not old.status):
            del self._results[old.id]
        self._failures.note_change(old, new)
        if new is not None:
            self._servers.note_task(new)
            if old is not None and old.status in WAITS_FOR_A_RUN and new.status is TaskStatus.RUNNING:
                self._note_wait(new)

    def _note_wait(self, task: Task) -> None:
        """Remember how long a task waited that was seen to begin."""
        began = self.watched.store.since.get(task.id)
        if began is None or task.created is None or task.retries:
            return
        kind = find_kind(task)
        waits = self._waits.pop(kind, None)
        self._waits[kind] = waits = array("q") if waits is None else waits
        insort(waits, max(0, began - task.created))
        if len(waits) > WAITS_MOST:
            # The ends go in turn, so that the middle stays where it is.
            waits.pop(0 if len(waits) % 2 else -1)
        while len(self._waits) > WAITING_KINDS_MOST:
            del self._waits[next(iter(self._waits))]

    # What is found.

    async def recall_sights(self) -> None:
        """Recall from the history since when tasks are as they are."""
        if self._sights is not None and self._limits.stuck:
            await self._sights.recall(self.watched.server_time.ahead)

    def choose_counted_tasks(self) -> Steps[list[Task]]:
        """A task of each kind whose past has to be known: of what runs, and of what has waited for long."""
        if not (self._limits.slow or self._limits.waiting) or not self.watched.is_answering:
            return []
        now = self.watched.store.now()
        chosen: dict[KindKey, Task] = {}
        for number, task in enumerate(self._iter_unfinished()):
            if number % TAKEN_AT_ONCE == 0:
                yield
            if len(chosen) >= KINDS_MOST:
                break
            if needs_record(task, self._limits, now):
                chosen.setdefault(find_kind(task), task)
        return list(chosen.values())

    def _iter_unfinished(self) -> Iterator[Task]:
        store = self.watched.store
        for task_id in list(store.unfinished):
            task = store.find_task(task_id)
            if task is not None:
                yield task

    def find_problems(self) -> Steps[list[Finding]]:
        """All that is wrong with the place and its tasks now.

        While it does not answer its tasks are as old as its last answer, and so is what is said of them.
        """
        facts = self._make_facts()
        if self.watched.is_answering:
            self._of_tasks = [
                *(yield from find_task_problems(facts)),
                *find_unread_problems(facts),
                *self._results.values(),
            ]
        return [*find_place_problems(facts, self._silent_since), *self._of_tasks]

    def _make_facts(self) -> PlaceFacts:
        watched = self.watched
        info = watched.health.info
        return PlaceFacts(
            limits=self._limits,
            store=watched.store,
            source=watched.backend.source,
            place=watched.place,
            now=watched.server_time.now(),
            ahead=watched.server_time.ahead,
            health=watched.health,
            capabilities=None if info is None else info.capabilities,
            servers=self._servers,
            outage=self._outages.last,
            find_record=watched.kind_records.find_kept,
            find_waits=lambda task: self._waits.get(find_kind(task), ()),
            was_delete_refused=watched.was_delete_refused,
            find_out_of_memory=self._failures.find_out_of_memory,
        )
