"""The fields of a task: ONE table, from which everything that shows, sorts or filters fields is made.

A new field is one entry of `FIELDS`. What an entry leaves out, the field does not have: without `column` it
is in no table, without `sort` nothing is sorted by it. The order of `FIELDS` is that of the columns. Places
with an order of their own name it at the end of this file; a field that they don't name comes last there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from backend_adapters.model import Millis, Place, Task, TaskStatus
from tui.field_rules import (
    CellContext,
    ColumnRule,
    Field,
    FilterRule,
    JsonRule,
    OverviewRule,
    PrintRule,
    SortRule,
)
from tui.progress_text import PROGRESS_WIDTH, describe_progress, draw_percent, find_percent
from tui.task_name import name_sort_key, readable_name
from tui.text import (
    NO_VALUE,
    format_age,
    format_count,
    format_duration,
    format_short_timestamp,
    format_timestamp,
    production_sign,
    sanitize,
    sanitize_label,
)

UNKNOWN_NEWEST: Millis = 1 << 63
"""A time after all others."""


def _created_key(task: Task, _now: Millis) -> Millis:
    """When a task was created; GES tells it of no job that waits, and those are the newest there are.

    One that was never read may be of any age: it stands with the oldest, not above all others for ever.
    """
    if task.created is not None:
        return task.created
    return 0 if task.status.is_finished or task.status is TaskStatus.UNREADABLE else UNKNOWN_NEWEST


def _reason_key(task: Task, _now: Millis) -> tuple[bool, str]:
    """The failures by their reasons, before all other tasks."""
    return (not task.reason, (task.reason or "").casefold())


def _age_text(task: Task, context: CellContext) -> str:
    if context.times == "age":
        return format_age(task.created, context.now, is_calm=task.status.is_finished)
    return format_short_timestamp(task.created, context.now, utc=context.utc)


def _moment_text(task: Task, moment: Millis | None, context: CellContext) -> str:
    """A moment in the overview: `2026-11-23 12:00:00 · 3m ago`; empty for none."""
    if moment is None:
        return ""
    dot = "-" if context.ascii else "·"
    age = format_age(moment, context.now, is_calm=task.status.is_finished)
    return f"{format_timestamp(moment, utc=context.utc)} {dot} {age} ago"


def _progress_text(task: Task, context: CellContext) -> str:
    """A bar where the total is known, else the counter."""
    percent = find_percent(task)
    if percent is not None:
        return draw_percent(percent, PROGRESS_WIDTH, ascii=context.ascii)
    return format_count(task.progress) if task.progress else NO_VALUE


def format_iso_moment(moment: Millis | None) -> str:
    """A moment for another program: ISO 8601 in UTC, to the second; empty where it isn't known."""
    if moment is None:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment / 1000))


def format_iso_millis(moment: Millis | None) -> str | None:
    """A moment as `2026-11-23T12:03:44.123Z`; None where it isn't known or no calendar holds it."""
    if moment is None:
        return None
    try:
        # Not strftime, which takes twice as long, for two moments of each task that is listed.
        return f"{(_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec='milliseconds')}Z"
    except OverflowError:
        return None


def _print_text(value: object) -> str:
    """A value as it is printed; empty for none."""
    return "" if value in (None, "", ()) else sanitize_label(str(value))


def name_task_id(task: Task) -> str:
    """The id as commands print and take it: the whole form, with its place, where there are several."""
    place = task.place
    return task.id if place is None else place.qualify_id(task.id)


def name_dependencies(task: Task) -> tuple[str, ...]:
    """The ids of what a task depends on, as commands print and take them."""
    place = task.place
    return task.dependencies if place is None else tuple(map(place.qualify_id, task.dependencies))


def _find_graph(task: Task) -> str | None:
    """The graph of a task: its own, or that of its place; None for one that is of no graph."""
    if task.graph:
        return task.graph
    # Not by `Task.place`, which would be called for each of 100,000 tasks.
    place = task.extras.place
    return None if place is None else place.graph or None


def _place_text(task: Task, context: CellContext) -> str:
    """The shortest text that tells its place from the others, behind the sign of a production server."""
    place = task.place
    if place is None:
        return NO_VALUE
    sign = f"{production_sign(ascii=context.ascii)} " if place.production else "  " * context.indents_places
    return sign + (sanitize_label(_name_with_graph(task, place.label or place.name)) or NO_VALUE)


