"""The jobs, graphs and imported files of a simulated project.

It is fixed when a job is created when it will begin and end, and how; its status follows from the clock. So
nothing has to run in the background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ImportSection: TypeAlias = Literal["schemaPath", "vertexsetPath", "edgesetPath"]

NEVER = 1 << 62
"""A moment that never comes, epoch ms."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job."""

    name: str
    """`jobName`."""
    run_millis: tuple[int, int]
    """The shortest and the longest run, ms."""
    weight: int = 0
    fail_percent: int = 5
    """How many of a hundred jobs fail."""
    reasons: tuple[str, ...] = ()
    """The possible values of `failReason`."""
    type: str = "GraphManagement"
    """`jobType`; the samples in the documents have only this value."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One file of an import."""

    section: ImportSection
    path: str
    log: str | None
    lines: int
    """-1 if the engine doesn't count lines."""
    failed: int
    cause: str | None
    begins: float
    """When reading it begins, as a share of the job's run, 0 to 1."""
    ends: float
    """When reading it ends, as a share of the job's run."""
    outcome: Literal["success", "partFailed", "failed"]


@dataclass(slots=True, eq=False)
class GesGraph:
    """A graph of the project."""

    id: str
    name: str
    created: int
    counts_lines: bool = True
    """Whether its engine counts the lines of an import."""
    free_at: int = 0
    """When its last job ends, epoch ms; a graph runs one job at a time."""
    is_stopped: bool = False
    """Whether it is stopped after its last job."""
    gone_at: int = NEVER
    """When it is deleted, epoch ms."""


@dataclass(slots=True, eq=False)
class GesJob:
    """One job of the jobs center. All its texts follow from `salt`, so ten thousand need little memory."""

    kind: JobKind
    graph: GesGraph
    salt: int
    created: int
    id: str = ""
    begins: int = 0
    ends: int = 0
    outcome: str = "success"
    reason: str | None = None
    """`failReason`, if it isn't one of the kind's reasons."""
    files: tuple[ImportFile, ...] | None = None
    """The files of an import, made when they are first asked for."""

    def status_at(self, now: int) -> str:
        """The status in the answers; `pending` is `waiting` in the filter."""
        if now < self.begins:
            return "pending"
        return "running" if now < self.ends else self.outcome

    def share_done(self, now: int) -> float:
        """The share of its run that is over, 0 to 1."""
        if now >= self.ends:
            return 1.0
        return max(0.0, (now - self.begins) / (self.ends - self.begins))
