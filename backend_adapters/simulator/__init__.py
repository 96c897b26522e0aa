"""Simulated servers that speak the real wires over HTTP: the demo.

`hugegraph_app` makes one, and `ges_app` of `backend_adapters.simulator.ges`, which the start of the other
does not wait for; `backend_adapters.simulator.serve` puts it on a port (and imports uvicorn).
"""

from __future__ import annotations

from backend_adapters.simulator.clock import EpochClock, wall_clock
from backend_adapters.simulator.hugegraph.app import HugeGraphApp, hugegraph_app
from backend_adapters.simulator.hugegraph.settings import (
    COMPUTER_DEMO,
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphSettings,
)

__all__ = [
    "COMPUTER_DEMO",
    "DEMO_HUGEGRAPH",
    "EMPTY_HUGEGRAPH",
    "EpochClock",
    "HugeGraphApp",
    "HugeGraphSettings",
    "hugegraph_app",
    "wall_clock",
]
