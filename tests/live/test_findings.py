"""What needs a person, found on a real server: slow, stuck, lost with its node, failed alike."""

from __future__ import annotations

import asyncio
import json

import pytest

from backend_adapters.model import Action
from tests.live.commands import Call
from tests.live.conftest import NewServer
from tests.live.recorded_monitor import record_monitor
from tests.live.seeded_tasks import Jobs
from tests.live.server_config import Spec
from tui.cli.exit_codes import PROBLEMS_FOUND
from tui.config.finding_settings import FindingLimits
from tui.monitor import backoff
from tui.monitor import outcomes as verdicts
from tui.monitor.findings import watcher as watching
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.watcher import FindingsWatcher

pytestmark = pytest.mark.timeout(1200)
BOOM = "throw new RuntimeException('no index {}')"
SHORT = "// rebuild day {}\nThread.sleep(200)"
LONG = "// rebuild day {}\nfor (i in 0..<600) {{ Thread.sleep(1000) }}"
NOTHING = "g.V().drop()\nnull"


async def test_what_needs_a_person_is_found_with_its_evidence(
    new_server: NewServer, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.setattr(backoff, "BACKOFF_MOST", 0.2)
    monkeypatch.setattr(watching, "ROUND_PAUSE", 0.2)
    monkeypatch.setattr(watching, "COUNTED_EVERY_SECONDS", 0.5)
    server = await asyncio.to_thread(new_server, Spec())
    limits = FindingLimits(slow_after=1, stuck_after=5, restored_times=2, no_answer_after=1)
    with Jobs(server) as jobs:

        async def submit(script: str, word: str) -> int:
            task = await asyncio.to_thread(jobs.submit, script)
            await asyncio.to_thread(jobs.wait, task, word)
            return task

        for number in range(20):
            await submit(SHORT.format(number), "success")
        failed = [await submit(BOOM.format(number), "failed") for number in range(3)]
        idle = await submit(NOTHING, "success")
        long = await submit(LONG.format(21), "running")
        async with record_monitor(server) as watch:
            await watch.live()
            watcher = FindingsWatcher(watch.monitor, limits, lambda: None)
            run = asyncio.create_task(watcher.run())

            async def find(rule: str) -> Finding:
                def found() -> Finding | None:
                    return next((one for one in watcher.findings if one.rule == rule), None)

                await watch.until(found)
                return found()

            try:
                slow = await find("slow")
                assert (slow.task_id, slow.numbers["runs"]) == (str(long), 20)
                alike = await find("failures")
                assert {*alike.keys} == {*map(str, failed)}
                assert "no index #" in alike.title
                await read_result(watch, watcher, idle)
                assert (await find("empty_result")).task_id == str(idle)

                for _ in range(2):
                    await asyncio.to_thread(server.restart)
                    await watch.live()
                restored = await find("restored")
                assert (restored.task_id, restored.title) == (str(long), "Begun again 2 times")
                assert not [one for one in watcher.findings if one.rule == "restarted"]

                await asyncio.to_thread(server.kill)
                await find("no_answer")
                await asyncio.to_thread(server.restart, "server-2")
                await watch.live()
                lost = await find("restarted")
                assert lost.task_id == str(long)
                assert not [one for one in watcher.findings if one.rule == "no_answer"]

                await submit(SHORT.format(22), "success")
                lost = await find("lost_server")
                assert (lost.task_id, "server-2 has run tasks since" in lost.write_evidence(str)) == (
                    str(long), True
                )  # fmt: skip
                done = await asyncio.to_thread(call, server, "problems", "-o", "json")
                told = {one["rule"]: one["command"] for one in json.loads(done.stdout)}
                assert (done.returncode, len(told)) == (PROBLEMS_FOUND, 2)
                assert told["failures"] == f"graphtop result --url {server.url} {failed[-1]}"
                assert told.keys() & {"slow", "lost_server"}
                with monkeypatch.context() as patch:
                    patch.setattr(verdicts, "CONFIRM_SECONDS", 1.0)
                    await watch.act_on(Action.CANCEL, long)
                stuck = await find("stuck")
                assert stuck.title.startswith("Cancelling for ")
                assert stuck.step.command == f"graphtop delete --force {long}"
                await watch.act_on(Action.FORCE_DELETE, long)
                await watch.until(lambda: not [one for one in watcher.findings if one.rule == "stuck"])
            finally:
                run.cancel()
                await asyncio.gather(run, return_exceptions=True)


async def read_result(watch, watcher: FindingsWatcher, task: int) -> None:
    """Read a task's detail as the pane does, once its result has had time to be stored."""
    await asyncio.sleep(10)
    only = watch.monitor.only
    watcher.note_detail(only, await only.backend.detail(str(task), cap=1_000_000))
