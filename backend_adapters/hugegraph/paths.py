"""The two ways HugeGraph names a graph: `/graphs/{g}` and, since 1.7.0, `/graphspaces/{gs}/graphs/{g}`."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.transport.path_segment import quote_segment

DEFAULT_GRAPHSPACE = "DEFAULT"
"""The graphspace that exists without a PD, where the server's list of graphspaces is empty."""


def graphs_path(graphspace: str | None) -> str:
    """Where the graphs of a graphspace are listed; of the server, for the classic style. Raises BadValue."""
    return "graphs" if graphspace is None else f"graphspaces/{quote_segment(graphspace, 'graphspace')}/graphs"


class Paths(Struct, frozen=True):
    """The paths of one graph; `graphspace` None is the classic style.

    Raises BadValue where the graph or the graphspace has a name that leads to another path.
    """

    graph: str
    graphspace: str | None = None

    def __post_init__(self) -> None:
        _ = self.root

    @property
    def root(self) -> str:
        """The graph itself."""
        return f"{graphs_path(self.graphspace)}/{quote_segment(self.graph, 'graph')}"

    def name_on(self, host: str) -> str:
        """The graph for messages: `host:8080/DEFAULT/hugegraph`."""
        return "/".join(part for part in (host, self.graphspace, self.graph) if part)

    @property
    def tasks(self) -> str:
        """The list of tasks."""
        return f"{self.root}/tasks"

    def task(self, number: int) -> str:
        """One task."""
        return f"{self.tasks}/{number}"

    def result(self, number: int) -> str:
        """The result of one task, which only servers after 1.7 have (PROTOCOL.md, section 7)."""
        return f"{self.task(number)}/result"

    @property
    def gremlin_jobs(self) -> str:
        """Where gremlin jobs are started."""
        return f"{self.root}/jobs/gremlin"

    @property
    def computer_jobs(self) -> str:
        """Where Baidu's fork lists its computer jobs, and takes new ones."""
        return f"{self.root}/jobs/computerdis"

    def computer_job(self, number: int) -> str:
        """One computer job."""
        return f"{self.computer_jobs}/{number}"

    def computer_algorithm(self, name: str) -> str:
        """Where the older form takes new jobs of an algorithm."""
        return f"{self.computer_jobs}/{quote_segment(name, 'algorithm')}"
