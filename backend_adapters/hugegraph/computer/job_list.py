"""Reads computer jobs: all of them by their own list, what may have changed by the ids of ordinary tasks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import aclosing

from msgspec.structs import replace

from backend_adapters.backend import Batch, Changes, KnownTasks, LookResult
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import WHOLE_LIST_DEADLINE, WITHOUT_LIMIT, HugeGraphClient
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.computer.job_types import FORM_A, is_computer_job, select_computer_jobs
from backend_adapters.hugegraph.errors import is_task_store_failure
from backend_adapters.hugegraph.first_tasks import FirstTasks
from backend_adapters.hugegraph.id_ranges import parse_id_number, parse_id_numbers
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.newest_search import find_highest_id, read_newest_tasks
from backend_adapters.hugegraph.pages import read_blocks, read_task_page
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import Task, TaskId, TaskStatus
from backend_adapters.transport.loose_json import records_without_id

NEWEST_JOBS = 200
"""Newest jobs that come with the unfinished in the first batch."""

JOBS_PER_BATCH = 1000


class OtherForm(Exception):
    """The answer shows that the server has form A after all."""


async def read_own_list(
    client: HugeGraphClient, finder: ChangeFinder, first: FirstTasks | None
) -> list[Batch] | None:
    """All jobs by their own list (form B); None where the server should not read all tasks at once.

    It reads every task of the graph for this list and cuts to the limit afterwards, so pages save nothing.
    `first` reads the newest tasks, where that was begun. Raises OtherForm.
    """
    # Later polls look above the highest id of all tasks. It is found first: what comes in between is higher.
    if first is not None:
        await first.read_all()
        highest = first.highest
    else:
        highest = await find_highest_id(client)
    if client.list_obstacle:
        return None
    if first is None:
        await read_newest_tasks(client, highest, highest - NEWEST_JOBS)
    # Where the newest tasks are not light the server should not read all of them at once.
    if client.batch.size < min(highest, NEWEST_JOBS):
        return None
    reply = await client.transport.get(
        client.paths.computer_jobs, [("limit", WITHOUT_LIMIT)], within=WHOLE_LIST_DEADLINE
    )
    if probe.is_from_form_a(reply):
        raise OtherForm
    if is_task_store_failure(reply):
        return None
    records = read_task_page(await probe.require_computer_jobs(client, reply), client.where).tasks
    jobs: dict[TaskId, Task] = {}
    lost = 0
    async for block in read_blocks(records):
        jobs |= {task.id: task for task in select_computer_jobs(block.tasks)}
        lost += block.unidentified
    if any(task.type == FORM_A for task in jobs.values()):
        raise OtherForm
    finder.set_highest(max([highest, *map(int, jobs)]))
    return [Batch(part, partial=records_without_id(lost)) for part in _split_batches(list(jobs.values()))]


async def read_among_tasks(
    scan: Scan, finder: ChangeFinder, *, in_parts: bool
) -> AsyncGenerator[Batch, None]:
    """All jobs out of the list of all tasks (form A, whose own list leaves every second one out)."""
    unread = set[TaskId]()
    async with aclosing(scan.read_all(in_parts=in_parts)) as batches:
        async for batch in batches:
            finder.note_tasks(batch.tasks, scan.highest)
            unread |= {task.id for task in batch.tasks if task.status is TaskStatus.UNREADABLE}
            partial = batch.partial or _unread_note(len(unread))
            yield replace(batch, tasks=select_computer_jobs(batch.tasks), partial=partial)
    finder.finish_snapshot(scan.highest, scan.order if scan.is_whole else None)


async def find_job_changes(finder: ChangeFinder, known: KnownTasks) -> Changes:
    """What may have changed among the computer jobs."""
    found = await finder.changes(known)
    jobs = _select_jobs(found.tasks, set(known.unfinished))
    # Where ids began anew, another task may have the id of a job.
    others = {task.id for task in found.tasks} - {task.id for task in jobs}
    return Changes(
        jobs,
        found.missing | (others & set(known.unfinished)),
        found.stale,
        found.note,
        found.scattered,
    )


async def read_jobs(client: HugeGraphClient, ids: Collection[TaskId], *, urgent: bool) -> LookResult:
    """The jobs of these ids; what is another kind of task is missing here."""
    numbers = parse_id_numbers(ids)
    found = await read_tasks_by_id(client, numbers, urgent=urgent)
    jobs = _select_jobs(found.tasks.values(), set(ids))
    others = set(map(str, found.tasks)) - {task.id for task in jobs}
    impossible = {task_id for task_id in ids if parse_id_number(task_id) is None}
    return LookResult(jobs, found.missing_ids(numbers) | others | impossible, found.note)


def _select_jobs(tasks: Iterable[Task], known: Collection[TaskId]) -> tuple[Task, ...]:
    """The computer jobs among these tasks; of one that the server fails over, that it is one was known."""
    return tuple(
        task
        for task in tasks
        if is_computer_job(task) or (task.status is TaskStatus.UNREADABLE and task.id in known)
    )


def _unread_note(unread: int) -> str:
    """Why not all jobs may be there, where the server failed over so many tasks of whatever kind."""
    if not unread:
        return ""
    if unread == 1:
        return "The server can't read 1 task of the graph, which may be a computer job."
    return f"The server can't read {unread} tasks of the graph, some of which may be computer jobs."


def _split_batches(jobs: list[Task]) -> list[tuple[Task, ...]]:
    """The unfinished and the newest, then the others; one empty part for no jobs."""
    newest = sorted(jobs, key=lambda task: int(task.id), reverse=True)
    unfinished = [task for task in newest if not task.status.is_finished]
    finished = [task for task in newest if task.status.is_finished]
    first, rest = (*unfinished, *finished[:NEWEST_JOBS]), finished[NEWEST_JOBS:]
    return [first, *(tuple(rest[at : at + JOBS_PER_BATCH]) for at in range(0, len(rest), JOBS_PER_BATCH))]
