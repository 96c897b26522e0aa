"""The computer jobs of one graph as a source of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing

from msgspec.structs import replace

from backend_adapters.backend import (
    Answer,
    Batch,
    Changes,
    KnownTasks,
    LookResult,
    Progress,
)
from backend_adapters.concurrency import end_tasks
from backend_adapters.errors import NoSuchTask
from backend_adapters.hugegraph import actions, details, discovery
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.computer import algorithms, create, job_list, probe
from backend_adapters.hugegraph.computer.job_types import is_computer_job, select_computer_jobs
from backend_adapters.hugegraph.computer.probe import DIALECT, ComputerForm, Support
from backend_adapters.hugegraph.computer.supersteps import add_superstep_total
from backend_adapters.hugegraph.connection import Connection
from backend_adapters.hugegraph.first_tasks import FirstTasks
from backend_adapters.hugegraph.graph_source import HugeGraphSource
from backend_adapters.hugegraph.id_ranges import parse_id_numbers
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    Recipe,
    ServerInfo,
    Sibling,
    TaskDetail,
    TaskId,
)
from backend_adapters.transport.target import Target

_NO_SCRIPTS = "Computer jobs run algorithms. Submit scripts from the graph's tasks."
_OLDER = "This server has the older computer jobs, which accept only the number of workers."


class ComputerBackend(HugeGraphSource):
    """The computer jobs of one graph; `backend_adapters.backend.Backend` says what the methods promise."""

    dialect = DIALECT

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._form = ComputerForm.B

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Find server and graph as for tasks, and the form of its computer jobs; Unsupported without any."""
        early = self._begin_probe() if then_snapshot else None
        try:
            connection = await self._open_connection(is_computer_job, then_snapshot=then_snapshot)
            first = connection.first_tasks
            if then_snapshot:
                first.begin()
            try:
                ability, form = await self._probe(connection, early)
                if not ability:
                    raise probe.no_computer_jobs_error(ability.reason, connection.client.where)
            except BaseException:
                await first.stop()
                raise
        finally:
            await end_tasks(*([early[1]] if early is not None else []))
        self._connection, self._form = connection, form
        return ServerInfo(
            product=discovery.HUGEGRAPH,
            version=connection.server.version,
            capabilities=self.abilities(),
            note=_OLDER if form is ComputerForm.A else "",
        )

    def _begin_probe(self) -> tuple[Paths, asyncio.Task[Support]] | None:
        """Ask for one job of the graph that is remembered, if one is that may be asked at once."""
        place = self._remembered
        if place is None or self._target.credentials.kind == "password":
            return None
        paths = Paths(place.graph, place.graphspace or None)
        return paths, asyncio.create_task(probe.probe_support(HugeGraphClient(self.transport, paths)))

    async def _probe(
        self, connection: Connection, early: tuple[Paths, asyncio.Task[Support]] | None
    ) -> Support:
        """Whether there are computer jobs, and their form."""
        if early is not None and early[0] == connection.client.paths:
            return await early[1]
        return await probe.probe_support(connection.client)

    def abilities(self) -> Capabilities:
        """What can be done with computer jobs; delete with force goes by the ordinary task."""
        unknown = actions.capabilities_of_version(None, False, discovery.HUGEGRAPH)
        tasks = self._connection.capabilities if self._connection else unknown
        return replace(tasks, submit=Ability(False, _NO_SCRIPTS), create=Ability(True), noun="computer jobs")

    async def snapshot(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:
        """All computer jobs; see `Backend.snapshot`."""
        connection = await self._connected()
        first = connection.take_first_tasks()
        try:
            for read in (first.read_unfinished, first.read_top) if in_parts else ():
                if part := select_computer_jobs(await read()):
                    yield Batch(part, is_part=True)
            batches = await self._read_own_list(connection, first if in_parts else None)
            if batches is None:
                scan = Scan(connection.client, first)
                async with aclosing(
                    job_list.read_among_tasks(scan, connection.finder, in_parts=in_parts)
                ) as among_tasks:
                    async for batch in among_tasks:
                        yield batch
        finally:
            # Not before: what it has begun is where reading among all tasks begins.
            await first.stop()
        for batch in batches or ():
            yield batch

    async def _read_own_list(self, connection: Connection, first: FirstTasks | None) -> list[Batch] | None:
        """All jobs by their own list; None where they are to be read among all tasks."""
        await connection.finder.find_numbering()
        # Its own list does not tell where the other ids are, which a cluster gives out in blocks.
        if self._form is not ComputerForm.B or not connection.finder.ids_count_up:
            return None
        try:
            return await job_list.read_own_list(connection.client, connection.finder, first)
        except job_list.OtherForm:
            self._form = ComputerForm.A
            return None

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed: when all is quiet one request, on a cluster five; see `Backend.changes`."""
        return await job_list.find_job_changes((await self._connected()).finder, known)

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        """Read these jobs by their ids, as the tasks that they are."""
        return await job_list.read_jobs((await self._connected()).client, ids, urgent=urgent)

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """One job with its input, which holds a token, and its result, which is a bare word."""
        client = (await self._connected()).client
        found = await details.read_detail(client, task_id, cap, progress, result=result)
        if not is_computer_job(found.task):
            raise NoSuchTask(
                f"{client.where} has a task {task_id}, but it is not a computer job.",
                hint="The server has a task with this id, but it is not a computer job.",
            )
        return add_superstep_total(found)

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask for a cancel or delete, once; 202 is also what the server says of a job that has ended."""
        client = (await self._connected()).client
        client.ask_harmless_normally(parse_id_numbers([task_id]))
        if action is Action.FORCE_DELETE:
            return await actions.send_action(client, self.abilities(), action, task_id)
        path = client.paths.computer_job(actions.require_number(task_id))
        # A cancel consumes JSON, and reads nothing of it.
        cancels = action is Action.CANCEL
        reply = await client.transport.send(
            "PUT" if cancels else "DELETE", path, json={} if cancels else None, cap=actions.ANSWER_CAP
        )
        return actions.read_answer(reply, client.where)

    async def siblings(self) -> tuple[Sibling, ...]:
        """The way back to the graph's tasks, without a request."""
        return (Sibling(dialect="hugegraph", title="tasks", ability=Ability(True)),)

    def recipes(self) -> tuple[Recipe, ...]:
        """The algorithms; their parameters depend on server and graphspace, so ask after `connect`."""
        return algorithms.list_recipes(self._form, self.source.graphspace)

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        """Create a job of an algorithm; see `Backend.create`."""
        connection = await self._connected()
        task_id, self._form = await create.create_job(connection.client, self._form, recipe, values)
        return task_id
