"""Paths, methods and actions."""

from __future__ import annotations

from tests.adapters.raw.cases import JSON, Case, Sent
from tests.adapters.raw.error_texts import (
    EMPTY_BODY,
    NO_GREMLIN,
    NO_PATH,
    NO_QUERY,
    NOT_ALLOWED,
    NOT_FOUND,
    NULL,
)

PATHS = (
    Case(200, "3 tasks", ("GET {tasks}/", "GET {tasks};a=b", "GET {tasks};limit=x", "GET {tasks}/;")),
    Case(404, NOT_FOUND, (
        "GET {tasks}//", "GET //versions", "GET {tasks}/{done}//", "GET {tasks}/{done}/x",
        "GET /versions//", "GET /Versions", "GET /./versions", "GET /x/../versions", "GET /%76ersions",
        "GET /versions%20", "GET /graphs//", "GET {graph}//", "GET {graph}/nothing", "GET {graph}/%74asks",
        "GET /nothing", "GET //", "GET /apis/x", "GET /%20", "GET {graph}/jobs",
        "GET {graph}/jobs/computerdis", "GET {graph}/jobs/nothing", "GET {tasks}/../tasks",
        "GET /graphs/hugegraph//tasks", "GET /graphs//hugegraph/tasks",
    )),
    Case(200, "a task: success", (
        "GET {tasks}/{done}/", "GET {tasks}/{done};a=b", "GET {tasks}/+{done}", "GET {tasks}/%2B{done}",
        "GET {tasks}/{done}?with_result=false", "GET {tasks}/{done}?with_result=x", "GET {tasks}/{done};",
        "GET {tasks}/{done}#x",
    )),
    Case(404, "NotFoundException: Can't find task with id '0'", (
        "GET {tasks}/%20", "GET {tasks}/0", "GET {tasks}/%09",
    )),
    Case(404, "NotFoundException: Can't find task with id '9999999'", (
        "GET {tasks}/%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9",
    )),
    Case(404, "NotFoundException: Can't find task with id '-1'", ("GET {tasks}/-1",)),
    Case(404, NO_PATH, (
        "GET {tasks}/x", "GET {tasks}/9223372036854775808", "GET {tasks}/{done}%20",
        "GET {tasks}/%20{done}", "GET {tasks}/%3B", "GET {tasks}/{done}%3Ba=b", "GET {tasks}/%E2%82%AC",
        "GET {tasks}/1_0", "GET {tasks}/%C2%A0",
    )),
    Case(404, "NotFoundException: Can't find task with id '9223372036854775807'", (
        "GET {tasks}/9223372036854775807",
    )),
    Case(404, "NotFoundException: Can't find task with id '-9223372036854775808'", (
        "GET {tasks}/-9223372036854775808",
    )),
    Case(404, "NotFoundException: Can't find task with id '999999999'", (
        "GET {tasks}/999999999", "GET {tasks}/00000000000000000000999999999",
    )),
    Case(500, "", (
        "GET {tasks}/%00", "GET {tasks}/1%2F2", "GET {tasks}/%", "GET {tasks}/%zz", "GET {tasks}/%ff",
        "GET {tasks}/\\", "GET /versions%2F", "GET {graph}/tasks%2F",
    )),
    Case(500, "a web page", ("GET {tasks}/1|2", "GET {tasks}/{{x}}")),
    Case(200, "versions", ("GET /versions", "GET /versions/", "GET /versions?x=1", "GET /versions;x=1")),
    Case(200, '{"name":"hugegraph","backend":"rocksdb"}', ("GET {graph}", "GET {graph}/", "GET {graph};x")),
    Case(200, "service, version, doc, api_doc, swagger_ui, apis", ("GET /",)),
    Case(200, "apis", ("GET /apis", "GET /apis/")),
    Case(405, NOT_ALLOWED, ("GET {graph}/jobs/gremlin/",), allow="POST,OPTIONS"),
)  # fmt: skip

