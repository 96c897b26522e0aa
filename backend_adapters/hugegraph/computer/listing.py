"""Reads computer jobs: all of them by their own list, what may have changed by the ids of ordinary tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from msgspec.structs import replace

from backend_adapters.backend import Batch, Changes, Known, Looked
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.computer.kinds import FORM_A, computer_jobs, is_computer
from backend_adapters.hugegraph.finder import ChangeFinder
from backend_adapters.hugegraph.ids import number_of, numbers_of
from backend_adapters.hugegraph.link import ALL, WHOLE_LIST, Link
from backend_adapters.hugegraph.pages import blocks, envelope
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import Task, TaskId
from backend_adapters.transport.loose_json import without_id

FIRST = 200
"""Newest jobs that come with the unfinished in the first batch."""

BATCH = 1000


async def own_list(link: Link, finder: ChangeFinder) -> list[Batch] | None:
    """All jobs by their own list (form B); None where the answer shows that it is form A's after all.

    The server reads every task of the graph for it and cuts to the limit afterwards, so pages save nothing.
    """
    # Later polls look above the highest id of all tasks. It is found first: what comes in between is higher.
    highest = await Scan(link, ()).gallop(0)
    reply = await link.transport.get(link.paths.computer_jobs, [("limit", ALL)], within=WHOLE_LIST)
    if probe.of_form_a(reply):
        return None
    records = envelope(await probe.good(link, reply), link.where).tasks
    jobs: dict[TaskId, Task] = {}
    lost = 0
    async for block in blocks(records):
        jobs |= {task.id: task for task in computer_jobs(block.tasks)}
        lost += block.lost
    if any(task.type == FORM_A for task in jobs.values()):
        return None
    finder.settle_highest(max([highest, *map(int, jobs)]))
    return [Batch(part, partial=without_id(lost)) for part in _parts(list(jobs.values()))]


async def among_all(link: Link, finder: ChangeFinder, statuses: tuple[str, ...]) -> AsyncIterator[Batch]:
    """All jobs out of the list of all tasks (form A, whose own list leaves every second one out)."""
    scan = Scan(link, statuses, counts_up=finder.counts_up)
    async for batch in scan.run():
        finder.meet(batch.tasks, scan.highest)
        yield replace(batch, tasks=computer_jobs(batch.tasks))
    finder.settle(scan.highest, scan.order)


async def changes(finder: ChangeFinder, known: Known) -> Changes:
    """What may have changed among the computer jobs."""
    found = await finder.changes(known)
    # Where ids began anew, another task may have the id of a job.
    others = {task.id for task in found.tasks if not is_computer(task)}
    return Changes(
        computer_jobs(found.tasks),
        found.missing | (others & set(known.unfinished)),
        found.stale,
        found.note,
        found.scattered,
    )


async def look(link: Link, ids: Collection[TaskId]) -> Looked:
    """The jobs of these ids; what is another kind of task is missing here."""
    numbers = numbers_of(ids)
    found = await link.by_ids(numbers)
    others = {task.id for task in found.tasks.values() if not is_computer(task)}
    impossible = {task_id for task_id in ids if number_of(task_id) is None}
    return Looked(
        computer_jobs(found.tasks.values()), found.missing(numbers) | others | impossible, found.note
    )


def _parts(jobs: list[Task]) -> list[tuple[Task, ...]]:
    """The unfinished and the newest, then the others; one empty part for no jobs."""
    newest = sorted(jobs, key=lambda task: int(task.id), reverse=True)
    unfinished = [task for task in newest if not task.status.finished]
    finished = [task for task in newest if task.status.finished]
    first, rest = (*unfinished, *finished[:FIRST]), finished[FIRST:]
    return [first, *(tuple(rest[at : at + BATCH]) for at in range(0, len(rest), BATCH))]
