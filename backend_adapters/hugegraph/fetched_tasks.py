"""What requests brought: the tasks by their ids, and what is known of those that could not be had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.hugegraph.id_ranges import split_ids
from backend_adapters.hugegraph.pages import TaskPage, read_blocks, unread_records_note
from backend_adapters.model import Task, TaskStatus


class FetchedTasks(Struct, frozen=True):
    """What requests by ids brought."""

    tasks: dict[int, Task]
    """By id; one that the server fails over is among them, as a row that says so."""
    unidentified: int = 0
    """Records that could not be read at all, not even their ids."""
    possible_tasks: dict[int, Task] = {}
    """Rows for guessed ids over which the server's own store failed: perhaps there are such tasks."""
    skipped: frozenset[int] = frozenset()
    """Ids that were not asked for, as they are set aside."""
    unanswered: frozenset[int] | None = None
    """Ids that were asked for, did not come, and may be those of the lost records; None: any may be."""

    @property
    def note(self) -> str:
        """What to tell a person of the records that were lost."""
        return unread_records_note(self.unidentified)

    @property
    def readable_tasks(self) -> dict[int, Task]:
        """The tasks that are certainly there."""
        return {n: task for n, task in self.tasks.items() if task.status is not TaskStatus.UNREADABLE}

    @property
    def unreadable_count(self) -> int:
        """How many of the tasks are rows that say that the server fails over them."""
        return sum(task.status is TaskStatus.UNREADABLE for task in self.tasks.values())

    def missing_ids(self, asked: Iterable[int]) -> frozenset[str]:
        """The ids among `asked` that the server does not have."""
        if self.unidentified and self.unanswered is None:
            return frozenset()
        known = {*self.tasks, *self.skipped, *(self.unanswered or ())}
        return frozenset(str(n) for n in asked if n not in known)


def join_fetched(parts: Iterable[FetchedTasks]) -> FetchedTasks:
    """What several requests brought, together."""
    tasks: dict[int, Task] = {}
    maybe: dict[int, Task] = {}
    lost, skipped = 0, frozenset[int]()
    unclear: frozenset[int] | None = frozenset()
    for part in parts:
        tasks |= part.tasks
        maybe |= part.possible_tasks
        lost += part.unidentified
        skipped |= part.skipped
        if part.unidentified:
            unclear = None if unclear is None or part.unanswered is None else unclear | part.unanswered
    return FetchedTasks(tasks, lost, maybe, skipped, unclear)


async def read_again_in_halves(
    found: FetchedTasks, read: Callable[[Sequence[int]], Awaitable[FetchedTasks]]
) -> FetchedTasks:
    """The same, with what came without an id told from what is not there, by reading again in halves."""
    unclear = sorted(found.unanswered or ())
    if len(unclear) < 2:
        return found
    halves = list(split_ids(unclear, (len(unclear) + 1) // 2))
    again = join_fetched([await read_again_in_halves(await read(half), read) for half in halves])
    return join_fetched([replace(found, unidentified=0, unanswered=frozenset()), again])


async def tasks_in_page(page: TaskPage) -> FetchedTasks:
    """The tasks of a page, and how many of its records could not be read."""
    tasks: dict[int, Task] = {}
    lost = 0
    async for block in read_blocks(page.tasks):
        tasks |= {int(task.id): task for task in block.tasks}
        lost += block.unidentified
    return FetchedTasks(tasks, lost)
