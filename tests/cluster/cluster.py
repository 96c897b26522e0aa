"""A whole HugeGraph cluster on this machine: PD, Store, and two servers that share one graph."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import pytest

from tests.live import jars, java_process, server_config
from tests.live.server import ALIVE_SECONDS, HugeGraphServer, ServerFailed
from tests.live.server_config import Spec
from tests.support.patience import PATIENCE
from tests.support.ports import free_port

PD = ("hg-pd-service", "org.apache.hugegraph.pd.boot.HugePDServer")
STORE = ("hg-store-node", "org.apache.hugegraph.store.node.StoreNodeApplication")
"""Each service's artifact and the class that starts it."""

KINDS = {
    "1.5.0": Spec(version="1.5.0", scheduler="distributed"),
    "1.5.0 as shipped": Spec(version="1.5.0", scheduler="distributed", cron=False),
    "1.5.0 with a worker": Spec(version="1.5.0", scheduler="local", role="worker"),
    "1.7.0": Spec(version="1.7.0", scheduler="distributed"),
    "1.7.0 with logins": Spec(version="1.7.0", scheduler="distributed", password="correct horse"),
}
"""What the second server is like; the cron of the distributed scheduler doesn't work as 1.5.0 is shipped."""

SMALL = ("-Xms64m", "-Xmx512m", *java_process.OPTIONS[2:])


def on(*kinds: str) -> pytest.MarkDecorator:
    """Runs a test once on each kind of cluster, which its fixture `cluster` then is."""
    return pytest.mark.parametrize("cluster", kinds, indirect=True, scope="session")


class Service:
    """PD or Store: a Spring Boot program with one file of settings, in a folder of its own."""

    def __init__(self, artifact: str, main: str, settings: str, health: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"graphtop-{artifact}-"))
        server_config.write_log4j(self._folder)
        (self._folder / "conf" / "application.yml").write_text(settings)
        home = jars.resolve_service(artifact) / "BOOT-INF"
        executable = java_process.java(auth=False)
        if executable is None:
            raise ServerFailed("there is no Java here that can run a cluster")
        self._jvm = java_process.Jvm(
            executable,
            [home / "classes", *sorted((home / "lib").glob("*.jar"))],
            self._folder,
            main,
            options=(*SMALL, "-Dspring.config.location=conf/application.yml"),
        )
        self.await_answer(health, '"UP"')

    def await_answer(self, url: str, words: str) -> None:
        """Wait until an address answers with certain words; raises ServerFailed with the log's end."""

        def answered() -> bool:
            try:
                return self._jvm.exit_code is not None or words in httpx.get(url, trust_env=False).text
            except httpx.TransportError:
                return False

        if not java_process.wait_until(answered, PATIENCE) or self._jvm.exit_code is not None:
            log = (self._folder / "server.log").read_text(errors="replace").splitlines()[-40:]
            raise ServerFailed(f"{url} does not answer:\n" + "\n".join(log))

    def close(self) -> None:
        """Kill it and remove all that it wrote."""
        self._jvm.end(signal.SIGKILL, 5)
        shutil.rmtree(self._folder, ignore_errors=True)


class Cluster:
    """PD, Store and the servers `a`, a master, and `b`.

    As a context manager it starts, which takes half a minute: a second master has to wait for the first.
    """

    def __init__(self, second: Spec) -> None:
        """The second server is of this kind, and the first one, too, but always a master."""
        self._stack = ExitStack()
        self._pd, self._pd_rest, self._store = free_port(), free_port(), free_port()
        spec = replace(second, backend="hstore", pd=f"127.0.0.1:{self._pd}")
        self.a = HugeGraphServer(replace(spec, role="master"), server_id="server-a")
        self.b = HugeGraphServer(spec, server_id="server-b", first=False)

    def __enter__(self) -> Self:
        """Starts all of it."""
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills all of it and removes what it wrote."""
        self._stack.close()

    def restart_b(self, signum: signal.Signals = signal.SIGKILL) -> None:
        """End the second server and start it again, as another process: it takes a new block of ids."""
        if signum == signal.SIGTERM:
            self.b.stop()
        else:
            self.b.kill()
        self.b.start()

    def _start(self) -> None:
        pd = Service(*PD, self._pd_settings(), f"http://127.0.0.1:{self._pd_rest}/actuator/health")
        self._stack.callback(pd.close)
        rest = free_port()
        store = Service(*STORE, self._store_settings(rest), f"http://127.0.0.1:{rest}/actuator/health")
        self._stack.callback(store.close)
        pd.await_answer(f"http://127.0.0.1:{self._pd_rest}/v1/stores", '"Up"')
        self._stack.enter_context(self.a)
        time.sleep(ALIVE_SECONDS + 2)
        self._stack.enter_context(self.b)

    def _pd_settings(self) -> str:
        raft = free_port()
        return f"""\
spring: {{application: {{name: graphtop-pd}}}}
management: {{endpoints: {{web: {{exposure: {{include: "*"}}}}}}}}
logging: {{config: "file:./conf/log4j2.xml"}}
license: {{verify-path: ./conf/none.json, license-path: ./conf/none.license}}
grpc: {{host: 127.0.0.1, port: {self._pd}}}
server: {{port: {self._pd_rest}}}
pd:
  data-path: ./data
  patrol-interval: 1800
  initial-store-count: 1
  initial-store-list: "127.0.0.1:{self._store}"
raft: {{address: "127.0.0.1:{raft}", peers-list: "127.0.0.1:{raft}"}}
store:
  max-down-time: 172800
  monitor_data_enabled: false
  monitor_data_interval: 1 minute
  monitor_data_retention: 1 day
partition: {{default-shard-count: 1, store-max-shard-count: 12}}
"""

    def _store_settings(self, rest: int) -> str:
        return f"""\
spring: {{application: {{name: graphtop-store}}}}
management: {{endpoints: {{web: {{exposure: {{include: "*"}}}}}}}}
logging: {{config: "file:./conf/log4j2.xml", level: {{root: warn}}}}
pdserver: {{address: "127.0.0.1:{self._pd}"}}
grpc: {{host: 127.0.0.1, port: {self._store}, netty-server: {{max-inbound-message-size: 1000MB}}}}
raft:
  address: "127.0.0.1:{free_port()}"
  disruptorBufferSize: 1024
  max-log-file-size: 600000000
  snapshotInterval: 1800
server: {{port: {rest}}}
app: {{data-path: ./data}}
rocksdb:
  total_memory_size: 256000000
  write_buffer_size: 8000000
  min_write_buffer_number_to_merge: 2
"""
