"""Jobs, graphs and imported files as the simulated service keeps them.

A job knows from its birth when it begins, when it ends and how; what it is at a moment is then a question
of the clock alone. So nothing has to run in the background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ImportSection: TypeAlias = Literal["schemaPath", "vertexsetPath", "edgesetPath"]

NEVER = 1 << 62
"""A moment that does not come, epoch ms."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job."""

    name: str
    """`jobName`."""
    run_millis: tuple[int, int]
    """The shortest and the longest run."""
    weight: int = 0
    fail_percent: int = 5
    """How many of a hundred fail."""
    reasons: tuple[str, ...] = ()
    """What `failReason` can be."""
    type: str = "GraphManagement"
    """`jobType`. The documents' samples know no other word than this one."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One file of an import."""

    section: ImportSection
    path: str
    log: str | None
    lines: int
    """-1 where the engine doesn't count."""
    failed: int
    cause: str | None
    begins: float
    """When it is read, as a share of the job's run: from here ..."""
    ends: float
    """... to here."""
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
    """When it is done with all that it has been told to do, epoch ms: it does one job at a time."""
    is_stopped: bool = False
    """Whether it will be stopped then."""
    gone_at: int = NEVER
    """When it ceases to exist, epoch ms."""


class GesJob:
    """One job of the jobs center. `salt` decides all its texts, so ten thousand cost little."""

    __slots__ = (
        "begins",
        "created",
        "ends",
        "files",
        "graph",
        "id",
        "kind",
        "outcome",
        "reason",
        "salt",
    )

    def __init__(self, kind: JobKind, graph: GesGraph, salt: int, created: int) -> None:
        self.id = ""
        self.kind = kind
        self.graph = graph
        self.salt = salt
        self.created = created
        self.begins = created
        self.ends = created
        self.outcome = "success"
        self.reason: str | None = None
        """`failReason`, where it is not one of the kind's."""
        self.files: tuple[ImportFile, ...] | None = None
        """The files of an import; made when somebody asks for them."""

    def status_at(self, now: int) -> str:
        """The word in the answers: `pending`, where the filter says `waiting`."""
        if now < self.begins:
            return "pending"
        return "running" if now < self.ends else self.outcome

    def share_done(self, now: int) -> float:
        """How much of its run is over, 0 to 1."""
        if now >= self.ends:
            return 1.0
        return max(0.0, (now - self.begins) / (self.ends - self.begins))
