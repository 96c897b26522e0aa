"""The world behind a simulated project: jobs are born, wait for their graph, run and end.

Nothing runs in the background. Every request first calls `GesWorld.advance`, which lets those jobs be born
that should have been since the last one; so the same seed and clock always give the same world.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from backend_adapters.simulator.clock import Clock
from backend_adapters.simulator.deterministic_random import draw, mix, pick
from backend_adapters.simulator.ges.graph_engines import Engine
from backend_adapters.simulator.ges.ids import Ids, uuid_of
from backend_adapters.simulator.ges.job_kinds import DELETE, KINDS, STATES, kind_for, settle
from backend_adapters.simulator.ges.records import NEVER, Graph, Job, Kind
from backend_adapters.simulator.ges.settings import DAY, MONTH, GesSettings

_CROWD = 3
"""Jobs that wait for one graph at the most, before people leave it alone."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which jobs are asked for."""

    status: str | None = None
    """The filter's word: `waiting` for what is `pending`."""
    graph: str | None = None
    since: int | None = None
    """The first moment of a day in UTC, epoch ms."""
    until: int | None = None
    """The first moment after a day in UTC, epoch ms."""

    def takes(self, job: Job, now: int) -> bool:
        """Whether a job is one of them.

        The documents don't say which time the days compare. Here `since` is for the beginning and `until`
        for the end; what has not begun or not ended counts as of its creation. Times are rounded as shown.
        """
        begin = job.begins if now >= job.begins else job.created
        end = job.ends if now >= job.ends else job.created
        return (
            (self.status is None or self.status == job.status(now).replace("pending", "waiting"))
            and (self.graph is None or self.graph == job.graph.name)
            and (self.since is None or self.since <= begin + 500)
            and (self.until is None or end + 500 < self.until)
        )


class GesWorld:
    """All graphs and jobs of one project, with their clock."""

    def __init__(self, settings: GesSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.start = self.now = clock()
        self.ids = Ids(self.start - MONTH)
        self.graphs = [self._graph(name) for name in settings.graphs]
        self.engines = {graph.name: Engine(settings, graph.name, self.start) for graph in self.graphs}
        self._jobs: deque[Job] = deque()
        self._by_id: dict[str, Job] = {}
        self._active: list[Job] = []
        self._random = Random(settings.seed)
        self._salts = 0
        self._next = NEVER
        self._first: deque[tuple[int, Kind, str, str, int]] = deque()

    def _graph(self, name: str) -> Graph:
        salt = mix((self.settings.seed << 20) + sum(map(ord, name)))
        counts = name not in self.settings.old_graphs
        return Graph(uuid_of(salt), name, self.start - draw(salt, 60, 31, 300) * DAY, counts)

    # Looking

    def find(self, query: Query, offset: int, limit: int) -> tuple[int, Iterable[Job]]:
        """How many jobs fit, and a page of them: the newest first, by their creation."""
        if query == Query():
            return len(self._jobs), islice(reversed(self._jobs), offset, offset + limit)
        fitting = [job for job in reversed(self._jobs) if query.takes(job, self.now)]
        return len(fitting), fitting[offset : offset + limit]

    def job(self, job_id: str) -> Job | None:
        """The job with this id, or None."""
        return self._by_id.get(job_id)

    def graph(self, name: str) -> Graph:
        """The graph of this name; raises StopIteration where there is none."""
        return next(graph for graph in self.graphs if graph.name == name)

    def existing(self) -> list[Graph]:
        """The graphs that exist now."""
        return [graph for graph in self.graphs if graph.created <= self.now < graph.gone]

    def state(self, graph: Graph) -> str:
        """`status` of a graph: what its job of the moment makes of it."""
        for job in self._active:
            if job.graph is graph and job.status(self.now) == "running":
                return STATES.get(job.kind.name, "200")
        return "900" if graph.stopped and graph.free <= self.now else "200"

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs)

    # Happening

    def advance(self) -> None:
        """Bring the world up to the clock."""
        until = max(self.now, self.clock())
        while self._next <= until:
            self.now = self._next
            self._birth()
        self.now = until
        self._active = [job for job in self._active if job.ends > until]
        while self._jobs and self._jobs[0].ends < until - MONTH:
            del self._by_id[self._jobs.popleft().id]
        for engine in self.engines.values():
            engine.advance(until)

    def begin(self, first: Iterable[tuple[int, Kind, str, str, int]] = ()) -> None:
        """Let jobs be born from now on: first these, then any.

        Each of the first is (ms after the one before, kind, graph, fate, length in ms).
        """
        self._first.extend(first)
        self._next = self._later()

    def _later(self) -> int:
        if self.settings.pace <= 0 or not self.graphs:
            return NEVER
        if self._first:
            return self.now + self._first[0][0]
        return self.now + int(self._random.randint(3000, 10_000) / self.settings.pace)

    def _birth(self) -> None:
        if self._first:
            _, kind, graph, fate, millis = self._first.popleft()
            self._make(Job(kind, self.graph(graph), self.salt(), self.now), 600, millis, fate)
        else:
            self._any()
        self._next = self._later()

    def _any(self) -> None:
        salt = self.salt()
        graph = pick(salt, 65, self.graphs)
        waiting = sum(job.graph is graph for job in self._active if job.ends > self.now)
        if waiting < _CROWD and graph.gone == NEVER:
            self.add(self.plan(kind_for(graph, salt), graph, salt, self.now))

    def salt(self) -> int:
        """The salt of the next new job."""
        self._salts += 1
        return mix(self.settings.seed * 1_000_003 + self._salts)

    def plan(self, kind: Kind, graph: Graph, salt: int, created: int) -> Job:
        """A job as it will go: it waits until its graph is free, and may then leave it stopped."""
        job = Job(kind, graph, salt, created)
        job.begins = max(created + draw(salt, 66, 200, 2500), graph.free + 300)
        settle(job)
        self._reserve(job)
        return job

    def _reserve(self, job: Job) -> None:
        graph = job.graph
        graph.free = max(graph.free, job.ends)
        if job.fate == "success" and job.kind.name in {"StopGraph", "StartGraph"}:
            graph.stopped = job.kind.name == "StopGraph"
        if job.fate == "success" and job.kind is DELETE:
            graph.gone = job.ends

    def add(self, job: Job) -> Job:
        """Keep a job under a new id. Jobs are to be added in the order of their creation."""
        job.id = self.ids.next(job.created)
        self._jobs.append(job)
        self._by_id[job.id] = job
        if job.ends > self.now:
            self._active.append(job)
        return job

    def submit(
        self,
        kind: str,
        graph: str,
        *,
        fate: str = "success",
        wait: int = 0,
        millis: int = 10_000,
        reason: str | None = None,
    ) -> Job:
        """A new job, for tests: of this kind, `wait` ms before it begins and `millis` until it ends."""
        self.advance()
        job = Job(KINDS[kind], self.graph(graph), self.salt(), self.now)
        job.reason = reason
        return self._make(job, wait, millis, fate)

    def _make(self, job: Job, wait: int, millis: int, fate: str) -> Job:
        job.begins = job.created + wait
        job.ends = job.begins + millis
        job.fate = fate
        self._reserve(job)
        return self.add(job)
