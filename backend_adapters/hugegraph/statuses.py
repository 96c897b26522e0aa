"""The unfinished statuses, to ask a server for each of them."""

from __future__ import annotations

_UNFINISHED: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("RUNNING", ()),
    ("QUEUED", ()),
    ("NEW", ()),
    ("RESTORING", ()),
    ("SCHEDULING", (0, 11)),
    ("SCHEDULED", (0, 11)),
    ("CANCELLING", (0, 11)),
    ("HANGING", (1, 5)),
    ("DELETING", (1, 5)),
)
"""Every status that is no end, in the upper case that old servers want, and the version that brought it.

An empty version: it has always been there.
"""


def unfinished_statuses(version: tuple[int, ...] | None) -> tuple[str, ...]:
    """The unfinished statuses that a server of this version knows; all of them where it is unknown."""
    return tuple(word for word, since in _UNFINISHED if version is None or version >= since)
