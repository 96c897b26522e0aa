"""The contract suite on the simulator, in each of its guises."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.adapters import contract


class _Clock:
    """The simulator's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_772_000_000_000

    def __call__(self) -> int:
        """Epoch milliseconds; a request takes one."""
        self.now += 1
        return self.now

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1000)


GUISES = {
    "1.8.0": {"version": "1.8.0"},
    "1.8.0 distributed": {"version": "1.8.0", "scheduler": "distributed"},
    "1.7.0": {},
    "1.7.0 memory": {"backend": "memory"},
    "1.7.0 distributed": {"scheduler": "distributed"},
    "1.7.0 auth": {"auth": ("admin", "correct horse")},
    "1.5.0": {"version": "1.5.0"},
    "1.3.0": {"version": "1.3.0"},
    "1.7.0 cluster": {"backend": "hstore", "servers": 2, "scheduler": "distributed"},
    "1.5.0 cluster": {"version": "1.5.0", "backend": "hstore", "servers": 3},
}


@pytest.fixture(params=GUISES)
def stand(request: pytest.FixtureRequest) -> contract.ContractServer:
    options = GUISES[request.param]
    clock = _Clock()
    settings = HugeGraphSettings(**{"history": 30, "specials": False, "pace": 0} | options)
    credentials = Credentials("admin", lambda: settings.auth[1]) if settings.auth else Credentials()
    app = hugegraph_app(settings, clock)
    return contract.ContractServer(
        name=f"simulator {request.param}",
        target=Target(url="http://demo", http=httpx.ASGITransport(app), credentials=credentials),
        version=settings.version,
        scheduler=settings.scheduler,
        pages=settings.backend != "memory",
        blockwise=settings.backend == "hstore",
        lists=settings.lists_default_space,
        pause=clock.pause,
    )


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
async def test_the_simulator_keeps_it(stand: contract.ContractServer, check: contract.Check) -> None:
    await contract.run_check(check, stand)
