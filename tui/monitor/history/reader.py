"""Reads the history: tasks that pass a filter, what is known of one, and what its kind did before.

Nothing is written, and no server is asked. Everything raises HistoryError where the file can't be read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from msgspec import Struct, convert

from backend_adapters.model import Millis, Task, TaskId, TaskStatus, build_task
from tui.monitor.filters import Filter
from tui.monitor.history.database import (
    HISTORY_ERRORS,
    DamagedHistory,
    ask_for_check,
    explain_history_error,
    open_history,
)
from tui.monitor.history.gaps import WatchGap, find_gaps, join_spans
from tui.monitor.history.kind_filter import KindFilter
from tui.monitor.history.kinds import KindKey
from tui.monitor.history.records import HistoryPlace, HistoryTask, Transition, WatchSpan
from tui.monitor.history.restore import TaskRestorer
from tui.monitor.history.rows import (
    EARLIEST,
    RUN_COLUMNS,
    TASK_QUERY,
    TRANSITION_COLUMNS,
    RecordedRun,
    make_history_task,
    make_place,
    make_run,
    make_transition,
)
from tui.monitor.history.schema import UNKNOWN_CREATION

KINDS_IN_QUERY = 500
"""So many kinds are looked for by SQLite; more are quicker told apart here."""


_KindRow: TypeAlias = tuple[int, int, str, str, str]


class TaskHistory(Struct, frozen=True, kw_only=True):
    """All that is kept of one task."""

    task: HistoryTask
    transitions: tuple[Transition, ...]
    """Oldest first."""
    gaps: tuple[WatchGap, ...]
    """When nobody watched it while it was there."""
    watched_until: Millis | None
    """When its place last answered somebody; None where that isn't kept."""
    replaced: Millis | None = None
    """When another task was created that got its id; None where none did."""


class StoredKind(Struct, frozen=True):
    """A kind of tasks in a place, and its number in the file."""

    number: int
    place: HistoryPlace
    key: KindKey


