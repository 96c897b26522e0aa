"""The kinds of jobs and the reasons why they fail, with the names in the documents and the console."""

from __future__ import annotations

from backend_adapters.simulator.deterministic_random import draw_number, pick_option
from backend_adapters.simulator.durations import SECOND_MS
from backend_adapters.simulator.ges.records import GesGraph, GesJob, JobKind

IMPORT_GRAPH = JobKind(
    "ImportGraph",
    (12 * SECOND_MS, 75 * SECOND_MS),
    weight=34,
    fail_percent=6,
    reasons=(
        "schema check failed: label 'transfer' has no property 'booked_at'",
        "the OBS path does not exist or the agency may not read it",
        "more than 100000 lines failed, the import was given up",
    ),
)
EXPORT_GRAPH = JobKind(
    "ExportGraph",
    (8 * SECOND_MS, 40 * SECOND_MS),
    weight=16,
    reasons=("no permission to write to the OBS path", "export timed out waiting for shard 3 of 8"),
)
CREATE_BACKUP = JobKind(
    "CreateBackup",
    (6 * SECOND_MS, 30 * SECOND_MS),
    weight=20,
    reasons=("the quota of backups is used up (10 of 10)",),
    type="BackupManagement",
)
RESTORE_GRAPH = JobKind(
    "RestoreGraph",
    (15 * SECOND_MS, 50 * SECOND_MS),
    weight=6,
    fail_percent=8,
    reasons=("the backup was made by an engine newer than 2.3.11",),
    type="BackupManagement",
)
STOP_GRAPH = JobKind(
    "StopGraph",
    (4 * SECOND_MS, 11 * SECOND_MS),
    weight=7,
    fail_percent=2,
    reasons=("engine did not stop in time",),
)
START_GRAPH = JobKind(
    "StartGraph",
    (8 * SECOND_MS, 25 * SECOND_MS),
    fail_percent=9,
    reasons=("no capacity in zone cn-north-4b", "the subnet has no free address"),
)
UPGRADE_GRAPH = JobKind(
    "UpgradeGraph",
    (40 * SECOND_MS, 110 * SECOND_MS),
    weight=4,
    fail_percent=8,
    reasons=("health check failed after the upgrade, rolled back to 2.3.9",),
)
CREATE_GRAPH = JobKind(
    "CreateGraph", (30 * SECOND_MS, 90 * SECOND_MS), reasons=("the quota of graphs is used up (8 of 8)",)
)
DELETE_GRAPH = JobKind(
    "DeleteGraph", (4 * SECOND_MS, 12 * SECOND_MS), reasons=("the graph has backups that are in use",)
)

JOB_KINDS = {
    kind.name: kind
    for kind in (
        IMPORT_GRAPH,
        EXPORT_GRAPH,
        CREATE_BACKUP,
        RESTORE_GRAPH,
        STOP_GRAPH,
        START_GRAPH,
        UPGRADE_GRAPH,
        CREATE_GRAPH,
        DELETE_GRAPH,
    )
}
_CHOICES = [kind for kind in JOB_KINDS.values() for _ in range(kind.weight)]

GRAPH_STATES = {
    "CreateGraph": "100",
    "UpgradeGraph": "201",
    "ImportGraph": "202",
    "RestoreGraph": "203",
    "ExportGraph": "204",
    "StopGraph": "901",
    "StartGraph": "920",
}
"""`status` of a graph while such a job runs; otherwise it is 200, running, or 900, stopped."""


def pick_graph_job_kind(graph: GesGraph, salt: int) -> JobKind:
    """The kind of the next job of a graph; a stopped graph can only be started."""
    return START_GRAPH if graph.is_stopped else pick_option(salt, 61, _CHOICES)


def decide_outcome(job: GesJob) -> None:
    """Set when a job that has not begun will end (`ends`), and its `outcome`."""
    job.ends = job.begins + draw_number(job.salt, 62, *job.kind.run_millis)
    lot = draw_number(job.salt, 63, 1, 100)
    if lot <= job.kind.fail_percent:
        job.outcome = "failed"
    elif job.kind is IMPORT_GRAPH and lot > 90 and job.graph.counts_lines:
        job.outcome = "partiallyFailed"


def fail_reason(job: GesJob) -> str | None:
    """`failReason` of a failed job."""
    if job.reason is not None or job.outcome != "failed":
        return job.reason
    return pick_option(job.salt, 64, job.kind.reasons)
