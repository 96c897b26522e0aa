"""What is remembered of a place, so that the first request of the next start is the right one."""

from __future__ import annotations

from msgspec import Struct


class RememberedPlace(Struct, frozen=True, omit_defaults=True):
    """What an adapter knows of a place, without any secret or user. All of it may be wrong by now.

    A field that is not known is empty.
    """

    version: str = ""
    """`1.7.0`."""
    graph: str = ""
    graphspace: str = ""
    """Empty where paths are used that have none."""
    store: str = ""
    """What the graph is stored in, `rocksdb`."""
    highest: int = 0
    """The highest id of a task."""
    is_prompt: bool = False
    """It answered soon when it was left."""
    takes_few: bool = False
    """It was once too busy for many requests at the same time, as one with few processors is."""
