"""Reads the list of a graph page by page: as many tasks at once as the server can read."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from backend_adapters.errors import BackendError, BadAnswer
from backend_adapters.hugegraph.batch_size import FIRST_BATCH, LARGEST_BATCH
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.errors import TaskStoreError
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks, join_fetched, tasks_in_page
from backend_adapters.hugegraph.pages import TaskBlock, TaskPage, read_blocks
from backend_adapters.hugegraph.server_check import check_alive
from backend_adapters.hugegraph.unreadable_records import (
    FIRST_RETRY_AFTER,
    FIRST_RETRY_AFTER_STOP,
    LONGEST_RETRY_AFTER,
    BrokenList,
)
from backend_adapters.list_limit import ListLimit, StalePages
from backend_adapters.transport.retry import next_pause

_LONGEST_LIST_RETRY = 300.0
"""Seconds after which a list that broke is tried again at the latest."""

_SMALLEST_PAGE = 2
"""Pages of one lose tasks on a cluster (PROTOCOL.md, section 2.3)."""


_FIRST_PAGES = 20
"""Pages within which the first tasks are to come: on a cluster some are short, or empty."""


class ListInterrupted(Exception):
    """The server fails over one of the next records of a list; `error` is what it said."""

    def __init__(self, error: BackendError, *, lately: bool = False, stops: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.is_from_before = lately
        """It was so lately, and has not been tried again."""
        self.stops_server = stops
        """The server stopped answering about all its tasks over it."""


class ListTooLong(ListInterrupted):
    """The list goes on, but more of it is not to be kept; `error` says so."""


async def read_list(
    client: HugeGraphClient,
    status: str | None = None,
    *,
    size: int = LARGEST_BATCH,
    again: bool = True,
    limit: ListLimit | None = None,
) -> AsyncGenerator[TaskBlock, None]:
    """The list, or one status of it, following the page tokens to null: a page may be short or empty.

    A page has at most `size` tasks, and of the whole list no more than the server can bear. Lists that are
    kept together share a `limit`.

    Raises ListTooLong beyond that limit, and ListInterrupted where the server can't read the next tasks,
    however few of them. Without `again` one that broke lately breaks at once.
    """
    before = client.broken_lists.get(status)
    if before is not None and (before.stops_server or not again) and time.monotonic() < before.retry_at:
        raise ListInterrupted(before.error, lately=True, stops=before.stops_server)
    if status is None:
        _raise_known_obstacle(client, again=again)
        # The newest tasks were light, perhaps: the oldest, with which the list begins, need not be.
        client.batch.start_small()
    try:
        async for block in _read_pages(client, status, size, limit or ListLimit()):
            client.ask_normally(int(task.id) for task in block.tasks)
            yield block
    except ListTooLong:
        raise
    except ListInterrupted as broke:
        pause = next_pause(before.pause if before else None, FIRST_RETRY_AFTER, _LONGEST_LIST_RETRY)
        client.broken_lists[status] = BrokenList(broke.error, time.monotonic() + pause, pause)
        raise
    client.broken_lists.pop(status, None)


def _raise_known_obstacle(client: HugeGraphClient, *, again: bool) -> None:
    """Raise ListInterrupted where it is known of single tasks that the list would break over them."""
    bad, words = client.unreadable.certain_id, client.list_obstacle
    if bad is not None and not again:
        # The list would break over it, after having cost the server several failures.
        raise ListInterrupted(BackendError(f"The server can't read task {bad}."), lately=True)
    if words:
        raise ListInterrupted(BackendError(words), lately=True, stops=True)


async def read_first_tasks(client: HugeGraphClient, most: int) -> tuple[FetchedTasks, bool]:
    """The first `most` tasks of the list; whether these are all, as far as it could be read.

    Where the server may stop answering when it lists them nothing is asked for, and no scan called for.
    """
    if client.list_obstacle:
        return FetchedTasks({}), True
    found, token, kept = FetchedTasks({}), "", client.batch.save_state()
    for _ in range(_FIRST_PAGES):
        size = max(_SMALLEST_PAGE, min(most - len(found.tasks), client.batch.size))
        try:
            page, _ = await _read_page(client, token, None, size)
        except ListInterrupted:
            # It is one record, and never was their number.
            client.batch.restore_state(kept)
            return found, False
        found = join_fetched([found, await tasks_in_page(page)])
        if page.page is None:
            return found, True
        if len(found.tasks) >= most:
            break
        token = page.page
    return found, False


async def _read_pages(
    client: HugeGraphClient, status: str | None, size: int, kept_at_most: ListLimit
) -> AsyncGenerator[TaskBlock, None]:
    token, tokens, kept, limit, stale = "", set[str](), None, size, StalePages()
    while True:
        # Only unfinished statuses are listed, and what has not ended has no result.
        asked = limit if status else max(_SMALLEST_PAGE, min(size, client.batch.size))
        before = kept or client.batch.save_state()
        try:
            page, limit = await _read_page(client, token, status, asked)
        except ListInterrupted:
            # It is one record, and never was their number.
            client.batch.restore_state(before)
            raise
        kept = before if limit < asked else kept
        stale.begin_page()
        async for block in read_blocks(page.tasks):
            yield block
            stale.note_tasks(block.tasks, kept_at_most.count_tasks(block.tasks))
        if page.page is None:
            return
        kept_at_most.count_tasks((), more=len(page.page))
        why = kept_at_most.limit_note or stale.limit_note
        if why:
            raise ListTooLong(BackendError(why))
        if page.page in tokens:
            raise BadAnswer(f"{client.where} keeps sending the same page.")
        tokens.add(page.page)
        token = page.page


async def _read_page(
    client: HugeGraphClient, token: str, status: str | None, limit: int
) -> tuple[TaskPage, int]:
    """One page of at most `limit` tasks, and how many the server could give."""
    while True:
        try:
            return await client.read_page(token, limit, status), limit
        except BackendError as error:
            if status is None and limit > _SMALLEST_PAGE:
                # Before the check, which may fail because the server still works on the page.
                client.batch.note_failure(limit // 2)
            await _check_server(client, error, status)
            if limit <= _SMALLEST_PAGE or not client.can_page:
                raise ListInterrupted(error) from error
            limit = max(_SMALLEST_PAGE, limit // 4)
            if status is None and isinstance(error, TaskStoreError) and error.is_out_of_memory:
                limit = min(limit, FIRST_BATCH)
                client.batch.ask_few()


async def _check_server(client: HugeGraphClient, error: BackendError, status: str | None) -> None:
    """Raise an error that is not the page's; where the server stopped answering over a list, remember it."""
    try:
        await check_alive(client, error)
    except BackendError:
        if status is None and client.responsiveness.is_stuck:
            before = client.broken_lists.get(None)
            previous = before.pause if before is not None and before.stops_server else None
            pause = next_pause(previous, FIRST_RETRY_AFTER_STOP, LONGEST_RETRY_AFTER)
            client.broken_lists[None] = BrokenList(error, time.monotonic() + pause, pause, stops_server=True)
        raise