def _name_with_graph(task: Task, name: str) -> str:
    """A name of its place, with the graph where the place is a project, whose tasks are of many graphs."""
    place = task.place
    return f"{name}:{task.graph}" if task.graph and place is not None and not place.graph else name


def _describe_place(task: Task) -> str | None:
    """The whole name of its place, and whether that is production."""
    place = task.place
    if place is None:
        return None
    return f"{place.name}, production" if place.production else place.name


def _place_key(task: Task, now: Millis) -> tuple[str, str, Millis]:
    """The places by their whole names, which stay, and the tasks of one from the newest on."""
    place = task.place
    names = ("", "") if place is None else (place.name.casefold(), place.name)
    return (*names, -_created_key(task, now))


def _place_names(task: Task) -> str:
    """All that a place is called by, one name a line."""
    place = task.place
    if place is None:
        return ""
    return f"{place.label}\n{_name_with_graph(task, place.name)}"


def _print_length(length: Millis | None) -> str:
    return "" if length is None else format_duration(length)


def _print_age(task: Task, now: Millis) -> str:
    known = task.created is not None and format_iso_millis(task.created) is not None
    return _print_length(now - task.created if known and task.created is not None else None)


_EPOCH = datetime(1970, 1, 1)
"""In UTC, without a zone: `isoformat` would add it."""
_STATUS_ORDER = {status: number for number, status in enumerate(TaskStatus)}

