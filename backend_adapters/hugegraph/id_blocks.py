"""Where new ids come up on a cluster: above what is known of each block, and in blocks without a known task.

Each server process takes a block of 10,000 ids at its first task and gives them out one by one; every
restart takes the next block (facts: HugeGraph, section 18 #1). Which blocks still have a process is not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from backend_adapters.hugegraph.id_ranges import TOO_HIGH

BLOCK = 10_000
"""Ids that a server process takes at a time; block 0 begins with id 1."""

WIDE_WINDOW, NARROW_WINDOW = 20, 2
"""Ids above the edge of a block that a refresh asks for: where tasks came lately, and elsewhere."""

_LIVELY = 5
"""Blocks that have wide windows, and feelers."""

_FEELERS = (40, 80, 160, 320, 640, 1280, 2560, 5120)
"""How far above an edge single ids are asked for: tasks are also found after many came and went unseen."""

_NEXT_BLOCKS = 16
_FAR_BLOCKS = (24, 32, 64, 128)
_FIRST_ONES = (1, 2, 8)
"""Which ids of each of the next blocks are asked for: those below may have been deleted."""

_UNKNOWN_BLOCKS = 8
_LOW_ONES = (*range(1, 9), 16, 32, 64, 128)
"""So many blocks below the highest one, but without a task, and which of their ids are asked for: they were
passed over, or all that was in them was deleted, and their process goes on."""


def block_of(number: int) -> int:
    """The number of the block that an id belongs to."""
    return (number - 1) // BLOCK


def end_of(block: int) -> int:
    """The last id of a block."""
    return (block + 1) * BLOCK


def tops_of(numbers: Iterable[int]) -> dict[int, int]:
    """The highest of these ids in each of their blocks; ids that no server gives out are left out."""
    tops: dict[int, int] = {}
    for number in numbers:
        if 0 < number < TOO_HIGH:
            block = block_of(number)
            tops[block] = max(number, tops.get(block, 0))
    return tops


class Blocks:
    """The blocks with tasks, each with its edge: the highest id known, below which all were asked for."""

    def __init__(self) -> None:
        self.edges: dict[int, int] = {}
        self._rises: dict[int, int] = {}
        """When each edge rose last, as a count of all rises."""
        self._count = 0
        self._next = 0

    def edge_of(self, block: int) -> int:
        """The edge of a block; just below its first id where none of its tasks is known."""
        return self.edges.get(block, block * BLOCK)

    def rise(self, block: int, edge: int) -> None:
        """Set the edge of a block where it is higher than the known one."""
        if edge > self.edges.get(block, 0):
            self._count += 1
            self.edges[block], self._rises[block] = edge, self._count

    def place(self, block: int, edge: int) -> None:
        """Set the edge of a block, also to a lower one."""
        self.edges.pop(block, None)
        self.rise(block, edge)

    def windows(self, room: int) -> dict[int, range]:
        """At most `room` ids above the edges: more of the liveliest blocks, few of the others in turns."""
        going = self._going()
        lively, others = going[:_LIVELY], going[_LIVELY:]
        wide = min(WIDE_WINDOW, room // max(1, len(lively)))
        share = (room - wide * len(lively)) // NARROW_WINDOW
        sizes = dict.fromkeys(lively, wide) | dict.fromkeys(self._turn(others, share), NARROW_WINDOW)
        return {block: self._window(block, size) for block, size in sizes.items()}

    def feelers(self) -> list[int]:
        """Single ids far above the edges of the liveliest blocks."""
        edges = [(self.edges[block], end_of(block)) for block in self._going()[:_LIVELY]]
        return [edge + step for edge, end in edges for step in _FEELERS if edge + step <= end]

    def _going(self) -> list[int]:
        """The blocks that have ids left, the one whose edge rose last first."""
        going = [block for block, edge in self.edges.items() if edge < end_of(block)]
        return sorted(going, key=lambda block: (self._rises[block], block), reverse=True)

    def starts(self) -> list[int]:
        """The ids that show that a block without a known task was taken: after the last one, and between."""
        last = max(self.edges, default=-1)
        # Not a list: there may be millions of blocks below a single high id.
        unknown = (block for block in range(last - 1, -1, -1) if block not in self.edges)
        following = range(last + 1, last + 1 + _NEXT_BLOCKS)
        return [
            *(block * BLOCK + step for block in following for step in _FIRST_ONES),
            *(block * BLOCK + step for block in islice(unknown, _UNKNOWN_BLOCKS) for step in _LOW_ONES),
            *((last + step) * BLOCK + 1 for step in _FAR_BLOCKS),
        ]

    def _window(self, block: int, size: int) -> range:
        edge = self.edges[block]
        return range(edge + 1, min(edge + size, end_of(block)) + 1)

    def _turn(self, blocks: list[int], share: int) -> list[int]:
        """The next `share` of the blocks, after those of the time before; all where they fit."""
        if len(blocks) <= share:
            return blocks
        begin, self._next = self._next, self._next + share
        return [blocks[step % len(blocks)] for step in range(begin, begin + share)]
