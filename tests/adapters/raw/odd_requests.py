"""Requests that are odd before anybody asks what they are about.

Left out is what uvicorn's own parser refuses with 400, and a real server takes or answers with 505: two
Hosts, blanks around names, characters beyond ASCII in the target, and versions that are no two numbers.
"""

from __future__ import annotations

from tests.adapters.raw.cases import Case, Sent

MANY = Sent("200 headers", whole=b"GET /versions HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n")


def _whole(name: str, request: bytes) -> Sent:
    return Sent(name, whole=request)


def _long(before: bytes, count: int, after: bytes) -> Sent:
    return Sent(f"{count} bytes in {before!r}", whole=before + b"x" * count + after)


CASES = (
    Case(400, "", (
        _whole("no Host", b'GET /versions HTTP/1.1\r\n\r\n'),
        _whole("length x", b'POST /versions HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'),
        _whole("length -1", b'POST /versions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'),
        _whole("two lengths",
               b'POST /versions HTTP/1.1\r\nHost: x\r\n'
               b'Content-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
        _long(b'GET {tasks} HTTP/1.1\r\nHost: x\r\nX: ', 9000, b'\r\n\r\n'), MANY,
    )),
    Case(500, "a web page", (
        _whole("empty Host", b'GET /versions HTTP/1.1\r\nHost:\r\n\r\n'),
        _whole("strange Host", b'GET /versions HTTP/1.1\r\nHost: a b\r\n\r\n'),
    )),
    Case(200, "versions", (
        _whole("lower host", b'GET /versions HTTP/1.1\r\nhost: a\r\n\r\n'),
        _whole("absolute", b'GET http://x/versions HTTP/1.1\r\nHost: x\r\n\r\n'),
        _whole("folded", b'GET /versions HTTP/1.1\r\nHost: x\r\na: b\r\n c\r\n\r\n'),
        _whole("bare lf", b'GET /versions HTTP/1.1\nHost: x\n\n'),
        _whole("utf8 header", b'GET /versions HTTP/1.1\r\nHost: x\r\nX: \xc3\xa9\r\n\r\n'),
        _whole("gzip", b'GET /versions HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n'),
        _whole("range", b'GET /versions HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n'),
        _whole("override", b'GET /versions HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: DELETE\r\n\r\n'),
        _whole("pipelined", b'GET /versions HTTP/1.1\r\nHost: x\r\n\r\n' * 2),
    )),
    Case(200, "versions", (
        _whole("HTTP/2.0", b'GET /versions HTTP/2.0\r\nHost: x\r\n\r\n'),
        _whole("HTTP/1.0", b'GET /versions HTTP/1.0\r\n\r\n'),
        _whole("HTTP/1.0 host", b'GET /versions HTTP/1.0\r\nHost: x\r\n\r\n'),
        _whole("close", b'GET /versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    ), closes=True),
    Case(505, "", (_whole("HTTP/1.2", b'GET /versions HTTP/1.2\r\nHost: x\r\n\r\n'),)),
    Case(201, "a new task", (
        _whole("expect",
               b'POST {jobs} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n'
               b'Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"gremlin":"1"}'),
    )),
    Case(417, "", (_whole("expect x", b'GET /versions HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n'),)),
    Case(200, "service, version, doc, api_doc, swagger_ui, apis", (
        _whole("no slash", b'GET versions HTTP/1.1\r\nHost: x\r\n\r\n'),
    )),
    Case(400, "", (
        _long(b'GET {tasks}?x=', 9000, b' HTTP/1.1\r\nHost: x\r\n\r\n'),
        _long(b'GET /', 9000, b' HTTP/1.1\r\nHost: x\r\n\r\n'),
        _long(b'GET {tasks}?x=', 20000, b' HTTP/1.1\r\nHost: x\r\n\r\n'),
    ), silent=True),
)  # fmt: skip
