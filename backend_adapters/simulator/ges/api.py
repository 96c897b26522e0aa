"""The paths of the management plane and of IAM, as a Starlette application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend_adapters.simulator.ges import wire
from backend_adapters.simulator.ges.engine_api import EngineApi
from backend_adapters.simulator.ges.iam import Iam
from backend_adapters.simulator.ges.replies import (
    bad_parameter,
    json_reply,
    read_number,
    read_parameter,
    refusal_reply,
)
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal
from backend_adapters.simulator.ges.world import GesWorld, JobQuery

_FILTERS = {"running", "waiting", "success", "failed", "partiallyFailed"}
"""The values of the parameter `status`; `waiting` selects the jobs whose status is `pending`."""


class GesApi:
    """The endpoints of one simulated project."""

    def __init__(self, world: GesWorld, iam: Iam) -> None:
        self._world = world
        self._iam = iam
        self._service = EngineApi(world)

    def build_app(self) -> Starlette:
        """Build the application with all its paths."""
        app = Starlette(
            routes=self._make_routes(),
            exception_handlers={Refusal: _answer_refusal, HTTPException: _answer_unknown_api},
        )
        app.router.redirect_slashes = False
        return app

    def _make_routes(self) -> list[Route]:
        routes = [
            Route("/v3/auth/tokens", self.log_in, methods=["POST"]),
            Route("/v3/projects", self.list_projects),
            *self._service.make_routes(),
        ]
        for version in ("/v1.0", "/v2"):
            graphs = version + "/{project}/graphs"
            routes += [
                Route(graphs, self.list_graphs),
                Route(graphs + "/jobs", self.list_jobs),
                Route(graphs + "/{graph}/jobs/{job}/status", self.get_job),
            ]
        return routes

    # IAM

    async def log_in(self, request: Request) -> Response:
        """`POST /v3/auth/tokens`."""
        token, body = self._iam.log_in(await request.body())
        return json_reply(body, 201, {"X-Subject-Token": token})

    async def list_projects(self, request: Request) -> Response:
        """`GET /v3/projects`."""
        return json_reply(self._iam.list_projects(read_parameter(request, "name")))

    # GES

    async def list_jobs(self, request: Request) -> Response:
        """`GET .../graphs/jobs`: the jobs center."""
        form = self._check_project(request)
        offset, limit = read_number(request, "offset", 0, form), read_number(request, "limit", 10, form)
        cap = self._world.settings.page_cap
        count, page = self._world.find_jobs(self._read_query(request, form), offset, min(limit, cap or limit))
        rows = [wire.job_map(job, self._world.now) for job in page]
        return self._versioned_reply({"jobCount": count, "jobList": rows}, form)

    async def get_job(self, request: Request) -> Response:
        """`GET .../graphs/{graph_id}/jobs/{job_id}/status`: it takes the graph's id, not its name."""
        form = self._check_project(request)
        graph, job_id = request.path_params["graph"], request.path_params["job"]
        if graph not in {one.id for one in self._world.existing_graphs()}:
            raise Refusal(400, "GES.7000", f"The graph does not exist, graphId is {graph}", form)
        job = self._world.jobs_by_id.get(job_id)
        if job is None or job.graph.id != graph:
            raise Refusal(400, "GES.8301", f"can not find job, jobId is {job_id}", form)
        return self._versioned_reply(wire.job_map(job, self._world.now), form)

    async def list_graphs(self, request: Request) -> Response:
        """`GET .../graphs`: the graphs that exist."""
        form = self._check_project(request)
        offset, limit = read_number(request, "offset", 0, form), read_number(request, "limit", 10, form)
        existing = self._world.existing_graphs()
        rows = [
            wire.graph_map(one, self._world.graph_state(one)) for one in existing[offset : offset + limit]
        ]
        return self._versioned_reply({"graphCount": len(existing), "graphs": rows}, form)

    def _check_project(self, request: Request) -> ErrorForm:
        """The form of the version in the path; raises Refusal for any other project."""
        form = ErrorForm.V2 if request.url.path.startswith("/v2/") else ErrorForm.V1
        if request.path_params["project"] != self._world.settings.project:
            raise Refusal(400, "GES.0016", "The resource does not exist.", form)
        return form

    def _versioned_reply(self, fields: dict[str, object], form: ErrorForm) -> Response:
        return json_reply(wire.to_snake_case(fields) if form is ErrorForm.V2 else fields)

    def _read_query(self, request: Request, form: ErrorForm) -> JobQuery:
        old = form is ErrorForm.V1
        keys = self._world.settings.graph_keys if old else ("graph_name",)
        status = read_parameter(request, "status")
        if status is not None and status not in _FILTERS:
            raise bad_parameter("status", form)
        since = _read_day(request, "startTime" if old else "start_time", form)
        until = _read_day(request, "endTime" if old else "end_time", form)
        return JobQuery(
            status=status,
            graph=read_parameter(request, *keys),
            since=None if since is None else _to_millis(since),
            until=None if until is None else _to_millis(until + timedelta(days=1)),
        )


def _read_day(request: Request, name: str, form: ErrorForm) -> datetime | None:
    """Read a day in the query, `yyyy-MM-dd`, as its first moment in UTC."""
    text = read_parameter(request, name)
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise bad_parameter(name, form) from None


def _to_millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _answer_refusal(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, Refusal) else Refusal(500, "APIGW.0601", "Internal server error.")
    return refusal_reply(refusal, request.scope["request_id"])


async def _answer_unknown_api(request: Request, _error: Exception) -> Response:
    words = "The API does not exist or has not been published in the environment."
    return refusal_reply(Refusal(404, "APIGW.0101", words), request.scope["request_id"])
