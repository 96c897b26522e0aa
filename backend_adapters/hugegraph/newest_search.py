"""Finds the highest id of a graph whose ids count up, with few requests, and few tasks in each of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from backend_adapters.hugegraph.batch_size import SLOW_ANSWER
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.id_ranges import TOO_HIGH, evenly_spaced_ids, geometric_ids
from backend_adapters.hugegraph.id_reader import find_existing, read_tasks_by_id, trust_near_guesses
from backend_adapters.model import Task

SAMPLE_IDS = 380
"""Ids that are asked for before the next, closer ones are chosen."""

FINE_GRID_IDS = 4_000
"""Ids of the fine grid; as nearly none of them exists, they cost a server next to nothing."""

_REACH = 10_000_000
"""The highest id that is asked for first; it goes on from there when that one exists."""


async def find_highest_id(client: HugeGraphClient, known: int) -> int:
    """The highest id there is, 0 where none was hit: purged history has holes, so this may miss some.

    Widely spaced ids find the highest sample that exists, then even steps above it close in.
    """
    low, high = await _bracket_highest(client, known)
    while low and high - low > 1:
        numbers = evenly_spaced_ids(low + 1, high - 1, SAMPLE_IDS)
        low = await _find_highest_of(client, numbers) or low
        high = next((number for number in numbers if number > low), high)
    return low


async def _bracket_highest(client: HugeGraphClient, known: int) -> tuple[int, int]:
    """The highest sample that exists (0 for none), and the next sample, which does not."""
    low, high = known, _REACH
    while low < TOO_HIGH:
        start = max(low, 1)
        high = max(high, start * 1000)
        numbers = geometric_ids(start, high, SAMPLE_IDS)
        low = await _find_highest_of(client, numbers) or low
        if low < numbers[-1]:
            return low, next(number for number in numbers if number > low)
    return low, low


async def _find_highest_of(client: HugeGraphClient, numbers: Sequence[int]) -> int:
    """The highest of some ascending ids that exists, 0 for none.

    Those that exist may be heavy. So a few are asked for first, and then those above the highest hit: near it
    as few as may be heavy, and at once all those beyond the next miss, which hardly exist.
    """
    hit, miss, asked = 0, TOO_HIGH, set[int]()
    while True:
        near = [number for number in numbers if hit < number < miss and number not in asked]
        far = [number for number in numbers if number > miss and number not in asked]
        if not near and not far:
            return hit
        some = _spread_evenly(near, client.batch.size)
        found = await read_tasks_by_id(client, some, guesses=far, sure=False)
        asked.update(some, far)
        # What can't be read counts only where nothing can: whoever stands between may have failed.
        hit = (
            max(found.readable_tasks or found.possible_tasks, default=hit)
            if not hit
            else max([hit, *found.readable_tasks])
        )
        miss = min((number for number in asked if number > hit), default=TOO_HIGH)


def _spread_evenly(numbers: Sequence[int], most: int) -> list[int]:
    """At most so many of the numbers, evenly spaced; of one or two of many those in the middle."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[(2 * step + 1) * len(numbers) // (2 * most)] for step in range(most)]


async def read_newest_tasks(
    client: HugeGraphClient, top: int, most: int, came: dict[int, Task] | None = None
) -> dict[int, Task]:
    """The tasks of the `most` ids up to `top`, or fewer of the highest where they are heavy.

    `came` gets those that come before an error as well.
    """
    found = {} if came is None else came
    began, low, end = time.perf_counter(), top, max(0, top - most)
    while low > end and time.perf_counter() - began < SLOW_ANSWER:
        numbers = range(low, max(end, low - client.batch.size), -1)
        found |= trust_near_guesses(
            client, await read_tasks_by_id(client, numbers, sure=False), numbers
        ).tasks
        low = numbers[-1] - 1
    return found


async def search_above(client: HugeGraphClient, highest: int, near: int) -> tuple[int, bool]:
    """The highest id far above `highest` that a fine grid hits, or `highest`; whether it could be asked.

    It finds what is left of purged history where that is longer than a 300th of its ids. It begins `near` ids
    above the highest.
    """
    while True:
        numbers = geometric_ids(highest + near, max(_REACH, highest * 10), FINE_GRID_IDS)
        hits = await find_existing(client, numbers)
        if not hits:
            return highest, hits is not None
        highest = max(hits)
