"""A server that starts, dies and comes back under a running engine."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import httpx
import pytest

from backend_adapters.errors import Starting, Unreachable
from backend_adapters.model import Action
from tests.live.conftest import NewServer
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tui.monitor import backoff
from tui.monitor import outcomes as verdicts
from tui.monitor.health import Phase
from tui.monitor.outcomes import Outcome

# Three starts, and 10 s that another node must wait: half a minute, on a loaded machine many minutes.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again soon."""
    monkeypatch.setattr(backoff, "BACKOFF_MOST", 0.2)


async def crash(server: HugeGraphServer, watch: RecordedMonitor) -> None:
    """Kill the server and wait until that is noticed."""
    await asyncio.to_thread(server.kill)
    await watch.until(lambda: watch.health.phase is Phase.OFFLINE)
    assert isinstance(watch.health.error, Unreachable)
    assert watch.health.retry_at is not None


async def test_a_crash_loses_nothing_and_what_another_node_left_can_be_removed(
    new_server: NewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await asyncio.to_thread(new_server, Spec())
    with Jobs(server) as jobs:
        done = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(12)]
        task = await asyncio.to_thread(jobs.submit, SLEEP)
        await asyncio.to_thread(jobs.wait, task, "running")
        async with record_monitor(server) as watch:
            await watch.live()
            rows = watch.ids
            assert rows == [task, *reversed(done)]

            await crash(server, watch)
            assert watch.ids == rows
            assert watch.word(task) == "running"
            await asyncio.to_thread(server.restart)
            await watch.live()
            await watch.until(lambda: watch.task(task).retries == 1)
            await watch.shows(task, "running")
            assert watch.ids == rows
            assert (await asyncio.to_thread(jobs.look, task))["task_retries"] == 1

            await crash(server, watch)
            await asyncio.to_thread(server.restart, "server-2")
            await watch.live()
            assert watch.ids == rows
            await left_by_another_node(watch, jobs, task, monkeypatch)
            assert watch.ids == rows[1:]


async def left_by_another_node(
    watch: RecordedMonitor, jobs: Jobs, task: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task of `server-1`, which is no more: it can be neither cancelled nor deleted, only by force."""
    shown = await watch.shows(task, "running")
    assert shown.server == "server-1"
    with monkeypatch.context() as patch:
        patch.setattr(verdicts, "CONFIRM_SECONDS", 1.0)
        cancel = await watch.act_on(Action.CANCEL, task)
    assert (cancel.outcome, cancel.code) == (Outcome.UNCONFIRMED, 202)
    assert cancel.last.raw_status == watch.word(task) == "cancelling"
    assert "The server accepted the cancel" in cancel.words
    assert "If its server server-1 is gone, only a force delete" in cancel.words
    assert (await asyncio.to_thread(jobs.look, task))["task_status"] == "cancelling"
    refused = await watch.act_on(Action.DELETE, task)
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, 400)
    assert "Can't delete incomplete task" in refused.words

    forced = await watch.act_on(Action.FORCE_DELETE, task)
    assert (forced.outcome, forced.code) == (Outcome.DELETED, 204)
    assert await asyncio.to_thread(jobs.get, task) is None


async def test_a_server_is_awaited_and_after_a_restart_without_memory_nothing_old_is_acted_on(
    new_server: NewServer,
) -> None:
    server = await asyncio.to_thread(new_server, Spec(backend="memory"), started=False)
    async with record_monitor(server) as watch:
        await watch.until(lambda: watch.health.phase is Phase.OFFLINE)
        assert isinstance(watch.health.error, Unreachable)
        starting = asyncio.ensure_future(asyncio.to_thread(start, server))
        while not starting.done():
            # As a person who presses r: the growing pauses must not step over the start.
            watch.monitor.only.poller.poll_now()
            await asyncio.sleep(0.1)
        answers = await starting
        await watch.live()
        # Every answer of a starting server is the same page, and was shown as what it is, where it was seen.
        assert {(one.status_code, "Request failed." in one.text) for one in answers} <= {(500, True)}
        assert {one.headers["content-type"].partition(";")[0] for one in answers} <= {"text/html"}
        errors = {type(health.error) for health in watch.healths if health.error is not None}
        assert errors - {Starting} == {Unreachable}

        with Jobs(server) as jobs:
            await reused_ids(server, watch, jobs)


def start(server: HugeGraphServer) -> list[httpx.Response]:
    """Start the server, and return what it answered before it was ready."""
    answers: list[httpx.Response] = []
    starting = threading.Thread(target=server.start)
    starting.start()
    with server.client() as client:
        while starting.is_alive():
            with suppress(httpx.TransportError):
                answers.append(client.get("/versions"))
            starting.join(0.05)
    assert server.running
    return [answer for answer in answers if answer.status_code != 200]


async def reused_ids(server: HugeGraphServer, watch: RecordedMonitor, jobs: Jobs) -> None:
    """The memory back end forgets all tasks and counts from 1 again."""
    running = await asyncio.to_thread(jobs.submit, SLEEP)
    done = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(29)]
    old = await watch.shows(running, "running")
    old_done = await watch.shows(done[0], "success")
    await watch.until(lambda: len(watch.ids) == 30)

    await crash(server, watch)
    assert len(watch.ids) == 30
    await asyncio.to_thread(server.restart)
    ids = [await asyncio.to_thread(jobs.submit, script) for script in (SLEEP, QUICK, QUICK)]
    assert ids[:2] == [running, done[0]] == [1, 2]
    await asyncio.to_thread(jobs.wait, ids[1], "success")

    # Decided upon what was shown before the restart.
    cancel, delete = await watch.act_on(Action.CANCEL, old), await watch.act_on(Action.DELETE, old_done)
    for report in (cancel, delete):
        assert report.outcome is Outcome.CHANGED
        assert report.words == "Another task has this id now; nothing sent."
    assert watch.backend.sent == []
    await watch.live()
    await watch.until(lambda: watch.ids == [running, *ids[:0:-1]])
    assert watch.task(running).created > old.created
    assert jobs.look(running)["task_status"] == "running"
    assert jobs.look(ids[1])["task_status"] == "success"
