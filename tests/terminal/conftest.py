"""Terminals and servers for a test, ended with it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.terminal.term import GRAPHTOP, PATIENCE, ROOT, Terminal, environment

Env = dict[str, str | None]
Open = Callable[..., Terminal]
Simulate = Callable[..., "Server"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Server(NamedTuple):
    """A simulated server in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def graphtop(tmp_path: Path) -> Iterator[Open]:
    """Open graphtop with some arguments in a terminal of its own."""
    with ExitStack() as stack:

        def opened(
            *arguments: str, width: int = 120, height: int = 36, env: Env | None = None, shell: str = ""
        ) -> Terminal:
            command = [*GRAPHTOP, *arguments]
            if shell:
                command = ["sh", "-c", f'{shell}; exec "$@"', "sh", *command]
            terminal = Terminal(command, environment(tmp_path, env), width=width, height=height)
            stack.callback(terminal.close)
            return terminal

        yield opened


@pytest.fixture
def simulate(tmp_path: Path) -> Iterator[Simulate]:
    """Start a simulated server."""
    servers: list[subprocess.Popen[bytes]] = []

    def started(*arguments: str, port: int = 0, env: Env | None = None) -> Server:
        server = subprocess.Popen(
            [*GRAPHTOP, "simulate", "--port", str(port), *arguments],
            env=environment(tmp_path, env),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        servers.append(server)
        return Server(_address(server), server)

    yield started
    for server in servers:
        server.send_signal(signal.SIGCONT)
        server.terminate()
    for server in servers:
        server.communicate(timeout=PATIENCE)


def _address(server: subprocess.Popen[bytes]) -> str:
    assert server.stdout is not None
    said, end = b"", time.monotonic() + PATIENCE
    while b"\n" not in said:
        assert time.monotonic() < end, "the simulated server did not start"
        if select.select([server.stdout], [], [], 0.2)[0]:
            piece = os.read(server.stdout.fileno(), 4096)
            assert piece, f"the simulated server ended with {server.wait()}"
            said += piece
    return said.decode().split()[-5].rstrip(".")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run graphtop without a terminal; gives exit code, stdout and stderr."""

    def ran(*arguments: str, env: Env | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*GRAPHTOP, *arguments],
            env=environment(tmp_path, env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return ran
