"""The raw requests that the simulator is held against: real servers answer them as the tables say."""

from __future__ import annotations

import pytest

from tests.adapters.raw import TABLES
from tests.adapters.raw.cases import Place, find_differences
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on


@on("rocksdb_17", "rocksdb_15")
@pytest.mark.parametrize("table", TABLES)
async def test_a_real_server_answers_as_the_tables_say(
    server: HugeGraphServer, jobs: Jobs, table: str
) -> None:
    place = Place(server.url, jobs.path, server.spec.version)
    assert await find_differences(place, TABLES[table]) == {}
