"""The records that commands print: what `-o json`, `jsonl` and `csv` hold is a contract.

Every field is always there, in this order; one that has no value is null. New fields may be added at the end,
none is taken away or changes its meaning. Moments are ISO 8601 in UTC with milliseconds, durations are
milliseconds. `json` is an array of objects, however many there are; `jsonl` is one object a line.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from backend_adapters.model import Millis, Sheet, Task, TaskDetail, TaskStatus
from backend_adapters.redaction import mask_field
from backend_adapters.sentences import end_sentence, join_sentences
from tui import text
from tui.cli.output.table import Column, Layout, Style
from tui.monitor.operations import UNREADABLE, Outcome, Report
from tui.monitor.stuck import LOST, end_unknown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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


class TaskRecord(Struct, frozen=True, kw_only=True):
    """A task, as `ls` and `wait` print it."""

    id: str
    status: str
    """One of graphtop's words, the same for all servers: running, success, failed, cancelled…"""
    word: str
    """The server's own word for the status."""
    type: str
    name: str
    created: str | None
    updated: str | None
    """When the server last wrote the task; for a finished one, the best known end."""
    took_ms: int | None
    """How long a finished task took; null while it is not finished."""
    progress: int | None
    """A counter of the server's, not a percentage."""
    retries: int
    server: str | None
    graph: str | None
    """The graph, where one list holds the tasks of several."""
    description: str | None
    dependencies: tuple[str, ...]
    stoppable: bool | None
    """Whether the server says that it can be cancelled now; null where it does not tell."""
    fault: str | None
    """Why this record is not to be trusted whole; null where it is."""
    running_ms: int | None
    """How long it has been running, by the server's clock; null once it has ended, and while it waits."""


class FieldRecord(Struct, frozen=True):
    """One further field of a task, as its server calls it."""

    label: str
    text: str


class DetailRecord(TaskRecord, frozen=True, kw_only=True):
    """A task with all that `get` tells: the fields of `ls`, and these."""

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


class ReportRecord(Struct, frozen=True, kw_only=True):
    """What became of an action on a task, as `cancel`, `delete` and `purge` print it."""

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


def format_moment(ms: Millis | None) -> str | None:
    """A moment as `2026-11-23T12:03:44.123Z`; null where it isn't known or no calendar holds it."""
    if ms is None:
        return None
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def _task_fields(task: Task, now: Millis) -> dict[str, object]:
    return {
        "id": task.id,
        "status": task.status.value,
        "word": task.raw_status,
        "type": task.type,
        "name": task.name,
        "created": format_moment(task.created),
        "updated": format_moment(task.updated),
        "took_ms": task.duration,
        "progress": task.progress,
        "retries": task.retries,
        "server": task.server,
        "graph": task.graph,
        "description": task.description,
        "dependencies": task.dependencies,
        "stoppable": task.stoppable,
        "fault": task.decode_error,
        "running_ms": None if task.status.is_finished else task.running_time(now),
    }


def task_record(task: Task, now: Millis) -> TaskRecord:
    """A task as a record, `now` by the server's clock."""
    return TaskRecord(**_task_fields(task, now))  # type: ignore[arg-type]


def change_record(task: Task, now: Millis, *, time: Millis, event: str, before: Task | None) -> ChangeRecord:
    """A change as a record: `now` by the server's clock, `time` by this machine's."""
    fields = _task_fields(task, now) | ({"took_ms": None} if end_unknown(before, task) else {})
    return ChangeRecord(
        **fields,  # type: ignore[arg-type]
        time=format_moment(time) or "",
        event=event,
        before=before.status.value if before else None,
    )


def detail_record(detail: TaskDetail, now: Millis) -> DetailRecord:
    """A task's detail as a record, `now` by the server's clock."""
    whole = not detail.truncated
    lost = {"took_ms": None, "fault": f"{LOST[:1].upper()}{LOST[1:]}."}
    fields = _task_fields(detail.task, now) | (lost if detail.lost else {})
    return DetailRecord(
        **fields,  # type: ignore[arg-type]
        callable=detail.callable,
        fields=tuple(FieldRecord(label, mask_field(label, value)) for label, value in detail.extra),
        sheets=detail.sheets,
        input=detail.input if whole else None,
        result=detail.result if whole else None,
        truncated=detail.truncated,
    )


