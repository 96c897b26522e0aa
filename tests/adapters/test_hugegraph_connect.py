"""What the adapter finds out about a server, and what it says when it can't."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.errors import (
    BadAnswer,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    Unsupported,
)
from backend_adapters.model import Action, Scope
from backend_adapters.registry import Target, open_backend
from tests.adapters.wires import URL, Wire, failure

NPE = 'Cannot invoke "Object.getClass()" because "graph" is null'


def on_path(path: str, response: httpx.Response):
    return lambda request: response if request.url.path == path else None


async def test_170_is_asked_by_graphspace_paths():
    wire = Wire()
    backend = wire.backend()
    info = await backend.connect()
    assert (info.product, info.version) == ("HugeGraph", "1.7.0")
    assert (backend.source.place, backend.source.profile) == ("DEFAULT/hugegraph", "graph.example:8080")
    assert wire.since() == ["GET /versions", "GET /graphspaces/DEFAULT/graphs"]
    assert all(info.capabilities.of(action) for action in Action)


async def test_130_is_asked_by_classic_paths_and_has_no_force_delete():
    wire = Wire(version="1.3.0")
    backend = wire.backend()
    info = await backend.connect()
    assert (backend.source.place, wire.since()[-1]) == ("hugegraph", "GET /graphs")
    assert not info.capabilities.force_delete
    assert (
        info.capabilities.force_delete.reason == "HugeGraph 1.3.0 has no force delete (1.5.0 or newer has)."
    )
    mark = len(wire.requests)
    with pytest.raises(Unsupported, match="no force delete"):
        await backend.act(Action.FORCE_DELETE, "1")
    assert wire.since(mark) == []


async def test_150_is_classic_with_force_delete():
    wire = Wire(version="1.5.0")
    assert (await wire.backend().connect()).capabilities.force_delete


@pytest.mark.parametrize(("version", "paths", "asked"), [
    ("1.7.0", "classic", "GET /graphs"),
    ("1.5.0", "graphspace", "GET /graphspaces/DEFAULT/graphs"),
    ("3.0.0", "auto", "GET /graphspaces/DEFAULT/graphs"),
    ("1.10.0-SNAPSHOT", "auto", "GET /graphspaces/DEFAULT/graphs"),
])  # fmt: skip
async def test_the_style_of_paths_follows_the_version_unless_it_is_forced(version, paths, asked):
    wire = Wire(version=version)
    await wire.backend(paths=paths).connect()
    assert wire.since()[-1] == asked


@pytest.mark.parametrize(("code", "graphspaces", "style"), [(401, 404, "classic"), (403, 200, "graphspace")])
async def test_a_server_that_hides_its_version_is_probed(code, graphspaces, style):
    wire = Wire()

    def override(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/versions":
            return failure(code, "javax.ws.rs.NotAuthorizedException", "no")
        if request.url.path == "/graphspaces":
            return httpx.Response(graphspaces, json={"graphSpaces": []})
        return None

    wire.override = override
    backend = wire.backend()
    info = await backend.connect()
    assert info.version is None
    assert (backend.source.graphspace is None) == (style == "classic")
    assert bool(info.capabilities.force_delete) == (style == "graphspace")


async def test_a_wrong_password_is_not_logged_in():
    wire = Wire()
    wire.override = on_path(
        "/graphspaces/DEFAULT/graphs",
        failure(401, "javax.ws.rs.NotAuthorizedException", "Authentication failed"),
    )
    with pytest.raises(NotLoggedIn, match="Authentication failed"):
        await wire.backend().connect()


@pytest.mark.parametrize("response", [
    httpx.Response(200, html="<!doctype html><title>Router</title>"),
    httpx.Response(404, html="<html>nginx</html>"),
    httpx.Response(200, json={"name": "elasticsearch", "version": {"number": "8"}}),
    httpx.Response(200, content=b""),
    httpx.Response(200, json=[]),
])  # fmt: skip
async def test_another_service_is_recognised(response):
    wire = Wire()
    wire.override = lambda request: response
    with pytest.raises(BadAnswer, match="does not look like a HugeGraph REST API"):
        await wire.backend().connect()


async def test_a_starting_server_is_starting():
    wire = Wire()
    wire.override = lambda request: httpx.Response(500, html="<html><h1>Request failed.</h1></html>")
    with pytest.raises(Starting, match=r"graph\.example:8080 is still starting") as caught:
        await wire.backend().connect()
    assert caught.value.retryable


@pytest.mark.parametrize(("listed", "chosen"), [
    (["only"], "only"), (["b", "hugegraph", "a"], "hugegraph"), (["c", "b"], "b"),
])  # fmt: skip
async def test_without_a_name_the_graph_that_is_meant_is_taken(listed, chosen):
    wire = Wire()
    wire.graphs = listed
    backend = wire.backend()
    await backend.connect()
    assert backend.source.graph == chosen


async def test_an_unknown_graph_names_those_there_are():
    wire = Wire()
    wire.graphs = ["b", "a"]
    with pytest.raises(
        NoSuchGraph, match=r"no graph 'nope' in the graphspace DEFAULT\. It lists: a, b"
    ) as caught:
        await wire.backend(graph="nope").connect()
    assert caught.value.graphs == ("a", "b")


async def test_who_may_not_list_graphs_can_still_look_at_one():
    wire = Wire()
    wire.override = on_path("/graphspaces/DEFAULT/graphs", failure(403, "x.Forbidden", "Permission denied"))
    backend = wire.backend(graph="secret_one")
    await backend.connect()
    assert backend.source.graph == "secret_one"
    with pytest.raises(NotAllowed):
        await wire.backend().connect()


async def test_an_empty_list_of_graphs_is_not_taken_for_an_answer_about_a_named_one():
    wire = Wire()
    wire.graphs = []
    backend = wire.backend(graph="hugegraph")
    await backend.connect()
    assert backend.source.graph == "hugegraph"
    with pytest.raises(NoSuchGraph, match="lists no graph in the graphspace DEFAULT"):
        await wire.backend().connect()


async def test_the_null_pointer_of_170_for_an_unknown_graph_becomes_no_such_graph():
    wire = Wire()
    backend = wire.backend()
    await backend.connect()
    wire.graphs = ["other"]
    wire.override = lambda request: (
        failure(500, "java.lang.NullPointerException", NPE, trace=["a.b(C.java:1)"])
        if request.url.path.endswith("/tasks")
        else None
    )
    with pytest.raises(NoSuchGraph, match=r"no graph 'hugegraph'.* It lists: other"):
        await backend.look(["1"])


async def test_a_null_pointer_of_another_kind_stays_a_fault_of_the_server():
    wire = Wire()
    backend = wire.backend()
    await backend.connect()
    wire.override = lambda request: failure(
        500 if request.url.path.endswith("/tasks") else 403, "java.lang.NullPointerException", "x is null"
    )
    with pytest.raises(ServerFault, match="x is null"):
        await backend.look(["1"])
    wire.override = lambda request: (
        failure(500, "java.lang.NullPointerException", "x is null")
        if request.url.path.endswith("/tasks")
        else None
    )
    with pytest.raises(ServerFault, match="x is null"):
        await backend.look(["1"])


@pytest.mark.parametrize(("path", "words"), [
    ("/graphspaces", "did not answer with a list"),
    ("/graphspaces/DEFAULT/graphs", "did not answer with a list of graphs"),
])  # fmt: skip
async def test_lists_of_another_shape_are_bad_answers(path, words):
    wire = Wire()
    wire.override = on_path(path, httpx.Response(200, json={"graphs": "all"}))
    with pytest.raises(BadAnswer, match=words):
        await wire.backend().scopes()


async def test_the_only_graphspace_does_not_hide_its_failure():
    wire = Wire()
    backend = wire.backend()
    await backend.connect()
    wire.override = on_path("/graphspaces/DEFAULT/graphs", failure(403, "x.Forbidden", "Permission denied"))
    with pytest.raises(NotAllowed, match="Permission denied"):
        await backend.scopes()


async def test_a_proxy_that_wants_another_login_is_passed_on():
    wire = Wire()
    wire.override = lambda request: failure(401, "x.NotAuthorizedException", "Authentication failed")
    with pytest.raises(NotLoggedIn, match="Authentication failed"):
        await wire.backend().connect()


async def test_a_graphspace_on_a_classic_server_is_refused_in_words():
    wire = Wire(version="1.5.0")
    with pytest.raises(NoSuchGraph, match=r"HugeGraph 1\.5\.0 .* no 'team'") as caught:
        await wire.backend(graphspace="team").connect()
    assert "Leave the graphspace out" in caught.value.hint
    await wire.backend(graphspace="DEFAULT").connect()


async def test_scopes_of_all_graphspaces_and_none_is_hidden_by_another_ones_failure():
    wire = Wire()

    def override(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path
        if path == "/graphspaces":
            return httpx.Response(200, json={"graphSpaces": ["team", "DEFAULT", "locked"]})
        if path == "/graphspaces/team/graphs":
            return httpx.Response(200, json={"graphs": ["t2", "t1"]})
        if path == "/graphspaces/locked/graphs":
            return failure(403, "x.Forbidden", "Permission denied")
        return None

    wire.override = override
    scopes = await wire.backend().scopes()
    assert scopes == (
        Scope(graph="hugegraph", graphspace="DEFAULT"),
        Scope(graph="t1", graphspace="team"),
        Scope(graph="t2", graphspace="team"),
    )


async def test_scopes_of_a_classic_server_have_no_graphspace():
    wire = Wire(version="1.5.0")
    wire.graphs = ["b", "a"]
    assert await wire.backend().scopes() == (Scope(graph="a"), Scope(graph="b"))


def test_an_unknown_dialect_names_the_known_ones():
    with pytest.raises(Unsupported, match=r"no dialect 'neo4j'.*hugegraph"):
        open_backend(Target(url=URL, dialect="neo4j"))


FOREIGN = [
    httpx.Response(404, json={"detail": "Not Found"}),
    httpx.Response(404, text="404 page not found\n"),
    httpx.Response(404, json={"status": 404, "error": "Not Found", "path": "/versions"}),
    httpx.Response(404, html="<html>no</html>"),
    httpx.Response(404),
]
"""How FastAPI, Traefik, Spring, nginx and nobody say it."""


@pytest.mark.parametrize("path", ["/versions", "/graphspaces/DEFAULT/graphs", "/tasks"])
@pytest.mark.parametrize("response", FOREIGN)
async def test_a_404_that_is_not_hugegraphs_is_a_bad_answer_and_asked_again(response, path):
    wire = Wire()
    wire.override = lambda request: response if request.url.path.endswith(path) else None
    backend = wire.backend()
    with pytest.raises(BadAnswer) as caught:
        await backend.look(["1"])
    assert caught.value.retryable
    assert caught.value.hint == "Is this the address of the server's REST API?"


async def test_a_404_in_hugegraphs_words_stays_what_it_is():
    wire = Wire()
    backend = wire.backend()
    await backend.connect()
    lost = failure(404, "javax.ws.rs.NotFoundException", "HTTP 404 Not Found")
    wire.override = lambda request: lost
    with pytest.raises(Refused, match="HTTP 404 Not Found"):
        await backend.look(["1"])
    with pytest.raises(Refused, match="HTTP 404 Not Found"):
        await backend.detail("1", cap=1000)
    wire.override = lambda request: httpx.Response(404, json={"message": "Task not found"})
    with pytest.raises(NoSuchTask):
        await backend.detail("1", cap=1000)
    wire.override = lambda request: httpx.Response(404, text="404 page not found")
    with pytest.raises(BadAnswer, match="not as HugeGraph does: 404 page not found"):
        await backend.detail("1", cap=1000)
