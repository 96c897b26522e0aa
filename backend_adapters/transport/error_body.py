"""One answer of a server, and the error that it stands for where it is not 2xx.

What the body of an error looks like differs from dialect to dialect: each adapter reads its own into an
`ErrorBody`.
"""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    Busy,
    LoginKind,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
)
from backend_adapters.redaction import mask_secrets
from backend_adapters.sentences import shorten_text

_LONGEST_LINE = 300
_TLS_REQUIRED = (
    b"plain HTTP request was sent to HTTPS port",  # nginx
    b"speaking plain HTTP to an SSL-enabled server port",  # Apache
    b"Client sent an HTTP request to an HTTPS server",  # Go
    b"This combination of host and port requires TLS",  # Tomcat
)
"""What servers answer to plain HTTP on a TLS port, mostly with status 400."""

_LOGIN_HINTS: dict[LoginKind, str] = {
    "token": "It may have expired. Set a new one in GRAPHTOP_TOKEN, with --token-command or --token-file.",
    "password": "Check both. Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command"
    " or at the prompt.",
}
"""What to do when the server refused this kind of login."""

_STATUS_TEXTS = {
    400: "bad request",
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
    """One answer of any status, with its body up to the cap."""

    code: int
    body: bytes
    truncated: bool = False
    """The body was longer than the cap; `body` is its beginning."""
    retry_after: float | None = None
    """Seconds of the Retry-After header."""
    date: float | None = None
    """The Date header in epoch seconds: the server's own clock."""
    login: LoginKind | None = None
    """Of a 401: how the request was logged in; None where it was not."""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.code < 300

    @property
    def is_html(self) -> bool:
        """Whether the body is a web page, as proxies and starting servers send one."""
        return self.body[:512].lstrip().startswith(b"<")


class ErrorBody(Struct, frozen=True):
    """What the body of an error says; all fields are empty where nothing could be read."""

    exception: str = ""
    message: str = ""
    cause: str = ""
    trace: str = ""
    code: str = ""
    """The service's own code, where its dialect has codes: `GES.8301`."""

    @property
    def summary(self) -> str:
        """The first line with any text, shortened and without secrets."""
        for text in (self.message, self.cause, self.exception):
            line = text.strip().partition("\n")[0].strip()
            if line and line != "null":
                return shorten_text(mask_secrets(line), _LONGEST_LINE)
        return ""

    def mentions(self, needle: str) -> bool:
        """Whether exception, message or cause contain a text."""
        return any(needle in text for text in (self.exception, self.message, self.cause))


def requires_tls(reply: Reply) -> bool:
    """Whether a server says that its port takes no plain HTTP."""
    return reply.code in (400, 426, 497) and any(text in reply.body[:2000] for text in _TLS_REQUIRED)


def requires_tls_error(host: str, code: int | None = None) -> BadAnswer:
    """The error for a port that takes no plain HTTP; `host` is `host:port`."""
    message = f"{host} expects HTTPS, but the request was plain HTTP."
    return BadAnswer(message, hint="Use https:// instead of http://.", code=code)


def error_from_reply(
    reply: Reply, where: str, body: ErrorBody, kind: type[BackendError] | None = None
) -> BackendError:
    """The error that an answer other than 2xx stands for; `where` is `host:port/graph`.

    `kind` is its class where the body tells more than the status does.
    """
    if requires_tls(reply):
        return requires_tls_error(where.partition("/")[0], reply.code)
    kind = kind or _error_class(reply)
    if kind is NotLoggedIn:
        message = _describe_refused_login(reply, where.partition("/")[0], body.summary)
    elif reply.is_html and kind is BadAnswer:
        message = f"{where} answered {reply.code} with a web page instead of JSON."
    else:
        reason = body.summary or _STATUS_TEXTS.get(reply.code, "no explanation")
        message = f"{where} answered {reply.code}: {reason}"
    error = kind(message, code=reply.code, trace=body.trace, retry_after=reply.retry_after)
    if isinstance(error, NotLoggedIn) and reply.login in _LOGIN_HINTS:
        error.wants, error.hint = reply.login, _LOGIN_HINTS[reply.login]
    return error


def _describe_refused_login(reply: Reply, host: str, words: str) -> str:
    """What a 401 says of the login that was sent; `words` are the server's."""
    answer = f"{reply.code}: {words.rstrip('.')}" if words else f"{reply.code}"
    if reply.login == "password":
        return f"Wrong user or password for {host} ({answer})."
    if reply.login == "token":
        return f"{host} rejected the token ({answer})."
    return f"{host} needs a login ({answer})."


def _error_class(reply: Reply) -> type[BackendError]:
    """The class of error that a status stands for."""
    if reply.code in (429, 503):
        return Busy
    if reply.code in (401, 403):
        return NotLoggedIn if reply.code == 401 else NotAllowed
    if reply.code >= 500:
        return ServerFault
    return BadAnswer if reply.is_html else Refused
