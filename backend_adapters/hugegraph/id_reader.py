"""Reads tasks by their ids, and tells the records over which a server fails from the others."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from contextlib import nullcontext

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.batch_size import FIRST_BATCH
from backend_adapters.hugegraph.client import ABSENT_ID, HugeGraphClient
from backend_adapters.hugegraph.errors import (
    TaskStoreError,
    fewer_may_work,
)
from backend_adapters.hugegraph.fetched_tasks import (
    FetchedTasks,
    join_fetched,
    read_again_in_halves,
)
from backend_adapters.hugegraph.id_ranges import MOST_IDS, query_length, split_ids
from backend_adapters.hugegraph.server_check import check_alive
from backend_adapters.hugegraph.unreadable_records import UnreadableRecord
from backend_adapters.hugegraph.wire import LONG_MAX

_SPLIT_INTO = 4
"""Parts that a request is split into when it failed: fewer failures on the way than with halves."""

_MOST_TRUSTED_GUESSES = 5
"""Guessed ids over which the store fails and that are taken for tasks."""


async def read_tasks_by_id(
    client: HugeGraphClient,
    numbers: Iterable[int],
    unfinished: Iterable[int] = (),
    guesses: Iterable[int] = (),
    *,
    urgent: bool = False,
    sure: bool = True,
) -> FetchedTasks:
    """The tasks of these ids that exist; one that the server fails over is a row that says so.

    `numbers` may have large results: as many at once as were quick lately, one request at a time; `sure`
    says that they exist. Those that are `unfinished` have no results, and most `guesses` don't exist:
    many of them go into one request. An `urgent` request, for which a person waits, waits for no other one.
    """
    heavy, light = list(numbers), list(unfinished)
    exist = {*(heavy if sure else ()), *light}
    # A number that no long of Java holds would let the server refuse the whole request.
    light += (number for number in guesses if number <= LONG_MAX)
    client.unreadable.mark_existing(exist)
    known = client.unreadable.select_records([*heavy, *light])
    parts = [_make_fetched_tasks(number, record) for number, record in known.items()]
    with client.responsiveness.person_is_waiting() if urgent else nullcontext():
        if known:
            parts += [
                await _retry_record(client, n)
                for n in client.unreadable.select_for_manual_retry(known)
                if urgent
            ]
            _remove_numbers(known, heavy, light)
        while heavy or light:
            holds = bool(heavy) and not urgent
            async with client.heavy_lock if holds else nullcontext():
                held = frozenset() if urgent else client.deferred.select_deferred([*heavy, *light])
                if held:
                    parts.append(FetchedTasks({}, skipped=held))
                    _remove_numbers(held, heavy, light)
                some, more = _take_next_ids(client, heavy, light)
                if some or more:
                    parts.append(await _read_in_parts(client, [*some, *more], exist, len(some)))
        found = join_fetched(parts)
        return (
            await read_again_in_halves(found, lambda part: _read_in_parts(client, part, exist))
            if urgent
            else found
        )


def trust_near_guesses(client: HugeGraphClient, found: FetchedTasks, near: Collection[int]) -> FetchedTasks:
    """The same with rows for the guesses among those `near` others over which the store fails, if few.

    Where they are many, a part of the store may be down, which is failed over for ids of no task as well.
    """
    rows = {number: row for number, row in found.possible_tasks.items() if number in near}
    if len(rows) > _MOST_TRUSTED_GUESSES:
        return found
    client.unreadable.mark_existing(rows)
    return FetchedTasks(found.tasks | rows, found.unidentified, skipped=found.skipped)


async def find_existing(client: HugeGraphClient, numbers: Iterable[int]) -> set[int] | None:
    """Those of some ids that exist, hardly any of them; None where the server fails over one."""
    wanted, found = [number for number in numbers if number <= LONG_MAX], set[int]()
    _remove_numbers(
        {*client.unreadable.select_records(wanted), *client.deferred.select_deferred(wanted)}, wanted
    )
    for part in split_ids(wanted):
        try:
            found |= (await client.request_ids(part)).tasks.keys()
        except BackendError as error:
            await check_alive(client, error, part)
            return None
    return found


async def retry_alone(client: HugeGraphClient, numbers: Sequence[int]) -> FetchedTasks:
    """Ask alone for a record that the server failed over, or for a group that was set aside.

    Raises BackendError.
    """
    async with client.heavy_lock:
        # What is asked of a server that answers nothing is not why.
        await client.request_ids([ABSENT_ID])
        try:
            return await (
                _retry_record(client, numbers[0]) if len(numbers) == 1 else _retry_group(client, numbers)
            )
        except BackendError as error:
            stopped = client.responsiveness.is_stuck and fewer_may_work(error)
            if len(numbers) > 1 or not stopped or client.responsiveness.waiting_people:
                raise
            client.deferred.release_ids(numbers)
            return _make_fetched_tasks(
                numbers[0], client.unreadable.note_failure(numbers[0], error, exists=True, stops=True)
            )


async def _retry_group(client: HugeGraphClient, numbers: Sequence[int]) -> FetchedTasks:
    try:
        return await client.request_ids(numbers)
    except BackendError as error:
        await check_alive(client, error, numbers)
        # The server works: whatever it fails over among these is found as it is among others.
        client.deferred.release_ids(numbers)
        raise


async def _retry_record(client: HugeGraphClient, number: int) -> FetchedTasks:
    try:
        return await client.request_ids([number])
    except BackendError as error:
        await check_alive(client, error)
        client.deferred.release_ids([number])
        record = client.unreadable.note_failure(number, error, exists=False)
    if record.exists:
        return FetchedTasks({number: record.as_task(number)})
    # It is not known either that there is no such task.
    return FetchedTasks({}, unidentified=1, unanswered=frozenset([number]))


def _take_next_ids(
    client: HugeGraphClient, heavy: list[int], light: list[int]
) -> tuple[list[int], list[int]]:
    """Remove the ids of the next request from the lists: heavy ones up to the batch size, then light ones."""
    some = next(split_ids(heavy, client.batch.size), [])
    del heavy[: len(some)]
    room = MOST_IDS - len(some)
    more = next(split_ids(light, room, sum(map(query_length, some))), []) if room else []
    del light[: len(more)]
    return some, more


async def _read_in_parts(
    client: HugeGraphClient, numbers: Sequence[int], exist: Collection[int], heavy: int = 0
) -> FetchedTasks:
    """Send one request, and its parts where it fails; the first `heavy` ids may have large results."""
    kept = client.batch.save_state()
    try:
        return await client.request_ids(numbers)
    except BackendError as error:
        if heavy > 1:
            # Before the check, which may fail because the server still works on them.
            client.batch.note_failure(heavy)
        # Of many heavy ones it may be their number.
        await check_alive(client, error, numbers if heavy <= FIRST_BATCH else (), exist)
        step = -(-len(numbers) // _SPLIT_INTO)
        if isinstance(error, TaskStoreError) and error.is_out_of_memory:
            # Each failure of this kind hurts the server: no second one on the way.
            step = min(step, FIRST_BATCH)
            client.batch.ask_few()
    if len(numbers) == 1:
        return await _read_alone(client, numbers[0], exist)
    parts = [numbers[at : at + step] for at in range(0, len(numbers), step)]
    found = join_fetched([await _read_in_parts(client, part, exist) for part in parts])
    if len(found.readable_tasks) < len(found.tasks) or not found.tasks:
        # It is one record, and not their number.
        client.batch.restore_state(kept)
    return found


async def _read_alone(client: HugeGraphClient, number: int, exist: Collection[int]) -> FetchedTasks:
    """Ask once more for one task over which the server failed alone, while it answers for others."""
    try:
        return await client.request_ids([number])
    except BackendError as error:
        if not fewer_may_work(error):
            raise
        record = client.unreadable.note_failure(number, error, exists=number in exist)
    return _make_fetched_tasks(number, record)


def _make_fetched_tasks(number: int, record: UnreadableRecord) -> FetchedTasks:
    """What is known of a record that can't be read: a row, a possible row, or nothing."""
    row = {number: record.as_task(number)}
    if record.exists:
        return FetchedTasks(row)
    return FetchedTasks({}, possible_tasks=row if record.is_store_failure else {})


def _remove_numbers(numbers: Container[int], *lists: list[int]) -> None:
    """Remove these numbers from the lists."""
    for one in lists:
        one[:] = [number for number in one if number not in numbers]
