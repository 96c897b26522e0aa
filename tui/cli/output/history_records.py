"""The records that `history` prints: tasks as they were seen last, and all that is kept of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Millis, TaskStatus
from tui import text
from tui.cli.output.printed_ids import make_id_rule
from tui.cli.output.records import TaskRecord, status_colour, status_words, task_layout
from tui.cli.output.table import Column, Layout, Style
from tui.fields import format_iso_millis, format_iso_moment, name_task_id
from tui.monitor.history.gaps import WatchGap
from tui.monitor.history.reader import TaskHistory
from tui.monitor.history.records import HistoryTask, Transition
from tui.monitor.history.restore import TaskRestorer
from tui.monitor.journal.line import JournalLine

CURRENT_WITHIN: Millis = 60_000
"""A place that answered so shortly ago is watched now."""


_MOMENTS = ("first_seen", "last_seen", "gone", "as_of")


class HistoryRecord(TaskRecord, frozen=True, kw_only=True):
    """A task as `history` prints it: the fields of `ls`, and these; `running_ms` is as of `as_of`."""

    waited_ms: int | None
    """From its creation until it was seen to begin; null where nobody saw that."""
    ran_ms: int | None
    """From then until its end."""
    fingerprint: str | None
    """The reason without what differs from task to task."""
    first_seen: Millis | None
    last_seen: Millis | None
    """When its record was last found changed, by this machine's clock; ISO 8601 as the next two."""
    gone: Millis | None
    """When it was found gone from the server; null while it is there, and where nobody looked."""
    as_of: Millis | None
    """When its place last answered, of a task that had not ended then; null otherwise."""

    @property
    def has_state(self) -> bool:
        """Whether it is gone, or was not watched to its end."""
        return self.gone is not None or self.as_of is not None

    def values(self) -> dict[str, object]:
        """The fields by their JSON names."""
        moments = {name: format_iso_millis(getattr(self, name)) for name in _MOMENTS}
        return TaskRecord.values(self) | moments


class TransitionRecord(Struct, frozen=True, kw_only=True):
    """A change of a task's status, or of how often it was begun."""

    status: str
    word: str
    at: str | None
    """By the server's clock; null where it doesn't tell."""
    seen: str | None
    """By this machine's clock."""
    unwatched_since: str | None
    """Nobody watched from then until `seen`: it was seen late. Null where it was seen as it came."""
    retries: int


class ActionRecord(Struct, frozen=True, kw_only=True):
    """An action that was sent from this machine, as the journal has it."""

    when: str
    by: str
    action: str
    outcome: str
    words: str


class GapRecord(Struct, frozen=True, kw_only=True):
    """A time in which nobody watched the task's place."""

    began: str | None
    ended: str | None


class HistoryDetail(HistoryRecord, frozen=True, kw_only=True):
    """All that is kept of one task, as `history --id` and `--export jsonl` print it."""

    transitions: tuple[TransitionRecord, ...]
    actions: tuple[ActionRecord, ...]
    gaps: tuple[GapRecord, ...]


def make_history_record(
    record: HistoryTask, restorer: TaskRestorer, now: Millis, watched_until: Millis | None
) -> HistoryRecord:
    """Return the record of a task; `watched_until` is when its place last answered."""
    as_of = find_as_of(record, now, watched_until)
    return HistoryRecord(
        task=restorer.restore_task(record),
        now=now if as_of is None else as_of,
        waited_ms=record.waited,
        ran_ms=record.ran,
        fingerprint=record.fingerprint,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        gone=record.gone,
        as_of=as_of,
    )


def find_as_of(record: HistoryTask, now: Millis, watched_until: Millis | None) -> Millis | None:
    """Until when is known what a task does that has not ended; None where it has, or is watched now."""
    if record.status.is_finished:
        return None
    if record.gone is not None:
        return record.gone
    last = record.last_seen if watched_until is None else max(record.last_seen, watched_until)
    return None if now - last < CURRENT_WITHIN else last


def make_history_detail(
    found: TaskHistory, restorer: TaskRestorer, now: Millis, actions: Sequence[JournalLine]
) -> HistoryDetail:
    """Return the record of all that is kept of a task."""
    listed = make_history_record(found.task, restorer, now, found.watched_until)
    fields = {name: getattr(listed, name) for name in HistoryRecord.__struct_fields__}
    return HistoryDetail(
        **fields,
        transitions=tuple(map(_make_transition, found.transitions)),
        actions=tuple(map(_make_action, actions)),
        gaps=tuple(map(_make_gap, found.gaps)),
    )


