"""What pyhugegraph makes of real servers: the same as `tests/sdk` has it make of the simulated one."""

from __future__ import annotations

import pytest

from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tests.sdk.pyhugegraph_calls import CALLS, make_calls


@on("rocksdb_17", "rocksdb_15", "auth_17")
@pytest.mark.usefixtures("jobs")
def test_each_call_gives_what_the_simulated_server_gives(
    server: HugeGraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert make_calls(server.url, *(server.auth or ("", ""))) == {call.name: call.expected for call in CALLS}
