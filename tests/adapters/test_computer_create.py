"""Creating computer jobs: what a person is asked, what is refused, what is sent in each form."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    Busy,
    NotAllowed,
    Refused,
    Unsupported,
    may_have_started,
)
from backend_adapters.hugegraph.computer.adapter import ComputerBackend
from tests.adapters.scripted_computers import (
    ABSENT,
    ILLEGAL,
    JOBS,
    NO_METHOD,
    OFF,
    TOKEN,
    ScriptedComputers,
    opened,
)
from tests.adapters.scripted_servers import body_of, failure

RANK = {"worker": "5", "pagerank.alpha": "0.15", "bsp.max_super_step": "10"}
RESOURCES = {
    "k8s.master_cpu": "500m",
    "k8s.worker_cpu": "2",
    "k8s.master_request_memory": "100Mi",
    "k8s.worker_request_memory": "5Gi",
    "k8s.master_memory": "500Mi",
    "k8s.worker_memory": "50Gi",
}


def params_of(backend: ComputerBackend, name: str) -> dict[str, tuple[str, str, str, bool]]:
    recipe = next(recipe for recipe in backend.recipes() if recipe.name == name)
    return {one.name: (one.kind, one.default, one.hint, one.required) for one in recipe.params}


async def test_the_recipes_are_the_algorithms_of_the_fork():
    backend, mark = await opened(wire := ScriptedComputers())
    names = [recipe.name for recipe in backend.recipes()]
    assert names[:5] == ["page-rank", "wcc", "lpa", "louvain", "triangle-count"]
    assert {"degree-centrality", "closeness-centrality", "betweenness-centrality", "kcore"} < set(names)
    assert len(names) == len(set(names)) == 15
    assert wire.lines(mark) == []


BETWEEN = "above 0 and below 1"
UP_TO_ONE = "above 0, at most 1"
UNWEIGHTED = ("text", "", "without one every edge weighs 1", False)
STEPS = {"bsp.max_super_step": ("integer", "10", "1 to 2000", False)}
EDGES = {"input.limit_edges_in_one_vertex": ("integer", "-1", "-1 for no limit, or 1 or more", False)}
OWN_PARAMS = {
    "page-rank": {
        "pagerank.alpha": ("number", "0.15", BETWEEN, False),
        "pagerank.l1DiffThreshold": ("number", "0.00001", BETWEEN, False),
        **STEPS,
    },
    "wcc": {},
    "lpa": {},
    "louvain": {},
    "triangle-count": EDGES,
    "clustering-coefficient": {},
    "kcore": {"kcore.k": ("integer", "3", "1 to 2147483647", False)},
    "degree-centrality": {"degree_centrality.weight_property": UNWEIGHTED},
    "closeness-centrality": {
        "closeness_centrality.weight_property": UNWEIGHTED,
        "closeness_centrality.sample_rate": ("number", "1.0", UP_TO_ONE, False),
        **EDGES,
        **STEPS,
    },
    "betweenness-centrality": {
        "betweenness_centrality.sample_rate": ("number", "1.0", UP_TO_ONE, False),
        **EDGES,
        **STEPS,
    },
    "rings": STEPS,
    "rings-with-filter": {
        **STEPS,
        "rings.property_filter": ("text", "{}", "JSON: vertex_filter, edge_filter", False),
    },
    "links": {**STEPS, "links.analyze_config": ("text", "", "JSON with start_vertexes and ends", True)},
    "subgraph-match": {
        "subgraph.query_graph_config": ("text", "", "JSON: the vertices of the pattern", True)
    },
    "ppr": {
        "ppr.source": ("text", "", "the id of the vertex to begin at", True),
        "ppr.alpha": ("number", "0.85", BETWEEN, False),
        "ppr.l1DiffThreshold": ("number", "0.00001", BETWEEN, False),
        **STEPS,
        "input.use_id_fixlength": ("boolean", "true", "", False),
    },
}
"""What the fork's manual tells of each algorithm (Hugegraph-Computer, 5.1 and 5.2)."""


async def test_a_recipe_tells_kinds_defaults_and_ranges():
    backend, _ = await opened(ScriptedComputers())
    worker = {"worker": ("integer", "1", "1 to 100", True)}
    output = {"output.output_property_name": ("text", "", "the algorithm's own if empty", False)}
    told = {recipe.name: params_of(backend, recipe.name) for recipe in backend.recipes()}
    assert told == {name: worker | own | output for name, own in OWN_PARAMS.items()}
    assert list(told["page-rank"]) == [*worker, *OWN_PARAMS["page-rank"], *output], "in the order to ask"


