"""What `connect` finds out of a server and a graph, for every adapter that speaks to a HugeGraph."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backend_adapters.hugegraph import actions, discovery
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.discovery import ServerVersion
from backend_adapters.hugegraph.first_tasks import FEW_STATUSES, FirstTasks
from backend_adapters.hugegraph.statuses import unfinished_statuses
from backend_adapters.model import Capabilities, Task
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target

PROMPT = 1.0
"""Seconds within which a server answers that is well enough to be asked for all statuses at once."""


class Connection(Struct):
    """What `connect` found out."""

    server: ServerVersion
    capabilities: Capabilities
    client: HugeGraphClient
    finder: ChangeFinder
    statuses: tuple[str, ...]
    """The statuses that are no end, as this version knows them."""
    was_read: bool = False
    """A snapshot was begun."""

    def make_first_tasks(self) -> FirstTasks:
        """What a snapshot begins with: the first one asks a server that is well for all statuses at once."""
        well = not self.was_read and (self.client.transport.latency or 0.0) < PROMPT
        self.was_read = True
        return FirstTasks(
            self.client,
            self.statuses,
            find_numbering=self.finder.find_numbering,
            counts_up=self.finder.ids_count_up,
            at_once=len(self.statuses) if well else FEW_STATUSES,
        )


async def open_connection(
    transport: Transport,
    target: Target,
    wanted: Callable[[Task], bool] | None = None,
    *,
    before: Connection | None = None,
) -> Connection:
    """Find version, style of paths and graph, and check the login; `wanted`: see ChangeFinder.

    What the connection `before` knew of the same graph's tasks is kept.
    """
    known = await discovery.read_version(transport)
    paths = await discovery.find_paths(transport, target, known)
    client = HugeGraphClient(transport, paths)
    if before is not None and before.client.paths == paths:
        client.adopt_knowledge(before.client)
    abilities = actions.capabilities_of_version(known.numbers, known.has_graphspaces, known.name)
    statuses = unfinished_statuses(known.numbers)
    return Connection(known, abilities, client, ChangeFinder(client, statuses, wanted), statuses)
