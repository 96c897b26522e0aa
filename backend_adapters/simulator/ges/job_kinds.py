"""The kinds of jobs, and why they fail; the names are those of the documents and the console."""

from __future__ import annotations

from backend_adapters.simulator.deterministic_random import draw, pick
from backend_adapters.simulator.ges.records import Graph, Job, Kind

SECOND = 1000
MINUTE = 60 * SECOND

IMPORT = Kind(
    "ImportGraph",
    (12 * SECOND, 75 * SECOND),
    weight=34,
    failing=6,
    reasons=(
        "schema check failed: label 'transfer' has no property 'booked_at'",
        "the OBS path does not exist or the agency may not read it",
        "more than 100000 lines failed, the import was given up",
    ),
)
EXPORT = Kind(
    "ExportGraph",
    (8 * SECOND, 40 * SECOND),
    weight=16,
    reasons=("no permission to write to the OBS path", "export timed out waiting for shard 3 of 8"),
)
BACKUP = Kind(
    "CreateBackup",
    (6 * SECOND, 30 * SECOND),
    weight=20,
    reasons=("the quota of backups is used up (10 of 10)",),
    type="BackupManagement",
)
RESTORE = Kind(
    "RestoreGraph",
    (15 * SECOND, 50 * SECOND),
    weight=6,
    failing=8,
    reasons=("the backup was made by an engine newer than 2.3.11",),
    type="BackupManagement",
)
STOP = Kind(
    "StopGraph", (4 * SECOND, 11 * SECOND), weight=7, failing=2, reasons=("engine did not stop in time",)
)
START = Kind(
    "StartGraph",
    (8 * SECOND, 25 * SECOND),
    failing=9,
    reasons=("no capacity in zone cn-north-4b", "the subnet has no free address"),
)
UPGRADE = Kind(
    "UpgradeGraph",
    (40 * SECOND, 110 * SECOND),
    weight=4,
    failing=8,
    reasons=("health check failed after the upgrade, rolled back to 2.3.9",),
)
CREATE = Kind("CreateGraph", (30 * SECOND, 90 * SECOND), reasons=("the quota of graphs is used up (8 of 8)",))
DELETE = Kind("DeleteGraph", (4 * SECOND, 12 * SECOND), reasons=("the graph has backups that are in use",))

KINDS = {kind.name: kind for kind in (IMPORT, EXPORT, BACKUP, RESTORE, STOP, START, UPGRADE, CREATE, DELETE)}
_CHOICES = [kind for kind in KINDS.values() for _ in range(kind.weight)]

STATES = {
    "CreateGraph": "100",
    "UpgradeGraph": "201",
    "ImportGraph": "202",
    "RestoreGraph": "203",
    "ExportGraph": "204",
    "StopGraph": "901",
    "StartGraph": "920",
}
"""`status` of a graph while such a job runs; otherwise it is 200, running, or 900, stopped."""


def kind_for(graph: Graph, salt: int) -> Kind:
    """What somebody does next with a graph: a stopped one can only be started."""
    return START if graph.stopped else pick(salt, 61, _CHOICES)


def settle(job: Job) -> None:
    """Decide how a job goes that has not begun: its length is in `ends` - `begins`, its end in `fate`."""
    job.ends = job.begins + draw(job.salt, 62, *job.kind.millis)
    lot = draw(job.salt, 63, 1, 100)
    if lot <= job.kind.failing:
        job.fate = "failed"
    elif job.kind is IMPORT and lot > 90 and job.graph.counts:
        job.fate = "partiallyFailed"


def reason_of(job: Job) -> str | None:
    """`failReason` of a failed job."""
    if job.reason is not None or job.fate != "failed":
        return job.reason
    return pick(job.salt, 64, job.kind.reasons)
