"""Simulated servers that speak the real wires over HTTP: the demo.

`hugegraph_app` makes a server; `backend_adapters.simulator.serve` puts one on a port (and imports uvicorn).
"""

from __future__ import annotations

from backend_adapters.simulator.app import HugeGraphApp, hugegraph_app
from backend_adapters.simulator.faults import Fault, Wrong
from backend_adapters.simulator.settings import DEMO, EMPTY, Clock, Settings, wall_clock

__all__ = [
    "DEMO",
    "EMPTY",
    "Clock",
    "Fault",
    "HugeGraphApp",
    "Settings",
    "Wrong",
    "hugegraph_app",
    "wall_clock",
]
