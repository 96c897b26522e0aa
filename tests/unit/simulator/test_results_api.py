"""A simulated server of what comes after 1.7: results are left out, streamed, and given in pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.hugegraph import sample_results as texts

TASKS = "/graphspaces/DEFAULT/graphs/hugegraph/tasks"
LATER = replace(EMPTY_HUGEGRAPH, version="1.8.0")
SCRIPTS = ("[1,2,3,4,5]", "throw new RuntimeException('boom')", "1 + 1")
"""Tasks 1, 2 and 3; then one that runs, task 4."""
LOOP = "for(i in 0..<60){Thread.sleep(1000)}"


@asynccontextmanager
async def server(settings: HugeGraphSettings = LATER) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server on which the scripts have ended."""
    clock = count(1_795_420_000_000, 5_000)
    transport = httpx.ASGITransport(hugegraph_app(settings, lambda: next(clock)))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulated") as http:
        for script in (*SCRIPTS, LOOP):
            await http.post(TASKS.replace("/tasks", "/jobs/gremlin"), json={"gremlin": script})
        while (await http.get(f"{TASKS}/3")).json()["task_status"] != "success":
            pass
        yield http


@pytest.mark.parametrize("word", ["false", "FALSE", "no"])
async def test_a_detail_is_given_without_its_result(word):
    async with server() as http:
        whole = (await http.get(f"{TASKS}/1")).json()
        light = (await http.get(f"{TASKS}/1", params={"with_result": word})).json()
    assert whole.pop("task_result") == "[1,2,3,4,5]"
    assert light == whole
    assert "gremlin" in light["task_input"]


async def test_any_other_detail_has_it():
    async with server() as http:
        for query in ("", "?with_result=true", "?with_result=True"):
            assert (await http.get(f"{TASKS}/1{query}")).json()["task_result"] == "[1,2,3,4,5]"


async def test_the_error_of_a_failed_task_is_a_result_too():
    async with server() as http:
        assert "boom" in (await http.get(f"{TASKS}/2")).json()["task_result"]
        assert "task_result" not in (await http.get(f"{TASKS}/2?with_result=false")).json()


@pytest.mark.parametrize("settings", [
    EMPTY_HUGEGRAPH,
    replace(EMPTY_HUGEGRAPH, version="1.8.0", computer="on"),
    replace(EMPTY_HUGEGRAPH, version="3.0.0", computer="off"),
])  # fmt: skip
async def test_up_to_1_7_and_on_the_fork_there_is_none_of_it(settings):
    async with server(settings) as http:
        assert (await http.get(f"{TASKS}/1?with_result=false")).json()["task_result"] == "[1,2,3,4,5]"
        answer = await http.get(f"{TASKS}/1/result")
    assert answer.status_code == 404
    assert answer.json()["exception"] == "class jakarta.ws.rs.NotFoundException"
    assert answer.json()["message"] == "HTTP 404 Not Found"


async def test_a_result_is_streamed_as_it_is():
    async with server() as http:
        answer = await http.get(f"{TASKS}/1/result")
    assert (answer.status_code, answer.text) == (200, "[1,2,3,4,5]")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert "content-length" not in answer.headers


async def test_a_huge_result_is_streamed_and_not_scanned():
    async with server(replace(LATER, history=1, huge=300_000)) as http:
        number = (await http.get(f"{TASKS}?limit=2")).json()["tasks"][-1]["id"]
        detail = (await http.get(f"{TASKS}/{number}")).json()
        answer = await http.get(f"{TASKS}/{number}/result")
        light = await http.get(f"{TASKS}/{number}?with_result=false")
        page = await http.get(f"{TASKS}/{number}/result?limit=10")
    assert answer.text == detail["task_result"] == "".join(texts.generate_huge_result(300_000))
    assert len(light.content) < 1_000
    assert page.status_code == 413


@pytest.mark.parametrize(("path", "code", "words"), [
    ("9/result", 404, "Can't find task with id '9'"),
    ("2/result", 409, "in status FAILED"),
    ("4/result", 409, "in status RUNNING"),
    ("1/result?limit=0", 400, "The limit must be in [1, 10000], but got 0"),
    ("1/result?limit=10001", 400, "but got 10001"),
    ("1/result?page=AAAA", 400, "Invalid page 'AAAA'"),
    ("1/result?page=é", 400, "Invalid page"),
    ("1/result?limit=2&page=AAAA", 400, "A page goes without a limit"),
    ("3/result?limit=2", 400, "neither an array nor an object"),
    ("9/result?limit=2", 404, "Can't find task with id '9'"),
    ("2/result?limit=2", 409, "in status FAILED"),
])  # fmt: skip
async def test_what_is_no_result_or_no_page_is_refused(path, code, words):
    async with server() as http:
        answer = await http.get(f"{TASKS}/{path}")
    assert answer.status_code == code
    assert words in answer.json()["message"]


