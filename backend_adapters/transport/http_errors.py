"""Turns errors of httpx into errors that say what happened, where, and the likely cause."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import TypeAlias

import httpx

from backend_adapters.errors import BackendError, BadAnswer, TimedOut, Unreachable, Untrusted
from backend_adapters.redaction import mask_secrets
from backend_adapters.sentences import end_sentence
from backend_adapters.transport.target import Timeouts

_ERRNOS = {
    errno.ECONNREFUSED: "{peer} refused the connection: nothing is listening on this port.",
    errno.EHOSTUNREACH: "{peer} can't be reached: no route to the host.",
    errno.ENETUNREACH: "{peer} can't be reached: no route to its network.",
    errno.ECONNRESET: "{peer} closed the connection immediately.",
}
"""What happened on the way to `peer`, which is `host:port` or names a proxy."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors before the first byte of a request is sent."""

_CUT_MESSAGES = ("Server disconnected", "peer ")
"""The messages of the HTTP library for a connection that ended before its answer did."""

_NOT_HTTP_MESSAGES = ("illegal status line", "illegal request line")
"""Its messages for an answer that is not HTTP."""

_STATUS = re.compile(r"status_code should be .*, not (-?\d+)$")
PROXY_HINT = "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or set NO_PROXY=HOST to connect directly."
"""What to do about a proxy that can't be used."""
_SOCKS_PROXY = "The environment sets a SOCKS proxy, but graphtop supports only HTTP proxies."
_INVALID_PROXY = "The address of the proxy that the environment sets is not valid."
_TLS_HINT = "Check that this port serves HTTPS."
_TRUST_HINT = "Use --ca-file (ca_file) to trust its certificate, or --insecure to skip the check."
_ALERT_HINT = "If the server requires a client certificate, use --client-cert (client_cert)."


HttpFailure: TypeAlias = httpx.HTTPError | ssl.SSLError
"""What a request can raise: httpx does not wrap a TLS alert that comes after the handshake."""


def explain_http_error(
    error: HttpFailure, host: str, scheme: str, timeouts: Timeouts, proxy: str = ""
) -> BackendError:
    """The BackendError for a failed request; `host` is `host:port`, `scheme` that of its URL.

    `proxy` is the `host:port` of the proxy that was asked for the connection; empty without one.
    """
    found = _explain_by_kind(error, host, scheme, timeouts, proxy)
    found.sent = not isinstance(error, _NEVER_SENT)
    return found


def proxy_unusable(*, socks: bool) -> Unreachable:
    """The error for an unusable proxy of the environment; its address may hold a password and is left out."""
    found = Unreachable(_SOCKS_PROXY if socks else _INVALID_PROXY, hint=PROXY_HINT)
    found.retryable = found.sent = False
    return found


def may_be_another_service(error: HttpFailure) -> bool:
    """Whether the other side may not be a web server, or one that wants TLS."""
    if isinstance(error, httpx.RemoteProtocolError):
        return str(error).startswith((*_CUT_MESSAGES, *_NOT_HTTP_MESSAGES))
    if isinstance(error, httpx.ConnectError):
        causes = [cause for cause in _iter_causes(error) if isinstance(cause, ssl.SSLError)]
        told = (isinstance(one, ssl.SSLCertVerificationError) or tls_alert(one) for one in causes)
        return bool(causes) and not any(told)
    return isinstance(error, (httpx.ReadError, httpx.WriteError))


