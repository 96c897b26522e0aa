"""What `connect` finds out of a server and a graph, for every adapter that speaks to a HugeGraph."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backend_adapters.hugegraph import actions, discovery
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.discovery import ServerVersion
from backend_adapters.hugegraph.statuses import unfinished_statuses
from backend_adapters.model import Capabilities, Task
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target


class Connection(Struct, frozen=True):
    """What `connect` found out."""

    server: ServerVersion
    capabilities: Capabilities
    client: HugeGraphClient
    finder: ChangeFinder
    statuses: tuple[str, ...]
    """The statuses that are no end, as this version knows them."""


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
