"""What kinds of tasks there are: how they are called, how long they run, how they end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import accumulate

from backend_adapters.simulator.deterministic_random import draw, pick
from backend_adapters.simulator.hugegraph import sample_results as texts
from backend_adapters.simulator.hugegraph import sample_scripts as scripts
from backend_adapters.simulator.hugegraph.records import Story

_JOB = "org.apache.hugegraph.job."
GREMLIN = _JOB + "GremlinJob"
_ALGORITHM = _JOB + "AlgorithmJob"
_REBUILD = _JOB + "schema.IndexLabelRebuildJob"

_INDEXES = ("personByCity", "accountByRisk", "orderByDate", "createdByWeight", "供应商按城市", "hostByFqdn")
_LABELS = ("tmp_import_2026", "person_old", "knows_v1", "audit_trail", "テスト顧客")


def _none(_salt: int, _graph: str) -> None:
    return None


def _null(_salt: int) -> str:
    return "null"


def _no_bindings(_salt: int) -> object:
    return {}


def gremlin(
    script: Callable[[int], str],
    *,
    bindings: Callable[[int], object] = _no_bindings,
    result: Callable[[int], str] = texts.small,
    millis: tuple[int, int] = (900, 5000),
    weight: int = 1,
    failing: int = 5,
    cancel_millis: tuple[int, int] = (40, 900),
    heeds_interrupt: bool = True,
) -> Story:
    """A gremlin job whose script is made from the salt."""
    return Story(
        type="gremlin",
        callable=GREMLIN,
        name=lambda salt: scripts.first_line(script(salt)),
        input=lambda salt, graph: scripts.gremlin_input(script(salt), bindings(salt), graph),
        result=result,
        failure=texts.failure,
        millis=millis,
        weight=weight,
        failing=failing,
        cancel_millis=cancel_millis,
        heeds_interrupt=heeds_interrupt,
    )


def _one_of(templates: tuple[str, ...]) -> Callable[[int], str]:
    return lambda salt: scripts.fill(pick(salt, 1, templates), salt)


def _algorithm(
    name: str, result: Callable[[int], str], millis: tuple[int, int], rate: int, weight: int
) -> Story:
    return Story(
        type="algorithm",
        callable=_ALGORITHM,
        name=lambda _salt: f"algorithm:{name}",
        input=lambda salt, _graph: json.dumps(
            {
                "algorithm": name,
                "params": {"workers": 4, "times": draw(salt, 2, 5, 40), "alpha": 0.85, "direction": "BOTH"},
            }
        ),
        result=result,
        failure=texts.failure,
        millis=millis,
        rate=rate,
        weight=weight,
        failing=6,
    )


SHORT = gremlin(_one_of(scripts.SHORT_SCRIPTS), weight=46, failing=8)
LONG = gremlin(_one_of(scripts.LONG_SCRIPTS), weight=14, failing=11, millis=(5000, 19_000))
EXPORT = gremlin(
    lambda salt: scripts.fill(scripts.EXPORT_SCRIPT, salt),
    result=texts.export,
    weight=2,
    failing=0,
    millis=(5000, 14_000),
)
STUBBORN = gremlin(
    lambda salt: scripts.fill(scripts.STUBBORN_SCRIPT, salt),
    weight=1,
    failing=0,
    millis=(60_000, 100_000),
    cancel_millis=(18_000, 28_000),
    heeds_interrupt=False,
)
REBUILD = Story(
    type="rebuild_index",
    callable=_REBUILD,
    name=lambda salt: f"INDEX_LABEL:{draw(salt, 3, 1, 40)}:{pick(salt, 4, _INDEXES)}",
    input=_none,
    result=_null,
    failure=lambda salt: (
        "org.apache.hugegraph.HugeException: "
        f"Failed to rebuild index label '{pick(salt, 4, _INDEXES)}': it is in status INVALID"
    ),
    millis=(3000, 18_000),
    weight=9,
    failing=4,
    cancel_millis=(3000, 9000),
    heeds_interrupt=False,
)
REMOVE = Story(
    type="remove_schema",
    callable=_JOB + "schema.VertexLabelRemoveJob",
    name=lambda salt: f"VERTEX_LABEL:{draw(salt, 3, 1, 60)}:{pick(salt, 4, _LABELS)}",
    input=_none,
    result=_null,
    failure=lambda salt: (
        "java.lang.IllegalArgumentException: "
        f"Can't remove vertex label '{pick(salt, 4, _LABELS)}' because it is used by edge labels [12]"
    ),
    millis=(2000, 12_000),
    weight=6,
    failing=6,
    cancel_millis=(2000, 6000),
    heeds_interrupt=False,
)
PAGE_RANK = _algorithm("page_rank", texts.ranks, (8000, 28_000), 4700, 5)
LOUVAIN = _algorithm("louvain", texts.communities, (8000, 22_000), 1900, 3)

HUGE = gremlin(
    lambda _salt: "// everything: all vertices with all they have\ng.V().valueMap(true)",
    result=lambda _salt: texts.HUGE,
    failing=0,
)
"""Not among the ordinary ones: its result is made as it is sent."""

STORIES: tuple[Story, ...] = (
    SHORT,
    LONG,
    EXPORT,
    STUBBORN,
    REBUILD,
    REMOVE,
    PAGE_RANK,
    LOUVAIN,
    _algorithm("weak_connected_component", texts.communities, (6000, 20_000), 8200, 3),
    _algorithm("count_vertex", texts.ranks, (1500, 6000), 90_000, 3),
    _algorithm("triangle_count", texts.ranks, (4000, 16_000), 15_300, 2),
    _algorithm("k_core", texts.communities, (4000, 12_000), 2600, 2),
    Story(
        type="computer",
        callable=_JOB + "ComputerJob",
        name=lambda salt: "computer:" + pick(salt, 5, ("page_rank", "lpa", "louvain")),
        input=lambda salt, _graph: json.dumps(
            {"worker": draw(salt, 6, 1, 8), "params": {"max_iterations": 20}}
        ),
        result=lambda _salt: "0",
        failure=lambda _salt: (
            "org.apache.hugegraph.HugeException: The computer job exit with code 1: hadoop: command not found"
        ),
        millis=(5000, 15_000),
        weight=1,
        failing=40,
        heeds_interrupt=False,
    ),
)
"""Every ordinary kind, the common ones with the greater weight."""

_SCALE = tuple(accumulate(story.weight for story in STORIES))
_BY_WEIGHT = tuple(
    next(story for story, edge in zip(STORIES, _SCALE, strict=True) if number < edge)
    for number in range(_SCALE[-1])
)


def story_of(salt: int) -> Story:
    """The kind of task that a salt stands for."""
    return pick(salt, 7, _BY_WEIGHT)


def fixed(script: str, bindings: object = None) -> Story:
    """A gremlin job with just this script."""
    return gremlin(lambda _salt: script, bindings=lambda _salt: bindings or {})


_SLEEP = re.compile(r"sleep\s*\(\s*(\d+)\s*\)")
_LOOP = re.compile(r"for\s*\(.*?(\d+)\s*\.\.\s*(<?)\s*(\d+)")
_COLLECT = re.compile(r"\(\s*1\s*\.\.\s*(\d+)\s*\)\s*\.collect")
_LITERAL = re.compile(r"\s*(?:(\[[\d\s,]*\])|(\d+)(?:\s*\+\s*(\d+))?)\s*")
_THROW = re.compile(r"throw\s+new\s+([\w.]+)\s*\(\s*(?:(['\"])(.*?)\2)?\s*\)")


def submitted(script: str, bindings: object) -> Story:
    """The story of a script that a client sent.

    `Thread.sleep(n)` makes it run that long (a `for (a..b)` around it that many times), `throw` makes it
    fail, `(1..N).collect` gives a result of N entries; all else succeeds soon.
    """
    millis = _run_time(script)
    return Story(
        type="gremlin",
        callable=GREMLIN,
        name=lambda _salt: scripts.first_line(script),
        input=lambda _salt, graph: scripts.gremlin_input(script, bindings, graph),
        result=lambda _salt: _result_of(script),
        failure=lambda _salt: _failure_of(script),
        millis=(millis, millis),
        failing=100 if re.search(r"\bthrow\b", script) else 0,
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
    """What the last line of a script comes to: a list or number is itself, a sleep or loop nothing."""
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
