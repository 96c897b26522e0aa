"""The ids that a simulated store gives to tasks, and the order in which it lists them."""

from __future__ import annotations

from backend_adapters.simulator.deterministic_random import scatter_bits

ID_BLOCK_SIZE = 10_000
"""Ids that a server process of a cluster takes at a time."""

RESTART_AFTER_IDS = 4_000
"""Ids after which a simulated server process restarts, and so takes another block."""

_PARTITIONS = 12
_PLACE = 1 << 40


class IdSequence:
    """Ids of a single server: consecutive, and listed in this order."""

    def __init__(self) -> None:
        self.last = 0
        """The highest id given out so far."""

    def next_id(self) -> int:
        """The id of a new task."""
        self.last += 1
        return self.last

    def position_of(self, number: int) -> int:
        """The position of an id in the list, a number that no other id has: here the id itself."""
        return number

    def id_at(self, place: int) -> int:
        """The id at a position."""
        return place

    def share_partition(self, place: int, following: int) -> bool:  # noqa: ARG002
        """Whether two positions are in the same partition: here there is only one."""
        return True


class BlockIds(IdSequence):
    """Ids of a cluster: each server process uses blocks of its own, and lists go partition by partition."""

    def __init__(self, servers: int) -> None:
        super().__init__()
        self._blocks = 0
        self._taken = 0
        self._next = [0] * servers
        """The last id of each process."""

    def next_id(self) -> int:
        """The next id of one of the processes, which takes a new block when its own is used up."""
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
        """A position that is higher by the id's partition than by the id itself."""
        return scatter_bits(number) % _PARTITIONS * _PLACE + number

    def id_at(self, place: int) -> int:
        """The id at a position."""
        return place % _PLACE

    def share_partition(self, place: int, following: int) -> bool:
        """Whether both positions are in the same partition."""
        return place // _PLACE == following // _PLACE
