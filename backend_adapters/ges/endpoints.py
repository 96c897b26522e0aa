"""The address of a list of jobs and the filters that it takes, for each dialect (PROTOCOL.md, 1.1 and 3)."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.ges.signing import make_query
from backend_adapters.model import TaskId
from backend_adapters.transport.path_segment import quote_segment
from backend_adapters.transport.target import Target

RUNNING_FILTER, WAITING_FILTER = "running", "waiting"
"""The filter's words for unfinished jobs; the body calls the second `pending` (PROTOCOL.md, section 1.3)."""


class QueryKeys(Struct, frozen=True):
    """The query keys of one version of the jobs center."""

    graph: str
    since: str
    until: str


class Endpoint(Struct, frozen=True):
    """One list of jobs of one server."""

    version: str
    project: str
    query_keys: QueryKeys | None = None
    """None for a list without filters."""
    graph: str | None = None
    """The graph whose jobs are wanted; None for all graphs."""
    own_host: bool = False
    """The list is that of a single graph, on that graph's own host."""
    since: str | None = None
    until: str | None = None

    @property
    def graphs_path(self) -> str:
        """The path of the project's graphs, percent-encoded, without a leading slash. Raises BadValue."""
        return f"{self.version}/{quote_segment(self.project, 'project')}/graphs"

    def job_path(self, task_id: TaskId) -> str:
        """The path of one job on a graph's own host. Raises BadValue."""
        return f"{self._jobs_path}/{quote_segment(task_id, 'job')}"

    @property
    def _jobs_path(self) -> str:
        if self.own_host:
            return f"ges/{self.graphs_path}/{quote_segment(self.graph or '', 'graph')}/jobs"
        return f"{self.graphs_path}/jobs"

    def page_url(
        self, offset: int, limit: int, *, graph: str | None = None, status: str | None = None
    ) -> str:
        """Path and query of one page, percent-encoded exactly as they are signed."""
        pairs = [("offset", str(offset)), ("limit", str(limit))]
        if self.query_keys is not None:
            given = ((self.query_keys.graph, graph or self.graph), ("status", status))
            dates = ((self.query_keys.since, self.since), (self.query_keys.until, self.until))
            pairs += [(key, value) for key, value in (*given, *dates) if value]
        path = f"{self._jobs_path}/status" if self.own_host else self._jobs_path
        return f"{path}?{make_query(pairs)}"


_VERSIONS = {
    "ges": ("v1.0", QueryKeys("graph_name", "startTime", "endTime")),
    "ges-v1-2019": ("v1.0", QueryKeys("graphName", "startTime", "endTime")),
    "ges-v2": ("v2", QueryKeys("graph_name", "start_time", "end_time")),
}
"""Since 2021-09 the graph's key is graph_name in the reference (PROTOCOL.md, section 1.1)."""


def jobs_center_endpoint(target: Target, project: str) -> Endpoint:
    """The jobs center of a project, in the version of the target's dialect."""
    version, keys = _VERSIONS.get(target.dialect, _VERSIONS["ges"])
    return Endpoint(version, project, keys, target.graph or None, since=target.since, until=target.until)
