"""The state of the refresh, for the header."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.model import Millis, ServerInfo

NoteSource = Literal["scan", "poll", "look"]
"""What read tasks; of their notes that of the scan is shown first, as it has seen the most."""

SLOW_SECONDS = 1.0
"""A server whose last poll took longer than this is slow."""


class Phase(Enum):
    """The state of the connection."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    OFFLINE = "offline"
    BLOCKED = "blocked"
    """A person must do something; if it was live before, it is still retried, but rarely."""


class Health(Struct, frozen=True, kw_only=True):
    """The state of the refresh, for the header."""

    phase: Phase = Phase.CONNECTING
    info: ServerInfo | None = None
    error: BackendError | None = None
    last_ok: Millis | None = None
    """When the last complete answer arrived, by the local clock."""
    latency: float | None = None
    """Seconds the last poll took."""
    retry_at: float | None = None
    """When it will try again, by the monotonic clock."""
    scanning: bool = False
    begun: bool = False
    """The first batch of a scan is in the store, so the newest tasks are complete."""
    complete_after: Millis | None = None
    """Every task that was created after this came with the first batch; None where that is not known."""
    scanned: bool = False
    """A scan has finished; unless it was partial, what isn't in the store doesn't exist."""
    partial: str = ""
    """Why the last scan did not return all tasks, as a sentence; empty if it did."""
    note: str = ""
    """What could not be read in the last scan, poll and look; empty once all succeed."""
    scattered: bool = False
    """A scan need not begin with the newest tasks, and scans are repeated sooner."""

    @property
    def is_answering(self) -> bool:
        """Whether the server has answered, and did so the last time."""
        return self.error is None and self.last_ok is not None

    @property
    def is_complete(self) -> bool:
        """Whether the store has all tasks."""
        return self.scanned and not self.partial


def is_calm(health: Health) -> bool:
    """Whether the server has time for what nobody waits for."""
    return health.scanned and not health.scanning and (health.latency or 0.0) < SLOW_SECONDS


class HealthState:
    """The health as last reported."""

    def __init__(self, on_health: Callable[[Health], None]) -> None:
        self.health = Health()
        self.on_health = on_health
        self.notes: dict[NoteSource, str] = {}
        """What could not be read, for the next update."""

    def update(self, **changes: object) -> None:
        """Report the health with these fields and the notes, if anything has changed."""
        notes = (self.notes.get("scan"), self.notes.get("poll"), self.notes.get("look"))
        health = replace(self.health, note=next(filter(None, notes), ""), **changes)
        if health != self.health:
            self.health = health
            self.on_health(health)
