"""The time of the server, by which tasks have their ages: its clock may be days off from this machine's."""

from __future__ import annotations

from collections.abc import Callable

from backend_adapters.backend import Backend
from backend_adapters.model import Millis
from tui.monitor.clock import Clock

CLOCKS_AGREE_WITHIN: Millis = 5_000
"""Clocks that differ by less count as one: a Date tells whole seconds, and its answer took a while."""

BELIEVED_WITHIN = 10 * 365 * 86_400.0
"""Seconds: a Date of 1970 is that of a clock that was never set."""


class ServerTime:
    """What the server's clock shows, as far as its answers tell; this machine's clock where they don't."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        self._ahead: Millis = 0
        self.on_jump: Callable[[Millis], None] = lambda by: None
        """Told by how much the server's clock has moved against this machine's."""

    @property
    def ahead(self) -> Millis:
        """How far the server's clock is ahead of this machine's; 0 where they agree, or it is not told."""
        told = self._backend.clock_ahead
        if told is None or abs(told) > BELIEVED_WITHIN:
            return self._ahead
        before, ahead = self._ahead, round(told * 1000)
        if abs(ahead - before) > CLOCKS_AGREE_WITHIN:
            self._ahead = ahead if abs(ahead) > CLOCKS_AGREE_WITHIN else 0
            self.on_jump(self._ahead - before)
        return self._ahead

    def now(self) -> Millis:
        """The moment by the server's clock, in epoch milliseconds (UTC)."""
        return self._clock.now() + self.ahead
