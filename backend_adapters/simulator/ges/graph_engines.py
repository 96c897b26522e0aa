"""The engine of one graph, with jobs of its own: algorithms, queries, index builds. Some can be cancelled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from backend_adapters.simulator.deterministic_random import draw, mix, pick
from backend_adapters.simulator.ges.ids import uuid_of
from backend_adapters.simulator.ges.records import NEVER
from backend_adapters.simulator.ges.settings import GesSettings

_SECOND = 1000
_HISTORY = 40
"""Jobs that an engine has had before the start, where the project has a history at all."""
_GAP = 9 * 60 * _SECOND
"""Milliseconds from one of these to the next."""


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work. What can be stopped is what the documents of 2025 name."""

    type: str
    """`taskType`."""
    request: str
    millis: tuple[int, int]
    stoppable: bool
    failure: str = ""


def _algorithm(name: str, millis: tuple[int, int], *, stoppable: bool, failure: str = "") -> Work:
    request = json.dumps({"algorithmName": name, "parameters": {"source": "38", "directed": True}})
    return Work("Algorithm", request, millis, stoppable, failure)


WORKS = (
    _algorithm("pagerank", (15 * _SECOND, 80 * _SECOND), stoppable=True),
    _algorithm("louvain", (20 * _SECOND, 120 * _SECOND), stoppable=True),
    _algorithm(
        "shortest_path",
        (6 * _SECOND, 30 * _SECOND),
        stoppable=False,
        failure="Running algorithm [shortest_path] error: parameter [source] is invalid!",
    ),
    Work(
        "VertexQuery", '{"filters":[{"city":"上海"}]}', (3 * _SECOND, 20 * _SECOND), True, "query timed out"
    ),
    Work(
        "AddIndex", '{"indexName":"by_city","indexType":"GlobalCompositeVertexIndex"}', (9000, 40_000), True
    ),
    Work("ImportGraph", "", (12 * _SECOND, 60 * _SECOND), True, "the OBS path does not exist"),
)


class EngineJob:
    """One job of an engine; like a job of the center it knows beforehand how it will go."""

    __slots__ = ("begins", "created", "ends", "fate", "id", "reason", "work")

    def __init__(self, work: Work, job_id: str, created: int) -> None:
        self.work = work
        self.id = job_id
        self.created = created
        self.begins = created
        self.ends = created
        self.fate = "success"
        self.reason = work.failure

    def status(self, now: int) -> str:
        """`pending`, `running`, `success` or `failed`."""
        if now < min(self.begins, self.ends):
            return "pending"
        return "running" if now < self.ends else self.fate

    def can_stop(self, now: int) -> bool:
        """`canStop`."""
        return self.work.stoppable and now < self.ends

    def progress(self, now: int) -> int:
        """Percent."""
        if now >= self.ends:
            return 100
        return max(0, (now - self.begins) * 100 // (self.ends - self.begins))


class Engine:
    """The jobs of one graph's engine, the oldest first. It does one at a time."""

    def __init__(self, settings: GesSettings, graph: str, start: int) -> None:
        self._seed = mix((settings.seed << 24) + sum(map(ord, graph)))
        self._pace = settings.pace
        self._random = Random(self._seed)
        self._free = 0
        self.now = start
        self.jobs: dict[str, EngineJob] = {}
        if settings.history:
            for age in range(_HISTORY, 0, -1):
                self._born(start - age * _GAP)
        if settings.specials:
            self.submit(WORKS[1], wait=-40 * _SECOND, millis=9 * 60 * _SECOND)
            self.submit(WORKS[2], wait=-10 * _SECOND, millis=4 * 60 * _SECOND)
        self._next = self._later(start)

    def advance(self, until: int) -> None:
        """Bring the engine up to a moment."""
        while self._next <= until:
            moment = self._next
            if self._free < moment + 60 * _SECOND:
                self._born(moment)
            self._next = self._later(moment)
        self.now = until

    def _later(self, moment: int) -> int:
        if self._pace <= 0:
            return NEVER
        return moment + int(self._random.randint(8000, 25_000) / self._pace)

    def _born(self, moment: int) -> None:
        salt = mix(self._seed + len(self.jobs))
        work = pick(salt, 81, WORKS)
        job = self._new(work, moment)
        job.begins = max(moment + draw(salt, 82, 100, 1500), self._free)
        job.ends = job.begins + draw(salt, 83, *work.millis)
        job.fate = "failed" if work.failure and draw(salt, 84, 1, 100) <= 15 else "success"
        self._free = job.ends

    def submit(self, work: Work, *, wait: int = 0, millis: int = 10_000, fate: str = "success") -> EngineJob:
        """A new job: `wait` ms before it begins (negative: it already did) and `millis` until it ends."""
        job = self._new(work, self.now + min(0, wait))
        job.begins = self.now + wait
        job.ends = job.begins + millis
        job.fate = fate
        return job

    def _new(self, work: Work, created: int) -> EngineJob:
        number = len(self.jobs)
        job = EngineJob(work, f"{uuid_of(mix(self._seed ^ number))}{1_680_206 + number:09d}", created)
        self.jobs[job.id] = job
        return job

    def cancel(self, job: EngineJob) -> None:
        """End a job that can be stopped; a running one takes a moment for it."""
        running = job.begins <= self.now
        job.ends = self.now + (700 if running else 0)
        job.fate, job.reason = "failed", "Job is cancelled by user."
