"""The Overview tab: a task's fields in two columns, and its life as a bar."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from backend_adapters.model import ODD_ID, Millis, Task, TaskDetail, TaskId, TaskStatus, is_task_id
from backend_adapters.redaction import mask_field, mask_secrets
from tui import text
from tui.field_rules import CellContext
from tui.fields import OVERVIEW
from tui.widgets.detail_table import draw_sheet
from tui.widgets.status_style import status_style
from tui.widgets.wrapping import wrap_sentence

LABEL_WIDTH = 12
TIMELINE_MAX_WIDTH = 64
ERROR_MAX_LINES = 6
NOTHING_SHOWN = Content.styled("No task is selected.", "$text-muted")
UNREADABLE_ADVICE = (
    "graphtop retries it from time to time; press r to retry now. You can still delete it. "
    "Check the server's log."
)
STOPS_SERVER_ADVICE = (
    "Reading it can block the server for minutes, so graphtop seldom does; press r to read it now. "
    "Check the server's log."
)


class OverviewState(Struct, frozen=True, kw_only=True):
    """Everything that the overview shows."""

    task: Task
    now: Millis
    detail: TaskDetail | None = None
    error: str = ""
    """The failure's first line, where it is known."""
    action: str = ""
    """What graphtop is doing to the task, as in `cancelling 12s`."""
    stuck: bool = False
    can_force_delete: bool = False
    """Whether F can remove the record of a stuck task."""
    silence: str = ""
    """What is known about a running task that has shown no progress for long."""
    has_texts: bool = True
    """Whether tasks have an input, a result, a counter and retries here."""
    end_unknown: bool = False
    """Whether it has finished, and it is not known when."""
    is_gone: bool = False
    """The server no longer has the task; this is what was last known."""
    utc: bool = False
    ascii: bool = False


def overview_lines(shown: OverviewState, width: int) -> list[Content]:
    """Return the lines of the overview, each at most `width` cells, with server text made harmless."""
    why = _unreadable_lines(shown.task, width) if shown.task.status is TaskStatus.UNREADABLE else ()
    life = list(_timeline_lines(shown, width))
    below = [
        *life,
        *([Content("")] if life else []),
        *_field_lines(shown, width),
        *_sheet_lines(shown, width),
    ]
    odd = () if is_task_id(shown.task.id) else wrap_sentence(ODD_ID, width)
    said = [Content.styled(row, "$status-failed") for row in odd]
    return [*_head_lines(shown, width), *said, *why, Content(""), *below]


def _head_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    task = shown.task
    yield Content.styled(
        text.fit_cells(text.sanitize_label(task.name) or "(no name)", width).rstrip(), "bold"
    )
    sign = text.status_glyph(task.status, ascii=shown.ascii)
    word = text.sanitize_label(task.raw_status)
    parts = [Content.styled(f"{sign} {word}", f"{status_color(task.status)} bold")]
    if shown.action:
        parts.append(Content.styled(f"  graphtop: {shown.action}", "$status-transient italic"))
    if shown.is_gone:
        parts.append(Content.styled("  no longer on the server", "$status-cancelled bold"))
    if shown.stuck:
        parts.append(Content.styled("  stuck", "$status-stuck bold"))
    if task.retries:
        parts.append(Content.styled(f"  retried {task.retries}×", "$status-cancelled"))
    yield Content("").join(parts)
    for row in wrap_sentence(_describe_stuck_task(shown), width) if shown.stuck else ():
        yield Content.styled(row, "$status-stuck")
    for row in wrap_sentence(shown.silence, width) if shown.silence else ():
        yield Content.styled(row, "$status-cancelled")
    for line in textwrap.wrap(text.sanitize_label(shown.error), width)[:ERROR_MAX_LINES]:
        yield Content.styled(text.fit_cells(line, width).rstrip(), "$status-failed")


def _describe_stuck_task(shown: OverviewState) -> str:
    """Why a task is called stuck, and what removes it where anything does."""
    status = text.sanitize_label(shown.task.raw_status)
    if shown.can_force_delete:
        return (
            f"Stuck: {status} for over a minute. Its server may be gone; force delete (F) removes the record."
        )
    return f"Stuck: {status} for over a minute. Its server may be gone."


def _unreadable_lines(task: Task, width: int) -> Iterator[Content]:
    """Why a task can't be read, with the server's whole message, and what to do."""
    for row in wrap_sentence(unreadable_reason(task.decode_error or "no reason given", task), width):
        yield Content.styled(row, "$status-failed")
    yield Content("")
    was = "It has never been read."
    if task.status_before is not None:
        was = f"When last read, it was {task.status_before.value}; the fields below are from then."
    for row in wrap_sentence(f"{was} {unreadable_advice(task)}", width):
        yield Content(row)


def unreadable_reason(said: str, task: Task) -> str:
    """Return why a record can't be read, given the message `said`; safe to draw."""
    words = f"{text.sanitize(mask_secrets(said)).rstrip('.')}."
    return words if task.stops_server else f"The server can't read this record: {words}"


def unreadable_advice(task: Task) -> str:
    """Return what a person can do about a record that can't be read."""
    return STOPS_SERVER_ADVICE if task.stops_server else UNREADABLE_ADVICE


