"""A group of tasks that have a status, a type, a place, or the cause of their failure in common."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from backend_adapters.model import Millis, Task

GroupKind: TypeAlias = Literal["cause", "place", "status", "type"]
"""What the tasks of a group have in common."""

UNREAD_CAUSE = "unread"
"""The key of the failed tasks whose reason was not read yet; the keys of others begin with `=`."""
NO_CAUSE = "none"
"""The key of the failed tasks that have no reason."""
OTHER_GROUPS = "others"
"""The key of all tasks that came when there were too many groups already."""

NAMELESS_GROUPS = frozenset({UNREAD_CAUSE, NO_CAUSE, OTHER_GROUPS})
"""The keys of groups whose tasks have nothing in common."""


class TaskGroup(Struct, frozen=True):
    """A group as it is told to a person: how many tasks, the newest, and the times of both ends."""

    kind: GroupKind
    key: str
    """What tells it from the other groups, whatever its tasks are."""
    count: int
    label: str
    """What its tasks have in common, as the server wrote it of the newest; not sanitized."""
    newest: Task
    """The task that was created last."""
    first: Millis | None
    """When its oldest task was created; None where that isn't known of any."""
    last: Millis | None
    """When its newest task was created."""
