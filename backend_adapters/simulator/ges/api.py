"""The paths of the management plane and of IAM, as a Starlette application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend_adapters.simulator.ges import wire
from backend_adapters.simulator.ges.engine_api import Service
from backend_adapters.simulator.ges.iam import Iam
from backend_adapters.simulator.ges.replies import bad_parameter, first, number, refuse, reply
from backend_adapters.simulator.ges.wire import Form, Refusal
from backend_adapters.simulator.ges.world import GesWorld, Query

_FILTERS = {"running", "waiting", "success", "failed", "partiallyFailed"}
"""Words that `status` may be: `waiting` here, although the jobs then say `pending`."""


class Api:
    """The endpoints of one simulated project."""

    def __init__(self, world: GesWorld, iam: Iam) -> None:
        self._world = world
        self._iam = iam
        self._service = Service(world)

    def starlette(self) -> Starlette:
        """The application with all its paths."""
        app = Starlette(
            routes=self._routes(),
            exception_handlers={Refusal: _refused, HTTPException: _no_such_api},
        )
        app.router.redirect_slashes = False
        return app

    def _routes(self) -> list[Route]:
        routes = [
            Route("/v3/auth/tokens", self.login, methods=["POST"]),
            Route("/v3/projects", self.projects),
            *self._service.routes(),
        ]
        for version in ("/v1.0", "/v2"):
            graphs = version + "/{project}/graphs"
            routes += [
                Route(graphs, self.graphs),
                Route(graphs + "/jobs", self.jobs),
                Route(graphs + "/{graph}/jobs/{job}/status", self.job),
            ]
        return routes

    # IAM

    async def login(self, request: Request) -> Response:
        """`POST /v3/auth/tokens`."""
        token, body = self._iam.login(await request.body())
        return reply(body, 201, {"X-Subject-Token": token})

    async def projects(self, request: Request) -> Response:
        """`GET /v3/projects`."""
        return reply(self._iam.projects(first(request, "name")))

    # GES

    async def jobs(self, request: Request) -> Response:
        """`GET .../graphs/jobs`: the jobs center."""
        form = self._form(request)
        offset, limit = number(request, "offset", 0, form), number(request, "limit", 10, form)
        cap = self._world.settings.page_cap
        count, page = self._world.find(self._query(request, form), offset, min(limit, cap or limit))
        rows = [wire.job_map(job, self._world.now) for job in page]
        return self._said({"jobCount": count, "jobList": rows}, form)

    async def job(self, request: Request) -> Response:
        """`GET .../graphs/{graph_id}/jobs/{job_id}/status`: the graph's id, and not its name."""
        form = self._form(request)
        graph, job_id = request.path_params["graph"], request.path_params["job"]
        if graph not in {one.id for one in self._world.existing()}:
            raise Refusal(400, "GES.7000", f"The graph does not exist, graphId is {graph}", form)
        job = self._world.job(job_id)
        if job is None or job.graph.id != graph:
            raise Refusal(400, "GES.8301", f"can not find job, jobId is {job_id}", form)
        return self._said(wire.job_map(job, self._world.now), form)

    async def graphs(self, request: Request) -> Response:
        """`GET .../graphs`: those that exist."""
        form = self._form(request)
        offset, limit = number(request, "offset", 0, form), number(request, "limit", 10, form)
        existing = self._world.existing()
        rows = [wire.graph_map(one, self._world.state(one)) for one in existing[offset : offset + limit]]
        return self._said({"graphCount": len(existing), "graphs": rows}, form)

    def _form(self, request: Request) -> Form:
        """Which version is asked; refuses another project than the caller's."""
        form = Form.V2 if request.url.path.startswith("/v2/") else Form.V1
        if request.path_params["project"] != self._world.settings.project:
            raise Refusal(400, "GES.0016", "The resource does not exist.", form)
        return form

    def _said(self, fields: dict[str, object], form: Form) -> Response:
        return reply(wire.snake(fields) if form is Form.V2 else fields)

    def _query(self, request: Request, form: Form) -> Query:
        old = form is Form.V1
        keys = self._world.settings.graph_keys if old else ("graph_name",)
        status = first(request, "status")
        if status is not None and status not in _FILTERS:
            raise bad_parameter("status", form)
        since = _day(request, "startTime" if old else "start_time", form)
        until = _day(request, "endTime" if old else "end_time", form)
        return Query(
            status=status,
            graph=first(request, *keys),
            since=None if since is None else _millis(since),
            until=None if until is None else _millis(until + timedelta(days=1)),
        )


def _day(request: Request, name: str, form: Form) -> datetime | None:
    """A day in the query, `yyyy-MM-dd`, as its first moment in UTC."""
    text = first(request, name)
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise bad_parameter(name, form) from None


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _refused(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, Refusal) else Refusal(500, "APIGW.0601", "Internal server error.")
    return refuse(refusal, request.scope["request_id"])


async def _no_such_api(request: Request, _error: Exception) -> Response:
    words = "The API does not exist or has not been published in the environment."
    return refuse(Refusal(404, "APIGW.0101", words), request.scope["request_id"])
