"""The history of a real server that is killed, started again, emptied and stopped, on the command line."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.commands import Call, Start
from tests.live.conftest import NewServer
from tests.live.seeded_tasks import BOOM, QUICK, SLEEP, Jobs
from tests.live.server_config import Spec
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, environment

# Two starts of a server: on a loaded machine many minutes.
pytestmark = pytest.mark.timeout(900)


def ask(home: Path, *words: str) -> str:
    """What a command prints that asks no server."""
    command = [*GRAPHTOP, *words]
    done = subprocess.run(
        command, env=environment(home), cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def story(home: Path, task: int) -> dict:
    """All that the history has of a task."""
    found = json.loads(ask(home, "history", "--id", str(task), "-o", "json") or "[]")
    return found[0] if found else {"transitions": [], "status": None, "gone": None}


def until(home: Path, task: int, holds: Callable[[dict], bool]) -> dict:
    end = time.monotonic() + PATIENCE
    while not holds(found := story(home, task)):
        assert time.monotonic() < end, found
        time.sleep(0.5)
    return found


def test_what_a_server_forgets_is_still_told(
    new_server: NewServer, start: Start, call: Call, tmp_path: Path
) -> None:
    server = new_server(Spec())
    with Jobs(server) as jobs:
        done = [jobs.submit(QUICK) for _ in range(6)]
        start(server, "watch")
        failed, task = jobs.submit(BOOM), jobs.submit(SLEEP)
        until(tmp_path, task, lambda found: found["status"] == "running")
        until(tmp_path, failed, lambda found: found["status"] == "failed")

        server.kill()
        server.restart()
        until(tmp_path, task, lambda found: found["retries"] == 1 and found["status"] == "running")

        assert call(server, "delete", *map(str, (*done, failed)), "--yes").returncode == 0
        assert call(server, "delete", "--force", str(task), "--yes").returncode == 0
        until(tmp_path, task, lambda found: found["gone"] is not None)
    server.stop()

    told = story(tmp_path, task)
    assert {one["retries"] for one in told["transitions"]} == {0, 1}
    assert [one["action"] for one in told["actions"]] == ["force delete"]
    listed = [json.loads(line) for line in ask(tmp_path, "history", "-o", "jsonl").splitlines()]
    assert len(listed) == 8
    assert {one["graph"] for one in listed} == {"hugegraph"}
    (statistics,) = json.loads(ask(tmp_path, "stats", "by", "place", "-o", "json"))
    assert (statistics["succeeded"], statistics["failed"], statistics["unfinished"]) == (6, 1, 1)
    assert statistics["success_percent"] == 85.7
    trace = json.loads(ask(tmp_path, "history", "--export", "trace"))
    retries = [event["name"] for event in trace["traceEvents"] if event["ph"] == "i"]
    assert "retry 1" in retries
