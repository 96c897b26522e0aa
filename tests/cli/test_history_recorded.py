"""From a server to the history: `watch` records, `history` and `stats` tell without the server."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.cli.conftest import BOOM, FINISHED, Server, simulated
from tests.support.patience import PATIENCE


def ask_history(call: Callable[..., subprocess.CompletedProcess[str]], *words: str) -> list[dict]:
    done = call("history", "-o", "json", *words)
    assert done.returncode in (0, 3), done.stderr
    return json.loads(done.stdout or "[]")


def wait_for(call, holds: Callable[[list[dict]], bool], *words: str) -> list[dict]:
    end = time.monotonic() + PATIENCE
    while not holds(found := ask_history(call, *words)):
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


def changes_of(task: dict) -> list[str]:
    return [one["status"] for one in task["transitions"]]


def test_what_a_watch_saw_is_told_after_the_server_has_gone(start, call, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server: Server = simulated(stack, "--tasks", "20", "--pace", "0", home=tmp_path)
        start("watch", "--url", server.url, env={"GRAPHTOP_INTERVAL": "0.2"})
        wait_for(call, lambda found: len(found) == 20)
        running, failed = server.running(), server.wait(server.submit(BOOM), *FINISHED)
        wait_for(call, lambda found: bool(found) and "running" in changes_of(found[0]), "--id", running)
        assert call("cancel", "--url", server.url, running, "--yes").returncode == 0
        wait_for(call, lambda found: changes_of(found[0])[-1] == "cancelled", "--id", running)
        assert call("delete", "--url", server.url, running, "--yes").returncode == 0
        wait_for(call, lambda found: found[0]["status"] == "failed", "--id", failed)
    (task,) = ask_history(call, "--id", running)
    assert changes_of(task)[-1] == "cancelled"
    assert [one["action"] for one in task["actions"]] == ["cancel", "delete"]
    assert task["waited_ms"] is not None
    listed = ask_history(call, "--limit", "0")
    assert {running, failed} <= {one["id"].rpartition("/")[2] for one in listed}
    assert len(listed) == 22
    statistics = json.loads(call("stats", "by", "place", "-o", "json").stdout)
    assert [one["runs"] for one in statistics] == [22]
