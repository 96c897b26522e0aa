"""HugeGraph's REST paths, classic and with graphspaces, as a Starlette application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backend_adapters.simulator.hugegraph import api_list, jackson, media_types, wire
from backend_adapters.simulator.hugegraph import computer_api as computer
from backend_adapters.simulator.hugegraph import sample_results as texts
from backend_adapters.simulator.hugegraph.authenticator import Authenticator
from backend_adapters.simulator.hugegraph.computer_api import ComputerApi
from backend_adapters.simulator.hugegraph.methods import allowed_methods, describe_methods, name_methods
from backend_adapters.simulator.hugegraph.records import Shelf
from backend_adapters.simulator.hugegraph.request_values import (
    Endpoint,
    Malformed,
    check_headers,
    first_value,
    read_body_fields,
    read_id,
    read_json,
    read_limit,
    read_task_ids,
)
from backend_adapters.simulator.hugegraph.results_api import ResultsApi, too_many
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE
from backend_adapters.simulator.hugegraph.tasks_api import TasksApi
from backend_adapters.simulator.hugegraph.world import World

_CHUNK = 64 * 1024
_BUFFERED = 8 * 1024
"""Longer answers are sent in chunks, without a Content-Length."""

_NO_STORE = {"Cache-Control": "no-store"}

_GREMLIN_REQUEST = "org.apache.hugegraph.api.job.GremlinAPI$GremlinRequest"
_GREMLIN_FIELDS = {
    "language": jackson.STRING,
    "gremlin": jackson.STRING,
    "bindings": jackson.MAP,
    "aliases": jackson.STRING_MAP,
}
_GREMLIN_DEFAULTS: dict[str, object] = {
    "gremlin": None,
    "language": "gremlin-groovy",
    "bindings": {},
    "aliases": {},
}
_JSON_TASK = "com.baidu.hugegraph.api.job.ComputerDisAPI$JsonTask"


class Api:
    """The endpoints of one simulated server."""

    def __init__(self, world: World, authenticator: Authenticator | None) -> None:
        self.world = world
        self.settings = world.settings
        self.authenticator = authenticator
        self._streaming = 0
        """How many results are being streamed."""

    def starlette(self) -> Starlette:
        """The application with all the paths that this version of the server has."""
        app = Starlette(
            routes=self._routes(),
            exception_handlers={wire.JavaError: self._java_error, HTTPException: self._http_error},
        )
        app.router.redirect_slashes = False
        return app

    def _routes(self) -> list[Route]:
        routes = [
            _route("/", self.root),
            _route("/apis", self.apis),
            _route("/versions", self.versions),
            _route("/graphs", self.graphs),
            *self._graph_routes("/graphs/{graph}"),
        ]
        if not self.settings.has_graphspaces:
            return [*routes, *self._login_routes("/graphs/{graph}/auth")]
        return [
            *routes,
            _route("/graphspaces", self.graphspaces),
            _route("/graphspaces/{space}", self.graphspace),
            _route("/graphspaces/{space}/graphs", self.graphs),
            *self._graph_routes("/graphspaces/{space}/graphs/{graph}"),
            *self._login_routes("/auth"),
        ]

    def _graph_routes(self, prefix: str) -> list[Route]:
        return [
            _route(prefix, self.graph),
            _route(prefix + "/tasks", self.tasks),
            _route(prefix + "/tasks/{id}", self.task, methods=["GET", "PUT", "DELETE"]),
            *([_route(prefix + "/tasks/{id}/result", self.result)] if self.settings.spares_results else []),
            _route(prefix + "/jobs/gremlin", self.gremlin, methods=["POST"]),
            *self._computer_routes(prefix + "/jobs/computerdis"),
        ]

    def _computer_routes(self, prefix: str) -> list[Route]:
        if self.settings.computer == "absent":
            return []
        older = self.settings.computer_form == "A"
        posted = _route(prefix, self.new_computer_job, methods=["POST"])
        posted_older = _route(prefix + "/{algorithm}", self.new_older_job, methods=["POST"])
        return [
            *([] if older else [posted]),
            _route(prefix, self.computer_jobs),
            *([posted_older] if older else []),
            _route(prefix + "/{id}", self.computer_job, methods=["GET", "PUT", "DELETE"]),
        ]

    def _login_routes(self, prefix: str) -> list[Route]:
        if self.authenticator is None:
            return []
        return [
            _route(prefix + "/login", self.login, methods=["POST"]),
            _route(prefix + "/verify", self.verify),
        ]

    # The server

    async def root(self, request: Request) -> Response:
        """`GET /`."""
        address = str(request.base_url).rstrip("/")
        return reply(api_list.describe_server(self.settings, address), media_type=media_types.JSON_TYPE)

    async def apis(self, _request: Request) -> Response:
        """`GET /apis`."""
        return reply(api_list.describe_apis(self.settings), media_type=media_types.JSON_TYPE)

    async def versions(self, _request: Request) -> Response:
        """`GET /versions`."""
        core = self.settings.version
        return reply({"versions": {"version": "v1", "core": core, "gremlin": "3.5.1", "api": "0.71.0.0"}})

    async def graphspaces(self, _request: Request) -> Response:
        """`GET /graphspaces`: an empty list without PD."""
        return reply({"graphSpaces": self.settings.known_spaces})

    async def graphspace(self, request: Request) -> Response:
        """`GET /graphspaces/{gs}`, which only PD can answer."""
        space = request.path_params["space"]
        if not self.settings.has_pd:
            raise wire.null_pointer(
                'Cannot invoke "org.apache.hugegraph.meta.PdMetaDriver.pdClient()" '
                'because "metaDriver" is null',
                "org.apache.hugegraph.core.GraphManager.getSpaceStorage(GraphManager.java:847)",
            )
        self._check_space(space)
        return reply({"name": space, "nickname": space, "description": ""})

    async def graphs(self, request: Request) -> Response:
        """`GET /graphs` and `GET /graphspaces/{gs}/graphs`."""
        space = request.path_params.get("space", DEFAULT_SPACE)
        if self.settings.has_graphspaces:
            self._check_space(space)
        listed = space != DEFAULT_SPACE or self.settings.lists_default_space
        graphs = [graph for place, graph in self.world.shelves if listed and place == space]
        return reply({"graphs": graphs})

    async def graph(self, request: Request) -> Response:
        """`GET .../graphs/{g}`."""
        shelf = self._tasks_of(request).shelf
        return reply({"name": shelf.graph, "backend": self.settings.backend})

    def _check_space(self, space: str) -> None:
        if self.settings.has_pd and space not in self.settings.known_spaces:
            raise wire.illegal("Graphspace not exist!")

    def _tasks_of(self, request: Request) -> TasksApi:
        return TasksApi(self.world, self._shelf_of(request))

    def _computer_of(self, request: Request) -> ComputerApi:
        return ComputerApi(self.world, self._shelf_of(request))

    def _shelf_of(self, request: Request) -> Shelf:
        """The tasks of the graph in the path; an unknown graph is a 404, and a 500 on 1.7 without PD."""
        space, graph = request.path_params.get("space", DEFAULT_SPACE), request.path_params["graph"]
        shelf = self.world.shelves.get((space, graph))
        if shelf is not None:
            return shelf
        if self.settings.breaks_on_unknown_graphs:
            raise wire.null_pointer(
                'Cannot invoke "Object.getClass()" because "graph" is null',
                "org.apache.hugegraph.core.GraphManager.graph(GraphManager.java:1963)",
                "org.apache.hugegraph.api.API.graph(API.java:92)",
            )
        raise wire.JavaError(
            404,
            "org.apache.hugegraph.exception.NotFoundException",
            f"Graph '{graph}' does not exist",
            frames=("org.apache.hugegraph.api.API.graph(API.java:92)",),
        )

    # Tasks

    async def tasks(self, request: Request) -> Response:
        """`GET .../tasks`."""
        ids, limit = read_task_ids(request), read_limit(request)
        status, page = first_value(request, "status"), first_value(request, "page")
        return reply(self._tasks_of(request).listing(status, ids, limit, page))

    async def task(self, request: Request) -> Response:
        """`GET`, `PUT` and `DELETE .../tasks/{id}`."""
        task_id = read_id(request)
        if request.method == "PUT":
            TasksApi.check_action(first_value(request, "action"))
            return reply(self._tasks_of(request).cancel(task_id), HTTPStatus.ACCEPTED)
        tasks = self._tasks_of(request)
        if request.method == "DELETE":
            tasks.delete(task_id, force=(first_value(request, "force") or "").lower() == "true")
            return Response(status_code=HTTPStatus.NO_CONTENT)
        fields = tasks.get(task_id, result=(first_value(request, "with_result") or "true").lower() == "true")
        if fields.get("task_result") == texts.HUGE:
            return StreamingResponse(_with_huge(fields, self.settings.huge), media_type=wire.JSON)
        return reply(fields)

    async def result(self, request: Request) -> Response:
        """`GET .../tasks/{id}/result`: a stream, or a page of it."""
        task_id = read_id(request)
        results = ResultsApi(self.world, self._shelf_of(request))
        limit, page = (
            first_value(request, "limit") or first_value(request, "page_size"),
            first_value(request, "page"),
        )
        if limit is not None and page is not None:
            raise wire.illegal("A page goes without a limit: its token has it")
        if page is not None:
            return reply(results.next_page(task_id, page), headers=_NO_STORE)
        if limit is not None:
            return reply(results.first_page(task_id, limit), headers=_NO_STORE)
        text = results.result(task_id)
        if self._streaming >= self.settings.streams:
            raise too_many()
        pieces = _huge(self.settings.huge) if text == texts.HUGE else _chunks(text.encode())
        return StreamingResponse(self._counted(pieces), media_type=wire.JSON, headers=_NO_STORE)

    async def _counted(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of a result, which counts as being streamed meanwhile."""
        self._streaming += 1
        try:
            async for piece in pieces:
                yield piece
        finally:
            self._streaming -= 1

    async def gremlin(self, request: Request) -> Response:
        """`POST .../jobs/gremlin`."""
        fields = _GREMLIN_DEFAULTS | await read_body_fields(request, _GREMLIN_REQUEST, _GREMLIN_FIELDS)
        for name in ("gremlin", "language"):
            if fields[name] is None:
                raise wire.illegal(f"The {name} parameter can't be null")
        if fields["aliases"]:
            raise wire.illegal("There is no need to pass gremlin aliases")
        tasks = self._tasks_of(request)
        if fields["aliases"] is None:
            raise wire.null_pointer(
                'Cannot invoke "java.util.Map.put(Object, Object)" because "this.aliases" is null',
                "org.apache.hugegraph.api.job.GremlinAPI$GremlinRequest.aliases(GremlinAPI.java:162)",
            )
        script = str(fields["gremlin"]).encode("utf-8", "replace").decode()
        return reply(tasks.submit(script, fields["bindings"] or {}), HTTPStatus.CREATED)

    # Computer jobs

    async def computer_jobs(self, request: Request) -> Response:
        """`GET .../jobs/computerdis`."""
        limit, page, status = (
            read_limit(request),
            first_value(request, "page"),
            first_value(request, "status"),
        )
        return reply(self._computer_of(request).jobs(limit, page, status))

    async def new_computer_job(self, request: Request) -> Response:
        """`POST .../jobs/computerdis` of form B."""
        fields = await read_body_fields(request, _JSON_TASK, dict.fromkeys(computer.FIELDS, jackson.ANYTHING))
        try:
            return reply(self._computer_of(request).create(fields), HTTPStatus.CREATED)
        except ValueError as error:
            raise Malformed(str(error)) from None

    async def new_older_job(self, request: Request) -> Response:
        """`POST .../jobs/computerdis/{algorithm}` of form A."""
        body = await read_json(request)
        if not isinstance(body, dict):
            raise Malformed("Cannot deserialize value of type `java.util.LinkedHashMap`")
        jobs = self._computer_of(request)
        return reply(jobs.create_older(request.path_params["algorithm"], body), HTTPStatus.CREATED)

    async def computer_job(self, request: Request) -> Response:
        """`GET`, `PUT` and `DELETE .../jobs/computerdis/{id}`; the last two consume JSON if anything."""
        task_id = read_id(request)
        jobs = self._computer_of(request)
        if request.method == "GET":
            return reply(jobs.job(task_id))
        if await request.body():
            await read_json(request)
        if request.method == "PUT":
            return reply(jobs.stop(task_id), HTTPStatus.ACCEPTED)
        return reply(jobs.remove(task_id))

    # Login

    async def login(self, request: Request) -> Response:
        """`POST /auth/login`."""
        assert self.authenticator is not None
        return reply(self.authenticator.login(await read_json(request)))

    async def verify(self, _request: Request) -> Response:
        """`GET /auth/verify`."""
        assert self.authenticator is not None
        return reply(self.authenticator.whoami())

    # Errors

    async def _java_error(self, _request: Request, error: Exception) -> Response:
        return self.error_reply(error) if isinstance(error, wire.JavaError) else Response(status_code=500)

    def error_reply(self, error: wire.JavaError) -> Response:
        """The answer to a request that failed; traces since 1.7, where they are on by default."""
        headers = {}
        if error.challenge:
            headers["WWW-Authenticate"] = error.challenge
        if error.status in {400, 500, 503}:
            headers["Connection"] = "close"
        body = error.body(trace=self.settings.has_graphspaces)
        return Response(body, error.status, headers, media_type="application/json")

    async def _http_error(self, request: Request, error: Exception) -> Response:
        """Starlette's own refusals in Jersey's words."""
        if isinstance(error, Malformed):
            return Response(error.detail, 400, {"Connection": "close", "Content-Type": "text/plain"})
        status = error.status_code if isinstance(error, HTTPException) else 500
        methods = allowed_methods(error)
        if request.method == "OPTIONS" and methods:
            return describe_methods(request.url.path, methods)
        headers = {"Allow": name_methods(methods)} if methods else {}
        java = _EXCEPTIONS.get(status, "NotSupportedException")
        body = wire.http_error(status, java, HTTPStatus(status).phrase).body(trace=False)
        return Response(body, status, headers, media_type="application/json")


