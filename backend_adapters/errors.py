"""What can go wrong between graphtop and a server: one class for each reaction of a person.

Every error is a sentence of its own: what happened, and in `hint` what to do next. No message holds a secret.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from backend_adapters.redaction import mask_secrets

LoginKind: TypeAlias = Literal["password", "token", "keys"]
"""User and password, a token, or an access key with its secret key (and perhaps a security token)."""


OUT_OF_MEMORY_PHRASES = ("OutOfMemoryError", "Java heap space", "GC overhead limit")
"""What a Java server's words hold when its memory was not enough."""

WORKER_HINT = "This server is a worker of its cluster: connect to the master."
"""What to tell a person of a server that refused as a worker (hugegraph/PROTOCOL.md, section 3.5)."""


class BackendError(Exception):
    """A request failed; `str(error)` is a sentence for a person."""

    hint = ""
    """What to do about it, as a sentence; empty where there is nothing."""

    retryable = True
    """Whether the same request may succeed later without anybody doing anything."""

    sent = True
    """Whether the server may have received the request; False only when it certainly has not."""

    seconds = 0.0
    """How long the failed request took; 0 where it was not measured."""

    as_worker = False
    """Whether the server refused because it is a worker of its cluster. Nothing else tells that it is one."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: int | None = None,
        trace: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(mask_secrets(message))
        if hint is not None:
            self.hint = mask_secrets(hint)
        self.code = code
        """The HTTP status, where an answer came."""
        self.trace = mask_secrets(trace)
        """The server's stack trace, where it sent one."""
        self.retry_after = retry_after
        """Seconds the server asks to wait."""


class Unreachable(BackendError):
    """No connection: refused, no such host, a TLS failure, or cut in the middle."""

    hint = "Check the address and the port, and that the server is running."
    is_refused = False
    """Whether nothing listened on the port: the server itself was not running."""


class Untrusted(Unreachable):
    """The certificate of what answers at the address is not trusted: it may be another server."""


class TimedOut(BackendError):
    """Connected, but no answer in time; whether the server acted is not known."""

    hint = "The server may be overloaded."


class Starting(BackendError):
    """The server is there but still starting."""

    hint = "This usually takes a few seconds."


class Busy(BackendError):
    """The server is overloaded, or throttles."""

    hint = "The server is overloaded or is limiting requests. Give it some time."


class NotLoggedIn(BackendError):
    """No credentials, or wrong or expired ones (401)."""

    hint = "Use --user, and give the password in GRAPHTOP_PASSWORD, with --password-command or at the prompt."
    retryable = False
    wants: LoginKind = "password"
    """The kind of login that the server wants: a person is asked for that."""


class WrongClock(BackendError):
    """The server does not accept a signature because this machine's clock is off."""

    hint = "Set this machine's clock, or sync it with a time server."
    retryable = False


class NotAllowed(BackendError):
    """The credentials are right, but do not permit this (403)."""

    hint = "Ask for the permission, or sign in as another user."
    retryable = False


class NoSuchGraph(BackendError):
    """The server knows no graph, or no graphspace, of this name."""

    hint = "Choose a graph that the server lists."
    retryable = False

    def __init__(self, message: str, *, graphs: tuple[str, ...] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint, code=404)
        self.graphs = graphs
        """The graphs that the server does list, as far as known."""


class NoSuchTask(BackendError):
    """The server has no task of this id (any more)."""

    retryable = False


class Unreadable(BackendError):
    """The server fails to read this one record while it answers for others; the message has its words."""

    hint = "Check the server's log."
    retryable = False
    server_message = ""
    """The server's own, where it had any."""


class Refused(BackendError):
    """The server understood and said no (any other 4xx); the message holds its own words."""

    retryable = False


class ServerFault(BackendError):
    """The server failed on its side (5xx)."""

    hint = "Check the server's log."


class BadAnswer(BackendError):
    """The answer is not one of this API: HTML, cut JSON, wrong types, or far too long."""

    hint = "Check that this is the address of the server's REST API."


class BadValue(BackendError):
    """A value that a person gave is not possible; nothing was sent."""

    retryable = False
    sent = False

    def __init__(self, message: str, *, param: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.param = param
        """The name of the parameter."""


class Unsupported(BackendError):
    """This server, or this dialect, has no such call. Mostly that is known before anything is sent."""

    retryable = False
    sent = False


_NOTHING_STARTED = (
    BadValue,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    Unsupported,
    WrongClock,
)
_TOO_MANY = 429


def may_have_started(error: BackendError) -> bool:
    """Whether a job may have begun although the request to start it failed.

    So it is where no answer came, where a yes did not tell the id, and where the server failed, or a gateway
    before it. A no, a redirect and a throttle have started nothing.
    """
    if not error.sent or isinstance(error, _NOTHING_STARTED):
        return False
    if isinstance(error, BadAnswer):
        return error.code is None or not 300 <= error.code < 500
    return error.code != _TOO_MANY
