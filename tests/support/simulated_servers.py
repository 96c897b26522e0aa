"""Simulated servers for tests: the address of one in a process of its own, and one in the loop of a test."""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from tests.support.patience import PATIENCE

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of servers without TLS: it takes 50 ms to read whom they would trust otherwise."""
ADDRESS = re.compile(r"https?://\S+:\d+")


def read_start(server: subprocess.Popen[bytes]) -> str:
    """Wait until a simulated server says where it listens; gives all that it has said by then."""
    assert server.stdout is not None
    said, end = "", time.monotonic() + PATIENCE
    while not (said.endswith("\n") and ADDRESS.search(said)):
        assert time.monotonic() < end, f"the simulated server did not start: {said!r}"
        if select.select([server.stdout], [], [], 0.2)[0]:
            piece = os.read(server.stdout.fileno(), 4096)
            assert piece, f"the simulated server ended with {server.wait()}"
            said += piece.decode()
    return said


def find_address(said: str) -> str:
    """The address in what a simulated server says at its start."""
    found = ADDRESS.search(said)
    assert found is not None, said
    return found[0]


def read_address(server: subprocess.Popen[bytes]) -> str:
    """Wait until a simulated server says where it listens; gives its address."""
    return find_address(read_start(server))


@asynccontextmanager
async def serve_in_loop(app: ASGIApp, allowed: Iterable[str] = ()) -> AsyncIterator[str]:
    """Serve an app on a socket, in the loop of the test, also for some names; gives its address."""
    from backend_adapters.simulator.serve import run_server

    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(run_server(app, "127.0.0.1", 0, ready.set_result, allowed))
    address = await asyncio.wait_for(ready, PATIENCE)
    try:
        yield address
    finally:
        signal.raise_signal(signal.SIGINT)
        await asyncio.wait_for(server, PATIENCE)
