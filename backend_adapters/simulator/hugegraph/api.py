"""HugeGraph's REST paths, classic and with graphspaces, as a Starlette application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backend_adapters.simulator.asgi import JSON_UTF8
from backend_adapters.simulator.hugegraph import api_list, jackson, media_types, sample_results, wire
from backend_adapters.simulator.hugegraph import computer_api as computer
from backend_adapters.simulator.hugegraph.authenticator import Authenticator
from backend_adapters.simulator.hugegraph.computer_api import ComputerApi
from backend_adapters.simulator.hugegraph.error_responses import answer_http_error, java_error_response
from backend_adapters.simulator.hugegraph.graphs_api import GraphsApi
from backend_adapters.simulator.hugegraph.records import GraphTasks
from backend_adapters.simulator.hugegraph.request_values import (
    MalformedBody,
    RequestHandler,
    check_headers,
    first_value,
    read_body_fields,
    read_id,
    read_json,
    read_limit,
    read_task_ids,
)
from backend_adapters.simulator.hugegraph.responses import (
    embed_huge_result,
    grizzly_response,
    split_chunks,
    stream_huge_result,
)
from backend_adapters.simulator.hugegraph.results_api import ResultsApi
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE
from backend_adapters.simulator.hugegraph.tasks_api import TasksApi
from backend_adapters.simulator.hugegraph.world import HugeGraphWorld

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


class HugeGraphApi:
    """The endpoints of one simulated server."""

    def __init__(self, world: HugeGraphWorld, authenticator: Authenticator | None) -> None:
        self.world = world
        self.settings = world.settings
        self.authenticator = authenticator
        self._streaming = 0
        """How many results are being streamed now."""

    def build_app(self) -> Starlette:
        """Build the application with all paths that this version of the server has."""
        app = Starlette(
            routes=self._make_routes(),
            exception_handlers={
                wire.JavaError: self._answer_java_error,
                HTTPException: answer_http_error,
            },
        )
        app.router.redirect_slashes = False
        return app

    def _make_routes(self) -> list[Route]:
        routes = [
            _make_route("/", self.get_root),
            _make_route("/apis", self.list_apis),
            _make_route("/versions", self.get_versions),
            _make_route("/graphs", self.list_graphs),
            *self._graph_routes("/graphs/{graph}"),
        ]
        if not self.settings.has_graphspaces:
            return [*routes, *self._login_routes("/graphs/{graph}/auth")]
        return [
            *routes,
            _make_route("/graphspaces", self.list_graphspaces),
            _make_route("/graphspaces/{space}", self.get_graphspace),
            _make_route("/graphspaces/{space}/graphs", self.list_graphs),
            *self._graph_routes("/graphspaces/{space}/graphs/{graph}"),
            *self._login_routes("/auth"),
        ]

    def _graph_routes(self, prefix: str) -> list[Route]:
        return [
            _make_route(
                prefix,
                self.handle_graph,
                methods=["GET", "POST", "DELETE"],
                consumed=media_types.JSON_TYPE if self.settings.has_graphspaces else media_types.TEXT_TYPE,
            ),
            _make_route(prefix + "/tasks", self.list_tasks),
            _make_route(prefix + "/tasks/{id}", self.handle_task, methods=["GET", "PUT", "DELETE"]),
            *(
                [_make_route(prefix + "/tasks/{id}/result", self.get_result)]
                if self.settings.spares_results
                else []
            ),
            _make_route(prefix + "/jobs/gremlin", self.submit_gremlin, methods=["POST"]),
            *self._computer_routes(prefix + "/jobs/computerdis"),
        ]

    def _computer_routes(self, prefix: str) -> list[Route]:
        if self.settings.computer == "absent":
            return []
        older = self.settings.computer_form == "A"
        posted = _make_route(prefix, self.create_computer_job, methods=["POST"])
        posted_older = _make_route(prefix + "/{algorithm}", self.create_form_a_job, methods=["POST"])
        return [
            *([] if older else [posted]),
            _make_route(prefix, self.list_computer_jobs),
            *([posted_older] if older else []),
            _make_route(prefix + "/{id}", self.handle_computer_job, methods=["GET", "PUT", "DELETE"]),
        ]

    def _login_routes(self, prefix: str) -> list[Route]:
        if self.authenticator is None:
            return []
        return [
            _make_route(prefix + "/login", self.log_in, methods=["POST"]),
            _make_route(prefix + "/verify", self.verify_login),
        ]

    # The server

    async def get_root(self, request: Request) -> Response:
        """`GET /`."""
        address = str(request.base_url).rstrip("/")
        return grizzly_response(
            api_list.describe_server(self.settings, address), media_type=media_types.JSON_TYPE
        )

    async def list_apis(self, _request: Request) -> Response:
        """`GET /apis`."""
        return grizzly_response(api_list.describe_apis(self.settings), media_type=media_types.JSON_TYPE)

    async def get_versions(self, _request: Request) -> Response:
        """`GET /versions`."""
        core = self.settings.version
        return grizzly_response(
            {"versions": {"version": "v1", "core": core, "gremlin": "3.5.1", "api": "0.71.0.0"}}
        )

    async def list_graphspaces(self, _request: Request) -> Response:
        """`GET /graphspaces`: an empty list without PD."""
        return grizzly_response({"graphSpaces": self.settings.known_spaces})

    async def get_graphspace(self, request: Request) -> Response:
        """`GET /graphspaces/{gs}`, which only PD can answer."""
        space = request.path_params["space"]
        if not self.settings.has_pd:
            raise wire.null_pointer(
                'Cannot invoke "org.apache.hugegraph.meta.PdMetaDriver.pdClient()" '
                'because "metaDriver" is null',
                "org.apache.hugegraph.core.GraphManager.getSpaceStorage(GraphManager.java:847)",
            )
        self._check_space(space)
        return grizzly_response({"name": space, "nickname": space, "description": ""})

    async def list_graphs(self, request: Request) -> Response:
        """`GET /graphs` and `GET /graphspaces/{gs}/graphs`."""
        space = request.path_params.get("space", DEFAULT_SPACE)
        if self.settings.has_graphspaces:
            self._check_space(space)
        listed = space != DEFAULT_SPACE or self.settings.lists_default_space
        graphs = [graph for place, graph in self.world.graphs if listed and place == space]
        return grizzly_response({"graphs": graphs})

    async def handle_graph(self, request: Request) -> Response:
        """`GET`, `POST` and `DELETE .../graphs/{g}`."""
        if request.method == "POST":
            return await self._create_graph(request)
        space, graph = _read_place(request)
        if request.method == "DELETE":
            GraphsApi(self.world).drop_graph(space, graph, first_value(request, "confirm_message"))
            return Response(status_code=HTTPStatus.NO_CONTENT)
        graph_tasks = self._find_graph(request)
        return grizzly_response({"name": graph_tasks.graph, "backend": self.settings.backend})

    async def _create_graph(self, request: Request) -> Response:
        """Create a graph: of a JSON object since 1.7, of a properties file before."""
        space, graph = _read_place(request)
        if not self.settings.has_graphspaces:
            text = (await request.body()).decode("utf-8", "replace")
            return grizzly_response(GraphsApi(self.world).create_from_properties(graph, text))
        config = await read_json(request) if await request.body() else None
        if config is not None and not isinstance(config, dict):
            raise MalformedBody("Cannot deserialize value of type `java.util.LinkedHashMap`")
        logged_in = self.authenticator is not None
        made = GraphsApi(self.world).create_graph(space, graph, config, logged_in=logged_in)
        return grizzly_response(made, HTTPStatus.CREATED)

    def _check_space(self, space: str) -> None:
        if self.settings.has_pd and space not in self.settings.known_spaces:
            raise wire.illegal_argument("Graphspace not exist!")

    def _tasks_api(self, request: Request) -> TasksApi:
        return TasksApi(self.world, self._find_graph(request))

    def _computer_api(self, request: Request) -> ComputerApi:
        return ComputerApi(self.world, self._find_graph(request))

    def _find_graph(self, request: Request) -> GraphTasks:
        """The tasks of the graph in the path. An unknown graph is a 404, or a 500 on 1.7 without PD."""
        space, graph = _read_place(request)
        graph_tasks = self.world.graphs.get((space, graph))
        if graph_tasks is not None:
            return graph_tasks
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

    async def list_tasks(self, request: Request) -> Response:
        """`GET .../tasks`."""
        ids, limit = read_task_ids(request), read_limit(request)
        status, page = first_value(request, "status"), first_value(request, "page")
        return grizzly_response(self._tasks_api(request).list_tasks(status, ids, limit, page))

    async def handle_task(self, request: Request) -> Response:
        """`GET`, `PUT` and `DELETE .../tasks/{id}`."""
        task_id = read_id(request)
        if request.method == "PUT":
            TasksApi.check_action(first_value(request, "action"))
            return grizzly_response(self._tasks_api(request).cancel_task(task_id), HTTPStatus.ACCEPTED)
        tasks = self._tasks_api(request)
        if request.method == "DELETE":
            tasks.delete_task(task_id, force=(first_value(request, "force") or "").lower() == "true")
            return Response(status_code=HTTPStatus.NO_CONTENT)
        fields = tasks.get_task(
            task_id, result=(first_value(request, "with_result") or "true").lower() == "true"
        )
        if fields.get("task_result") == sample_results.HUGE_RESULT_MARK:
            return StreamingResponse(embed_huge_result(fields, self.settings.huge), media_type=JSON_UTF8)
        return grizzly_response(fields)

    async def get_result(self, request: Request) -> Response:
        """`GET .../tasks/{id}/result`: a stream, or a page of it."""
        task_id = read_id(request)
        results = ResultsApi(self.world, self._find_graph(request))
        limit, page = (
            first_value(request, "limit") or first_value(request, "page_size"),
            first_value(request, "page"),
        )
        if limit is not None and page is not None:
            raise wire.illegal_argument("A page goes without a limit: its token has it")
        if page is not None:
            return grizzly_response(results.next_page(task_id, page), headers=_NO_STORE)
        if limit is not None:
            return grizzly_response(results.first_page(task_id, limit), headers=_NO_STORE)
        text = results.read_result(task_id)
        if self._streaming >= self.settings.streams:
            words = "Too many task results are being streamed"
            raise wire.JavaError(503, "jakarta.ws.rs.ServiceUnavailableException", words)
        pieces = (
            stream_huge_result(self.settings.huge)
            if text == sample_results.HUGE_RESULT_MARK
            else split_chunks(text.encode())
        )
        return StreamingResponse(self._count_stream(pieces), media_type=JSON_UTF8, headers=_NO_STORE)

    async def _count_stream(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Pass the pieces of a result on, and count it as being streamed meanwhile."""
        self._streaming += 1
        try:
            async for piece in pieces:
                yield piece
        finally:
            self._streaming -= 1

    async def submit_gremlin(self, request: Request) -> Response:
        """`POST .../jobs/gremlin`."""
        fields = _GREMLIN_DEFAULTS | await read_body_fields(request, _GREMLIN_REQUEST, _GREMLIN_FIELDS)
        for name in ("gremlin", "language"):
            if fields[name] is None:
                raise wire.illegal_argument(f"The {name} parameter can't be null")
        if fields["aliases"]:
            raise wire.illegal_argument("There is no need to pass gremlin aliases")
        tasks = self._tasks_api(request)
        if fields["aliases"] is None:
            raise wire.null_pointer(
                'Cannot invoke "java.util.Map.put(Object, Object)" because "this.aliases" is null',
                "org.apache.hugegraph.api.job.GremlinAPI$GremlinRequest.aliases(GremlinAPI.java:162)",
            )
        script = str(fields["gremlin"]).encode("utf-8", "replace").decode()
        return grizzly_response(tasks.submit_script(script, fields["bindings"] or {}), HTTPStatus.CREATED)

    # Computer jobs

    async def list_computer_jobs(self, request: Request) -> Response:
        """`GET .../jobs/computerdis`."""
        limit, page, status = (
            read_limit(request),
            first_value(request, "page"),
            first_value(request, "status"),
        )
        return grizzly_response(self._computer_api(request).list_jobs(limit, page, status))

    async def create_computer_job(self, request: Request) -> Response:
        """`POST .../jobs/computerdis` of form B."""
        fields = await read_body_fields(
            request, _JSON_TASK, dict.fromkeys(computer.JSON_TASK_FIELDS, jackson.ANYTHING)
        )
        try:
            return grizzly_response(self._computer_api(request).create_job(fields), HTTPStatus.CREATED)
        except ValueError as error:
            raise MalformedBody(str(error)) from None

    async def create_form_a_job(self, request: Request) -> Response:
        """`POST .../jobs/computerdis/{algorithm}` of form A."""
        body = await read_json(request)
        if not isinstance(body, dict):
            raise MalformedBody("Cannot deserialize value of type `java.util.LinkedHashMap`")
        jobs = self._computer_api(request)
        return grizzly_response(
            jobs.create_form_a_job(request.path_params["algorithm"], body), HTTPStatus.CREATED
        )

    async def handle_computer_job(self, request: Request) -> Response:
        """`GET`, `PUT` and `DELETE .../jobs/computerdis/{id}`; a body of the last two must be JSON."""
        task_id = read_id(request)
        jobs = self._computer_api(request)
        if request.method == "GET":
            return grizzly_response(jobs.get_job(task_id))
        if await request.body():
            await read_json(request)
        if request.method == "PUT":
            return grizzly_response(jobs.stop_job(task_id), HTTPStatus.ACCEPTED)
        return grizzly_response(jobs.remove_job(task_id))

    # Login

    async def log_in(self, request: Request) -> Response:
        """`POST /auth/login`."""
        assert self.authenticator is not None
        return grizzly_response(self.authenticator.log_in(await read_json(request)))

    async def verify_login(self, _request: Request) -> Response:
        """`GET /auth/verify`."""
        assert self.authenticator is not None
        return grizzly_response(self.authenticator.describe_user())

    async def _answer_java_error(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, wire.JavaError)
        return java_error_response(error, trace=self.settings.has_graphspaces)


def _read_place(request: Request) -> tuple[str, str]:
    """The graphspace and the graph in the path."""
    return request.path_params.get("space", DEFAULT_SPACE), request.path_params["graph"]


def _make_route(
    path: str,
    endpoint: RequestHandler,
    methods: list[str] | None = None,
    consumed: str = media_types.JSON_TYPE,
) -> Route:
    return Route(path, check_headers(endpoint, consumed), methods=methods)
