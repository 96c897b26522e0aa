"""Reads the list of a graph page by page: as many tasks at once as the server can read."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from backend_adapters.errors import BackendError, BadAnswer
from backend_adapters.hugegraph.batch_size import FIRST, MOST
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.errors import NotRead
from backend_adapters.hugegraph.fetched_tasks import Found, found_in, joined
from backend_adapters.hugegraph.pages import Block, Envelope, blocks
from backend_adapters.hugegraph.unreadable_records import AGAIN_FIRST, AGAIN_MOST, STOPS_AGAIN, BrokenList
from backend_adapters.list_limit import ListLimit, StalePages

_BROKEN_MOST = 300.0
"""Seconds after which a list that broke is tried again at the latest."""

_SMALLEST = 2
"""Pages of one lose tasks on a cluster (facts: HugeGraph, section 18 #3)."""


_FIRST_PAGES = 20
"""Pages within which the first tasks are to come: on a cluster some are short, or empty."""


class ListBroke(Exception):
    """The server fails over one of the next records of a list; `error` is what it said."""

    def __init__(self, error: BackendError, *, lately: bool = False, stops: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.lately = lately
        """It was so lately, and has not been tried again."""
        self.stops = stops
        """The server stopped answering about all its tasks over it."""


class ListTooLong(ListBroke):
    """The list goes on, but more of it is not to be kept; `error` says so."""


async def read_list(
    link: Link,
    status: str | None = None,
    *,
    size: int = MOST,
    again: bool = True,
    limit: ListLimit | None = None,
) -> AsyncGenerator[Block, None]:
    """The list, or one status of it, following the page tokens to null: a page may be short or empty.

    A page has at most `size` tasks, and of the whole list no more than the server can bear. Lists that are
    kept together share a `limit`.

    Raises ListTooLong beyond that limit, and ListBroke where the server can't read the next tasks, however
    few of them. Without `again` one that broke lately breaks at once.
    """
    before = link.broken.get(status)
    if before is not None and (before.stops or not again) and time.monotonic() < before.until:
        raise ListBroke(before.error, lately=True, stops=before.stops)
    if status is None:
        _raise_known_trouble(link, again=again)
        # The newest tasks were light, perhaps: the oldest, with which the list begins, need not be.
        link.batch.begin_anew()
    try:
        async for block in _pages(link, status, size, limit or ListLimit()):
            link.ask_again(int(task.id) for task in block.tasks)
            yield block
    except ListTooLong:
        raise
    except ListBroke as broke:
        pause = min(2 * before.pause, _BROKEN_MOST) if before is not None else AGAIN_FIRST
        link.broken[status] = BrokenList(broke.error, time.monotonic() + pause, pause)
        raise
    link.broken.pop(status, None)


def _raise_known_trouble(link: Link, *, again: bool) -> None:
    """Raise ListBroke where it is known of single tasks that the list would break over them."""
    bad, words = link.unreadable.certain, link.list_trouble
    if bad is not None and not again:
        # The list would break over it, after having cost the server several failures.
        raise ListBroke(BackendError(f"The server can't read task {bad}."), lately=True)
    if words:
        raise ListBroke(BackendError(words), lately=True, stops=True)


async def first_tasks(link: Link, most: int) -> tuple[Found, bool]:
    """The first `most` tasks of the list; whether these are all, as far as it could be read.

    Where the server may stop answering when it lists them nothing is asked for, and no scan called for.
    """
    if link.list_trouble:
        return Found({}), True
    found, token, kept = Found({}), "", link.batch.kept()
    for _ in range(_FIRST_PAGES):
        size = max(_SMALLEST, min(most - len(found.tasks), link.batch.size))
        try:
            page, _ = await _page(link, token, None, size)
        except ListBroke:
            # It is one record, and never was their number.
            link.batch.back_to(kept)
            return found, False
        found = joined([found, await found_in(page)])
        if page.page is None:
            return found, True
        if len(found.tasks) >= most:
            break
        token = page.page
    return found, False


async def _pages(
    link: Link, status: str | None, size: int, kept_at_most: ListLimit
) -> AsyncGenerator[Block, None]:
    token, tokens, kept, limit, stale = "", set[str](), None, size, StalePages()
    while True:
        # Only unfinished statuses are listed, and what has not ended has no result.
        asked = limit if status else max(_SMALLEST, min(size, link.batch.size))
        before = kept or link.batch.kept()
        try:
            page, limit = await _page(link, token, status, asked)
        except ListBroke:
            # It is one record, and never was their number.
            link.batch.back_to(before)
            raise
        kept = before if limit < asked else kept
        stale.begin_page()
        async for block in blocks(page.tasks):
            yield block
            stale.note(block.tasks, kept_at_most.take(block.tasks))
        if page.page is None:
            return
        kept_at_most.take((), more=len(page.page))
        why = kept_at_most.reached or stale.reached
        if why:
            raise ListTooLong(BackendError(why))
        if page.page in tokens:
            raise BadAnswer(f"{link.where} sends the same page again and again.")
        tokens.add(page.page)
        token = page.page


async def _page(link: Link, token: str, status: str | None, limit: int) -> tuple[Envelope, int]:
    """One page of at most `limit` tasks, and how many the server could give."""
    while True:
        try:
            return await link.list_page(token, limit, status), limit
        except BackendError as error:
            if status is None and limit > _SMALLEST:
                # Before the check, which may fail because the server still works on the page.
                link.batch.failed(limit // 2)
            await _check_alive(link, error, status)
            if limit <= _SMALLEST or not link.pages:
                raise ListBroke(error) from error
            limit = max(_SMALLEST, limit // 4)
            if status is None and isinstance(error, NotRead) and error.memory:
                limit = min(limit, FIRST)
                link.batch.ask_few()


async def _check_alive(link: Link, error: BackendError, status: str | None) -> None:
    """Raise an error that is not the page's; where the server stopped answering over a list, remember it."""
    try:
        await link.check_alive(error)
    except BackendError:
        if status is None and link.answering.stuck:
            before = link.broken.get(None)
            pause = min(2 * before.pause, AGAIN_MOST) if before is not None and before.stops else STOPS_AGAIN
            link.broken[None] = BrokenList(error, time.monotonic() + pause, pause, stops=True)
        raise
