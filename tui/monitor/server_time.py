"""The server's time, by which ages are computed: its clock may differ from this machine's by days."""

from __future__ import annotations

from collections.abc import Callable

from backend_adapters.backend import Backend
from backend_adapters.model import Millis
from tui.monitor.clock import Clock

CLOCKS_AGREE_WITHIN: Millis = 5_000
"""Clocks that differ by less count as equal: a Date header has whole seconds, and its answer took a while."""

BELIEVED_WITHIN = 10 * 365 * 86_400.0
"""Seconds; a larger difference means a clock that was never set, such as one in 1970."""


class ServerTime:
    """The server's clock as far as its answers tell it, else this machine's clock."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        self._ahead: Millis = 0
        self.on_jump: Callable[[Millis], None] = lambda by: None
        """Called with how far the server's clock has moved against this machine's."""

    @property
    def ahead(self) -> Millis:
        """How far the server's clock is ahead of this machine's; 0 if they agree or it is unknown."""
        told = self._backend.clock_ahead
        if told is None or abs(told) > BELIEVED_WITHIN:
            return self._ahead
        before, ahead = self._ahead, round(told * 1000)
        if abs(ahead - before) > CLOCKS_AGREE_WITHIN:
            self._ahead = ahead if abs(ahead) > CLOCKS_AGREE_WITHIN else 0
            self.on_jump(self._ahead - before)
        return self._ahead

    def now(self) -> Millis:
        """The current time by the server's clock, in epoch milliseconds (UTC)."""
        return self._clock.now() + self.ahead