async def test_every_recipe_can_be_sent_with_its_defaults_where_nothing_more_is_required():
    backend, mark = await opened(wire := ScriptedComputers())
    sent = 0
    for recipe in backend.recipes():
        needed = {param.name: "x" for param in recipe.params if param.required and not param.default}
        values = {param.name: param.default for param in recipe.params} | needed
        assert await backend.create(recipe.name, values) == "7"
        sent += 1
        body = body_of(wire.requests[-1])
        assert (body["algorithm"], body["worker"]) == (recipe.name, 1)
        assert body["params"] == {k: v for k, v in values.items() if v and k != "worker"}
    assert wire.lines(mark) == [f"POST {JOBS}"] * sent


async def test_a_job_is_one_request_with_texts_for_parameters_and_a_number_of_workers():
    backend, mark = await opened(wire := ScriptedComputers())
    values = RANK | {"pagerank.l1DiffThreshold": " 1e-5 ", "output.output_property_name": ""}
    assert await backend.create("page-rank", values) == "7"
    assert wire.lines(mark) == [f"POST {JOBS}"]
    assert wire.requests[-1].headers["content-type"] == "application/json"
    assert body_of(wire.requests[-1]) == {
        "algorithm": "page-rank",
        "worker": 5,
        "params": {
            "pagerank.alpha": "0.15",
            "pagerank.l1DiffThreshold": "1e-5",
            "bsp.max_super_step": "10",
        },
    }
    await backend.create("wcc", {})
    assert body_of(wire.requests[-1]) == {"algorithm": "wcc", "worker": 1, "params": {}}


@pytest.mark.parametrize(("recipe", "values", "param", "words"), [
    ("page-rank", {"worker": "0"}, "worker", 'worker must be a whole number, 1 to 100, not "0".'),
    ("page-rank", {"worker": "101"}, "worker", 'worker must be a whole number, 1 to 100, not "101".'),
    ("page-rank", {"worker": "five"}, "worker", 'worker must be a whole number, 1 to 100, not "five".'),
    ("page-rank", {"worker": "1.0"}, "worker", "worker must be a whole number"),
    ("page-rank", {"worker": "٣"}, "worker", "worker must be a whole number"),
    ("page-rank", {"worker": " "}, "worker", "worker is required: a whole number, 1 to 100."),
    ("page-rank", {"pagerank.alpha": "1"}, "pagerank.alpha", 'a number, above 0 and below 1, not "1".'),
    ("page-rank", {"pagerank.alpha": "nan"}, "pagerank.alpha", "a number, above 0 and below 1"),
    ("page-rank", {"pagerank.alpha": "0,15"}, "pagerank.alpha", "a number, above 0 and below 1"),
    ("page-rank", {"bsp.max_super_step": "2001"}, "bsp.max_super_step", '1 to 2000, not "2001".'),
    ("page-rank", {"alpha": "0.1"}, "alpha", 'page-rank has no parameter "alpha".'),
    ("wcc", {"pagerank.alpha": "0.1"}, "pagerank.alpha", 'wcc has no parameter "pagerank.alpha".'),
    ("wcc", RESOURCES, "k8s.", 'wcc has no parameter "k8s.'),
    ("closeness-centrality", {"closeness_centrality.sample_rate": "1.1"}, "closeness_centrality.sample_rate",
     'a number, above 0, at most 1, not "1.1".'),
    ("triangle-count", {"input.limit_edges_in_one_vertex": "0"}, "input.limit_edges_in_one_vertex",
     '-1 for no limit, or 1 or more, not "0".'),
    ("triangle-count", {"input.limit_edges_in_one_vertex": "-2"}, "input.limit_edges_in_one_vertex",
     '-1 for no limit, or 1 or more, not "-2".'),
    ("triangle-count", {"input.limit_edges_in_one_vertex": "2147483648"}, "input.limit_edges_in_one_vertex",
     '-1 for no limit, or 1 or more, not "2147483648".'),
    ("page-rank", {"pagerank.alpha": "0"}, "pagerank.alpha", 'a number, above 0 and below 1, not "0".'),
    ("page-rank", {"pagerank.alpha": "-0.1"}, "pagerank.alpha", "a number, above 0 and below 1"),
    ("page-rank", {"bsp.max_super_step": "0"}, "bsp.max_super_step", '1 to 2000, not "0".'),
    ("page-rank", {"worker": "1" * 19}, "worker", "a whole number, 1 to 100, not"),
    ("closeness-centrality", {"closeness_centrality.sample_rate": "0"}, "closeness_centrality.sample_rate",
     'a number, above 0, at most 1, not "0".'),
    ("kcore", {"kcore.k": "2147483648"}, "kcore.k", '1 to 2147483647, not "2147483648".'),
    ("kcore", {"kcore.k": "0"}, "kcore.k", 'a whole number, 1 to 2147483647, not "0".'),
    ("links", {}, "links.analyze_config", "links.analyze_config is required: JSON with start_vertexes"),
    ("ppr", {"ppr.source": "1:tom", "input.use_id_fixlength": "yes"}, "input.use_id_fixlength",
     'true or false, not "yes".'),
    ("pagerank", {}, "algorithm", 'There is no algorithm "pagerank" here.'),
])  # fmt: skip
async def test_a_value_that_is_not_possible_names_its_parameter_and_is_not_sent(recipe, values, param, words):
    backend, mark = await opened(wire := ScriptedComputers())
    with pytest.raises(BadValue) as caught:
        await backend.create(recipe, values)
    assert caught.value.param.startswith(param)
    assert words in str(caught.value)
    assert not caught.value.sent
    assert wire.lines(mark) == []


