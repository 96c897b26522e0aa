"""HugeGraph's task ids are numbers; a request holds only so many of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_adapters.hugegraph.wire import LONG_MAX

MOST_IDS = 390
"""Ids in one request; 900 of them make a request line that is refused with an empty 400 (measured)."""

MOST_CHARS = 6000
"""Characters of the query of one request, as ids grow; `ids=` and `&` counted."""

TOO_HIGH = 2**50
"""Ids from here on were not counted up by a server."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")


def parse_id_number(task_id: str) -> int | None:
    """The id as the server's number, None where it can't be one.

    One number that no long of Java holds would let the server refuse a whole request.
    """
    number = int(task_id) if _NUMBER.fullmatch(task_id) else None
    return number if number is not None and -LONG_MAX - 1 <= number <= LONG_MAX else None


def parse_id_numbers(ids: Iterable[str]) -> list[int]:
    """All ids that are numbers, each once, ascending."""
    return sorted({number for task_id in ids if (number := parse_id_number(task_id)) is not None})


def query_length(number: int) -> int:
    """Characters that an id takes in a query: `ids=42&`."""
    return len(str(number)) + 5


def split_ids(numbers: Iterable[int], most: int = MOST_IDS, chars: int = 0) -> Iterator[list[int]]:
    """The numbers in their order, in parts that fit one request each, with at most `most` of them.

    `chars` characters of the first request are taken already.
    """
    part: list[int] = []
    for number in numbers:
        size = query_length(number)
        if part and (len(part) >= min(most, MOST_IDS) or chars + size > MOST_CHARS):
            yield part
            part, chars = [], 0
        part.append(number)
        chars += size
    if part:
        yield part


def geometric_ids(low: int, high: int, count: int) -> list[int]:
    """At most `count` numbers from `low` to `high`, each the same factor above the one before, ascending."""
    factor = (high / low) ** (1 / (count - 1))
    return sorted({round(low * factor**step) for step in range(count)})
