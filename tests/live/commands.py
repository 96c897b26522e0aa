"""graphtop's commands on a server, each in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, environment

Process: TypeAlias = subprocess.Popen[bytes]
Done: TypeAlias = subprocess.CompletedProcess[str]
Start: TypeAlias = Callable[..., Process]
Call: TypeAlias = Callable[..., Done]


def login(server: HugeGraphServer) -> tuple[dict[str, str], list[str]]:
    """The environment and the flags that a server's login takes."""
    if server.auth is None:
        return {}, []
    user, password = server.auth
    return {"GRAPHTOP_PASSWORD": password}, ["--user", user]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command on a server, logged in, or on what stands before it at `url`; it ends with the test."""
    with ExitStack() as stack:

        def started(server: HugeGraphServer, *arguments: str, url="", env=None, flags=None) -> Process:
            variables, user = login(server)
            process = subprocess.Popen(
                [*GRAPHTOP, *arguments, "--url", url or server.url, *(user if flags is None else flags)],
                env=environment(tmp_path, variables if env is None else env),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield started


@pytest.fixture
def call(start: Start) -> Call:
    """Run a command on a server to its end, logged in; gives exit code, stdout and stderr."""

    def called(server: HugeGraphServer, *arguments: str, stdin: str = "", **more) -> Done:
        process = start(server, *arguments, **more)
        out, err = process.communicate(stdin.encode(), PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out.decode(), err.decode())

    return called
