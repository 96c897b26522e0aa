"""Graphs that are created and dropped while a simulated server runs, as measured on real ones."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from backend_adapters.registry import open_backend
from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.hugegraph.graph_load import GraphLoad
from backend_adapters.simulator.hugegraph.graphs_api import CONFIRM_DROP
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.simulated_servers import NO_TLS, serve_in_loop
from tests.unit.simulator.simulated_server import LONG, SimulatedServer

GRAPHS = "/graphspaces/DEFAULT/graphs"
WITH_LOGIN = replace(EMPTY_HUGEGRAPH, auth=("admin", "pw"))
WITH_PD = replace(WITH_LOGIN, graphs=("hugegraph", "fraud/risk"), graphspaces=("DEFAULT", "fraud"))
OLDER = replace(EMPTY_HUGEGRAPH, version="1.5.0")


def config(name: str, **more: str) -> dict[str, str]:
    return {"backend": "rocksdb", "serializer": "binary", "store": name, **more}


async def drop(server: SimulatedServer, path: str, message: str = CONFIRM_DROP) -> httpx.Response:
    return await server.http.delete(path, params={"confirm_message": message})


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """The status, the exception and the message of an answer that refuses."""
    fields = answer.json()
    return answer.status_code, fields["exception"].rpartition(".")[2], fields["message"]


async def names(server: SimulatedServer, path: str = GRAPHS) -> list[str]:
    return (await server.get(path)).json()["graphs"]


async def test_a_graph_is_created_used_and_dropped() -> None:
    server = SimulatedServer(WITH_LOGIN)
    made = await server.http.post(f"{GRAPHS}/second", json=config("second", description="a test"))
    assert (made.status_code, made.json()) == (
        201,
        {"name": "second", "nickname": "second", "backend": "rocksdb", "description": "a test"},
    )
    assert await names(server) == ["hugegraph", "second"]
    assert (await server.get(f"{GRAPHS}/second/tasks")).json() == {"tasks": []}
    await server.submit("1+1", path=f"{GRAPHS}/second/jobs/gremlin")
    server.pass_time(2)
    (task,) = (await server.get(f"{GRAPHS}/second/tasks")).json()["tasks"]
    assert (task["id"], task["task_status"]) == (1, "success")
    gone = await drop(server, f"{GRAPHS}/second")
    assert (gone.status_code, gone.content) == (204, b"")
    assert await names(server) == ["hugegraph"]
    assert told(await server.get(f"{GRAPHS}/second/tasks"))[:2] == (500, "NullPointerException")
    again = await server.http.post(f"{GRAPHS}/second", json=config("second"))
    assert again.status_code == 201
    assert (await server.get(f"{GRAPHS}/second/tasks")).json() == {"tasks": []}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("g2", None, (400, "IllegalArgumentException", "Config parameters cannot be null")),
        ("g2", {}, (400, "IllegalArgumentException", "Required parameter 'backend' is missing or empty")),
        (
            "g2",
            {"backend": "rocksdb"},
            (400, "IllegalArgumentException", "Required parameter 'serializer' is missing or empty"),
        ),
        (
            "g2",
            config("hugegraph"),
            (
                400,
                "IllegalArgumentException",
                "The value 'hugegraph' of option 'store' conflicts with existed graph",
            ),
        ),
        (
            "4x",
            config("4x"),
            (
                500,
                "RuntimeException",
                "GraphFactory could not instantiate this Graph implementation "
                "[class org.apache.hugegraph.auth.HugeFactoryAuthProxy]",
            ),
        ),
    ],
)
async def test_a_graph_that_can_not_be_created_is_told(path: str, body: object, said: object) -> None:
    server = SimulatedServer(WITH_LOGIN)
    assert told(await server.http.post(f"{GRAPHS}/{path}", json=body) if body is not None else (
        await server.http.post(f"{GRAPHS}/{path}")
    )) == said  # fmt: skip
    assert await names(server) == ["hugegraph"]


async def test_1_7_creates_no_graph_without_logins() -> None:
    answer = await SimulatedServer().http.post(f"{GRAPHS}/g2", json=config("g2"))
    status, kind, message = told(answer)
    assert (status, kind) == (500, "NullPointerException")
    assert "HugeGraphAuthProxy.getContext()" in message


async def test_1_5_takes_a_properties_file() -> None:
    server = SimulatedServer(OLDER)
    refused = await server.http.post("/graphs/g2", json=config("g2"))
    assert told(refused) == (415, "NotSupportedException", "HTTP 415 Unsupported Media Type")
    made = await server.http.post(
        "/graphs/g2", content="backend=rocksdb\nstore=g2\n", headers={"content-type": "text/plain"}
    )
    assert (made.status_code, made.json()) == (200, {"name": "g2", "backend": "rocksdb"})
    assert await names(server, "/graphs") == ["hugegraph", "g2"]


async def test_a_graph_that_can_not_be_dropped_is_told() -> None:
    server = SimulatedServer(replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "second")))
    refused = (400, "IllegalArgumentException", f"Please take the message: {CONFIRM_DROP}")
    assert told(await server.http.delete(f"{GRAPHS}/second")) == refused
    assert told(await drop(server, f"{GRAPHS}/second", "yes")) == refused
    assert told(await drop(server, f"{GRAPHS}/third"))[2] == "The graph 'third' doesn't exist"
    await server.submit(LONG, path=f"{GRAPHS}/second/jobs/gremlin")
    server.pass_time(1)
    busy = await drop(server, f"{GRAPHS}/second")
    assert told(busy) == (400, "HugeException", "Failed to wait all tasks to complete")
    assert busy.json()["cause"].endswith("There are still 1 incomplete tasks after 10 seconds")
    server.pass_time(61)
    # Without PD the graphspace in the path means nothing.
    assert (await drop(server, "/graphspaces/other/graphs/second")).status_code == 204
    last = await drop(server, f"{GRAPHS}/hugegraph")
    assert told(last)[2] == "The graph 'hugegraph' is the only one, not allowed to delete"


async def test_graphs_come_and_go_in_the_graphspaces_of_a_pd() -> None:
    server = SimulatedServer(WITH_PD)
    unknown = await server.http.post("/graphspaces/other/graphs/g2", json=config("g2"))
    assert told(unknown)[2] == "The graph space 'other' does not exist"
    made = await server.http.post("/graphspaces/fraud/graphs/rings", json=config("rings"))
    assert made.status_code == 201
    assert await names(server, "/graphspaces/fraud/graphs") == ["risk", "rings"]
    assert (await drop(server, "/graphspaces/fraud/graphs/risk")).status_code == 204
    assert await names(server, "/graphspaces/fraud/graphs") == ["rings"]


async def test_nothing_more_is_submitted_to_a_dropped_graph() -> None:
    settings = HugeGraphSettings(graphs=("hugegraph", "second"), loads={"second": GraphLoad(history=3)})
    server = SimulatedServer(settings)
    server.pass_time(120)
    world = server.app.world
    world.advance_to_now()
    dropped = world.graphs["DEFAULT", "second"]
    world.drop_graph(dropped)
    count = len(dropped)
    assert count > 3
    created = world.create_graph("DEFAULT", "second")
    server.pass_time(600)
    world.advance_to_now()
    assert (len(dropped), len(created)) == (count, 0)


async def test_the_adapter_sees_graphs_come_and_go_over_http() -> None:
    async with serve_in_loop(hugegraph_app(WITH_PD)) as address:
        target = Target(
            url=address, graph="hugegraph", credentials=Credentials(user="admin", password=lambda: "pw")
        )
        backend = open_backend(target)
        await backend.connect()

        async def list_graphs() -> list[str]:
            return [scope.qualified_graph for scope in await backend.scopes()]

        assert await list_graphs() == ["DEFAULT/hugegraph", "fraud/risk"]
        async with httpx.AsyncClient(base_url=address, auth=("admin", "pw"), verify=NO_TLS) as http:
            await http.post("/graphspaces/fraud/graphs/rings", json=config("rings"))
            assert await list_graphs() == ["DEFAULT/hugegraph", "fraud/rings", "fraud/risk"]
            await http.delete("/graphspaces/fraud/graphs/risk", params={"confirm_message": CONFIRM_DROP})
            assert await list_graphs() == ["DEFAULT/hugegraph", "fraud/rings"]
        await backend.aclose()