async def test_a_wrong_value_is_repeated_short_and_without_secrets():
    backend, _ = await opened(ScriptedComputers())
    for value in (f"token={TOKEN}", "9" * 500):
        with pytest.raises(BadValue) as caught:
            await backend.create("wcc", {"worker": value})
        assert TOKEN[:8] not in str(caught.value)
        assert len(str(caught.value)) < 120
    for value, shown in (("9" * 40, "9" * 40), ("9" * 41, "9" * 39 + "…")):
        with pytest.raises(BadValue, match=f'not "{shown}"\\.'):
            await backend.create("wcc", {"worker": value})


@pytest.mark.parametrize("value", ["1", "100", "+7", " 12 "])
async def test_the_ends_of_a_range_are_in_it(value):
    backend, _ = await opened(wire := ScriptedComputers())
    await backend.create("kcore", {"worker": value, "kcore.k": value})
    assert body_of(wire.requests[-1])["worker"] == int(value)


@pytest.mark.parametrize(("recipe", "name", "values"), [
    ("page-rank", "bsp.max_super_step", ["1", "2000"]),
    ("page-rank", "pagerank.alpha", ["0.0001", ".5", "9.99e-1", "1e-5", "+0.5"]),
    ("closeness-centrality", "closeness_centrality.sample_rate", ["0.0001", "1", "1.0", "1."]),
    ("kcore", "kcore.k", ["1", "2147483647"]),
    ("triangle-count", "input.limit_edges_in_one_vertex", ["-1", "1", "2147483647"]),
    ("rings-with-filter", "rings.property_filter", ['{"vertex_filter": []}']),
])  # fmt: skip
async def test_every_value_up_to_the_ends_of_its_range_is_sent_as_it_was_given(recipe, name, values):
    backend, _ = await opened(wire := ScriptedComputers())
    for value in values:
        await backend.create(recipe, {name: value})
        assert body_of(wire.requests[-1])["params"] == {name: value}


@pytest.mark.parametrize("value", ["true", "false"])
async def test_yes_and_no_are_sent_as_the_server_writes_them(value):
    backend, _ = await opened(wire := ScriptedComputers())
    await backend.create("ppr", {"ppr.source": "1:tom", "input.use_id_fixlength": value})
    assert body_of(wire.requests[-1])["params"] == {"ppr.source": "1:tom", "input.use_id_fixlength": value}


async def test_an_algorithm_that_is_not_there_names_those_that_are():
    backend, _ = await opened(ScriptedComputers())
    with pytest.raises(BadValue) as caught:
        await backend.create("pagerank", {})
    assert caught.value.hint == f"Choose one of: {', '.join(sorted(OWN_PARAMS))}."


# Graphspaces.


async def finance() -> tuple[ComputerBackend, ScriptedComputers]:
    wire = ScriptedComputers()
    backend, _ = await opened(wire, graphspace="finance")
    return backend, wire


