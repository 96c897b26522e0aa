"""The simulated server on a real socket."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphApp, hugegraph_app
from backend_adapters.simulator.delay import DelayedApp
from backend_adapters.simulator.serve import run_server
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import NO_TLS, find_address, read_start, serve_in_loop

TASKS = "/graphs/hugegraph/tasks"


@asynccontextmanager
async def served(app: HugeGraphApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a served app."""
    async with (
        serve_in_loop(app) as url,
        httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False) as http,
    ):
        yield http


async def test_http_semantics_on_a_socket() -> None:
    app = hugegraph_app(replace(EMPTY_HUGEGRAPH, history=300))
    async with served(app) as http:
        answer = await http.get("/versions")
        assert answer.json()["versions"]["core"] == "1.7.0"
        assert not {"date", "server"} & answer.headers.keys()
        listed = await http.get(TASKS, params={"limit": -1})
        assert len(listed.json()["tasks"]) == 300
        assert "content-length" not in listed.headers
        refused = await http.get(f"{TASKS}?" + "&".join(f"ids={number}" for number in range(1000, 1900)))
        assert (refused.status_code, refused.content) == (400, b"")
        assert (await http.delete(f"{TASKS}/1")).status_code == 204


async def test_each_answer_comes_late_and_those_at_the_same_time_together() -> None:
    late = 0.2
    async with (
        serve_in_loop(DelayedApp(hugegraph_app(EMPTY_HUGEGRAPH), late)) as url,
        httpx.AsyncClient(base_url=url, verify=NO_TLS, trust_env=False) as http,
    ):
        began = time.monotonic()
        answers = await asyncio.gather(*(http.get("/versions") for _ in range(8)))
        took = time.monotonic() - began
    assert [answer.status_code for answer in answers] == [200] * 8
    assert late <= took < 8 * late


async def test_a_connection_breaks_in_the_middle() -> None:
    app = FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, history=300))
    async with served(app) as http:
        app.faults += [Fault(Wrong.CUT), Fault(Wrong.LOST)]
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get(TASKS)
        assert (await http.get(TASKS)).status_code == 200


async def test_a_connection_ends_with_its_256th_request() -> None:
    async with served(hugegraph_app(EMPTY_HUGEGRAPH)) as http:
        ends = [(await http.get("/versions")).headers.get("connection") for _ in range(257)]
    assert ends[255] == "close"
    assert ends[:255] == [None] * 255
    assert ends[256] is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_its_address_and_stops_on_a_signal(number: signal.Signals) -> None:
    program = (
        "from backend_adapters.simulator import hugegraph_app\n"
        "from backend_adapters.simulator.serve import serve_app\n"
        "tell = lambda address: print('It listens on', address, flush=True)\n"
        "serve_app(hugegraph_app(), '127.0.0.1', 0, tell)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    said = read_start(process)
    address = find_address(said)
    assert said == f"It listens on {address}\n"
    assert address.startswith("http://127.0.0.1:")
    assert httpx.get(f"{address}{TASKS}", verify=NO_TLS, trust_env=False).status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_a_taken_port_is_told() -> None:
    async with served(hugegraph_app(EMPTY_HUGEGRAPH)) as http:
        port = http.base_url.port
        assert port is not None
        with pytest.raises(OSError, match="in use"):
            await run_server(hugegraph_app(EMPTY_HUGEGRAPH), "127.0.0.1", port, lambda _address: None)


def test_importing_the_simulator_does_not_import_uvicorn() -> None:
    program = "import sys, backend_adapters.simulator; print('uvicorn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
