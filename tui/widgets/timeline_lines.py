"""The Timeline tab, line by line: a task's life as a bar, others of its kind, and what was seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from textual.content import Content

from backend_adapters.model import Millis, Task, TaskStatus
from tui import text
from tui.widgets.overview_details import format_near_moment, status_color
from tui.widgets.status_tabs import sparkline
from tui.widgets.wrapping import wrap_sentence

BAR_MAX_WIDTH = 120
RUNS_LABEL_WIDTH = 9
"""Cells of the labels of the last runs, with the gap behind them."""
EVENT_GAP = 2
EVENT_MIN_WIDTH = 14
"""The column of what graphtop saw is left out where an event has less room than this."""


class Stage(Struct, frozen=True):
    """A part of a task's life: the time that it spent in one status."""

    status: TaskStatus
    word: str
    """The server's own word for it."""
    length: Millis


class TimelineEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a task, or a time in which nobody watched it."""

    words: str
    at: Millis | None = None
    """When it happened by the server's clock; None where that is not known."""
    seen: Millis | None = None
    """When graphtop saw it, by this machine's clock; None where nobody had to see it."""
    status: TaskStatus | None = None
    """The status that the task came into; None where it is about something else."""
    note: str = ""
    """What else is known of it: `seen late`, `retried 2×`."""
    is_gap: bool = False
    """Nobody watched."""


class RunMark(Struct, frozen=True):
    """A run of the same kind of task."""

    status: TaskStatus
    took: Millis | None = None
    is_this: bool = False
    """It is the task that is shown."""


class TimelineState(Struct, frozen=True, kw_only=True):
    """Everything that the timeline shows."""

    task: Task
    now: Millis
    """By the server's clock."""
    stages: tuple[Stage, ...] = ()
    """Oldest first; the last one of an unfinished task goes on."""
    events: tuple[TimelineEvent, ...] = ()
    runs: tuple[RunMark, ...] = ()
    """The last ones, oldest first."""
    sentences: tuple[str, ...] = ()
    """What is known of the task's end, and how others of its kind ended."""
    note: str = ""
    """Why no more is known, as a sentence."""
    end_unknown: bool = False
    goes_on: bool = True
    """An unfinished task is as it was told of now; it is gone otherwise, or its place does not answer."""
    utc: bool = False
    ascii: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the task has ended at a known time."""
        return self.task.status.is_finished and self.task.updated is not None and not self.end_unknown


def timeline_lines(shown: TimelineState, width: int) -> list[Content]:
    """Return the lines of the timeline, each at most `width` cells, with server text made harmless."""
    parts = (
        _life_lines(shown, width),
        [*_sentence_lines(shown, width), *_run_lines(shown, width)],
        _event_lines(shown, width),
        [Content.styled(row, "$text-muted") for row in wrap_sentence(shown.note, width) if shown.note],
    )
    lines: list[Content] = []
    for part in map(list, parts):
        lines += [Content(""), *part] if lines and part else part
    return lines


# --- the bar -----------------------------------------------------------------------------------------


def _life_lines(shown: TimelineState, width: int) -> Iterator[Content]:
    """The two ends of a task's life, the bar between them, and what its parts are."""
    task = shown.task
    if task.created is None:
        for row in wrap_sentence("When the task was created is not known.", width):
            yield Content.styled(row.rstrip(), "$text-muted")
        return
    # A cell is left free before the scrollbar.
    room = min(width - 1, BAR_MAX_WIDTH)
    left = f"created {format_near_moment(task.created, shown.now, utc=shown.utc)}"
    right = _name_end(shown, task.created)
    gap = room - text.cell_width(left + right)
    if gap >= EVENT_GAP:
        yield Content.styled(f"{left}{' ' * gap}{right}", "$text-muted")
    else:
        for words in filter(None, (left, right)):
            for row in wrap_sentence(words, width):
                yield Content.styled(row.rstrip(), "$text-muted")
    yield draw_life_bar(shown, room)
    yield from _legend_lines(shown, width)


def _name_end(shown: TimelineState, created: Millis) -> str:
    """What the right end of the bar is: the end, or now."""
    task = shown.task
    if shown.is_over and task.updated is not None:
        return f"ended {format_near_moment(task.updated, created, utc=shown.utc)}"
    if task.status.is_finished:
        return "ended, when is not known"
    return f"now {format_near_moment(shown.now, created, utc=shown.utc)}" if shown.goes_on else ""


