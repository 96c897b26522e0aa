"""Serves a simulated server on a port, with uvicorn."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from backend_adapters.simulator.access import LocalAccess
from backend_adapters.simulator.asgi import CLOSES

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """Stops on SIGINT and SIGTERM without raising them again: the program then ends normally."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        previous = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


CONNECTION_LIMIT = 200
"""How many connections can be open at the same time; a further one is closed at once."""

HEAD_TIMEOUT = 10.0
"""Seconds after which a connection is closed that has not sent the whole head of a request."""


class _Protocol(H11Protocol):
    """HTTP as Grizzly speaks it where uvicorn differs, with limits for connections and slow clients."""

    _no_head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or close it if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTION_LIMIT:
            transport.close()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting for the head of a request."""
        super().connection_lost(exc)
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Read data; the time for the head of a request starts with its first byte."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self.conn.trailing_data[0]:
            self._await_head()

    def _await_head(self) -> None:
        if self._no_head is None:
            self._no_head = self.loop.call_later(HEAD_TIMEOUT, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._no_head is not None:
            self._no_head.cancel()
            self._no_head = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse what isn't HTTP, with an empty body."""
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.transport.close()

    def on_response_complete(self) -> None:
        """Close the connection after an answer that was the last without saying so."""
        super().on_response_complete()
        if self.scope.get("state", {}).get(CLOSES):
            self.transport.close()


async def run_server(
    app: ASGIApp, host: str, port: int, ready: Callable[[str], None], allowed: Iterable[str] = ()
) -> None:
    """Serve until a signal comes; `ready` is called with the URL once the server listens.

    Args:
        app: What to serve.
        host: The address to listen on.
        port: The port, or 0 for a free one.
        ready: Called with the URL.
        allowed: Names of this machine that a Host header may have, besides `host` and the loopback names.

    Raises:
        OSError: If it can't listen on the port.
    """
    guarded = LocalAccess(app, (host, *allowed))
    with _open_listener(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}"
        await _Server(_uvicorn_config(guarded), lambda: ready(address)).serve([listener])


def _open_listener(host: str, port: int) -> socket.socket:
    """Open a listening socket; asyncio turns off Nagle's delay only for sockets whose protocol is TCP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _uvicorn_config(app: ASGIApp) -> uvicorn.Config:
    """As Grizzly: no Date, 30 s of keep-alive. Heads up to 64 kB pass, so that the app refuses them."""
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=31,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=64 * 1024,
    )


def serve_app(
    app: ASGIApp,
    host: str,
    port: int,
    ready: Callable[[str], None],
    allowed: Iterable[str] = (),
) -> None:
    """Serve until SIGINT or SIGTERM. For the arguments see `run_server`.

    Raises:
        OSError: If it can't listen on the port.
    """
    asyncio.run(run_server(app, host, port, ready, allowed))