@pytest.mark.parametrize("name", ["limit", "page_size"])
async def test_an_array_comes_in_pages(name):
    async with server() as http:
        first = await http.get(f"{TASKS}/1/result?{name}=2")
        assert first.headers["cache-control"] == "no-store"
        pages, token = [first.json()["result"]], first.json()["page"]
        while token is not None:
            page = (await http.get(f"{TASKS}/1/result", params={"page": token})).json()
            pages.append(page["result"])
            token = page["page"]
    assert pages == [[1, 2], [3, 4], [5]]


async def test_an_object_comes_in_pages():
    """Among many algorithms there is one whose result is an object of hundreds of communities."""
    async with server(replace(LATER, history=200)) as http:
        for row in (await http.get(f"{TASKS}?limit=200")).json()["tasks"]:
            if (row["task_name"], row["task_status"]) == ("algorithm:louvain", "success"):
                break
        path = f"{TASKS}/{row['id']}/result"
        whole = (await http.get(path)).json()
        assert len(whole) > 100
        page = (await http.get(f"{path}?limit=100")).json()
        joined = page["result"]
        while page["page"] is not None:
            page = (await http.get(path, params={"page": page["page"]})).json()
            joined |= page["result"]
    assert json.dumps(joined) == json.dumps(whole)


async def test_a_token_is_good_for_its_task_and_its_result():
    async with server(replace(LATER, history=50)) as http:
        done = [row["id"] for row in (await http.get(f"{TASKS}?status=SUCCESS")).json()["tasks"]]
        lists = [n for n in done if (await http.get(f"{TASKS}/{n}/result")).text.count('"id"') > 1][:2]
        token = (await http.get(f"{TASKS}/{lists[0]}/result?limit=1")).json()["page"]
        other = await http.get(f"{TASKS}/{lists[1]}/result", params={"page": token})
    assert other.status_code == 400
    assert f"for the result of task '{lists[1]}'" in other.json()["message"]


async def test_a_result_that_changed_since_the_token_is_a_conflict():
    clock = count(1_795_420_000_000, 5_000)
    app = hugegraph_app(LATER, lambda: next(clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulated") as http:
        await http.post(TASKS.replace("/tasks", "/jobs/gremlin"), json={"gremlin": "[1,2,3]"})
        while (await http.get(f"{TASKS}/1")).json()["task_status"] != "success":
            pass
        token = (await http.get(f"{TASKS}/1/result?limit=1")).json()["page"]
        task = next(iter(app.world.graphs.values())).find_task(1)
        task.kind = replace(task.kind, result=lambda _salt: "[1,2,4]")
        answer = await http.get(f"{TASKS}/1/result", params={"page": token})
    assert answer.status_code == 409
    assert "has changed since the page before" in answer.json()["message"]


class Reading:
    """A client that reads a result no further than its head, by hand."""

    def __init__(self, app, path: str) -> None:
        self.app, self.path, self.status = app, path, 0

    async def begin(self, then) -> None:
        """Ask; call `then` as the first piece of the body comes."""

        async def send(message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif message.get("body"):
                await then()

        async def receive():
            return {"type": "http.request"}

        scope = {"type": "http", "method": "GET", "path": self.path, "raw_path": self.path.encode(),
                 "query_string": b"", "headers": [], "asgi": {"spec_version": "2.4"}}  # fmt: skip
        await self.app(scope, receive, send)


async def test_more_than_so_many_results_at_once_are_too_many():
    """Each answer begins while the ones before it are still being sent."""
    clock = count(1_795_420_000_000, 5_000)
    app = hugegraph_app(replace(LATER, streams=2), lambda: next(clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulated") as http:
        await http.post(TASKS.replace("/tasks", "/jobs/gremlin"), json={"gremlin": "[1]"})
        while (await http.get(f"{TASKS}/1")).json()["task_status"] != "success":
            pass
        said: list[httpx.Response] = []

        async def ask() -> None:
            said.append(await http.get(f"{TASKS}/1/result"))
            said.append(await http.get(f"{TASKS}/1"))

        readers = [Reading(app, f"{TASKS}/1/result") for _ in range(2)]
        await readers[0].begin(lambda: readers[1].begin(ask))
        assert [reader.status for reader in readers] == [200, 200]
        assert [answer.status_code for answer in said] == [503, 200]
        assert said[0].json()["message"] == "Too many task results are being streamed"
        assert (await http.get(f"{TASKS}/1/result")).status_code == 200


@pytest.mark.parametrize("scheduler", ["local", "distributed"])
async def test_a_result_that_can_not_be_read_spoils_no_list(scheduler):
    settings = replace(LATER, history=20, unreadable=frozenset(range(1, 21)), scheduler=scheduler)
    app = hugegraph_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulated") as http:
        rows = (await http.get(f"{TASKS}?limit=-1")).json()["tasks"]
        assert len(rows) == 20
        done = next(row["id"] for row in rows if row["task_status"] == "success")
        for path in ("?ids=7&ids=8", "?limit=5&page=", f"/{done}?with_result=false"):
            assert (await http.get(TASKS + path)).status_code == 200, path
        for path in (f"/{done}", f"/{done}?with_result=true", f"/{done}/result", f"/{done}/result?limit=2"):
            answer = await http.get(TASKS + path)
            assert answer.status_code == 500, path
            assert "Failed to update/query TaskStore" in answer.json()["message"]