async def test_a_graphspace_of_its_own_wants_its_resources():
    backend, wire = await finance()
    asked = params_of(backend, "wcc")
    assert [name for name, (*_, required) in asked.items() if required] == ["worker", *RESOURCES]
    assert await backend.create("wcc", RESOURCES | {"worker": "2"}) == "7"
    assert wire.lines()[-1] == f"POST {JOBS.replace('DEFAULT', 'finance')}"
    assert body_of(wire.requests[-1]) == {"algorithm": "wcc", "worker": 2, "params": RESOURCES}
    cpu, memory = "an amount of CPU like 2 or 500m", "an amount of memory like 5Gi"
    for name in RESOURCES:
        assert asked[name] == ("text", "", cpu if name.endswith("cpu") else memory, True)


@pytest.mark.parametrize(
    "amount", ["1", "0.5", "1.25", "500m", "2k", "5M", "1G", "1T", "1P", "1E", "5Ki", "3Gi"]
)
async def test_amounts_are_written_as_kubernetes_writes_them(amount):
    backend, wire = await finance()
    values = dict.fromkeys(RESOURCES, amount)
    await backend.create("wcc", values)
    assert body_of(wire.requests[-1])["params"] == values


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("value", ["", " ", "0", "0.0", "0Mi", "-1", "5GB", "5mi", "1.", "many", "1 Gi"])
async def test_each_of_its_resources_has_to_be_an_amount(name, value):
    backend, wire = await finance()
    mark = len(wire.requests)
    with pytest.raises(BadValue) as caught:
        await backend.create("wcc", RESOURCES | {name: value})
    assert caught.value.param == name
    assert "an amount of" in str(caught.value)
    assert wire.lines(mark) == []


# The older form.


async def test_the_older_form_is_told_class_and_workers_in_the_path_of_the_algorithm():
    wire = ScriptedComputers(version="0.12.0", form="A")
    backend, mark = await opened(wire)
    assert await backend.create("page-rank", {"worker": "2"}) == "7"
    assert wire.lines(mark) == ["POST /graphs/hugegraph/jobs/computerdis/pagerank"]
    assert body_of(wire.requests[-1]) == {
        "worker_instances": "2",
        "internal_algorithm": "[pagerank]",
        "params_class": "com.baidu.hugegraph.computer.algorithm.rank.pagerank.PageRankParams",
    }
    names = {recipe.name for recipe in backend.recipes()}
    assert names == set(OWN_PARAMS) - {"links", "ppr", "subgraph-match"}
    with pytest.raises(BadValue, match='no algorithm "links"'):
        await backend.create("links", {})
    with pytest.raises(BadValue, match=r"don't accept pagerank\.alpha"):
        await backend.create("page-rank", {"pagerank.alpha": "0.3"})
    with pytest.raises(BadValue, match='no parameter "alpha"'):
        await backend.create("page-rank", {"alpha": "0.3"})


CLASSES = {
    "page-rank": "rank.pagerank.PageRankParams",
    "wcc": "community.wcc.WccParams",
    "lpa": "community.lpa.LpaParams",
    "louvain": "community.louvain.LouvainParams",
    "triangle-count": "community.trianglecount.TriangleCountParams",
    "clustering-coefficient": "community.cc.ClusteringCoefficientParams",
    "kcore": "community.kcore.KCoreParams",
    "degree-centrality": "centrality.degree.DegreeCentralityParams",
    "closeness-centrality": "centrality.closeness.ClosenessCentralityParams",
    "betweenness-centrality": "centrality.betweenness.BetweennessCentralityParams",
    "rings": "path.rings.RingsDetectionParams",
    "rings-with-filter": "path.rings.filter.RingsDetectionWithFilterParams",
}


@pytest.mark.parametrize(("name", "of_params"), CLASSES.items())
async def test_the_older_form_is_told_the_class_of_each_algorithm(name, of_params):
    wire = ScriptedComputers(version="0.12.0", form="A")
    backend, mark = await opened(wire)
    await backend.create(name, {})
    older = "pagerank" if name == "page-rank" else name
    assert wire.lines(mark) == [f"POST /graphs/hugegraph/jobs/computerdis/{older}"]
    assert body_of(wire.requests[-1]) == {
        "worker_instances": "1",
        "internal_algorithm": f"[{older}]",
        "params_class": f"com.baidu.hugegraph.computer.algorithm.{of_params}",
    }


