"""What the runs say that the history holds, by type, by name or by place."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Literal, TypeAlias

from msgspec import Struct, convert

from backend_adapters.model import Millis
from tui.monitor.filters import Filter
from tui.monitor.history.reader import HistoryReader, StoredKind
from tui.monitor.history.records import HistoryPlace
from tui.monitor.history.rows import EARLIEST, RUN_DURATION, TASK_COLUMNS, TASK_TABLES
from tui.monitor.history.tallies import COUNTED_WORDS, SUCCESS_WORD, RunStatistics, Tally

Grouping: TypeAlias = Literal["type", "name", "place"]
"""What the runs of one group have in common; `name` is the type and the name but for the numbers in it."""

MEASURED_RUNS = 20_000
"""Of a kind with more runs the durations of the newest are told; all of them are counted."""


class GroupStatistics(Struct, frozen=True, kw_only=True):
    """What the runs of one group say, and what these have in common; None: they differ in it."""

    type: str | None
    pattern: str | None
    """The name, with `#` for each number."""
    place: HistoryPlace | None
    runs: RunStatistics


def read_statistics(
    reader: HistoryReader,
    by: Grouping,
    wanted: Filter,
    now: Millis,
    *,
    places: Collection[HistoryPlace] | None = None,
    since: Millis | None = None,
) -> list[GroupStatistics]:
    """What the runs say that pass a filter, by group, those with the most runs first.

    Raises FilterError, too.
    """
    tallies: dict[object, Tally] = {}
    kinds: dict[object, StoredKind] = {}
    with reader.explain_errors():
        for kind, is_sure in reader.choose_kinds(wanted, now, places):
            group = _find_group(kind, by)
            kinds.setdefault(group, kind)
            tally = tallies.setdefault(group, Tally())
            if is_sure:
                _tally_all(reader, tally, kind, since)
            else:
                _tally_filtered(reader, tally, kind, wanted, now=now, since=since)
    found = [_make_group(kinds[group], by, tally) for group, tally in tallies.items()]
    ended = [one for one in found if one.runs.runs]
    return sorted(ended, key=lambda one: (-one.runs.runs, one.type or "", one.pattern or ""))


def _tally_all(reader: HistoryReader, tally: Tally, kind: StoredKind, since: Millis | None) -> None:
    chosen = "FROM task WHERE kind = ? AND moment >= ?"
    values = (kind.number, EARLIEST if since is None else since)
    # Not by GROUP BY, which would sort them all.
    sums = ", ".join(f"sum(status = '{word}')" for word in COUNTED_WORDS)
    row = reader.execute(f"SELECT count(*), max(moment), {sums} {chosen}", values).fetchone()
    number, last, *counts = convert(row, list[Millis | None])
    if not number:
        return
    words = dict(zip(COUNTED_WORDS, (one or 0 for one in counts), strict=True))
    tally.count_runs(number, words, last or 0)
    newest = f"ORDER BY moment DESC LIMIT {MEASURED_RUNS}"
    query = f"SELECT waited {chosen} AND waited IS NOT NULL {newest}"
    tally.add_waits(
        chain.from_iterable(convert(reader.execute(query, values).fetchall(), list[tuple[Millis]]))
    )
    query = (
        f"SELECT moment, {RUN_DURATION} AS length {chosen}"
        f" AND status = '{SUCCESS_WORD}' AND length IS NOT NULL {newest}"
    )
    rows = convert(reader.execute(query, values).fetchall(), list[tuple[Millis, Millis]])
    if rows:
        tally.add_lengths(*zip(*reversed(rows), strict=True))


def _tally_filtered(
    reader: HistoryReader,
    tally: Tally,
    kind: StoredKind,
    wanted: Filter,
    *,
    now: Millis,
    since: Millis | None,
) -> None:
    columns = f"task.moment, {RUN_DURATION}, {TASK_COLUMNS}"
    query = f"SELECT {columns} {TASK_TABLES} WHERE task.kind = ? AND task.moment >= ?"
    for row in reader.execute(query, (kind.number, EARLIEST if since is None else since)):
        moment, length = convert(row[:2], tuple[Millis, Millis | None])
        record = reader.make_task(row[2:])
        if wanted(reader.restorer.restore_task(record), now):
            tally.count_run(record.status.value, moment, length, record.waited)


def _find_group(kind: StoredKind, by: Grouping) -> object:
    if by == "place":
        return kind.place.key
    return kind.key.type if by == "type" else (kind.key.type, kind.key.pattern)


def _make_group(kind: StoredKind, by: Grouping, tally: Tally) -> GroupStatistics:
    return GroupStatistics(
        type=None if by == "place" else kind.key.type,
        pattern=kind.key.pattern if by == "name" else None,
        place=kind.place if by == "place" else None,
        runs=tally.make_statistics(),
    )
