"""The words of GES: its statuses and codes, and what graphtop says about what GES can't do."""

from __future__ import annotations

from backend_adapters.model import Ability, TaskStatus

STATUSES = {
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
"""Lower case without `_`. The filter says waiting and the body pending; the service plane says complete."""

RETENTION_DAYS = 31
RETENTION = "GES keeps the records of jobs for one month."

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

CODES = {
    "GES.0001": ("bad parameter", "Check the project id, the graph's name and the token."),
    "GES.0016": ("resource not found", "Check that the project id is the one that the login belongs to."),
    "GES.7000": ("the graph is gone", ""),
    "GES.7001": ("the graph does not run", "Start it in the GES console."),
    "GES.7002": ("the graph is being backed up", "Try again when the backup has ended."),
    "GES.7003": ("the graph is being stopped, or stopped", "Start it in the GES console."),
    "GES.7004": ("the infrastructure failed", "Try again later."),
    "GES.7005": ("the graph's engine is not available", "Try again later."),
    "GES.7006": ("the graph's engine failed", "Try again later."),
    "GES.7007": ("no such job", ""),
    "GES.7008": ("the job has stopped already", ""),
    "GES.7009": ("the job does not support this", ""),
    "GES.7016": ("invalid body or header", ""),
    "GES.7018": ("the quota is used up", ""),
    "GES.7041": ("no permission", "The login needs the permission ges:jobs:list."),
    "GES.7042": ("the graph is being created", "Try again when it runs."),
    "GES.7049": ("a parameter is missing", ""),
    "GES.7050": ("a parameter is empty", ""),
    "GES.7051": ("the infrastructure failed", "Try again later."),
    "GES.8000": ("bad parameter", ""),
    "GES.8005": ("bad parameter", ""),
    "GES.8006": ("wrong project", "Check that the project id is the one that the login belongs to."),
    "GES.8007": ("bad token", ""),
    "GES.8301": ("no such job", ""),
    "GES.8302": ("the job could not be looked up", ""),
    "GES.8303": ("the job can't be stopped", ""),
    "GES.8304": ("stopping the job failed", ""),
    "GES.8602": ("the graph's engine is not available", "Try again later."),
    "GES.9999": ("failed", ""),
}
"""Own words for a code that comes without any, and what a person can do (facts: GES, section 6)."""

GATEWAY = {
    "0101": ("no such API", "Check the address, and the dialect: ges, ges-v1-2019, ges-v2 or ges-graph."),
    "0201": ("bad request", ""),
    "0204": ("TLS 1.1 or older is refused", ""),
    "0301": ("wrong login", ""),
    "0302": ("this user is not allowed to", "Ask for the permission ges:jobs:list."),
    "0303": ("wrong login", ""),
    "0305": ("no login", ""),
    "0306": ("denied", "Ask for the permission ges:jobs:list."),
    "0307": ("the token must be renewed", ""),
    "0308": ("throttled", ""),
    "0310": ("the project is not available", "Check the project id."),
    "0601": ("the gateway failed", "Try again later."),
    "0613": ("the login service is down", "Try again later."),
    "0802": ("this user is barred in this region", ""),
}
"""The same for the API gateway's codes, APIG.dddd and APIGW.dddd."""


def status_of(word: str) -> TaskStatus:
    """The common status for a word of GES, UNKNOWN for one that is not known."""
    return STATUSES.get(word.lower().replace("_", ""), TaskStatus.UNKNOWN)
