"""What the rules look at: one place as it is known at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from backend_adapters.model import Capabilities, Millis, Place, Source, Task, TaskId
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.outages import Outage
from tui.monitor.findings.server_signs import ServerSigns
from tui.monitor.health import Health
from tui.monitor.kind_record import KindRecord
from tui.monitor.store import Store

SECOND: Millis = 1000


class PlaceFacts(Struct, frozen=True, kw_only=True):
    """One place as the rules see it; times are by the server's clock but for those of `health`."""

    limits: FindingLimits
    store: Store
    source: Source
    place: Place | None
    """None where it is the only one."""
    now: Millis
    ahead: Millis = 0
    """How far the server's clock is ahead of this machine's."""
    health: Health = Health()
    capabilities: Capabilities | None = None
    """What the server can do; None where that isn't known."""
    servers: ServerSigns
    outage: Outage | None = None
    """The last time that its server was not running, by this machine's clock."""
    find_record: Callable[[Task], KindRecord | None] = lambda task: None
    """What became of the tasks of the same kind; None where that was not counted."""
    find_waits: Callable[[Task], Sequence[Millis]] = lambda task: ()
    """How long tasks of the same kind waited that this session saw begin, sorted."""
    was_delete_refused: Callable[[Task], bool] = lambda task: False
    find_out_of_memory: Callable[[Task], TaskId | None] = lambda task: None
    """A task that ran out of memory on the same server after this one began."""

    @property
    def own_now(self) -> Millis:
        """The present moment by this machine's clock."""
        return self.now - self.ahead

    @property
    def name(self) -> str:
        """What the place is called, for a sentence; harmless only once it is sanitized."""
        return self.source.profile if self.place is None else self.place.name

    @property
    def subject(self) -> str:
        """The place as the subject of a finding."""
        return f"{self.source.url} {self.source.dialect} {self.source.qualified_graph}"

    @property
    def is_hugegraph(self) -> bool:
        """Whether its tasks are those of a HugeGraph itself."""
        return self.source.dialect == "hugegraph"

    @property
    def can_force_delete(self) -> bool:
        """Whether a force delete would be taken; true where that isn't known."""
        return self.capabilities is None or bool(self.capabilities.force_delete)
