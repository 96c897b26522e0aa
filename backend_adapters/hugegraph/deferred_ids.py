"""Sets aside what was asked for when a server stopped answering about its tasks, and asks for it in groups.

A real 1.7.0 has one thread for its tasks, and decompresses results in a time that grows with the square of
their size. A result of 40 MB that compresses well keeps it busy for 80 s, one of 100 MB for many minutes;
each other request about tasks ends after 30 s meanwhile, with 400 and `InterruptedException` (measured).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence

from msgspec import Struct

_GROUPS = 4

_RETRY_AFTER = 30.0
"""Seconds after which a group is asked for, alone and beside the polls: others wait for the server, too."""


class _Group(Struct, frozen=True):
    """Ids that go into one request."""

    numbers: tuple[int, ...]
    due: float


def _split_in_quarters(numbers: Sequence[int]) -> list[tuple[int, ...]]:
    step = max(1, -(-len(numbers) // _GROUPS))
    return [tuple(numbers[at : at + step]) for at in range(0, len(numbers), step)]


class DeferredIds:
    """The ids that are set aside: at least one of them makes the server stop answering, perhaps."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds of any clock that goes on."""
        self._now = now
        self._groups: list[_Group] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._groups)

    @property
    def note(self) -> str:
        """What to tell a person of them; nothing of none."""
        if not self._groups:
            return ""
        return (
            "The server stopped answering while some tasks were being read. "
            "They are left out for now and will be tried again in small groups."
        )

    def defer(self, numbers: Sequence[int], exist: Container[int] = ()) -> None:
        """The server stopped answering when it was asked for these, of which some certainly `exist`."""
        self.release_ids(numbers)
        sure = [number for number in numbers if number in exist]
        others = [number for number in numbers if number not in exist]
        groups = (
            [*_split_in_quarters(sure), tuple(others)] if sure and others else _split_in_quarters(numbers)
        )
        due = self._now() + _RETRY_AFTER
        self._groups += [_Group(group, due) for group in groups]

    def select_deferred(self, numbers: Iterable[int]) -> frozenset[int]:
        """Those of the numbers that are set aside."""
        if not self._groups:
            return frozenset()
        return frozenset(numbers).intersection(n for group in self._groups for n in group.numbers)

    def release_ids(self, numbers: Iterable[int]) -> None:
        """These are asked for like others again."""
        if not self._groups:
            return
        fine = set(numbers)
        left = [_Group(tuple(n for n in group.numbers if n not in fine), group.due) for group in self._groups]
        self._groups = [group for group in left if group.numbers]

    def release_all(self) -> None:
        """The ids began anew: other tasks have them."""
        self._groups = []

    def next_group(self) -> tuple[int, ...]:
        """The ids that are to be asked for now, alone; none where it is too early."""
        now = self._now()
        return next((group.numbers for group in self._groups if group.due <= now), ())
