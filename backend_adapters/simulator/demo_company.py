"""The servers of a made-up company: production, staging, development, a GES project, and one that is down."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Mapping

import httpx
from msgspec import Struct

from backend_adapters.simulator.clock import EpochClock, wall_clock
from backend_adapters.simulator.company_urls import (
    CLOUD_URL,
    DEV_URL,
    PROD_URL,
    RECOVERY_URL,
    STAGING_URL,
)
from backend_adapters.simulator.hugegraph import company_loads as loads
from backend_adapters.simulator.hugegraph.app import hugegraph_app
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE, HugeGraphSettings


class CompanyPlace(Struct, frozen=True, kw_only=True):
    """One list of tasks in the company."""

    profile: str
    url: str
    dialect: str = "hugegraph"
    graph: str | None = None
    graphspace: str | None = None
    production: bool = False


COMPANY_PLACES = (
    CompanyPlace(profile="prod", url=PROD_URL, graphspace=DEFAULT_SPACE, graph="hugegraph", production=True),
    CompanyPlace(profile="prod", url=PROD_URL, graphspace=DEFAULT_SPACE, graph="payments", production=True),
    CompanyPlace(profile="prod", url=PROD_URL, graphspace="fraud", graph="risk", production=True),
    CompanyPlace(profile="staging", url=STAGING_URL, graph="hugegraph"),
    CompanyPlace(profile="staging", url=STAGING_URL, graph="recommendations"),
    CompanyPlace(profile="dev", url=DEV_URL, graphspace=DEFAULT_SPACE, graph="hugegraph"),
    CompanyPlace(profile="dev", url=DEV_URL, dialect="computerdis", graphspace=DEFAULT_SPACE, graph="social"),
    CompanyPlace(profile="cloud", url=CLOUD_URL, dialect="ges"),
    CompanyPlace(profile="dr", url=RECOVERY_URL, graph="hugegraph", production=True),
)
"""All places, in the order in which a person would name them."""

SERVERS: Mapping[str, HugeGraphSettings] = {
    PROD_URL: HugeGraphSettings(
        version="1.7.0",
        graphs=("hugegraph", "payments", "fraud/risk"),
        graphspaces=(DEFAULT_SPACE, "fraud"),
        workers=8,
        server_id="prod-1",
        loads={
            "hugegraph": loads.SHOP_LOAD,
            "payments": loads.PAYMENTS_LOAD,
            "fraud/risk": loads.FRAUD_LOAD,
        },
    ),
    STAGING_URL: HugeGraphSettings(
        version="1.5.0",
        graphs=("hugegraph", "recommendations"),
        server_id="staging-1",
        loads={"hugegraph": loads.TRIALS_LOAD, "recommendations": loads.RECOMMENDATIONS_LOAD},
    ),
    # Only this fork of HugeGraph has computer jobs.
    DEV_URL: HugeGraphSettings(
        version="3.0.0",
        graphs=("hugegraph", "social"),
        graphspaces=(DEFAULT_SPACE,),
        server_id="dev-1",
        computer="on",
        loads={"hugegraph": loads.EXPERIMENTS_LOAD, "social": loads.COMPUTER_LOAD},
    ),
}
"""The simulated HugeGraph servers by their URLs."""


class RefusedConnections(httpx.AsyncBaseTransport):
    """The way to a server that is down: every connection is refused at once."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise what a refused connection raises."""
        refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        raise httpx.ConnectError("All connection attempts failed", request=request) from refused


def make_company_transports(
    seed: int, clock: EpochClock = wall_clock
) -> Mapping[str, httpx.AsyncBaseTransport]:
    """The ways to the company's HugeGraph servers by URL; the seed and the clock decide what they do."""
    running = {
        url: httpx.ASGITransport(hugegraph_app(dataclasses.replace(settings, seed=seed + index), clock))
        for index, (url, settings) in enumerate(SERVERS.items())
    }
    return {**running, RECOVERY_URL: RefusedConnections()}
