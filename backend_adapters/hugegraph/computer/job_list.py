"""Reads computer jobs: all of them by their own list, what may have changed by the ids of ordinary tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable

from msgspec.structs import replace

from backend_adapters.backend import Batch, Changes, KnownTasks, LookResult
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import ALL, WHOLE_LIST, Link
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.computer.job_types import FORM_A, computer_jobs, is_computer
from backend_adapters.hugegraph.errors import not_read
from backend_adapters.hugegraph.id_ranges import number_of, numbers_of
from backend_adapters.hugegraph.newest_search import highest_id, newest_tasks
from backend_adapters.hugegraph.pages import blocks, envelope
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import Task, TaskId, TaskStatus
from backend_adapters.transport.loose_json import records_without_id

FIRST = 200
"""Newest jobs that come with the unfinished in the first batch."""

BATCH = 1000


class OtherForm(Exception):
    """The answer shows that the server has form A after all."""


async def own_list(link: Link, finder: ChangeFinder) -> list[Batch] | None:
    """All jobs by their own list (form B); None where the server should not read all tasks at once.

    It reads every task of the graph for this list and cuts to the limit afterwards, so pages save nothing.
    Raises OtherForm.
    """
    # Later polls look above the highest id of all tasks. It is found first: what comes in between is higher.
    highest = await highest_id(link, 0)
    if link.list_trouble or not await _bears_all(link, highest):
        return None
    reply = await link.transport.get(link.paths.computer_jobs, [("limit", ALL)], within=WHOLE_LIST)
    if probe.of_form_a(reply):
        raise OtherForm
    if not_read(reply):
        return None
    records = envelope(await probe.good(link, reply), link.where).tasks
    jobs: dict[TaskId, Task] = {}
    lost = 0
    async for block in blocks(records):
        jobs |= {task.id: task for task in computer_jobs(block.tasks)}
        lost += block.lost
    if any(task.type == FORM_A for task in jobs.values()):
        raise OtherForm
    finder.settle_highest(max([highest, *map(int, jobs)]))
    return [Batch(part, partial=records_without_id(lost)) for part in _parts(list(jobs.values()))]


async def _bears_all(link: Link, highest: int) -> bool:
    """Whether the newest tasks are so light that the server may read all of them at once."""
    await newest_tasks(link, highest, FIRST)
    return link.batch.size >= min(highest, FIRST)


async def among_all(link: Link, finder: ChangeFinder, statuses: tuple[str, ...]) -> AsyncIterator[Batch]:
    """All jobs out of the list of all tasks (form A, whose own list leaves every second one out)."""
    scan, unread = Scan(link, statuses, counts_up=finder.counts_up), set[TaskId]()
    async for batch in scan.run():
        finder.meet(batch.tasks, scan.highest)
        unread |= {task.id for task in batch.tasks if task.status is TaskStatus.UNREADABLE}
        partial = batch.partial or _perhaps_jobs(len(unread))
        yield replace(batch, tasks=computer_jobs(batch.tasks), partial=partial)
    finder.settle(scan.highest, scan.order if scan.whole else None)


async def changes(finder: ChangeFinder, known: KnownTasks) -> Changes:
    """What may have changed among the computer jobs."""
    found = await finder.changes(known)
    jobs = _jobs_among(found.tasks, set(known.unfinished))
    # Where ids began anew, another task may have the id of a job.
    others = {task.id for task in found.tasks} - {task.id for task in jobs}
    return Changes(
        jobs,
        found.missing | (others & set(known.unfinished)),
        found.stale,
        found.note,
        found.scattered,
    )


async def look(link: Link, ids: Collection[TaskId], *, wished: bool) -> LookResult:
    """The jobs of these ids; what is another kind of task is missing here."""
    numbers = numbers_of(ids)
    found = await link.by_ids(numbers, wished=wished)
    jobs = _jobs_among(found.tasks.values(), set(ids))
    others = set(map(str, found.tasks)) - {task.id for task in jobs}
    impossible = {task_id for task_id in ids if number_of(task_id) is None}
    return LookResult(jobs, found.missing(numbers) | others | impossible, found.note)


def _jobs_among(tasks: Iterable[Task], known: Collection[TaskId]) -> tuple[Task, ...]:
    """The computer jobs among these tasks; of one that the server fails over, that it is one was known."""
    return tuple(
        task
        for task in tasks
        if is_computer(task) or (task.status is TaskStatus.UNREADABLE and task.id in known)
    )


def _perhaps_jobs(unread: int) -> str:
    """Why not all jobs may be there, where the server failed over so many tasks of whatever kind."""
    if not unread:
        return ""
    tasks = "1 task" if unread == 1 else f"{unread} tasks"
    return f"The server can't read {tasks} of the graph, among which computer jobs may be."


def _parts(jobs: list[Task]) -> list[tuple[Task, ...]]:
    """The unfinished and the newest, then the others; one empty part for no jobs."""
    newest = sorted(jobs, key=lambda task: int(task.id), reverse=True)
    unfinished = [task for task in newest if not task.status.is_finished]
    finished = [task for task in newest if task.status.is_finished]
    first, rest = (*unfinished, *finished[:FIRST]), finished[FIRST:]
    return [first, *(tuple(rest[at : at + BATCH]) for at in range(0, len(rest), BATCH))]
