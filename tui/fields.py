"""The fields of a task: ONE table, from which everything that shows, sorts or filters fields is made.

A new field is one entry of `FIELDS`. What an entry leaves out, the field does not have: without `column` it
is in no table, without `sort` nothing is sorted by it. The order of `FIELDS` is that of the columns. Places
with an order of their own name it at the end of this file; a field that they don't name comes last there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskStatus
from tui.text import (
    NO_VALUE,
    format_age,
    format_count,
    format_duration,
    format_short_timestamp,
    format_timestamp,
    sanitize,
    sanitize_label,
)

Times: TypeAlias = Literal["age", "local", "utc"]
"""How the column AGE tells when: as an age, or as a moment in the local zone or in UTC."""

NEWEST: Millis = 1 << 63
"""A time after all others."""


class CellContext(Struct, frozen=True):
    """What the text of a cell depends on besides the task."""

    now: Millis
    times: Times = "age"
    ascii: bool = False

    @property
    def utc(self) -> bool:
        """Whether moments are in UTC; they are local otherwise."""
        return self.times == "utc"


class ColumnRule(Struct, frozen=True):
    """A field's column on the screen: its head, its bounds in cells, and when it is shown."""

    title: str
    least: int
    most: int
    right: bool = False
    usual: bool = False
    """Shown without `V`."""
    drop_rank: int = 0
    """Columns with a higher rank give way later to a name that has no room; 0 never does."""
    text: Callable[[Task, CellContext], str] | None = None
    """The text of a cell, harmless; None where the table itself composes it (status, name)."""


class SortRule(Struct, frozen=True):
    """How tasks are sorted by a field, ascending; ties are in the order of the ids."""

    key: Callable[[Task, Millis], Any]
    largest_first: bool = False
    """Whether `ls --sort` begins with the largest."""


class FilterRule(Struct, frozen=True):
    """How a field is compared in a filter: `key=word`, or `key>number`."""

    kind: Literal["status", "exact", "part", "prefix", "number", "duration"]
    value: Callable[[Task, Millis], Any]
    """A text for the first four kinds; a number otherwise, for a duration of milliseconds; None: unknown."""
    colon_is_slip: bool = False
    """`key:word` is a slip, and nothing that anybody searches for."""

    @property
    def compares_texts(self) -> bool:
        """Whether it is compared with `=` and `!=` only."""
        return self.kind not in ("number", "duration")


class OverviewRule(Struct, frozen=True):
    """A field's line in the overview; no value is drawn as a dash."""

    text: Callable[[Task, CellContext], str | None]
    only_with_value: bool = False
    of_texts: bool = False
    """Shown only where the server's tasks have an input and a result, as jobs of GES don't."""


class Field(Struct, frozen=True, kw_only=True):
    """One field of a task, in all the ways in which graphtop shows it."""

    key: str
    """Names the field in filters, sorts and the list of what can be copied."""
    column: ColumnRule | None = None
    sort: SortRule | None = None
    filter: FilterRule | None = None
    overview: OverviewRule | None = None
    copy: Callable[[Task], str | None] | None = None
    """What is copied; nothing is offered where it is empty."""


def _created_key(task: Task, _now: Millis) -> Millis:
    """When a task was created; GES tells it of no job that waits, and those are the newest there are.

    One that was never read may be of any age: it stands with the oldest, not above all others for ever.
    """
    if task.created is not None:
        return task.created
    return 0 if task.status.is_finished or task.status is TaskStatus.UNREADABLE else NEWEST


def _age_text(task: Task, context: CellContext) -> str:
    if context.times == "age":
        return format_age(task.created, context.now)
    return format_short_timestamp(task.created, context.now, utc=context.utc)


def _moment_text(moment: Millis | None, context: CellContext) -> str:
    """A moment in the overview: `2026-11-23 12:00:00 · 3m ago`."""
    if moment is None:
        return NO_VALUE
    dot = "-" if context.ascii else "·"
    return f"{format_timestamp(moment, utc=context.utc)} {dot} {format_age(moment, context.now)} ago"


def format_iso_moment(moment: Millis | None) -> str:
    """A moment for another program: ISO 8601 in UTC, to the second; empty where it isn't known."""
    if moment is None:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment / 1000))


_STATUS_ORDER = {status: number for number, status in enumerate(TaskStatus)}