async def test_a_server_that_does_not_take_one_form_is_asked_in_the_other_and_remembered():
    wire = ScriptedComputers(version="0.12.0")
    backend, mark = await opened(wire)
    wire.form = "A"
    values = {"worker": "3", "pagerank.alpha": "0.15", "bsp.max_super_step": ""}
    assert await backend.create("page-rank", values) == "7"
    path = "/graphs/hugegraph/jobs/computerdis"
    assert wire.lines(mark) == [f"POST {path}", f"POST {path}/pagerank"]
    await backend.create("wcc", {})
    assert wire.lines(mark)[2:] == [f"POST {path}/wcc"]
    assert {param.name for recipe in backend.recipes() for param in recipe.params} == {"worker"}
    wire.form = "B"
    await backend.create("wcc", {})
    assert wire.lines(mark)[3:] == [f"POST {path}/wcc", f"POST {path}"]


async def test_a_value_that_the_other_form_can_not_be_told_is_not_lost_in_silence():
    wire = ScriptedComputers()
    backend, mark = await opened(wire)
    wire.form = "A"
    with pytest.raises(BadValue, match=r"don't accept pagerank\.alpha"):
        await backend.create("page-rank", RANK | {"pagerank.alpha": "0.85"})
    assert wire.lines(mark) == [f"POST {JOBS}"]


# Answers.


@pytest.mark.parametrize("response", [
    httpx.Response(201, json={"task_id": 12}),
    httpx.Response(201, json={"task_id": "12"}),
    httpx.Response(200, json={"task_id": "12", "message": "success"}),
])  # fmt: skip
async def test_the_id_comes_as_a_number_or_as_a_text(response):
    wire = ScriptedComputers()
    backend, _ = await opened(wire)
    wire.override = lambda request: response
    assert await backend.create("wcc", {}) == "12"


@pytest.mark.parametrize(("response", "kind", "words"), [
    (failure(400, ILLEGAL, "The worker should be in [1, 100]."), Refused, "should be in [1, 100]"),
    (failure(400, ILLEGAL, "The params k8s.master_cpu must be set."), Refused, "must be set"),
    (failure(403, "x.ForbiddenException", "Permission denied"), NotAllowed, "Permission denied"),
    (failure(503, "x.ServiceUnavailableException", "too busy"), Busy, "too busy"),
    (OFF, Unsupported, "Kubernetes is not enabled"),
    (ABSENT, Unsupported, "no computer jobs"),
    (httpx.Response(201, json={"message": "success"}), BadAnswer, "didn't return its id"),
    (httpx.Response(201, json={"task_id": None}), BadAnswer, "didn't return its id"),
    (httpx.Response(201, html="<html>ok</html>"), BadAnswer, "didn't return its id"),
    (failure(400, ILLEGAL, "The algorithm is unknown"), Refused, "The algorithm is unknown"),
])  # fmt: skip
async def test_the_server_s_no_is_an_error_in_words_and_sent_once(response, kind, words):
    wire = ScriptedComputers()
    backend, mark = await opened(wire)
    wire.override = lambda request: response
    with pytest.raises(BackendError) as caught:
        await backend.create("wcc", {})
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "k8s.algorithms" not in caught.value.hint
    assert may_have_started(caught.value) is (kind in (BadAnswer, Busy)), "503 says nothing of what was done"
    assert len(wire.requests) - mark == 1


async def test_an_algorithm_that_this_server_lacks_is_said_with_the_setting():
    wire = ScriptedComputers()
    backend, _ = await opened(wire)
    wire.override = lambda request: failure(400, ILLEGAL, "The algorithm is not existed.")
    with pytest.raises(Refused) as caught:
        await backend.create("ppr", {"ppr.source": "1:tom"})
    assert caught.value.hint == "The server's setting k8s.algorithms doesn't include ppr."


async def test_a_server_that_takes_neither_form_has_none():
    wire = ScriptedComputers()
    backend, mark = await opened(wire)
    wire.override = lambda request: NO_METHOD
    with pytest.raises(Unsupported, match="This server has no computer jobs") as caught:
        await backend.create("wcc", {})
    assert caught.value.hint.startswith("Only Baidu's fork of HugeGraph has them")
    assert wire.lines(mark) == [f"POST {JOBS}", f"POST {JOBS}/wcc"]
    assert caught.value.sent
