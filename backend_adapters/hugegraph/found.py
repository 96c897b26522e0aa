"""What requests brought: the tasks by their ids, and what is known of those that could not be had."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from backend_adapters.hugegraph.pages import Envelope, blocks, lost_note
from backend_adapters.model import Task, TaskStatus


class Found(Struct, frozen=True):
    """What requests by ids brought."""

    tasks: dict[int, Task]
    """By id; one that the server fails over is among them, as a row that says so."""
    lost: int = 0
    """Records that could not be read at all; while there are any, nothing is known to be missing."""
    maybe: dict[int, Task] = {}
    """Rows for guessed ids over which the server's own store failed: perhaps there are such tasks."""
    skipped: frozenset[int] = frozenset()
    """Ids that were not asked for, as they are set aside."""

    @property
    def note(self) -> str:
        """What to tell a person of the records that were lost."""
        return lost_note(self.lost)

    @property
    def readable(self) -> dict[int, Task]:
        """The tasks that are certainly there."""
        return {n: task for n, task in self.tasks.items() if task.status is not TaskStatus.UNREADABLE}

    def missing(self, asked: Iterable[int]) -> frozenset[str]:
        """The ids among `asked` that the server does not have."""
        if self.lost:
            return frozenset()
        return frozenset(str(n) for n in asked if n not in self.tasks and n not in self.skipped)


def joined(parts: Iterable[Found]) -> Found:
    """What several requests brought, together."""
    tasks: dict[int, Task] = {}
    maybe: dict[int, Task] = {}
    lost, skipped = 0, frozenset[int]()
    for part in parts:
        tasks |= part.tasks
        maybe |= part.maybe
        lost += part.lost
        skipped |= part.skipped
    return Found(tasks, lost, maybe, skipped)


async def found_in(page: Envelope) -> Found:
    """The tasks of a page, and how many of its records could not be read."""
    tasks: dict[int, Task] = {}
    lost = 0
    async for block in blocks(page.tasks):
        tasks |= {int(task.id): task for task in block.tasks}
        lost += block.lost
    return Found(tasks, lost)
