"""Takes answers of a backend into the store, in slices that leave the loop free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from backend_adapters.backend import Backend, LookResult
from backend_adapters.model import Task, TaskId
from tui.monitor.cooperative import LoopYielder
from tui.monitor.health import HealthState
from tui.monitor.store import Change, Store, Ticket

LOOK_AT_ONCE = 300
ANSWER_SLICE = 250
"""Tasks taken in between two looks at the time: a millisecond."""

_T = TypeVar("_T")


class TaskReader:
    """Reads tasks by id, and takes in what any request brought."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        health: HealthState,
        on_changes: Callable[[list[Change]], None],
    ) -> None:
        self.on_changes = on_changes
        self._backend = backend
        self._store = store
        self._health = health

    async def look_at(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        """Read these tasks now and take in what the server says. Raises BackendError."""
        tasks: list[Task] = []
        missing: set[TaskId] = set()
        note = ""
        wanted = list(ids)
        for start in range(0, len(wanted), LOOK_AT_ONCE):
            asked = self._store.take_ticket()
            looked = await self._backend.look(wanted[start : start + LOOK_AT_ONCE], urgent=urgent)
            await self.apply_answer(looked.tasks, looked.missing, asked)
            tasks += looked.tasks
            missing |= looked.missing
            note = looked.note or note
        if wanted:
            self._health.notes["look"] = note
            self._health.update()
        return LookResult(tuple(tasks), frozenset(missing), note)

    async def apply_answer(self, tasks: Sequence[Task], missing: Collection[TaskId], asked: Ticket) -> None:
        """Take an answer in: one poll can bring as many tasks as others have started meanwhile."""
        await self._take_in(tasks, lambda part: self._store.apply_answer(part, asked=asked))
        await self._take_in(list(missing), lambda gone: self._store.apply_answer((), gone, asked=asked))

    async def apply_scan(self, tasks: Sequence[Task], began: Ticket) -> None:
        """Take in a part of a full scan that began at this ticket."""
        await self._take_in(tasks, lambda part: self._store.apply_scan(part, began=began))

    async def _take_in(self, received: Sequence[_T], apply: Callable[[Sequence[_T]], list[Change]]) -> None:
        loop = LoopYielder()
        for start in range(0, len(received), ANSWER_SLICE):
            changes = apply(received[start : start + ANSWER_SLICE])
            if changes:
                self.on_changes(changes)
            await loop.yield_if_due()
