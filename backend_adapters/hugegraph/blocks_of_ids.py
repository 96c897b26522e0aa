"""Where new ids come up on a cluster: above the top of each block, and in the blocks after the last one.

Each server process takes a block of 10,000 ids at its first task and gives them out one by one; every
restart takes the next block (facts: HugeGraph, section 18 #1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

BLOCK = 10_000
"""Ids that a server process takes at a time; block 0 begins with id 1."""

WIDEST_WINDOW = 20
"""Ids above the top of a block that a refresh asks for, where there are few blocks."""

_WIDEST_OF_ALL = 380

_NEXT_BLOCKS = 8
_FIRST_ONES = (1, 2, 4, 8, 16, 32)
"""Which ids of each of the next blocks are asked for: those below may have been deleted."""

_FAR_BLOCKS = (16, 32, 64, 128)
"""Blocks still further on, of which the first id is asked for: other graphs may take blocks too."""


def block_of(number: int) -> int:
    """The number of the block that an id belongs to; those below 1 belong to none of a server's."""
    return (number - 1) // BLOCK


def end_of(block: int) -> int:
    """The last id of a block."""
    return (block + 1) * BLOCK


def tops_of(numbers: Iterable[int]) -> dict[int, int]:
    """The highest of these ids in each of their blocks."""
    tops: dict[int, int] = {}
    for number in numbers:
        if number > 0:
            block = block_of(number)
            tops[block] = max(number, tops.get(block, 0))
    return tops


def starts_after(block: int) -> list[int]:
    """The ids that show that one of the blocks after this one was taken."""
    near = [
        first * BLOCK + step for first in range(block + 1, block + 1 + _NEXT_BLOCKS) for step in _FIRST_ONES
    ]
    return [*near, *((block + far) * BLOCK + 1 for far in _FAR_BLOCKS)]


def wider_windows(edge: int, end: int) -> Iterator[tuple[int, range]]:
    """Ever wider windows above `edge` up to `end`, each with the id above which a task calls for it."""
    size = WIDEST_WINDOW
    while edge < end:
        near, size = edge - size // 2, min(size * 2, _WIDEST_OF_ALL)
        yield near, range(edge + 1, min(edge + size, end) + 1)
        edge += size


class Windows:
    """The ids just above the tops of all blocks: all blocks at once, or in turns where they are too many."""

    def __init__(self) -> None:
        self._next = 0

    def above(self, tops: Mapping[int, int], room: int) -> dict[int, range]:
        """At most `room` ids, as one window for each block that has ids left."""
        open_ones = [(block, top) for block, top in sorted(tops.items()) if top < end_of(block)]
        if len(open_ones) > room:
            open_ones = list(self._turn(open_ones, room))
        size = min(WIDEST_WINDOW, room // max(1, len(open_ones)))
        return {block: range(top + 1, min(top + size, end_of(block)) + 1) for block, top in open_ones}

    def _turn(self, blocks: list[tuple[int, int]], room: int) -> Iterator[tuple[int, int]]:
        """The next `room` of the blocks, after those of the time before."""
        begin, self._next = self._next, self._next + room
        for step in range(begin, begin + room):
            yield blocks[step % len(blocks)]
