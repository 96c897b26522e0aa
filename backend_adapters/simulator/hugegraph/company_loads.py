"""The tasks of the graphs of a made-up company: each graph has its own kinds, and its own trouble."""

from __future__ import annotations

import dataclasses

from backend_adapters.simulator.deterministic_random import draw_number
from backend_adapters.simulator.durations import HOUR_MS, MINUTE_MS, SECOND_MS
from backend_adapters.simulator.hugegraph import sample_results
from backend_adapters.simulator.hugegraph.computer_jobs import (
    SAMPLE_JOBS,
    SampleJob,
    list_sample_kinds,
    make_job_kind,
)
from backend_adapters.simulator.hugegraph.graph_load import GraphLoad, SpecialTask
from backend_adapters.simulator.hugegraph.records import TaskKind
from backend_adapters.simulator.hugegraph.settings import HugeGraphSettings
from backend_adapters.simulator.hugegraph.task_kinds import (
    EXPORT_QUERY,
    INDEX_REBUILD,
    LABEL_REMOVAL,
    make_algorithm_kind,
    make_fixed_kind,
    make_gremlin_kind,
    pick_script,
)

_SLOW = (25 * SECOND_MS, 70 * SECOND_MS)
_SLOWER = (50 * SECOND_MS, 150 * SECOND_MS)
"""Milliseconds between two submissions: on a screen of all graphs, each may add a few rows a minute."""

_RANK = make_algorithm_kind("page_rank", sample_results.make_rank_summary, (9000, 28_000), 4700, 3)
_TRIANGLES = make_algorithm_kind(
    "triangle_count", sample_results.make_rank_summary, (6000, 24_000), 15_300, 3
)
_COMPONENTS = make_algorithm_kind(
    "weak_connected_component", sample_results.make_communities, (6000, 20_000), 8200, 3
)
_COMMUNITIES = make_algorithm_kind("louvain", sample_results.make_communities, (8000, 22_000), 1900, 2)


def _script_kind(
    *templates: str, millis: tuple[int, int] = (900, 7000), weight: int = 10, failing: int = 2
) -> TaskKind:
    return make_gremlin_kind(pick_script(templates), millis=millis, weight=weight, failing=failing)


def _name_kind(kind: TaskKind, name: str) -> TaskKind:
    """The kind with a fixed name: what a schema job works on."""
    return dataclasses.replace(kind, name=lambda _salt: name)


def _lately(kind: TaskKind, *ages: float) -> tuple[SpecialTask, ...]:
    """Tasks that succeeded so many minutes ago: an even history has too few in the last hour."""
    return tuple(SpecialTask(int(age * MINUTE_MS), kind, ran=(2 + int(age) % 7) * SECOND_MS) for age in ages)


# prod: the shop, its payments, and those who look for fraud.

_SHOP = (
    _script_kind(
        "// customers in {city} who came back within {depth} weeks\n"
        "g.V().has('customer', 'city', '{city}').where(out('placed').count().is(gt(1))).count()",
        "// carts left behind, {city}\n"
        "g.V().hasLabel('cart').has('city', '{city}').not(out('became')).values('total').sum()",
        "g.V().hasLabel('order').has('placed', gte(datetime('2026-0{month}-01'))).groupCount().by('status')",
        "// price history of {part}\ng.V().has('product', 'sku', '{part}').outE('cost').valueMap()",
    ),
    EXPORT_QUERY,
    _COMPONENTS,
)
_PAYMENTS = (
    _script_kind(
        "// settle card payments, batch {amount}\n"
        "g.V().has('batch', 'id', {amount}).out('contains').has('state', 'open').property('state', 'paid')",
        "// refunds of {bank} not matched yet\n"
        "g.V().has('account', 'bank', '{bank}').outE('refund').not(__.has('matched')).count()",
        "g.E().hasLabel('transfer').has('amount', gt({amount})).groupCount().by(outV().values('bank'))",
    ),
)
_FRAUD = (
    _script_kind(
        "// money rings of length {depth}\n"
        "g.V().hasLabel('account').as('start').repeat(out('transfer').simplePath()).times({depth})\n"
        "  .where(out('transfer').as('start')).path().by('number').limit(10000)",
        "// accounts that share a device with {bank}\n"
        "g.V().has('account', 'bank', '{bank}').out('uses').in('uses').dedup().where(out('flagged'))",
        millis=(4000, 19_000),
    ),
    _TRIANGLES,
    _COMMUNITIES,
)

