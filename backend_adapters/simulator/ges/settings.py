"""The settings of a simulated GES project: its graphs, history, logins and pace."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from backend_adapters.simulator.base_settings import BaseSettings
from backend_adapters.simulator.durations import DAY_MS

RECORD_LIFETIME = 30 * DAY_MS
"""How long the record of a finished job is kept, ms."""


@dataclass(frozen=True, slots=True)
class GesAccessKey:
    """An access key of the project."""

    access: str
    secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    """What a temporary key has to be sent with."""


@dataclass(frozen=True, slots=True)
class GesSettings(BaseSettings):
    """One simulated project. Projects with equal settings and clocks give equal answers."""

    project: str = "demo-project"
    region: str = "cn-north-4"
    """Also the project's name at IAM."""
    graphs: tuple[str, ...] = ("fraud_ring",)
    old_graphs: tuple[str, ...] = ()
    """The graphs whose engine doesn't count lines, and reports -1."""
    keys: tuple[GesAccessKey, ...] = (
        GesAccessKey("demo-ak", "demo-sk"),
        GesAccessKey("demo-temporary-ak", "demo-temporary-sk", "demo-security-token"),
    )
    tokens: tuple[str, ...] = field(default=("demo-token",), repr=False)
    """Tokens that never expire."""
    user: tuple[str, str] = field(default=("demo", "demo-password"), repr=False)
    """The user and password that IAM gives tokens for."""
    token_life: int = DAY_MS
    """How long a token from IAM is valid, ms."""
    throttle: int | None = None
    """Calls that the gateway allows per minute; None: any number."""
    retry_after: int | None = None
    """Seconds in the Retry-After of a 429; None: no such header."""
    graph_keys: tuple[str, ...] = ("graph_name", "graphName")
    """The query keys that filter by graph on v1.0; others are ignored."""
    page_cap: int | None = None
    """The most rows in one answer, whatever the limit; None: no maximum."""
    edition: Literal["memory", "database"] = "memory"
    """The edition of the engines, which decides the shape of their job lists."""
    engine_keys: bool = False
    """Whether the engines accept signatures besides tokens; the documents mention only tokens."""


EMPTY_GES = GesSettings(history=0, specials=False, pace=0)
"""A new project: one graph, no jobs."""

DEMO_GES = GesSettings(
    graphs=("fraud_ring", "supply_chain", "movie_recs", "knowledge_base", "供应链_华东", "telecom_topology"),
    old_graphs=("telecom_topology",),
)
"""What `graphtop demo --dialect ges` shows."""

COMPANY_GES = replace(DEMO_GES, project="shop-cloud", history=90, pace=0.2)
"""The project of the made-up company, in which little happens."""
