"""Reads the list of a graph first where it may be short: one of very many graphs then takes few requests.

What is unfinished and what is newest takes a dozen requests, however few tasks there are, and the list comes
after that. Of a graph alone they are worth it: its first rows are soon there, however long the list is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from backend_adapters.hugegraph.batch_size import SLOW_ANSWER
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.first_tasks import FirstTasks
from backend_adapters.hugegraph.listing import ListInterrupted, read_list
from backend_adapters.hugegraph.pages import TaskBlock
from backend_adapters.transport.request_context import read_request_clock

MANY_PLACES = 20
"""With so many places of one server each begins with its list."""

SHORT_LIST = 600
"""Tasks of a list that is read to its end at once: four pages if they are light."""


def may_be_short(client: HugeGraphClient, first: FirstTasks) -> bool:
    """Whether to begin with the list: nothing else was begun, and it is not known to be long."""
    is_one_of_many = client.transport.slots.place_count >= MANY_PLACES
    return is_one_of_many and not first.is_begun and not client.has_long_list


class BegunList:
    """A list of which the beginning is read, and then perhaps the rest; to be closed in the end."""

    def __init__(self, client: HugeGraphClient, first: FirstTasks) -> None:
        self._client = client
        self._blocks = read_list(client, again=False, limit=first.limit)
        self.blocks: list[TaskBlock] = []
        """What was read of it."""
        self.is_whole = False
        """It was read to its end."""
        self.was_interrupted = False
        """The server failed over it: it is to be read in another way."""

    async def read_beginning(self) -> None:
        """Read until it ends, is long, or takes long. Raises BackendError."""
        began, count = read_request_clock(), 0
        try:
            while count < SHORT_LIST and read_request_clock() - began < SLOW_ANSWER:
                block = await anext(self._blocks)
                self.blocks.append(block)
                count += len(block.tasks)
        except StopAsyncIteration:
            self.is_whole = True
        except ListInterrupted:
            self.was_interrupted = True
        self._client.has_long_list = not self.is_whole

    async def read_all(self) -> AsyncIterator[TaskBlock]:
        """The whole list: what was read of it, then the rest. Raises ListInterrupted and BackendError."""
        for block in self.blocks:
            yield block
        async for block in self._blocks:
            yield block

    async def aclose(self) -> None:
        """Read no more of it."""
        await self._blocks.aclose()
