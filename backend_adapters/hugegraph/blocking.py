"""Remembers what was asked for when a server stopped answering about its tasks, and asks for it in parts.

A real 1.7.0 has one thread for its tasks. A single result of 100 MB that compresses well keeps it busy for
minutes, and each other request about tasks ends after 30 s meanwhile, with 500 and `InterruptedException`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence

from msgspec import Struct

_PARTS = 4

_LATER = 30.0
"""Seconds after which a part is asked for again, alone, beside the polls: the server has others to answer."""


class _Part(Struct, frozen=True):
    """Some of the tasks, which go into one request."""

    numbers: tuple[int, ...]
    due: float


def _quarters(numbers: Sequence[int]) -> list[tuple[int, ...]]:
    step = -(-len(numbers) // _PARTS)
    return [tuple(numbers[at : at + step]) for at in range(0, len(numbers), step)]


class BlockingTasks:
    """The tasks of which at least one may block the server."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds of any clock that goes on."""
        self._now = now
        self._parts: list[_Part] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._parts)

    @property
    def words(self) -> str:
        """What to tell a person of them; nothing of none."""
        count = sum(len(part.numbers) for part in self._parts)
        if not count:
            return ""
        some = f"{count:,} ids" if count > 1 else "one id"
        return f"The server stopped answering when asked for {some}: asked for again soon, a few at a time."

    def suspect(self, numbers: Sequence[int], exist: Container[int] = ()) -> None:
        """The server stopped answering when it was asked for these, of which some certainly `exist`."""
        self.forget(numbers)
        sure = [number for number in numbers if number in exist]
        others = [number for number in numbers if number not in exist]
        parts = [*_quarters(sure), tuple(others)] if sure and others else _quarters(numbers)
        due = self._now() + _LATER
        self._parts += [_Part(part, due) for part in parts]

    def among(self, numbers: Iterable[int]) -> frozenset[int]:
        """Those of the numbers that are not to be asked for together with others."""
        if not self._parts:
            return frozenset()
        return frozenset(numbers).intersection(n for part in self._parts for n in part.numbers)

    def forget(self, numbers: Iterable[int]) -> None:
        """These could be read, or are gone."""
        if not self._parts:
            return
        fine = set(numbers)
        left = [_Part(tuple(n for n in part.numbers if n not in fine), part.due) for part in self._parts]
        self._parts = [part for part in left if part.numbers]

    def next_due(self) -> tuple[int, ...]:
        """The part that is to be asked for now, alone; empty where none is."""
        now = self._now()
        return next((part.numbers for part in self._parts if part.due <= now), ())
