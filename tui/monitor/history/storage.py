"""Writes sightings, watched times and the like into the open history, each batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, convert

from backend_adapters.model import FINISHED, Millis, TaskId, is_task_id
from tui.monitor.history.database import DamagedHistory, check_where_asked, identify_history, open_history
from tui.monitor.history.kinds import KindKey
from tui.monitor.history.recorder import TaskSighting
from tui.monitor.history.records import HistoryPlace, WatchSpan
from tui.monitor.history.schema import UNKNOWN_CREATION
from tui.monitor.history.task_rows import (
    ROW_COLUMNS,
    KeptTexts,
    RowChange,
    TaskRow,
    WatchFacts,
    find_row_change,
    keep_texts,
    select_row,
)

IDS_AT_ONCE = 500
"""Ids that one statement looks up; SQLite takes 999 values in old versions."""
LARGEST = 1 << 60
"""What a number of a task may be: SQLite takes 63 bits, also of what is computed from several."""
NUMBERS_KEPT = 5_000
_SLICE = 25
"""Tasks whose texts are made ready before other threads get their turn: less than a millisecond."""

Pause = Callable[[], None]
"""Lets other threads run for a moment."""


class PlaceBatch(Struct, frozen=True, kw_only=True):
    """What is written of one place at once."""

    place: int
    sightings: list[TaskSighting]
    texts: dict[int, KeptTexts]
    """By the identity of the task."""
    facts: WatchFacts


class HistoryStorage:
    """The history opened for writing, in one thread. Everything raises sqlite3.Error or HistoryError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = open_history(path, read_only=False)
        try:
            check_where_asked(path, self.connection)
        except BaseException:
            self.connection.close()
            raise
        self._file = identify_history(path)
        self._kinds: dict[tuple[int, KindKey], int] = {}
        self._fingerprints: dict[str, int] = {}
        self._version = 0
        self._size = 0
        self.keep_from: Millis = 0
        """Tasks that ended before are not recorded."""

    @property
    def was_replaced(self) -> bool:
        """Whether the path leads to another file by now, or to none."""
        return identify_history(self.path) != self._file

    def check_size(self) -> None:
        """Raise DamagedHistory if the file was cut: SQLite would find out long after."""
        # Only its size is looked at: SQLite would lose its locks if the file was opened and closed.
        before, self._size = self._size, self.path.stat().st_size
        if self._size < before and self._size < self.measure_whole():
            raise DamagedHistory(f"The history {self.path} is damaged: it was cut.")

    def measure_whole(self) -> int:
        """The bytes that the file has once all is in it."""
        return self._read_number("PRAGMA page_count") * self._read_number("PRAGMA page_size")

    @property
    def identity(self) -> tuple[int, int] | None:
        """Which file it is, as `identify_history` names it."""
        return self._file

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def begin_transaction(self) -> Iterator[None]:
        """Write all or nothing of what follows."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            version = self._read_number("PRAGMA data_version")
            if version != self._version:
                # Another graphtop may have removed kinds that no task was of.
                self._forget_numbers()
                self._version = version
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # What was made in it is not there.
            self._forget_numbers()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _forget_numbers(self) -> None:
        for cache in (self._kinds, self._fingerprints):
            cache.clear()

    def forget_kinds(self) -> None:
        """Look every kind up again, as some were removed."""
        self._kinds.clear()

    def read_note(self, name: str) -> int | None:
        """A number that the file keeps under a name; None where it keeps none."""
        found = self.connection.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if found is None else int(found[0])

    def write_note(self, name: str, value: int) -> None:
        """Keep a number under a name."""
        self.connection.execute(
            "INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, value),
        )

    # Places and times.

    def find_place(self, place: HistoryPlace) -> int:
        """The row of a place, which is made where there is none."""
        found = self.connection.execute(
            "SELECT id FROM place WHERE key = ? AND profile = ?", (place.key, place.profile)
        ).fetchone()
        if found is not None:
            return int(found[0])
        with self.begin_transaction():
            self.connection.execute(
                "INSERT INTO place (key, profile, url, dialect, graphspace, graph, project)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET profile = excluded.profile",
                (
                    place.key,
                    place.profile,
                    place.url,
                    place.dialect,
                    place.graphspace,
                    place.graph,
                    place.project,
                ),
            )
            return self._read_number("SELECT id FROM place WHERE key = ?", (place.key,))

    def begin_span(self, place: int, span: WatchSpan) -> int:
        """Note that a place is watched; returns the row for `move_span`."""
        cursor = self.connection.execute(
            "INSERT INTO watch (place, began, ended) VALUES (?, ?, ?)", (place, span.began, span.ended)
        )
        assert cursor.lastrowid is not None, "a row was inserted"
        return cursor.lastrowid

    def move_span(self, number: int, ended: Millis) -> None:
        """Note that a place was watched until then."""
        self.connection.execute("UPDATE watch SET ended = ? WHERE id = ?", (ended, number))

    def find_last_watch(self, place: int) -> Millis | None:
        """When a place was watched last, by any graphtop."""
        (ended,) = self.connection.execute(
            "SELECT max(ended) FROM watch WHERE place = ?", (place,)
        ).fetchone()
        return None if ended is None else int(ended)

    # Tasks.

    def prepare_batch(
        self, place: int, sightings: Sequence[TaskSighting], facts: WatchFacts, pause: Pause
    ) -> PlaceBatch:
        """Find out which sightings of one place change something, and make their texts ready."""
        sightings = [one for one in sightings if self._is_kept(one)]
        changed = set[TaskId]()
        for start in range(0, len(sightings), IDS_AT_ONCE):
            part = sightings[start : start + IDS_AT_ONCE]
            rows = self._read_rows(place, part)
            changed |= {one.task.id for one in part if _changes_row(one, rows, facts)}
            pause()
        wanted = [one for one in sightings if one.task.id in changed]
        texts: dict[int, KeptTexts] = {}
        for start in range(0, len(wanted), _SLICE):
            texts.update((id(one.task), keep_texts(one.task)) for one in wanted[start : start + _SLICE])
            pause()
        return PlaceBatch(place=place, sightings=wanted, texts=texts, facts=facts)

    def _is_kept(self, sighting: TaskSighting) -> bool:
        """Whether a task has an id and numbers of a real one, and would not be pruned at once."""
        task = sighting.task
        numbers = (task.created, task.updated, task.progress, task.retries)
        if not is_task_id(task.id) or any(one is not None and abs(one) > LARGEST for one in numbers):
            return False
        return task.status not in FINISHED or find_moment(sighting) >= self.keep_from

    def write_batch(self, batch: PlaceBatch) -> None:
        """Write a batch, within a transaction."""
        for start in range(0, len(batch.sightings), IDS_AT_ONCE):
            part = batch.sightings[start : start + IDS_AT_ONCE]
            # Read again: another graphtop may have written the same meanwhile.
            rows = self._read_rows(batch.place, part)
            for sighting in part:
                self._write_sighting(batch, sighting, rows)

    def _write_sighting(
        self, batch: PlaceBatch, sighting: TaskSighting, rows: dict[TaskId, list[TaskRow]]
    ) -> None:
        task = sighting.task
        row = select_row(rows.get(task.id, ()), task)
        change = find_row_change(sighting, row, batch.facts)
        if change is None:
            return
        self._write_change(batch.place, change, batch.texts[id(task)])
        # The same id may come again, and what was written is its row then.
        rows |= self._read_rows(batch.place, [sighting])
        if row is None:
            self._end_namesakes(rows[task.id], sighting)

    def _read_rows(self, place: int, sightings: Sequence[TaskSighting]) -> dict[TaskId, list[TaskRow]]:
        ids = {one.task.id for one in sightings}
        marks = ",".join("?" * len(ids))
        found: dict[TaskId, list[TaskRow]] = {}
        for values in self.connection.execute(
            f"SELECT {ROW_COLUMNS} FROM task WHERE place = ? AND task_id IN ({marks}) ORDER BY created DESC",
            (place, *ids),
        ).fetchall():
            row = convert(values, TaskRow)
            found.setdefault(row.task_id, []).append(row)
        return found

    def _end_namesakes(self, rows: Sequence[TaskRow], sighting: TaskSighting) -> None:
        """Note that the tasks are gone that had a task's id before it."""
        if len(rows) > 1:
            kept = select_row(rows, sighting.task)
            for row in rows:
                if row is not kept and row.gone is None:
                    self.connection.execute("UPDATE task SET gone = ? WHERE id = ?", (sighting.seen, row.id))

    def _write_change(self, place: int, change: RowChange, texts: KeptTexts) -> None:
        number = self._insert_task(place, change, texts) if change.row is None else change.row.id
        if change.row is not None:
            self._update_task(place, change, change.row, texts)
        if change.is_transition:
            self.connection.execute(
                "INSERT INTO transition"
                " (task, number, status, raw_status, retries, at, seen, unwatched_since)"
                " SELECT ?, coalesce(max(number) + 1, 0), ?, ?, ?, ?, ?, ? FROM transition WHERE task = ?",
                (
                    number,
                    change.status.value,
                    texts.raw_status,
                    change.sighting.task.retries,
                    change.at,
                    change.sighting.seen,
                    change.unwatched_since,
                    number,
                ),
            )

    def _insert_task(self, place: int, change: RowChange, texts: KeptTexts) -> int:
        task, seen = change.sighting.task, change.sighting.seen
        cursor = self.connection.execute(
            "INSERT INTO task (place, task_id, created, kind, name, status, raw_status, updated, progress,"
            " retries, server, headline, fingerprint, waited, ran, first_seen, last_seen, gone, moment)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place,
                task.id,
                UNKNOWN_CREATION if task.created is None else task.created,
                self._find_kind(place, texts.kind),
                texts.name,
                change.status.value,
                texts.raw_status,
                task.updated,
                task.progress,
                task.retries,
                texts.server,
                texts.headline,
                self._find_fingerprint(texts.fingerprint),
                change.waited,
                change.ran,
                seen,
                seen,
                change.gone,
                find_moment(change.sighting),
            ),
        )
        assert cursor.lastrowid is not None, "a row was inserted"
        return cursor.lastrowid

    def _update_task(self, place: int, change: RowChange, row: TaskRow, texts: KeptTexts) -> None:
        task, seen = change.sighting.task, change.sighting.seen
        if change.gone is not None:
            self.connection.execute(
                "UPDATE task SET gone = ?, last_seen = ? WHERE id = ?", (change.gone, seen, row.id)
            )
            return
        keeps_headline = texts.headline is None and not change.is_transition
        self.connection.execute(
            "UPDATE task SET created = ?, kind = ?, name = ?, status = ?, raw_status = ?, updated = ?,"
            " progress = ?, retries = ?, server = ?, waited = ?, ran = ?, last_seen = ?, gone = NULL,"
            " moment = ?" + ("" if keeps_headline else ", headline = ?, fingerprint = ?") + " WHERE id = ?",
            (
                row.created if task.created is None else task.created,
                self._find_kind(place, texts.kind),
                texts.name,
                change.status.value,
                texts.raw_status,
                task.updated,
                task.progress,
                task.retries,
                row.server if texts.server is None else texts.server,
                change.waited,
                change.ran,
                seen,
                find_moment(change.sighting),
                *(() if keeps_headline else (texts.headline, self._find_fingerprint(texts.fingerprint))),
                row.id,
            ),
        )

    def _find_kind(self, place: int, kind: KindKey) -> int:
        known = self._kinds.get((place, kind))
        if known is not None:
            return known
        values = (place, kind.type, kind.graph or "", kind.pattern)
        self.connection.execute(
            "INSERT OR IGNORE INTO kind (place, type, graph, pattern) VALUES (?, ?, ?, ?)", values
        )
        if len(self._kinds) >= NUMBERS_KEPT:
            self._kinds.clear()
        number = self._kinds[place, kind] = self._read_number(
            "SELECT id FROM kind WHERE place = ? AND type = ? AND graph = ? AND pattern = ?", values
        )
        return number

    def _find_fingerprint(self, text: str | None) -> int | None:
        if text is None:
            return None
        known = self._fingerprints.get(text)
        if known is not None:
            return known
        self.connection.execute("INSERT OR IGNORE INTO fingerprint (text) VALUES (?)", (text,))
        if len(self._fingerprints) >= NUMBERS_KEPT:
            self._fingerprints.clear()
        number = self._fingerprints[text] = self._read_number(
            "SELECT id FROM fingerprint WHERE text = ?", (text,)
        )
        return number

    def _read_number(self, statement: str, values: Sequence[object] = ()) -> int:
        (number,) = self.connection.execute(statement, values).fetchone()
        return int(number)

    # What the server no longer has.

    def list_tasks(
        self, place: int, after: tuple[TaskId, Millis], most: int
    ) -> list[tuple[TaskId, Millis, int, Millis, Millis | None]]:
        """The tasks of a place behind one: id, creation, row, when last seen, and when found gone."""
        rows = self.connection.execute(
            "SELECT task_id, created, id, last_seen, gone FROM task"
            " WHERE place = ? AND (task_id, created) > (?, ?) ORDER BY task_id, created LIMIT ?",
            (place, *after, most),
        ).fetchall()
        return convert(rows, list[tuple[TaskId, Millis, int, Millis, Millis | None]])

    def note_gone(self, numbers: Sequence[int], seen: Millis) -> None:
        """Note that these tasks were found gone, within a transaction."""
        self.connection.executemany(
            "UPDATE task SET gone = ? WHERE id = ? AND gone IS NULL", [(seen, number) for number in numbers]
        )


def find_moment(sighting: TaskSighting) -> Millis:
    """The latest time that the server told of a task, or when it was seen where it told none.

    Never later than when it was seen: what is dated in the future would stay for ever, and be the newest.
    """
    task, seen = sighting.task, sighting.seen
    told = task.created if task.updated is None else task.updated
    return seen if told is None else min(told, seen + max(0, sighting.ahead))


def _changes_row(sighting: TaskSighting, rows: dict[TaskId, list[TaskRow]], facts: WatchFacts) -> bool:
    return (
        find_row_change(sighting, select_row(rows.get(sighting.task.id, ()), sighting.task), facts)
        is not None
    )
