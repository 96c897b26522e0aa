"""Writes a history's file for tests, row by row, as a graphtop that watched would have written it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from backend_adapters.model import Source, Task, TaskStatus
from tui.monitor.history.database import open_history
from tui.monitor.history.kinds import find_kind
from tui.monitor.history.records import HistoryPlace, Transition, make_history_place
from tui.monitor.history.schema import UNKNOWN_CREATION
from tui.monitor.normalize_reason import normalize_reason


def place_of(
    profile: str = "prod", graph: str = "hugegraph", graphspace: str | None = "DEFAULT", **more: str
) -> HistoryPlace:
    """A place of the history."""
    fields = {"url": f"http://{profile}:8080", "dialect": "hugegraph", **more}
    return make_history_place(Source(profile=profile, graph=graph, graphspace=graphspace, **fields))


class HistoryFile:
    """A history that a test fills."""

    def __init__(self, path: Path) -> None:
        path.parent.chmod(0o700)
        self.path = path
        self.connection: sqlite3.Connection = open_history(path, read_only=False)
        self._places: dict[str, int] = {}
        self._kinds: dict[tuple[object, ...], int] = {}

    def close(self) -> None:
        """Write everything."""
        self.connection.close()

    def add_place(self, place: HistoryPlace) -> int:
        """The number of a place, which is added the first time."""
        if place.key not in self._places:
            self._places[place.key] = self._insert(
                "place",
                key=place.key,
                profile=place.profile,
                url=place.url,
                dialect=place.dialect,
                graphspace=place.graphspace,
                graph=place.graph,
                project=place.project,
            )
        return self._places[place.key]

    def add_watch(self, place: HistoryPlace, began: int, ended: int) -> None:
        """Add a time in which somebody watched a place."""
        self._insert("watch", place=self.add_place(place), began=began, ended=ended)

    def add_kind(self, place: HistoryPlace, task: Task) -> int:
        """The number of the kind of a task, which is added the first time."""
        kind = find_kind(task)
        key = (place.key, *kind)
        if key not in self._kinds:
            self._kinds[key] = self._insert(
                "kind",
                place=self.add_place(place),
                type=kind.type,
                graph=kind.graph or "",
                pattern=kind.pattern,
            )
        return self._kinds[key]

    def add_task(
        self,
        place: HistoryPlace,
        task: Task,
        *,
        seen: int,
        waited: int | None = None,
        ran: int | None = None,
        gone: int | None = None,
        transitions: Iterable[Transition] = (),
    ) -> None:
        """Add a task as it was seen last."""
        moment = task.updated or task.created or seen
        number = self._insert(
            "task",
            place=self.add_place(place),
            task_id=task.id,
            created=UNKNOWN_CREATION if task.created is None else task.created,
            kind=self.add_kind(place, task),
            name=task.name,
            status=task.status.value,
            raw_status=task.raw_status,
            updated=task.updated,
            progress=task.progress,
            retries=task.retries,
            server=task.server,
            headline=task.reason,
            fingerprint=self._add_fingerprint(task),
            waited=waited,
            ran=ran,
            first_seen=seen,
            last_seen=seen,
            gone=gone,
            moment=moment,
        )
        for count, one in enumerate(transitions):
            self._insert(
                "transition",
                task=number,
                number=count,
                status=one.status.value,
                raw_status=one.raw_status,
                retries=one.retries,
                at=one.at,
                seen=one.seen,
                unwatched_since=one.unwatched_since,
            )

    def _add_fingerprint(self, task: Task) -> int | None:
        if not task.reason:
            return None
        text = normalize_reason(task.reason)
        self.connection.execute("INSERT OR IGNORE INTO fingerprint (text) VALUES (?)", (text,))
        row = self.connection.execute("SELECT id FROM fingerprint WHERE text = ?", (text,)).fetchone()
        return int(row[0])

    def _insert(self, table: str, **values: object) -> int:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        done = self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())
        )
        return int(done.lastrowid or 0)


def transition(status: TaskStatus, at: int | None, seen: int | None = None, **more: int | None) -> Transition:
    """A transition, seen a second after it happened."""
    return Transition(
        status=status, raw_status=status.value, at=at, seen=(at or 0) + 1000 if seen is None else seen, **more
    )
