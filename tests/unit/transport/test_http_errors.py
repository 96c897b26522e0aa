"""How error answers become errors, and what is taken out of their texts."""

from __future__ import annotations

import errno
import json
import socket
import ssl

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
    Untrusted,
)
from backend_adapters.hugegraph.error_replies import error_from_hugegraph, read_error_body
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.http_errors import explain_http_error
from backend_adapters.transport.target import Timeouts


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
ELSEWHERE = ssl.SSLCertVerificationError(1, "certificate verify failed")
ELSEWHERE.verify_message = "IP address mismatch, certificate is not valid for '127.0.0.1'."


def ssl_error(reason: str) -> ssl.SSLError:
    """What OpenSSL raises for this reason."""
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


def caused(error: httpx.HTTPError, cause: BaseException) -> httpx.HTTPError:
    """An error of the HTTP library with its cause."""
    error.__cause__ = cause
    return error


ALERT = ssl_error("TLSV13_ALERT_CERTIFICATE_REQUIRED")
CUT = "db.example:443 closed the connection before the answer was complete."
REFUSED_TLS = "db.example:443 rejected the TLS connection: certificate required."

CHECK = "Check the address and the port, and that the server is running."
OVERLOADED = "The server may be overloaded."
TRUST = "Use --ca-file (ca_file) to trust its certificate, or --insecure to skip the check."
CERTIFICATE = "If the server requires a client certificate, use --client-cert (client_cert)."
REST = "Check that this is the address of the server's REST API."
LOGIN = "Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command or at the prompt."
PROXY = "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or set NO_PROXY=HOST to connect directly."
HTTPS_PORT = "If this is an HTTPS port, use https://. Otherwise check the port."


@pytest.mark.parametrize(("error", "scheme", "kind", "words", "hint"), [
    (connect_error(ConnectionRefusedError(errno.ECONNREFUSED, "x")), "http", Unreachable,
     "db.example:443 refused the connection: nothing is listening on this port.", CHECK),
    (connect_error(OSError(errno.EHOSTUNREACH, "x")), "http", Unreachable,
     "db.example:443 can't be reached: no route to the host.", CHECK),
    (connect_error(OSError(errno.ENETUNREACH, "x")), "http", Unreachable,
     "db.example:443 can't be reached: no route to its network.", CHECK),
    (connect_error(ConnectionResetError(errno.ECONNRESET, "x")), "https", Unreachable,
     "db.example:443 closed the connection immediately.", CHECK),
    (connect_error(OSError(errno.EPIPE, "x")), "http", Unreachable,
     "Couldn't connect to db.example:443: All connection attempts failed.", CHECK),
    (connect_error(socket.gaierror(-2, "x")), "http", Unreachable,
     'Can\'t resolve host "db.example".', "Check the name."),
    (connect_error(UNTRUSTED), "https", Untrusted,
     "The certificate of db.example:443 is not trusted: self-signed certificate.", TRUST),
    (connect_error(ELSEWHERE), "https", Untrusted,
     "The certificate of db.example:443 is not trusted: IP address mismatch,"
     " certificate is not valid for '127.0.0.1'.", TRUST),
    (connect_error(ssl_error("WRONG_VERSION_NUMBER")), "https", Unreachable,
     "db.example:443 doesn't use TLS on this port.", "Try http:// instead of https://."),
    (connect_error(ALERT), "https", Unreachable, REFUSED_TLS, CERTIFICATE),
    (httpx.ConnectError("token=abc odd.\nmore"), "http", Unreachable,
     "Couldn't connect to db.example:443: token=•••••• odd.", CHECK),
    (httpx.ConnectError(""), "https", Unreachable,
     "Couldn't connect to db.example:443 by TLS: ConnectError.", "Check that this port serves HTTPS."),
    (httpx.ConnectTimeout(""), "http", Unreachable,
     "db.example:443 did not accept a connection within 5 s.", CHECK),
    (httpx.ReadTimeout(""), "http", TimedOut, "db.example:443 sent nothing for 30 s.", OVERLOADED),
    (httpx.WriteTimeout(""), "http", TimedOut, "db.example:443 sent nothing for 30 s.", OVERLOADED),
    (httpx.ProxyError("407 no"), "http", Unreachable,
     "The proxy didn't connect to db.example:443: 407 no.", PROXY),
    (httpx.DecodingError("zlib"), "http", BadAnswer,
     "The compressed answer of db.example:443 can't be decompressed.", REST),
    (httpx.RemoteProtocolError("illegal status line"), "https", BadAnswer,
     "db.example:443 answered, but not in HTTP.", "Check the port."),
    (httpx.RemoteProtocolError("illegal status line"), "http", BadAnswer,
     "db.example:443 answered, but not in HTTP.", HTTPS_PORT),
    (httpx.RemoteProtocolError("Server disconnected"), "http", Unreachable, CUT, CHECK),
    (httpx.RemoteProtocolError("Server disconnected"), "https", Unreachable, CUT, CERTIFICATE),
    (caused(httpx.ReadError(""), OSError("x")), "http", Unreachable, CUT, CHECK),
    (caused(httpx.ReadError(""), ALERT), "https", Unreachable, REFUSED_TLS, CERTIFICATE),
    (ALERT, "https", Unreachable, REFUSED_TLS, CERTIFICATE),
    (caused(httpx.ReadError(""), ssl_error("SSLV3_ALERT_HANDSHAKE_FAILURE")), "https", Unreachable,
     "db.example:443 rejected the TLS connection: handshake failure.", CERTIFICATE),
])  # fmt: skip
def test_each_trouble_with_a_connection_is_named_with_what_can_be_done(error, scheme, kind, words, hint):
    found = explain_http_error(error, HOST, scheme, Timeouts())
    assert (type(found), str(found), found.hint) == (kind, words, hint)
    assert found.retryable


