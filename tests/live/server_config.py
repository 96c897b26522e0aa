"""Writes the configuration files of one HugeGraph server: the fewest lines that it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_AUTH = "org.apache.hugegraph.auth"
_TOKEN_SECRET = "graphtop-live-tests-token-secret"
_LOG4J = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="error">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{HH:mm:ss.SSS} %-5p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""

_NO_SCRIPT = "def globals = [:]\n"
_CRON = """
org.apache.hugegraph.concurrent.LockManager.instance().create('_reentrant_lock')
def globals = [:]
"""
_LOCKS = """
import java.util.concurrent.ConcurrentHashMap
import org.apache.hugegraph.meta.MetaDriver
import org.apache.hugegraph.meta.MetaManager
import org.apache.hugegraph.meta.lock.LockResult
import org.apache.hugegraph.meta.managers.TaskMetaManager

def held = new ConcurrentHashMap<String, Boolean>()
def driver = [
    tryLock: { String key, long ttl, long timeout ->
        def result = new LockResult()
        result.lockSuccess(held.putIfAbsent(key, true) == null)
        result
    },
    isLocked: { String key -> held.containsKey(key) },
    unlock: { String key, LockResult result -> held.remove(key) },
] as MetaDriver
def field = MetaManager.getDeclaredField('taskMetaManager')
field.accessible = true
field.set(MetaManager.instance(), new TaskMetaManager(driver, 'graphtop'))
println('graphtop: locks ready')
def globals = [:]
"""
SCHEDULE_PERIOD = 1
LOCKS_READY = "graphtop: locks ready"
"""What the server prints once the distributed scheduler can run tasks."""


@dataclass(frozen=True)
class Spec:
    """What kind of server: all that its configuration depends on, but for ports and the node's name."""

    version: str = "1.7.0"
    backend: str = "rocksdb"
    """`rocksdb`, `memory` (which can't page and forgets everything), or `hstore`, which is a cluster's."""
    pd: str = ""
    """`host:port` of the PD of a cluster."""
    cron: bool = True
    """Whether 1.5.0's distributed scheduler on a cluster works. As shipped it dies at its first round, for
    want of a group of locks that this makes in time."""
    scheduler: str = "local"
    """`local` (the standard one) or `distributed`."""
    role: str = "master"
    """`master`, or `worker`, which of a cluster takes no new job and, with the local scheduler, no action."""
    locks: bool = True
    """Whether the distributed scheduler gets its locks: a real cluster has them from PD, ours from a map in
    the server's own memory (1.7.0 only). Without, no task ever leaves `new`, `cancelling` or `deleting`."""
    password: str | None = None
    """The password of the user `admin`; None runs the server without authentication. Needs Java 11."""
    graphs: tuple[str, ...] = ("hugegraph",)

    @property
    def has_locks(self) -> bool:
        """Whether the server is one with the locks of `locks`."""
        return self.scheduler == "distributed" and self.locks and not self.pd

    @property
    def shipped(self) -> str:
        """The back end to name as one whose jars are there; the memory one is part of the core."""
        return "hstore" if self.backend == "hstore" else "rocksdb"


def write_log4j(folder: Path) -> None:
    """Writes the configuration of the log, which goes to standard output."""
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "log4j2.xml").write_text(_LOG4J)


def write(folder: Path, spec: Spec, port: int, gremlin_port: int, server_id: str) -> None:
    """Writes `conf/` and `scripts/` into `folder`, which is to be the server's working directory."""
    graphs = folder / "conf" / "graphs"
    graphs.mkdir(parents=True, exist_ok=True)
    (folder / "scripts").mkdir(exist_ok=True)
    script = _LOCKS if spec.has_locks else _CRON if spec.pd and spec.cron else _NO_SCRIPT
    (folder / "scripts" / "start.groovy").write_text(script)
    # The shipped list names back ends whose jars are left out; the memory one is part of the core.
    (folder / "conf" / "backend.properties").write_text(f"backends=[{spec.shipped}]\n")
    write_log4j(folder)
    (folder / "conf" / "rest-server.properties").write_text(_rest(spec, port, gremlin_port, server_id))
    (folder / "conf" / "gremlin-server.yaml").write_text(_gremlin(spec, gremlin_port))
    for name in spec.graphs:
        (graphs / f"{name}.properties").write_text(_graph(spec, name))


def _rest(spec: Spec, port: int, gremlin_port: int, server_id: str) -> str:
    lines = [
        f"restserver.url=http://127.0.0.1:{port}",
        f"gremlinserver.url=http://127.0.0.1:{gremlin_port}",
        "graphs=./conf/graphs",
        "batch.max_write_threads=0",
        "memory_monitor.threshold=1",
        "restserver.max_worker_threads=16",
        f"server.id={server_id}",
        f"server.role={spec.role}",
    ]
    if spec.pd:
        # With it 1.7.0 lists no graphs, though they can be asked.
        lines += ["usePD=true", f"pd.peers={spec.pd}"]
    if spec.password is not None:
        lines += [
            f"auth.authenticator={_AUTH}.StandardAuthenticator",
            f"auth.graph_store={spec.graphs[0]}",
            f"auth.token_secret={_TOKEN_SECRET}",
        ]
    return "\n".join(lines) + "\n"


def _graph(spec: Spec, name: str) -> str:
    factory = (
        f"{_AUTH}.HugeFactoryAuthProxy" if spec.password is not None else "org.apache.hugegraph.HugeFactory"
    )
    lines = [
        f"gremlin.graph={factory}",
        f"backend={spec.backend}",
        f"serializer={'text' if spec.backend == 'memory' else 'binary'}",
        f"store={name}",
        f"task.scheduler_type={spec.scheduler}",
        # The distributed scheduler looks for work every so many seconds (10 by itself, which adds up here).
        f"task.schedule_period={SCHEDULE_PERIOD}",
        f"rocksdb.data_path=./data/{name}",
        f"rocksdb.wal_path=./data/{name}",
        *([f"pd.peers={spec.pd}"] if spec.pd else []),
    ]
    return "\n".join(lines) + "\n"


def _gremlin(spec: Spec, port: int) -> str:
    """The Gremlin server's file: the REST server's jobs need it, though no test talks to it."""
    serializer = "org.apache.tinkerpop.gremlin.driver.ser.GraphSONMessageSerializerV3d0"
    text = f"""
host: 127.0.0.1
port: {port}
channelizer: org.apache.tinkerpop.gremlin.server.channel.WsAndHttpChannelizer
graphs: {{}}
scriptEngines: {{
  gremlin-groovy: {{
    plugins: {{
      org.apache.hugegraph.plugin.HugeGraphGremlinPlugin: {{}},
      org.apache.tinkerpop.gremlin.server.jsr223.GremlinServerGremlinPlugin: {{}},
      org.apache.tinkerpop.gremlin.jsr223.ImportGremlinPlugin: {{classImports: [java.lang.Math]}},
      org.apache.tinkerpop.gremlin.jsr223.ScriptFileGremlinPlugin: {{files: [scripts/start.groovy]}}
    }}
  }}
}}
serializers:
  - {{className: {serializer}, config: {{ioRegistries: [org.apache.hugegraph.io.HugeGraphIoRegistry]}}}}
"""
    if spec.password is not None:
        text += f"""
authentication: {{
  authenticator: {_AUTH}.StandardAuthenticator,
  authenticationHandler: {_AUTH}.WsAndHttpBasicAuthHandler,
  config: {{tokens: conf/rest-server.properties}}
}}
"""
    return text
