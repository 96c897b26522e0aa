"""A long sorted sequence in chunks: changes cost the same at any position, and it can be built in steps.

Merging one flat list of 100,000 rows takes 70 to 140 ms in a single call (measured), during which no key is
answered.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, TypeAlias

from backend_adapters.model import Task

SortEntry: TypeAlias = tuple[Any, int, str, Task]
"""The sort key, the id in numeric order (two parts), and the task."""

RUN_LENGTH = 4_000
"""Entries sorted in one call before the runs are merged: 1 ms."""

CHUNK_LENGTH = 1_000
"""Entries of a new chunk; one that has grown to twice as many is split."""


class SortedChunks:
    """Distinct entries in ascending order."""

    def __init__(self) -> None:
        self._chunks: list[list[SortEntry]] = []
        self._last: list[SortEntry] = []
        self._starts: list[int] | None = None

    def __len__(self) -> int:
        """How many entries."""
        return self._chunk_offsets()[-1]

    def __getitem__(self, index: int) -> SortEntry:
        """The entry at an index, from the end if negative. Raises IndexError."""
        offsets = self._chunk_offsets()
        place = index + offsets[-1] if index < 0 else index
        if not 0 <= place < offsets[-1]:
            raise IndexError(index)
        number = bisect_right(offsets, place) - 1
        return self._chunks[number][place - offsets[number]]

    def __iter__(self) -> Iterator[SortEntry]:
        """All entries in order."""
        return chain.from_iterable(self._chunks)

    def __reversed__(self) -> Iterator[SortEntry]:
        """All entries in reverse order."""
        return chain.from_iterable(map(reversed, reversed(self._chunks)))

    def iter_range(self, start: int, stop: int) -> Iterator[SortEntry]:
        """The entries from one index to before another."""
        offsets = self._chunk_offsets()
        number = bisect_right(offsets, start) - 1
        while start < stop:
            chunk, at = self._chunks[number], start - offsets[number]
            yield from chunk[at : at + stop - start]
            start, number = offsets[number + 1], number + 1

    def find_index(self, entry: SortEntry) -> int | None:
        """The index of the entry with this key and id, or None."""
        found = self._find_place(entry)
        return None if found is None else self._chunk_offsets()[found[0]] + found[1]

    def count_from(self, key: Any) -> int:
        """How many entries have this key or a larger one."""
        number = bisect_left(self._last, (key,))
        if number == len(self._chunks):
            return 0
        offsets = self._chunk_offsets()
        return offsets[-1] - offsets[number] - bisect_left(self._chunks[number], (key,))

    def add_entry(self, entry: SortEntry) -> None:
        """Insert an entry in order."""
        self._starts = None
        if not self._chunks:
            self.append_chunk([entry])
            return
        number = min(bisect_left(self._last, entry), len(self._chunks) - 1)
        chunk = self._chunks[number]
        insort(chunk, entry)
        self._last[number] = chunk[-1]
        if len(chunk) >= 2 * CHUNK_LENGTH:
            self._split_chunk(number)

    def remove_entry(self, entry: SortEntry) -> None:
        """Remove the entry with this key and id, if it is there."""
        found = self._find_place(entry)
        if found is None:
            return
        number, at = found
        chunk = self._chunks[number]
        del chunk[at]
        self._starts = None
        if chunk:
            self._last[number] = chunk[-1]
        else:
            del self._chunks[number], self._last[number]

    def append_chunk(self, chunk: list[SortEntry]) -> None:
        """Append a sorted list whose entries all come after the present ones."""
        if chunk:
            self._starts = None
            self._chunks.append(chunk)
            self._last.append(chunk[-1])

    def drop_last_chunk(self) -> bool:
        """Drop the last chunk; false if none is left."""
        self._starts = None
        if self._chunks:
            del self._chunks[-1], self._last[-1]
        return bool(self._chunks)

    def _find_place(self, entry: SortEntry) -> tuple[int, int] | None:
        """The chunk, and the index in it, of the entry with this key and id."""
        probe = entry[:3]
        number = bisect_left(self._last, probe)
        if number == len(self._chunks):
            return None
        chunk = self._chunks[number]
        at = bisect_left(chunk, probe)
        return (number, at) if chunk[at][:3] == probe else None

    def _split_chunk(self, number: int) -> None:
        chunk = self._chunks[number]
        self._chunks[number : number + 1] = chunk[:CHUNK_LENGTH], chunk[CHUNK_LENGTH:]
        self._last[number : number + 1] = chunk[CHUNK_LENGTH - 1], chunk[-1]

    def _chunk_offsets(self) -> list[int]:
        """The index at which each chunk begins, and the total."""
        if self._starts is None:
            self._starts = list(accumulate(map(len, self._chunks), initial=0))
        return self._starts


class EntryRuns:
    """Entries in any order that come in small numbers, to be merged into one sorted sequence at the end."""

    def __init__(self) -> None:
        self._sorted: list[list[SortEntry]] = []
        self._run: list[SortEntry] = []

    def add_entries(self, entries: Iterable[SortEntry]) -> None:
        """Take in some entries."""
        self._run += entries
        if len(self._run) >= RUN_LENGTH:
            self._end_run()

    async def merge(self, turn: Callable[[], Awaitable[None]]) -> SortedChunks:
        """All entries in order; `turn` is awaited between the steps."""
        if self._run:
            self._end_run()
        runs, self._sorted = self._sorted, []
        return await merge_runs(runs, turn)

    def _end_run(self) -> None:
        self._run.sort()
        self._sorted.append(self._run)
        self._run = []


async def merge_runs(runs: Sequence[list[SortEntry]], turn: Callable[[], Awaitable[None]]) -> SortedChunks:
    """Merge sorted runs, none of them empty; `turn` is awaited after each chunk.

    A sample of the runs tells where to cut all of them so that the pieces of one cut make one chunk.
    """
    whole = SortedChunks()
    before = [0] * len(runs)
    for cut in _choose_cuts(runs):
        ends = [len(run) if cut is None else bisect_left(run, cut) for run in runs]
        piece = [
            entry for run, start, end in zip(runs, before, ends, strict=True) for entry in run[start:end]
        ]
        piece.sort()
        for start in range(0, len(piece), 2 * CHUNK_LENGTH):
            whole.append_chunk(piece[start : start + 2 * CHUNK_LENGTH])
        before = ends
        await turn()
    return whole


def _choose_cuts(runs: Sequence[list[SortEntry]]) -> list[SortEntry | None]:
    """The first entries of all chunks but the first one, and None for the end."""
    step = max(1, CHUNK_LENGTH // 16)
    sample = sorted(entry for run in runs for entry in run[step // 2 :: step])
    return [*sample[CHUNK_LENGTH // step :: CHUNK_LENGTH // step], None]
