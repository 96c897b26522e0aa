"""What `connect` finds out of a server and a graph, for every adapter that speaks to a HugeGraph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from backend_adapters.concurrency import end_tasks
from backend_adapters.hugegraph import actions, discovery
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.discovery import GraphCheck, ServerVersion
from backend_adapters.hugegraph.first_tasks import FEW_STATUSES, FirstTasks
from backend_adapters.hugegraph.numbering import COUNTING_STORES
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.hugegraph.statuses import unfinished_statuses
from backend_adapters.model import Capabilities, Task
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.client import Transport
from backend_adapters.transport.request_slots import FEWEST
from backend_adapters.transport.target import Target

PROMPT = 1.0
"""Seconds within which a server answers that is well enough to be asked for all statuses at once."""


class Connection:
    """What `connect` found out, and what the first snapshot begins with until that takes it."""

    def __init__(
        self, server: ServerVersion, client: HugeGraphClient, finder: ChangeFinder, statuses: tuple[str, ...]
    ) -> None:
        """`statuses`: those that are no end, as this version knows them."""
        self.server, self.client, self.finder, self.statuses = server, client, finder, statuses
        self.first: FirstTasks | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What can be done with the tasks here."""
        return actions.capabilities_of_version(
            self.server.numbers, self.server.has_graphspaces, self.server.name
        )

    @property
    def first_tasks(self) -> FirstTasks:
        """What the first snapshot begins with."""
        self.first = self.first or self.make_first_tasks(FEW_STATUSES)
        return self.first

    def take_first_tasks(self) -> FirstTasks:
        """What a snapshot begins with, which was perhaps asked for with the connection."""
        first, self.first = self.first_tasks, None
        return first

    def make_first_tasks(self, at_once: int, remembered: RememberedPlace | None = None) -> FirstTasks:
        """What a snapshot begins with, where nothing was asked for yet; `at_once` statuses side by side."""
        place = remembered or RememberedPlace()
        return FirstTasks(
            self.client,
            self.statuses,
            find_numbering=self.finder.find_numbering,
            counts_up=place.store in COUNTING_STORES if place.store else self.finder.ids_count_up,
            at_once=at_once,
            remembered=place.highest if place.store in COUNTING_STORES else 0,
        )

    @property
    def place(self) -> RememberedPlace:
        """What to remember of it."""
        slots, paths = self.client.transport.slots, self.client.paths
        soon = (self.client.transport.latency or PROMPT) < PROMPT
        return RememberedPlace(
            version=self.server.version or "",
            graph=paths.graph,
            graphspace=paths.graphspace or "",
            store=self.finder.store,
            highest=self.finder.highest if self.finder.ids_count_up else 0,
            is_prompt=soon and not self.client.responsiveness.is_silent,
            takes_few=slots.were_refused,
        )


async def open_connection(
    transport: Transport,
    target: Target,
    wanted: Callable[[Task], bool] | None = None,
    *,
    before: Connection | None = None,
    place: RememberedPlace | None = None,
    then_snapshot: bool = False,
) -> Connection:
    """Find version, style of paths and graph, and check the login; `wanted`: see ChangeFinder.

    What the connection `before` knew of the same graph's tasks is kept. Where a snapshot follows and the
    `place` is remembered, its first tasks are asked for at the same time.
    """
    if then_snapshot and place is not None:
        return await _open_remembered(transport, target, wanted, place)
    known = await discovery.read_version(transport)
    checked: list[Connection] = []

    async def read_unfinished(paths: Paths) -> None:
        """Ask a graph that is not listed for what is wanted of it anyway."""
        checked.append(_make_connection(HugeGraphClient(transport, paths), known, wanted, before))
        await checked[0].first_tasks.read_unfinished()

    try:
        paths = await discovery.find_paths(
            transport, target, known, read_unfinished if then_snapshot else None
        )
    except BaseException:
        for connection in checked:
            await connection.first_tasks.stop()
        raise
    return (
        checked[0] if checked else _make_connection(HugeGraphClient(transport, paths), known, wanted, before)
    )


async def _open_remembered(
    transport: Transport, target: Target, wanted: Callable[[Task], bool] | None, place: RememberedPlace
) -> Connection:
    """The same for a remembered place: it is checked while its first tasks are read already."""
    expected = discovery.expect_version(place.version)
    paths = Paths(place.graph, place.graphspace or None)
    connection = _make_connection(HugeGraphClient(transport, paths), expected, wanted)
    at_once = len(connection.statuses) if place.is_prompt else FEW_STATUSES
    if place.takes_few:
        transport.slots.were_refused, at_once = True, FEWEST
    connection.first = first = connection.make_first_tasks(at_once, place)

    async def check_graph(graph: Paths) -> None:
        await (first.read_unfinished() if graph == paths else discovery.ask_for_nothing(transport, graph))

    # A password that is wrong by now must not be refused a dozen times at once: that could lock its user out.
    if target.credentials.kind != "password":
        first.begin()
    try:
        known, found = await _check_place(transport, target, expected, check_graph)
    except BaseException:
        await first.stop()
        raise
    if found == paths and unfinished_statuses(known.numbers) == connection.statuses:
        connection.server = known
        return connection
    await first.stop()
    return _make_connection(HugeGraphClient(transport, found), known, wanted)


async def _check_place(
    transport: Transport, target: Target, expected: ServerVersion, check_graph: GraphCheck
) -> tuple[ServerVersion, Paths]:
    """The version and the paths as they are now; both are asked for at the same time."""
    version = asyncio.create_task(discovery.read_version(transport))
    paths = asyncio.create_task(discovery.find_paths(transport, target, expected, check_graph))
    try:
        await asyncio.wait((version, paths))
        known = version.result()
        if known.has_graphspaces == expected.has_graphspaces or target.paths != "auto":
            return known, paths.result()
        # It has become another version: whatever came of the old paths says nothing.
        return known, await discovery.find_paths(transport, target, known)
    finally:
        await end_tasks(version, paths)


def _make_connection(
    client: HugeGraphClient,
    known: ServerVersion,
    wanted: Callable[[Task], bool] | None,
    before: Connection | None = None,
) -> Connection:
    """A connection whose first snapshot asks a server that is well for all statuses at once."""
    if before is not None and before.client.paths == client.paths:
        client.adopt_knowledge(before.client)
    statuses = unfinished_statuses(known.numbers)
    finder = ChangeFinder(client, statuses, wanted)
    connection = Connection(known, client, finder, statuses)
    is_well = before is None and (client.transport.latency or 0.0) < PROMPT
    connection.first = connection.make_first_tasks(len(statuses) if is_well else FEW_STATUSES)
    return connection