def report_record(report: Report) -> ReportRecord:
    """A report as a record."""
    last = report.last
    return ReportRecord(
        id=report.task.id,
        action=report.action.value,
        ok=report.outcome.good,
        outcome=report.outcome.value,
        status=last.status.value if last else None,
        words=report.words,
        code=report.code,
        elapsed_ms=round(report.elapsed * 1000),
        type=report.task.type,
        name=report.task.name,
    )


def absent_record(task_id: str, action: str, *, gone: bool) -> ReportRecord:
    """The record for an id that the server does not have, or whose record could not be read."""
    return ReportRecord(
        id=task_id,
        action=action,
        ok=False,
        outcome="not found" if gone else Outcome.NOT_SENT.value,
        status=None,
        words="The server has no task of this id." if gone else UNREADABLE,
        code=None,
        elapsed_ms=0,
        type=None,
        name=None,
    )


def unread_record(task: Task, action: str) -> ReportRecord:
    """The record for a task that the server fails over, so that nothing was sent for it."""
    return ReportRecord(
        id=task.id,
        action=action,
        ok=False,
        outcome=Outcome.NOT_SENT.value,
        status=task.status.value,
        words=join_sentences(
            f"The server can't read it: {task.decode_error or 'it gave no reason'}",
            "It can be deleted all the same.",
        ),
        code=None,
        elapsed_ms=0,
        type=task.type or None,
        name=task.name or None,
    )


# --- how they look -----------------------------------------------------------------------------------


def status_words(status: str, style: Style, word: str = "") -> str:
    """A status with its glyph, in the server's own word where there is one."""
    return f"{text.status_glyph(TaskStatus(status), ascii=style.ascii)} {text.sanitize_label(word or status)}"


def status_colour(status: str) -> str:
    """The SGR numbers of a status."""
    return STATUS_COLOURS.get(TaskStatus(status), "")


def task_layout(*, ascii: bool, graphs: bool, now: Millis) -> Layout[TaskRecord]:
    """How tasks are listed: the columns of the screen."""
    dash = "-" if ascii else text.NO_VALUE

    def shown(value: object) -> str:
        return dash if value in (None, "", ()) else text.sanitize_label(str(value))

    def length(ms: Millis | None) -> str:
        return dash if ms is None else text.format_duration(ms)

    status = Column[TaskRecord](
        "STATUS",
        lambda task: (
            f"{text.status_glyph(TaskStatus(task.status), ascii=ascii)} {text.sanitize_label(task.word)}"
        ),
        plain=lambda task: task.status,
        style=lambda task: STATUS_COLOURS.get(TaskStatus(task.status), ""),
    )
    columns = (
        Column[TaskRecord]("ID", lambda task: shown(task.id), right=True),
        status,
        Column[TaskRecord]("TYPE", lambda task: shown(task.type), plain=lambda task: task.type),
        *(
            (Column[TaskRecord]("GRAPH", lambda task: shown(task.graph), plain=lambda task: task.graph),)
            if graphs
            else ()
        ),
        Column[TaskRecord](
            "NAME", lambda task: shown(task.name), plain=lambda task: task.name, takes_rest=True
        ),
        Column[TaskRecord](
            "AGE",
            lambda task: length(_elapsed_since(task.created, now)),
            plain=lambda task: task.created,
            right=True,
        ),
        Column[TaskRecord](
            "TOOK", lambda task: length(elapsed_so_far(task)), plain=lambda task: task.took_ms, right=True
        ),
    )
    more = (
        Column[TaskRecord]("CREATED", lambda task: shown(task.created)),
        Column[TaskRecord]("UPDATED", lambda task: shown(task.updated)),
        Column[TaskRecord]("PROGRESS", lambda task: shown(task.progress), right=True),
        Column[TaskRecord]("RETRIES", lambda task: shown(task.retries), right=True),
        Column[TaskRecord]("SERVER", lambda task: shown(task.server)),
        Column[TaskRecord]("DESCRIPTION", lambda task: shown(task.description)),
    )
    return Layout(columns=columns, more=more, id=lambda task: task.id)


def elapsed_so_far(task: TaskRecord) -> Millis | None:
    """How long a task ran so far, or in all."""
    return task.running_ms if task.took_ms is None else task.took_ms


def _elapsed_since(moment: str | None, now: Millis) -> Millis | None:
    if moment is None:
        return None
    return now - round((datetime.fromisoformat(moment) - _EPOCH) / timedelta(milliseconds=1))


def report_line(report: ReportRecord, style: Style) -> str:
    """One line for the end of an action on one task."""
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
