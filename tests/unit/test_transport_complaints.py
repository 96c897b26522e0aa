"""How error answers become errors, and what is taken out of their texts."""

from __future__ import annotations

import errno
import json
import socket
import ssl
import time

import httpx
import pytest

from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
)
from backend_adapters.transport.complaint import Reply, complaint, fault
from backend_adapters.transport.redact import redact
from backend_adapters.transport.target import Timeouts
from backend_adapters.transport.trouble import trouble


def reply(code: int, body: object = b"", **more) -> Reply:
    return Reply(code=code, body=body if isinstance(body, bytes) else json.dumps(body).encode(), **more)


def said(message: str, exception: str = "x.Y", **more) -> dict[str, object]:
    return {"exception": f"class {exception}", "message": message, "cause": "", **more}


HOST = "db.example:443"


def connect_error(cause: BaseException) -> httpx.ConnectError:
    """What httpx raises: the reason is deep inside, sometimes in a group."""
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = OSError("All connection attempts failed")
    error.__cause__.__cause__ = ExceptionGroup("multiple", [ValueError("x"), cause])
    return error


UNTRUSTED = ssl.SSLCertVerificationError(1, "certificate verify failed")
UNTRUSTED.verify_message = "self-signed certificate"


@pytest.mark.parametrize(("error", "scheme", "kind", "words"), [
    (connect_error(ConnectionRefusedError(errno.ECONNREFUSED, "x")), "http", Unreachable, "nothing listens"),
    (connect_error(OSError(errno.EHOSTUNREACH, "x")), "http", Unreachable, "no route to the host"),
    (connect_error(socket.gaierror(-2, "x")), "http", Unreachable, "for the host db.example of"),
    (connect_error(UNTRUSTED), "https", Unreachable, "not trusted: self-signed certificate"),
    (connect_error(ssl.SSLError(1, "WRONG_VERSION_NUMBER")), "https", Unreachable, "does not speak TLS"),
    (httpx.ConnectError("token=abc odd"), "http", Unreachable, "to db.example:443: token=*** odd"),
    (httpx.ConnectError(""), "https", Unreachable, "No TLS connection to db.example:443: ConnectError"),
    (httpx.ConnectTimeout(""), "http", Unreachable, "did not answer within 5 s"),
    (httpx.ReadTimeout(""), "http", TimedOut, "sent nothing for 30 s"),
    (httpx.ProxyError("407 no"), "http", Unreachable, "proxy on the way to db.example:443 failed: 407 no"),
    (httpx.DecodingError("zlib"), "http", BadAnswer, "compression can't be undone"),
    (httpx.RemoteProtocolError("illegal status line"), "https", BadAnswer, "not in HTTP"),
    (httpx.RemoteProtocolError("Server disconnected"), "http", Unreachable, "cut the connection"),
])  # fmt: skip
def test_each_trouble_with_a_connection_is_named(error, scheme, kind, words):
    found = trouble(error, HOST, scheme, Timeouts())
    assert type(found) is kind
    assert words in str(found)


INTERRUPTED = "Failed to update/query TaskStore: java.lang.InterruptedException"
PAGE = b"<html><head><title>Grizzly</title></head><body>Request failed.</body></html>"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply(400, said("Invalid limit -5")), Refused, "h:1/g answered 400: Invalid limit -5"),
        (reply(400, said(INTERRUPTED)), Busy, INTERRUPTED),
        (reply(401, said("Authentication failed")), NotLoggedIn, "Authentication failed"),
        (reply(403, said("Permission denied: read Resource{x}")), NotAllowed, "Permission denied"),
        (reply(404), Refused, "h:1/g answered 404: not found"),
        (reply(415, said("Not support action 'x'")), Refused, "Not support action"),
        (reply(429, b"", retry_after=7.0), Busy, "429"),
        (reply(500, said("boom")), ServerFault, "h:1/g answered 500: boom"),
        (reply(500, said("Please wait for the server to initialize")), Starting, "h:1/g is still starting"),
        (reply(500, PAGE), Starting, "still starting"),
        (reply(502, b"<html>Bad Gateway</html>"), ServerFault, "bad gateway"),
        (reply(503, said("The server is too busy to process the request")), Busy, "too busy"),
        (reply(404, b"<!doctype html><p>no</p>"), BadAnswer, "answered 404 with a web page"),
        (reply(400, b"plain words"), Refused, "plain words"),
        (reply(500, b'{"exception": "cut'), ServerFault, "internal error"),
        (reply(500, b"[" * 100_000), ServerFault, "internal error"),
    ],
)
def test_each_answer_is_an_error_of_its_own(answer, kind, words):
    error = fault(answer, "h:1/g")
    assert type(error) is kind
    assert words in str(error)
    assert error.code == answer.code
    assert error.retry_after == answer.retry_after


def test_the_first_line_is_the_message_and_the_trace_is_apart():
    body = said("it broke\nat somewhere", trace=["a.B.c(B.java:1)", "password=hunter2"])
    error = fault(reply(500, body), "h:1/g")
    assert str(error) == "h:1/g answered 500: it broke"
    assert error.trace == "a.B.c(B.java:1)\npassword=***"


def test_without_a_message_the_cause_or_the_class_speaks():
    assert complaint(reply(500, {"message": None, "cause": "java.io.IOException: disk"})).words.endswith(
        "disk"
    )
    assert complaint(reply(500, said("null", "java.lang.NullPointerException"))).words.endswith(
        "PointerException"
    )


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('{"password": "hunter2", "x": 1}', "hunter2"),
        ('{\\"token\\":\\"abc.def\\"}', "abc.def"),
        ("auth.token_secret=s3cr3t, next", "s3cr3t"),
        ("Authorization: Bearer eyJhbGciOi.J9", "eyJhbGciOi"),
        ("sent Basic YW5uOmh1bnRlcg==", "YW5uOmh1bnRlcg"),
        ("see http://ann:hunter2@h/x", "hunter2"),
        ("?access_token=abc123&x=1", "abc123"),
        ("client_secret: 'abc123'", "abc123"),
        (r'{"password":"a\"hunter2"}', "hunter2"),
        (r"{\"password\":\"a\\\"hunter2\"}", "hunter2"),
        ('{"password": "hunter2 cut here', "hunter2"),
    ],
)
def test_secrets_are_taken_out(text, secret):
    assert secret not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize(
    "text", ["g.V().count()", "Can't find task with id '9'", "Basic and bearer", "http://h/x@y"]
)
def test_other_texts_stay_as_they_are(text):
    assert redact(text) == text


@pytest.mark.parametrize("piece", ["token", "token=", "://", "://a", "secret ", 'password":"', "Bearer "])
def test_redaction_of_a_long_text_is_quick_and_its_outcome_short(piece):
    begin = time.perf_counter()
    assert len(redact(piece * 200_000)) < 50_000
    # Anything that looks at a pair of places for each place would need minutes.
    assert time.perf_counter() - begin < 10


def test_a_message_that_is_nested_too_deeply_is_no_words():
    for depth in range(300, 1000):
        body = b'{"message": ' + b"[" * depth + b"]" * depth + b', "cause": [' + b'{"a":' * depth + b"1"
        body += b"}" * depth + b"]}"
        assert fault(reply(500, body), "h:1/g").code == 500
