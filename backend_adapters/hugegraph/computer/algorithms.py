"""The algorithms of HugeGraph-Computer with their parameters.

The names are those of the server's setting `k8s.algorithms` as it comes; parameters, defaults and ranges are
those of the fork's manual ("Hugegraph-Computer", 5.1 and 5.2). Form A reads the workers and the class only.
"""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.errors import BadValue
from backend_adapters.hugegraph.computer.parameters import (
    ParameterSpec,
    any_text,
    count_limit,
    fraction_of_one,
    kubernetes_quantity,
    true_or_false,
    whole_number,
)
from backend_adapters.hugegraph.computer.probe import ComputerForm
from backend_adapters.hugegraph.paths import DEFAULT_GRAPHSPACE
from backend_adapters.model import Recipe

WORKERS_PARAMETER = "worker"
_PACKAGE = "com.baidu.hugegraph.computer.algorithm."

_STEPS = whole_number("bsp.max_super_step", "10", 1, 2000)
_EDGES = count_limit("input.limit_edges_in_one_vertex")
_PROPERTY = any_text("output.output_property_name", "the algorithm's own if empty")
_CPU = "an amount of CPU like 2 or 500m"
_MEMORY = "an amount of memory like 5Gi"
_RESOURCES = (
    kubernetes_quantity("k8s.master_cpu", _CPU),
    kubernetes_quantity("k8s.worker_cpu", _CPU),
    kubernetes_quantity("k8s.master_request_memory", _MEMORY),
    kubernetes_quantity("k8s.worker_request_memory", _MEMORY),
    kubernetes_quantity("k8s.master_memory", _MEMORY),
    kubernetes_quantity("k8s.worker_memory", _MEMORY),
)
"""What a graphspace other than DEFAULT has to be told (ComputerDisAPI of 2022-06 checks them)."""


class Algorithm(Struct, frozen=True):
    """One algorithm."""

    name: str
    params_class: str = ""
    """What form A has to be told, without the package; empty where it lacks a parameter that is needed."""
    parameters: tuple[ParameterSpec, ...] = ()
    name_in_form_a: str = ""
    """What the documents of form A call it, where they differ."""


COMPUTER_ALGORITHMS = (
    Algorithm(
        "page-rank",
        "rank.pagerank.PageRankParams",
        (
            fraction_of_one("pagerank.alpha", "0.15"),
            fraction_of_one("pagerank.l1DiffThreshold", "0.00001"),
            _STEPS,
        ),
        name_in_form_a="pagerank",
    ),
    Algorithm("wcc", "community.wcc.WccParams"),
    Algorithm("lpa", "community.lpa.LpaParams"),
    Algorithm("louvain", "community.louvain.LouvainParams"),
    Algorithm("triangle-count", "community.trianglecount.TriangleCountParams", (_EDGES,)),
    Algorithm("clustering-coefficient", "community.cc.ClusteringCoefficientParams"),
    Algorithm("kcore", "community.kcore.KCoreParams", (whole_number("kcore.k", "3", 1, 2**31 - 1),)),
    Algorithm(
        "degree-centrality",
        "centrality.degree.DegreeCentralityParams",
        (any_text("degree_centrality.weight_property", "without one every edge weighs 1"),),
    ),
    Algorithm(
        "closeness-centrality",
        "centrality.closeness.ClosenessCentralityParams",
        (
            any_text("closeness_centrality.weight_property", "without one every edge weighs 1"),
            fraction_of_one("closeness_centrality.sample_rate", "1.0", one=True),
            _EDGES,
            _STEPS,
        ),
    ),
    Algorithm(
        "betweenness-centrality",
        "centrality.betweenness.BetweennessCentralityParams",
        (fraction_of_one("betweenness_centrality.sample_rate", "1.0", one=True), _EDGES, _STEPS),
    ),
    Algorithm("rings", "path.rings.RingsDetectionParams", (_STEPS,)),
    Algorithm(
        "rings-with-filter",
        "path.rings.filter.RingsDetectionWithFilterParams",
        (_STEPS, any_text("rings.property_filter", "JSON: vertex_filter, edge_filter", default="{}")),
    ),
    Algorithm(
        "links",
        parameters=(
            _STEPS,
            any_text("links.analyze_config", "JSON with start_vertexes and ends", required=True),
        ),
    ),
    Algorithm(
        "subgraph-match",
        parameters=(
            any_text("subgraph.query_graph_config", "JSON: the vertices of the pattern", required=True),
        ),
    ),
    Algorithm(
        "ppr",
        parameters=(
            any_text("ppr.source", "the id of the vertex to begin at", required=True),
            fraction_of_one("ppr.alpha", "0.85"),
            fraction_of_one("ppr.l1DiffThreshold", "0.00001"),
            _STEPS,
            true_or_false("input.use_id_fixlength", "true"),
        ),
    ),
)


class NewJob(Struct, frozen=True):
    """A job that has been checked and can be sent."""

    algorithm: Algorithm
    worker: int
    params: dict[str, str]
    """The values that are not left to the server; it wants texts, numbers too (the manual, 5.3)."""

    def request_body(self, form: ComputerForm) -> dict[str, object]:
        """The request's JSON."""
        if form is ComputerForm.B:
            return {"algorithm": self.algorithm.name, "worker": self.worker, "params": self.params}
        return {
            "worker_instances": str(self.worker),
            "internal_algorithm": f"[{name_in_form_a(self.algorithm)}]",
            "params_class": _PACKAGE + self.algorithm.params_class,
        }


def name_in_form_a(algorithm: Algorithm) -> str:
    """What form A calls it."""
    return algorithm.name_in_form_a or algorithm.name


def list_recipes(form: ComputerForm, graphspace: str | None) -> tuple[Recipe, ...]:
    """What can be created on a server of this form, in a graphspace (None: the paths have none)."""
    return tuple(
        Recipe(name=one.name, params=tuple(spec.param for spec in parameters_of(one, form, graphspace)))
        for one in COMPUTER_ALGORITHMS
        if form is ComputerForm.B or not any(spec.param.required for spec in one.parameters)
    )


def parameters_of(
    algorithm: Algorithm, form: ComputerForm, graphspace: str | None
) -> tuple[ParameterSpec, ...]:
    """The parameters of an algorithm in the order to ask for them, the required ones first."""
    workers = (whole_number(WORKERS_PARAMETER, "1", 1, 100, required=True),)
    if form is ComputerForm.A:
        return workers
    resources = () if graphspace in (None, DEFAULT_GRAPHSPACE) else _RESOURCES
    return (*workers, *resources, *algorithm.parameters, _PROPERTY)


def find_algorithm(name: str, form: ComputerForm) -> Algorithm:
    """The algorithm of a recipe; raises BadValue where there is none."""
    known = {recipe.name for recipe in list_recipes(form, None)}
    if name not in known:
        raise BadValue(
            f'There is no algorithm "{name}" here.',
            param="algorithm",
            hint=f"Choose one of: {', '.join(sorted(known))}.",
        )
    return next(one for one in COMPUTER_ALGORITHMS if one.name == name)
