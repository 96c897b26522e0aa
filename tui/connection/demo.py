"""The built-in server as a server to watch, and those of a made-up company."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Target

DEMO_DIALECTS = ("hugegraph", "computerdis", "ges", "ges-v2")
"""The dialects that the built-in server speaks."""

DEMO_SEED = 7


class DemoPlace(Struct, frozen=True, kw_only=True):
    """One place of the made-up company."""

    target: Target
    production: bool


def make_demo_target(seed: int = DEMO_SEED, dialect: str = "hugegraph") -> Target:
    """The built-in server, called within this process; the seed determines its tasks."""
    return Target(url=DIALECTS[dialect].demo_url, profile="demo", dialect=dialect, demo=seed)


def make_company_targets(seed: int = DEMO_SEED) -> tuple[DemoPlace, ...]:
    """All places of the made-up company, whose tasks the seed determines; those of one server share it."""
    # Imported here: only this demo needs its servers.
    from backend_adapters.simulator.demo_company import COMPANY_PLACES

    return tuple(
        DemoPlace(
            target=Target(
                url=place.url,
                profile=place.profile,
                dialect=place.dialect,
                graph=place.graph,
                graphspace=place.graphspace,
                demo=seed,
            ),
            production=place.production,
        )
        for place in COMPANY_PLACES
    )