def _make_transition(one: Transition) -> TransitionRecord:
    return TransitionRecord(
        status=one.status.value,
        word=one.raw_status,
        at=format_iso_millis(one.at),
        seen=format_iso_millis(one.seen),
        unwatched_since=format_iso_millis(one.unwatched_since),
        retries=one.retries,
    )


def _make_action(line: JournalLine) -> ActionRecord:
    return ActionRecord(
        when=line.when, by=line.by, action=line.action, outcome=line.outcome, words=line.words
    )


def _make_gap(gap: WatchGap) -> GapRecord:
    return GapRecord(began=format_iso_millis(gap.began), ended=format_iso_millis(gap.ended))


# --- how they look -----------------------------------------------------------------------------------


def history_layout(
    now: Millis, *, ascii: bool, graphs: bool, reasons: bool = False, states: bool = True, plain: bool = False
) -> Layout[HistoryRecord]:
    """How tasks of the history are listed; see `task_layout`. Ages are by this machine's clock.

    `states`: some are gone, or not watched. `plain`: the ids are shown without their place, which is one.
    """
    listed = task_layout(ascii=ascii, graphs=graphs, reasons=reasons, places=True)
    dash = "-" if ascii else text.NO_VALUE
    columns: list[Column[HistoryRecord]] = []
    for column in cast("tuple[Column[HistoryRecord], ...]", listed.columns):
        if plain and column.head == "ID":
            columns.append(replace(column, show=lambda record: text.sanitize_label(record.task.id)))
        elif column.head == "AGE":
            columns.append(replace(column, show=lambda record: _format_age(record, now) or dash))
            if states:
                columns.append(
                    Column("SINCE", lambda record: _describe_state(record, now), plain=_find_state_moment)
                )
        else:
            columns.append(column)
    return Layout(
        columns=tuple(columns),
        more=(*cast("tuple[Column[HistoryRecord], ...]", listed.more), *_make_wide_columns(dash)),
        id=lambda record: name_task_id(record.task),
        is_id=make_id_rule(places=True),
    )


def _make_wide_columns(dash: str) -> tuple[Column[HistoryRecord], ...]:
    def show_length(length: Millis | None) -> str:
        return dash if length is None else text.format_exact_duration(length)

    return (
        Column("WAITED", lambda record: show_length(record.waited_ms), right=True),
        Column("RAN", lambda record: show_length(record.ran_ms), right=True),
        Column("LAST SEEN", lambda record: format_iso_moment(record.last_seen)),
    )


def _format_age(record: HistoryRecord, now: Millis) -> str:
    created = record.task.created
    return "" if created is None else text.format_age(created, now)


def _describe_state(record: HistoryRecord, now: Millis) -> str:
    """`gone 2d`: the server has it no longer; `seen 3h`: nobody looked since. Empty where neither is so."""
    if record.gone is not None:
        return f"gone {text.format_age(record.gone, now)}"
    return "" if record.as_of is None else f"seen {text.format_age(record.as_of, now)}"


def _find_state_moment(record: HistoryRecord) -> str | None:
    return format_iso_millis(record.gone if record.gone is not None else record.as_of)


def detail_layout(now: Millis, *, ascii: bool, graphs: bool) -> Layout[HistoryDetail]:
    """How all that is kept of a task is printed: for a person in lines, otherwise as in a list."""
    listed = history_layout(now, ascii=ascii, graphs=graphs)
    return Layout[HistoryDetail](
        columns=cast("tuple[Column[HistoryDetail], ...]", listed.columns),
        id=lambda record: name_task_id(record.task),
        is_id=listed.is_id,
        line=format_history,
    )


_EVENT_HEADS = ("SERVER'S TIME", "SEEN", "WHAT")
_EVENT_LEAST = 20
"""Cells that the words of an event have at the least."""


class _Event(Struct, frozen=True):
    """A line of the timeline."""

    order: str
    """The moment by which it stands among the others."""
    at: str | None
    seen: str | None
    words: str
    colour: str = ""


