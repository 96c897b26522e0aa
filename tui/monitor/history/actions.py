"""What people did to a task of the history, from the journal of actions."""

from __future__ import annotations

from pathlib import Path

from backend_adapters.model import Millis, qualify_graph
from tui.monitor.history.records import HistoryTask
from tui.monitor.journal.line import JournalLine, format_moment
from tui.monitor.journal.reader import read_journal

STARTED_BEFORE: Millis = 60_000
"""A job is in the journal before its server dates its creation, by another clock."""


def find_actions(path: Path, task: HistoryTask, before: Millis | None = None) -> list[JournalLine]:
    """The journal's lines about a task, oldest first; `before` is when another task got the same id.

    Empty where there is no journal. Raises OSError for one that can't be read.
    """
    place = task.place
    graphs = {qualify_graph(place.graph, place.graphspace), task.graph or place.graph}
    began = task.first_seen if task.created is None else min(task.created, task.first_seen)
    first = format_moment(max(0, began - STARTED_BEFORE))
    last = None if before is None else format_moment(max(0, before - STARTED_BEFORE))
    return [
        line
        for line in read_journal(path)
        if isinstance(line, JournalLine)
        and line.id == task.task_id
        and line.url.rstrip("/") == place.url
        and line.graph in graphs
        and first <= line.when
        and (last is None or line.when < last)
    ]
