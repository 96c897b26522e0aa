"""The settings of a simulated HugeGraph: its version, graphs, history and pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend_adapters.simulator.base_settings import BaseSettings
from backend_adapters.simulator.hugegraph.graph_load import GraphLoad

DEFAULT_SPACE = "DEFAULT"


@dataclass(frozen=True, slots=True)
class HugeGraphSettings(BaseSettings):
    """One simulated HugeGraph. Servers with equal settings and clocks give equal answers."""

    version: str = "1.7.0"
    backend: Literal["rocksdb", "memory", "hstore"] = "rocksdb"
    servers: int = 1
    """Server processes of a cluster (hstore), each of which takes ids in blocks of its own."""
    scheduler: Literal["local", "distributed"] = "local"
    graphs: tuple[str, ...] = ("hugegraph",)
    """Graph names; `finance/ledger` is the graph ledger of the graphspace finance."""
    graphspaces: tuple[str, ...] = ()
    """What `GET /graphspaces` lists: nothing on a server without PD, as a single server is."""
    auth: tuple[str, str] | None = field(default=None, repr=False)
    """User and password, or None for a server without logins."""
    huge: int = 0
    """Bytes of the result of an additional task, the newest of the first graph; 0: no such task."""
    unreadable: frozenset[int] = frozenset()
    """Tasks of the first graph whose results can't be read: every answer that needs one of them fails.

    Up to 1.7 that includes every list with such a task, because lists load the results, too.
    """
    streams: int = 4
    """How many results a server streams at the same time, if it streams any."""
    workers: int = 4
    server_id: str = "server-1"
    computer: Literal["absent", "off", "on"] = "absent"
    """Computer jobs, `/jobs/computerdis`: no Apache server has them, Baidu's fork does once K8s is on."""
    computer_form: Literal["A", "B"] = "B"
    """Which of the fork's two forms: A of 2021-08, or B, which came two months later."""
    computer_jobs: int = 0
    """Ended computer jobs of the first graph at the start, besides the special ones."""
    loads: Mapping[str, GraphLoad] = field(default_factory=dict, hash=False)
    """The tasks of graphs by their names in `graphs`; a graph without an entry has the usual ones."""

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers: (1, 7, 0)."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def has_graphspaces(self) -> bool:
        """Whether the graphspace paths exist: since 1.7.0."""
        return self.release >= (1, 7)

    @property
    def has_force(self) -> bool:
        """Whether `DELETE ...?force=true` is known: since 1.5.0, ignored before."""
        return self.release >= (1, 5)

    @property
    def spares_results(self) -> bool:
        """Whether lists don't load results, `with_result=false` works and `…/tasks/{id}/result` exists.

        The source has this after 1.7, whatever number that release will get. Baidu's fork, which has
        version numbers of its own, does not.
        """
        return self.release > (1, 7, 0) and self.computer == "absent"

    @property
    def known_spaces(self) -> tuple[str, ...]:
        """The graphspaces that `GET /graphspaces` lists; a cluster has DEFAULT at least."""
        return self.graphspaces or ((DEFAULT_SPACE,) if self.is_cluster else ())

    @property
    def has_pd(self) -> bool:
        """Whether the simulated server has a placement driver (PD), which graphspaces need."""
        return bool(self.known_spaces)

    @property
    def is_cluster(self) -> bool:
        """Whether the store is that of a cluster."""
        return self.backend == "hstore"

    @property
    def lists_default_space(self) -> bool:
        """Whether the graphs of DEFAULT are listed; 1.7 on a cluster serves them without listing them."""
        return not (self.is_cluster and self.release[:2] == (1, 7))

    @property
    def breaks_on_unknown_graphs(self) -> bool:
        """Whether an unknown graph is answered with a 500, as by 1.7 without PD."""
        return self.release[:2] == (1, 7) and not self.has_pd

    @property
    def stores_results_apart(self) -> bool:
        """Whether results are stored as records of their own, so that lists don't load them."""
        return self.is_cluster and self.scheduler == "distributed"

    @property
    def has_cron(self) -> bool:
        """Whether the distributed scheduler works in rounds; that of 1.5.0 on a cluster doesn't."""
        return self.scheduler == "distributed" and not (self.is_cluster and self.release[:2] == (1, 5))

    def split_graphs(self) -> list[tuple[str, str]]:
        """All graphs as (graphspace, graph), in the order of the settings."""
        return [_split_name(name) for name in self.graphs]


def _split_name(name: str) -> tuple[str, str]:
    space, slash, graph = name.rpartition("/")
    return (space, graph) if slash else (DEFAULT_SPACE, graph)


EMPTY_HUGEGRAPH = HugeGraphSettings(history=0, specials=False, pace=0)
"""A new server: one graph, and no tasks but those that a client submits."""

DEMO_HUGEGRAPH = HugeGraphSettings(
    graphs=("hugegraph", "supply_chain", "finance/ledger", "finance/risk"),
    graphspaces=("DEFAULT", "finance"),
)
"""What `graphtop demo` shows: two graphspaces with two graphs each."""

COMPUTER_DEMO = HugeGraphSettings(
    version="3.0.0",
    graphs=DEMO_HUGEGRAPH.graphs,
    graphspaces=DEMO_HUGEGRAPH.graphspaces,
    computer="on",
    workers=12,
)
"""The demo's graphs on Baidu's fork, with computer jobs in the first one."""
