"""The kinds of tasks: their names and texts, how long they run and how they end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeAlias

from backend_adapters.simulator.deterministic_random import draw_number, pick_option
from backend_adapters.simulator.hugegraph import sample_results, sample_scripts
from backend_adapters.simulator.hugegraph.records import TaskKind

_JOB = "org.apache.hugegraph.job."
GREMLIN_JOB = _JOB + "GremlinJob"
_ALGORITHM = _JOB + "AlgorithmJob"
_REBUILD = _JOB + "schema.IndexLabelRebuildJob"

_INDEXES = ("personByCity", "accountByRisk", "orderByDate", "createdByWeight", "供应商按城市", "hostByFqdn")
_LABELS = ("tmp_import_2026", "person_old", "knows_v1", "audit_trail", "テスト顧客")


def make_gremlin_kind(
    script: Callable[[int], str],
    *,
    bindings: Callable[[int], object] = lambda _salt: {},
    result: Callable[[int], str] = sample_results.make_small_result,
    millis: tuple[int, int] = (900, 5000),
    weight: int = 1,
    failing: int = 5,
    cancel_millis: tuple[int, int] = (40, 900),
    heeds_interrupt: bool = True,
) -> TaskKind:
    """A gremlin job whose script is made from the salt."""
    return TaskKind(
        type="gremlin",
        callable=GREMLIN_JOB,
        name=lambda salt: sample_scripts.first_line(script(salt)),
        input=lambda salt, graph: sample_scripts.gremlin_input(script(salt), bindings(salt), graph),
        result=result,
        failure=sample_results.make_failure,
        run_millis=millis,
        weight=weight,
        fail_percent=failing,
        cancel_millis=cancel_millis,
        heeds_interrupt=heeds_interrupt,
    )


def pick_script(templates: tuple[str, ...]) -> Callable[[int], str]:
    """Makes a script of one of the templates, from the salt."""
    return lambda salt: sample_scripts.fill_template(pick_option(salt, 1, templates), salt)


def make_algorithm_kind(
    name: str, result: Callable[[int], str], millis: tuple[int, int], rate: int, weight: int
) -> TaskKind:
    """An algorithm on the whole graph, whose progress grows by `rate` each second."""
    return TaskKind(
        type="algorithm",
        callable=_ALGORITHM,
        name=lambda _salt: f"algorithm:{name}",
        input=lambda salt, _graph: json.dumps(
            {
                "algorithm": name,
                "params": {
                    "workers": 4,
                    "times": draw_number(salt, 2, 5, 40),
                    "alpha": 0.85,
                    "direction": "BOTH",
                },
            }
        ),
        result=result,
        failure=sample_results.make_failure,
        run_millis=millis,
        progress_rate=rate,
        weight=weight,
        fail_percent=6,
    )


SHORT_QUERY = make_gremlin_kind(pick_script(sample_scripts.SHORT_SCRIPTS), weight=46, failing=8)
LONG_QUERY = make_gremlin_kind(
    pick_script(sample_scripts.LONG_SCRIPTS), weight=14, failing=11, millis=(5000, 19_000)
)
EXPORT_QUERY = make_gremlin_kind(
    lambda salt: sample_scripts.fill_template(sample_scripts.EXPORT_SCRIPT, salt),
    result=sample_results.make_export,
    weight=2,
    failing=0,
    millis=(5000, 14_000),
)
STUBBORN_QUERY = make_gremlin_kind(
    lambda salt: sample_scripts.fill_template(sample_scripts.STUBBORN_SCRIPT, salt),
    weight=1,
    failing=0,
    millis=(60_000, 100_000),
    cancel_millis=(18_000, 28_000),
    heeds_interrupt=False,
)
INDEX_REBUILD = TaskKind(
    type="rebuild_index",
    callable=_REBUILD,
    name=lambda salt: f"INDEX_LABEL:{draw_number(salt, 3, 1, 40)}:{pick_option(salt, 4, _INDEXES)}",
    input=lambda _salt, _graph: None,
    result=lambda _salt: "null",
    failure=lambda salt: (
        "org.apache.hugegraph.HugeException: "
        f"Failed to rebuild index label '{pick_option(salt, 4, _INDEXES)}': it is in status INVALID"
    ),
    run_millis=(3000, 18_000),
    weight=9,
    fail_percent=4,
    cancel_millis=(3000, 9000),
    heeds_interrupt=False,
)
LABEL_REMOVAL = TaskKind(
    type="remove_schema",
    callable=_JOB + "schema.VertexLabelRemoveJob",
    name=lambda salt: f"VERTEX_LABEL:{draw_number(salt, 3, 1, 60)}:{pick_option(salt, 4, _LABELS)}",
    input=lambda _salt, _graph: None,
    result=lambda _salt: "null",
    failure=lambda salt: (
        "java.lang.IllegalArgumentException: "
        f"Can't remove vertex label '{pick_option(salt, 4, _LABELS)}' because it is used by edge labels [12]"
    ),
    run_millis=(2000, 12_000),
    weight=6,
    fail_percent=6,
    cancel_millis=(2000, 6000),
    heeds_interrupt=False,
)
PAGE_RANK = make_algorithm_kind("page_rank", sample_results.make_rank_summary, (8000, 28_000), 4700, 5)
LOUVAIN = make_algorithm_kind("louvain", sample_results.make_communities, (8000, 22_000), 1900, 3)

HUGE_QUERY = make_gremlin_kind(
    lambda _salt: "// everything: all vertices with all they have\ng.V().valueMap(true)",
    result=lambda _salt: sample_results.HUGE_RESULT_MARK,
    failing=0,
)
"""The kind of the task with a huge result, which is generated while it is sent."""

ORDINARY_KINDS: tuple[TaskKind, ...] = (
    SHORT_QUERY,
    LONG_QUERY,
    EXPORT_QUERY,
    STUBBORN_QUERY,
    INDEX_REBUILD,
    LABEL_REMOVAL,
    PAGE_RANK,
    LOUVAIN,
    make_algorithm_kind("weak_connected_component", sample_results.make_communities, (6000, 20_000), 8200, 3),
    make_algorithm_kind("count_vertex", sample_results.make_rank_summary, (1500, 6000), 90_000, 3),
    make_algorithm_kind("triangle_count", sample_results.make_rank_summary, (4000, 16_000), 15_300, 2),
    make_algorithm_kind("k_core", sample_results.make_communities, (4000, 12_000), 2600, 2),
    TaskKind(
        type="computer",
        callable=_JOB + "ComputerJob",
        name=lambda salt: "computer:" + pick_option(salt, 5, ("page_rank", "lpa", "louvain")),
        input=lambda salt, _graph: json.dumps(
            {"worker": draw_number(salt, 6, 1, 8), "params": {"max_iterations": 20}}
        ),
        result=lambda _salt: "0",
        failure=lambda _salt: (
            "org.apache.hugegraph.HugeException: The computer job exit with code 1: hadoop: command not found"
        ),
        run_millis=(5000, 15_000),
        weight=1,
        fail_percent=40,
        heeds_interrupt=False,
    ),
)
"""The kinds that are submitted at random, each as often as its weight says."""


KindPicker: TypeAlias = Callable[[int], TaskKind]
"""Returns the kind of the task with this salt."""


def make_kind_picker(kinds: tuple[TaskKind, ...]) -> KindPicker:
    """What picks each of the kinds as often as its weight says."""
    by_weight = tuple(kind for kind in kinds for _ in range(kind.weight))
    return lambda salt: pick_option(salt, 7, by_weight)


pick_task_kind = make_kind_picker(ORDINARY_KINDS)
"""The kind of the task with this salt, of all ordinary kinds."""


def make_fixed_kind(script: str, bindings: object = None) -> TaskKind:
    """A gremlin job with a fixed script."""
    return make_gremlin_kind(lambda _salt: script, bindings=lambda _salt: bindings or {})


_SLEEP = re.compile(r"sleep\s*\(\s*(\d+)\s*\)")
_LOOP = re.compile(r"for\s*\(.*?(\d+)\s*\.\.\s*(<?)\s*(\d+)")
_COLLECT = re.compile(r"\(\s*1\s*\.\.\s*(\d+)\s*\)\s*\.collect")
_LITERAL = re.compile(r"\s*(?:(\[[\d\s,]*\])|(\d+)(?:\s*\+\s*(\d+))?)\s*")
_THROW = re.compile(r"throw\s+new\s+([\w.]+)\s*\(\s*(?:(['\"])(.*?)\2)?\s*\)")


def make_submitted_kind(script: str, bindings: object) -> TaskKind:
    """The kind of a task whose script a client sent.

    `Thread.sleep(n)` makes it run that long (a `for (a..b)` around it that many times), `throw` makes it
    fail, `(1..N).collect` gives a result of N entries; all else succeeds soon.
    """
    millis = _run_time(script)
    return TaskKind(
        type="gremlin",
        callable=GREMLIN_JOB,
        name=lambda _salt: sample_scripts.first_line(script),
        input=lambda _salt, graph: sample_scripts.gremlin_input(script, bindings, graph),
        result=lambda _salt: _result_of(script),
        failure=lambda _salt: _failure_of(script),
        run_millis=(millis, millis),
        fail_percent=100 if re.search(r"\bthrow\b", script) else 0,
        cancel_millis=(20, 900),
        heeds_interrupt="InterruptedException" not in script,
    )


def _run_time(script: str) -> int:
    sleep = _SLEEP.search(script)
    if sleep is None:
        return 30
    loop = _LOOP.search(script)
    times = int(loop[3]) - int(loop[1]) + (0 if loop[2] else 1) if loop else 1
    return int(sleep[1]) * max(times, 1)


def _result_of(script: str) -> str:
    collect = _COLLECT.search(script)
    if collect is None:
        return _value_of(script.rstrip().rsplit("\n", 1)[-1])
    return (
        "["
        + ",".join(f'{{"id":{n},"name":"vertex number {n}"}}' for n in range(1, int(collect[1]) + 1))
        + "]"
    )


def _value_of(line: str) -> str:
    """The value of a script's last line: a list or number is itself, a sleep gives `[]`, all else `[1]`."""
    literal = _LITERAL.fullmatch(line)
    if literal is None:
        return "[]" if "sleep" in line else "[1]"
    return literal[1] or str(int(literal[2]) + int(literal[3] or 0))


def _failure_of(script: str) -> str:
    thrown = _THROW.search(script)
    kind, text = (thrown[1], thrown[3]) if thrown else ("RuntimeException", None)
    kind = kind if "." in kind else f"java.lang.{kind}"
    return f"org.apache.hugegraph.HugeException: javax.script.ScriptException: {kind}" + (
        f": {text}" if text else ""
    )