def format_history(record: HistoryDetail, style: Style) -> str:
    """Return all that is kept of a task for a person: one line a field, then what happened, oldest first."""
    events = sorted(_list_events(record, style), key=lambda event: event.order)
    return "\n".join([*_format_fields(record, style), "", *_format_events(events, style), ""])


def _format_fields(record: HistoryDetail, style: Style) -> Iterator[str]:
    task = record.task
    status = status_words(task.status, style, task.raw_status)
    gone = format_iso_moment(record.gone)
    fields: dict[str, object] = {
        "id": name_task_id(task),
        "status": status,
        "type": task.type,
        "name": task.name,
        "reason": task.reason,
        "created": format_iso_moment(task.created),
        "ended" if task.status.is_finished else "updated": format_iso_moment(task.updated),
        "waited": _format_length(record.waited_ms),
        "ran": _format_length(record.ran_ms),
        "took": _format_length(record.took),
        "retries": task.retries or None,
        "server": task.server,
        "graph": task.graph,
        "gone": gone and f"{gone} from the server",
        "last watched": format_iso_moment(record.as_of if record.gone is None else None),
    }
    shown = {label: text.sanitize_label(str(value)) for label, value in fields.items() if value}
    width = max(map(len, shown))
    margin = "\n" + " " * (width + 2)
    for label, value in shown.items():
        words = margin.join(text.wrap_words(value, max(_EVENT_LEAST, style.width - width - 2)))
        painted = style.paint(words, status_colour(task.status)) if label == "status" else words
        yield f"{style.paint(label.ljust(width), '2')}  {painted}"


def _format_events(events: Sequence[_Event], style: Style) -> Iterator[str]:
    dash = "-" if style.ascii else text.NO_VALUE
    cells = [(one.at or dash, one.seen or dash) for one in events]
    widths = [max(map(text.cell_width, column)) for column in zip(_EVENT_HEADS[:2], *cells, strict=True)]
    if events:
        heads = [text.fit_cells(head, width) for head, width in zip(_EVENT_HEADS, widths, strict=False)]
        yield style.paint("  ".join([*heads, _EVENT_HEADS[2]]), "2")
    room = max(_EVENT_LEAST, style.width - sum(widths) - 4)
    margin = "\n" + " " * (sum(widths) + 4)
    for one, moments in zip(events, cells, strict=True):
        before = [text.fit_cells(moment, width) for moment, width in zip(moments, widths, strict=True)]
        yield "  ".join([*before, style.paint(margin.join(text.wrap_words(one.words, room)), one.colour)])


def _format_length(length: Millis | None) -> str:
    return "" if length is None else text.format_exact_duration(length)


def _list_events(record: HistoryDetail, style: Style) -> Iterator[_Event]:
    """What happened to a task, in no order."""
    created = format_iso_millis(record.task.created)
    if created is not None and all(one.at != created for one in record.transitions):
        yield _Event(created, _shorten_moment(created), None, "created")
    retries = 0
    for one in record.transitions:
        status = TaskStatus(one.status)
        words = [status_words(status, style, one.word)]
        if one.retries > retries:
            words.append(f"retry {one.retries}")
        if one.unwatched_since:
            words.append(f"seen late: not watched since {_shorten_moment(one.unwatched_since)}")
        retries = one.retries
        at, seen = _shorten_moment(one.at), _shorten_moment(one.seen)
        yield _Event(one.at or one.seen or "", at, seen, ", ".join(words), status_colour(status))
    for gap in record.gaps:
        until = _shorten_moment(gap.ended)
        yield _Event(gap.began or "", None, _shorten_moment(gap.began), f"not watched until {until}", "2")
    for action in record.actions:
        done = (
            f"{action.action} by {action.by}: {action.outcome}{f', {action.words}' if action.words else ''}"
        )
        yield _Event(action.when, None, _shorten_moment(action.when), text.sanitize_label(done))
    if record.gone is not None:
        gone = format_iso_millis(record.gone) or ""
        yield _Event(gone, None, _shorten_moment(gone), "gone from the server")


def _shorten_moment(moment: str | None) -> str | None:
    """`2026-11-23T12:00:00Z` of a moment with milliseconds."""
    return moment and f"{text.sanitize_label(moment[:19])}Z"
