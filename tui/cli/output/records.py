"""The records that commands print: what `-o json`, `jsonl` and `csv` hold is a contract.

Every field is always there, in this order; one that has no value is null. New fields may be added at the end,
before those of the place, which come last; none is taken away or changes its meaning. Moments are ISO 8601 in
UTC with milliseconds, durations are milliseconds. `json` is an array of objects, however many there are;
`jsonl` is one object a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from backend_adapters.model import Millis, Place, Sheet, Task, TaskDetail, TaskStatus, change_task
from backend_adapters.redaction import mask_field
from backend_adapters.sentences import end_sentence, join_sentences
from tui import text
from tui.cli.output.printed_ids import make_id_rule
from tui.cli.output.table import Column, Layout, Style
from tui.cli.output.values import Record
from tui.field_rules import PrintRule
from tui.fields import JSON_FIELDS, PLACE_FIELDS, PRINTED, format_iso_millis, name_task_id
from tui.monitor.failure_headlines import read_headline
from tui.monitor.operations import UNREADABLE_WORDS
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.stuck import SERVER_LOST
from tui.monitor.unwritten_ends import is_end_unknown

STATUS_COLOURS = {
    TaskStatus.RUNNING: "1;34",
    TaskStatus.SUCCESS: "32",
    TaskStatus.PARTIAL: "33",
    TaskStatus.FAILED: "31",
    TaskStatus.CANCELLED: "33",
    TaskStatus.CANCELLING: "3;33",
    TaskStatus.DELETING: "3;33",
    TaskStatus.UNREADABLE: "1;31",
}
"""SGR numbers of the statuses that are told apart by a colour too."""


class PlacedRecord(Record, frozen=True, kw_only=True):
    """A record of something in a place, whose fields are its last ones."""

    place: Place | None = None
    """Null fields where it isn't known."""

    def values(self) -> dict[str, object]:
        """The record's own fields, then those of the place."""
        values = Record.values(self)
        del values["place"]
        return values | list_place_fields(self.place)


def list_place_fields(place: Place | None) -> dict[str, object]:
    """The fields of a place by their JSON names; all are None for none."""
    return {name: None if place is None else read(place) for name, read in PLACE_FIELDS.items()}


class TaskRecord(Record, frozen=True, kw_only=True):
    """A task, as `ls` prints it: its fields are those that `tui.fields` names for JSON."""

    task: Task
    now: Millis
    """The moment of the record, by the server's clock."""
    end_unknown: bool = False
    """How long it took is not known: its server was lost, or has not written yet when it ended."""
    place: Place | None = None
    """Where the task is, if it doesn't say so itself."""

    @property
    def took(self) -> Millis | None:
        """How long a finished task took; None where that is not known, and while it is not finished."""
        return None if self.end_unknown else self.task.duration

    def values(self) -> dict[str, object]:
        """The fields of the task by their JSON names, those of this kind of record, those of the place."""
        values = {name: read(self.task, self.now) for name, read in JSON_FIELDS.items()}
        place = self.task.place or self.place
        if place is not None and values["graph"] is None:
            values["graph"] = place.graph or None
        if self.end_unknown:
            values["took_ms"] = None
        own = self.__struct_fields__[len(TaskRecord.__struct_fields__) :]
        values |= {name: getattr(self, name) for name in own}
        return values | list_place_fields(place)


class FieldRecord(Struct, frozen=True):
    """One further field of a task, as its server calls it."""

    label: str
    text: str


class DetailRecord(TaskRecord, frozen=True, kw_only=True):
    """A task as `get` prints it: the fields of `ls`, and these."""

    callable: str | None
    fields: tuple[FieldRecord, ...]
    sheets: tuple[Sheet, ...]
    """Small tables: title, heads, rows."""
    input: str | None
    """The text as the server has it, secrets hidden; null where there is none, or with `truncated`."""
    result: str | None
    truncated: bool
    """The texts are too long for this: `graphtop input` and `graphtop result` give them whole."""


