"""The state behind a simulated project: jobs are submitted, wait for their graph, run and end.

Nothing runs in the background. Every request first calls `GesWorld.advance_to_now`, which submits the jobs
that were due since the last one. So the same seed and clock always give the same jobs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from backend_adapters.simulator.clock import EpochClock
from backend_adapters.simulator.deterministic_random import draw_number, pick_option, scatter_bits
from backend_adapters.simulator.durations import DAY_MS
from backend_adapters.simulator.ges.graph_engines import GraphEngine
from backend_adapters.simulator.ges.ids import JobIds, make_uuid
from backend_adapters.simulator.ges.job_kinds import (
    DELETE_GRAPH,
    GRAPH_STATES,
    decide_outcome,
    pick_graph_job_kind,
)
from backend_adapters.simulator.ges.records import NEVER, GesGraph, GesJob, JobKind
from backend_adapters.simulator.ges.settings import RECORD_LIFETIME, GesSettings

_CROWD = 3
"""How many unfinished jobs a graph has at most before no more are submitted to it."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """The filter of a list of jobs."""

    status: str | None = None
    """As in the query: `waiting` for jobs that are `pending`."""
    graph: str | None = None
    since: int | None = None
    """The first moment of a day in UTC, epoch ms."""
    until: int | None = None
    """The first moment after a day in UTC, epoch ms."""

    def includes_job(self, job: GesJob, now: int) -> bool:
        """Whether the filter includes a job.

        The documents don't say which time is compared with the days. Here `since` is compared with the
        beginning and `until` with the end, or with the creation of a job that hasn't begun or ended. Times
        are rounded as in the answers.
        """
        begin = job.begins if now >= job.begins else job.created
        end = job.ends if now >= job.ends else job.created
        return (
            (self.status is None or self.status == job.status_at(now).replace("pending", "waiting"))
            and (self.graph is None or self.graph == job.graph.name)
            and (self.since is None or self.since <= begin + 500)
            and (self.until is None or end + 500 < self.until)
        )


class GesWorld:
    """All graphs and jobs of one project, with their clock."""

    def __init__(self, settings: GesSettings, clock: EpochClock) -> None:
        self.settings = settings
        self.clock = clock
        self.start = self.now = clock()
        self.ids = JobIds(self.start - RECORD_LIFETIME)
        self.graphs = [self._make_graph(name) for name in settings.graphs]
        self.engines = {graph.name: GraphEngine(settings, graph.name, self.start) for graph in self.graphs}
        self._jobs: deque[GesJob] = deque()
        self.jobs_by_id: dict[str, GesJob] = {}
        self._active: list[GesJob] = []
        self._random = Random(settings.seed)
        self._salts = 0
        self._next = NEVER
        self._first: deque[tuple[int, JobKind, str, str, int]] = deque()

    def _make_graph(self, name: str) -> GesGraph:
        salt = scatter_bits((self.settings.seed << 20) + sum(map(ord, name)))
        counts = name not in self.settings.old_graphs
        return GesGraph(make_uuid(salt), name, self.start - draw_number(salt, 60, 31, 300) * DAY_MS, counts)

    # Looking

    def find_jobs(self, query: JobQuery, offset: int, limit: int) -> tuple[int, Iterable[GesJob]]:
        """The number of matching jobs, and a page of them, the newest first."""
        if query == JobQuery():
            return len(self._jobs), islice(reversed(self._jobs), offset, offset + limit)
        fitting = [job for job in reversed(self._jobs) if query.includes_job(job, self.now)]
        return len(fitting), fitting[offset : offset + limit]

    def find_graph(self, name: str) -> GesGraph:
        """The graph of this name; raises StopIteration where there is none."""
        return next(graph for graph in self.graphs if graph.name == name)

    def existing_graphs(self) -> list[GesGraph]:
        """The graphs that exist now."""
        return [graph for graph in self.graphs if graph.created <= self.now < graph.gone_at]

    def graph_state(self, graph: GesGraph) -> str:
        """`status` of a graph, which depends on the job that runs."""
        for job in self._active:
            if job.graph is graph and job.status_at(self.now) == "running":
                return GRAPH_STATES.get(job.kind.name, "200")
        return "900" if graph.is_stopped and graph.free_at <= self.now else "200"

    def __iter__(self) -> Iterator[GesJob]:
        return iter(self._jobs)

    # Submitting

    def advance_to_now(self) -> None:
        """Submit the jobs that are due by the clock, and drop records that are too old."""
        until = max(self.now, self.clock())
        while self._next <= until:
            self.now = self._next
            self._submit_next()
        self.now = until
        self._active = [job for job in self._active if job.ends > until]
        while self._jobs and self._jobs[0].ends < until - RECORD_LIFETIME:
            del self.jobs_by_id[self._jobs.popleft().id]
        for engine in self.engines.values():
            engine.advance_to(until)

    def start_submitting(self, first: Iterable[tuple[int, JobKind, str, str, int]] = ()) -> None:
        """Submit jobs from now on: first these, then random ones.

        Each of the first is (ms after the one before, kind, graph, outcome, length in ms).
        """
        self._first.extend(first)
        self._next = self._next_submission()

    def _next_submission(self) -> int:
        if self.settings.pace <= 0 or not self.graphs:
            return NEVER
        if self._first:
            return self.now + self._first[0][0]
        return self.now + int(self._random.randint(3000, 10_000) / self.settings.pace)

    def _submit_next(self) -> None:
        if self._first:
            _, kind, graph, outcome, millis = self._first.popleft()
            self.add_planned_job(
                GesJob(kind, self.find_graph(graph), self.next_salt(), self.now), 600, millis, outcome
            )
        else:
            self._submit_random()
        self._next = self._next_submission()

    def _submit_random(self) -> None:
        salt = self.next_salt()
        graph = pick_option(salt, 65, self.graphs)
        waiting = sum(job.graph is graph for job in self._active if job.ends > self.now)
        if waiting < _CROWD and graph.gone_at == NEVER:
            self.add_job(self.plan_job(pick_graph_job_kind(graph, salt), graph, salt, self.now))

    def next_salt(self) -> int:
        """The salt of the next new job."""
        self._salts += 1
        return scatter_bits(self.settings.seed * 1_000_003 + self._salts)

    def plan_job(self, kind: JobKind, graph: GesGraph, salt: int, created: int) -> GesJob:
        """Make a job that begins when its graph is free, and book its effects on the graph."""
        job = GesJob(kind, graph, salt, created)
        job.begins = max(created + draw_number(salt, 66, 200, 2500), graph.free_at + 300)
        decide_outcome(job)
        self._reserve_graph(job)
        return job

    def _reserve_graph(self, job: GesJob) -> None:
        graph = job.graph
        graph.free_at = max(graph.free_at, job.ends)
        if job.outcome == "success" and job.kind.name in {"StopGraph", "StartGraph"}:
            graph.is_stopped = job.kind.name == "StopGraph"
        if job.outcome == "success" and job.kind is DELETE_GRAPH:
            graph.gone_at = job.ends

    def add_job(self, job: GesJob) -> GesJob:
        """Add a job under a new id. Jobs must be added in the order of their creation."""
        job.id = self.ids.next_id(job.created)
        self._jobs.append(job)
        self.jobs_by_id[job.id] = job
        if job.ends > self.now:
            self._active.append(job)
        return job

    def add_planned_job(self, job: GesJob, wait: int, millis: int, outcome: str) -> GesJob:
        """Add a job that begins in `wait` ms and runs `millis` ms."""
        job.begins = job.created + wait
        job.ends = job.begins + millis
        job.outcome = outcome
        self._reserve_graph(job)
        return self.add_job(job)
