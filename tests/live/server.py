"""One real HugeGraph server: started, stopped, killed and restarted by a test."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.live import jars, java_process, server_config
from tests.live.server_config import Spec
from tests.support.ports import free_port

START_SECONDS = 240.0
"""A start takes 4-8 s on a quiet machine; four at once on two cores take a multiple."""

STOP_SECONDS = 40.0
"""A stop takes 2.5 s, but the server waits for tasks that run, a minute and more: then it is killed."""

ALIVE_SECONDS = 10.0
"""How long a node counts as alive after its last sign of life; a second master is refused until then."""

_MAIN = "org.apache.hugegraph.dist.HugeGraphServer"
_INIT = "org.apache.hugegraph.cmd.InitStore"


class ServerFailed(RuntimeError):
    """The server did not do as told; the message ends with the tail of its log."""


class HugeGraphServer:
    """A HugeGraph server in a folder of its own below the temporary directory, on free ports of 127.0.0.1.

    As a context manager it starts, and at the end is killed and its folder removed. The process can't outlive
    this one. All methods block; a coroutine calls them with `asyncio.to_thread`.
    """

    def __init__(self, spec: Spec | None = None, *, server_id: str = "server-1", first: bool = True) -> None:
        """`first`: it makes the store's tables; the servers that join a cluster find them there."""
        self.spec = spec or Spec()
        self._first = first
        self.server_id = server_id
        """The node's name: what stands in a task's `task_server`."""
        self.port = free_port()
        self.started_in = 0.0
        """Seconds that the last start took, until tasks could be listed."""
        self._ended = 0.0
        self._gremlin_port = free_port()
        self._folder: Path | None = None
        self._jvm: java_process.Jvm | None = None

    def __enter__(self) -> Self:
        """Starts the server."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills the server and removes its folder."""
        self.close()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, the same over restarts."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password, or None for a server without authentication."""
        return None if self.spec.password is None else ("admin", self.spec.password)

    @property
    def pid(self) -> int:
        """The Java process's id."""
        assert self._jvm is not None, "the server has not been started"
        return self._jvm.pid

    @property
    def running(self) -> bool:
        """Whether the Java process lives."""
        return self._jvm is not None and self._jvm.exit_code is None

    def graph_path(self, graph: str | None = None, graphspace: str = "DEFAULT") -> str:
        """The path of a graph (the first one by default) as this version wants it: no slash at the end."""
        graph = graph or self.spec.graphs[0]
        classic = self.spec.version < "1.7.0"
        return f"/graphs/{graph}" if classic else f"/graphspaces/{graphspace}/graphs/{graph}"

    def start(self) -> None:
        """Starts the server and returns when every graph lists its tasks.

        Raises ServerFailed or JarsUnavailable.
        """
        assert not self.running, "the server runs already"
        began = time.monotonic()
        folder = self._prepare()
        self._jvm = self._java(_MAIN, ["conf/gremlin-server.yaml", "conf/rest-server.properties"], folder)
        if not java_process.wait_until(self._settled, START_SECONDS) or not self.running:
            raise ServerFailed(f"HugeGraph {self.spec} did not start:\n{self.log_tail()}")
        self.started_in = time.monotonic() - began

    def stop(self) -> None:
        """SIGTERM, as an administrator would; returns when the process is gone, or kills it in the end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as a crash would; returns when the process is gone."""
        self._end(signal.SIGKILL)

    def restart(self, server_id: str | None = None) -> None:
        """Kills the server if it runs, and starts it with the same data and port, maybe as another node.

        Another node must wait until the first counts as dead, so that takes 10 s longer.
        """
        self.kill()
        if server_id is not None and server_id != self.server_id:
            time.sleep(max(0.0, self._ended + ALIVE_SECONDS - time.monotonic()))
            self.server_id = server_id
        self.start()

    def close(self) -> None:
        """Kills the server and removes all that it wrote."""
        self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def log_tail(self, lines: int = 40) -> str:
        """The last `lines` of what the server printed and logged."""
        log = None if self._folder is None else self._folder / "server.log"
        if log is None or not log.exists():
            return "(no log)"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

    def client(self) -> httpx.Client:
        """A plain HTTP client for this server, logged in where needed; the caller closes it."""
        # The server closes a connection after 31 s of idleness and after 256 requests.
        limits = httpx.Limits(max_connections=16, keepalive_expiry=5)
        # There is no TLS here, and reading the certificates would take 50 ms of the processor.
        return httpx.Client(
            base_url=self.url, auth=self.auth, timeout=30, limits=limits, trust_env=False, verify=False
        )

    def _prepare(self) -> Path:
        """The working directory with its configuration; the first time also the store's tables."""
        if self._folder is not None:
            server_config.write(self._folder, self.spec, self.port, self._gremlin_port, self.server_id)
            return self._folder
        self._folder = Path(tempfile.mkdtemp(prefix="graphtop-hugegraph-"))
        server_config.write(self._folder, self.spec, self.port, self._gremlin_port, self.server_id)
        if self.spec.backend != "memory" and self._first:
            self._init_store(self._folder)
        return self._folder

    def _init_store(self, folder: Path) -> None:
        jvm = self._java(_INIT, ["conf/rest-server.properties"], folder)
        try:
            jvm.answer(self.spec.password or "")
            code = jvm.wait(START_SECONDS)
        finally:
            jvm.end(signal.SIGKILL, 5)
        if code != 0:
            raise ServerFailed(f"InitStore of HugeGraph {self.spec} ended with {code}:\n{self.log_tail()}")

    def _java(self, main: str, arguments: list[str], folder: Path) -> java_process.Jvm:
        executable = java_process.java(auth=self.spec.password is not None)
        if executable is None:
            raise ServerFailed("there is no Java here that can run this server")
        classpath = sorted(jars.resolve(self.spec.version).glob("*.jar"))
        if self.spec.pd and self.spec.version >= "1.7.0":
            classpath.append(jars.resolve_struct(self.spec.version))
        return java_process.Jvm(executable, classpath, folder, main, arguments)

    def _settled(self) -> bool:
        """Whether the server lists the tasks of every graph, or has died, so that waiting is over."""
        if not self.running:
            return True
        if self.spec.has_locks and server_config.LOCKS_READY not in self.log_tail(200):
            return False
        try:
            with self.client() as client:
                paths = [
                    "/versions",
                    *(f"{self.graph_path(graph)}/tasks?limit=1" for graph in self.spec.graphs),
                ]
                return all(client.get(path).status_code == 200 for path in paths)
        except httpx.TransportError:
            return False

    def _end(self, signum: signal.Signals) -> None:
        if self._jvm is not None:
            self._jvm.end(signum, STOP_SECONDS)
            self._jvm = None
            self._ended = time.monotonic()
