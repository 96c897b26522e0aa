"""Reads a server's error answers: which class of `errors` one is, and the server's own words."""

from __future__ import annotations

import json

from msgspec import Struct

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    Busy,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    Wants,
)
from backend_adapters.redaction import mask

_INITIALISING = "Please wait for the server to initialize"
_GRIZZLY = "Request failed."
_INTERRUPTED = "InterruptedException"
_LONGEST_LINE = 300
_WANTS_TLS = (
    b"plain HTTP request was sent to HTTPS port",  # nginx
    b"speaking plain HTTP to an SSL-enabled server port",  # Apache
    b"Client sent an HTTP request to an HTTPS server",  # Go
    b"This combination of host and port requires TLS",  # Tomcat
)
"""What servers say, mostly with 400, where a port wants TLS."""

_OTHER_LOGIN: dict[Wants, str] = {
    "token": "Check the token, it may have expired. Give another one in GRAPHTOP_TOKEN, with --token-command"
    " or with --token-file.",
    "password": "Check the user and the password. Give others with --user, and the password in"
    " GRAPHTOP_PASSWORD, with --password-command or at the prompt.",
}
"""What to do where the server refused what it was shown."""

_NO_WORDS = {
    400: "bad request",
    401: "login required",
    403: "forbidden",
    404: "not found",
    405: "method not allowed",
    415: "unsupported action",
    500: "internal error",
    502: "bad gateway",
    503: "service unavailable",
    504: "gateway timeout",
}


class Reply(Struct, frozen=True, kw_only=True):
    """One answer, whatever its status, with its body up to the cap."""

    code: int
    body: bytes
    truncated: bool = False
    """The body was longer than the cap; `body` is its beginning."""
    retry_after: float | None = None
    """Seconds of the header Retry-After."""
    date: float | None = None
    """The header Date as epoch seconds: what the server takes for now."""
    login: Wants | None = None
    """Of a 401: what the request logged in with; None for nothing."""

    @property
    def ok(self) -> bool:
        """Whether the server said yes."""
        return 200 <= self.code < 300

    @property
    def html(self) -> bool:
        """Whether the body is a web page, as proxies and starting servers send."""
        return self.body[:512].lstrip().startswith(b"<")


class Complaint(Struct, frozen=True):
    """What an error body says; all empty where it said nothing that can be read."""

    exception: str = ""
    message: str = ""
    cause: str = ""
    trace: str = ""
    code: str = ""
    """The service's own code, where its dialect has codes: `GES.8301`."""

    @property
    def words(self) -> str:
        """The first line that says something, short and without secrets."""
        for text in (self.message, self.cause, self.exception):
            line = text.strip().partition("\n")[0].strip()
            if line and line != "null":
                return _short(mask(line))
        return ""

    def mentions(self, needle: str) -> bool:
        """Whether exception, message or cause contain a text."""
        return any(needle in text for text in (self.exception, self.message, self.cause))


def complaint(reply: Reply) -> Complaint:
    """Read `{"exception", "message", "cause", "trace"}` (HugeGraph's ExceptionFilter), or plain text.

    A yes holds none, and is not read for it: it can be a long list.
    """
    if reply.ok:
        return Complaint()
    if reply.html:
        return Complaint(message=_GRIZZLY if _GRIZZLY.encode() in reply.body else "")
    text = reply.body.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return Complaint(message="" if text.startswith(("{", "[")) else text)
    if not isinstance(body, dict):
        return Complaint(message=body if isinstance(body, str) else "")
    message = _text(body.get("message")) or _text(body.get("error"))
    exception = _text(body.get("exception")).removeprefix("class ")
    return Complaint(exception, message, _text(body.get("cause")), _text(body.get("trace")))


def wants_tls(reply: Reply) -> bool:
    """Whether a server says that its port takes no plain HTTP."""
    return reply.code in (400, 426, 497) and any(words in reply.body[:2000] for words in _WANTS_TLS)


def tls_needed(host: str, code: int | None = None) -> BadAnswer:
    """The error for a port that takes no plain HTTP; `host` is `host:port`."""
    words = f"{host} speaks TLS, but was asked in plain HTTP."
    return BadAnswer(words, hint="Write https:// for http://.", code=code)


def fault(reply: Reply, where: str) -> BackendError:
    """The error that an answer other than 2xx stands for; `where` is `host:port/graph`."""
    if wants_tls(reply):
        return tls_needed(where.partition("/")[0], reply.code)
    said = complaint(reply)
    kind = _kind(reply, said)
    if kind is Starting:
        message = f"{where} is still starting."
    elif reply.html and kind is BadAnswer:
        message = f"{where} answered {reply.code} with a web page instead of JSON."
    else:
        message = (
            f"{where} answered {reply.code}: {said.words or _NO_WORDS.get(reply.code, 'no explanation')}"
        )
    error = kind(message, code=reply.code, trace=said.trace, retry_after=reply.retry_after)
    if isinstance(error, NotLoggedIn) and reply.login in _OTHER_LOGIN:
        error.wants, error.hint = reply.login, _OTHER_LOGIN[reply.login]
    return error


def _kind(reply: Reply, said: Complaint) -> type[BackendError]:
    """Which class of error a status with these words is."""
    if reply.code >= 500 and (said.mentions(_INITIALISING) or (reply.html and said.message == _GRIZZLY)):
        return Starting
    if reply.code in (429, 503) or said.mentions(_INTERRUPTED):
        # The memory monitor of 1.5+ interrupts requests: overload under a 400, not a wrong request.
        return Busy
    if reply.code in (401, 403):
        return NotLoggedIn if reply.code == 401 else NotAllowed
    if reply.code >= 500:
        return ServerFault
    return BadAnswer if reply.html else Refused


def _text(value: object) -> str:
    """A field of an error body as text; the trace comes as a list of lines."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return "" if value is None else str(value)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
