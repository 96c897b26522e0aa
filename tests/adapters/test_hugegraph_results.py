"""A result from its own path, which servers after 1.7 have: each answer there, and older servers."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest

from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    NotLoggedIn,
    ServerFault,
    Unreachable,
    Unreadable,
)
from backend_adapters.transport.client import IN_FLIGHT
from tests.adapters.scripted_computers import job
from tests.adapters.scripted_next_release import (
    CONFLICT,
    STREAMING,
    ScriptedLaterComputers,
    ScriptedNextRelease,
    lines,
    opened,
    task,
)
from tests.adapters.scripted_servers import NO_PATH, ScriptedServer, failure
from tests.adapters.test_hugegraph_stream import Slow, whole

FAILED = "java.lang.RuntimeException: boom"


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []

    async def nap(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", nap)
    return waited


def answering(wire: ScriptedServer, *answers: httpx.Response) -> None:
    """Let the requests for a result be answered so, one after the other, and the last time after time."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/result"):
            return None
        told = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(told.status_code, headers=told.headers, content=told.content)

    wire.override = answer


async def test_a_later_server_streams_the_result_and_nothing_else_is_read():
    rows = "[" + '{"é":"🚚"},' * 40_000 + "1]"
    backend, mark = await opened(wire := ScriptedNextRelease([task(task_result=rows)]))
    for _ in range(2):
        pieces = [piece async for piece in backend.stream("7", "result")]
        assert b"".join(pieces).decode() == rows
        assert len(pieces) > 2
    assert lines(wire, mark) == ["/7/result", "/7/result"]


async def test_a_compressed_result_is_given_as_it_was():
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    packed = httpx.Response(200, content=gzip.compress(b"[1, 2]"), headers={"Content-Encoding": "gzip"})
    wire.override = lambda request: packed if request.url.path.endswith("/result") else None
    assert await whole(backend) == b"[1, 2]"


@pytest.mark.parametrize("said", [
    NO_PATH,
    failure(404, "com.baidu.hugegraph.exception.NotFoundException", "HTTP 404 Not Found"),
    httpx.Response(404, content=b"404 page not found"),
    httpx.Response(404, content=b"<html>not found</html>"),
    failure(405, "jakarta.ws.rs.NotAllowedException", "HTTP 405 Method Not Allowed"),
    httpx.Response(200, content=b"\n <!doctype html><p>graph explorer</p>"),
])  # fmt: skip
async def test_an_older_server_is_asked_for_a_result_on_its_own_path_once(said):
    backend, mark = await opened(wire := ScriptedServer([task()]))
    answering(wire, said)
    for _ in range(3):
        assert await whole(backend) == b"[1]"
    assert lines(wire, mark) == ["/7/result", "/7", "/7", "/7"]
    await backend.connect()
    mark = len(wire.requests)
    await whole(backend)
    assert lines(wire, mark) == ["/7/result", "/7"]


@pytest.mark.parametrize("said", [
    CONFLICT,
    failure(400, "java.lang.IllegalArgumentException", "The root is not pageable"),
    failure(413, "jakarta.ws.rs.ClientErrorException", "The result is too long to be scanned"),
    failure(403, "jakarta.ws.rs.ForbiddenException", "no"),
    httpx.Response(200, content=b""),
    httpx.Response(204),
])  # fmt: skip
async def test_what_has_no_result_of_its_own_is_read_from_the_detail_and_later_ones_are_asked_for(said):
    backend, mark = await opened(
        wire := ScriptedNextRelease([task(task_status="failed", task_result=FAILED)])
    )
    answering(wire, said)
    for _ in range(2):
        assert await whole(backend) == FAILED.encode()
    assert lines(wire, mark) == ["/7/result", "/7", "/7/result", "/7"]


@pytest.mark.parametrize("row", [{"task_status": "running", "task_result": None}, {"task_result": None}])
async def test_nothing_is_given_where_there_is_no_result(row):
    backend, _ = await opened(wire := ScriptedNextRelease([task(**row)]))
    answering(wire, CONFLICT)
    assert await whole(backend) == b""


@pytest.mark.parametrize(("said", "error", "words"), [
    (failure(404, "x.NotFoundException", "Can't find task with id '7'"), NoSuchTask, "has no such task"),
    (failure(404, "x.NotFoundException", "Graph 'hugegraph' does not exist"), NoSuchGraph, "does not exist"),
    (failure(401, "jakarta.ws.rs.NotAuthorizedException", "no"), NotLoggedIn, "401"),
    (failure(500, "java.lang.Error", "boom"), ServerFault, "answered 500: boom"),
    (failure(500, "x.HugeException", "Failed to update/query TaskStore: java.lang.InterruptedException"),
     Unreadable, "can't read this task"),
    (failure(400, "x.HugeException", "Failed to update/query TaskStore: java.lang.OutOfMemoryError"),
     Unreadable, "can't read this task"),
    *((httpx.Response(200, content=body), BadAnswer, r"sent a truncated result\.$")
      for body in (b'[1, {"a": 2}', b'{"a": [1]', b'["a', b' {"a": 1},\n', b'"a')),
])  # fmt: skip
async def test_what_goes_wrong_there_is_said_and_the_detail_is_not_read(said, error, words):
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, said)
    with pytest.raises(error, match=words):
        await whole(backend)
    asked = lines(wire, mark)
    assert (asked[0], "/7" in asked) == ("/7/result", False)


