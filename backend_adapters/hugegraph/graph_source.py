"""What the tasks and the computer jobs of one graph have in common as sources of tasks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from msgspec.structs import replace

from backend_adapters.backend import BackendBase, TaskRequest, TextPart
from backend_adapters.errors import BadValue
from backend_adapters.hugegraph import discovery
from backend_adapters.hugegraph.connection import Connection, open_connection
from backend_adapters.hugegraph.id_ranges import TOO_HIGH, parse_id_number
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.model import Scope, ServerInfo, Source, Task, TaskId
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target


class HugeGraphSource(BackendBase):
    """A source on one graph of one server, to which it connects when it is first needed."""

    transport: Transport
    dialect = "hugegraph"

    def __init__(self, target: Target) -> None:
        self.transport = Transport(target)
        self._target = target
        self._remembered = _choose_usable(target)
        """What is remembered of the place, until it was used."""
        self._connection: Connection | None = None

    @property
    def source(self) -> Source:
        """Where the tasks come from; the graph is the wanted one until `connect` found the real one."""
        paths = self._connection.client.paths if self._connection else None
        return Source(
            profile=self._target.profile,
            url=self._target.url,
            dialect=self.dialect,
            graph=paths.graph if paths else self._target.graph or "",
            graphspace=paths.graphspace if paths else self._target.graphspace,
        )

    @property
    def is_busy(self) -> bool:
        """Whether the server works on something heavy; see `Backend.is_busy`."""
        return self._connection is not None and self._connection.client.is_busy

    def task_request(self, task_id: TaskId) -> TaskRequest | None:
        """The request for the task, with its texts; see `Backend.task_request`."""
        number = parse_id_number(task_id)
        if self._connection is None or number is None:
            return None
        return TaskRequest(f"{self._target.url}/{self._connection.client.paths.task(number)}")

    @property
    def place(self) -> RememberedPlace | None:
        """What to remember of the server and the graph; see `Backend.place`."""
        return self._connection.place if self._connection is not None else None

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Find version, style of paths and graph, and check the login; see `Backend.connect`."""
        raise NotImplementedError

    async def _open_connection(
        self, wanted: Callable[[Task], bool] | None = None, *, then_snapshot: bool
    ) -> Connection:
        """Connect; what is remembered is used once, and only where its first tasks are wanted."""
        place, self._remembered = self._remembered, None
        await self._stop_first_tasks()
        return await open_connection(
            self.transport,
            self._target,
            wanted,
            before=self._connection,
            place=place,
            then_snapshot=then_snapshot,
        )

    async def _stop_first_tasks(self) -> None:
        """End what was asked for with the connection, and is wanted no more."""
        if self._connection is not None and self._connection.first is not None:
            await self._connection.first.stop()

    async def aclose(self) -> None:
        """Close the connections, soon."""
        await self._stop_first_tasks()
        await super().aclose()

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs of all graphspaces, whichever graph this source looks at."""
        # Without `connect`: a person who asked for an unknown graph is to see which there are.
        known = self._connection.server if self._connection else await discovery.read_version(self.transport)
        return await discovery.list_scopes(self.transport, discovery.uses_graphspaces(self._target, known))

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """A text of one task, whole, piece by piece; see `Backend.stream`."""
        # Imported here: the first rows do not wait for it.
        from backend_adapters.hugegraph import text_stream

        async with aclosing(
            text_stream.stream_text((await self._connected()).client, task_id, part)
        ) as pieces:
            async for piece in pieces:
                yield piece

    async def _connected(self) -> Connection:
        """What is known of the server; connects where nobody has yet."""
        if self._connection is None:
            await self.connect()
        assert self._connection is not None
        return self._connection


def _choose_usable(target: Target) -> RememberedPlace | None:
    """What is remembered of a target, where it can be true; whatever was written can come back."""
    place = target.remembered
    if place is None or not (place.version and place.graph) or target.graph not in (None, place.graph):
        return None
    try:
        Paths(place.graph, place.graphspace or None)
    except BadValue:
        return None
    return place if 0 <= place.highest < TOO_HIGH else replace(place, highest=0)