FIELDS: tuple[Field, ...] = (
    Field(
        key="id",
        column=ColumnRule("ID", 4, 12, right=True, usual=True, text=lambda task, _: sanitize(task.id)),
        sort=SortRule(lambda task, now: 0, largest_first=True),
        filter=FilterRule("exact", lambda task, now: task.id),
        overview=OverviewRule(lambda task, _: task.id),
        copy=lambda task: task.id,
    ),
    Field(
        key="status",
        column=ColumnRule("STATUS", 11, 20, usual=True),
        sort=SortRule(lambda task, now: _STATUS_ORDER[task.status]),
        filter=FilterRule("status", lambda task, now: task.raw_status, colon_is_slip=True),
        copy=lambda task: task.raw_status,
    ),
    Field(
        key="type",
        column=ColumnRule(
            "TYPE",
            7,
            18,
            usual=True,
            drop_rank=6,
            text=lambda task, _: sanitize_label(task.type) or NO_VALUE,
        ),
        sort=SortRule(lambda task, now: task.type.casefold()),
        filter=FilterRule("prefix", lambda task, now: task.type),
        overview=OverviewRule(lambda task, _: task.type),
        copy=lambda task: task.type,
    ),
    Field(
        key="name",
        column=ColumnRule("NAME", 0, 0, usual=True),
        sort=SortRule(lambda task, now: task.name.casefold()),
        filter=FilterRule("part", lambda task, now: task.name),
        copy=lambda task: task.name,
    ),
    Field(
        key="progress",
        column=ColumnRule(
            "PROGRESS",
            8,
            12,
            right=True,
            drop_rank=4,
            text=lambda task, _: format_count(task.progress) if task.progress else NO_VALUE,
        ),
        sort=SortRule(lambda task, now: task.progress or 0, largest_first=True),
        filter=FilterRule("number", lambda task, now: task.progress, colon_is_slip=True),
        overview=OverviewRule(
            lambda task, _: NO_VALUE if task.progress is None else str(task.progress), of_texts=True
        ),
    ),
    Field(
        key="retries",
        column=ColumnRule(
            "RETRIES",
            7,
            7,
            right=True,
            drop_rank=3,
            text=lambda task, _: format_count(task.retries) if task.retries else NO_VALUE,
        ),
        sort=SortRule(lambda task, now: task.retries, largest_first=True),
        filter=FilterRule("number", lambda task, now: task.retries, colon_is_slip=True),
        overview=OverviewRule(lambda task, _: str(task.retries), of_texts=True),
    ),
    Field(
        key="server",
        column=ColumnRule(
            "SERVER", 6, 16, drop_rank=5, text=lambda task, _: sanitize_label(task.server or "") or NO_VALUE
        ),
        sort=SortRule(lambda task, now: task.server or ""),
        filter=FilterRule("prefix", lambda task, now: task.server, colon_is_slip=True),
        overview=OverviewRule(lambda task, _: task.server, of_texts=True),
        copy=lambda task: task.server,
    ),
    Field(
        key="graph",
        column=ColumnRule(
            "GRAPH", 5, 18, drop_rank=7, text=lambda task, _: sanitize_label(task.graph or "") or NO_VALUE
        ),
        sort=SortRule(lambda task, now: task.graph or ""),
        filter=FilterRule("prefix", lambda task, now: task.graph),
        overview=OverviewRule(lambda task, _: task.graph, only_with_value=True),
        copy=lambda task: task.graph,
    ),
    Field(
        key="created",
        column=ColumnRule(
            "CREATED",
            8,
            11,
            right=True,
            drop_rank=2,
            text=lambda task, context: format_short_timestamp(task.created, context.now, utc=context.utc),
        ),
        sort=SortRule(_created_key, largest_first=True),
        overview=OverviewRule(lambda task, context: _moment_text(task.created, context)),
        copy=lambda task: format_iso_moment(task.created),
    ),
    Field(
        key="updated",
        column=ColumnRule(
            "UPDATED",
            8,
            11,
            right=True,
            drop_rank=1,
            text=lambda task, context: format_short_timestamp(task.updated, context.now, utc=context.utc),
        ),
        sort=SortRule(lambda task, now: task.updated or 0, largest_first=True),
        overview=OverviewRule(lambda task, context: _moment_text(task.updated, context)),
        copy=lambda task: format_iso_moment(task.updated),
    ),
    Field(
        key="age",
        column=ColumnRule("AGE", 4, 11, right=True, usual=True, drop_rank=8, text=_age_text),
        sort=SortRule(_created_key, largest_first=True),
        filter=FilterRule(
            "duration",
            lambda task, now: None if task.created is None else now - task.created,
            colon_is_slip=True,
        ),
    ),
    Field(
        key="took",
        column=ColumnRule(
            "TOOK",
            5,
            6,
            right=True,
            usual=True,
            drop_rank=9,
            text=lambda task, context: format_duration(task.running_time(context.now)),
        ),
        sort=SortRule(
            lambda task, now: -1 if (length := task.running_time(now)) is None else length, largest_first=True
        ),
        filter=FilterRule("duration", Task.running_time, colon_is_slip=True),
    ),
    Field(
        key="description",
        overview=OverviewRule(lambda task, _: task.description, of_texts=True),
        copy=lambda task: task.description,
    ),
    Field(key="fault", copy=lambda task: task.decode_error),
)

_OVERVIEW_ORDER = (
    "id",
    "type",
    "created",
    "updated",
    "graph",
    "progress",
    "retries",
    "server",
    "description",
)
_COPY_ORDER = (
    "id",
    "name",
    "type",
    "graph",
    "status",
    "fault",
    "server",
    "created",
    "updated",
    "description",
)


def _in_order(fields: Iterable[Field], order: Sequence[str]) -> tuple[Field, ...]:
    """The fields as `order` names their keys; those that it doesn't name come last."""
    place = {key: number for number, key in enumerate(order)}
    return tuple(sorted(fields, key=lambda field: place.get(field.key, len(place))))


COLUMNS: dict[str, ColumnRule] = {field.key: field.column for field in FIELDS if field.column is not None}
SORTS: dict[str, SortRule] = {field.key: field.sort for field in FIELDS if field.sort is not None}
FILTERS: dict[str, FilterRule] = {field.key: field.filter for field in FIELDS if field.filter is not None}
OVERVIEW: dict[str, OverviewRule] = {
    field.key: field.overview for field in _in_order(FIELDS, _OVERVIEW_ORDER) if field.overview is not None
}
COPIES: dict[str, Callable[[Task], str | None]] = {
    field.key: field.copy for field in _in_order(FIELDS, _COPY_ORDER) if field.copy is not None
}
DROP_ORDER: tuple[str, ...] = tuple(
    sorted((key for key, rule in COLUMNS.items() if rule.drop_rank), key=lambda key: COLUMNS[key].drop_rank)
)
"""Which columns give way first to a name that has no room."""
