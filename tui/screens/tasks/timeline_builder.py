"""Makes what the timeline shows of a task: its record, what was seen of it, and others of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskStatus
from tui import text
from tui.monitor.history.records import Transition, WatchSpan
from tui.monitor.journal.line import JournalLine
from tui.monitor.kind_record import LAST_RUNS, KindRecord
from tui.monitor.task_past import TaskPast
from tui.widgets.overview_details import format_near_moment
from tui.widgets.timeline_lines import RunMark, Stage, TimelineEvent, TimelineState

SHORT_WAIT: Millis = 1_000
"""A shorter wait than this is no stage of its own: servers write whole seconds, or begin at once."""
SEEN_SOON: Millis = 60_000
"""What was first seen so soon after its creation has not been in other statuses for long before."""
SAME_MOMENT: Millis = 2_000
"""Sights of the same transition by the history and by this session are no further apart."""
CREATED = "created"


class TaskSights(Struct, frozen=True, kw_only=True):
    """All that is known of a task besides its record, and the moment at which it is told."""

    now: Millis
    """By the server's clock."""
    ahead: Millis = 0
    """How far the server's clock is ahead of this machine's."""
    seen: Sequence[Transition] = ()
    """The transitions that this session saw."""
    seen_gaps: Sequence[WatchSpan] = ()
    past: TaskPast = TaskPast()
    kind: KindRecord | None = None
    end_unknown: bool = False
    """It has ended, and it is not known when."""
    goes_on: bool = True
    """An unfinished task is as it was told of now; it is gone otherwise, or its place does not answer."""
    utc: bool = False
    ascii: bool = False


def build_timeline(task: Task, sights: TaskSights, *, note: str = "") -> TimelineState:
    """The timeline of a task; `note` says why no more is known."""
    transitions = join_transitions(sights.past.transitions, sights.seen)
    return TimelineState(
        task=task,
        now=sights.now,
        stages=tuple(find_stages(task, transitions, sights)),
        events=tuple(_list_events(task, transitions, sights)),
        runs=_list_runs(task, sights),
        sentences=tuple(_describe_kind(task, sights)),
        note=note,
        end_unknown=sights.end_unknown,
        goes_on=sights.goes_on,
        utc=sights.utc,
        ascii=sights.ascii,
    )


def join_transitions(past: Sequence[Transition], seen: Sequence[Transition]) -> list[Transition]:
    """What the history has, and what of this session it does not have yet."""
    if not past:
        return list(seen)
    last = past[-1]
    later = [
        one
        for one in seen
        if one.seen > last.seen + SAME_MOMENT
        or (one.seen >= last.seen and (one.raw_status, one.retries) != (last.raw_status, last.retries))
    ]
    if later and (later[0].raw_status, later[0].retries) == (last.raw_status, last.retries):
        # It was first seen by this session in the status in which the history left it.
        del later[0]
    return [*past, *later]


# --- the stages --------------------------------------------------------------------------------------


def find_stages(task: Task, transitions: Sequence[Transition], sights: TaskSights) -> Iterator[Stage]:
    """How long a task was in each status, oldest first; none where its times are not known."""
    end = _find_end(task, sights)
    if task.created is None or end is None:
        return
    steps = [one for one in transitions if not one.status.is_finished]
    starts = list(_find_starts(task, steps, sights))
    if not starts:
        word = "in all" if task.status.is_finished else task.raw_status
        yield Stage(task.status, word, max(0, end - task.created))
        return
    ends = [start for start, _, _ in starts[1:]] + [end]
    for (start, status, word), stop in zip(starts, ends, strict=True):
        yield Stage(status, word, max(0, stop - start))


def _find_end(task: Task, sights: TaskSights) -> Millis | None:
    if task.status.is_finished:
        return None if sights.end_unknown else task.updated
    return sights.now if sights.goes_on else None


def _find_starts(
    task: Task, steps: Sequence[Transition], sights: TaskSights
) -> Iterator[tuple[Millis, TaskStatus, str]]:
    """When each status began, by the server's clock; equal ones after one another are one."""
    created = task.created
    if created is None or not steps:
        return
    first, began = steps[0], created
    if not first.status.is_waiting:
        waited = _find_wait(task, first, created, sights)
        if waited >= SHORT_WAIT:
            yield created, TaskStatus.QUEUED, "waiting"
            began = created + waited
    yield began, first.status, first.raw_status
    word = first.raw_status
    for before, step in pairwise(steps):
        if step.raw_status == word:
            continue
        # Not all servers date each change: a time that did not move is that of the one before.
        is_dated = step.at is not None and step.at >= began and step.at != before.at
        told = step.at if is_dated and step.at is not None else step.seen + sights.ahead
        began, word = max(began, told), step.raw_status
        yield began, step.status, word


def _find_wait(task: Task, first: Transition, created: Millis, sights: TaskSights) -> Millis:
    """How long a task waited that was first seen when it no longer did; 0 where that is not known."""
    if sights.past.waited is not None:
        return sights.past.waited
    if first.at is None or first.at < created or not _is_dated(task, first, sights):
        return 0
    return first.at - created