def status_color(status: TaskStatus) -> str:
    """Return the theme variable of a status's colour."""
    return f"$status-{status_style(status)}"


def _timeline_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """The life of a task as a bar: created, duration, end or still running."""
    task = shown.task
    if task.created is None or task.status is TaskStatus.UNREADABLE:
        return
    start = text.format_time_of_day(task.created, utc=shown.utc)
    if shown.end_unknown or (shown.detail is not None and shown.detail.lost):
        length, end = "duration unknown", text.sanitize_label(task.raw_status)
        left, right = ("|", "|") if shown.ascii else ("├", "┤")
    elif task.status.is_finished and task.updated is not None:
        length, end = (
            text.format_exact_duration(task.duration),
            text.format_time_of_day(task.updated, utc=shown.utc),
        )
        left, right = ("|", "|") if shown.ascii else ("├", "┤")
    else:
        length, end = text.format_duration(shown.now - task.created), text.sanitize_label(task.raw_status)
        left, right = ("|", ">") if shown.ascii else ("├", "▶")
    dash = "-" if shown.ascii else "─"
    room = min(width, TIMELINE_MAX_WIDTH) - text.cell_width(start + length + end) - 8
    if room < 4:
        yield Content(f"{start} {left} {length} {right} {end}")
        return
    one, other = dash * (room // 2), dash * (room - room // 2)
    bar = Content.styled(f" {left}{one} ", "$text-disabled")
    tail = Content.styled(f" {other}{right} ", status_color(task.status))
    yield Content("").join([Content(start), bar, Content.styled(length, "bold"), tail, Content(end)])


def _field_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    task, detail = shown.task, shown.detail
    context = CellContext(now=shown.now, times="utc" if shown.utc else "local", ascii=shown.ascii)
    never_read = task.status is TaskStatus.UNREADABLE and task.status_before is None and detail is None
    for label, rule in OVERVIEW.items():
        value = rule.text(task, context)
        if (shown.has_texts or not rule.of_texts) and (value or not rule.only_with_value):
            yield from _field_line(label, value, width)
        if never_read:
            return
    if shown.has_texts:
        yield _dependencies(task)
    if detail is not None:
        if shown.has_texts:
            yield from _field_line("callable", detail.callable, width, keep="tail")
        for name, value in detail.extra:
            yield from _field_line(text.sanitize_label(name), mask_field(name, value), width)
        yield from _field_line("size", _size_text(detail), width)
    if task.decode_error not in (None, "", ODD_ID) and task.status is not TaskStatus.UNREADABLE:
        yield from _field_line("unreadable", task.decode_error, width)


def _size_text(detail: TaskDetail) -> str:
    """How much of the task was read, and what was left out."""
    left = " without the result" if detail.result_left_out else ""
    return text.format_size(detail.size) + left + (" (cut)" if detail.truncated else "")


def _sheet_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """The detail's tables, each under its title."""
    for sheet in shown.detail.sheets if shown.detail is not None else ():
        yield Content("")
        yield Content.styled(text.fit_cells(text.sanitize_label(sheet.title), width).rstrip(), "bold")
        yield from draw_sheet(sheet, width, ascii=shown.ascii)


def _field_line(label: str, value: str | None, width: int, keep: str = "head") -> Iterator[Content]:
    shown = text.sanitize_label(value) if value else text.NO_VALUE
    room = max(8, width - LABEL_WIDTH)
    name = Content.styled(text.fit_cells(label, LABEL_WIDTH - 1) + " ", "$text-muted")
    cut = text.fit_cells(shown, room, keep="tail" if keep == "tail" else "head").rstrip()
    yield name + (Content(cut) if value else Content.styled(cut, "$text-disabled"))


def _dependencies(task: Task) -> Content:
    name = Content.styled(text.fit_cells("depends on", LABEL_WIDTH - 1) + " ", "$text-muted")
    if not task.dependencies:
        return name + Content.styled(text.NO_VALUE, "$text-disabled")
    return name + Content(" ").join(_task_link(task_id) for task_id in task.dependencies)


def _task_link(task_id: TaskId) -> Content:
    """A task's id that opens the task when it is clicked."""
    go_to = Style.from_meta({"@click": ("screen.go_to", (task_id,))})
    return Content.styled(text.sanitize(task_id), go_to + Style(underline=True))


class Overview(VerticalScroll):
    """A scrolling overview that is repainted only when its text changes."""

    DEFAULT_CSS = """
    Overview { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Overview > Static { width: 1fr; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state: OverviewState | None = None
        self._drawn: Content | None = None
        self._text = Static(markup=False)

    def compose(self) -> ComposeResult:
        """One static text in a scroll."""
        yield self._text

    def show_task(self, shown: OverviewState | None) -> None:
        """Show this task, or nothing."""
        self._state = shown
        self._update_text()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._update_text()

    def _update_text(self) -> None:
        width = max(20, self.scrollable_content_region.width)
        content = Content("\n").join(overview_lines(self._state, width)) if self._state else NOTHING_SHOWN
        if content != self._drawn or content.spans != (self._drawn.spans if self._drawn else None):
            self._drawn = content
            self._text.update(content)