FIELDS: tuple[Field, ...] = (
    Field(
        key="place",
        column=ColumnRule("PLACE", 5, 26, usual=True, text=_place_text),
        sort=SortRule(_place_key),
        filter=FilterRule("parts", lambda task, now: _place_names(task), colon_is_slip=True),
        overview=OverviewRule(lambda task, _: _describe_place(task)),
        copy=lambda task: None if task.place is None else task.place.name,
    ),
    Field(
        key="id",
        column=ColumnRule("ID", 4, 12, right=True, usual=True, text=lambda task, _: sanitize(task.id)),
        sort=SortRule(lambda task, now: 0, largest_first=True),
        filter=FilterRule("exact", lambda task, now: task.id),
        overview=OverviewRule(lambda task, _: task.id),
        copy=lambda task: task.id,
        json=JsonRule("id", lambda task, now: name_task_id(task)),
        printed=PrintRule(
            "ID", lambda task, now: _print_text(name_task_id(task)), right=True, in_sheet=False
        ),
    ),
    Field(
        key="status",
        column=ColumnRule("STATUS", 11, 20, usual=True),
        sort=SortRule(lambda task, now: _STATUS_ORDER[task.status]),
        filter=FilterRule(
            "status", lambda task, now: task.raw_status, example="status=failed,cancelled", colon_is_slip=True
        ),
        copy=lambda task: task.raw_status,
        json=JsonRule("status", lambda task, now: task.status.value),
        printed=PrintRule(
            "STATUS",
            lambda task, now: sanitize_label(task.raw_status),
            plain=lambda task, now: task.status.value,
            in_sheet=False,
        ),
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
        json=JsonRule("type", lambda task, now: task.type),
        printed=PrintRule(
            "TYPE",
            lambda task, now: _print_text(task.type),
            plain=lambda task, now: task.type,
            drop_rank=1,
        ),
    ),
    Field(
        key="name",
        column=ColumnRule("NAME", 0, 0, usual=True),
        # By what is shown. A filter by the raw name finds what is shown, too: that is a part of it.
        sort=SortRule(lambda task, now: name_sort_key(task)),
        filter=FilterRule("part", lambda task, now: task.name),
        copy=lambda task: task.name,
        json=JsonRule("name", lambda task, now: task.name),
        printed=PrintRule(
            "NAME",
            lambda task, now: _print_text(readable_name(task)),
            plain=lambda task, now: task.name,
            takes_rest=True,
        ),
    ),
    Field(
        key="reason",
        column=ColumnRule("REASON", 0, 0, usual=True, text=lambda task, _: sanitize_label(task.reason or "")),
        sort=SortRule(_reason_key),
        filter=FilterRule("part", lambda task, now: task.reason),
        copy=lambda task: task.reason,
        json=JsonRule("reason", lambda task, now: task.reason or None),
        printed=PrintRule(
            "REASON", lambda task, now: _print_text(task.reason), takes_rest=True, of_failures=True
        ),
    ),
    Field(
        key="progress",
        column=ColumnRule(
            "PROGRESS",
            8,
            PROGRESS_WIDTH,
            right=True,
            drop_rank=4,
            text=_progress_text,
        ),
        sort=SortRule(lambda task, now: task.progress or 0, largest_first=True),
        filter=FilterRule(
            "number", lambda task, now: task.progress, example="progress>9", colon_is_slip=True
        ),
        overview=OverviewRule(lambda task, _: describe_progress(task)),
        json=JsonRule("progress", lambda task, now: task.progress),
        printed=PrintRule("PROGRESS", lambda task, now: describe_progress(task), right=True, wide=True),
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
        filter=FilterRule("number", lambda task, now: task.retries, example="retries>0", colon_is_slip=True),
        overview=OverviewRule(lambda task, _: str(task.retries or ""), of_texts=True),
        json=JsonRule("retries", lambda task, now: task.retries),
        printed=PrintRule("RETRIES", lambda task, now: _print_text(task.retries), right=True, wide=True),
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
        json=JsonRule("server", lambda task, now: task.server),
        printed=PrintRule("SERVER", lambda task, now: _print_text(task.server), wide=True),
    ),
    Field(
        key="graph",
        column=ColumnRule(
            "GRAPH", 5, 18, drop_rank=7, text=lambda task, _: sanitize_label(task.graph or "") or NO_VALUE
        ),
        sort=SortRule(lambda task, now: task.graph or ""),
        filter=FilterRule("prefix", lambda task, now: _find_graph(task)),
        overview=OverviewRule(lambda task, _: task.graph),
        copy=lambda task: task.graph,
        json=JsonRule("graph", lambda task, now: _find_graph(task)),
        printed=PrintRule(
            "GRAPH",
            lambda task, now: _print_text(_find_graph(task)),
            plain=lambda task, now: _find_graph(task),
            drop_rank=2,
            of_graphs=True,
        ),
    ),
    Field(
        key="profile",
        filter=FilterRule("exact", lambda task, now: None if task.place is None else task.place.profile),
    ),
    Field(
        key="graphspace",
        filter=FilterRule("exact", lambda task, now: None if task.place is None else task.place.graphspace),
    ),
    Field(
        key="dialect",
        filter=FilterRule("exact", lambda task, now: None if task.place is None else task.place.dialect),
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
        overview=OverviewRule(lambda task, context: _moment_text(task, task.created, context)),
        copy=lambda task: format_iso_moment(task.created),
        json=JsonRule("created", lambda task, now: format_iso_millis(task.created)),
        printed=PrintRule(
            "CREATED", lambda task, now: _print_text(format_iso_millis(task.created)), wide=True
        ),
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
        overview=OverviewRule(lambda task, context: _moment_text(task, task.updated, context)),
        copy=lambda task: format_iso_moment(task.updated),
        json=JsonRule("updated", lambda task, now: format_iso_millis(task.updated)),
        printed=PrintRule(
            "UPDATED", lambda task, now: _print_text(format_iso_millis(task.updated)), wide=True
        ),
    ),
    Field(
        key="age",
        column=ColumnRule("AGE", 4, 11, right=True, usual=True, drop_rank=9, text=_age_text),
        sort=SortRule(_created_key, largest_first=True),
        filter=FilterRule(
            "duration",
            lambda task, now: None if task.created is None else now - task.created,
            example="age>1h",
            colon_is_slip=True,
        ),
        printed=PrintRule(
            "AGE",
            _print_age,
            plain=lambda task, now: format_iso_millis(task.created),
            right=True,
            in_sheet=False,
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
            drop_rank=10,
            text=lambda task, context: format_duration(task.running_time(context.now)),
        ),
        sort=SortRule(
            lambda task, now: -1 if (length := task.running_time(now)) is None else length, largest_first=True
        ),
        filter=FilterRule("duration", Task.running_time, example="took>=10m", colon_is_slip=True),
        json=JsonRule("took_ms", lambda task, now: task.duration),
        printed=PrintRule(
            "TOOK",
            lambda task, now: _print_length(task.running_time(now)),
            plain=lambda task, now: task.duration,
            right=True,
            in_sheet=False,
        ),
    ),
    # Judged by others of its kind, which its record knows nothing of: the table composes it.
    Field(key="eta", column=ColumnRule("ETA", 4, 6, right=True, drop_rank=8)),
    Field(
        key="description",
        overview=OverviewRule(lambda task, _: task.description, of_texts=True),
        copy=lambda task: task.description,
        json=JsonRule("description", lambda task, now: task.description),
        printed=PrintRule("DESCRIPTION", lambda task, now: _print_text(task.description), wide=True),
    ),
    Field(
        key="fault",
        copy=lambda task: task.decode_error,
        json=JsonRule("fault", lambda task, now: task.decode_error),
    ),
    Field(key="word", json=JsonRule("word", lambda task, now: task.raw_status)),
    Field(key="dependencies", json=JsonRule("dependencies", lambda task, now: name_dependencies(task))),
    Field(key="stoppable", json=JsonRule("stoppable", lambda task, now: task.stoppable)),
    Field(
        key="running",
        json=JsonRule(
            "running_ms",
            lambda task, now: None if task.status.is_finished else task.running_time(now),
        ),
    ),
)

