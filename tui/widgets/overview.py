"""The Overview tab: what happened to a task, the record of its kind, its script, then all the details."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from backend_adapters.model import ODD_ID, Task, TaskStatus, change_task, is_task_id
from tui import text
from tui.progress_text import PERCENT, describe_progress, draw_bar, find_percent
from tui.task_name import readable_name
from tui.widgets.overview_details import draw_fields, draw_sheets, draw_timeline, status_color
from tui.widgets.overview_text import (
    SCRIPT_MAX_LINES,
    OverviewState,
    describe_state,
    describe_stuck_task,
    unreadable_advice,
    unreadable_reason,
)
from tui.widgets.problem_note import draw_problem
from tui.widgets.scrolled_text import ScrolledText
from tui.widgets.wrapping import wrap_sentence

STATE_MAX_LINES = 6
LONG_BAR_MOST, LONG_BAR_LEAST = 24, 6


def overview_lines(shown: OverviewState, width: int, script_room: int = 0) -> list[Content]:
    """Return the lines of the overview, each at most `width` cells, with server text made harmless.

    A script that is awaited is given `script_room` lines, so that what stands below it does not jump twice.
    """
    script = list(_script_lines(shown, width))
    if shown.awaits_script:
        script += [Content("")] * (script_room - len(script))
    parts = (
        [] if shown.problem is None else draw_problem(shown.problem, width),
        [*_state_lines(shown, width), *_unreadable_lines(shown.task, width), *_remark_lines(shown, width)],
        script,
        draw_timeline(shown, width),
        draw_fields(shown, width),
    )
    lines: list[Content] = []
    for part in map(list, parts):
        lines += [Content(""), *part] if lines and part else part
    return [*lines, *draw_sheets(shown, width)]


def _state_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """What happened, in words: the answer to most questions stands on the first line."""
    task = shown.task
    color = "$status-stuck" if shown.stuck else status_color(task.status)
    if shown.as_of:
        color = "$text-muted"
    sign = "!" if shown.stuck else text.status_glyph(task.status, ascii=shown.ascii)
    rows = wrap_sentence(describe_state(shown), max(8, width - 2))
    if len(rows) > STATE_MAX_LINES:
        rows = [*rows[: STATE_MAX_LINES - 1], text.fit_cells(rows[STATE_MAX_LINES - 1] + "…", width - 2)]
    for number, row in enumerate(rows):
        yield Content.styled(f"{' ' if number else sign} {row.rstrip()}", f"{color} bold")


def _remark_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """What else a person should know before anything else, each on a line of its own."""
    task = shown.task
    if shown.action:
        yield Content.styled(f"graphtop: {shown.action}", "$status-transient italic")
    if shown.as_of:
        for row in wrap_sentence(f"As of {shown.as_of}. {shown.why_old}", width):
            yield Content.styled(row, "$status-cancelled")
    if shown.is_gone:
        yield Content.styled("no longer on the server", "$status-cancelled bold")
    if task.retries:
        yield Content.styled(f"retried {task.retries}{'x' if shown.ascii else '×'}", "$status-cancelled")
    remarks = [
        # A problem has said what can be done.
        (describe_stuck_task(shown) if shown.stuck and shown.problem is None else "", "$status-stuck"),
        (shown.doubt if shown.problem is None else "", "$status-cancelled"),
        ("" if is_task_id(task.id) else ODD_ID, "$status-failed"),
    ]
    for sentence, color in remarks:
        for row in wrap_sentence(sentence, width) if sentence else ():
            yield Content.styled(row, color)
    yield from _progress_lines(shown, width)
    for sentence in (shown.rate, shown.estimate, shown.kind):
        for row in wrap_sentence(sentence, width) if sentence else ():
            yield Content(row)


def _progress_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """How far the task is, where its total is known."""
    task = _task_with_total(shown)
    percent = find_percent(task)
    if percent is None:
        return
    amount = f"{percent}%" + ("" if task.progress_unit == PERCENT else f"  {describe_progress(task)}")
    room = width - text.cell_width(amount) - 1
    bar = draw_bar(percent, min(LONG_BAR_MOST, room if room >= LONG_BAR_LEAST else width), ascii=shown.ascii)
    drawn = Content.styled(bar, status_color(task.status))
    if room >= LONG_BAR_LEAST:
        yield drawn + Content(f" {amount}")
    else:
        yield drawn
        yield Content(text.fit_cells(amount, width).rstrip())


def _task_with_total(shown: OverviewState) -> Task:
    """The task with the total of its counter, which some servers tell only in a task's detail."""
    known = shown.detail.task if shown.detail is not None else shown.task
    if shown.task.progress_total is not None or known.progress_total is None:
        return shown.task
    return change_task(shown.task, progress_total=known.progress_total, progress_unit=known.progress_unit)


def _unreadable_lines(task: Task, width: int) -> Iterator[Content]:
    """Why a task can't be read, with the server's whole message, and what to do; nothing of others."""
    if task.status is not TaskStatus.UNREADABLE:
        return
    for row in wrap_sentence(unreadable_reason(task.decode_error or "no reason given", task), width):
        yield Content.styled(row, "$status-failed")
    yield Content("")
    was = "It has never been read."
    if task.status_before is not None:
        was = f"When last read, it was {task.status_before.value}; the fields below are from then."
    for row in wrap_sentence(f"{was} {unreadable_advice(task)}", width):
        yield Content(row)


def _script_lines(shown: OverviewState, width: int) -> Iterator[Content]:
    """The name, as a person says it, and the first lines of the script, of which it may be the first."""
    name = text.sanitize_label(readable_name(shown.task))
    if not name:
        if shown.task.status is not TaskStatus.UNREADABLE:
            yield Content.styled("(no name)", "$text-muted")
        return
    first, *rest = shown.script or ("",)
    is_name = name in first or first.startswith(name)
    rows = [(row, "bold") for row in wrap_sentence(name, width)]
    below = rest if is_name else [first, *rest] if shown.script else []
    rows += [(text.fit_cells(line, width).rstrip(), "") for line in below if line.strip()]
    more = shown.script_goes_on or len(rows) > SCRIPT_MAX_LINES
    for row, style in rows[:SCRIPT_MAX_LINES]:
        yield Content.styled(row, style) if style else Content(row)
    if more:
        yield Content.styled("..." if shown.ascii else "…", "$text-muted")


class Overview(ScrolledText[OverviewState]):
    """A scrolling overview of one task."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._script_room = 0
        """The lines of the script that was shown last."""

    def make_lines(self, shown: OverviewState, width: int) -> list[Content]:
        """The lines of the overview; a script that is awaited has the room of the one before."""
        lines = overview_lines(shown, width, self._script_room)
        if not shown.awaits_script:
            self._script_room = len(list(_script_lines(shown, width)))
        return lines