UNKNOWN = (
    Case(500, NULL, (
        "GET /graphs/nope", "GET /graphs/nope/tasks", "GET /graphs/nope/tasks/1",
        "PUT /graphs/nope/tasks/1?action=cancel", "DELETE /graphs/nope/tasks/1",
        "GET /graphs/nope/tasks?ids=1&page=", "GET /graphs/nope/tasks?status=bogus",
        Sent("POST /graphs/nope/jobs/gremlin", JSON, '{"gremlin":"1"}'),
    ), old=(404, "NotFoundException: Graph 'nope' does not exist")),
    Case(404, NO_PATH, ("GET /graphs/nope/tasks/x",)),
    Case(404, NO_QUERY, ("GET /graphs/nope/tasks?limit=x",)),
    Case(415, "NotSupportedException: Not support action 'null'", ("PUT /graphs/nope/tasks/1",)),
    Case(404, NOT_FOUND, (
        "GET /graphs/nope/nothing", "GET /graphspaces/DEFAULT/nothing", "GET /graphspaces//graphs",
        "GET /graphspaces/DEFAULT/tasks",
    )),
    Case(500, NULL, ("GET /graphs/%20/tasks",), old=(404, "NotFoundException: Graph ' ' does not exist")),
    Case(500, NULL, (
        "GET /graphs/n%C3%B6pe/tasks",
    ), old=(404, "NotFoundException: Graph 'nöpe' does not exist")),
    Case(500, NULL, (
        "GET /graphs/HUGEGRAPH/tasks",
    ), old=(404, "NotFoundException: Graph 'HUGEGRAPH' does not exist")),
    Case(500, NULL, (
        "GET /graphs/hugegraph%20/tasks",
    ), old=(404, "NotFoundException: Graph 'hugegraph ' does not exist")),
    Case(200, '{"graphs":[]}', ("GET /graphspaces/NOPE/graphs",), old=(404, NOT_FOUND)),
    Case(500, NULL, (
        "GET /graphspaces/NOPE/graphs/hugegraph", "GET /graphspaces/NOPE/graphs/hugegraph/tasks",
        "GET /graphspaces/NOPE/graphs/hugegraph/tasks/1", "GET /graphspaces/DEFAULT/graphs/nope/tasks",
        "GET /graphspaces/DEFAULT/graphs/nope", "GET /graphspaces/DEFAULT", "GET /graphspaces/DEFAULT/",
        "GET /graphspaces/NOPE", "GET /graphspaces/default/graphs/hugegraph/tasks",
        "GET /graphspaces/%20/graphs/hugegraph/tasks",
        Sent("POST /graphspaces/NOPE/graphs/hugegraph/jobs/gremlin", JSON, '{"gremlin":"1"}'),
    ), old=(404, NOT_FOUND)),
    Case(200, '{"graphSpaces":[]}', ("GET /graphspaces", "GET /graphspaces/"), old=(404, NOT_FOUND)),
    Case(400, NO_GREMLIN, (Sent("POST /graphs/nope/jobs/gremlin", JSON, "{}"),)),
    Case(400, EMPTY_BODY, (Sent("POST /graphs/nope/jobs/gremlin", JSON, ""),)),
    Case(400,
         "Cannot deserialize value of type `GremlinAPI$GremlinRequest` from Array value (token "
         "`JsonToken.START_ARRAY`)",
         (Sent("POST /graphs/nope/jobs/gremlin", JSON, "["),)),
)  # fmt: skip

METHODS = (
    Case(200, "a description", (
        "OPTIONS {tasks}", "OPTIONS /versions", "OPTIONS /", "OPTIONS /graphs", "OPTIONS *",
        "OPTIONS /graphs/nope/tasks", "OPTIONS /apis", "OPTIONS {tasks}/",
    ), allow="HEAD,GET,OPTIONS"),
    Case(200, "a description", (
        "OPTIONS {tasks}/{done}", "OPTIONS {tasks}/x",
    ), allow="HEAD,DELETE,GET,OPTIONS,PUT"),
    Case(200, "a description", ("OPTIONS {jobs}",), allow="POST,OPTIONS"),
    Case(404, NOT_FOUND, ("OPTIONS /nothing", "PUT /nothing")),
    Case(200, "", ("HEAD {tasks}", "HEAD {tasks}/{done}", "HEAD /versions", "HEAD /")),
    Case(404, "", ("HEAD {tasks}/999999999", "HEAD {tasks}?limit=x")),
    Case(405, "", ("HEAD {jobs}",), allow="POST,OPTIONS"),
    Case(500, "", ("HEAD /graphs/nope/tasks",), old=(404, "")),
    Case(405, NOT_ALLOWED, (
        "POST {tasks}", "PUT {tasks}", "DELETE {tasks}", "PATCH {tasks}", "TRACE {tasks}", "FOO {tasks}",
        "get {tasks}", "POST /versions", "DELETE /versions", "POST /", "DELETE {tasks}/",
        "POST /graphs/nope/tasks", "DELETE /apis",
    ), allow="GET,OPTIONS"),
    Case(405, NOT_ALLOWED, ("PATCH {tasks}/{done}", "POST {tasks}/{done}"), allow="DELETE,GET,OPTIONS,PUT"),
    Case(405, NOT_ALLOWED, ("GET {jobs}", "PUT {jobs}", "DELETE {jobs}"), allow="POST,OPTIONS"),
)  # fmt: skip

