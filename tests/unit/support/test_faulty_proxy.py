"""The proxy of the tests that does wrong: what passes it, and what each of its rules does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from tests.adapters.scripted_servers import http_answer, socket_server
from tests.support.faulty_proxy import INTERRUPTED, OUT_OF_MEMORY, FaultyProxy
from tests.support.patience import PATIENCE
from tests.support.proxy_rules import Weights
from tests.support.simulated_servers import NO_TLS, serve_in_loop

TASKS = "/graphs/hugegraph/tasks"
HISTORY = 20


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[tuple[FaultyProxy, httpx.AsyncClient]]:
    """A proxy before a server, and a client of it."""
    with FaultyProxy(url) as proxy:
        async with httpx.AsyncClient(
            base_url=proxy.url, verify=NO_TLS, trust_env=False, timeout=PATIENCE
        ) as http:
            yield proxy, http


@asynccontextmanager
async def simulated() -> AsyncIterator[tuple[FaultyProxy, httpx.AsyncClient]]:
    """The same before a simulated server with the tasks 1 to 20."""
    app = hugegraph_app(replace(EMPTY_HUGEGRAPH, history=HISTORY))
    async with serve_in_loop(app) as url, proxied(url) as (proxy, http):
        yield proxy, http


@contextmanager
def broken() -> Iterator[None]:
    """Where the connection has to break."""
    with pytest.raises(httpx.RemoteProtocolError):
        yield


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [task["id"] for task in answer.json()["tasks"]]


async def test_what_no_rule_is_for_passes_unchanged() -> None:
    async with simulated() as (proxy, http):
        url = "http://{}:{}".format(*proxy.target)
        async with httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False) as direct:
            for path in (f"{TASKS}?limit=5&page=", f"{TASKS}/7", f"{TASKS}/999", "/versions", "/nothing"):
                theirs, ours = await direct.get(path), await http.get(path)
                assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
                assert ours.headers == theirs.headers
            made = await http.post("/graphs/hugegraph/jobs/gremlin", json={"gremlin": "1"})
            assert made.status_code == 201
            assert (await http.delete(f"{TASKS}/7")).status_code == 204
            assert (await direct.get(f"{TASKS}/7")).status_code == 404
            assert proxy.log[0].line == f"GET {TASKS}?limit=5&page="
            assert proxy.count() == 7
            assert proxy.count("DELETE") == 1
            assert proxy.count(lambda request: request.task == 999) == 1
            proxy.forget()
            assert proxy.count() == 0


async def test_25_mb_are_passed_on_as_they_come_whether_chunked_or_not() -> None:
    size, piece = 25_000_000, b"x" * 1_000_000
    rest = asyncio.Event()

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        chunked = b"GET /chunked" in head
        frame = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        writer.write(f"HTTP/1.1 200 OK\r\n{frame}\r\n\r\n".encode())
        for _ in range(size // len(piece)):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
            await rest.wait()
        writer.write(b"0\r\n\r\n" if chunked else b"")

    async with socket_server(answer) as (url, _), proxied(url) as (_, http):
        for path in ("/chunked", "/whole"):
            rest.clear()
            received = 0
            async with http.stream("GET", path) as response:
                async for part in response.aiter_bytes():
                    # The server sends on only when the first piece has come.
                    rest.set()
                    received += len(part)
            assert received == size


async def test_a_connection_is_used_again_and_ends_when_the_server_ends_it() -> None:
    writers: list[asyncio.StreamWriter] = []

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        closes = ["Connection: close"] if b"GET /last" in head else []
        writer.write(http_answer(b"ok", None, *closes))

    async with socket_server(answer) as (url, _):
        with FaultyProxy(url) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
            for _ in range(3):
                writer.write(b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n")
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            assert len(set(writers)) == 1
            writers[0].close()
            assert await reader.read() == b""
            writer.close()
        async with proxied(url) as (_, http):
            said = await http.get("/last")
            assert said.headers["connection"] == "close"
            assert (await http.get("/one")).text == "ok"
    assert len(set(writers)) == 3


@pytest.mark.parametrize(("code", "words"), [(500, INTERRUPTED), (400, OUT_OF_MEMORY)])
async def test_poisoned_tasks_spoil_each_list_that_they_are_in(code: int, words: str) -> None:
    async with simulated() as (proxy, http):
        proxy.poison([7, 8], code, words)
        bad = [f"{TASKS}?limit=-1", f"{TASKS}?limit=10&page=", f"{TASKS}?ids=1&ids=7", f"{TASKS}/8"]
        for path in bad:
            answer = await http.get(path)
            assert answer.status_code == code
            assert answer.json()["exception"] == "class org.apache.hugegraph.HugeException"
            assert answer.json()["message"] == words
            assert answer.json()["cause"].startswith("java.")
        assert ids(await http.get(f"{TASKS}?limit=5&page=")) == [1, 2, 3, 4, 5]
        assert ids(await http.get(f"{TASKS}?ids=1&ids=9")) == [1, 9]
        assert ids(await http.get(f"{TASKS}?status=RUNNING")) == []
        assert (await http.get(f"{TASKS}/1")).status_code == 200
        assert (await http.delete(f"{TASKS}/8")).status_code == 204
        assert (await http.get(f"{TASKS}/8")).status_code == 404
        proxy.heal(7)
        assert 7 in ids(await http.get(f"{TASKS}?limit=-1"))


async def test_a_heavy_list_takes_its_time_and_one_that_is_too_heavy_is_refused() -> None:
    async with simulated() as (proxy, http):
        proxy.weigh({3: 10, 4: 10, 5: 10}, seconds_per_task=0.02, memory=20)
        began = time.monotonic()
        assert ids(await http.get(f"{TASKS}?ids=3&ids=4&ids=9")) == [3, 4, 9]
        assert time.monotonic() - began >= 0.04
        refused = await http.get(f"{TASKS}?ids=3&ids=4&ids=5")
        assert (refused.status_code, refused.json()["message"]) == (400, OUT_OF_MEMORY)
        assert proxy.out_of_memory == 1
        assert ids(await http.get(f"{TASKS}?ids=5")) == [5]
        proxy.weigh(lambda number: 30 if number == 9 else 0, memory=20)
        assert (await http.get(f"{TASKS}?ids=9")).status_code == 400
        assert proxy.out_of_memory == 2
        proxy.calm()
        assert len(ids(await http.get(f"{TASKS}?limit=-1"))) == HISTORY


async def test_lists_at_once_share_the_memory() -> None:
    weights = Weights(lambda number: 10, seconds=0, memory=30)
    async with weights.loaded([1, 2]) as first:
        async with weights.loaded([3]) as second, weights.loaded([4]) as third:
            assert (first, second, third) == (True, True, False)
        async with weights.loaded([5]) as later:
            assert later


async def test_the_most_lists_at_once_are_counted() -> None:
    async with simulated() as (proxy, http):
        held = proxy.hold("ids=")
        paths = [f"{TASKS}?ids=1", f"{TASKS}?ids=2", f"{TASKS}/3"]
        asking = [asyncio.create_task(http.get(path)) for path in paths]
        await asyncio.to_thread(proxy.wait, 3)
        assert held.holding.is_set()
        assert (await asking[2]).status_code == 200
        assert (proxy.lists, proxy.most_lists) == (2, 2)
        assert proxy.most("ids=2") == 1
        proxy.forget()
        held.let_go()
        await asyncio.gather(*asking)
        await http.get(f"{TASKS}?ids=1")
        assert proxy.most_lists == 2
        assert proxy.most(lambda request: request.lists) == 2
        assert proxy.most(lambda request: 1 in request.ids) == 1


async def test_a_list_of_too_many_tasks_is_refused() -> None:
    async with simulated() as (proxy, http):
        proxy.shorten(5)
        refused = await http.get(f"{TASKS}?limit=6&page=")
        assert (refused.status_code, refused.json()["message"]) == (413, "Payload Too Large")
        assert ids(await http.get(f"{TASKS}?limit=5&page=")) == [1, 2, 3, 4, 5]
        proxy.calm()
        assert len(ids(await http.get(f"{TASKS}?limit=-1"))) == HISTORY


async def test_requests_fail_so_often_as_told() -> None:
    async with simulated() as (proxy, http):
        proxy.fail("limit=1", times=2, code=503, words="busy")
        answers = [await http.get(f"{TASKS}?limit=1") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [503, 503, 200]
        assert answers[0].json()["message"] == "busy"
        proxy.fail(lambda request: request.method == "DELETE", code=400)
        assert (await http.delete(f"{TASKS}/1")).status_code == 400
        assert (await http.get(f"{TASKS}/1")).status_code == 200


async def test_an_answer_comes_late_or_half_or_not_at_all() -> None:
    async with simulated() as (proxy, http):
        proxy.delay("/versions", 0.05)
        began = time.monotonic()
        assert (await http.get("/versions")).status_code == 200
        assert time.monotonic() - began >= 0.05
        proxy.cut("limit=-1", times=1)
        async with http.stream("GET", f"{TASKS}?limit=-1") as response:
            assert response.status_code == 200
            with broken():
                await response.aread()
        assert len(ids(await http.get(f"{TASKS}?limit=-1"))) == HISTORY
        proxy.shut("limit=1", times=1)
        with broken():
            await http.get(f"{TASKS}?limit=1")
        assert ids(await http.get(f"{TASKS}?limit=1")) == [1]


async def test_without_a_server_connections_break_and_what_is_held_ends_with_the_proxy() -> None:
    async with proxied("http://127.0.0.1:1") as (proxy, http):
        with broken():
            await http.get("/versions")
        proxy.hold("")
        waiting = asyncio.create_task(http.get("/versions"))
        await asyncio.to_thread(proxy.wait, 2)
    with pytest.raises(httpx.TransportError):
        await waiting
