"""How a simulated store gives ids out, and in which order it lists them."""

from __future__ import annotations

from typing import Protocol

from backend_adapters.simulator.deterministic_random import scatter_bits

ID_BLOCK_SIZE = 10_000
"""Ids that a server process of a cluster takes at a time (facts: HugeGraph, section 18 #1)."""

RESTART_AFTER_IDS = 4_000
"""Ids after which a simulated server process counts as restarted: it begins another block."""

_PARTITIONS = 12
_PLACE = 1 << 40


class IdSequence(Protocol):
    """The ids of one graph."""

    last: int
    """The highest id given out so far."""

    def next_id(self) -> int:
        """The id of a new task."""
        ...

    def position_of(self, number: int) -> int:
        """Where an id stands in the list: a number that only this id has."""
        ...

    def id_at(self, place: int) -> int:
        """The id at a place."""
        ...

    def share_partition(self, place: int, following: int) -> bool:
        """Whether two places are of one partition."""
        ...


class CountedIds:
    """Ids of one server: one after the other, and so listed."""

    def __init__(self) -> None:
        self.last = 0

    def next_id(self) -> int:
        """The next id."""
        self.last += 1
        return self.last

    def position_of(self, number: int) -> int:
        """The id itself."""
        return number

    def id_at(self, place: int) -> int:
        """The place itself."""
        return place

    def share_partition(self, _place: int, _following: int) -> bool:
        """Always: there is but one partition."""
        return True


class BlockIds:
    """Ids of a cluster: each server process gives out its own block; listed partition by partition."""

    def __init__(self, servers: int) -> None:
        self.last = 0
        self._blocks = 0
        self._taken = 0
        self._next = [0] * servers
        """The last id of each process; one that ends its block takes another."""

    def next_id(self) -> int:
        """The next id of one of the processes."""
        self._taken += 1
        server = scatter_bits(self._taken) % len(self._next)
        number = self._next[server]
        if number % ID_BLOCK_SIZE in (0, RESTART_AFTER_IDS):
            number = self._blocks * ID_BLOCK_SIZE
            self._blocks += 1
        self._next[server] = number + 1
        self.last = max(self.last, number + 1)
        return number + 1

    def position_of(self, number: int) -> int:
        """The id within its partition."""
        return scatter_bits(number) % _PARTITIONS * _PLACE + number

    def id_at(self, place: int) -> int:
        """The id at a place."""
        return place % _PLACE

    def share_partition(self, place: int, following: int) -> bool:
        """Whether both are in the same multiple."""
        return place // _PLACE == following // _PLACE
