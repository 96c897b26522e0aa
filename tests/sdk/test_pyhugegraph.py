"""The simulated HugeGraph, seen by pyhugegraph; `tests/live` makes the same calls on real servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings, hugegraph_app
from tests.sdk.pyhugegraph_calls import CALLS, make_calls
from tests.support.simulated_servers import serve_in_loop


@pytest.mark.parametrize(
    "settings",
    [
        EMPTY_HUGEGRAPH,
        replace(EMPTY_HUGEGRAPH, version="1.5.0"),
        replace(EMPTY_HUGEGRAPH, auth=("admin", "correct horse")),
    ],
    ids=["1.7.0", "1.5.0", "1.7.0 with a login"],
)
async def test_each_call_of_pyhugegraph_gives_what_a_real_server_gives(settings: HugeGraphSettings) -> None:
    async with serve_in_loop(hugegraph_app(settings)) as url:
        said = await asyncio.to_thread(make_calls, url, *(settings.auth or ("", "")))
    assert said == {call.name: call.expected for call in CALLS}
