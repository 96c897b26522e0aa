"""What one graph of a simulated server has to do: its tasks at the start, and what comes later."""

from __future__ import annotations

from dataclasses import dataclass

from backend_adapters.simulator.durations import SECOND_MS
from backend_adapters.simulator.hugegraph.records import TaskKind

USUAL_GAPS = (3 * SECOND_MS, 10 * SECOND_MS)
"""The shortest and the longest time between two submissions to a graph, ms."""


@dataclass(frozen=True, slots=True)
class SpecialTask:
    """One task that is there at the start for a reason."""

    age: int
    """Milliseconds before the start at which it was created."""
    kind: TaskKind
    outcome: str = "success"
    """How it ended; `running` for one that runs on this server, `queued` for one that waits for a worker,
    `stuck` for one whose server is gone."""
    ran: int = 4 * SECOND_MS
    """Milliseconds that it ran, or will run."""
    retries: int = 0
    description: str | None = None
    after: int | None = None
    """The index of the special task on which it depends."""


@dataclass(frozen=True, slots=True)
class GraphLoad:
    """The tasks of one graph."""

    history: int = 0
    """Tasks that ended before the start."""
    kinds: tuple[TaskKind, ...] = ()
    """What the history is made of, each kind as often as its weight says; empty for the usual kinds."""
    specials: tuple[SpecialTask, ...] = ()
    unfinished: int = 0
    """Tasks that are submitted at the start."""
    later_kinds: tuple[TaskKind, ...] = ()
    """What is submitted from the start on; empty for what the history is made of."""
    gaps: tuple[int, int] = USUAL_GAPS
    """The shortest and the longest time between two submissions at the usual pace, ms."""
