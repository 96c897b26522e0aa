"""When a server was not running, as far as its answers tell: it refused connections, or was starting."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.errors import BackendError, Starting, Unreachable
from backend_adapters.model import Millis
from tui.monitor.health import Health


class Outage(Struct, frozen=True):
    """A time in which a server was not running, by the own clock."""

    began: Millis
    """When that was first seen."""
    ended: Millis
    """When it answered again."""


class OutageWatch:
    """Notes the last time that the server of one place was not running."""

    def __init__(self) -> None:
        self.last: Outage | None = None
        """None where it was always running while somebody looked."""
        self._began: Millis | None = None

    def note_health(self, health: Health, now: Millis) -> None:
        """Note a state of the refresh; `now` is by the own clock."""
        if health.error is not None:
            if self._began is None and is_not_running(health.error):
                self._began = now
        elif self._began is not None and health.last_ok is not None:
            self.last, self._began = Outage(self._began, now), None


def is_not_running(error: BackendError) -> bool:
    """Whether an error says that the server was not there, rather than that the way to it was cut."""
    return isinstance(error, Starting) or (isinstance(error, Unreachable) and error.is_refused)
