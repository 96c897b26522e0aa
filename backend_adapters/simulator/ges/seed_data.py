"""The jobs that a project has at its start: a month of ordinary ones, and some unusual ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_adapters.simulator.deterministic_random import scatter_bits
from backend_adapters.simulator.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from backend_adapters.simulator.ges.ids import make_uuid
from backend_adapters.simulator.ges.job_kinds import (
    CREATE_BACKUP,
    CREATE_GRAPH,
    DELETE_GRAPH,
    EXPORT_GRAPH,
    IMPORT_GRAPH,
    RESTORE_GRAPH,
    START_GRAPH,
    UPGRADE_GRAPH,
    pick_graph_job_kind,
)
from backend_adapters.simulator.ges.records import GesGraph, GesJob, JobKind
from backend_adapters.simulator.ges.settings import GesSettings
from backend_adapters.simulator.ges.world import GesWorld

_SPAN = 29 * DAY_MS
"""How far back the history goes."""
_REST = 10 * MINUTE_MS
"""The age of the newest job of the history, so that every graph is free at the start."""


@dataclass(frozen=True, slots=True)
class SpecialJob:
    """One of the unusual jobs that the demo shows."""

    age: int
    """Milliseconds before the start at which it was created."""
    kind: JobKind
    graph: int | str
    """An index into the project's graphs, or the name of a deleted one."""
    ran: int
    """Milliseconds; more than its age if it still runs."""
    outcome: str = "success"
    reason: str | None = None
    queued: int = SECOND_MS


_SPECIALS = (
    SpecialJob(27 * HOUR_MS, CREATE_GRAPH, "poc_fraud_2026", 4 * MINUTE_MS),
    SpecialJob(26 * HOUR_MS, IMPORT_GRAPH, "poc_fraud_2026", 3 * MINUTE_MS, "partiallyFailed"),
    SpecialJob(25 * HOUR_MS, DELETE_GRAPH, "poc_fraud_2026", 8 * SECOND_MS),
    SpecialJob(7 * HOUR_MS, IMPORT_GRAPH, 1, 26 * MINUTE_MS, "partiallyFailed"),
    SpecialJob(
        6 * HOUR_MS,
        RESTORE_GRAPH,
        2,
        41 * SECOND_MS,
        "failed",
        "\x1b[31mbackup 'nightly [3/7]' is damaged\x1b[0m\x07",
    ),
    SpecialJob(5 * HOUR_MS, START_GRAPH, 3, 94 * SECOND_MS, "failed", "no capacity in zone cn-north-4b"),
    SpecialJob(
        4 * HOUR_MS, EXPORT_GRAPH, 4, 22 * SECOND_MS, "failed", "没有权限写入 OBS 路径 export/供应链/"
    ),
    SpecialJob(3 * HOUR_MS, IMPORT_GRAPH, 5, 70 * SECOND_MS),
    SpecialJob(70 * MINUTE_MS, IMPORT_GRAPH, 2, 9 * MINUTE_MS, "failed"),
    SpecialJob(6 * MINUTE_MS, IMPORT_GRAPH, 0, 25 * MINUTE_MS),
    SpecialJob(4 * MINUTE_MS, CREATE_BACKUP, 0, 30 * SECOND_MS, queued=24 * MINUTE_MS),
    SpecialJob(80 * SECOND_MS, UPGRADE_GRAPH, 3, 130 * SECOND_MS),
    SpecialJob(9 * SECOND_MS, EXPORT_GRAPH, 1, 14 * SECOND_MS),
    SpecialJob(3 * SECOND_MS, IMPORT_GRAPH, 2, 35 * SECOND_MS, "partiallyFailed"),
)


def seed_jobs(settings: GesSettings, world: GesWorld) -> None:
    """Fill the jobs center, and start submitting new jobs."""
    if world.graphs:
        jobs = list(_make_history(world, settings.history))
        if settings.specials:
            jobs.extend(_make_specials(world))
        jobs.sort(key=lambda job: job.created)
        for job in jobs:
            world.add_job(job)
        # Each graph runs one of the unfinished jobs, the others wait.
        for number in range(settings.unfinished):
            graph = world.graphs[number % len(world.graphs)]
            world.add_job(world.plan_job(IMPORT_GRAPH, graph, world.next_salt(), world.start))
    lively = settings.specials and len(settings.graphs) > 3
    world.start_submitting(_first_jobs(settings.graphs) if lively else ())


def _first_jobs(graphs: tuple[str, ...]) -> Iterable[tuple[int, JobKind, str, str, int]]:
    """What is submitted in the first seconds, so that one sees at once how jobs start, end and fail."""
    return (
        (900, CREATE_BACKUP, graphs[-1], "success", 2800),
        (1500, EXPORT_GRAPH, graphs[-2], "failed", 4200),
        (2600, IMPORT_GRAPH, graphs[-1], "success", 9000),
    )


def _make_history(world: GesWorld, count: int) -> Iterator[GesJob]:
    """Jobs that ended before the start, spread evenly over a month with some jitter."""
    step = (_SPAN - _REST) / max(count, 1)
    for number in range(count):
        salt = scatter_bits((world.settings.seed << 40) + number)
        created = world.start - _SPAN + int(step * (number + (salt & 0xFF) / 256))
        graph = world.graphs[(salt >> 8) % len(world.graphs)]
        job = world.plan_job(pick_graph_job_kind(graph, salt), graph, salt, created)
        if job.ends > world.start - _REST:  # the graph had too many to run them one by one
            job.begins, job.ends = created, min(created + SECOND_MS, world.start)
            graph.free_at = world.start - _REST
        yield job


def _make_specials(world: GesWorld) -> Iterator[GesJob]:
    """Make the special jobs, and the graph that was deleted."""
    gone: dict[str, GesGraph] = {}
    for index, special in enumerate(_SPECIALS):
        salt = scatter_bits((world.settings.seed << 8) + index)
        if isinstance(special.graph, str):
            name = special.graph
            graph = gone.setdefault(name, GesGraph(make_uuid(salt), name, 0, gone_at=world.start - DAY_MS))
        else:
            graph = world.graphs[special.graph % len(world.graphs)]
        job = GesJob(special.kind, graph, salt, world.start - special.age)
        job.begins = job.created + special.queued
        job.ends = job.begins + special.ran
        job.outcome, job.reason = special.outcome, special.reason
        graph.free_at, graph.is_stopped = max(graph.free_at, job.ends), False
        yield job