_EXCEPTIONS = {404: "NotFoundException", 405: "NotAllowedException", 406: "NotAcceptableException"}


def _route(path: str, endpoint: Endpoint, methods: list[str] | None = None) -> Route:
    return Route(path, check_headers(endpoint), methods=methods)


def reply(
    fields: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = wire.JSON,
) -> Response:
    """A JSON answer; a long one goes out in chunks, without its length, as Grizzly sends it."""
    body = msgspec.json.encode(fields)
    if len(body) <= _BUFFERED:
        return Response(body, status, headers, media_type=media_type)
    return StreamingResponse(_chunks(body), status, headers, media_type=media_type)


async def _with_huge(fields: object, size: int) -> AsyncIterator[bytes]:
    """A task's map with its huge result, which is never held whole."""
    head, tail = msgspec.json.encode(fields).split(texts.HUGE.encode())
    yield head
    async for piece in _huge(size):
        yield msgspec.json.encode(piece.decode())[1:-1]
    yield tail


async def _huge(size: int) -> AsyncIterator[bytes]:
    """The huge result as it is, piece by piece."""
    for piece in texts.huge(size):
        yield piece.encode()
        # Else nobody would hear that the client has gone.
        await asyncio.sleep(0)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), _CHUNK):
        yield body[at : at + _CHUNK]
