"""The jobs center of a GES project as a source of tasks: `ges`, `ges-v1-2019` and `ges-v2`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta

from backend_adapters.backend import BackendBase, Batch, Changes, KnownTasks, LookResult, Progress, TextPart
from backend_adapters.errors import (
    BadAnswer,
    BadValue,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    Refused,
    Unreadable,
    Wants,
)
from backend_adapters.ges import messages as words
from backend_adapters.ges.client import Link
from backend_adapters.ges.details import detail_of
from backend_adapters.ges.endpoints import Plane, center
from backend_adapters.ges.login import Login
from backend_adapters.ges.refresh import Refresh
from backend_adapters.model import (
    Capabilities,
    Scope,
    ServerInfo,
    Source,
    TaskDetail,
    TaskId,
)
from backend_adapters.transport.client import LIST_CAP, Transport
from backend_adapters.transport.target import Target

PRODUCT = "Huawei GES"
_PROJECT_HINT = "Give the project's id (32 hex digits) with --project or in HUAWEICLOUD_SDK_PROJECT_ID."


class GesBackend(BackendBase):
    """The jobs of a project, or of one graph of it; `backend_adapters.backend.Backend` tells the promises."""

    usual: Wants = "keys"
    """What a person is asked for who gave nothing."""
    headers: Mapping[str, str] = {}

    def __init__(self, target: Target) -> None:
        self.login = Login(target.credentials, target.project or "", usual=self.usual, headers=self.headers)
        self.transport = Transport(target, auth=self.login)
        """The HTTP client, for its latency and counters."""
        self._target = target
        self._link = Link(self.transport, self.login, self.plane(target))
        self._refresh = Refresh(self._link)

    def plane(self, target: Target) -> Plane:
        """The list that a target means."""
        return center(target, target.project or "")

    @property
    def source(self) -> Source:
        """Where the tasks come from."""
        target = self._target
        return Source(
            profile=target.profile,
            url=target.url,
            dialect=target.dialect,
            graph=target.graph or "",
            project=target.project,
        )

    async def connect(self) -> ServerInfo:
        """Check the login with the smallest list there is; see `Backend.connect`."""
        self._check_target()
        page = await self._link.page(0, 1)
        if self._link.plane.graph and not page.rows:
            await self._check_graph(self._link.plane.graph)
        return ServerInfo(
            product=PRODUCT,
            version=self._link.plane.version,
            capabilities=self.abilities(),
            note=self._note(),
        )

    def abilities(self) -> Capabilities:
        """What the management plane can do: list (facts: GES, section 4)."""
        return Capabilities(
            cancel=words.NO_CANCEL,
            delete=words.NO_DELETE,
            force_delete=words.NO_DELETE,
            submit=words.NO_SUBMIT,
            create=words.NO_CREATE,
            noun="jobs",
            has_graphs=not self._target.graph,
            has_texts=False,
        )

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs together, then each of the project; where that is not allowed, those met in jobs."""
        self._check_target()
        try:
            graphs = await self._link.graphs()
        except (NotAllowed, Refused, BadAnswer):
            graphs = await self._met()
        return (Scope(graph=""), *(Scope(graph=graph) for graph in graphs))

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All jobs; see `Backend.snapshot`."""
        self._check_target()
        async with aclosing(self._refresh.snapshot()) as batches:
            async for batch in batches:
                yield batch

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed, by one request in the quiet case; see `Backend.changes`."""
        self._check_target()
        return await self._refresh.changes(known)

    async def look(self, ids: Collection[TaskId], *, wished: bool = True) -> LookResult:  # noqa: ARG002
        """Read these jobs now, from the pages of the list where they are."""
        if not ids:
            return LookResult((), frozenset())
        self._check_target()
        found = await self._refresh.finder.find(ids)
        return LookResult(tuple(row.task for row in found.rows.values()), found.missing, found.note)

    async def detail(
        self,
        task_id: TaskId,
        *,
        cap: int,
        progress: Progress | None = None,
        result: bool = True,  # noqa: ARG002
    ) -> TaskDetail:
        """One job in full, the result too: the list has all there is to know of it."""
        self._check_target()
        failed = self._refresh.ledger.failed(task_id)
        if failed is not None:
            return detail_of(failed, cap)
        found = await self._refresh.finder.find([task_id], progress)
        row = found.rows.get(task_id)
        if row is None and task_id in found.missing:
            raise NoSuchTask(f"{self._link.where} has no job {task_id} (any more).")
        if row is None and found.lost:
            words = f"{self._link.where} sent no record of job {task_id} that can be read. {found.note}"
            raise Unreadable(words, hint="")
        if row is None:
            raise BadAnswer(f"{self._link.where} sent a list in which job {task_id} can't be read.", hint="")
        return detail_of(row, cap)

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """The reason of a failure, or a request of the service plane: one piece, as short as in the list."""
        detail = await self.detail(task_id, cap=LIST_CAP)
        text = detail.input if part == "input" else detail.result
        if text is not None:
            yield text.encode("utf-8", "replace")

    def _check_target(self) -> None:
        """Raise BadValue where the project is missing, or is what neither address nor header can hold."""
        project = self._target.project
        if not project:
            raise BadValue(
                "GES lists the jobs of a project, and none is named.", param="project", hint=_PROJECT_HINT
            )
        if not (project.isascii() and project.isprintable()):
            words = f"'{project}' is no id of a project: nothing was sent."
            raise BadValue(words, param="project", hint=_PROJECT_HINT)

    async def _check_graph(self, graph: str) -> None:
        """Raise NoSuchGraph for a graph without jobs that is not among the project's either."""
        try:
            listed = await self._link.graphs()
        except (NotAllowed, Refused, BadAnswer):
            # Who may not list graphs may still see the jobs of one.
            return
        if graph not in listed:
            names = ", ".join(listed[:10]) or "none"
            raise NoSuchGraph(
                f"The project has no graph '{graph}', and no job of one. It lists: {names}.", graphs=listed
            )

    async def _met(self) -> tuple[str, ...]:
        """The graphs of the jobs met so far, of the newest where none was met yet."""
        ledger = self._refresh.ledger
        if not len(ledger):
            ledger.saw_part((await self._link.page(0)).wanted)
        return tuple(sorted({*ledger.graphs, *filter(None, [self._target.graph])}))

    def _note(self) -> str:
        """How long records are kept, and that the wanted days go further back."""
        first = datetime.now(UTC).date() - timedelta(days=words.RETENTION_DAYS)
        since = _day(self._target.since)
        if since is None or since >= first:
            return words.RETENTION
        return f"{words.RETENTION} Of the days before {first:%Y-%m-%d} there is nothing to show."


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
