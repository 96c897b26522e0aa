"""Forty tasks with results of 25 MB on a real server with 768 MB of memory."""

from __future__ import annotations

import pytest

from tests.live.java_process import wait_until
from tests.live.seeded_tasks import BIG, Jobs
from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE
from tests.support.proxy_rules import Request

TASKS = 40
"""The tasks 1 to 40. Listed at once they take several times the memory that there is."""

VERSIONS = ("1.7.0", "1.5.0")

each_version = pytest.mark.parametrize("server", VERSIONS, indirect=True, scope="session")
"""Runs a test once on each version, which its fixture `server` then is."""


def fill(server: HugeGraphServer) -> None:
    """Make the tasks, one after the other: several at once would not fit into the memory either."""
    with Jobs(server) as jobs:
        for number in range(1, TASKS + 1):
            assert jobs.submit(BIG) == number
            assert wait_until(lambda: idle(jobs), PATIENCE, 0.5), f"task {number} did not end"


def idle(jobs: Jobs) -> bool:
    """Whether the server says that nothing waits or runs, and does not refuse for want of memory."""
    asked = [{"status": word, "limit": 1} for word in ("NEW", "QUEUED", "RUNNING")]
    answers = [jobs.http.get(f"{jobs.path}/tasks", params=query) for query in asked]
    return all(answer.status_code == 200 and not answer.json()["tasks"] for answer in answers)


def heavy(request: Request) -> bool:
    """Whether a request lets the server load results: a list that is not of unfinished tasks alone.

    graphtop asks for no other status.
    """
    loads = not request.ids or any(1 <= number <= TASKS for number in request.ids)
    return request.lists and "status=" not in request.query and loads


def out_of_memory(server: HugeGraphServer) -> int:
    """How often the server ran out of memory, by its log."""
    return server.log_tail(1_000_000).count("OutOfMemoryError")
