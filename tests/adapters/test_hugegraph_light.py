"""A detail that can do without its result: what is sent, and what comes of it."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.errors import NoSuchTask
from backend_adapters.model import RunningCount, Scope
from tests.adapters.scripted_computers import job
from tests.adapters.scripted_next_release import (
    ScriptedLaterComputers,
    ScriptedNextRelease,
    lines,
    opened,
    task,
)
from tests.adapters.scripted_servers import ScriptedServer

LIGHT = "/7?with_result=false"


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here waits for a result that is stored late."""

    async def nap(seconds: float) -> None:
        if seconds:
            raise AssertionError(f"it waited {seconds} s")

    monkeypatch.setattr(asyncio, "sleep", nap)


async def test_a_later_server_leaves_the_result_out_until_it_is_asked_for():
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    for _ in range(2):
        light = await backend.detail("7", cap=10_000, result=False)
        assert (light.result, light.result_left_out, light.lost) == (None, True, False)
        assert (light.input, light.task.id) == ('{"gremlin": "g"}', "7")
        assert b"task_result" not in light.raw
    whole = await backend.detail("7", cap=10_000)
    assert (whole.result, whole.result_left_out) == (b"[1]", False)
    await backend.detail("7", cap=10_000, result=False)
    assert lines(wire, mark) == [LIGHT, LIGHT, "/7", LIGHT]


async def test_an_older_server_sends_all_the_same_and_is_asked_so_once():
    backend, mark = await opened(wire := ScriptedServer([task()]))
    for _ in range(3):
        detail = await backend.detail("7", cap=10_000, result=False)
        assert (detail.result, detail.result_left_out) == (b"[1]", False)
    assert lines(wire, mark) == [LIGHT, "/7", "/7"]


async def test_a_result_that_the_cap_cuts_shows_that_the_server_is_older():
    backend, mark = await opened(wire := ScriptedServer([task(task_result="x" * 90_000)]))
    detail = await backend.detail("7", cap=50_000, result=False)
    assert (detail.truncated, detail.result_left_out) == (True, False)
    assert set(detail.result) == set(b"x")
    await backend.detail("7", cap=50_000, result=False)
    assert lines(wire, mark) == [LIGHT, "?ids=7", "/7", "?ids=7"]


async def test_after_another_connect_the_server_may_be_another():
    wire = ScriptedServer([task()])
    backend, _ = await opened(wire)
    await backend.detail("7", cap=10_000, result=False)
    await backend.connect()
    mark = len(wire.requests)
    await backend.detail("7", cap=10_000, result=False)
    assert lines(wire, mark) == [LIGHT]


@pytest.mark.parametrize(("status", "left_out"), [
    ("success", True), ("failed", True), ("odd", True),
    ("running", False), ("queued", False), ("cancelled", False), ("cancelling", False),
])  # fmt: skip
@pytest.mark.parametrize("kind", [ScriptedNextRelease, ScriptedServer])
async def test_an_answer_without_a_result_says_nothing_of_a_lost_server(kind, status, left_out):
    """Nor of an older one: a task without a result may be on any, and is asked for so again."""
    row = task(task_status=status)
    del row["task_result"]
    backend, mark = await opened(wire := kind([row]))
    for _ in range(2):
        detail = await backend.detail("7", cap=10_000, result=False)
        assert (detail.result, detail.result_left_out, detail.lost) == (None, left_out, False)
    assert lines(wire, mark) == [LIGHT, LIGHT]


async def test_a_failure_without_a_word_is_lost_only_by_an_answer_that_would_have_had_it(monkeypatch):
    async def nap(_seconds: float) -> None:
        pass

    monkeypatch.setattr(asyncio, "sleep", nap)
    backend, mark = await opened(wire := ScriptedNextRelease([task(task_status="failed", task_result=None)]))
    assert not (await backend.detail("7", cap=10_000, result=False)).lost
    assert (await backend.detail("7", cap=10_000)).lost
    assert lines(wire, mark) == [LIGHT, "/7", "/7"]


async def test_a_task_that_is_gone_is_no_such_task():
    backend, _ = await opened(ScriptedNextRelease())
    with pytest.raises(NoSuchTask):
        await backend.detail("7", cap=10_000, result=False)


@pytest.mark.parametrize(("status", "left_out"), [("success", True), ("running", True), ("queued", False)])
async def test_computer_jobs_are_asked_for_likewise(status, left_out):
    """Of them even a running one has a result: a bare word."""
    wire = ScriptedLaterComputers([job(7, status, task_input="{}", task_result="RUNNING")])
    backend = wire.computer()
    await backend.connect()
    mark = len(wire.requests)
    light = await backend.detail("7", cap=10_000, result=False)
    assert (light.result, light.result_left_out) == (None, left_out)
    assert (await backend.detail("7", cap=10_000)).result == b"RUNNING"
    assert lines(wire, mark) == [LIGHT, "/7"]


@pytest.mark.parametrize(
    ("kind", "asked"), [(ScriptedNextRelease, [LIGHT, LIGHT]), (ScriptedServer, [LIGHT, "/7"])]
)
async def test_an_input_is_streamed_without_the_result(kind, asked):
    backend, mark = await opened(wire := kind([task()]))
    for _ in range(2):
        pieces = [piece async for piece in backend.stream("7", "input")]
        assert b"".join(pieces) == b'{"gremlin": "g"}'
    assert lines(wire, mark) == asked


async def test_what_runs_in_another_graph_is_counted_by_one_request_of_a_light_status():
    backend, mark = await opened(wire := ScriptedServer([task()]))
    assert await backend.count_running(Scope(graph="other")) == RunningCount(number=0)
    (asked,) = wire.requests[mark:]
    assert str(asked.url).endswith("/graphs/other/tasks?status=RUNNING&limit=100")
