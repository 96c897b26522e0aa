"""HugeGraph as a source of tasks: Apache 0.11 to 1.7 and later, and Baidu's fork."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing

from backend_adapters.backend import (
    Answer,
    Batch,
    Changes,
    KnownTasks,
    LookResult,
    Progress,
)
from backend_adapters.hugegraph import actions, discovery
from backend_adapters.hugegraph.graph_source import HugeGraphSource
from backend_adapters.hugegraph.id_ranges import parse_id_number, parse_id_numbers
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    RunningCount,
    Scope,
    ServerInfo,
    Sibling,
    TaskDetail,
    TaskId,
)


class HugeGraphBackend(HugeGraphSource):
    """One graph of one HugeGraph server; `backend_adapters.backend.Backend` says what the methods promise."""

    @property
    def paging(self) -> Ability:
        """Whether the list comes in pages; the memory backend's does not, which only reading it shows."""
        if self._connection is None or self._connection.client.can_page:
            return Ability(True)
        return Ability(
            False, "This graph's backend doesn't support paging, so all tasks come in one long answer."
        )

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Find version, style of paths and graph, and check the login; see `Backend.connect`."""
        self._connection = connection = await self._open_connection(then_snapshot=then_snapshot)
        return ServerInfo(
            product=discovery.HUGEGRAPH, version=connection.server.version, capabilities=self.abilities()
        )

    def abilities(self) -> Capabilities:
        """What the server can do; before `connect` what one of unknown version can."""
        if self._connection is None:
            return actions.capabilities_of_version(None, False, discovery.HUGEGRAPH)
        return self._connection.capabilities

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs of all graphspaces, whichever graph this backend looks at."""
        listed = await super().scopes()
        own = Scope(graph=self.source.graph, graphspace=self.source.graphspace)
        if self._connection is None or own in listed:
            return listed
        # On a cluster 1.7 leaves graphs out that can be asked (PROTOCOL.md, section 5).
        is_there = await discovery.answers_to(self.transport, self._connection.client.paths)
        return (own, *listed) if is_there else listed

    async def count_running(self, scope: Scope) -> RunningCount | None:
        """The running tasks of a graph, up to a page of them: what runs has no result to load."""
        from backend_adapters.hugegraph.running_count import count_running_tasks

        return await count_running_tasks(self.transport, Paths(scope.graph, scope.graphspace))

    async def snapshot(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:
        """All tasks; see `Backend.snapshot`."""
        connection = await self._connected()
        scan = Scan(connection.client, connection.take_first_tasks())
        async with aclosing(scan.read_all(in_parts=in_parts)) as batches:
            async for batch in batches:
                connection.finder.note_tasks(batch.tasks, scan.highest)
                yield batch
        connection.finder.finish_snapshot(scan.highest, scan.order if scan.is_whole else None)

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed: when all is quiet one request, on a cluster five; see `Backend.changes`."""
        return await (await self._connected()).finder.changes(known)

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        """Read these tasks; by ids the standard scheduler answers from memory, fresher than its list."""
        connection = await self._connected()
        numbers = parse_id_numbers(ids)
        found = await read_tasks_by_id(connection.client, numbers, urgent=urgent)
        impossible = frozenset(task_id for task_id in ids if parse_id_number(task_id) is None)
        return LookResult(tuple(found.tasks.values()), found.missing_ids(numbers) | impossible, found.note)

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """One task with input and result, at most `cap` bytes of it; see `Backend.detail`."""
        client = (await self._connected()).client
        # Imported here, as what else a key asks for: the first rows do not wait for it.
        from backend_adapters.hugegraph import details

        return await details.read_detail(client, task_id, cap, progress, result=result)

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask for a cancel or delete, once; see `Backend.act`."""
        connection = await self._connected()
        client, numbers = connection.client, parse_id_numbers([task_id])
        # Whatever comes of it is looked at anew; what the server stops answering over, only once it is gone.
        client.ask_harmless_normally(numbers)
        answer = await actions.send_action(client, connection.capabilities, action, task_id)
        if answer.accepted and action.is_deletion:
            client.ask_normally(numbers)
        return answer

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:
        """Start a gremlin job; returns the new task's id."""
        return await actions.submit_gremlin((await self._connected()).client, script, bindings or {})

    async def siblings(self) -> tuple[Sibling, ...]:
        """The computer jobs, which only Baidu's fork has; costs one request."""
        from backend_adapters.hugegraph.computer import probe

        ability, _ = await probe.probe_support((await self._connected()).client)
        return (Sibling(dialect=probe.DIALECT, title="computer jobs", ability=ability),)