class ChangeRecord(TaskRecord, frozen=True, kw_only=True):
    """A task that changed, as `watch` prints it: the fields of `ls`, and these."""

    time: str
    """When graphtop saw it, by this machine's clock."""
    event: str
    """`seen` (it was there, unfinished, when the watch began), `new`, `changed` or `gone`."""
    before: str | None
    """The status before; null for `seen` and `new`."""


class ReportRecord(PlacedRecord, frozen=True, kw_only=True):
    """The outcome of an action on a task, as `cancel`, `delete` and `purge` print it."""

    id: str
    action: str
    """`cancel`, `delete` or `force delete`."""
    ok: bool
    """Whether the person has what was asked for."""
    outcome: str
    """cancelled, already cancelled, deleted, gone already, `gone, perhaps by another`, finished first,
    `changed meanwhile, nothing sent`, refused, not confirmed, came back, not sent, not found."""
    status: str | None
    """The status as last seen; null when the task is gone."""
    words: str
    """The server's words, or what graphtop has to say; may be empty."""
    code: int | None
    """The HTTP status of the answer."""
    elapsed_ms: int
    type: str | None
    name: str | None


def change_record(
    task: Task,
    now: Millis,
    *,
    time: Millis,
    event: str,
    before: Task | None,
    place: Place | None = None,
) -> ChangeRecord:
    """Return the record of a change; `now` is by the server's clock, `time` by this machine's."""
    return ChangeRecord(
        task=task,
        place=place,
        now=now,
        end_unknown=is_end_unknown(before, task),
        time=format_iso_millis(time) or "",
        event=event,
        before=before.status.value if before else None,
    )


def detail_record(detail: TaskDetail, now: Millis, place: Place | None = None) -> DetailRecord:
    """Return the record of a task's detail; `now` is by the server's clock."""
    whole = not detail.truncated
    task = change_task(detail.task, decode_error=SERVER_LOST) if detail.lost else detail.task
    if task.lacks_reason:
        task = change_task(task, reason=read_headline(detail))
    return DetailRecord(
        task=task,
        place=place,
        now=now,
        end_unknown=detail.lost,
        callable=detail.callable,
        fields=tuple(FieldRecord(label, mask_field(label, value)) for label, value in detail.extra),
        sheets=detail.sheets,
        input=detail.input if whole else None,
        result=detail.result.decode("utf-8", "replace") if whole and detail.result is not None else None,
        truncated=detail.truncated,
    )


def report_record(report: Report, place: Place | None = None) -> ReportRecord:
    """Return the record of a report."""
    last = report.last
    return ReportRecord(
        place=place,
        id=name_task_id(report.task),
        action=report.action.value,
        ok=report.outcome.is_success,
        outcome=report.outcome.value,
        status=last.status.value if last else None,
        words=report.words,
        code=report.code,
        elapsed_ms=round(report.elapsed * 1000),
        type=report.task.type,
        name=report.task.name,
    )


def absent_record(task_id: str, action: str, missing: str, place: Place | None = None) -> ReportRecord:
    """Return the record for an id that the server does not have, as `missing` says.

    If that is empty, the task could not be read.
    """
    return ReportRecord(
        place=place,
        id=task_id,
        action=action,
        ok=False,
        outcome="not found" if missing else Outcome.NOT_SENT.value,
        status=None,
        words=missing or UNREADABLE_WORDS,
        code=None,
        elapsed_ms=0,
        type=None,
        name=None,
    )


def unread_record(task: Task, action: str, place: Place | None = None) -> ReportRecord:
    """Return the record for a task that the server can't read, so that nothing was sent for it."""
    return ReportRecord(
        place=place,
        id=name_task_id(task),
        action=action,
        ok=False,
        outcome=Outcome.NOT_SENT.value,
        status=task.status.value,
        words=join_sentences(
            f"The server can't read it: {task.decode_error or 'it gave no reason'}",
            "You can still delete it.",
        ),
        code=None,
        elapsed_ms=0,
        type=task.type or None,
        name=task.name or None,
    )


