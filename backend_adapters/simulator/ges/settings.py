"""What a simulated GES project is like: its graphs, its history, who is let in, and its pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from backend_adapters.simulator.durations import DAY_MS

RECORD_LIFETIME = 30 * DAY_MS
"""How long a finished job's record is kept, ms."""


@dataclass(frozen=True, slots=True)
class GesAccessKey:
    """An access key that the project knows."""

    access: str
    secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    """A temporary key only counts together with this."""


@dataclass(frozen=True, slots=True)
class GesSettings:
    """One simulated project. Two with equal settings and clocks answer alike."""

    project: str = "demo-project"
    region: str = "cn-north-4"
    """Also the project's name at IAM."""
    graphs: tuple[str, ...] = ("fraud_ring",)
    old_graphs: tuple[str, ...] = ()
    """Those of the graphs whose engine counts no lines: it reports -1."""
    keys: tuple[GesAccessKey, ...] = (
        GesAccessKey("demo-ak", "demo-sk"),
        GesAccessKey("demo-temporary-ak", "demo-temporary-sk", "demo-security-token"),
    )
    tokens: tuple[str, ...] = field(default=("demo-token",), repr=False)
    """Tokens that are good for ever."""
    user: tuple[str, str] = field(default=("demo", "demo-password"), repr=False)
    """Who gets a token from IAM, with the password."""
    token_life: int = DAY_MS
    """How long a token from IAM is good, ms."""
    seed: int = 7
    history: int = 360
    """Finished jobs at the start, of all graphs together, over the last month."""
    unfinished: int = 0
    """Jobs submitted just before the start, besides the special ones: a graph does one at a time."""
    specials: bool = True
    """Whether the odd jobs are there: a long import, partial and failed ones, a graph that is gone."""
    pace: float = 1.0
    """Births: 1.0 is a job every 3-10 s, 2.0 twice as many, 0 none."""
    throttle: int | None = None
    """Calls that the gateway lets through in one minute; None: any number."""
    retry_after: int | None = None
    """Seconds that a 429 asks to wait in Retry-After; None: it has no such header."""
    graph_keys: tuple[str, ...] = ("graph_name", "graphName")
    """The query keys that filter by graph on v1.0; another one is ignored without a word."""
    page_cap: int | None = None
    """Rows in one answer at most, whatever the limit; None: as many as asked for."""
    edition: Literal["memory", "database"] = "memory"
    """Which of the two shapes the engines' job lists have."""
    engine_keys: bool = False
    """Whether the engines take signatures besides tokens; the documents know tokens only."""


EMPTY_GES = GesSettings(history=0, specials=False, pace=0)
"""A project that has just been made: one graph, no jobs."""

DEMO_GES = GesSettings(
    graphs=("fraud_ring", "supply_chain", "movie_recs", "knowledge_base", "供应链_华东", "telecom_topology"),
    old_graphs=("telecom_topology",),
)
"""What `graphtop demo --dialect ges` shows."""