_FILTER_ORDER = (
    *("id", "status", "type", "name", "reason", "progress", "retries", "server"),
    *("graph", "place", "profile", "graphspace", "dialect"),
)
_OVERVIEW_ORDER = ("id", "type", "created", "updated", "place", "graph", "progress", "retries", "server")
_COPY_ORDER = (
    *("id", "name", "type", "graph", "status", "fault", "reason", "server", "created", "updated"),
    "place",
)
_PRINT_ORDER = ("id", "status", "type", "graph", "name", "age", "took", "created", "updated", "reason")
_JSON_ORDER = (
    *("id", "status", "word", "type", "name", "created", "updated", "took", "progress", "retries", "server"),
    *("graph", "description", "dependencies", "stoppable", "fault", "running", "reason"),
)


def _in_order(order: Sequence[str]) -> tuple[Field, ...]:
    """All fields as `order` names their keys; those that it doesn't name come last."""
    place = {key: number for number, key in enumerate(order)}
    return tuple(sorted(FIELDS, key=lambda field: place.get(field.key, len(place))))


COLUMNS: dict[str, ColumnRule] = {field.key: field.column for field in FIELDS if field.column is not None}
SORTS: dict[str, SortRule] = {field.key: field.sort for field in FIELDS if field.sort is not None}
FILTERS: dict[str, FilterRule] = {
    field.key: field.filter for field in _in_order(_FILTER_ORDER) if field.filter is not None
}
OVERVIEW: dict[str, OverviewRule] = {
    field.key: field.overview for field in _in_order(_OVERVIEW_ORDER) if field.overview is not None
}
COPIES: dict[str, Callable[[Task], str | None]] = {
    field.key: field.copy for field in _in_order(_COPY_ORDER) if field.copy is not None
}
PRINTED: dict[str, PrintRule] = {
    field.key: field.printed for field in _in_order(_PRINT_ORDER) if field.printed is not None
}
JSON_FIELDS: dict[str, Callable[[Task, Millis], object]] = {
    field.json.name: field.json.value for field in _in_order(_JSON_ORDER) if field.json is not None
}
PLACE_FIELDS: dict[str, Callable[[Place], str | None]] = {
    "place": lambda place: place.name,
    "profile": lambda place: place.profile,
    "graphspace": lambda place: place.graphspace,
    "dialect": lambda place: place.dialect,
}
"""What JSON tells of a place: the last fields of each object, also where there is only one place."""
FILTER_EXAMPLES: tuple[str, ...] = tuple(rule.example or f"{key}=" for key, rule in FILTERS.items())
"""A term for each field that a filter knows, for helps."""
DROP_ORDER: tuple[str, ...] = tuple(
    sorted((key for key, rule in COLUMNS.items() if rule.drop_rank), key=lambda key: COLUMNS[key].drop_rank)
)
"""Which columns give way first to a name that has no room."""


def describe_order(sort: str, *, descending: bool) -> str:
    """The column, and whether it is sorted the other way round than when it was chosen: `took, reversed`."""
    return f"{sort}, reversed" if is_reversed(sort, descending=descending) else sort


def is_reversed(sort: str, *, descending: bool) -> bool:
    """Whether a column is sorted the other way round than when it was chosen."""
    return sort in SORTS and descending is not SORTS[sort].largest_first
