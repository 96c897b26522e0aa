"""Every task is seen, through whichever server it was submitted and whatever ids its process has."""

from __future__ import annotations

import asyncio
import json
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cluster.cluster import Cluster, on
from tests.cluster.command import graphtop
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import QUICK, Jobs
from tests.live.server import HugeGraphServer
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, environment
from tui.monitor import full_scan

# A start takes a minute on a quiet machine, on a loaded one several.
pytestmark = pytest.mark.timeout(1800)

BLOCK = 10_000
RUNS = "Thread.sleep(600000)"


def listed(home: Path, server: HugeGraphServer, *arguments: str) -> list[str]:
    """The ids that `graphtop ls` prints."""
    done = graphtop(home, server, "ls", *arguments, "-o", "id")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(autouse=True)
def _no_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only polls can find what is new."""
    monkeypatch.setattr(full_scan, "SCATTERED_EVERY", 3600.0)


async def seen_soon(watch: RecordedMonitor, jobs: Jobs, script: str) -> int:
    """Submit a script, and see that its task is shown after no more than two polls; its id.

    The poll that was under way when it came does not count.
    """
    before = watch.polls
    number = await asyncio.to_thread(jobs.submit, script)
    await watch.until(lambda: str(number) in watch.born)
    assert watch.born[str(number)][0] - before <= 2, f"{number} was found late"
    return number


@on("1.5.0", "1.7.0")
async def test_tasks_of_both_servers_and_of_new_processes_are_shown_within_two_polls(cluster: Cluster):
    with Jobs(cluster.a) as through_a, Jobs(cluster.b) as through_b:
        async with record_monitor(cluster.a, "hugegraph", interval=2.0) as watch:
            await watch.live()
            quick = [await seen_soon(watch, jobs, QUICK) for jobs in (through_a, through_b)]
            for jobs in (through_a, through_b):
                await seen_soon(watch, jobs, RUNS)
            blocks = {number // BLOCK for number in quick}
            assert len(blocks) == 2, "one of each server"
            for signum in (signal.SIGKILL, signal.SIGTERM):
                await asyncio.to_thread(cluster.restart_b, signum)
                with Jobs(cluster.b) as anew:
                    assert await seen_soon(watch, through_a, QUICK) // BLOCK in blocks
                    block = await seen_soon(watch, anew, QUICK) // BLOCK
                assert block > max(blocks)
                blocks.add(block)


@on("1.5.0 as shipped")
async def test_as_shipped_the_tasks_of_both_servers_are_shown(cluster: Cluster):
    with Jobs(cluster.a) as through_a, Jobs(cluster.b) as through_b:
        async with record_monitor(cluster.b, "hugegraph", interval=2.0) as watch:
            await watch.live()
            for jobs in (through_a, through_b):
                await seen_soon(watch, jobs, QUICK)


@on("1.5.0", "1.7.0")
def test_watch_tells_of_every_one_of_fifty_short_jobs(cluster: Cluster, tmp_path: Path):
    process = subprocess.Popen(
        [*GRAPHTOP, "watch", "-o", "jsonl", "--url", cluster.a.url],
        env=environment(tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        with Jobs(cluster.a) as through_a, Jobs(cluster.b) as through_b:
            # It watches as soon as it tells of one that came after it.
            while not select.select([process.stdout], [], [], 0.5)[0]:
                through_a.submit(QUICK)
            told: set[str] = set()
            ids = {str(jobs.submit(QUICK)) for _ in range(25) for jobs in (through_a, through_b)}
            assert len(ids) == 50
            while not ids <= told:
                told.add(json.loads(process.stdout.readline())["id"])
    finally:
        process.kill()
        process.communicate()


@on("1.5.0", "1.7.0")
def test_ls_names_the_newest_by_creation_and_at_once(cluster: Cluster, tmp_path: Path):
    with Jobs(cluster.a) as through_a, Jobs(cluster.b) as through_b:
        for jobs in (through_b, through_a, through_b):
            newest = str(jobs.submit(QUICK))
            assert listed(tmp_path, cluster.a, "--limit", "1") == [newest]
            assert listed(tmp_path, cluster.b, "--limit", "3")[0] == newest
        everything = {str(task["id"]) for task in through_a.tasks(limit=-1)}
    assert set(listed(tmp_path, cluster.b, "--limit", "0")) == everything
