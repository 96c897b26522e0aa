"""What people did to tasks of the history, from the journal of actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from backend_adapters.model import Millis, Source, qualify_graph
from tui.monitor.history.reader import TaskHistory
from tui.monitor.journal.line import JournalLine, format_moment
from tui.monitor.journal.reader import find_task_actions, read_journal

STARTED_BEFORE: Millis = 60_000
"""A job is in the journal before its server dates its creation, by another clock."""


def find_recorded_actions(path: Path, found: TaskHistory) -> list[JournalLine]:
    """The journal's lines about a task, oldest first, none about another one that has or had its id.

    Empty if there is no journal or it can't be read.
    """
    place = found.task.place
    source = Source(
        profile=place.profile,
        url=place.url,
        dialect=place.dialect,
        graph=place.graph,
        graphspace=place.graphspace,
    )
    return _choose_actions(find_task_actions(path, source, found.task.task_id), found)


class JournalIndex:
    """All lines of the journal, read once, for many tasks."""

    def __init__(self, path: Path) -> None:
        """Read the journal; what can't be read is left out."""
        self._lines: dict[tuple[str, str, str], list[JournalLine]] = defaultdict(list)
        with suppress(OSError):
            for line in read_journal(path):
                if isinstance(line, JournalLine):
                    self._lines[line.url, line.graph, line.id].append(line)

    def find_actions(self, found: TaskHistory) -> list[JournalLine]:
        """The same as `find_recorded_actions`."""
        task, place = found.task, found.task.place
        graph = qualify_graph(place.graph, place.graphspace)
        return _choose_actions(self._lines.get((place.url, graph, task.task_id), ()), found)


def _choose_actions(lines: Sequence[JournalLine], found: TaskHistory) -> list[JournalLine]:
    task = found.task
    first = format_moment(max(0, min(task.began, task.first_seen) - STARTED_BEFORE))
    replaced = found.replaced
    last = None if replaced is None else format_moment(max(0, replaced - STARTED_BEFORE))
    return [line for line in lines if first <= line.when and (last is None or line.when < last)]