@pytest.mark.parametrize(("error", "words"), [
    (httpx.ConnectTimeout(""), "The proxy p:3128 did not accept a connection within 5 s."),
    (connect_error(OSError(errno.EHOSTUNREACH, "x")),
     "The proxy p:3128 can't be reached: no route to the host."),
    (httpx.ConnectError("odd"), "Couldn't connect to the proxy p:3128: odd."),
    (httpx.ProxyError("407 no"), "The proxy p:3128 didn't connect to db.example:443: 407 no."),
])  # fmt: skip
def test_what_a_proxy_fails_over_is_told_of_the_proxy(error, words):
    found = explain_http_error(error, HOST, "https", Timeouts(), "p:3128")
    assert (str(found), found.hint) == (words, PROXY)


@pytest.mark.parametrize(("error", "sent"), [
    (httpx.ConnectError(""), False), (httpx.ConnectTimeout(""), False), (httpx.PoolTimeout(""), False),
    (httpx.ReadTimeout(""), True), (httpx.WriteTimeout(""), True), (httpx.ReadError(""), True),
    (httpx.WriteError(""), True), (httpx.RemoteProtocolError(""), True), (ALERT, True),
])  # fmt: skip
def test_only_what_had_no_connection_was_certainly_not_sent(error, sent):
    assert explain_http_error(error, HOST, "https", Timeouts()).sent is sent


@pytest.mark.parametrize("code", [199, 200, 299, 300, 404])
def test_only_a_2xx_is_a_yes(code):
    assert reply(code).is_success == (code in (200, 299))


def test_causes_that_go_in_circles_come_to_an_end():
    one, other = httpx.ConnectError("round and round"), OSError("x")
    one.__cause__, other.__context__ = other, one
    assert str(explain_http_error(one, HOST, "http", Timeouts())).endswith(": round and round.")


