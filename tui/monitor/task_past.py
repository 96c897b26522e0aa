"""What files tell of a task's past: the history's transitions and gaps, and the journal's actions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from backend_adapters.model import Millis, Source, Task
from tui.monitor.history.records import Transition, WatchSpan
from tui.monitor.journal.line import JournalLine, format_moment
from tui.monitor.kind_record import PastRun

if TYPE_CHECKING:
    from tui.monitor.history.kinds import KindKey
    from tui.monitor.history.reader import HistoryReader
    from tui.monitor.history.rows import RecordedRun

_T = TypeVar("_T")

CLOCKS_DIFFER: Millis = 60_000
"""An action may be dated so long before the creation of its task, by another clock."""
RUNS_MOST = 1_000
"""Runs of one kind that are read of the history: the last ones say the most."""


class TaskPast(Struct, frozen=True, kw_only=True):
    """What the files know of one task."""

    transitions: tuple[Transition, ...] = ()
    """Oldest first."""
    gaps: tuple[WatchSpan, ...] | None = None
    """When nobody watched, by the own clock; None where no history was read."""
    waited: Millis | None = None
    """From its creation until it was seen to begin; None where nobody saw that."""
    actions: tuple[JournalLine, ...] = ()
    """What was done to it, oldest first."""


class PastReader:
    """Reads the files of one place. Everything here is called in a thread, and raises nothing.

    What can't be read is left out: the screen goes on without it.
    """

    def __init__(
        self, get_source: Callable[[], Source], *, journal: Path | None = None, history: Path | None = None
    ) -> None:
        """`journal` and `history` are the paths of the files; None for one that is not kept."""
        self._get_source = get_source
        self._journal = journal
        self._history = history

    @property
    def has_history(self) -> bool:
        """Whether there is a history to be read."""
        return self._history is not None

    def read_task(self, task: Task, ahead: Millis = 0) -> TaskPast:
        """All that the files know of a task, whose server's clock is so far ahead of this machine's."""
        source = self._get_source()
        actions: tuple[JournalLine, ...] = ()
        if self._journal is not None:
            from tui.monitor.journal.reader import find_task_actions

            # Another task may have had the id before.
            began = format_moment(max(0, (task.created or 0) - ahead - CLOCKS_DIFFER))
            found = find_task_actions(self._journal, source, task.id)
            actions = tuple(line for line in found if line.when >= began)
        known = self._read_history(lambda reader, key: reader.read_task(key, task.id, task.created))
        if known is None:
            return TaskPast(actions=actions)
        return TaskPast(
            transitions=known.transitions, gaps=known.gaps, waited=known.task.waited, actions=actions
        )

    def read_transitions(self, tasks: Sequence[Task]) -> list[tuple[Transition, ...]]:
        """What the history has of each of these tasks, oldest first."""

        def read(reader: HistoryReader, key: str) -> list[tuple[Transition, ...]]:
            known = (reader.read_task(key, task.id, task.created) for task in tasks)
            return [() if one is None else one.transitions for one in known]

        return self._read_history(read) or [() for _ in tasks]

    def read_runs(self, kinds: Collection[KindKey]) -> Mapping[KindKey, Sequence[PastRun]]:
        """The last runs of some kinds that have ended."""

        def read(reader: HistoryReader, key: str) -> dict[KindKey, Sequence[PastRun]]:
            return {kind: _list_ended(reader.list_runs(key, kind, RUNS_MOST)) for kind in kinds}

        return self._read_history(read) or {}

    def _read_history(self, read: Callable[[HistoryReader, str], _T]) -> _T | None:
        """What `read` makes of the open history and of the key of the place; None where it can't be read."""
        if self._history is None:
            return None
        # Imported here, in a thread: SQLite is only loaded where something is read.
        from tui.monitor.history.database import HistoryError
        from tui.monitor.history.reader import HistoryReader
        from tui.monitor.history.records import make_history_place

        try:
            with HistoryReader(self._history) as reader:
                return read(reader, make_history_place(self._get_source()).key)
        except HistoryError:
            return None


def _list_ended(runs: Iterable[RecordedRun]) -> list[PastRun]:
    """Those that have ended."""
    return [
        PastRun(run.task_id, run.status, run.created, run.moment, run.took, run.waited)
        for run in runs
        if run.status.is_finished
    ]
