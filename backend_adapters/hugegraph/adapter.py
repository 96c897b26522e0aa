"""HugeGraph as a source of tasks: Apache 0.11 to 1.7 and later, and Baidu's fork."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing

from backend_adapters.backend import (
    Answer,
    BackendBase,
    Batch,
    Changes,
    KnownTasks,
    LookResult,
    Progress,
    TextPart,
)
from backend_adapters.hugegraph import actions, details, discovery
from backend_adapters.hugegraph import text_stream as streams
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.connection import Session, open_session, source_of
from backend_adapters.hugegraph.id_ranges import number_of, numbers_of
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    Scope,
    ServerInfo,
    Sibling,
    Source,
    TaskDetail,
    TaskId,
)
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target


class HugeGraphBackend(BackendBase):
    """One graph of one HugeGraph server; `backend_adapters.backend.Backend` says what the methods promise."""

    transport: Transport

    def __init__(self, target: Target) -> None:
        self.transport = Transport(target)
        self._target = target
        self._session: Session | None = None

    @property
    def source(self) -> Source:
        """Where the tasks come from; the graph is the wanted one until `connect` found the real one."""
        return source_of(self._target, "hugegraph", self._session)

    @property
    def paging(self) -> Ability:
        """Whether the list comes in pages; the memory backend's does not, which only reading it shows."""
        if self._session is None or self._session.link.pages:
            return Ability(True)
        return Ability(False, "This graph's backend can't page: all tasks come in one long answer.")

    @property
    def busy(self) -> bool:
        """Whether the server works on something heavy; see `Backend.busy`."""
        return self._session is not None and self._session.link.busy

    async def connect(self) -> ServerInfo:
        """Find version, style of paths and graph, and check the login; see `Backend.connect`."""
        session = await open_session(self.transport, self._target, before=self._session)
        self._session = session
        return ServerInfo(
            product=discovery.PRODUCT, version=session.about.version, capabilities=self.abilities()
        )

    def abilities(self) -> Capabilities:
        """What the server can do; before `connect` what one of unknown version can."""
        if self._session is None:
            return actions.abilities(None, False, discovery.PRODUCT)
        return self._session.abilities

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs of all graphspaces, whichever graph this backend looks at."""
        # Not through `_ready`: a person who asked for an unknown graph is to see which there are.
        known = self._session.about if self._session else await discovery.about(self.transport)
        spaces = discovery.with_graphspaces(self._target, known)
        listed = await discovery.scopes(self.transport, spaces)
        if self._session is None or self._own_scope in listed:
            return listed
        # On a cluster 1.7 lists no graphs, though they can be asked (facts: HugeGraph, section 18 #9).
        return (self._own_scope, *listed)

    @property
    def _own_scope(self) -> Scope:
        return Scope(graph=self.source.graph, graphspace=self.source.graphspace)

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All tasks; see `Backend.snapshot`."""
        session = await self._ready()
        await session.finder.prepare()
        scan = Scan(session.link, session.statuses, counts_up=session.finder.counts_up)
        async for batch in scan.run():
            session.finder.meet(batch.tasks, scan.highest)
            yield batch
        session.finder.settle(scan.highest, scan.order if scan.whole else None)

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed: when all is quiet one request, on a cluster five; see `Backend.changes`."""
        return await (await self._ready()).finder.changes(known)

    async def look(self, ids: Collection[TaskId], *, wished: bool = True) -> LookResult:
        """Read these tasks; by ids the standard scheduler answers from memory, fresher than its list."""
        session = await self._ready()
        numbers = numbers_of(ids)
        found = await session.link.by_ids(numbers, wished=wished)
        impossible = frozenset(task_id for task_id in ids if number_of(task_id) is None)
        return LookResult(tuple(found.tasks.values()), found.missing(numbers) | impossible, found.note)

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """One task with input and result, at most `cap` bytes of it; see `Backend.detail`."""
        link = (await self._ready()).link
        return await details.detail(link, task_id, cap, progress, result=result)

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """A text of one task, whole, piece by piece; see `Backend.stream`."""
        async with aclosing(streams.stream((await self._ready()).link, task_id, part)) as pieces:
            async for piece in pieces:
                yield piece

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask for a cancel or delete, once; see `Backend.act`."""
        session = await self._ready()
        link, numbers = session.link, numbers_of([task_id])
        # Whatever comes of it is looked at anew; what the server stops answering over, only once it is gone.
        link.ask_harmless_again(numbers)
        answer = await actions.act(link, session.abilities, action, task_id)
        if answer.accepted and action.deletes:
            link.ask_again(numbers)
        return answer

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:
        """Start a gremlin job; returns the new task's id."""
        return await actions.submit((await self._ready()).link, script, bindings or {})

    async def siblings(self) -> tuple[Sibling, ...]:
        """The computer jobs, which only Baidu's fork has; costs one request."""
        return (await probe.sibling((await self._ready()).link),)

    async def _ready(self) -> Session:
        """What is known of the server; connects where nobody has yet."""
        if self._session is None:
            await self.connect()
        assert self._session is not None
        return self._session
