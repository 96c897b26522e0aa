"""Computer jobs as tasks: algorithms on a whole graph, which the server runs on Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from backend_adapters.simulator.deterministic_random import pick_option, scatter_bits
from backend_adapters.simulator.hugegraph.records import GraphTasks, TaskKind
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE, HugeGraphSettings

K8S_ALGORITHMS = (
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

JOB_TYPES = {"A": "computer-proxy", "B": "computer-dis"}
REQUIRED_PARAMETERS = (
    "k8s.master_cpu",
    "k8s.worker_cpu",
    "k8s.master_request_memory",
    "k8s.worker_request_memory",
    "k8s.master_memory",
    "k8s.worker_memory",
)
"""The parameters that a job needs in any graphspace but DEFAULT."""

SUPERSTEP_MILLIS = 18_000
"""How long a superstep takes in a job that tells how many it has at the most."""

_RANK = {"pagerank.alpha": "0.15", "pagerank.l1DiffThreshold": "0.00001", "bsp.max_super_step": "20"}
_HUB = {"closeness_centrality.sample_rate": "0.01", "input.limit_edges_in_one_vertex": "100"}
_FILTER = {
    "rings.property_filter": '{"edge_filter":[{"label":"transfer","property_filter":"$out.amount>100"}]}'
}
_BIG = {"k8s.worker_memory": "50Gi", "k8s.worker_request_memory": "5Gi", "job.partitions_thread_nums": "8"}


class SampleJob(NamedTuple):
    """One job of the demo."""

    age: int
    """Seconds before the start at which it was created."""
    algorithm: str
    worker: int
    params: Mapping[str, str]
    outcome: str
    ran: int
    """Seconds that it ran, or will run."""


SAMPLE_JOBS = (
    SampleJob(5 * 3600, "degree-centrality", 3, {}, "success", 94),
    SampleJob(4 * 3600 + 700, "page-rank", 5, _RANK, "success", 412),
    SampleJob(4 * 3600, "wcc", 5, {}, "success", 268),
    SampleJob(3 * 3600 + 1300, "closeness-centrality", 8, _HUB, "failed", 33),
    SampleJob(3 * 3600, "closeness-centrality", 8, _HUB | _BIG, "success", 1510),
    SampleJob(2 * 3600 + 500, "rings-with-filter", 10, _FILTER, "cancelled", 640),
    SampleJob(2 * 3600, "lpa", 4, {"output.output_property_name": "community"}, "success", 187),
    SampleJob(3700, "triangle-count", 6, {"input.limit_edges_in_one_vertex": "1000"}, "success", 356),
    SampleJob(1900, "louvain", 1, {}, "failed", 903),
    SampleJob(760, "louvain", 1, _BIG, "running", 2400),
    SampleJob(140, "page-rank", 5, _RANK, "running", 380),
    SampleJob(25, "kcore", 3, {"kcore.k": "4"}, "running", 120),
)
"""The computer jobs of the demo at its start."""


def make_job_kind(
    settings: HugeGraphSettings, algorithm: str, worker: int, params: Mapping[str, object], place: str = ""
) -> TaskKind:
    """The kind of a job submitted through the form of the settings; `place` is `graphspace/graph`."""
    if settings.computer_form == "A":
        return make_form_a_kind(algorithm, {"worker_instances": str(worker)})
    return _make_kind(
        JOB_TYPES["B"],
        algorithm,
        SUPERSTEP_MILLIS if "bsp.max_super_step" in params else 1000,
        lambda salt, graph: {
            "graph": place or f"{DEFAULT_SPACE}/{graph}",
            "algorithm": algorithm,
            "params": params,
            "worker": worker,
            "token": _make_token(salt),
            "cluster": "hg",
            "pd.peers": "127.0.0.1:8686",
            "namespace": "hugegraph-computer-system",
            "inner.job.id": f"{algorithm}-{salt % 10**10:010d}",
        },
    )


def make_form_a_kind(algorithm: str, parameters: Mapping[str, object]) -> TaskKind:
    """The kind of a job submitted through form A."""
    return _make_kind(
        JOB_TYPES["A"],
        algorithm,
        1000,
        lambda salt, _graph: {
            "computer": algorithm,
            "parameters": parameters,
            "inner.status": "1",
            "inner.job_id": f"{algorithm}-{salt % 10**10:010d}",
        },
    )


def pick_computer_kind(salt: int, settings: HugeGraphSettings, graph_tasks: GraphTasks) -> TaskKind:
    """The kind of the computer job with this salt."""
    sample = pick_option(salt, 61, SAMPLE_JOBS)
    return make_job_kind(
        settings, sample.algorithm, sample.worker, sample.params, f"{graph_tasks.space}/{graph_tasks.graph}"
    )


def list_sample_kinds(settings: HugeGraphSettings) -> tuple[TaskKind, ...]:
    """The kinds of the sample jobs."""
    return tuple(make_job_kind(settings, job.algorithm, job.worker, job.params) for job in SAMPLE_JOBS)


def _make_kind(
    kind: str, algorithm: str, progress_millis: int, fields: Callable[[int, str], Mapping[str, object]]
) -> TaskKind:
    return TaskKind(
        type=kind,
        callable="com.baidu.hugegraph.job.ComputerDisJob",
        name=lambda _salt: f"{kind}:{algorithm}",
        input=lambda salt, graph: json.dumps(fields(salt, graph), ensure_ascii=False, separators=(",", ":")),
        result=lambda _salt: "SUCCEEDED",
        failure=lambda _salt: "FAILED",
        run_millis=(20_000, 90_000),
        fail_percent=10,
        progress_rate=1,
        progress_millis=progress_millis,
        cancel_millis=(1500, 6000),
        queue_millis=(2000, 6000),
        result_while_running="RUNNING",
    )


def _make_token(salt: int) -> str:
    """A token like the one that a server with logins passes to its jobs."""
    parts = (f"{scatter_bits(salt + part):016x}" for part in range(5))
    return "eyJhbGciOiJIUzI1NiJ9." + "".join(parts)
