"""Where a list of jobs is and which questions it takes: one `Plane` for each dialect."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.ges.signing import query_string
from backend_adapters.model import TaskId
from backend_adapters.transport.path_segment import quote_segment
from backend_adapters.transport.target import Target

RUNNING, WAITING = "running", "waiting"
"""What the filter calls what has not ended; the body says `pending` for the second."""


class QueryKeys(Struct, frozen=True):
    """The query keys of one version of the jobs center."""

    graph: str
    since: str
    until: str


class Plane(Struct, frozen=True):
    """One list of jobs of one server."""

    version: str
    project: str
    keys: QueryKeys | None = None
    """None: the list has no filters but offset and limit."""
    graph: str | None = None
    """The graph whose jobs are wanted; None: of all graphs."""
    own_host: bool = False
    """It is the list of one graph, from that graph's own host."""
    since: str | None = None
    until: str | None = None

    @property
    def graphs(self) -> str:
        """Where the project's graphs are listed, quoted, without a slash before it. Raises BadValue."""
        return f"{self.version}/{quote_segment(self.project, 'project')}/graphs"

    @property
    def path(self) -> str:
        """The list, quoted, without a slash before it. Raises BadValue."""
        return f"{self._jobs}/status" if self.own_host else self._jobs

    def job(self, task_id: TaskId) -> str:
        """One job of a graph's own host. Raises BadValue."""
        return f"{self._jobs}/{quote_segment(task_id, 'job')}"

    @property
    def _jobs(self) -> str:
        if self.own_host:
            return f"ges/{self.graphs}/{quote_segment(self.graph or '', 'graph')}/jobs"
        return f"{self.graphs}/jobs"

    def page(self, offset: int, limit: int, *, graph: str | None = None, status: str | None = None) -> str:
        """Path and query of one page, quoted byte for byte as they are signed."""
        pairs = [("offset", str(offset)), ("limit", str(limit))]
        if self.keys is not None:
            given = ((self.keys.graph, graph or self.graph), ("status", status))
            dates = ((self.keys.since, self.since), (self.keys.until, self.until))
            pairs += [(key, value) for key, value in (*given, *dates) if value]
        return f"{self.path}?{query_string(pairs)}"


_VERSIONS = {
    "ges": ("v1.0", QueryKeys("graph_name", "startTime", "endTime")),
    "ges-v1-2019": ("v1.0", QueryKeys("graphName", "startTime", "endTime")),
    "ges-v2": ("v2", QueryKeys("graph_name", "start_time", "end_time")),
}
"""The graph's key is the trap: the documents of 2019 say graphName, since 2021-09 graph_name."""


def center(target: Target, project: str) -> Plane:
    """The jobs center of a project, in the version that the target's dialect names."""
    version, keys = _VERSIONS.get(target.dialect, _VERSIONS["ges"])
    return Plane(version, project, keys, target.graph or None, since=target.since, until=target.until)


def engine(project: str, graph: str) -> Plane:
    """The jobs of one graph, from its own host."""
    return Plane("v1.0", project, graph=graph, own_host=True)