class HistoryReader:
    """An open history; a context that closes it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises HistoryError, and NoHistoryYet where nothing was ever kept."""
        self._path = path
        self._connection = open_history(path, read_only=True)
        self._restorer = TaskRestorer()
        self._spans: dict[str, list[WatchSpan]] = {}
        try:
            with self.explain_errors():
                self._places = self._read_places()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def restorer(self) -> TaskRestorer:
        """Makes the tasks that filters and tables take, with a place for each of the history's."""
        return self._restorer

    def list_places(self) -> list[HistoryPlace]:
        """All places that anything is kept of, by their names."""
        return sorted(self._places.values(), key=lambda place: (place.name.casefold(), place.key))

    def count_tasks(self) -> int:
        """How many tasks are kept."""
        with self.explain_errors():
            return int(self._fetch_one("SELECT count(*) FROM task")[0])

    def find_first_moment(self) -> Millis | None:
        """When the oldest task that is kept was last heard of; None where none is kept."""
        with self.explain_errors():
            return convert(self._fetch_one("SELECT min(moment) FROM task")[0], Millis | None)

    def find_watched_until(self, place: HistoryPlace) -> Millis | None:
        """When a place last answered somebody, by the own clock."""
        spans = self._read_spans(place)
        return spans[-1].ended if spans else None

    def list_gaps(self, place: HistoryPlace) -> list[WatchGap]:
        """The times between the first and the last answer of a place in which nobody watched it."""
        spans = self._read_spans(place)
        return find_gaps(spans, spans[0].began, spans[-1].ended) if spans else []

    def list_tasks(
        self,
        wanted: Filter,
        now: Millis,
        *,
        places: Collection[HistoryPlace] | None = None,
        since: Millis | None = None,
        oldest_first: bool = False,
    ) -> Iterator[HistoryTask]:
        """The tasks that pass a filter, those heard of last first, or from the first one to begin on.

        Without `places` of all. `since` leaves out what was last heard of before. Raises FilterError, too.
        """
        for _, record in self._list_rows(wanted, now, places, since, oldest_first=oldest_first):
            yield record

    def list_histories(
        self,
        wanted: Filter,
        now: Millis,
        *,
        places: Collection[HistoryPlace] | None = None,
        since: Millis | None = None,
        oldest_first: bool = False,
    ) -> Iterator[TaskHistory]:
        """The same as `list_tasks` with all that is kept of each task."""
        for number, record in self._list_rows(wanted, now, places, since, oldest_first=oldest_first):
            with self.explain_errors():
                found = self._read_history(number, record)
            yield found

    def read_histories(
        self, task_id: TaskId, places: Collection[HistoryPlace] | None = None
    ) -> list[TaskHistory]:
        """What is kept of the tasks that have or had an id, the newest first: ids are used again."""
        with self.explain_errors():
            kept = self._number_places(places)
            rows = self._connection.execute(
                f"{TASK_QUERY} WHERE task.place IN ({_mark(kept)}) AND task.task_id = ?"
                " ORDER BY task.moment DESC, task.id DESC",
                (*kept, task_id),
            ).fetchall()
            return [self._read_history(row[0], make_history_task(row, self._places)) for row in rows]

    def read_task(self, place_key: str, task_id: TaskId, created: Millis | None = None) -> TaskHistory | None:
        """What is kept of one task; without `created` of the newest with its id. None where nothing is."""
        known = [place for place in self._places.values() if place.key == place_key]
        found = self.read_histories(task_id, known) if known else []
        return next((one for one in found if created is None or one.task.created == created), None)

    def list_runs(self, place_key: str, kind: KindKey, limit: int) -> list[RecordedRun]:
        """The last runs of a kind in a place, the newest first; those that go on as well."""
        with self.explain_errors():
            rows = self._connection.execute(
                f"SELECT {RUN_COLUMNS} FROM task WHERE kind ="
                " (SELECT kind.id FROM kind JOIN place ON place.id = kind.place WHERE place.key = ?"
                " AND kind.type = ? AND kind.graph = ? AND kind.pattern = ?)"
                " ORDER BY moment DESC, id DESC LIMIT ?",
                (place_key, kind.type, kind.graph or "", kind.pattern, limit),
            ).fetchall()
            return [make_run(row) for row in rows]

    def list_lengths(self, place_key: str, kind: KindKey, limit: int) -> list[Millis]:
        """How long the last successes of a kind took in a place, from creation to end, sorted."""
        with self.explain_errors():
            rows = self._connection.execute(
                "SELECT max(0, updated - created) FROM task WHERE kind ="
                " (SELECT kind.id FROM kind JOIN place ON place.id = kind.place WHERE place.key = ?"
                " AND kind.type = ? AND kind.graph = ? AND kind.pattern = ?)"
                " AND status = 'success' AND created != ? AND updated IS NOT NULL"
                " ORDER BY moment DESC LIMIT ?",
                (place_key, kind.type, kind.graph or "", kind.pattern, UNKNOWN_CREATION, limit),
            ).fetchall()
            return sorted(length for (length,) in convert(rows, list[tuple[Millis]]))

    # --- rows ----------------------------------------------------------------------------------------

    def _list_rows(
        self,
        wanted: Filter,
        now: Millis,
        places: Collection[HistoryPlace] | None,
        since: Millis | None,
        *,
        oldest_first: bool,
    ) -> Iterator[tuple[int, HistoryTask]]:
        began = f"CASE task.created WHEN {UNKNOWN_CREATION} THEN task.first_seen ELSE task.created END"
        order = f"{began}, task.id" if oldest_first else "task.moment DESC, task.id DESC"
        with self.explain_errors():
            kinds = {kind.number: is_sure for kind, is_sure in self.choose_kinds(wanted, now, places)}
            if not kinds:
                return
            of_kinds = ""
            if len(kinds) <= KINDS_IN_QUERY and len(kinds) < self._count_kinds():
                of_kinds = f" AND task.kind IN ({','.join(map(str, kinds))})"
            query = f"{TASK_QUERY} WHERE task.moment >= ?{of_kinds} ORDER BY {order}"
            for row in self._connection.execute(query, (EARLIEST if since is None else since,)):
                is_sure = kinds.get(row[20])
                if is_sure is None:
                    continue
                record = make_history_task(row, self._places)
                if is_sure or wanted(self._restorer.restore_task(record), now):
                    yield row[0], record

    def _read_history(self, number: int, record: HistoryTask) -> TaskHistory:
        rows = self._connection.execute(
            f"SELECT {TRANSITION_COLUMNS} FROM transition WHERE task = ? ORDER BY number",
            (number,),
        )
        transitions = tuple(make_transition(row) for row in rows)
        spans = self._read_spans(record.place)
        began = record.first_seen if record.created is None else min(record.created, record.first_seen)
        ended = _find_last_sight(record, transitions, spans)
        return TaskHistory(
            task=record,
            transitions=transitions,
            gaps=tuple(find_gaps(spans, began, ended)) if spans else (),
            watched_until=spans[-1].ended if spans else None,
            replaced=self._find_next(record),
        )

    def _find_next(self, record: HistoryTask) -> Millis | None:
        """When the next task with the same id was created."""
        if record.created is None:
            return None
        (number,) = self._number_places([record.place])
        row = self._connection.execute(
            "SELECT min(created) FROM task WHERE place = ? AND task_id = ? AND created > ?",
            (number, record.task_id, record.created),
        ).fetchone()
        return convert(row[0], Millis | None)

    def _read_spans(self, place: HistoryPlace) -> list[WatchSpan]:
        known = self._spans.get(place.key)
        if known is None:
            (number,) = self._number_places([place])
            with self.explain_errors():
                rows = self._connection.execute("SELECT began, ended FROM watch WHERE place = ?", (number,))
                known = self._spans[place.key] = join_spans(convert(row, WatchSpan) for row in rows)
        return known

    # --- places and kinds ----------------------------------------------------------------------------

    def _read_places(self) -> dict[int, HistoryPlace]:
        rows = self._connection.execute(
            "SELECT id, key, profile, url, dialect, graphspace, graph, project FROM place"
        )
        return {row[0]: make_place(row[1:]) for row in rows}

    def _number_places(self, places: Collection[HistoryPlace] | None) -> list[int]:
        keys = None if places is None else {place.key for place in places}
        return [number for number, place in self._places.items() if keys is None or place.key in keys]

    def _count_kinds(self) -> int:
        return int(self._fetch_one("SELECT count(*) FROM kind")[0])

    def choose_kinds(
        self, wanted: Filter, now: Millis, places: Collection[HistoryPlace] | None
    ) -> list[tuple[StoredKind, bool]]:
        """The kinds that can have tasks which pass a filter, each with whether all of its tasks do."""
        by_kind = KindFilter(wanted)
        rows = self._connection.execute("SELECT id, place, type, graph, pattern FROM kind")
        numbers = set(self._number_places(places))
        chosen: list[tuple[StoredKind, bool]] = []
        for row in rows:
            number, place, type_, graph, pattern = convert(row, _KindRow)
            if place in numbers:
                kind = StoredKind(number, self._places[place], KindKey(type_, graph or None, pattern))
                verdict = by_kind.judge(self._make_example(kind), now) if wanted else True
                if verdict is not False:
                    chosen.append((kind, verdict is True))
        return chosen

    def _make_example(self, kind: StoredKind) -> Task:
        """A task of a kind, as far as all of the kind are the same."""
        return build_task(
            id="",
            type=kind.key.type,
            name=kind.key.pattern,
            graph=kind.key.graph,
            status=TaskStatus.UNKNOWN,
            raw_status="",
            place=self._restorer.find_place(kind.place),
        )

    # --- SQLite --------------------------------------------------------------------------------------

    def execute(self, query: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run a query; only within `explain_errors`, which its rows are read in as well."""
        return self._connection.execute(query, values)

    def make_task(self, row: Sequence[Any]) -> HistoryTask:
        """The task of a row of `TASK_COLUMNS`."""
        return make_history_task(row, self._places)

    def _fetch_one(self, query: str) -> Sequence[Any]:
        row: Sequence[Any] = self._connection.execute(query).fetchone()
        return row

    @contextmanager
    def explain_errors(self) -> Iterator[None]:
        """Raise HistoryError for what SQLite raises in the block."""
        try:
            yield
        except HISTORY_ERRORS as error:
            explained = explain_history_error(self._path, error)
            if isinstance(explained, DamagedHistory):
                # Whoever writes may never come to the same part.
                ask_for_check(self._path)
            raise explained from error


def _mark(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _find_last_sight(
    record: HistoryTask, transitions: Sequence[Transition], spans: Sequence[WatchSpan]
) -> Millis:
    """Until when it matters whether somebody watched a task: its end, or now if it goes on."""
    if record.status.is_finished and transitions:
        return transitions[-1].seen
    if record.gone is not None:
        return record.gone
    return max(record.last_seen, spans[-1].ended if spans else 0)
