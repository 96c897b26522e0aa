"""The statuses of GES, and what graphtop tells people about its lists, abilities and logins."""

from __future__ import annotations

from backend_adapters.model import Ability, TaskStatus

GES_STATUSES = {
    "pending": TaskStatus.QUEUED,
    "waiting": TaskStatus.QUEUED,
    "running": TaskStatus.RUNNING,
    "success": TaskStatus.SUCCESS,
    "complete": TaskStatus.SUCCESS,
    "partiallyfailed": TaskStatus.PARTIAL,
    "partfailed": TaskStatus.PARTIAL,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.CANCELLED,
    "canceled": TaskStatus.CANCELLED,
}
"""In lower case without `_` (PROTOCOL.md, sections 1.3 and 3)."""

RETENTION_DAYS = 31
RETENTION_NOTE = "GES keeps job records for one month."

NO_CANCEL = Ability(
    False,
    "GES can't cancel management jobs; they run to completion. A forced restart fails all jobs of the graph"
    " and interrupts service.",
)
NO_DELETE = Ability(False, "GES job records can't be deleted; they expire after about one month.")
NO_SUBMIT = Ability(False, "The GES jobs center can't run scripts.")
NO_CREATE = Ability(False, "The GES jobs center can't create jobs. Use the GES console.")

NO_GRAPH_DELETE = Ability(False, "GES can't delete job records; the engine removes old ones.")
NO_GRAPH_SUBMIT = Ability(False, "graphtop can't run scripts on a GES graph.")
NOT_STOPPABLE = "GES says that job {id} can't be stopped (canStop is false). Nothing was sent."

IGNORED_FILTER = (
    'The server was asked for jobs of "{graph}" but sent others too, which are left out.'
    " It may not support the query key {key}."
)
SAME_PAGE = "The server sent the same page again, so the list may be incomplete."
MOVED = "The list changed faster than it could be read, so some jobs may be missing."
TOO_LONG = "The list was read only up to {read:,} jobs."
MISCOUNTED = "The server reports {count:,} jobs but lists {read:,}."

WHERE_TO_PUT = {
    "keys": "Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or put the keys in ~/.huaweicloud/credentials.",
    "token": "Set GRAPHTOP_TOKEN to a token for the project, or use --token-command to name a command that"
    " prints one. Tokens are valid for 24 hours.",
    "password": "GES accepts a token or an access key.",
}


def parse_status(word: str) -> TaskStatus:
    """The status for a word of GES; UNKNOWN for any other word."""
    return GES_STATUSES.get(word.lower().replace("_", ""), TaskStatus.UNKNOWN)
