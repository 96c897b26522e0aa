"""Simulated servers that speak the real wires over HTTP: the demo.

`hugegraph_app` and `ges_app` make one; `backend_adapters.simulator.serve` puts it on a port (and imports
uvicorn).
"""

from __future__ import annotations

from backend_adapters.simulator.clock import EpochClock, wall_clock
from backend_adapters.simulator.ges.app import GesApp, ges_app
from backend_adapters.simulator.ges.settings import DEMO_GES, EMPTY_GES, GesAccessKey, GesSettings
from backend_adapters.simulator.hugegraph.app import HugeGraphApp, hugegraph_app
from backend_adapters.simulator.hugegraph.settings import (
    COMPUTER_DEMO,
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphSettings,
)

__all__ = [
    "COMPUTER_DEMO",
    "DEMO_GES",
    "DEMO_HUGEGRAPH",
    "EMPTY_GES",
    "EMPTY_HUGEGRAPH",
    "EpochClock",
    "GesAccessKey",
    "GesApp",
    "GesSettings",
    "HugeGraphApp",
    "HugeGraphSettings",
    "ges_app",
    "hugegraph_app",
    "wall_clock",
]
