"""The lower part of the overview: a task's life as a bar, its fields, and the tables of its detail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from textual.content import Content
from textual.style import Style

from backend_adapters.model import ODD_ID, Millis, Place, Task, TaskDetail, TaskId, TaskStatus
from backend_adapters.redaction import mask_field
from tui import text
from tui.field_rules import CellContext
from tui.fields import OVERVIEW
from tui.task_name import readable_name
from tui.widgets.detail_table import draw_sheet
from tui.widgets.overview_text import OverviewState
from tui.widgets.status_style import status_style

LABEL_WIDTH = 12
TIMELINE_MAX_WIDTH = 64


def status_color(status: TaskStatus) -> str:
    """Return the theme variable of a status's colour."""
    return f"$status-{status_style(status)}"


def draw_timeline(shown: OverviewState, width: int) -> Iterator[Content]:
    """The life of a task as a bar: created, duration, end or still running."""
    task = shown.task
    if task.created is None or task.status is TaskStatus.UNREADABLE:
        return
    if shown.as_of and not task.status.is_finished:
        # Whether it still goes on is not known.
        return
    start = format_near_moment(task.created, shown.now, utc=shown.utc)
    if shown.end_unknown or (shown.detail is not None and shown.detail.lost):
        length, end = "duration unknown", text.sanitize_label(task.raw_status)
        left, right = ("|", "|") if shown.ascii else ("├", "┤")
    elif task.status.is_finished and task.updated is not None:
        length, end = (
            text.format_exact_duration(task.duration),
            format_near_moment(task.updated, task.created, utc=shown.utc),
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


def format_near_moment(moment: Millis, other: Millis, *, utc: bool) -> str:
    """The time of day, behind the day where that is not the one of the other moment."""
    whole, compared = (text.format_timestamp(one, utc=utc) for one in (moment, other))
    if whole[:10] == compared[:10]:
        return text.format_time_of_day(moment, utc=utc)
    return whole[5:] if whole[:5] == compared[:5] else whole


def draw_fields(shown: OverviewState, width: int) -> Iterator[Content]:
    """All that is known of a task, each field with a value on a line of its own, dim."""
    task, detail = shown.task, shown.detail
    context = CellContext(now=shown.now, times="utc" if shown.utc else "local", ascii=shown.ascii)
    if readable_name(task) != task.name:
        yield from _draw_field("name", task.name, width)
    if task.raw_status.casefold() != task.status.value:
        yield from _draw_field("status", task.raw_status, width)
    for label, rule in OVERVIEW.items():
        if shown.has_texts or not rule.of_texts:
            yield from _draw_field(label, rule.text(task, context), width)
    if task.dependencies and shown.has_texts:
        yield _draw_dependencies(task)
    if detail is not None:
        yield from _draw_field("callable", detail.callable if shown.has_texts else None, width, keep="tail")
        for name, value in detail.extra:
            yield from _draw_field(text.sanitize_label(name), mask_field(name, value), width)
        yield from _draw_field("size", _size_text(detail), width)
    if task.decode_error != ODD_ID and task.status is not TaskStatus.UNREADABLE:
        yield from _draw_field("unreadable", task.decode_error, width)


def _size_text(detail: TaskDetail) -> str:
    """How much of the task was read, and what was left out."""
    left = " without the result" if detail.result_left_out else ""
    return text.format_size(detail.size) + left + (" (cut)" if detail.truncated else "")


def draw_sheets(shown: OverviewState, width: int) -> Iterator[Content]:
    """The detail's tables, each under its title."""
    for sheet in shown.detail.sheets if shown.detail is not None else ():
        yield Content("")
        yield Content.styled(text.fit_cells(text.sanitize_label(sheet.title), width).rstrip(), "bold")
        yield from draw_sheet(sheet, width, ascii=shown.ascii)


def _draw_field(
    label: str, value: str | None, width: int, keep: Literal["head", "tail"] = "head"
) -> Iterator[Content]:
    if value:
        shown = text.fit_cells(text.sanitize_label(value), max(8, width - LABEL_WIDTH), keep=keep).rstrip()
        yield Content.styled(f"{text.fit_cells(label, LABEL_WIDTH - 1)} {shown}", "$text-muted")


def _draw_dependencies(task: Task) -> Content:
    label = Content.styled(text.fit_cells("depends on", LABEL_WIDTH), "$text-muted")
    return label + Content(" ").join(_link_task(task_id, task.place) for task_id in task.dependencies)


def _link_task(task_id: TaskId, place: Place | None) -> Content:
    """A task's id that opens the task of the same place when it is clicked."""
    names = (task_id,) if place is None else (place.make_key(task_id), task_id)
    go_to = Style.from_meta({"@click": ("screen.go_to", names)})
    return Content.styled(text.sanitize(task_id), go_to + Style(underline=True))
