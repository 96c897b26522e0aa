"""What people did to a task of the history, from the journal of actions."""

from __future__ import annotations

from pathlib import Path

from backend_adapters.model import Millis, Source
from tui.monitor.history.records import HistoryTask
from tui.monitor.journal.line import JournalLine, format_moment
from tui.monitor.journal.reader import find_task_actions

STARTED_BEFORE: Millis = 60_000
"""A job is in the journal before its server dates its creation, by another clock."""


def find_recorded_actions(path: Path, task: HistoryTask, before: Millis | None = None) -> list[JournalLine]:
    """The journal's lines about a task, oldest first; `before` is when another task got the same id.

    Empty if there is no journal or it can't be read.
    """
    place = task.place
    source = Source(
        profile=place.profile,
        url=place.url,
        dialect=place.dialect,
        graph=place.graph,
        graphspace=place.graphspace,
    )
    first = format_moment(max(0, min(task.began, task.first_seen) - STARTED_BEFORE))
    last = None if before is None else format_moment(max(0, before - STARTED_BEFORE))
    return [
        line
        for line in find_task_actions(path, source, task.task_id)
        if first <= line.when and (last is None or line.when < last)
    ]
