"""The built-in server as a server to watch."""

from __future__ import annotations

from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Target

DEMO_DIALECTS = ("hugegraph", "computerdis", "ges", "ges-v2")
"""The dialects that the built-in server speaks."""

DEMO_SEED = 7


def make_demo_target(seed: int = DEMO_SEED, dialect: str = "hugegraph") -> Target:
    """The built-in server, called within this process; the seed determines its tasks."""
    return Target(url=DIALECTS[dialect].demo_url, profile="demo", dialect=dialect, demo=seed)
