"""The unfinished statuses, to ask a server for each of them."""

from __future__ import annotations

_UNFINISHED = (
    ("RUNNING", (0, 0)),
    ("QUEUED", (0, 0)),
    ("NEW", (0, 0)),
    ("RESTORING", (0, 0)),
    ("SCHEDULING", (0, 11)),
    ("SCHEDULED", (0, 11)),
    ("CANCELLING", (0, 11)),
    ("HANGING", (1, 5)),
    ("DELETING", (1, 5)),
)
"""Every status that is no end, in the upper case that old servers want, and the version that brought it."""


def unfinished_statuses(version: tuple[int, ...] | None) -> tuple[str, ...]:
    """The unfinished statuses that a server of this version knows; all of them where it is unknown."""
    return tuple(word for word, since in _UNFINISHED if version is None or version >= since)