def draw_life_bar(shown: TimelineState, width: int) -> Content:
    """The stages as one bar of `width` cells, each as long as its share of the time, but at least a cell."""
    sign, stop = ("|", "|") if shown.ascii else ("├", "┤")
    if not shown.task.status.is_finished:
        stop = ">" if shown.ascii else "▶"
    parts = [Content.styled(sign, "$text-muted")]
    stages = shown.stages
    for number, cells in enumerate(share_cells([stage.length for stage in stages], width - 2)):
        joint = "|" if shown.ascii else "┼"
        stroke = _stroke(stages[number].status, ascii=shown.ascii) * cells
        if number and cells > 1:
            stroke = joint + stroke[1:]
        parts.append(Content.styled(stroke, status_color(stages[number].status)))
    if not stages:
        parts.append(Content.styled(("." if shown.ascii else "╌") * (width - 2), "$text-disabled"))
    parts.append(Content.styled(stop, status_color(shown.task.status)))
    return Content("").join(parts)


def _stroke(status: TaskStatus, *, ascii: bool) -> str:
    """What a stage is drawn with: a thin line while nothing is done for the task."""
    if status is TaskStatus.RUNNING or status.is_finished:
        return "=" if ascii else "━"
    if status.is_waiting:
        return "." if ascii else "╌"
    return "-" if ascii else "─"


