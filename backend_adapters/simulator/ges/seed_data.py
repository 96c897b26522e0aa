"""What a project already has when it is first looked at: a month of jobs, and some odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_adapters.simulator.deterministic_random import mix
from backend_adapters.simulator.ges.ids import uuid_of
from backend_adapters.simulator.ges.job_kinds import (
    BACKUP,
    CREATE,
    DELETE,
    EXPORT,
    IMPORT,
    MINUTE,
    RESTORE,
    SECOND,
    START,
    UPGRADE,
    kind_for,
)
from backend_adapters.simulator.ges.records import Graph, Job, Kind
from backend_adapters.simulator.ges.settings import DAY, GesSettings
from backend_adapters.simulator.ges.world import GesWorld

HOUR = 60 * MINUTE

_SPAN = 29 * DAY
"""How far back the history goes."""
_REST = 10 * MINUTE
"""The newest job of the history is this old, so that every graph is free at the start."""


@dataclass(frozen=True, slots=True)
class Special:
    """One job that is there on purpose."""

    age: int
    """Milliseconds before the start at which it was created."""
    kind: Kind
    graph: int | str
    """An index into the project's graphs, or the name of one that is gone."""
    ran: int
    """Milliseconds; longer than its age for one that still runs."""
    fate: str = "success"
    reason: str | None = None
    queued: int = SECOND


_SPECIALS = (
    Special(27 * HOUR, CREATE, "poc_fraud_2026", 4 * MINUTE),
    Special(26 * HOUR, IMPORT, "poc_fraud_2026", 3 * MINUTE, "partiallyFailed"),
    Special(25 * HOUR, DELETE, "poc_fraud_2026", 8 * SECOND),
    Special(7 * HOUR, IMPORT, 1, 26 * MINUTE, "partiallyFailed"),
    Special(
        6 * HOUR, RESTORE, 2, 41 * SECOND, "failed", "\x1b[31mbackup 'nightly [3/7]' is damaged\x1b[0m\x07"
    ),
    Special(5 * HOUR, START, 3, 94 * SECOND, "failed", "no capacity in zone cn-north-4b"),
    Special(4 * HOUR, EXPORT, 4, 22 * SECOND, "failed", "没有权限写入 OBS 路径 export/供应链/"),
    Special(3 * HOUR, IMPORT, 5, 70 * SECOND),
    Special(70 * MINUTE, IMPORT, 2, 9 * MINUTE, "failed"),
    Special(6 * MINUTE, IMPORT, 0, 25 * MINUTE),
    Special(4 * MINUTE, BACKUP, 0, 30 * SECOND, queued=24 * MINUTE),
    Special(80 * SECOND, UPGRADE, 3, 130 * SECOND),
    Special(9 * SECOND, EXPORT, 1, 14 * SECOND),
    Special(3 * SECOND, IMPORT, 2, 35 * SECOND, "partiallyFailed"),
)


def open_world(settings: GesSettings, world: GesWorld) -> None:
    """Fill the jobs center and let life begin."""
    if world.graphs:
        jobs = list(_history(world, settings.history))
        if settings.specials:
            jobs.extend(_specials(world))
        jobs.sort(key=lambda job: job.created)
        for job in jobs:
            world.add(job)
        _unfinished(world, settings.unfinished)
    lively = settings.specials and len(settings.graphs) > 3
    world.begin(_first(settings) if lively else ())


def _first(settings: GesSettings) -> Iterator[tuple[int, Kind, str, str, int]]:
    """What is born in the first seconds, so that a person sees at once that jobs start, end and fail."""
    yield 900, BACKUP, settings.graphs[-1], "success", 2800
    yield 1500, EXPORT, settings.graphs[-2], "failed", 4200
    yield 2600, IMPORT, settings.graphs[-1], "success", 9000


def _history(world: GesWorld, count: int) -> Iterator[Job]:
    """Jobs that ended before the start, evenly spread over the month with some jitter."""
    step = (_SPAN - _REST) / max(count, 1)
    for number in range(count):
        salt = mix((world.settings.seed << 40) + number)
        created = world.start - _SPAN + int(step * (number + (salt & 0xFF) / 256))
        graph = world.graphs[(salt >> 8) % len(world.graphs)]
        job = world.plan(kind_for(graph, salt), graph, salt, created)
        if job.ends > world.start - _REST:  # too many for one graph to have done them one by one
            job.begins, job.ends = created, min(created + SECOND, world.start)
            graph.free = world.start - _REST
        yield job


def _specials(world: GesWorld) -> Iterator[Job]:
    """The odd jobs, and the graph that is gone."""
    gone: dict[str, Graph] = {}
    for index, special in enumerate(_SPECIALS):
        salt = mix((world.settings.seed << 8) + index)
        if isinstance(special.graph, str):
            name = special.graph
            graph = gone.setdefault(name, Graph(uuid_of(salt), name, 0, gone=world.start - DAY))
        else:
            graph = world.graphs[special.graph % len(world.graphs)]
        job = Job(special.kind, graph, salt, world.start - special.age)
        job.begins = job.created + special.queued
        job.ends = job.begins + special.ran
        job.fate, job.reason = special.fate, special.reason
        graph.free, graph.stopped = max(graph.free, job.ends), False
        yield job


def _unfinished(world: GesWorld, count: int) -> None:
    """Jobs that were all submitted a moment ago: each graph begins with one, the others wait."""
    for number in range(count):
        salt = world.salt()
        graph = world.graphs[number % len(world.graphs)]
        world.add(world.plan(IMPORT, graph, salt, world.start))
