"""The engine of one graph, with jobs of its own: algorithms, queries, index builds. Some can be cancelled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from backend_adapters.simulator.deterministic_random import draw_number, pick_option, scatter_bits
from backend_adapters.simulator.durations import SECOND_MS
from backend_adapters.simulator.ges.ids import make_uuid
from backend_adapters.simulator.ges.records import NEVER
from backend_adapters.simulator.ges.settings import GesSettings

_HISTORY = 40
"""How many jobs an engine had before the start, if the project has a history."""
_GAP = 9 * 60 * SECOND_MS
"""Milliseconds between two of these."""


@dataclass(frozen=True, slots=True)
class EngineJobKind:
    """A kind of job. Those that can be stopped are named in the documents of 2025."""

    type: str
    """`taskType`."""
    request: str
    run_millis: tuple[int, int]
    is_stoppable: bool
    failure: str = ""


def _algorithm_kind(
    name: str, millis: tuple[int, int], *, stoppable: bool, failure: str = ""
) -> EngineJobKind:
    request = json.dumps({"algorithmName": name, "parameters": {"source": "38", "directed": True}})
    return EngineJobKind("Algorithm", request, millis, stoppable, failure)


ENGINE_JOB_KINDS = (
    _algorithm_kind("pagerank", (15 * SECOND_MS, 80 * SECOND_MS), stoppable=True),
    _algorithm_kind("louvain", (20 * SECOND_MS, 120 * SECOND_MS), stoppable=True),
    _algorithm_kind(
        "shortest_path",
        (6 * SECOND_MS, 30 * SECOND_MS),
        stoppable=False,
        failure="Running algorithm [shortest_path] error: parameter [source] is invalid!",
    ),
    EngineJobKind(
        "VertexQuery",
        '{"filters":[{"city":"上海"}]}',
        (3 * SECOND_MS, 20 * SECOND_MS),
        True,
        "query timed out",
    ),
    EngineJobKind(
        "AddIndex", '{"indexName":"by_city","indexType":"GlobalCompositeVertexIndex"}', (9000, 40_000), True
    ),
    EngineJobKind("ImportGraph", "", (12 * SECOND_MS, 60 * SECOND_MS), True, "the OBS path does not exist"),
)


@dataclass(slots=True, eq=False)
class EngineJob:
    """One job of an engine. As with the jobs center, its beginning, end and outcome are fixed in advance."""

    id: str
    kind: EngineJobKind
    begins: int
    ends: int
    outcome: str
    reason: str

    def status_at(self, now: int) -> str:
        """`pending`, `running`, `success` or `failed`."""
        if now < min(self.begins, self.ends):
            return "pending"
        return "running" if now < self.ends else self.outcome

    def can_stop_at(self, now: int) -> bool:
        """`canStop`."""
        return self.kind.is_stoppable and now < self.ends

    def progress_at(self, now: int) -> int:
        """`progress`, in percent."""
        if now >= self.ends:
            return 100
        return max(0, (now - self.begins) * 100 // (self.ends - self.begins))


class GraphEngine:
    """The engine of one graph, which runs one job at a time; `jobs` has the oldest first."""

    def __init__(self, settings: GesSettings, graph: str, start: int) -> None:
        self._seed = scatter_bits((settings.seed << 24) + sum(map(ord, graph)))
        self._pace = settings.pace
        self._random = Random(self._seed)
        self._free = 0
        self.now = start
        self.jobs: dict[str, EngineJob] = {}
        if settings.history:
            for age in range(_HISTORY, 0, -1):
                self._submit_random(start - age * _GAP)
        if settings.specials:
            self.submit_job(ENGINE_JOB_KINDS[1], wait=-40 * SECOND_MS, millis=9 * 60 * SECOND_MS)
            self.submit_job(ENGINE_JOB_KINDS[2], wait=-10 * SECOND_MS, millis=4 * 60 * SECOND_MS)
        self._next = self._next_submission(start)

    def advance_to(self, until: int) -> None:
        """Submit the jobs that are due until a moment, epoch ms."""
        while self._next <= until:
            moment = self._next
            if self._free < moment + 60 * SECOND_MS:
                self._submit_random(moment)
            self._next = self._next_submission(moment)
        self.now = until

    def _next_submission(self, moment: int) -> int:
        if self._pace <= 0:
            return NEVER
        return moment + int(self._random.randint(8000, 25_000) / self._pace)

    def _submit_random(self, moment: int) -> None:
        salt = scatter_bits(self._seed + len(self.jobs))
        kind = pick_option(salt, 81, ENGINE_JOB_KINDS)
        begins = max(moment + draw_number(salt, 82, 100, 1500), self._free)
        self._free = begins + draw_number(salt, 83, *kind.run_millis)
        outcome = "failed" if kind.failure and draw_number(salt, 84, 1, 100) <= 15 else "success"
        self._add_job(kind, begins, self._free, outcome)

    def submit_job(
        self, kind: EngineJobKind, *, wait: int = 0, millis: int = 10_000, outcome: str = "success"
    ) -> EngineJob:
        """Submit a job that begins in `wait` ms (negative: it already did) and runs `millis` ms."""
        return self._add_job(kind, self.now + wait, self.now + wait + millis, outcome)

    def _add_job(self, kind: EngineJobKind, begins: int, ends: int, outcome: str) -> EngineJob:
        number = len(self.jobs)
        job_id = f"{make_uuid(scatter_bits(self._seed ^ number))}{1_680_206 + number:09d}"
        job = self.jobs[job_id] = EngineJob(job_id, kind, begins, ends, outcome, kind.failure)
        return job

    def cancel_job(self, job: EngineJob) -> None:
        """Cancel a job that can be stopped; a running one ends a moment later."""
        running = job.begins <= self.now
        job.ends = self.now + (700 if running else 0)
        job.outcome, job.reason = "failed", "Job is cancelled by user."
