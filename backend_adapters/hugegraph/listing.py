"""Reads the list of a graph page by page: as many tasks at once as the server can read."""

from __future__ import annotations

from collections.abc import AsyncIterator

from backend_adapters.errors import BackendError, BadAnswer
from backend_adapters.hugegraph.link import Link
from backend_adapters.hugegraph.pages import Block, Envelope, blocks
from backend_adapters.hugegraph.weight import MOST

_SMALLEST = 2
"""Pages of one lose tasks on a cluster (facts: HugeGraph, section 18 #3)."""


class ListBroke(Exception):
    """The server fails over one of the next records of a list; `error` is what it said."""

    def __init__(self, error: BackendError) -> None:
        super().__init__(str(error))
        self.error = error


async def listed(link: Link, status: str | None = None) -> AsyncIterator[Block]:
    """The list, or one status of it, following the page tokens to null: a page may be short or empty.

    Raises ListBroke where the server can't read the next tasks, however few of them.
    """
    token, tokens = "", set[str]()
    while True:
        page = await _page(link, token, status)
        async for block in blocks(page.tasks):
            yield block
        if page.page is None:
            return
        if page.page in tokens:
            raise BadAnswer(f"{link.where} sends the same page again and again.")
        tokens.add(page.page)
        token = page.page


async def _page(link: Link, token: str, status: str | None) -> Envelope:
    """One page. Only unfinished statuses are listed, and what has not ended has no result."""
    limit = MOST if status else max(_SMALLEST, link.batch.size)
    while True:
        try:
            return await link.list_page(token, limit, status)
        except BackendError as error:
            await link.check(error)
            if limit <= _SMALLEST or not link.pages:
                raise ListBroke(error) from error
            limit = max(_SMALLEST, limit // 4)
            if not status:
                link.batch.failed(limit * 2)
