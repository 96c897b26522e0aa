"""Terminals and servers for a test, ended with it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.patience import PATIENCE
from tests.support.simulated_servers import read_address
from tests.terminal.configured_home import run_configured
from tests.terminal.shipped_programs import Program, bare_environment, build, compiled_copy, install, unpack
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, Terminal, environment

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
            *arguments: str,
            width: int = 120,
            height: int = 36,
            env: Env | None = None,
            shell: str = "",
            program: Sequence[str] = GRAPHTOP,
        ) -> Terminal:
            command = [*program, *arguments]
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
        return Server(read_address(server), server)

    yield started
    for server in servers:
        server.send_signal(signal.SIGCONT)
        server.terminate()
    for server in servers:
        server.communicate(timeout=PATIENCE)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run graphtop without a terminal; gives exit code, stdout and stderr."""
    return partial(run_configured, tmp_path)


# What is shipped, built once for all tests that look at it.


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of this checkout."""
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from nothing but the sdist."""
    return build("wheel", unpack(sdist, tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def prefix(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment into which the wheel is installed."""
    folder = bare_environment(tmp_path_factory.mktemp("installed"))
    install(wheel, folder)
    return folder


@pytest.fixture(scope="session")
def installed(prefix: Path) -> Program:
    """graphtop as it is installed."""
    return Program((str(prefix / "bin" / "graphtop"),), python=prefix / "bin" / "python", place=prefix)


@pytest.fixture(scope="session")
def zipped(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """graphtop inside a zip file, which a wheel is, with what it depends on beside it."""
    return Program.on_path(wheel, bare_environment(tmp_path_factory.mktemp("zipped")))


@pytest.fixture(scope="session")
def compiled(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """graphtop without any source."""
    copy = compiled_copy(wheel, tmp_path_factory.mktemp("pyc"))
    return Program.on_path(copy, bare_environment(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(params=["installed", "zipped", "compiled"])
def program(request: pytest.FixtureRequest) -> Program:
    """graphtop in each way in which it may be shipped."""
    found: Program = request.getfixturevalue(request.param)
    return found
