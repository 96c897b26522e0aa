"""Whether a server has computer jobs, in which form, and what is said where it has none."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    Busy,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Unreachable,
    Unsupported,
)
from backend_adapters.model import Action, Scope
from tests.adapters.scripted_computers import (
    ABSENT,
    ILLEGAL,
    JOBS,
    NO_METHOD,
    OFF,
    PROBE,
    ScriptedComputers,
    job,
    older_job,
    opened,
)
from tests.adapters.scripted_servers import ScriptedServer, failure

NOT_HERE = "This server has no computer jobs."
SWITCHED_OFF = "Computer jobs are off because Kubernetes is not enabled on the server."


def on_jobs(response: httpx.Response):
    return lambda request: response if "computerdis" in request.url.path else None


async def test_connecting_asks_version_graphs_and_one_job():
    wire = ScriptedComputers([job(1)])
    backend, _ = await opened(wire)
    assert wire.lines() == ["GET /versions", "GET /graphspaces/DEFAULT/graphs", PROBE]
    assert (backend.source.dialect, backend.source.qualified_graph) == ("computerdis", "DEFAULT/hugegraph")


async def test_what_can_be_done_with_computer_jobs():
    wire = ScriptedComputers()
    info = await wire.computer().connect()
    can = info.capabilities
    assert (info.product, info.version, info.note) == ("HugeGraph", "3.0.0", "")
    assert all(can.ability_for(action) for action in Action)
    assert (bool(can.create), can.has_graphs, can.has_texts) == (True, False, True)
    assert not can.submit
    assert can.submit.reason == ("Computer jobs run algorithms. Submit scripts from the graph's tasks.")
    assert can.noun == "computer jobs"


async def test_a_server_of_the_time_before_graphspaces_is_asked_by_classic_paths():
    wire = ScriptedComputers(version="0.12.0")
    info = await wire.computer().connect()
    assert wire.lines()[-1] == "GET /graphs/hugegraph/jobs/computerdis?limit=1&status=WHICH_FORM"
    assert not info.capabilities.force_delete
    assert "no force delete" in info.capabilities.force_delete.reason


@pytest.mark.parametrize("answer", [
    failure(400, ILLEGAL, "Status value must be in [UNKNOWN, NEW], but got 'WHICH_FORM'"),
    failure(400, ILLEGAL, "No enum constant com.baidu.hugegraph.task.TaskStatus.WHICH_FORM"),
    failure(404, "java.util.NoSuchElementException", "null"),
    httpx.Response(201, json={"tasks": [older_job(2)]}),
])  # fmt: skip
async def test_the_older_form_is_known_by_its_answer_and_named(answer):
    wire = ScriptedComputers(version="0.12.0", form="A")
    wire.override = on_jobs(answer)
    backend = wire.computer()
    info = await backend.connect()
    assert info.note == "This server has the older computer jobs, which accept only the number of workers."
    assert {param.name for recipe in backend.recipes() for param in recipe.params} == {"worker"}


ONLY_THE_FORK = "Only Baidu's fork of HugeGraph has them. Look at the graph's tasks instead."
SWITCH_ON = "Set k8s.api=true in its rest-server.properties, or look at the graph's tasks instead."


@pytest.mark.parametrize(("answer", "words", "hint"), [
    (ABSENT, NOT_HERE, ONLY_THE_FORK),
    (NO_METHOD, NOT_HERE, ONLY_THE_FORK),
    (httpx.Response(404), NOT_HERE, ONLY_THE_FORK),
    (httpx.Response(404, html="<html>Not Found</html>"), NOT_HERE, ONLY_THE_FORK),
    (OFF, SWITCHED_OFF, SWITCH_ON),
])  # fmt: skip
async def test_a_server_without_them_is_unsupported_and_its_tasks_go_on(answer, words, hint):
    wire = ScriptedComputers()
    wire.override = on_jobs(answer)
    with pytest.raises(Unsupported) as caught:
        await wire.computer().connect()
    assert str(caught.value) == f"graph.example:8080/DEFAULT/hugegraph: {words}"
    assert caught.value.hint == hint
    assert not caught.value.retryable
    tasks = wire.backend()
    await tasks.connect()
    mark = len(wire.requests)
    (sibling,) = await tasks.siblings()
    assert (sibling.dialect, sibling.title) == ("computerdis", "computer jobs")
    assert (sibling.ability.ok, sibling.ability.reason) == (False, words)
    assert wire.lines(mark) == [PROBE]
    assert [batch async for batch in tasks.snapshot()]


@pytest.mark.parametrize("form", ["A", "B"])
async def test_the_tasks_know_of_the_computer_jobs_by_one_request_and_these_of_the_tasks_by_none(form):
    wire = ScriptedComputers(form=form)
    tasks = wire.backend()
    await tasks.connect()
    mark = len(wire.requests)
    (sibling,) = await tasks.siblings()
    assert (sibling.dialect, sibling.title, sibling.ability.ok) == ("computerdis", "computer jobs", True)
    assert wire.lines(mark) == [PROBE]
    backend, mark = await opened(wire)
    (back,) = await backend.siblings()
    assert (back.dialect, back.title, back.ability.ok) == ("hugegraph", "tasks", True)
    assert wire.lines(mark) == []


@pytest.mark.parametrize(("response", "kind"), [
    (failure(401, "x.NotAuthorizedException", "Authentication failed"), NotLoggedIn),
    (failure(403, "x.ForbiddenException", "Permission denied"), NotAllowed),
    (failure(503, "x.ServiceUnavailableException", "The server is too busy"), Busy),
    (failure(404, "x.NotFoundException", "Graph 'hugegraph' does not exist"), NoSuchGraph),
    (failure(400, ILLEGAL, "Graphspace not exist!"), NoSuchGraph),
    (failure(400, ILLEGAL, "Invalid limit"), Refused),
    (failure(400, "java.util.NoSuchElementException", "null"), Refused),
    (failure(500, ILLEGAL, "Status value must be in [NEW]"), ServerFault),
    (httpx.Response(200, html="<html>welcome</html>"), BadAnswer),
    (httpx.Response(200, content=b'{"tasks":['), BadAnswer),
    (httpx.Response(200, json={"tasks": None}), BadAnswer),
    (httpx.Response(200, json=[]), BadAnswer),
    (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), BadAnswer),
])  # fmt: skip
async def test_an_answer_about_something_else_is_its_own_error(response, kind):
    wire = ScriptedComputers()
    tasks = wire.backend()
    await tasks.connect()
    wire.override = on_jobs(response)
    for attempt in (wire.computer().connect, tasks.siblings):
        with pytest.raises(BackendError) as caught:
            await attempt()
        assert isinstance(caught.value, kind)


async def test_an_unknown_graph_is_named_before_computer_jobs_are_asked_for():
    wire = ScriptedComputers()
    with pytest.raises(NoSuchGraph) as caught:
        await wire.computer(graph="nope").connect()
    assert caught.value.graphs == ("hugegraph",)
    assert not any("computerdis" in line for line in wire.lines())


async def test_graphs_can_be_switched_to_before_and_after_connecting():
    wire = ScriptedComputers()
    wire.graphs = ["b", "a", "hugegraph"]
    backend = wire.computer(graph="b")
    wanted = tuple(Scope(graph=name, graphspace="DEFAULT") for name in ("a", "b", "hugegraph"))
    assert await backend.scopes() == wanted
    assert backend.source.graph == "b"
    await backend.connect()
    assert await backend.scopes() == wanted


async def test_a_plain_server_without_such_paths_has_no_sibling():
    wire = ScriptedServer()
    wire.override = on_jobs(ABSENT)
    tasks = wire.backend()
    await tasks.connect()
    assert not (await tasks.siblings())[0].ability


async def test_connecting_again_finds_what_was_switched_off_meanwhile():
    wire = ScriptedComputers()
    backend, _ = await opened(wire)
    wire.override = on_jobs(OFF)
    for attempt in (backend.connect(), anext(backend.snapshot())):
        with pytest.raises(Unsupported, match="Kubernetes is not enabled"):
            await attempt
    assert wire.lines()[-1] == f"GET {JOBS}?limit=-1"


async def test_the_first_call_connects_by_itself_and_a_closed_backend_asks_nothing_more():
    wire = ScriptedComputers([job(1)])
    backend = wire.computer()
    assert [task.id for task in (await backend.look(["1"])).tasks] == ["1"]
    assert PROBE in wire.lines()
    mark = len(wire.requests)
    await backend.aclose()
    with pytest.raises(Unreachable):
        await backend.look(["1"])
    assert wire.lines(mark) == []


async def test_before_connecting_the_recipes_are_those_of_the_wanted_graphspace():
    wire = ScriptedComputers()
    inside, outside = wire.computer(graphspace="finance"), wire.computer()
    assert any(param.name == "k8s.worker_memory" for param in inside.recipes()[0].params)
    assert not any(param.name == "k8s.worker_memory" for param in outside.recipes()[0].params)
    assert wire.lines() == []
