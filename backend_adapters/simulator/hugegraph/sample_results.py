"""Makes the results and the error texts in `task_result`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from backend_adapters.simulator.deterministic_random import draw_number, pick_option

_LABELS = ("person", "account", "supplier", "port", "order", "软件", "host")
_CITIES = ("Shanghai", "Rotterdam", "Chennai", "São Paulo", "上海", "大阪", "Łódź")

_SCRIPT = "org.apache.hugegraph.HugeException: javax.script.ScriptException: "
_FAILURES = (
    _SCRIPT + "java.lang.RuntimeException: boom",
    _SCRIPT + "java.util.concurrent.TimeoutException: Evaluation exceeded 30000 ms, the script was stopped",
    _SCRIPT + "groovy.lang.MissingPropertyException: No such property: knowns for class: Script{n}",
    _SCRIPT + "java.lang.OutOfMemoryError: Java heap space",
    _SCRIPT + "org.apache.hugegraph.exception.NotFoundException: Vertex '1:marko-{n}' does not exist",
    _SCRIPT + "java.lang.IllegalArgumentException: Undefined vertex label: 'supplyer'",
    "org.apache.hugegraph.exception.LimitExceedException: Job results size has exceeded the max limit 800000",
    "org.apache.hugegraph.exception.LimitExceedException: "
    "Task result size {n}7720413 exceeded limit 16777216 bytes",
    "org.apache.hugegraph.backend.BackendException: Failed to put entry to store 'hugegraph-{n}'",
    "org.apache.hugegraph.HugeException: org.codehaus.groovy.control.MultipleCompilationErrorsException: "
    "startup failed:\nScript{n}.groovy: 2: unexpected token: by @ line 2, column 14.\n"
    "     .order() by('total')\n                ^\n\n1 error\n",
)

_FRAMES = (
    "org.rocksdb.RocksDB.get(Native Method)",
    "org.apache.hugegraph.backend.store.rocksdb.RocksDBStdSessions$StdSession.get(RocksDBStdSessions.java:{n})",
    "org.apache.hugegraph.backend.store.rocksdb.RocksDBTable.queryById(RocksDBTable.java:{n})",
    "org.apache.hugegraph.backend.store.rocksdb.RocksDBStore.query(RocksDBStore.java:{n})",
    "org.apache.hugegraph.backend.tx.AbstractTransaction.query(AbstractTransaction.java:{n})",
    "org.apache.hugegraph.backend.tx.GraphTransaction.queryVertices(GraphTransaction.java:{n})",
    "org.apache.hugegraph.backend.cache.CachedGraphTransaction.queryVerticesByIds(CachedGraphTransaction.java:{n})",
    "org.apache.hugegraph.StandardHugeGraph.vertices(StandardHugeGraph.java:{n})",
    "org.apache.tinkerpop.gremlin.process.traversal.step.map.GraphStep.processNextStart(GraphStep.java:{n})",
    "org.apache.tinkerpop.gremlin.process.traversal.step.util.AbstractStep.hasNext(AbstractStep.java:{n})",
    "org.apache.hugegraph.job.GremlinJob.execute(GremlinJob.java:{n})",
    "org.apache.hugegraph.task.TaskCallable.call(TaskCallable.java:{n})",
    "java.base/java.util.concurrent.FutureTask.run(FutureTask.java:264)",
)


def make_failure(salt: int) -> str:
    """The text of a Throwable: mostly one line, sometimes a compiler's message or a long stack trace."""
    if draw_number(salt, 31, 1, 100) <= 15:
        return _long_failure(salt)
    return pick_option(salt, 32, _FAILURES).replace("{n}", str(draw_number(salt, 33, 2, 97)))


def _long_failure(salt: int) -> str:
    frames = [
        "\tat " + frame.replace("{n}", str(draw_number(salt, at, 40, 1400)))
        for at, frame in enumerate(_FRAMES * 3, start=100)
    ]
    file = f"0{draw_number(salt, 47, 10_000, 99_999)}.sst"
    head = f"{_SCRIPT}org.rocksdb.RocksDBException: While open a file for random read: {file}"
    return "\n".join([head + ": Too many open files", *frames, "\t... 37 more"])


def _make_row(salt: int, number: int) -> dict[str, object]:
    label = pick_option(salt + number, 34, _LABELS)
    return {
        "id": f"{number % 9 + 1}:{label}-{number}",
        "label": label,
        "type": "vertex",
        "properties": {
            "name": f"{label} {number}",
            "city": pick_option(salt + number, 35, _CITIES),
            "degree": draw_number(salt + number, 36, 0, 400),
            "score": draw_number(salt + number, 37, 0, 10_000) / 10_000,
        },
    }


def make_rows(salt: int, least: int, most: int) -> str:
    """A JSON array of least..most vertices of about 140 bytes each."""
    count = draw_number(salt, 38, least, most)
    return _to_json([_make_row(salt, number) for number in range(1, count + 1)])


def make_small_result(salt: int) -> str:
    """A result of up to some kilobytes: a count, a map, or some rows."""
    shape = draw_number(salt, 39, 0, 3)
    if shape == 0:
        return f"[{draw_number(salt, 40, 0, 4_000_000)}]"
    if shape == 1:
        return _to_json([{city: draw_number(salt, at, 1, 9000) for at, city in enumerate(_CITIES)}])
    return make_rows(salt, 0, 40)


def make_export(salt: int) -> str:
    """A result of 3-5 MB, made of one repeated block of rows to save time."""
    block = [_to_json(_make_row(salt, number)) for number in range(1, 401)]
    times = draw_number(salt, 41, 56, 90)
    return "[" + ",".join(chain.from_iterable([block] * times)) + "]"


HUGE_RESULT_MARK = "@@a result that is made as it is sent@@"
"""The placeholder for the huge result in a task's map."""


def generate_huge_result(size: int) -> Iterator[str]:
    """Generate a JSON array of at least `size` bytes, made of one repeated block of rows."""
    block = ",".join(_to_json(_make_row(7, number)) for number in range(1, 401))
    yield "["
    for _ in range(-(-size // len(block.encode()))):
        yield block + ","
    yield '{"id":"the last one"}]'


def make_communities(salt: int) -> str:
    """The result of Louvain and similar algorithms, some hundred kB: the members of each community."""
    count = draw_number(salt, 42, 300, 700)
    return _to_json(
        {
            f"c{number}": [f"1:person-{draw_number(salt + number, at, 1, 90_000)}" for at in range(20)]
            for number in range(1, count + 1)
        }
    )


def make_rank_summary(salt: int) -> str:
    """The result of an algorithm that stores its values in the graph: some numbers about the run."""
    return _to_json(
        {
            "alpha": 0.85,
            "times": draw_number(salt, 43, 12, 60),
            "last_diff_rate": draw_number(salt, 44, 1, 999) / 1e7,
            "vertexes": draw_number(salt, 45, 10_000, 9_000_000),
            "elapsed_ms": draw_number(salt, 46, 900, 90_000),
        }
    )


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
