"""The ids of graphs and jobs, made as the service makes them."""

from __future__ import annotations

from backend_adapters.simulator.deterministic_random import scatter_bits

_HOST = "ff808081"
"""Java's substitute for an unknown address, with which the ids in the documents begin."""


class JobIds:
    """Makes job ids as Hibernate does: host, start of the JVM, creation time and counter, all in hex."""

    def __init__(self, jvm_start: int) -> None:
        """Count from zero; `jvm_start` is in epoch ms."""
        self._jvm = (jvm_start >> 8) & 0xFFFFFFFF
        self._count = 0

    def next_id(self, created: int) -> str:
        """The id of a job created at this moment, epoch ms: 32 hex digits."""
        count, self._count = self._count, (self._count + 1) & 0xFFFF
        return f"{_HOST}{self._jvm:08x}{created:012x}{count:04x}"


def make_uuid(salt: int) -> str:
    """A UUID of version 4 that depends on the salt alone."""
    high, low = scatter_bits(salt), scatter_bits(salt ^ 0x5851F42D4C957F2D)
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
