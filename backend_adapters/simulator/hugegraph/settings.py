"""What a simulated server is like: its version, its graphs, its history and its pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DEFAULT_SPACE = "DEFAULT"


@dataclass(frozen=True, slots=True)
class HugeGraphSettings:
    """One simulated HugeGraph. Two servers with equal settings and clocks answer alike."""

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
    """User and password, or None for a server that lets everybody in."""
    seed: int = 7
    history: int = 360
    """Finished tasks of the first graph at the start; every further graph has a fourth of them."""
    unfinished: int = 0
    """Tasks of ordinary kinds that are unfinished at the start, besides the special ones."""
    specials: bool = True
    """Whether the first graph has the odd tasks: stuck, stubborn, six hours old, strangely named."""
    huge: int = 0
    """Bytes of the result of one more task, the newest of the first graph; made as it is sent. 0: none."""
    unreadable: frozenset[int] = frozenset()
    """Tasks of the first graph over which every read of their results fails, whatever else is read with them.

    Up to 1.7 every list reads the results of its tasks, though it does not show them.
    """
    streams: int = 4
    """Results that are streamed at once, on a server that streams them."""
    pace: float = 1.0
    """Births: 1.0 is a task every 3-10 s, 2.0 twice as many, 0 none."""
    workers: int = 4
    server_id: str = "server-1"
    computer: Literal["absent", "off", "on"] = "absent"
    """Computer jobs, `/jobs/computerdis`: no Apache server has them, Baidu's fork does once K8s is on."""
    computer_form: Literal["A", "B"] = "B"
    """Which of the fork's two forms: A of 2021-08, or B, which came two months later."""
    computer_jobs: int = 0
    """Ended computer jobs of the first graph at the start, besides the special ones."""

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
        """Whether lists don't load results, `with_result=false` is heeded and `…/tasks/{id}/result` exists.

        So it is after 1.7 (facts: HugeGraph, section 17), whatever number that release will have. Baidu's
        fork, whose numbers are of its own, has none of it.
        """
        return self.release > (1, 7, 0) and self.computer == "absent"

    @property
    def known_spaces(self) -> tuple[str, ...]:
        """The graphspaces that `GET /graphspaces` lists; a cluster has DEFAULT at least."""
        return self.graphspaces or ((DEFAULT_SPACE,) if self.is_cluster else ())

    @property
    def has_pd(self) -> bool:
        """Whether the server stands for one with a placement driver, which is what knows graphspaces."""
        return bool(self.known_spaces)

    @property
    def is_cluster(self) -> bool:
        """Whether the store is a cluster's (facts: HugeGraph, section 18)."""
        return self.backend == "hstore"

    @property
    def lists_default_space(self) -> bool:
        """Whether the graphs of DEFAULT are listed; on a cluster 1.7 lists none, though they can be asked."""
        return not (self.is_cluster and self.release[:2] == (1, 7))

    @property
    def breaks_on_unknown_graphs(self) -> bool:
        """Whether an unknown graph is a 500: on 1.7 without PD."""
        return self.release[:2] == (1, 7) and not self.has_pd

    @property
    def stores_results_apart(self) -> bool:
        """Whether results are records of their own, so that lists don't load them."""
        return self.is_cluster and self.scheduler == "distributed"

    @property
    def has_cron(self) -> bool:
        """Whether the distributed scheduler works in rounds: on a cluster 1.5.0's doesn't."""
        return self.scheduler == "distributed" and not (self.is_cluster and self.release[:2] == (1, 5))

    def split_graphs(self) -> list[tuple[str, str]]:
        """All graphs as (graphspace, graph), in the order of the settings."""
        return [_split_name(name) for name in self.graphs]


def _split_name(name: str) -> tuple[str, str]:
    space, slash, graph = name.rpartition("/")
    return (space, graph) if slash else (DEFAULT_SPACE, graph)


EMPTY_HUGEGRAPH = HugeGraphSettings(history=0, specials=False, pace=0)
"""A server that has just been set up: one graph, no tasks, and none but those a client submits."""

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