_PLACE_NAME = re.compile(r"\w[\w.@-]*(?::\w[\w.-]*(?:/\w[\w.-]*)?)?")
"""The whole name of a place that no shell and no xargs takes apart."""


def is_place_name(words: str) -> bool:
    """Whether `-o id` gives the name of a place to other commands."""
    return _PLACE_NAME.fullmatch(words) is not None


# --- how they look -----------------------------------------------------------------------------------


def status_words(status: TaskStatus, style: Style, word: str = "") -> str:
    """Return a status with its glyph, in the server's own word if there is one."""
    return f"{text.status_glyph(status, ascii=style.ascii)} {text.sanitize_label(word or status.value)}"


def status_colour(status: TaskStatus) -> str:
    """Return the SGR numbers of a status; empty for most."""
    return STATUS_COLOURS.get(status, "")


def task_layout(
    *, ascii: bool, graphs: bool, reasons: bool = False, places: bool = False
) -> Layout[TaskRecord]:
    """How tasks are listed, as `tui.fields` says.

    `graphs`: they are of several graphs. `reasons`: a person reads it, and some of them have failed.
    `places`: their ids are printed with their places.
    """
    rules = {
        key: rule
        for key, rule in PRINTED.items()
        if (graphs or not rule.of_graphs) and (reasons or not rule.of_failures)
    }
    columns = {key: _task_column(key, rule, ascii=ascii) for key, rule in rules.items()}
    return Layout(
        columns=tuple(column for key, column in columns.items() if not rules[key].wide),
        more=tuple(column for key, column in columns.items() if rules[key].wide),
        id=lambda record: name_task_id(record.task),
        is_id=make_id_rule(places=places),
    )


_COLUMN_COLOURS: dict[str, Callable[[TaskRecord], str]] = {
    "status": lambda record: status_colour(record.task.status),
    "reason": lambda record: status_colour(TaskStatus.FAILED),
}


def _task_column(key: str, rule: PrintRule, *, ascii: bool) -> Column[TaskRecord]:
    dash = "-" if ascii else text.NO_VALUE

    def is_unknown(record: TaskRecord) -> bool:
        return key == "took" and record.end_unknown

    def show(record: TaskRecord) -> str:
        words = "" if is_unknown(record) else rule.text(record.task, record.now)
        if rule.of_failures:
            return words
        sign = f"{text.status_glyph(record.task.status, ascii=ascii)} " if key == "status" else ""
        return f"{sign}{words}" or dash

    def plain_value(record: TaskRecord) -> object:
        if rule.plain is None:
            return show(record)
        return None if is_unknown(record) else rule.plain(record.task, record.now)

    return Column(
        rule.title,
        show,
        plain=plain_value,
        right=rule.right,
        takes_rest=rule.takes_rest,
        drop_rank=rule.drop_rank,
        style=_COLUMN_COLOURS.get(key),
    )


def report_line(report: ReportRecord, style: Style) -> str:
    """Return the line for the outcome of an action on one task."""
    good = report.ok
    sign = ("+" if good else "x") if style.ascii else ("✓" if good else "✗")
    head = f"{sign} {text.sanitize(report.id)} {report.outcome}"
    took = f" ({text.format_exact_duration(report.elapsed_ms)})" if report.elapsed_ms >= 100 else ""
    said = "" if good or not report.words else f": {text.sanitize(end_sentence(report.words))}"
    first, *more = text.wrap_words(f"{head}{took}{said}", style.width, indent=2)
    painted = style.paint(head, "32" if good else "31") + first[len(head) :]
    return "\n".join([painted if first.startswith(head) else first, *more])


REPORT_LAYOUT = Layout[ReportRecord](
    columns=(
        Column("ID", lambda report: text.sanitize(report.id)),
        Column("OUTCOME", lambda report: report.outcome),
        Column("STATUS", lambda report: report.status or "", plain=lambda report: report.status),
        Column("WORDS", lambda report: text.sanitize(report.words), plain=lambda report: report.words),
    ),
    id=lambda report: report.id,
    line=report_line,
)
"""How what became of actions is told."""
