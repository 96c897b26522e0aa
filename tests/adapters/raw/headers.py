"""What is accepted, and what bodies are said to be."""

from __future__ import annotations

from tests.adapters.raw.cases import JSON, Case, Sent, job
from tests.adapters.raw.error_texts import EMPTY_BODY, NOT_ACCEPTABLE, NOT_ALLOWED, NOT_FOUND, NOT_SUPPORTED

HTML = ("Accept: text/html",)


def _list(accepted: str) -> Sent:
    return Sent("GET {tasks}", (f"Accept: {accepted}",))


def _typed(media_type: str) -> Sent:
    return job('{"gremlin":"1"}', f"Content-Type: {media_type}")


ACCEPTED = (
    Case(406, NOT_ACCEPTABLE, (
        _list("text/html"), _list("application/xml"), _list("text/xml"), _list("text/plain"),
        _list("text/*"), _list("garbage"), _list("application/vnd.x+json"), _list("image/*"),
        _list("text/html;q=0.9, application/xml;q=0.8"), Sent("GET {tasks}/{done}", HTML),
        Sent("GET /versions", HTML), Sent("GET /", HTML), Sent("PUT {tasks}/{done}?action=cancel", HTML),
        Sent("GET {tasks}/x", HTML), Sent("GET {tasks}/999999999", HTML),
        Sent("GET /graphs/nope/tasks", HTML), Sent("GET {tasks}?limit=x", HTML), Sent("GET {graph}", HTML),
        Sent("GET {tasks}?limit=-5", HTML), Sent("GET /apis", HTML),
        Sent("POST {jobs}", ("Accept: text/html", "Content-Type: application/json"), '{"gremlin":"1"}'),
    )),
    Case(200, "3 tasks", (
        _list("*/*"), _list("application/*"), _list("application/json;q=0"), _list("text/html, */*;q=0.1"),
        _list(""), _list("text/html, application/json"), _list("APPLICATION/JSON"), _list("*"),
        Sent("GET {tasks}", ("Accept: text/html", "Accept: application/json")),
    )),
    Case(400, "", (_list("a/b/c"), _list("application/json;q=x"))),
    Case(404, "NotFoundException: Can't find task with id '999999999'", (
        Sent("DELETE {tasks}/999999999", HTML),
    )),
    Case(404, NOT_FOUND, (Sent("GET /nothing", HTML),)),
    Case(405, NOT_ALLOWED, (Sent("POST {tasks}", HTML),), allow="GET,OPTIONS"),
    Case(406, NOT_ACCEPTABLE, (Sent("GET /graphspaces", HTML),), old=(404, NOT_FOUND)),
    Case(415, NOT_SUPPORTED, (
        Sent("POST {jobs}", ("Accept: text/html", "Content-Type: text/plain"), '{"gremlin":"1"}'),
    )),
)  # fmt: skip

SENT = (
    Case(201, "a new task", (
        _typed("application/json"), _typed("application/json;charset=utf-8"),
        _typed("application/json; charset=UTF-16"), _typed("application/json; charset=latin1"),
        _typed("application/json; charset=nope"), _typed("APPLICATION/JSON"), _typed("Application/Json"),
        _typed("application/json;"), _typed("application/json ; x=y"),
        Sent("POST {jobs}", ("Content-Type: application/json", "Content-Encoding: gzip"), '{"gremlin":"1"}'),
        Sent("POST {jobs}", ("Content-Type: application/json", "Content-Encoding: x"), '{"gremlin":"1"}'),
        Sent("POST {jobs}?x=1", JSON, '{"gremlin":"1"}'), Sent("POST {jobs}/", JSON, '{"gremlin":"1"}'),
    )),
    Case(415, NOT_SUPPORTED, (
        _typed("application/jsonx"), _typed("application/xjson"), _typed("application/*"), _typed("*/*"),
        _typed("text/plain"), _typed("text/json"), _typed("application/x-www-form-urlencoded"),
        _typed("application/problem+json"), _typed("multipart/form-data"),
        _typed("application/octet-stream"), Sent("POST {jobs}", (), '{"gremlin":"1"}'),
        Sent("POST {jobs}", ("Content-Type: text/plain",)),
        Sent("POST {jobs}", ("Content-Type: text/plain",), "x"),
    )),
    Case(400, "", (
        _typed("garbage"), _typed("application/json, text/plain"), _typed(""), _typed("/"),
        _typed("application/"), _typed("application/json/x"), _typed("a b/json"),
        _typed("application/json;x"), Sent("POST {jobs}", ("Content-Type: garbage",)),
        job('{"gremlin":"1"}', "Content-Type: application/json", "Content-Type: text/plain"),
        Sent("GET {tasks}", ("Content-Type: garbage",)), Sent("GET /versions", ("Content-Type: garbage",)),
        Sent("DELETE {tasks}/999999999", ("Content-Type: garbage",)),
    )),
    Case(400, EMPTY_BODY, ("POST {jobs}", Sent("POST {jobs}", ("Content-Length: 0",)))),
    Case(200, "a task: success", (Sent("GET {tasks}/{done}", ("Content-Type: text/plain",)),)),
    Case(405, NOT_ALLOWED, (Sent("POST {tasks}", ("Content-Type: garbage",), "x"),), allow="GET,OPTIONS"),
)  # fmt: skip
