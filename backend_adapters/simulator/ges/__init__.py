"""A simulated Huawei GES: the jobs center of a project, its gateway, IAM, and the graphs' engines."""

from __future__ import annotations

from backend_adapters.simulator.ges.app import GesApp, ges_app
from backend_adapters.simulator.ges.settings import (
    COMPANY_GES,
    DEMO_GES,
    EMPTY_GES,
    GesAccessKey,
    GesSettings,
)

__all__ = ["COMPANY_GES", "DEMO_GES", "EMPTY_GES", "GesAccessKey", "GesApp", "GesSettings", "ges_app"]
