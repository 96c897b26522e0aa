"""Submits jobs to a simulated project of GES."""

from __future__ import annotations

from backend_adapters.simulator.ges.job_kinds import JOB_KINDS
from backend_adapters.simulator.ges.records import GesJob
from backend_adapters.simulator.ges.world import GesWorld


def submit_job(
    world: GesWorld,
    kind: str,
    graph: str,
    *,
    outcome: str = "success",
    wait: int = 0,
    millis: int = 10_000,
    reason: str | None = None,
) -> GesJob:
    """Submit a job of this kind that begins in `wait` ms and runs `millis` ms."""
    world.advance_to_now()
    job = GesJob(JOB_KINDS[kind], world.find_graph(graph), world.next_salt(), world.now, reason=reason)
    return world.add_planned_job(job, wait, millis, outcome)