@pytest.mark.parametrize("body", [
    b"[]\n", b" {} ", b'"text"', b"17", b"null", b"true", b"-0.5e3", '["é🚚"]'.encode(),
])  # fmt: skip
async def test_any_whole_text_is_given_as_it_is(body):
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, httpx.Response(200, content=body))
    assert await whole(backend) == body


class Pieces(httpx.AsyncByteStream):
    """A body in pieces of ten thousand blanks, and then what is given."""

    def __init__(self, end: bytes) -> None:
        self.end = end

    async def __aiter__(self):
        for _ in range(50):
            yield b" " * 10_000
        yield self.end


@pytest.mark.parametrize(("end", "given"), [(b"", b"[1]"), (b"<html>", b"[1]"), (b"[2]", b"[2]")])
async def test_of_nothing_but_blanks_nothing_is_given(end, given):
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    wire.override = lambda request: (
        httpx.Response(200, stream=Pieces(end)) if request.url.path.endswith("/result") else None
    )
    assert (await whole(backend)).strip() == given
    assert len(await whole(backend)) < 100_000


async def test_bytes_that_are_no_characters_are_replaced():
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, httpx.Response(200, content=b'["\xff\xe5\x9b"]'))
    assert (await whole(backend)).decode() == '["\ufffd\ufffd"]'


async def test_a_stream_that_breaks_raises_after_what_has_come():
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    body = Slow(httpx.ReadError("broken"))
    wire.override = lambda request: httpx.Response(200, stream=body)
    came: list[bytes] = []

    async def read() -> None:
        async for piece in backend.stream("7", "result"):
            came.append(piece)

    with pytest.raises(Unreachable):
        await read()
    assert came
    assert body.closed
    assert lines(wire, mark) == ["/7/result"]


async def test_a_stream_that_is_left_early_ends_its_request():
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    body = Slow()
    wire.override = lambda request: httpx.Response(200, stream=body)
    stream = backend.stream("7", "result")
    assert await anext(stream)
    await stream.aclose()
    assert body.closed


def asking_to_wait(seconds: str) -> httpx.Response:
    """503 with a Retry-After."""
    return httpx.Response(503, headers={"Retry-After": seconds}, content=STREAMING.content)


@pytest.mark.parametrize(("answers", "waited"), [
    ([STREAMING], [2]),
    ([STREAMING] * 3, [2, 4, 8]),
    ([asking_to_wait("5"), STREAMING, asking_to_wait("0")], [5, 4, 8]),
    ([asking_to_wait("30")], [30]),
])  # fmt: skip
async def test_a_busy_server_is_asked_again_after_as_long_as_it_says(naps, answers, waited):
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, *answers, httpx.Response(200, content=b"[1]"))
    assert await whole(backend) == b"[1]"
    assert naps == waited
    assert lines(wire, mark) == ["/7/result"] * (len(answers) + 1)


@pytest.mark.parametrize(("answers", "waited"), [
    ([STREAMING], [2, 4, 8, 16]),
    ([asking_to_wait("1")], [1, 1, 1, 1]),
    ([asking_to_wait("20")], [20]),
    ([asking_to_wait("31")], []),
])  # fmt: skip
async def test_a_server_that_stays_busy_is_left_alone_after_half_a_minute(naps, answers, waited):
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, *answers)
    with pytest.raises(Busy, match="503: Too many task results are being streamed") as caught:
        await whole(backend)
    assert caught.value.hint == "The server limits how many results it streams at once. Try again later."
    assert naps == waited
    assert lines(wire, mark) == ["/7/result"] * (len(waited) + 1)


async def test_a_busy_server_keeps_no_connection_meanwhile(monkeypatch):
    """Four results that wait must not keep the list from being read."""
    backend, _ = await opened(wire := ScriptedNextRelease([task()]))
    answering(wire, STREAMING, httpx.Response(200, content=b"[1]"))
    looked: list[int] = []

    async def nap(_seconds: float) -> None:
        looked.append(IN_FLIGHT - backend.transport.slots._used)

    monkeypatch.setattr(asyncio, "sleep", nap)
    assert await whole(backend) == b"[1]"
    assert looked == [4]


async def test_an_input_has_no_path_of_its_own():
    backend, mark = await opened(wire := ScriptedNextRelease([task()]))
    assert await whole(backend, part="input") == b'{"gremlin": "g"}'
    assert lines(wire, mark) == ["/7?with_result=false"]


async def test_a_computer_job_s_result_is_read_likewise():
    """Its bare word is no JSON, so a later server refuses it and the detail has it."""
    wire = ScriptedLaterComputers(
        [job(7, task_input="{}", task_result="SUCCEEDED"), job(8, task_result="[8]")]
    )
    backend = wire.computer()
    await backend.connect()
    mark = len(wire.requests)
    assert (await whole(backend), await whole(backend, "8")) == (b"SUCCEEDED", b"[8]")
    assert lines(wire, mark) == ["/7/result", "/7", "/8/result"]