def share_cells(lengths: Sequence[Millis], cells: int) -> list[int]:
    """Share so many cells among lengths of time by their shares, each at least one where there is room."""
    if not lengths or cells < len(lengths):
        return [1] * max(0, min(cells, len(lengths)))
    total = sum(lengths) or 1
    shares = [max(1, length * cells // total) for length in lengths]
    # What is missing or too much is of the longest one.
    longest = max(range(len(lengths)), key=lambda at: lengths[at])
    shares[longest] += cells - sum(shares)
    if shares[longest] < 1:
        even, rest = divmod(cells, len(lengths))
        return [even + (at < rest) for at in range(len(lengths))]
    return shares


def _legend_lines(shown: TimelineState, width: int) -> Iterator[Content]:
    """The stages in words: `queued 3s · running 6h 2m · success`."""
    dot = " - " if shown.ascii else " · "
    parts = [
        (
            f"{text.sanitize_label(stage.word)} {text.format_exact_duration(stage.length)}",
            status_color(stage.status),
        )
        for stage in shown.stages
    ]
    if shown.task.status.is_finished:
        sign = text.status_glyph(shown.task.status, ascii=shown.ascii)
        word = text.sanitize_label(shown.task.raw_status)
        parts.append((f"{sign} {word}", f"{status_color(shown.task.status)} bold"))
    line, used = Content(""), 0
    for said, color in parts:
        words = text.fit_cells(said, min(width, text.cell_width(said)), ascii=shown.ascii)
        need = text.cell_width(words) + (len(dot) if used else 0)
        if used and used + need > width:
            yield line
            line, used, need = Content(""), 0, text.cell_width(words)
        line = line + Content.styled(dot, "$text-disabled") if used else line
        line, used = line + Content.styled(words, color), used + need
    if used:
        yield line


# --- others of its kind ------------------------------------------------------------------------------


def _sentence_lines(shown: TimelineState, width: int) -> Iterator[Content]:
    for sentence in shown.sentences:
        for row in wrap_sentence(sentence, width):
            yield Content(row.rstrip())


def _run_lines(shown: TimelineState, width: int) -> Iterator[Content]:
    """How the last runs ended and how long they took, one cell each, and which of them is this one."""
    runs = shown.runs[-max(1, width - RUNS_LABEL_WIDTH) :]
    if len(runs) < 2:
        # Alone it says no more than the bar.
        return
    glyphs = [
        Content.styled(
            text.status_glyph(run.status, ascii=shown.ascii),
            f"{status_color(run.status)}{' bold' if run.is_this else ''}",
        )
        for run in runs
    ]
    head = text.fit_cells(f"last {len(runs)}", RUNS_LABEL_WIDTH)
    yield Content("").join([Content.styled(head, "$text-muted"), *glyphs])
    if any(run.took is not None for run in runs):
        yield _draw_lengths(runs, width, ascii=shown.ascii)
    yield from _pointer_lines(shown, runs, width)


def _draw_lengths(runs: Sequence[RunMark], width: int, *, ascii: bool) -> Content:
    """How long each run took, as a small chart, with the shortest and the longest where there is room."""
    bars = sparkline(tuple(run.took or 0 for run in runs), ascii=ascii)
    lengths = [run.took for run in runs if run.took is not None]
    range_ = " " * EVENT_GAP + _name_range(min(lengths), max(lengths), ascii=ascii)
    parts = [Content.styled(text.fit_cells("took", RUNS_LABEL_WIDTH), "$text-muted")]
    parts += [Content.styled(bar, status_color(run.status)) for bar, run in zip(bars, runs, strict=True)]
    if RUNS_LABEL_WIDTH + len(runs) + text.cell_width(range_) <= width:
        parts.append(Content.styled(range_, "$text-muted"))
    return Content("").join(parts)


def _name_range(least: Millis, most: Millis, *, ascii: bool) -> str:
    """The shortest and the longest, coarse."""
    shortest, longest = text.format_duration(least), text.format_duration(most)
    return shortest if shortest == longest else f"{shortest}{'-' if ascii else '–'}{longest}"


def _pointer_lines(shown: TimelineState, runs: Sequence[RunMark], width: int) -> Iterator[Content]:
    """A sign below this run, and its place among the others, by how long it takes."""
    at = next((at for at, run in enumerate(runs) if run.is_this), None)
    if at is None:
        return
    words = describe_rank(runs)
    sign = f"{' ' * (RUNS_LABEL_WIDTH + at)}{'^' if shown.ascii else '▲'}"
    whole = f"{sign} this one{': ' if words else ''}{words}"
    if text.cell_width(whole) > width:
        whole = f"{sign} this one" if at + RUNS_LABEL_WIDTH + 10 <= width else sign
        yield Content.styled(whole, "$text-accent")
        for row in wrap_sentence(f"This one: {words}.", width) if words else ():
            yield Content.styled(row, "$text-accent")
        return
    yield Content.styled(whole, "$text-accent")


def describe_rank(runs: Sequence[RunMark]) -> str:
    """How long this run took among the others: `longer than 10 of 11 others`; empty where not known."""
    own = next((run.took for run in runs if run.is_this), None)
    others = [run.took for run in runs if not run.is_this and run.took is not None]
    if own is None or not others:
        return ""
    shorter, count = sum(took < own for took in others), len(others)
    if shorter == count:
        return "longer than the other one" if count == 1 else f"longer than all {count} others"
    if shorter == 0:
        longer = sum(took > own for took in others)
        if longer < count:
            return "longer than none of the others"
        return "shorter than the other one" if count == 1 else f"shorter than all {count} others"
    return f"longer than {shorter} of {count} others"


# --- what was seen -----------------------------------------------------------------------------------


def _event_lines(shown: TimelineState, width: int) -> Iterator[Content]:
    """What happened, one line each: when by the server, when graphtop saw it, and what."""
    if not shown.events:
        return
    rows = [(_event_moment(shown, event.at), _event_moment(shown, event.seen)) for event in shown.events]
    first = max(len("TIME"), *(text.cell_width(at) for at, _ in rows))
    second = max(len("SEEN"), *(text.cell_width(seen) for _, seen in rows))
    both = first + second + 2 * EVENT_GAP
    has_seen = width - both >= EVENT_MIN_WIDTH and any(event.seen is not None for event in shown.events)
    start = both if has_seen else first + EVENT_GAP
    gap = " " * EVENT_GAP
    seen_head = f"{text.fit_cells('SEEN', second)}{gap}" if has_seen else ""
    yield Content.styled(f"{text.fit_cells('TIME', first)}{gap}{seen_head}EVENT", "$text-disabled")
    for (at, seen), event in zip(rows, shown.events, strict=True):
        if not has_seen:
            moment = text.fit_cells(at if at != text.NO_VALUE else seen, first)
            head = f"{moment}{gap}"
        else:
            head = f"{text.fit_cells(at, first)}{gap}{text.fit_cells(seen, second)}{gap}"
        yield from _draw_event(shown, event, head, max(8, width - start))


def _event_moment(shown: TimelineState, moment: Millis | None) -> str:
    return text.NO_VALUE if moment is None else format_near_moment(moment, shown.now, utc=shown.utc)


def _draw_event(shown: TimelineState, event: TimelineEvent, head: str, room: int) -> Iterator[Content]:
    """One event, its words in as many lines as they need, below each other."""
    sign = "" if event.status is None else f"{text.status_glyph(event.status, ascii=shown.ascii)} "
    color = "$status-cancelled" if event.is_gap else "$text"
    if event.status is not None:
        color = status_color(event.status)
    dot = " - " if shown.ascii else " · "
    words = text.sanitize_label(event.words) + (dot + text.sanitize_label(event.note) if event.note else "")
    for number, row in enumerate(wrap_sentence(sign + words, room)):
        left = " " * text.cell_width(head) if number else head
        yield Content.styled(left, "$text-muted") + Content.styled(row.rstrip(), color)
