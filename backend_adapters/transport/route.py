"""Notes where the connection of a request goes: a proxy of the environment may be in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from backend_adapters.transport.url import default_port, join_host_port


class RequestRoute:
    """What happened on the way of one request; `note` is for the extension `trace` of the HTTP library."""

    def __init__(self, url: httpx.URL) -> None:
        """Observe a request to this address."""
        self.address = (url.raw_host.decode("ascii"), url.port or default_port(url.scheme))
        """Host and port of the server itself."""
        self.proxy = ""
        """`host:port` of the proxy that was asked for a connection; empty without one."""
        self.connected = False
        """A connection was made, to the server or to the proxy."""

    async def note_event(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of one step of the connection."""
        if event.endswith("connect_tcp.started"):
            self.connected = False
            host, port = info["host"], info["port"]
            self.proxy = "" if (host, port) == self.address else join_host_port(host, port)
        elif event.endswith("connect_tcp.complete"):
            self.connected = True