# --- the events --------------------------------------------------------------------------------------


def _list_events(
    task: Task, transitions: Sequence[Transition], sights: TaskSights
) -> Iterator[TimelineEvent]:
    """What happened, in the order of time."""
    events = [
        *_describe_transitions(task, transitions, sights),
        *(_describe_action(line, sights.ahead) for line in sights.past.actions),
        *(_describe_gap(gap, sights) for gap in _list_gaps(task, transitions, sights)),
    ]
    if task.created is not None:
        yield TimelineEvent(words=CREATED, at=task.created)
    yield from sorted(events, key=lambda event: _order_of(event, sights.ahead))


def _order_of(event: TimelineEvent, ahead: Millis) -> Millis:
    """When it was seen, by this machine's clock; of what nobody saw when it was."""
    if event.seen is not None:
        return event.seen
    return 0 if event.at is None else event.at - ahead


def _describe_transitions(
    task: Task, transitions: Sequence[Transition], sights: TaskSights
) -> Iterator[TimelineEvent]:
    before: Transition | None = None
    for one in transitions:
        notes = []
        if before is None and not _was_seen_soon(task, one, sights):
            notes.append("when first seen")
        if one.retries > (0 if before is None else before.retries):
            notes.append(f"retried {one.retries}{'x' if sights.ascii else '×'}")
        if one.unwatched_since is not None:
            notes.append("seen late")
        if before is None:
            is_dated = one.status.is_finished or _is_dated(task, one, sights)
        else:
            is_dated = before.at != one.at
        at = one.at if is_dated else None
        yield TimelineEvent(
            words=one.raw_status, at=at, seen=one.seen, status=one.status, note=", ".join(notes)
        )
        before = one
    if task.status.is_finished and (before is None or before.raw_status != task.raw_status):
        at = None if sights.end_unknown else task.updated
        yield TimelineEvent(words=task.raw_status, at=at, status=task.status)


def _is_dated(task: Task, first: Transition, sights: TaskSights) -> bool:
    """Whether the server's time is that of the status: each count of its progress is an update, too."""
    return not task.progress or _was_seen_soon(task, first, sights)


def _was_seen_soon(task: Task, first: Transition, sights: TaskSights) -> bool:
    return task.created is not None and first.seen + sights.ahead - task.created <= SEEN_SOON


def _describe_action(line: JournalLine, ahead: Millis) -> TimelineEvent:
    """An action: what, who, and what became of it; the journal has this machine's time of it."""
    words = f"{line.action} by {line.by}: {line.outcome}"
    try:
        moment = round(datetime.fromisoformat(line.when).timestamp() * 1000) + ahead
    except ValueError:
        return TimelineEvent(words=words)
    return TimelineEvent(words=words, at=moment)


def _list_gaps(task: Task, transitions: Sequence[Transition], sights: TaskSights) -> Sequence[WatchSpan]:
    """When nobody watched while the task went on, as far as that is known."""
    if sights.past.gaps is not None:
        return sights.past.gaps
    if not transitions:
        return ()
    began, ended = transitions[0].seen, sights.now - sights.ahead
    if task.status.is_finished:
        ended = transitions[-1].seen
    return [gap for gap in sights.seen_gaps if gap.ended > began and gap.began < ended]


def _describe_gap(gap: WatchSpan, sights: TaskSights) -> TimelineEvent:
    began, ended = gap.began + sights.ahead, gap.ended + sights.ahead
    until = format_near_moment(ended, began, utc=sights.utc)
    return TimelineEvent(words=f"not watched until {until}", at=began, is_gap=True)


# --- others of its kind ------------------------------------------------------------------------------


def _list_runs(task: Task, sights: TaskSights) -> tuple[RunMark, ...]:
    """The last runs of its kind, this one among them where it is one of them."""
    last = () if sights.kind is None else sights.kind.last
    runs = [
        RunMark(run.status, run.took, is_this=(run.task_id, run.created) == (task.id, task.created))
        for run in last
    ]
    if not task.status.is_finished and sights.goes_on:
        runs.append(RunMark(task.status, task.running_time(sights.now), is_this=True))
    return tuple(runs[-LAST_RUNS:])


def _describe_kind(task: Task, sights: TaskSights) -> Iterator[str]:
    """What is known of its end, and how others of its kind ended."""
    kind = sights.kind
    if kind is None:
        return
    estimate = kind.estimate(task, sights.now) if sights.goes_on else None
    if estimate is not None:
        yield estimate.describe(ascii=sights.ascii)
    record = kind.describe(task, ascii=sights.ascii, with_usual=estimate is None)
    if record:
        yield record
    is_listed = any((run.task_id, run.created) == (task.id, task.created) for run in kind.last)
    if task.duration is not None and not is_listed and len(kind.lengths) > 1 and not sights.end_unknown:
        shorter = sum(length < task.duration for length in kind.lengths)
        took = text.format_duration(task.duration)
        count = text.format_count(len(kind.lengths))
        yield f"This one took {took}: longer than {text.format_count(shorter)} of {count} that succeeded."
