"""The computer jobs of one graph as a source of tasks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing

from msgspec.structs import replace

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
from backend_adapters.errors import NoSuchTask
from backend_adapters.hugegraph import actions, details, discovery
from backend_adapters.hugegraph import text_stream as streams
from backend_adapters.hugegraph.computer import algorithms, probe
from backend_adapters.hugegraph.computer import create as creation
from backend_adapters.hugegraph.computer import job_list as listing
from backend_adapters.hugegraph.computer.job_types import is_computer
from backend_adapters.hugegraph.computer.probe import DIALECT, Form
from backend_adapters.hugegraph.connection import Session, open_session, source_of
from backend_adapters.hugegraph.id_ranges import numbers_of
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    Recipe,
    Scope,
    ServerInfo,
    Sibling,
    Source,
    TaskDetail,
    TaskId,
)
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target

_NO_SCRIPTS = "Computer jobs run algorithms; a script is submitted from the graph's tasks."
_OLDER = "This server has the older computer jobs, which are only told the number of workers."


class ComputerBackend(BackendBase):
    """The computer jobs of one graph; `backend_adapters.backend.Backend` says what the methods promise."""

    transport: Transport

    def __init__(self, target: Target) -> None:
        self.transport = Transport(target)
        self._target = target
        self._session: Session | None = None
        self._form = Form.B

    @property
    def source(self) -> Source:
        """Where the jobs come from; the graph is the wanted one until `connect` found the real one."""
        return source_of(self._target, DIALECT, self._session)

    @property
    def busy(self) -> bool:
        """Whether the server works on something heavy; see `Backend.busy`."""
        return self._session is not None and self._session.link.busy

    async def connect(self) -> ServerInfo:
        """Find server and graph as for tasks, and the form of its computer jobs; Unsupported without any."""
        session = await open_session(self.transport, self._target, is_computer, before=self._session)
        found = await probe.probe(session.link)
        if not found.ability:
            raise probe.unsupported(found.ability.reason, session.link.where)
        self._session, self._form = session, found.form
        return ServerInfo(
            product=discovery.PRODUCT,
            version=session.about.version,
            capabilities=self.abilities(),
            note=_OLDER if found.form is Form.A else "",
        )

    def abilities(self) -> Capabilities:
        """What can be done with computer jobs; delete with force goes by the ordinary task."""
        unknown = actions.abilities(None, False, discovery.PRODUCT)
        tasks = self._session.abilities if self._session else unknown
        return replace(tasks, submit=Ability(False, _NO_SCRIPTS), create=Ability(True), noun="computer jobs")

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs of all graphspaces; a server has computer jobs for all of them, or for none."""
        known = self._session.about if self._session else await discovery.about(self.transport)
        spaces = discovery.with_graphspaces(self._target, known)
        return await discovery.scopes(self.transport, spaces)

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All computer jobs; see `Backend.snapshot`."""
        session = await self._ready()
        await session.finder.prepare()
        # Its own list does not tell where the other ids are, which a cluster gives out in blocks.
        if self._form is Form.B and session.finder.counts_up:
            try:
                batches = await listing.own_list(session.link, session.finder)
            except listing.OtherForm:
                batches, self._form = None, Form.A
            if batches is not None:
                for batch in batches:
                    yield batch
                return
        async for batch in listing.among_all(session.link, session.finder, session.statuses):
            yield batch

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed: when all is quiet one request, on a cluster five; see `Backend.changes`."""
        return await listing.changes((await self._ready()).finder, known)

    async def look(self, ids: Collection[TaskId], *, wished: bool = True) -> LookResult:
        """Read these jobs by their ids, as the tasks that they are."""
        return await listing.look((await self._ready()).link, ids, wished=wished)

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """One job with its input, which holds a token, and its result, which is a bare word."""
        link = (await self._ready()).link
        found = await details.detail(link, task_id, cap, progress, result=result)
        if not is_computer(found.task):
            raise NoSuchTask(f"{link.where} has a task {task_id}, but it is no computer job.")
        return found

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """A text of one job, whole, piece by piece; see `Backend.stream`."""
        async with aclosing(streams.stream((await self._ready()).link, task_id, part)) as pieces:
            async for piece in pieces:
                yield piece

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask for a cancel or delete, once; 202 is also what the server says of a job that has ended."""
        link = (await self._ready()).link
        link.ask_harmless_again(numbers_of([task_id]))
        if action is Action.FORCE_DELETE:
            return await actions.act(link, self.abilities(), action, task_id)
        path = link.paths.computer_job(actions.known_number(task_id))
        if action is Action.CANCEL:
            # It consumes JSON, and reads nothing of it.
            reply = await link.transport.send("PUT", path, json={}, cap=actions.CAP)
        else:
            reply = await link.transport.send("DELETE", path, cap=actions.CAP)
        return actions.answer_of(reply, link.where)

    async def siblings(self) -> tuple[Sibling, ...]:
        """The way back to the graph's tasks, without a request."""
        return (Sibling(dialect="hugegraph", title="tasks", ability=Ability(True)),)

    def recipes(self) -> tuple[Recipe, ...]:
        """The algorithms; their parameters depend on server and graphspace, so ask after `connect`."""
        return algorithms.recipes(self._form, self.source.graphspace)

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        """Create a job of an algorithm; see `Backend.create`."""
        session = await self._ready()
        created = await creation.create(session.link, self._form, recipe, values)
        self._form = created.form
        return created.task_id

    async def _ready(self) -> Session:
        """What is known of the server; connects where nobody has yet."""
        if self._session is None:
            await self.connect()
        assert self._session is not None
        return self._session