SHOP_LOAD = GraphLoad(
    history=160,
    kinds=_SHOP,
    specials=(
        SpecialTask(
            3 * HOUR_MS + 41 * MINUTE_MS,
            _name_kind(INDEX_REBUILD, "INDEX_LABEL:17:customerByEmail"),
            "running",
            ran=9 * HOUR_MS,
            description="after the change of the e-mail property",
        ),
        SpecialTask(
            3 * HOUR_MS + 44 * MINUTE_MS,
            _name_kind(LABEL_REMOVAL, "INDEX_LABEL:9:customerByOldEmail"),
            ran=52 * SECOND_MS,
        ),
        *_lately(_SHOP[0], 0.7, 2.6, 6.2, 11, 19, 31, 47),
        *_lately(EXPORT_QUERY, 15.5),
    ),
    gaps=_SLOW,
)
PAYMENTS_LOAD = GraphLoad(
    history=120,
    kinds=_PAYMENTS,
    specials=(
        SpecialTask(
            96 * SECOND_MS,
            make_fixed_kind(
                "// match refunds of November with their orders\ng.E().hasLabel('refund').count()"
            ),
            "running",
            ran=11 * MINUTE_MS,
        ),
        *_lately(_PAYMENTS[0], 0.4, 1.9, 3.4, 4.9, 9.3, 13, 17, 22, 28, 38, 52),
    ),
    gaps=_SLOW,
)
FRAUD_LOAD = GraphLoad(
    history=90,
    kinds=_FRAUD,
    specials=(
        SpecialTask(6 * MINUTE_MS, _TRIANGLES, "running", ran=25 * MINUTE_MS),
        SpecialTask(48 * MINUTE_MS, _COMMUNITIES, "failed", ran=13 * MINUTE_MS, retries=1),
        *_lately(_FRAUD[0], 2.2, 8.1, 14, 25, 43),
    ),
    gaps=_SLOWER,
)

# staging: a database that the ratings come from is gone, so that one job fails again and again.

_NO_RATINGS = (
    "org.apache.hugegraph.HugeException: javax.script.ScriptException: java.net.ConnectException: "
    "ratings-db.staging:5432 refused the connection"
)


def _copy_kind(batch: int | None = None) -> TaskKind:
    """The job that copies ratings, and fails."""
    kind = make_gremlin_kind(
        lambda salt: (
            f"// copy ratings, batch {draw_number(salt, 91, 520, 990) if batch is None else batch}\n"
            "def db = Sql.newInstance('jdbc:postgresql://ratings-db.staging/ratings')\n"
            "db.eachRow('select * from ratings') { graph.addVertex(T.label, 'rating', 'stars', it.stars) }"
        ),
        millis=(5000, 6000),
        failing=100,
    )
    return dataclasses.replace(kind, failure=lambda _salt: _NO_RATINGS)


_PRODUCTS = (
    _script_kind(
        "// bought together with {part}\n"
        "g.V().has('product', 'sku', '{part}').in('bought').out('bought').groupCount().by('sku')",
        "// similar to what {name} likes\n"
        "g.V().has('person', 'name', '{name}').out('likes').in('likes').out('likes').dedup().limit(50)",
    ),
    _RANK,
)
_TRIALS = (
    _script_kind(
        "// load test, {amount} readers\ng.V().hasLabel('order').limit({amount}).valueMap()",
        "g.V().hasLabel('order').has('placed', gte(datetime('2026-0{month}-01'))).order().by('total', desc)",
        failing=6,
    ),
    INDEX_REBUILD,
    LABEL_REMOVAL,
)

TRIALS_LOAD = GraphLoad(
    history=110,
    kinds=_TRIALS,
    specials=(
        *_lately(_TRIALS[0], 5.6, 16, 35),
        *_lately(_name_kind(LABEL_REMOVAL, "VERTEX_LABEL:31:tmp_load_test"), 15.2),
    ),
    gaps=_SLOWER,
)
RECOMMENDATIONS_LOAD = GraphLoad(
    history=80,
    kinds=_PRODUCTS,
    specials=tuple(
        SpecialTask(
            (62 + 87 * number) * SECOND_MS,
            _copy_kind(519 - number),
            "failed",
            ran=5 * SECOND_MS + 90 * number,
        )
        for number in range(14)
    ),
    later_kinds=(_copy_kind(), *_PRODUCTS),
    gaps=_SLOW,
)

# dev: orders are migrated year by year, and the computer jobs take the other workers.

_EXPERIMENTS = (
    _script_kind(
        "// try: orders of {name}\ng.V().has('person', 'name', '{name}').out('placed').valueMap().limit(10)",
        "g.V().hasLabel('{name}').limit({depth})",
        "g.V().hasLabel('software').groupCount().by('lang')",
        failing=14,
    ),
)


def _migrate(year: int, age: int, outcome: str) -> SpecialTask:
    kind = make_fixed_kind(
        f"// migrate orders of {year}\n"
        f"g.V().hasLabel('order_v1').has('year', {year}).property('schema', 2).iterate()"
    )
    return SpecialTask(age * SECOND_MS, kind, outcome, ran=(9 + year % 4) * MINUTE_MS)


EXPERIMENTS_LOAD = GraphLoad(
    history=70,
    kinds=_EXPERIMENTS,
    specials=(
        _migrate(2026, 1500, "success"),
        *_lately(_EXPERIMENTS[0], 12, 26),
        _migrate(2025, 400, "running"),
        _migrate(2024, 380, "running"),
        *(_migrate(2023 - number, 360 - 20 * number, "queued") for number in range(4)),
    ),
    gaps=_SLOWER,
)


def _start_job(job: SampleJob) -> SpecialTask:
    kind = make_job_kind(HugeGraphSettings(), job.algorithm, job.worker, job.params)
    return SpecialTask(job.age * SECOND_MS, kind, job.outcome, ran=job.ran * SECOND_MS)


COMPUTER_LOAD = GraphLoad(
    kinds=list_sample_kinds(HugeGraphSettings()),
    # Two of those that run: they have half of the workers.
    specials=tuple(_start_job(job) for job in SAMPLE_JOBS[:-1]),
    gaps=(5 * MINUTE_MS, 9 * MINUTE_MS),
)
