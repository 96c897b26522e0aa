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
RETENTION_NOTE = "GES keeps the records of jobs for one month."

NO_CANCEL = Ability(
    False,
    "GES can't cancel management jobs: they run to their end. A forced restart of the graph fails all its"
    " jobs, and interrupts service.",
)
NO_DELETE = Ability(False, "GES job records can't be deleted; they expire about one month after the job.")
NO_SUBMIT = Ability(False, "The jobs center of GES starts no scripts.")
NO_CREATE = Ability(False, "The jobs center of GES creates no jobs; use the GES console.")

NO_GRAPH_DELETE = Ability(False, "GES has no call to delete a job's record; the engine drops old ones.")
NO_GRAPH_SUBMIT = Ability(False, "graphtop starts no scripts on a GES graph.")
NOT_STOPPABLE = "GES says that job {id} can't be stopped (canStop is false); nothing was sent."

IGNORED_FILTER = (
    "The server was asked for jobs of '{graph}' and sent others too: it may not know the query key {key}."
    " graphtop leaves the others out."
)
SAME_PAGE = "The server sent the same page again, so the list may not be whole."
MOVED = "The list changed faster than it could be read, so some jobs may be missing."
TOO_LONG = "The list was not read beyond {read:,} jobs."
MISCOUNTED = "The server counts {count:,} jobs but lists {read:,}."

WHERE_TO_PUT = {
    "keys": "Put keys into HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or into ~/.huaweicloud/credentials.",
    "token": "Put a token of the project's scope into GRAPHTOP_TOKEN, or name a command that prints one with"
    " --token-command; tokens live for 24 hours.",
    "password": "GES takes a token or an access key.",
}


def parse_status(word: str) -> TaskStatus:
    """The status for a word of GES; UNKNOWN for any other word."""
    return GES_STATUSES.get(word.lower().replace("_", ""), TaskStatus.UNKNOWN)