ACTIONS = (
    Case(400, "BadRequestException: Can't cancel task '{done}' which is completed or cancelling", (
        "PUT {tasks}/{done}?action=cancel", "PUT {tasks}/{done}?action=cancel&action=x",
        Sent("PUT {tasks}/{done}?action=cancel", JSON, "{}"),
        Sent("PUT {tasks}/{done}?action=cancel", ("Content-Type: text/plain",), "x"),
    )),
    Case(415, "NotSupportedException: Not support action 'pause'", ("PUT {tasks}/{done}?action=pause",)),
    Case(415, "NotSupportedException: Not support action 'null'", ("PUT {tasks}/{done}",)),
    Case(415, "NotSupportedException: Not support action ''", ("PUT {tasks}/{done}?action=",)),
    Case(415, "NotSupportedException: Not support action 'CANCEL'", ("PUT {tasks}/{done}?action=CANCEL",)),
    Case(415, "NotSupportedException: Not support action ' cancel'", (
        "PUT {tasks}/{done}?action=%20cancel",
    )),
    Case(415, "NotSupportedException: Not support action 'x'", (
        "PUT {tasks}/{done}?action=x&action=cancel", "PUT {tasks}/999999999?action=x",
    )),
    Case(404, "NotFoundException: Can't find task with id '999999999'", (
        "PUT {tasks}/999999999?action=cancel", "DELETE {tasks}/999999999",
        "DELETE {tasks}/999999999?force=true", "DELETE {tasks}/999999999?force=x",
        "DELETE {tasks}/999999999?force=",
    )),
    Case(404, NO_PATH, ("PUT {tasks}/x?action=cancel", "DELETE {tasks}/x")),
    Case(404, "NotFoundException: Can't find task with id '0'", (
        "PUT {tasks}/%20?action=cancel", "DELETE {tasks}/%20",
    )),
    Case(404, "NotFoundException: Can't find task with id '-1'", ("DELETE {tasks}/-1",)),
    Case(400, "", (
        Sent("DELETE {tasks}/{done}", JSON, "{}"), Sent("GET {tasks}", JSON, "{}"),
        Sent("GET {tasks}/{done}", JSON, "{}"), Sent("GET /versions", JSON, "{}"),
        Sent("HEAD {tasks}", JSON, "{}"), Sent("GET /nothing", JSON, "{}"),
        Sent("DELETE {tasks}/999999999", JSON, "{}"), Sent("DELETE {tasks}", JSON, "{}"),
        Sent("DELETE {tasks}/{done}", (), "x"),
        Sent("DELETE {tasks}/{done}", ("Content-Type: text/plain",), "x"),
        Sent("GET {tasks}", ("Content-Type: text/plain",), "x"),
        Sent("DELETE {tasks}/{done}", ("Transfer-Encoding: chunked",), b'2\r\n{}\r\n0\r\n\r\n'),
        Sent("GET {tasks}", ("Transfer-Encoding: chunked",), b'2\r\n{}\r\n0\r\n\r\n'),
    )),
    Case(200, "a description", (Sent("OPTIONS {tasks}", JSON, "{}"),), allow="HEAD,GET,OPTIONS"),
    Case(201, "a new task", (
        Sent("POST {jobs}", ("Content-Type: application/json", "Transfer-Encoding: chunked"),
             b'f\r\n{"gremlin":"1"}\r\n0\r\n\r\n'),
    )),
)  # fmt: skip
