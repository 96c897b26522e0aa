"""`GET /` and `GET /apis`: the server's description of itself and of its API."""

from __future__ import annotations

from backend_adapters.simulator.hugegraph.settings import HugeGraphSettings

_DOCUMENTS = "https://hugegraph.apache.org/docs/"
_PACKAGES = (
    "arthas auth cypher filter graph gremlin job metrics profile raft resources schema space traversers "
    "variables"
)


def describe_server(settings: HugeGraphSettings, address: str) -> dict[str, object]:
    """`GET /`. The packages are those of a real server; this one has only some of them."""
    packages = [name for name in _PACKAGES.split() if name != "space" or settings.has_graphspaces]
    return {
        "service": "hugegraph",
        "version": settings.version,
        "doc": _DOCUMENTS,
        "api_doc": f"{_DOCUMENTS}clients/",
        "swagger_ui": f"{address}/swagger-ui/index.html",
        "apis": packages,
    }


def describe_apis(settings: HugeGraphSettings) -> dict[str, object]:
    """`GET /apis`: the requests that the simulated server takes."""
    space = "graphspaces/{graphspace}/" if settings.has_graphspaces else ""
    graphs = f"{space}graphs"
    graph = f"{graphs}/{{graph}}"
    body = _describe_parameter("body", "org.apache.hugegraph.api.job.GremlinAPI$GremlinRequest")
    apis: dict[str, object] = {
        "job": {
            "GremlinAPI": [_describe_request("POST", f"{graph}/jobs/gremlin", body)],
            "TaskAPI": _task_requests(f"{graph}/tasks", has_force=settings.has_force),
        },
        "profile": {
            "GraphsAPI": [
                _describe_request("GET", graphs),
                _describe_request("GET", graph),
                _describe_request(
                    "DELETE", graph, _describe_parameter("confirm_message", "java.lang.String")
                ),
                _describe_request("POST", graph, _describe_parameter("body", _config_type(settings))),
            ],
            "ProfileAPI": [_describe_request("GET", ""), _describe_request("GET", "apis")],
            "VersionAPI": [_describe_request("GET", "versions")],
        },
    }
    if settings.has_graphspaces:
        spaces = [
            _describe_request("GET", "graphspaces"),
            _describe_request("GET", "graphspaces/{graphspace}"),
        ]
        apis["space"] = {"GraphSpaceAPI": spaces}
    return {"apis": apis}


def _config_type(settings: HugeGraphSettings) -> str:
    """The Java type of the body that creates a graph."""
    strings = "java.util.Map<java.lang.String, java.lang.Object>"
    return strings if settings.has_graphspaces else "java.lang.String"


def _task_requests(tasks: str, *, has_force: bool) -> list[dict[str, object]]:
    task = f"{tasks}/{{id}}"
    listed = [
        _describe_parameter("status", "java.lang.String"),
        _describe_parameter("ids", "java.util.List<java.lang.Long>"),
        _describe_parameter("limit", "long", "100"),
        _describe_parameter("page", "java.lang.String"),
    ]
    force = [_describe_parameter("force", "boolean", "false")] if has_force else []
    return [
        _describe_request("GET", tasks, *listed),
        _describe_request("GET", task),
        _describe_request("PUT", task, _describe_parameter("action", "java.lang.String")),
        _describe_request("DELETE", task, *force),
    ]


def _describe_request(method: str, url: str, *parameters: dict[str, object]) -> dict[str, object]:
    return {"url": url, "method": method, "parameters": list(parameters)}


def _describe_parameter(name: str, java_type: str, default: str | None = None) -> dict[str, object]:
    return {"name": name, "type": java_type, "default_value": default}
