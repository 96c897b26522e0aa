"""The jobs center of a GES project as a source of tasks: `ges`, `ges-v1-2019` and `ges-v2`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta

from backend_adapters.backend import (
    BackendBase,
    Batch,
    Changes,
    KnownTasks,
    LookResult,
    Progress,
    TaskRequest,
    TextPart,
)
from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    LoginKind,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    Refused,
    Unreadable,
)
from backend_adapters.ges import messages
from backend_adapters.ges.client import PAGE_LIMIT, GesClient
from backend_adapters.ges.details import build_detail
from backend_adapters.ges.endpoints import RUNNING_FILTER, Endpoint, jobs_center_endpoint
from backend_adapters.ges.login import GesAuth
from backend_adapters.ges.refresh import JobListRefresh
from backend_adapters.model import (
    Capabilities,
    RunningCount,
    Scope,
    ServerInfo,
    Source,
    TaskDetail,
    TaskId,
)
from backend_adapters.transport.client import LIST_CAP, Transport
from backend_adapters.transport.target import Target

GES_PRODUCT = "Huawei GES"
_PROJECT_HINT = "Set the project's id (32 hex digits) with --project or in HUAWEICLOUD_SDK_PROJECT_ID."


class GesBackend(BackendBase):
    """The jobs of a project or of one of its graphs; see `backend_adapters.backend.Backend`."""

    default_login: LoginKind = "keys"
    """What a person is asked for where no login was given."""
    extra_headers: Mapping[str, str] = {}

    def __init__(self, target: Target) -> None:
        self.auth = GesAuth(
            target.credentials, target.project or "", usual=self.default_login, headers=self.extra_headers
        )
        self.transport = Transport(target, auth=self.auth)
        """The HTTP client, for its latency."""
        self._target = target
        self._client = GesClient(self.transport, self.auth, self.make_endpoint(target))
        self._refresh = JobListRefresh(self._client)
        self._was_begun = False
        """A snapshot was begun with the connection."""

    def make_endpoint(self, target: Target) -> Endpoint:
        """The endpoint of the list that a target names."""
        return jobs_center_endpoint(target, target.project or "")

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

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Check the login by reading the first page, or that of one job; see `Backend.connect`."""
        self._check_target()
        await self._refresh.stop_snapshot()
        # Only at the start: a list that failed once is asked for step by step.
        if then_snapshot and not self._was_begun:
            self._was_begun = True
            try:
                page = await self._refresh.begin_snapshot()
            except BackendError:
                await self._refresh.stop_snapshot()
                raise
        else:
            page = await self._client.fetch_page(0, 1)
        if self._client.endpoint.graph and not page.rows:
            await self._check_graph(self._client.endpoint.graph)
        return ServerInfo(
            product=GES_PRODUCT,
            version=self._client.endpoint.version,
            capabilities=self.abilities(),
            note=self._retention_note(),
        )

    def abilities(self) -> Capabilities:
        """What the jobs center can do: only list (PROTOCOL.md, section 2)."""
        return Capabilities(
            cancel=messages.NO_CANCEL,
            delete=messages.NO_DELETE,
            force_delete=messages.NO_DELETE,
            submit=messages.NO_SUBMIT,
            create=messages.NO_CREATE,
            noun="jobs",
            has_graphs=not self._target.graph,
            has_texts=False,
        )

    def task_request(self, task_id: TaskId) -> TaskRequest | None:  # noqa: ARG002
        """The request for the newest jobs, as no request reads a single one; see `Backend.task_request`."""
        path = self._client.endpoint.page_url(0, PAGE_LIMIT)
        return TaskRequest(f"{self._target.url}/{path}", token_header="X-Auth-Token:", lists_all=True)

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs together, then each of the project, or of known jobs where they may not be listed."""
        self._check_target()
        try:
            graphs = await self._client.list_graphs()
        except (NotAllowed, Refused, BadAnswer):
            graphs = await self._graphs_of_jobs()
        return (Scope(graph=""), *(Scope(graph=graph) for graph in graphs))

    async def count_running(self, scope: Scope) -> RunningCount | None:
        """The running jobs of a graph, from the count beside a page of one; None where no filter is known."""
        if not scope.graph or self._client.endpoint.query_keys is None:
            return None
        page = await self._client.fetch_page(0, 1, graph=scope.graph, status=RUNNING_FILTER)
        if page.has_foreign_jobs or any(row and row.task.status.is_finished for row in page.rows):
            # The server ignores the filters.
            return None
        return RunningCount(
            number=len(page.rows) if page.count is None else page.count, more=page.count is None
        )

    async def snapshot(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:  # noqa: ARG002
        """All jobs; see `Backend.snapshot`: the first batch is one page, which has no parts."""
        self._check_target()
        async with aclosing(self._refresh.snapshot()) as batches:
            async for batch in batches:
                yield batch

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed, by one request in the quiet case; see `Backend.changes`."""
        self._check_target()
        return await self._refresh.changes(known)

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:  # noqa: ARG002
        """Read these jobs now, from the pages of the list where they are."""
        if not ids:
            return LookResult((), frozenset())
        self._check_target()
        found = await self._refresh.locator.locate_jobs(ids)
        return LookResult(tuple(row.task for row in found.rows.values()), found.missing, found.note)

    async def detail(
        self,
        task_id: TaskId,
        *,
        cap: int,
        progress: Progress | None = None,
        result: bool = True,  # noqa: ARG002
    ) -> TaskDetail:
        """One job in full with its result: the list holds all that GES tells of it."""
        self._check_target()
        failed = self._refresh.positions.failed_record(task_id)
        if failed is not None:
            return build_detail(failed, cap)
        found = await self._refresh.locator.locate_jobs([task_id], progress)
        row = found.rows.get(task_id)
        if row is None and task_id in found.missing:
            raise NoSuchTask(f"{self._client.where} has no job {task_id} (any more).")
        if row is None and found.unreadable_count:
            message = f"{self._client.where} sent no readable record of job {task_id}. {found.note}"
            raise Unreadable(message, hint="")
        if row is None:
            raise BadAnswer(
                f"{self._client.where} sent a list in which job {task_id} can't be read.", hint=""
            )
        return build_detail(row, cap)

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """The reason of a failure, or the request of an engine's job, in one piece as in the list."""
        detail = await self.detail(task_id, cap=LIST_CAP)
        if part == "result" and detail.result is not None:
            yield detail.result
        elif part == "input" and detail.input is not None:
            yield detail.input.encode("utf-8", "replace")

    async def aclose(self) -> None:
        """Close the connections, soon."""
        await self._refresh.stop_snapshot()
        await super().aclose()

    def _check_target(self) -> None:
        """Raise BadValue where the project is missing or can't stand in an address or a header."""
        project = self._target.project
        if not project:
            raise BadValue(
                "GES lists jobs by project, and no project is set.", param="project", hint=_PROJECT_HINT
            )
        if not (project.isascii() and project.isprintable()):
            message = f'"{project}" is not a valid project id. Nothing was sent.'
            raise BadValue(message, param="project", hint=_PROJECT_HINT)

    async def _check_graph(self, graph: str) -> None:
        """Raise NoSuchGraph for a graph without jobs that the project does not list."""
        try:
            listed = await self._client.list_graphs()
        except (NotAllowed, Refused, BadAnswer):
            # A user without the right to list graphs may still see the jobs of one.
            return
        if graph not in listed:
            names = ", ".join(listed[:10]) or "none"
            raise NoSuchGraph(
                f'The project has no graph "{graph}", and no job of such a graph. Its graphs: {names}.',
                graphs=listed,
            )

    async def _graphs_of_jobs(self) -> tuple[str, ...]:
        """The graphs of all jobs seen so far, or of the newest page where none was seen yet."""
        positions = self._refresh.positions
        if not len(positions):
            positions.note_rows((await self._client.fetch_page(0)).wanted_rows)
        return tuple(sorted({*positions.graph_names, *filter(None, [self._target.graph])}))

    def _retention_note(self) -> str:
        """How long records are kept, and a warning where the wanted days go further back."""
        first = datetime.now(UTC).date() - timedelta(days=messages.RETENTION_DAYS)
        since = _parse_day(self._target.since)
        if since is None or since >= first:
            return messages.RETENTION_NOTE
        return f"{messages.RETENTION_NOTE} There is nothing to show from before {first:%Y-%m-%d}."


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
