"""What a test can make go wrong at the simulated HugeGraph."""

from __future__ import annotations

import json
from types import SimpleNamespace

import httpx
import pytest

from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.unit.simulator.simulated_server import LONG, NOW, TASKS, SimulatedServer


class FaultyServer(SimulatedServer):
    app: FaultyHugeGraph

    def __init__(self) -> None:
        super().__init__(app=FaultyHugeGraph)


@pytest.fixture
def server() -> FaultyServer:
    return FaultyServer()


async def test_a_starting_server_answers_with_a_page(server: FaultyServer) -> None:
    server.app.faults.append(Fault(Wrong.STARTING))
    early = await server.get("/versions")
    assert (early.status_code, early.headers["connection"]) == (500, "close")
    assert "Request failed." in early.text
    assert (await server.get("/versions")).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status", "start"),
    [
        (Wrong.HTML, 200, "<!DOCTYPE html>"),
        (Wrong.STARTING, 500, "<html>"),
        (Wrong.INITIALIZING, 500, '{"exception":"class java.lang.IllegalStateException"'),
        (Wrong.BUSY, 503, '{"exception":"class jakarta.ws.rs.ServiceUnavailableException"'),
        (Wrong.CRASH, 500, '{"exception":"class java.lang.NullPointerException"'),
        (Wrong.EMPTY, 200, ""),
    ],
)
async def test_a_fault_spoils_one_answer(server: FaultyServer, wrong: Wrong, status: int, start: str) -> None:
    server.app.faults.append(Fault(wrong, path="/tasks"))
    assert (await server.get("/versions")).status_code == 200
    spoilt = await server.get(TASKS)
    assert spoilt.status_code == status
    assert spoilt.text.startswith(start)
    assert (await server.get(TASKS)).json() == {"tasks": []}


async def test_a_fault_chooses_its_requests_and_ends_after_so_many(server: FaultyServer) -> None:
    server.app.faults += [
        Fault(Wrong.BUSY, method="PUT"),
        Fault(Wrong.CRASH, path="limit=3", times=2),
        Fault(Wrong.EMPTY, when=lambda method, target: (method, target) == ("GET", "/versions")),
    ]
    codes = [(await server.get(TASKS, limit=limit)).status_code for limit in (2, 3, 3, 3)]
    assert codes == [200, 500, 500, 200]
    assert (await server.get("/versions")).content == b""
    assert (await server.get("/versions")).content
    busy = await server.cancel(1)
    assert (busy.status_code, busy.headers["connection"]) == (503, "close")
    assert (await server.cancel(1)).status_code == 404


async def test_a_late_answer_is_the_right_one(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("tests.support.faulty_hugegraph.asyncio", SimpleNamespace(sleep=sleep))
    server.app.faults.append(Fault(Wrong.DELAY, seconds=2.5))
    assert (await server.get(TASKS)).json() == {"tasks": []}
    assert waited == [2.5]


async def test_half_of_the_answer_comes_before_the_connection_breaks(server: FaultyServer) -> None:
    whole = (await server.get("/versions")).content
    for wrong, half in ((Wrong.CUT, whole[: len(whole) // 2]), (Wrong.LOST, b"")):
        server.app.faults.append(Fault(wrong))
        came: list[dict[str, object]] = []

        async def send(message: dict[str, object], came: list[dict[str, object]] = came) -> None:
            came.append(message)

        scope = {"type": "http", "method": "GET", "path": "/versions", "query_string": b"", "headers": []}
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await server.app(scope | {"raw_path": b"/versions", "root_path": ""}, None, send)  # type: ignore[arg-type]
        start, body = came
        announced = dict(start["headers"])[b"content-length"]  # type: ignore[call-overload]
        assert int(announced) > len(half)
        assert (start["status"], body["body"], body["more_body"]) == (200, half, True)


async def test_wrong_types_spoil_the_first_task_and_leave_an_empty_list(
    server: FaultyServer,
) -> None:
    await server.submit("1")
    server.app.faults += [Fault(Wrong.WRONG_TYPES), Fault(Wrong.WRONG_TYPES, path="limit=0")]
    one = await server.task(1)
    assert one["task_name"] is None
    assert (one["task_progress"], one["task_retries"]) == ({"done": "half"}, [])
    assert (await server.get(TASKS, limit=0)).json() == {"tasks": []}


async def test_faults_in_the_body(server: FaultyServer) -> None:
    await server.submit("1", "2")
    server.app.faults += [Fault(Wrong.CUT_JSON), Fault(Wrong.WRONG_TYPES), Fault(Wrong.CUT)]
    with pytest.raises(json.JSONDecodeError):
        (await server.get(TASKS)).json()
    strange, sane = (await server.get(TASKS)).json()["tasks"]
    assert (strange["task_create"], strange["task_status"]) == ("yesterday", 17)
    assert sane["task_create"] == NOW
    with pytest.raises(httpx.RemoteProtocolError):
        await server.get(TASKS)


async def test_a_lost_answer_may_hide_a_done_deed(server: FaultyServer) -> None:
    await server.submit(LONG)
    server.pass_time(1)
    server.app.faults.append(Fault(Wrong.LOST, method="PUT", carried_out=True))
    with pytest.raises(httpx.RemoteProtocolError):
        await server.cancel(1)
    assert await server.status(1) == "cancelling"
    assert list(server.app.requests)[-2:] == [f"PUT {TASKS}/1?action=cancel", f"GET {TASKS}/1"]
    await server.submit(LONG)
    server.pass_time(1)
    server.app.faults.append(Fault(Wrong.LOST, method="PUT"))
    with pytest.raises(httpx.RemoteProtocolError):
        await server.cancel(2)
    assert await server.status(2) == "running"