def _explain_by_kind(
    error: HttpFailure, host: str, scheme: str, timeouts: Timeouts, proxy: str
) -> BackendError:
    if isinstance(error, httpx.ConnectTimeout):
        peer, hint = _name_peer(host, proxy)
        return Unreachable(f"{peer} did not accept a connection within {timeouts.connect:g} s.", hint=hint)
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"{host} sent nothing for {timeouts.read:g} s.")
    if isinstance(error, httpx.ProxyError):
        named = f"The proxy {proxy}" if proxy else "The proxy"
        return Unreachable(f"{named} didn't connect to {host}: {_first_line(error)}.", hint=PROXY_HINT)
    if isinstance(error, httpx.ConnectError):
        return _explain_no_connection(error, host, scheme, proxy)
    if isinstance(error, httpx.RemoteProtocolError) and not str(error).startswith(_CUT_MESSAGES):
        return _explain_broken_http(str(error), host, scheme)
    if isinstance(error, httpx.DecodingError):
        return BadAnswer(f"The compressed answer of {host} can't be decompressed.")
    # With TLS 1.3 a server says only after the handshake that it wants another certificate.
    alert = next(filter(None, map(tls_alert, _iter_causes(error))), "")
    if alert:
        return Unreachable(f"{host} rejected the TLS connection: {alert}.", hint=_ALERT_HINT)
    message = f"{host} closed the connection before the answer was complete."
    # An alert can be lost with the connection it ends: asyncio's own servers reset it at once.
    return Unreachable(message, hint=_ALERT_HINT if scheme == "https" else None)


def _name_peer(host: str, proxy: str) -> tuple[str, str | None]:
    """The peer that was connected to, for the beginning of a sentence, and a hint about it."""
    return (f"The proxy {proxy}", PROXY_HINT) if proxy else (host, None)


def _explain_no_connection(error: httpx.ConnectError, host: str, scheme: str, proxy: str) -> BackendError:
    """Why no connection was made: TLS, the name, or an errno."""
    peer, hint = _name_peer(host, proxy)
    for cause in _iter_causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f"The certificate of {host} is not trusted: {cause.verify_message}"
            return Untrusted(end_sentence(message), hint=_TRUST_HINT)
        if isinstance(cause, ssl.SSLError) and tls_alert(cause):
            return Unreachable(f"{host} rejected the TLS connection: {tls_alert(cause)}.", hint=_ALERT_HINT)
        if isinstance(cause, ssl.SSLError):
            return Unreachable(
                f"{host} doesn't use TLS on this port.", hint="Try http:// instead of https://."
            )
        if isinstance(cause, socket.gaierror):
            name = (proxy or host).rpartition(":")[0]
            kind = "proxy" if proxy else "host"
            return Unreachable(f'Can\'t resolve {kind} "{name}".', hint=hint or "Check the name.")
        if isinstance(cause, OSError) and cause.errno in _ERRNOS:
            found = Unreachable(_ERRNOS[cause.errno].format(peer=peer), hint=hint)
            found.is_refused = cause.errno == errno.ECONNREFUSED and not proxy
            return found
    if proxy:
        return Unreachable(f"Couldn't connect to the proxy {proxy}: {_first_line(error)}.", hint=hint)
    if scheme == "https":
        return Unreachable(f"Couldn't connect to {host} by TLS: {_first_line(error)}.", hint=_TLS_HINT)
    return Unreachable(f"Couldn't connect to {host}: {_first_line(error)}.")


def tls_alert(error: BaseException) -> str:
    """The alert with which a server ended TLS, such as `certificate required`; empty where there is none."""
    reason = getattr(error, "reason", None) or "" if isinstance(error, ssl.SSLError) else ""
    return reason.partition("_ALERT_")[2].replace("_", " ").lower()


def _explain_broken_http(message: str, host: str, scheme: str) -> BadAnswer:
    """The error for an answer that breaks the rules of HTTP; `message` is that of the HTTP library."""
    if message.startswith(_NOT_HTTP_MESSAGES):
        tls = "If this is an HTTPS port, use https://. Otherwise check the port."
        return BadAnswer(
            f"{host} answered, but not in HTTP.", hint=tls if scheme == "http" else "Check the port."
        )
    status = _STATUS.search(message)
    if status:
        return BadAnswer(f"{host} answered with status {int(status[1]):03}, which HTTP doesn't have.")
    return BadAnswer(f"{host} sent an answer that is not valid HTTP.")


def _iter_causes(error: BaseException) -> Iterator[BaseException]:
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


def _first_line(error: Exception) -> str:
    """The message of the library, in one line and without secrets."""
    line = mask_secrets(str(error)).partition("\n")[0].strip().rstrip(".")
    return line or type(error).__name__
