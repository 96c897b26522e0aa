"""The rows that the last session saw last, shown until the server has told what there is now.

They are in a store of their own, and nothing is asked of the server or sent to it because of them. What the
server tells is put among them, so that its rows take the places of the old ones, and nothing jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend_adapters.errors import (
    BackendError,
    Busy,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
    Untrusted,
)
from backend_adapters.model import (
    Millis,
    Place,
    Source,
    Task,
    TaskId,
    is_different_task,
    qualify_graph,
)
from tui.monitor.health import Health
from tui.monitor.rows_file import KeptRows, make_kept_row, make_known_task
from tui.monitor.store import Change, Store
from tui.monitor.view import Shape, View
from tui.text import sanitize_label

MIXED_MOST = 20_000
"""Rows, old and new, up to which old ones are kept while the history is being read.

All of them are in a second store until then: 2 µs a row, 45 ms for so many (measured).
"""
STEP: Millis = 60_000
"""Milliseconds in which the ages of old rows move on: they do not tick as if somebody looked at the tasks."""

_SAYS_NOTHING = (Unreachable, TimedOut, Starting, Busy, ServerFault)
"""Errors after which all may be as it was: nobody answered, or a server that is ill."""


def is_verdict(error: BackendError) -> bool:
    """Whether an error tells that the rows may not be of this server, this graph, or this user.

    So it is where the login or the permission is refused, where there is no such graph, where what answers is
    no such server, and where its certificate is not trusted.
    """
    return isinstance(error, Untrusted) or not isinstance(error, _SAYS_NOTHING)


class LastRows:
    """The last known rows, with those that the server has told since."""

    def __init__(
        self, kept: KeptRows, now: Callable[[], Millis], shape: Shape, of_place: Place | None = None
    ) -> None:
        """`of_place` is that of the tasks, where several are watched."""
        self.as_of = kept.as_of
        """When they were seen, by this machine's clock."""
        self.has_graphs = kept.has_graphs
        self.noun = sanitize_label(kept.noun)
        """What they are called; harmless, as titles and sentences are made with it."""
        self.place = qualify_graph(kept.graph, kept.graphspace) if kept.graph else ""
        """The graph that they are of, with its graphspace."""
        self.is_over = False
        """They are no longer to be shown."""
        self.is_elsewhere = False
        """They are over because another graph, or another kind of list, was found in their place."""
        self.unconfirmed = {row.id: make_known_task(row, of_place) for row in kept.rows}
        """The rows that the server has not told anything about, as they were."""
        self.store = Store(now)
        self.view = View(self.store, now, shape)
        self._kept = kept
        self._now = now
        self._began = now()
        self._take_in(tuple(self.unconfirmed.values()), ())

    @property
    def is_untouched(self) -> bool:
        """Whether the server has not told of any task yet."""
        return len(self.unconfirmed) == len(self.store)

    @property
    def shown_time(self) -> Millis:
        """The moment at which ages are told while all rows are old: it moves on once a minute."""
        return self._began + max(0, self._now() - self._began) // STEP * STEP

    def follow_changes(self, changes: Sequence[Change]) -> list[Change]:
        """Put what the server tells in the places of the old rows.

        Returns the changes as they are for who looks at these rows: a task that has the id of an old row and
        is another one replaces it.
        """
        seen: list[Change] = []
        for change in changes:
            known = None if change.new is None else self.unconfirmed.pop(change.new.id, None)
            is_other = known is not None and change.new is not None and is_other_task(known, change.new)
            seen.append(Change(known, change.new) if is_other else change)
        told = [change.new for change in changes if change.new is not None]
        gone = [change.old.id for change in changes if change.new is None and change.old is not None]
        self._take_in(told, gone)
        self._end_when_done()
        return seen

    def _take_in(self, tasks: Sequence[Task], gone: Sequence[TaskId]) -> None:
        changes = self.store.apply_answer(tasks, gone, asked=self.store.take_ticket())
        self.view.follow_changes(changes)

    def follow_health(self, health: Health, source: Source) -> None:
        """Find out whether the rows are still worth showing."""
        error = health.error
        self.is_elsewhere = health.info is not None and not self._kept.is_of(source)
        refused = error is not None and is_verdict(error)
        if health.complete_after is not None:
            self._drop_vanished(health.complete_after)
        self.is_over = self.is_elsewhere or refused or health.scanned
        self._end_when_done()

    def _drop_vanished(self, complete_after: Millis) -> None:
        """Drop the rows that the first batch would have brought if they were still there.

        One that had not ended may have ended since, and comes with the history then.
        """
        gone = [
            task.id
            for task in self.unconfirmed.values()
            if task.created is not None and task.created > complete_after
        ]
        for task_id in gone:
            del self.unconfirmed[task_id]
        self._take_in((), gone)

    def _end_when_done(self) -> None:
        """Stop where no old row is left, or where the server's own rows are more than anybody looks at."""
        self.is_over = self.is_over or not self.unconfirmed or len(self.store) > MIXED_MOST


def is_other_task(known: Task, told: Task) -> bool:
    """Whether an old row is of another task than the one that has its id now."""
    # What is kept of a name is without secrets, and may be cut.
    return is_different_task(known, make_known_task(make_kept_row(told)))
