"""Computer jobs as tasks: algorithms on the whole graph, which the server lets run on Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from backend_adapters.simulator.deterministic_random import mix, pick
from backend_adapters.simulator.hugegraph.records import Shelf, Story
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE, Settings

ALGORITHMS = (
    "page-rank",
    "degree-centrality",
    "wcc",
    "triangle-count",
    "rings",
    "rings-with-filter",
    "betweenness-centrality",
    "closeness-centrality",
    "lpa",
    "links",
    "kcore",
    "louvain",
    "clustering-coefficient",
    "ppr",
    "subgraph-match",
)
"""The names in the fork's setting `k8s.algorithms`."""

TYPES = {"A": "computer-proxy", "B": "computer-dis"}
RESOURCES = (
    "k8s.master_cpu",
    "k8s.worker_cpu",
    "k8s.master_request_memory",
    "k8s.worker_request_memory",
    "k8s.master_memory",
    "k8s.worker_memory",
)
"""What has to be among the parameters in a graphspace other than DEFAULT."""

_RANK = {"pagerank.alpha": "0.15", "pagerank.l1DiffThreshold": "0.00001", "bsp.max_super_step": "20"}
_HUB = {"closeness_centrality.sample_rate": "0.01", "input.limit_edges_in_one_vertex": "100"}
_FILTER = {
    "rings.property_filter": '{"edge_filter":[{"label":"transfer","property_filter":"$out.amount>100"}]}'
}
_BIG = {"k8s.worker_memory": "50Gi", "k8s.worker_request_memory": "5Gi", "job.partitions_thread_nums": "8"}


class Sample(NamedTuple):
    """One job of the demo."""

    age: int
    """Seconds before the start at which it was created."""
    algorithm: str
    worker: int
    params: Mapping[str, str]
    fate: str
    ran: int
    """Seconds that it ran, or will."""


DOZEN = (
    Sample(5 * 3600, "degree-centrality", 3, {}, "success", 94),
    Sample(4 * 3600 + 700, "page-rank", 5, _RANK, "success", 412),
    Sample(4 * 3600, "wcc", 5, {}, "success", 268),
    Sample(3 * 3600 + 1300, "closeness-centrality", 8, _HUB, "failed", 33),
    Sample(3 * 3600, "closeness-centrality", 8, _HUB | _BIG, "success", 1510),
    Sample(2 * 3600 + 500, "rings-with-filter", 10, _FILTER, "cancelled", 640),
    Sample(2 * 3600, "lpa", 4, {"output.output_property_name": "community"}, "success", 187),
    Sample(3700, "triangle-count", 6, {"input.limit_edges_in_one_vertex": "1000"}, "success", 356),
    Sample(1900, "louvain", 1, {}, "failed", 903),
    Sample(760, "louvain", 1, _BIG, "running", 2400),
    Sample(140, "page-rank", 5, _RANK, "running", 380),
    Sample(25, "kcore", 3, {"kcore.k": "4"}, "running", 120),
)
"""What the demo has at its start."""


def job(
    settings: Settings, algorithm: str, worker: int, params: Mapping[str, object], place: str = ""
) -> Story:
    """A job as form B takes it, or form A where the settings say so; `place` is `graphspace/graph`."""
    if settings.computer_form == "A":
        return older_job(algorithm, {"worker_instances": str(worker)})
    return _story(
        TYPES["B"],
        algorithm,
        lambda salt, graph: {
            "graph": place or f"{DEFAULT_SPACE}/{graph}",
            "algorithm": algorithm,
            "params": params,
            "worker": worker,
            "token": _token(salt),
            "cluster": "hg",
            "pd.peers": "127.0.0.1:8686",
            "namespace": "hugegraph-computer-system",
            "inner.job.id": f"{algorithm}-{salt % 10**10:010d}",
        },
    )


def older_job(algorithm: str, parameters: Mapping[str, object]) -> Story:
    """A job as form A takes it."""
    return _story(
        TYPES["A"],
        algorithm,
        lambda salt, _graph: {
            "computer": algorithm,
            "parameters": parameters,
            "inner.status": "1",
            "inner.job_id": f"{algorithm}-{salt % 10**10:010d}",
        },
    )


def story_of(salt: int, settings: Settings, shelf: Shelf) -> Story:
    """The kind of job that a salt stands for."""
    sample = pick(salt, 61, DOZEN)
    return job(settings, sample.algorithm, sample.worker, sample.params, f"{shelf.space}/{shelf.graph}")


def _story(kind: str, algorithm: str, fields: Callable[[int, str], Mapping[str, object]]) -> Story:
    return Story(
        type=kind,
        callable="com.baidu.hugegraph.job.ComputerDisJob",
        name=lambda _salt: f"{kind}:{algorithm}",
        input=lambda salt, graph: json.dumps(fields(salt, graph), ensure_ascii=False, separators=(",", ":")),
        result=lambda _salt: "SUCCEEDED",
        failure=lambda _salt: "FAILED",
        millis=(20_000, 90_000),
        failing=10,
        rate=1,
        cancel_millis=(1500, 6000),
        waits=(2000, 6000),
        meanwhile="RUNNING",
    )


def _token(salt: int) -> str:
    """A token like those that a server with logins gives its jobs."""
    parts = (f"{mix(salt + part):016x}" for part in range(5))
    return "eyJhbGciOiJIUzI1NiJ9." + "".join(parts)