INTERRUPTED = "Failed to update/query TaskStore: java.lang.InterruptedException"
PAGE = b"<html><head><title>Grizzly</title></head><body>Request failed.</body></html>"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply(400, said("Invalid limit -5")), Refused, "h:1/g answered 400: Invalid limit -5"),
        (reply(400, said(INTERRUPTED)), Busy, INTERRUPTED),
        (
            reply(401, said("No entry")),
            NotLoggedIn,
            "h:1 needs a login (401: No entry).",
        ),
        (
            reply(403, said("Permission denied: read Resource{x}")),
            NotAllowed,
            "Permission denied: read Resource{x}",
        ),
        (reply(404), Refused, "h:1/g answered 404: not found"),
        (reply(415, said("Not support action 'x'")), Refused, "Not support action 'x'"),
        (reply(429, b"", retry_after=7.0), Busy, "h:1/g answered 429: no explanation"),
        (reply(500, said("boom")), ServerFault, "h:1/g answered 500: boom"),
        (reply(500, said("Please wait for the server to initialize")), Starting, "h:1/g is still starting."),
        (reply(500, PAGE), Starting, "h:1/g is still starting."),
        (reply(502, b"<html>Bad Gateway</html>"), ServerFault, "bad gateway"),
        (
            reply(503, said("The server is too busy to process the request")),
            Busy,
            "The server is too busy to process the request",
        ),
        (
            reply(404, b"<!doctype html><p>no</p>"),
            BadAnswer,
            "h:1/g answered 404 with a web page instead of JSON.",
        ),
        (reply(400, b"plain words"), Refused, "plain words"),
        (reply(500, b'{"exception": "cut'), ServerFault, "internal error"),
        (reply(500, b"[" * 100_000), ServerFault, "internal error"),
        (reply(500, b"null"), ServerFault, "h:1/g answered 500: internal error"),
        (reply(500, b"[1]"), ServerFault, "h:1/g answered 500: internal error"),
        (reply(500, b"7"), ServerFault, "h:1/g answered 500: internal error"),
        (reply(500, b"true"), ServerFault, "h:1/g answered 500: internal error"),
        (reply(500, b'"only words"'), ServerFault, "h:1/g answered 500: only words"),
        (reply(500, {}), ServerFault, "h:1/g answered 500: internal error"),
        (reply(500, {"error": "of Spring"}), ServerFault, "h:1/g answered 500: of Spring"),
        (reply(500, {"message": "first", "error": "second"}), ServerFault, "answered 500: first"),
        (reply(400), Refused, "h:1/g answered 400: bad request"),
        (reply(401), NotLoggedIn, "h:1 needs a login (401)."),
        (reply(403), NotAllowed, "h:1/g answered 403: forbidden"),
        (reply(405), Refused, "h:1/g answered 405: method not allowed"),
        (reply(415), Refused, "h:1/g answered 415: unsupported action"),
        (reply(418), Refused, "h:1/g answered 418: no explanation"),
        (reply(502), ServerFault, "h:1/g answered 502: bad gateway"),
        (reply(503), Busy, "h:1/g answered 503: service unavailable"),
        (reply(504), ServerFault, "h:1/g answered 504: gateway timeout"),
        (reply(401, b"<html>login</html>"), NotLoggedIn, "h:1 needs a login (401)."),
        (reply(403, b"<html>no</html>"), NotAllowed, "h:1/g answered 403: forbidden"),
        (reply(503, b"<html>busy</html>"), Busy, "h:1/g answered 503: service unavailable"),
        (reply(404, b" " * 600 + b"<html>"), Refused, "h:1/g answered 404: <html>"),
        (
            reply(404, b" " * 500 + b"<html>"),
            BadAnswer,
            "h:1/g answered 404 with a web page instead of JSON.",
        ),
        (reply(499, PAGE), BadAnswer, "h:1/g answered 499 with a web page instead of JSON."),
        (
            reply(400, said("Please wait for the server to initialize")),
            Refused,
            "Please wait for the server to initialize",
        ),
        (reply(500, said("Request failed.")), ServerFault, "Request failed."),
        (reply(500, {"cause": INTERRUPTED}), Busy, INTERRUPTED),
        (reply(500, {"exception": "java.lang.InterruptedException"}), Busy, "InterruptedException"),
    ],
)
def test_each_answer_is_an_error_of_its_own(answer, kind, words):
    error = error_from_hugegraph(answer, "h:1/g")
    assert type(error) is kind
    assert str(error).endswith(words)
    assert error.code == answer.code
    assert error.retry_after == answer.retry_after


