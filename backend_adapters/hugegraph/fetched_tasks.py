"""What requests brought: the tasks by their ids, and what is known of those that could not be had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.hugegraph.id_ranges import chunks
from backend_adapters.hugegraph.pages import Envelope, blocks, lost_note
from backend_adapters.model import Task, TaskStatus


class Found(Struct, frozen=True):
    """What requests by ids brought."""

    tasks: dict[int, Task]
    """By id; one that the server fails over is among them, as a row that says so."""
    lost: int = 0
    """Records that could not be read at all, not even their ids."""
    maybe: dict[int, Task] = {}
    """Rows for guessed ids over which the server's own store failed: perhaps there are such tasks."""
    skipped: frozenset[int] = frozenset()
    """Ids that were not asked for, as they are set aside."""
    unclear: frozenset[int] | None = None
    """Ids that were asked for, did not come, and may be those of the lost records; None: any may be."""

    @property
    def note(self) -> str:
        """What to tell a person of the records that were lost."""
        return lost_note(self.lost)

    @property
    def readable(self) -> dict[int, Task]:
        """The tasks that are certainly there."""
        return {n: task for n, task in self.tasks.items() if task.status is not TaskStatus.UNREADABLE}

    @property
    def unreadable_count(self) -> int:
        """How many of the tasks are rows that say that the server fails over them."""
        return sum(task.status is TaskStatus.UNREADABLE for task in self.tasks.values())

    def missing(self, asked: Iterable[int]) -> frozenset[str]:
        """The ids among `asked` that the server does not have."""
        if self.lost and self.unclear is None:
            return frozenset()
        known = {*self.tasks, *self.skipped, *(self.unclear or ())}
        return frozenset(str(n) for n in asked if n not in known)


def joined(parts: Iterable[Found]) -> Found:
    """What several requests brought, together."""
    tasks: dict[int, Task] = {}
    maybe: dict[int, Task] = {}
    lost, skipped = 0, frozenset[int]()
    unclear: frozenset[int] | None = frozenset()
    for part in parts:
        tasks |= part.tasks
        maybe |= part.maybe
        lost += part.lost
        skipped |= part.skipped
        if part.lost:
            unclear = None if unclear is None or part.unclear is None else unclear | part.unclear
    return Found(tasks, lost, maybe, skipped, unclear)


async def tell_apart(found: Found, read: Callable[[Sequence[int]], Awaitable[Found]]) -> Found:
    """The same, with what came without an id told from what is not there, by reading again in halves."""
    unclear = sorted(found.unclear or ())
    if len(unclear) < 2:
        return found
    halves = list(chunks(unclear, (len(unclear) + 1) // 2))
    again = joined([await tell_apart(await read(half), read) for half in halves])
    return joined([replace(found, lost=0, unclear=frozenset()), again])


async def found_in(page: Envelope) -> Found:
    """The tasks of a page, and how many of its records could not be read."""
    tasks: dict[int, Task] = {}
    lost = 0
    async for block in blocks(page.tasks):
        tasks |= {int(task.id): task for task in block.tasks}
        lost += block.lost
    return Found(tasks, lost)
