"""Makes the HTTP clients for one server: each with one connection, without redirects and cookies."""

from __future__ import annotations

import ssl
import sys
from http.cookiejar import CookieJar
from importlib import import_module

import httpx

from backend_adapters.transport.decoding import ACCEPTED_ENCODING, raw_stream, read_capped
from backend_adapters.transport.target import Target
from backend_adapters.transport.tls import make_ssl_context
from backend_adapters.transport.url import host_and_port

ERROR_CAP = 1024 * 1024
"""The least cap of an answer other than 2xx: its message comes with a long trace."""

_KEEPALIVE = 20.0
"""Seconds that an idle connection is kept; HugeGraph closes it after 30."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": ACCEPTED_ENCODING, "User-Agent": "graphtop"}


def _note_missing_module() -> None:
    """Tell Python once that sniffio is not there, where it isn't.

    httpcore tries to import it four times for each request, which searches all folders each time: a tenth of
    what a request costs.
    """
    if "sniffio" not in sys.modules:
        try:
            import_module("sniffio")
        except ImportError:
            sys.modules["sniffio"] = None  # type: ignore[assignment]


class _NoCookies(CookieJar):
    """Keeps no cookies: no login needs one, and a proxy that sets new ones would fill the requests."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Ignore them."""


class HttpClientMaker:
    """Makes clients for a target's server. They log nobody in: each request comes with its login."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._host = host_and_port(target.url)
        self._trust: ssl.SSLContext | None = None

    def make_client(self) -> httpx.AsyncClient:
        """A client for the server. Raises Unreachable, not to be retried, where none can be made."""
        _note_missing_module()
        self._trust = self._trust or make_ssl_context(self._target)
        times = self._target.timeouts
        try:
            return httpx.AsyncClient(
                headers=_HEADERS,
                timeout=httpx.Timeout(times.read, connect=times.connect, pool=None),
                limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEEPALIVE),
                verify=self._trust,
                transport=self._target.http,
                follow_redirects=False,
                cookies=_NoCookies(),
                # As a hook, it runs before the HTTP library fails on an invalid address.
                event_hooks={"response": [self._check_head]},
            )
        except (httpx.InvalidURL, ValueError, ImportError) as error:
            from backend_adapters.transport.http_errors import proxy_unusable

            raise proxy_unusable(socks=isinstance(error, ImportError)) from error

    async def _check_head(self, response: httpx.Response) -> None:
        """Raise BadAnswer for a 3xx; cap the body of a 401, which the HTTP library would read whole."""
        if 300 <= response.status_code < 400:
            from backend_adapters.transport.redirect import redirect_error

            raise redirect_error(response, self._host)
        if response.status_code == 401:
            body, _ = await read_capped(response, ERROR_CAP)
            await raw_stream(response).aclose()
            response.stream = httpx.ByteStream(body)
            response.headers.pop("Content-Encoding", None)