@pytest.mark.parametrize(("code", "hint", "retryable"), [
    (400, "", False),
    (401, LOGIN, False),
    (403, "Ask for the permission, or sign in as another user.", False),
    (429, "The server is overloaded or is limiting requests. Give it some time.", True),
    (500, "Check the server's log.", True),
    (503, "The server is overloaded or is limiting requests. Give it some time.", True),
])  # fmt: skip
def test_what_a_person_can_do_about_each_answer(code, hint, retryable):
    error = error_from_hugegraph(reply(code, {"message": "no"}), "h:1/g")
    assert (error.hint, error.retryable, error.sent) == (hint, retryable, True)


def test_what_a_person_can_do_about_a_starting_server_and_about_a_web_page():
    starting, page = (
        error_from_hugegraph(reply(500, PAGE), "h:1/g"),
        error_from_hugegraph(reply(404, PAGE), "h:1/g"),
    )
    assert (starting.hint, starting.retryable) == ("This usually takes a few seconds.", True)
    assert (page.hint, page.retryable) == (REST, True)


@pytest.mark.parametrize(("line", "shown"), [
    ("x" * 300, "x" * 300), ("x" * 301, "x" * 299 + "…"), ("  first \n second", "first"),
    ("password=hunter2", "password=••••••"),
])  # fmt: skip
def test_of_a_long_message_three_hundred_characters_of_its_first_line_are_shown(line, shown):
    assert str(error_from_hugegraph(reply(400, {"message": line}), "h")) == f"h answered 400: {shown}"


def test_the_first_line_is_the_message_and_the_trace_is_apart():
    body = said("it broke\nat somewhere", trace=["a.B.c(B.java:1)", "password=hunter2"])
    error = error_from_hugegraph(reply(500, body), "h:1/g")
    assert str(error) == "h:1/g answered 500: it broke"
    assert error.trace == "a.B.c(B.java:1)\npassword=••••••"


@pytest.mark.parametrize(("body", "words"), [
    ({"message": None, "cause": "java.io.IOException: disk"}, "java.io.IOException: disk"),
    ({"message": " \n", "cause": "disk"}, "disk"),
    ({"message": "m", "cause": "c", "exception": "class x.Y"}, "m"),
    ({"cause": "c", "exception": "class x.Y"}, "c"),
    (said("null", "java.lang.NullPointerException"), "java.lang.NullPointerException"),
    ({"exception": "x.Y"}, "x.Y"),
    ({"message": ["one", 2]}, "one"),
    ({"message": 7}, "7"),
    ({"message": "null"}, ""),
    ({}, ""),
])  # fmt: skip
def test_without_a_message_the_cause_or_the_class_speaks(body, words):
    assert read_error_body(reply(500, body)).summary == words


def test_a_message_that_is_nested_too_deeply_is_no_words():
    for depth in range(300, 1000):
        body = b'{"message": ' + b"[" * depth + b"]" * depth + b', "cause": [' + b'{"a":' * depth + b"1"
        body += b"}" * depth + b"]}"
        assert error_from_hugegraph(reply(500, body), "h:1/g").code == 500


@pytest.mark.parametrize(("login", "words"), [
    ("password", "Wrong user or password for h:1 (401: Authentication failed)."),
    ("token", "h:1 rejected the token (401: Authentication failed)."),
    (None, "h:1 needs a login (401: Authentication failed)."),
])  # fmt: skip
def test_a_refused_login_is_told_by_what_was_sent(login, words):
    answer = reply(401, said("Authentication failed."), login=login)
    assert str(error_from_hugegraph(answer, "h:1/g")) == words


def test_only_the_server_itself_refuses_a_connection() -> None:
    refused = connect_error(ConnectionRefusedError(errno.ECONNREFUSED, "x"))
    for error, proxy, is_refused in (
        (refused, "", True),
        (refused, "proxy:3128", False),
        (connect_error(OSError(errno.EHOSTUNREACH, "x")), "", False),
    ):
        found = explain_http_error(error, "db.example:443", "http", Timeouts(), proxy)
        assert isinstance(found, Unreachable)
        assert found.is_refused is is_refused
