"""The contract suite on real servers: what the simulator promises in `tests/adapters`, they do."""

from __future__ import annotations

import pytest

from tests.adapters import contract
from tests.live.recorded_monitor import target_of
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import KINDS, on


@pytest.fixture
def stand(server: HugeGraphServer, jobs: Jobs) -> contract.ContractServer:
    """The server to check; its first graph is empty before and after."""
    return contract.ContractServer(
        name=str(server.spec),
        target=target_of(server),
        version=server.spec.version,
        scheduler="distributed" if server.spec.scheduler == "distributed" else "local",
        pages=server.spec.backend != "memory",
    )


@on(*KINDS)
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
async def test_a_real_server_keeps_it(stand: contract.ContractServer, check: contract.Check) -> None:
    await contract.run_check(check, stand)
