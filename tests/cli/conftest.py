"""A simulated server for a module of tests, and graphtop's commands run against it as subprocesses."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cli.fake_session import standard_input
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import read_address
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, Terminal, environment
from tui.cli import run as run_here
from tui.cli.output.standard_error import clear_progress

SLEEP = "for (i in 0..<3600) { Thread.sleep(1000) }"
BOOM = "throw new RuntimeException('boom')"
FINISHED = ("success", "failed", "cancelled")

Env = dict[str, str | None]
Done = subprocess.CompletedProcess


class Server:
    """A simulated server in a process of its own, and its tasks over plain HTTP."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url
        self.http = httpx.Client(
            base_url=f"{url}/graphspaces/DEFAULT/graphs/hugegraph", timeout=30, trust_env=False, verify=False
        )

    def submit(self, script: str = "1") -> str:
        answer = self.http.post("/jobs/gremlin", json={"gremlin": script, "bindings": {}, "aliases": {}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["task_id"])

    def word(self, task: str) -> str:
        answer = self.http.get(f"/tasks/{task}")
        return "gone" if answer.status_code == 404 else answer.json()["task_status"]

    def tasks(self) -> list[dict]:
        return self.http.get("/tasks", params={"limit": -1}).json()["tasks"]

    def wait(self, task: str, *words: str) -> str:
        end = time.monotonic() + PATIENCE
        while (word := self.word(task)) not in words:
            assert time.monotonic() < end, f"task {task} is {word}, not {words}"
            time.sleep(0.02)
        return task

    def ended(self, script: str = "1") -> str:
        """A task that has ended."""
        return self.wait(self.submit(script), *FINISHED)

    def running(self) -> str:
        """A task that runs for an hour."""
        return self.wait(self.submit(SLEEP), "running")


def simulated(stack: ExitStack, *arguments: str, home: Path, env: Env | None = None) -> Server:
    """Start a simulated server, ended with the stack."""
    process = subprocess.Popen(
        [*GRAPHTOP, "simulate", "--port", "0", *arguments],
        env=environment(home, env),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    stack.callback(process.wait, PATIENCE)
    stack.callback(process.terminate)
    assert process.stdout is not None
    stack.callback(process.stdout.close)
    server = Server(process, read_address(process))
    stack.callback(server.http.close)
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server at rest with 60 finished tasks; the tests of a module share it and add their own."""
    with ExitStack() as stack:
        yield simulated(stack, "--tasks", "60", "--pace", "0", home=tmp_path_factory.mktemp("home"))


@pytest.fixture
def spaces(tmp_path: Path) -> Iterator[Server]:
    """A server with two graphspaces, at rest and without tasks."""
    with ExitStack() as stack:
        flags = ("--backend", "hstore", "--version", "1.8.0", "--tasks", "0", "--pace", "0")
        yield simulated(stack, *flags, home=tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of the person who runs the commands: without any configuration."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command without a terminal, and end it with the test."""
    with ExitStack() as stack:

        def started(*arguments: str, env: Env | None = None, **options) -> subprocess.Popen[bytes]:
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            process = subprocess.Popen(
                [*GRAPHTOP, *arguments], env=environment(home, env), cwd=ROOT, **(streams | options)
            )
            stack.callback(_end, process)
            return process

        yield started


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.fixture
def run(home: Path) -> Callable[..., Done]:
    """Run a command without a terminal to its end; gives exit code, stdout and stderr."""

    def ran(*arguments: str, env: Env | None = None, stdin: str = "") -> Done:
        return subprocess.run(
            [*GRAPHTOP, *arguments],
            env=environment(home, env),
            cwd=ROOT,
            input=stdin,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return ran


@pytest.fixture
def call(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run a command within this process, which is quicker; gives the same as `run`."""

    def called(*arguments: str, env: Env | None = None, stdin: str = "") -> Done:
        with monkeypatch.context() as patch, standard_input(stdin.encode()) as stream:
            patch.setattr(os, "environ", environment(home, env))
            patch.setattr("sys.stdin", stream)
            try:
                code = run_here(list(arguments))
            except SystemExit as ended:
                code = ended.code
        return Done(arguments, code, *capsys.readouterr())

    return called


@pytest.fixture
def terminal(home: Path) -> Iterator[Callable[..., Terminal]]:
    """Run a command in a terminal."""
    with ExitStack() as stack:

        def opened(*arguments: str, env: Env | None = None, width: int = 100) -> Terminal:
            one = Terminal([*GRAPHTOP, *arguments], environment(home, env), width=width, height=40)
            stack.callback(one.close)
            return one

        yield opened


@pytest.fixture
def stderr_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let standard error be a terminal, for commands within this process; `capsys` gives what it shows."""
    monkeypatch.setattr("tui.cli.output.standard_error.is_terminal", lambda stream: stream is sys.stderr)
    yield
    clear_progress()


@pytest.fixture
def long_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal of whoever runs the tests cut no line that is printed within this process."""
    monkeypatch.setenv("COLUMNS", "1000000")


def rows(done: Done) -> list[Sequence[str]]:
    """The lines of a `tsv` output, as columns."""
    return [line.split("\t") for line in done.stdout.splitlines()]
