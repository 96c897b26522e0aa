"""The simulated HugeGraph under raw requests; `tests/live` asks real servers the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.types import Receive, Scope, Send

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphApp, hugegraph_app
from tests.adapters.raw import TABLES
from tests.adapters.raw.cases import Place, find_differences
from tests.support.simulated_servers import serve_in_loop

GRAPHS = {"1.7.0": "/graphspaces/DEFAULT/graphs/hugegraph", "1.5.0": "/graphs/hugegraph"}


class Renewed:
    """An application on one port that a test makes anew."""

    app: HugeGraphApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.mark.parametrize("version", GRAPHS)
async def test_the_simulated_server_answers_as_a_real_one_does(version: str) -> None:
    server = Renewed()
    wrong: dict[str, object] = {}
    async with serve_in_loop(server, ("test", "x", "a")) as address:
        for cases in TABLES.values():
            server.app = hugegraph_app(replace(EMPTY_HUGEGRAPH, version=version))
            wrong |= await find_differences(Place(address, GRAPHS[version], version), cases)
    assert wrong == {}
