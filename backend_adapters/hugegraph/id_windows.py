"""Reads the tasks above an id, window by window, as long as these bring tasks near their ends."""

from __future__ import annotations

from collections.abc import Iterator

from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_reader import read_tasks_by_id, trust_near_guesses
from backend_adapters.hugegraph.wire import LONG_MAX
from backend_adapters.model import Task

MOST_WINDOWS = 40
"""Windows of one refresh; when that many tasks are new, a snapshot is due."""

WIDEST_WINDOW = 380
"""Ids of one window at the most."""

_MOST_BARE_WINDOWS = 3
"""Windows in a row without a task that can be read, of which the last calls for no further one."""


def widen_windows(
    edge: int, size: int, end: int = LONG_MAX, *, most: int = WIDEST_WINDOW
) -> Iterator[tuple[int, range]]:
    """Ever wider windows above `edge`, up to which `size` ids were asked for; none goes beyond `end`.

    With each comes the id above which a task calls for it. None has more than `most` ids.
    """
    while edge < end:
        enough, size = edge - size // 2, min(size * 2, WIDEST_WINDOW, max(most, size))
        yield enough, range(edge + 1, min(edge + size, end) + 1)
        edge += size


async def read_above(
    client: HugeGraphClient, highest: int, windows: Iterator[tuple[int, range]], tickets: Iterator[object]
) -> tuple[FetchedTasks, bool]:
    """The tasks of the windows that the `highest` known id, and then theirs, call for; whether that is all.

    Each window takes one of the tickets.
    """
    tasks: dict[int, Task] = {}
    lost, bare, skipped = 0, 0, frozenset[int]()
    for enough, numbers in windows:
        if highest <= enough:
            break
        if next(tickets, None) is None:
            return FetchedTasks(tasks, lost, skipped=skipped), False
        more = trust_near_guesses(client, await read_tasks_by_id(client, (), guesses=numbers), numbers)
        tasks |= more.tasks
        lost += more.unidentified
        skipped |= more.skipped
        bare = 0 if more.readable_tasks else bare + 1
        # What can't be read may hide others above it, but is no proof of any.
        highest = max([highest, *(more.tasks if bare < _MOST_BARE_WINDOWS else more.readable_tasks)])
    return FetchedTasks(tasks, lost, skipped=skipped), True
