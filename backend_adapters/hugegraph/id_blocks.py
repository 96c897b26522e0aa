"""Where new ids come up on a cluster: above what is known of each block, and in blocks without a known task.

Each server process takes a block of 10,000 ids at its first task and gives them out one by one; every
restart takes the next block (PROTOCOL.md, section 2.2). Which blocks still have a process is not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from backend_adapters.hugegraph.id_ranges import TOO_HIGH

IDS_PER_BLOCK = 10_000
"""Ids that a server process takes at a time; block 0 begins with id 1."""

WIDE_WINDOW, NARROW_WINDOW = 20, 2
"""Ids above the edge of a block that a refresh asks for: where tasks came lately, and elsewhere."""

_LIVELY_BLOCKS = 5
"""Blocks that have wide windows, and single ids far above them that are asked for."""

_SPARSE_STEPS = (40, 80, 160, 320, 640, 1280, 2560, 5120)
"""How far above an edge single ids are asked for: tasks are also found after many came and went unseen."""

_NEXT_BLOCKS = 16
_FAR_BLOCKS = (24, 32, 64, 128)
_FIRST_STEPS = (1, 2, 8)
"""Which ids of each of the next blocks are asked for: those below may have been deleted."""

_UNKNOWN_BLOCKS = 8
_LOW_STEPS = (*range(1, 9), 16, 32, 64, 128)
"""So many blocks below the highest one, but without a task, and which of their ids are asked for: they were
passed over, or all that was in them was deleted, and their process goes on."""


def block_number(number: int) -> int:
    """The number of the block that an id belongs to."""
    return (number - 1) // IDS_PER_BLOCK


def last_id_of_block(block: int) -> int:
    """The last id of a block."""
    return (block + 1) * IDS_PER_BLOCK


def highest_id_per_block(numbers: Iterable[int]) -> dict[int, int]:
    """The highest of these ids in each of their blocks; ids that no server gives out are left out."""
    ascending = sorted(number for number in numbers if 0 < number < TOO_HIGH)
    return {block_number(number): number for number in ascending}


class IdBlocks:
    """The blocks with tasks, each with its edge: the highest id known, below which all were asked for."""

    def __init__(self) -> None:
        self.edges: dict[int, int] = {}
        self._rises: dict[int, int] = {}
        """When each edge rose last, as a count of all rises."""
        self._count = 0
        self._next = 0

    def edge_of(self, block: int) -> int:
        """The edge of a block; just below its first id where none of its tasks is known."""
        return self.edges.get(block, block * IDS_PER_BLOCK)

    def raise_edge(self, block: int, edge: int) -> None:
        """Set the edge of a block where it is higher than the known one."""
        if edge > self.edges.get(block, 0):
            self._count += 1
            self.edges[block], self._rises[block] = edge, self._count

    def set_edge(self, block: int, edge: int) -> None:
        """Set the edge of a block, also to a lower one."""
        self.edges.pop(block, None)
        self.raise_edge(block, edge)

    def windows_above_edges(self, room: int) -> dict[int, range]:
        """At most `room` ids above the edges: more of the liveliest blocks, few of the others in turns."""
        going = self._unfilled_blocks()
        lively, others = going[:_LIVELY_BLOCKS], going[_LIVELY_BLOCKS:]
        wide = min(WIDE_WINDOW, room // max(1, len(lively)))
        share = (room - wide * len(lively)) // NARROW_WINDOW
        sizes = dict.fromkeys(lively, wide) | dict.fromkeys(self._next_in_turn(others, share), NARROW_WINDOW)
        return {block: self._window_above(block, size) for block, size in sizes.items()}

    def sparse_probe_ids(self) -> list[int]:
        """Single ids far above the edges of the liveliest blocks."""
        edges = [
            (self.edges[block], last_id_of_block(block)) for block in self._unfilled_blocks()[:_LIVELY_BLOCKS]
        ]
        return [edge + step for edge, end in edges for step in _SPARSE_STEPS if edge + step <= end]

    def _unfilled_blocks(self) -> list[int]:
        """The blocks that have ids left, the one whose edge rose last first."""
        going = [block for block, edge in self.edges.items() if edge < last_id_of_block(block)]
        return sorted(going, key=lambda block: (self._rises[block], block), reverse=True)

    def block_start_ids(self) -> list[int]:
        """The ids that show that a block without a known task was taken: after the last one, and between."""
        last = max(self.edges, default=-1)
        # Not a list: there may be millions of blocks below a single high id.
        unknown = (block for block in range(last - 1, -1, -1) if block not in self.edges)
        following = range(last + 1, last + 1 + _NEXT_BLOCKS)
        return [
            *(block * IDS_PER_BLOCK + step for block in following for step in _FIRST_STEPS),
            *(
                block * IDS_PER_BLOCK + step
                for block in islice(unknown, _UNKNOWN_BLOCKS)
                for step in _LOW_STEPS
            ),
            *((last + step) * IDS_PER_BLOCK + 1 for step in _FAR_BLOCKS),
        ]

    def _window_above(self, block: int, size: int) -> range:
        edge = self.edges[block]
        return range(edge + 1, min(edge + size, last_id_of_block(block)) + 1)

    def _next_in_turn(self, blocks: list[int], share: int) -> list[int]:
        """The next `share` of the blocks, after those of the time before; all where they fit."""
        if len(blocks) <= share:
            return blocks
        begin, self._next = self._next, self._next + share
        return [blocks[step % len(blocks)] for step in range(begin, begin + share)]
