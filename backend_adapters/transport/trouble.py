"""Turns what httpx raises into errors that say what happened, where, and the likely cause."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TypeAlias

import httpx

from backend_adapters.errors import BackendError, BadAnswer, TimedOut, Unreachable
from backend_adapters.redaction import mask
from backend_adapters.sentences import end_sentence
from backend_adapters.transport.target import Timeouts

_ERRNOS = {
    errno.ECONNREFUSED: "refused the connection: nothing listens on this port",
    errno.EHOSTUNREACH: "can't be reached: no route to the host",
    errno.ENETUNREACH: "can't be reached: no route to its network",
    errno.ECONNRESET: "closed the connection at once",
}
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What happens before the first byte of a request leaves."""

_TLS_HINT = "Check that the port speaks https."
_TRUST_HINT = "ca_file (--ca-file) names certificates to trust; --insecure does without any check."
_ALERT_HINT = "Does it want a client certificate? client_cert (--client-cert) names one."


Raised: TypeAlias = httpx.HTTPError | ssl.SSLError
"""What a request can raise: a TLS alert that comes after the handshake passes httpx as it is."""


def trouble(error: Raised, host: str, scheme: str, timeouts: Timeouts) -> BackendError:
    """The error that a failed request stands for; `host` is `host:port`, `scheme` the one that was spoken."""
    found = _trouble(error, host, scheme, timeouts)
    found.sent = not isinstance(error, _NEVER_SENT)
    return found


def _trouble(error: Raised, host: str, scheme: str, timeouts: Timeouts) -> BackendError:
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(f"{host} did not answer within {timeouts.connect:g} s: no connection.")
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"{host} sent nothing for {timeouts.read:g} s.")
    if isinstance(error, httpx.ProxyError):
        return Unreachable(f"The proxy on the way to {host} failed: {_words(error)}.")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error, host, scheme)
    if isinstance(error, httpx.RemoteProtocolError) and "illegal" in str(error):
        return _not_http(host, scheme)
    if isinstance(error, httpx.DecodingError):
        return BadAnswer(f"{host} sent an answer whose compression can't be undone.")
    # With TLS 1.3 a server says only after the handshake that it wants another certificate.
    alert = next(filter(None, map(_alert, _causes(error))), "")
    if alert:
        return Unreachable(f"{host} refused the TLS connection: {alert}.", hint=_ALERT_HINT)
    words = f"{host} cut the connection before the answer was complete."
    # An alert can be lost with the connection it ends: asyncio's own servers reset it at once.
    return Unreachable(words, hint=_ALERT_HINT if scheme == "https" else None)


def _no_connection(error: httpx.ConnectError, host: str, scheme: str) -> BackendError:
    """Why no connection came about: TLS, name, or an errno."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            words = f"{host} shows a certificate that is not trusted: {cause.verify_message}"
            return Unreachable(end_sentence(words), hint=_TRUST_HINT)
        if isinstance(cause, ssl.SSLError) and _alert(cause):
            return Unreachable(f"{host} refused the TLS connection: {_alert(cause)}.", hint=_ALERT_HINT)
        if isinstance(cause, ssl.SSLError):
            return Unreachable(f"{host} does not speak TLS.", hint="Try http:// instead of https://.")
        if isinstance(cause, socket.gaierror):
            name = host.rpartition(":")[0]
            return Unreachable(f"No address is known for the host {name} of {host}.", hint="Check its name.")
        if isinstance(cause, OSError) and cause.errno in _ERRNOS:
            return Unreachable(f"{host} {_ERRNOS[cause.errno]}.")
    if scheme == "https":
        return Unreachable(f"No TLS connection to {host}: {_words(error)}.", hint=_TLS_HINT)
    return Unreachable(f"No connection to {host}: {_words(error)}.")


def _alert(error: BaseException) -> str:
    """What a server said as it ended the handshake, `certificate required`; empty where it said nothing."""
    reason = getattr(error, "reason", None) or "" if isinstance(error, ssl.SSLError) else ""
    return reason.partition("_ALERT_")[2].replace("_", " ").lower()


def _not_http(host: str, scheme: str) -> BadAnswer:
    """Something answers, but no web server: another service, or TLS spoken to as plain HTTP."""
    if scheme == "http":
        hint = "If this is an https port, write https://; otherwise check the port."
    else:
        hint = "Check the port."
    return BadAnswer(f"{host} answers, but not in HTTP.", hint=hint)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes and contexts, and the members of groups among them, outermost first."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        now = pending.pop(0)
        if id(now) in seen:
            continue
        seen.add(id(now))
        yield now
        pending += [other for other in (now.__cause__, now.__context__) if other is not None]
        if isinstance(now, BaseExceptionGroup):
            pending += now.exceptions


def _words(error: Exception) -> str:
    """What the library said, in one line and without secrets."""
    line = mask(str(error)).partition("\n")[0].strip().rstrip(".")
    return line or type(error).__name__
