"""Writes tasks as a trace that Perfetto and chrome://tracing open: a Gantt chart of what ran when.

The format is JSON of the "Trace Event Format": an object whose `traceEvents` are complete slices (`X`),
moments (`i`) and names (`M`); times are microseconds. Slices of one thread must nest and not overlap in part,
so each place is a process, and its tasks lie on as many threads as ran at once at the most. On a task's slice
lie those of its statuses.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from typing import TypeAlias

from backend_adapters.model import Millis
from backend_adapters.redaction import mask_secrets
from tui.cli.output.history_records import find_as_of
from tui.cli.output.values import escape_invisible
from tui.fields import format_iso_millis
from tui.monitor.history.gaps import WatchGap
from tui.monitor.history.reader import TaskHistory
from tui.monitor.history.records import HistoryPlace
from tui.monitor.journal.line import JournalLine
from tui.monitor.server_time import BELIEVED_WITHIN
from tui.task_name import shorten_name

_Event: TypeAlias = dict[str, object]

_MICROS = 1_000
"""Of a millisecond."""
_GAPS = 0
"""The row of the times in which nobody watched."""
_THREADS = 1_000_000
"""Each process has so many numbers for its threads: Perfetto takes 0 for the idle one, and a thread that is
numbered like its process for the main one."""


class TraceWriter:
    """Makes the lines of a trace, one task after the other, as these began."""

    def __init__(self, now: Millis, find_gaps: Callable[[HistoryPlace], Sequence[WatchGap]]) -> None:
        """`find_gaps` gives the times in which nobody watched a place."""
        self._now = now
        self._find_gaps = find_gaps
        self._processes: dict[str, int] = {}
        self._ends: dict[int, list[tuple[Millis, int]]] = {}
        """Of each process the threads, with when the last task of each ended."""
        self._is_first = True

    def start(self) -> str:
        """What stands before the first task."""
        return '{"displayTimeUnit": "ms", "traceEvents": ['

    def write_task(self, found: TaskHistory, actions: Sequence[JournalLine]) -> str:
        """The lines of one task, which began no earlier than those before it, and of what was done to it."""
        return "".join(map(self._format_event, self._list_events(found, actions)))

    def finish(self) -> str:
        """What stands behind the last task."""
        return "\n]}\n"

    def _format_event(self, event: _Event) -> str:
        line = escape_invisible(json.dumps(_mask_texts(event), ensure_ascii=False))
        comma, self._is_first = "" if self._is_first else ",", False
        return f"{comma}\n{line}"

    def _list_events(self, found: TaskHistory, actions: Sequence[JournalLine]) -> Iterator[_Event]:
        task = found.task
        began, ended = _find_life(found, self._now)
        pid = yield from self._find_process(task.place)
        tid = yield from self._find_thread(pid, began, ended)
        name = shorten_name(task.type, task.name) or task.type or task.task_id
        whole = _slice((pid, tid), name, task.type or "task", (began, ended))
        yield whole | {"args": _describe_task(found)}
        for word, start, end in _list_stages(found, began, ended):
            yield _slice((pid, tid), word, "status", (start, end))
        retries = 0
        for one in found.transitions:
            if one.retries > retries:
                retries = one.retries
                yield _moment((pid, tid), f"retry {retries}", "retry", _choose_moment(one.at, one.seen))
        for line in actions:
            # A line that a person changed may hold no moment.
            with suppress(ValueError, OverflowError):
                at = round(datetime.fromisoformat(line.when).timestamp() * 1000)
                yield _moment((pid, tid), f"{line.action}: {line.outcome}", "action", at)

    def _find_process(self, place: HistoryPlace) -> Generator[_Event, None, int]:
        known = self._processes.get(place.key)
        if known is not None:
            return known
        pid = self._processes[place.key] = len(self._processes) + 1
        self._ends[pid] = []
        yield {"name": "process_name", "ph": "M", "pid": pid, "args": {"name": place.name}}
        yield _name_thread(pid, _GAPS, "not watched")
        for gap in self._find_gaps(place):
            yield _slice((pid, _number_thread(pid, _GAPS)), "not watched", "gap", (gap.began, gap.ended))
        return pid

    def _find_thread(self, pid: int, began: Millis, ended: Millis) -> Generator[_Event, None, int]:
        ends = self._ends[pid]
        if ends and ends[0][0] <= began:
            row = heapq.heapreplace(ends, (ended, ends[0][1]))[1]
        else:
            row = len(ends) + 1
            heapq.heappush(ends, (ended, row))
            yield _name_thread(pid, row, f"tasks {row}")
        return _number_thread(pid, row)


def _mask_texts(event: _Event) -> _Event:
    """The event with the secrets in its texts masked."""
    return {
        name: mask_secrets(value)
        if isinstance(value, str)
        else _mask_texts(value)
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }


def _find_life(found: TaskHistory, now: Millis) -> tuple[Millis, Millis]:
    """When a task began, and when it ended or was last known to go on."""
    task = found.task
    began = _choose_moment(task.created, task.first_seen)
    if task.status.is_finished:
        ended = _choose_moment(task.ended, task.last_seen)
    else:
        as_of = find_as_of(task, now, found.watched_until)
        ended = now if as_of is None else as_of
    return began, max(began, ended)


def _choose_moment(told: Millis | None, seen: Millis) -> Millis:
    """The server's time; when it was seen where the server tells none, or one that no chart has room for."""
    return seen if told is None or abs(told - seen) > BELIEVED_WITHIN * 1000 else told


def _list_stages(found: TaskHistory, began: Millis, ended: Millis) -> Iterator[tuple[str, Millis, Millis]]:
    """The statuses that a task went through, each from when to when; none where only its end is known."""
    steps = [one for one in found.transitions if not one.status.is_finished]
    # One whose time the server doesn't tell may have been seen after the next one came.
    starts = list(
        accumulate((min(max(_choose_moment(one.at, one.seen), began), ended) for one in steps), max)
    )
    for one, start, end in zip(steps, starts, [*starts[1:], ended][: len(steps)], strict=True):
        if end > start:
            yield one.raw_status or one.status.value, start, end


def _describe_task(found: TaskHistory) -> dict[str, object]:
    task = found.task
    facts = {
        "id": task.place.qualify_id(task.task_id),
        "status": task.raw_status or task.status.value,
        "type": task.type,
        "name": task.name,
        "reason": task.headline,
        "retries": task.retries or None,
        "server": task.server,
        "graph": task.graph,
        "waited_ms": task.waited,
        "ran_ms": task.ran,
        "gone": format_iso_millis(task.gone),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _slice(thread: tuple[int, int], name: str, category: str, life: tuple[Millis, Millis]) -> _Event:
    times = {"ts": life[0] * _MICROS, "dur": max(0, life[1] - life[0]) * _MICROS}
    return {"name": name, "cat": category, "ph": "X", "pid": thread[0], "tid": thread[1], **times}


def _moment(thread: tuple[int, int], name: str, category: str, at: Millis) -> _Event:
    pid, tid = thread
    return {"name": name, "cat": category, "ph": "i", "s": "t", "pid": pid, "tid": tid, "ts": at * _MICROS}


def _name_thread(pid: int, row: int, name: str) -> _Event:
    tid = _number_thread(pid, row)
    return {"name": "thread_name", "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}}


def _number_thread(pid: int, row: int) -> int:
    return pid * _THREADS + row
