"""A backend whose tasks say of which place they are: where several places are watched together.

It knows as well what a person waits for, which goes before what others of these places ask for by themselves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING

from msgspec.structs import replace

from backend_adapters.backend import (
    Answer,
    Backend,
    Batch,
    Changes,
    KnownTasks,
    LookResult,
    Progress,
    TaskRequest,
    TextPart,
)
from backend_adapters.model import (
    NO_EXTRAS,
    Ability,
    Action,
    Place,
    Recipe,
    RunningCount,
    Scope,
    ServerInfo,
    Sibling,
    Source,
    Task,
    TaskDetail,
    TaskExtras,
    TaskId,
)
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.request_context import awaited_by_person

if TYPE_CHECKING:
    from tui.monitor.double_lists import TaskTest


class PlacedBackend(Backend):
    """Asks another backend, and writes the place into each task that it gives; ids stay as they are."""

    def __init__(
        self, backend: Backend, place: Place, find_double_test: Callable[[], TaskTest | None] = lambda: None
    ) -> None:
        """Tasks that pass the test are not given: another place that is watched has them as well."""
        self._backend = backend
        self._find_double_test = find_double_test
        self._place = place
        self._extras = replace(NO_EXTRAS, place=place)
        """Those of most tasks, which share them."""

    @property
    def source(self) -> Source:
        """Where the tasks come from."""
        return self._backend.source

    @property
    def is_busy(self) -> bool:
        """Whether the server works on something heavy."""
        return self._backend.is_busy

    @property
    def clock_ahead(self) -> float | None:
        """Seconds that the server's clock is ahead."""
        return self._backend.clock_ahead

    @property
    def request_count(self) -> int:
        """How many requests were sent so far."""
        return self._backend.request_count

    @property
    def paging(self) -> Ability | None:
        """Whether the list comes in pages."""
        return self._backend.paging

    @property
    def place(self) -> RememberedPlace | None:
        """What to remember of the place for the next start."""
        return self._backend.place

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Find out what the server is; from then on the place is known whole."""
        info = await self._backend.connect(then_snapshot=then_snapshot)
        source = self._backend.source
        self._place.graph, self._place.graphspace = source.graph, source.graphspace
        self._place.dialect, self._place.noun = source.dialect, info.capabilities.noun
        return info

    def task_request(self, task_id: TaskId) -> TaskRequest | None:
        """The request that reads this task."""
        return self._backend.task_request(task_id)

    async def scopes(self) -> tuple[Scope, ...]:
        """The graphs of the server."""
        with awaited_by_person():
            return await self._backend.scopes()

    async def count_running(self, scope: Scope) -> RunningCount | None:
        """Count the running tasks of another graph."""
        return await self._backend.count_running(scope)

    async def snapshot(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:
        """Give all tasks in batches, each with the place."""
        async with aclosing(self._backend.snapshot(in_parts=in_parts)) as batches:
            async for batch in batches:
                yield replace(batch, tasks=self._place_tasks(batch.tasks))

    async def changes(self, known: KnownTasks) -> Changes:
        """Find what may have changed."""
        changes = await self._backend.changes(known)
        return replace(changes, tasks=self._place_tasks(changes.tasks))

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        """Read these tasks now."""
        with awaited_by_person() if urgent else nullcontext():
            looked = await self._backend.look(ids, urgent=urgent)
        return replace(looked, tasks=self._place_tasks(looked.tasks))

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """Read one task with input and result."""
        with awaited_by_person():
            detail = await self._backend.detail(task_id, cap=cap, progress=progress, result=result)
        return replace(detail, task=self._place_task(detail.task))

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """Give a text of a task whole."""
        async with aclosing(self._backend.stream(task_id, part)) as pieces:
            while True:
                # Not around the loop: what it says would hold for the reader as well, between two pieces.
                with awaited_by_person():
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                yield piece

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask the server once."""
        with awaited_by_person():
            return await self._backend.act(action, task_id)

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:
        """Start a gremlin job."""
        with awaited_by_person():
            return await self._backend.submit(script, bindings)

    async def siblings(self) -> tuple[Sibling, ...]:
        """The other lists of the same place."""
        with awaited_by_person():
            return await self._backend.siblings()

    def recipes(self) -> tuple[Recipe, ...]:
        """The jobs that can be created."""
        return self._backend.recipes()

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        """Create a job of this recipe."""
        with awaited_by_person():
            return await self._backend.create(recipe, values)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._backend.aclose()

    def _place_tasks(self, tasks: Iterable[Task]) -> tuple[Task, ...]:
        if (is_double := self._find_double_test()) is not None:
            tasks = [task for task in tasks if not is_double(task)]
        return tuple(map(self._place_task, tasks))

    def _place_task(self, task: Task) -> Task:
        extras: TaskExtras = (
            self._extras if task.extras is NO_EXTRAS else replace(task.extras, place=self._place)
        )
        return replace(task, extras=extras)
