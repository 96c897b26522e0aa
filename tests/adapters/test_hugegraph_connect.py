"""What the adapter finds out about a server, and what it says when it can't."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    Busy,
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
from backend_adapters.registry import open_backend
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import URL, ScriptedServer, failure, record

NPE = 'Cannot invoke "Object.getClass()" because "graph" is null'


def on_path(path: str, response: httpx.Response):
    return lambda request: response if request.url.path == path else None


async def test_170_is_asked_by_graphspace_paths():
    wire = ScriptedServer()
    backend = wire.backend()
    info = await backend.connect()
    assert (info.product, info.version) == ("HugeGraph", "1.7.0")
    assert (backend.source.qualified_graph, backend.source.profile) == (
        "DEFAULT/hugegraph",
        "graph.example:8080",
    )
    assert wire.since() == ["GET /versions", "GET /graphspaces/DEFAULT/graphs"]
    assert all(info.capabilities.ability_for(action) for action in Action)
    assert info.capabilities.submit
    assert (info.capabilities.noun, info.capabilities.has_graphs, info.capabilities.has_texts) == (
        "tasks",
        False,
        True,
    )
    assert info.note == ""


async def test_130_is_asked_by_classic_paths_and_has_no_force_delete():
    wire = ScriptedServer(version="1.3.0")
    backend = wire.backend()
    info = await backend.connect()
    assert (backend.source.qualified_graph, wire.since()[-1]) == ("hugegraph", "GET /graphs")
    assert not info.capabilities.force_delete
    assert (
        info.capabilities.force_delete.reason
        == "HugeGraph 1.3.0 has no force delete; HugeGraph has it from 1.5.0 on."
    )
    mark = len(wire.requests)
    with pytest.raises(Unsupported, match="no force delete"):
        await backend.act(Action.FORCE_DELETE, "1")
    assert wire.since(mark) == []


@pytest.mark.parametrize(("version", "forces"), [("1.5.0", True), ("1.5", True), ("1.4.9", False)])
async def test_a_classic_server_has_force_delete_from_150_on(version, forces):
    wire = ScriptedServer(version=version)
    backend = wire.backend()
    assert bool((await backend.connect()).capabilities.force_delete) is forces
    assert backend.source.qualified_graph == "hugegraph"


@pytest.mark.parametrize(("version", "paths", "asked"), [
    ("1.7.0", "classic", "GET /graphs"),
    ("1.5.0", "graphspace", "GET /graphspaces/DEFAULT/graphs"),
    ("3.0.0", "auto", "GET /graphspaces/DEFAULT/graphs"),
    ("1.10.0-SNAPSHOT", "auto", "GET /graphspaces/DEFAULT/graphs"),
    ("1.7", "auto", "GET /graphspaces/DEFAULT/graphs"),
    ("1.6.9", "auto", "GET /graphs"),
])  # fmt: skip
async def test_the_style_of_paths_follows_the_version_unless_it_is_forced(version, paths, asked):
    wire = ScriptedServer(version=version)
    await wire.backend(paths=paths).connect()
    assert wire.since()[-1] == asked


@pytest.mark.parametrize(("code", "graphspaces", "style"), [(401, 404, "classic"), (403, 200, "graphspace")])
async def test_a_server_that_hides_its_version_is_probed(code, graphspaces, style):
    wire = ScriptedServer()

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
    force = info.capabilities.force_delete
    assert bool(force) == (style == "graphspace")
    assert force.reason == (
        "" if force else "This server doesn't report its version, so force delete is not available."
    )


@pytest.mark.parametrize(("versions", "told"), [({"api": "0.71"}, None), ({"core": "unknown"}, "unknown")])
@pytest.mark.parametrize(("code", "space"), [(200, "DEFAULT"), (404, None)])
async def test_a_version_that_is_no_number_is_told_and_the_style_of_paths_probed(versions, told, code, space):
    wire = ScriptedServer()
    answers = {
        "/versions": httpx.Response(200, json={"versions": versions}),
        "/graphspaces": httpx.Response(code, json={"graphSpaces": [], "exception": "x.NotFoundException"}),
    }
    wire.override = lambda request: answers.get(request.url.path)
    backend = wire.backend()
    assert (await backend.connect()).version == told
    assert backend.source.graphspace == space
    assert wire.since()[:2] == ["GET /versions", "GET /graphspaces"]


OTHER_SERVICE = "graph.example:8080 answered, but it doesn't look like a HugeGraph REST API."


@pytest.mark.parametrize(("response", "kind", "words"), [
    (httpx.Response(200, html="<html>welcome</html>"), BadAnswer, OTHER_SERVICE),
    (httpx.Response(404, html="<html>gone</html>"), BadAnswer, OTHER_SERVICE),
    (httpx.Response(502, html="<html>no</html>"), ServerFault,
     "graph.example:8080/graphspaces answered 502: bad gateway"),
    (failure(401, "x.NotAuthorized", "Authentication failed"), NotLoggedIn,
     "graph.example:8080 needs a login (401: Authentication failed)."),
    (failure(500, "x.Error", "boom"), ServerFault, "graph.example:8080/graphspaces answered 500: boom"),
])  # fmt: skip
async def test_a_probe_that_tells_nothing_is_the_error_that_it_stands_for(response, kind, words):
    wire = ScriptedServer(version="unknown")
    wire.override = on_path("/graphspaces", response)
    with pytest.raises(BackendError) as caught:
        await wire.backend().connect()
    assert (type(caught.value), str(caught.value)) == (kind, words)
    assert wire.since() == ["GET /versions", "GET /graphspaces"]


@pytest.mark.parametrize(("response", "kind", "words"), [
    (failure(500, "x.Error", "boom"), ServerFault, "graph.example:8080 answered 500: boom"),
    (failure(503, "x.Unavailable", "too busy"), Busy, "graph.example:8080 answered 503: too busy"),
])  # fmt: skip
async def test_a_server_that_fails_at_its_version_is_not_probed(response, kind, words):
    wire = ScriptedServer()
    wire.override = on_path("/versions", response)
    with pytest.raises(BackendError) as caught:
        await wire.backend().connect()
    assert (type(caught.value), str(caught.value)) == (kind, words)
    assert wire.since() == ["GET /versions"]


async def test_a_server_that_knows_no_versions_is_probed():
    wire = ScriptedServer()
    wire.override = on_path("/versions", failure(404, "x.NotFoundException", "HTTP 404 Not Found"))
    backend = wire.backend()
    assert (await backend.connect()).version is None
    assert backend.source.qualified_graph == "DEFAULT/hugegraph"


async def test_a_wrong_password_is_not_logged_in():
    wire = ScriptedServer()
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
    wire = ScriptedServer()
    wire.override = lambda request: response
    with pytest.raises(BadAnswer, match="doesn't look like a HugeGraph REST API"):
        await wire.backend().connect()


async def test_a_starting_server_is_starting():
    wire = ScriptedServer()
    wire.override = lambda request: httpx.Response(500, html="<html><h1>Request failed.</h1></html>")
    with pytest.raises(Starting, match=r"graph\.example:8080 is still starting") as caught:
        await wire.backend().connect()
    assert caught.value.retryable


@pytest.mark.parametrize(("listed", "chosen"), [
    (["only"], "only"), (["b", "hugegraph", "a"], "hugegraph"), (["c", "b"], "b"),
])  # fmt: skip
async def test_without_a_name_the_graph_that_is_meant_is_taken(listed, chosen):
    wire = ScriptedServer()
    wire.graphs = listed
    backend = wire.backend()
    await backend.connect()
    assert backend.source.graph == chosen


async def test_an_unknown_graph_names_those_there_are():
    wire = ScriptedServer()
    wire.graphs = ["b", "a"]
    with pytest.raises(
        NoSuchGraph, match=r'no graph "nope" in the graphspace DEFAULT\. Its graphs: a, b'
    ) as caught:
        await wire.backend(graph="nope").connect()
    assert caught.value.graphs == ("a", "b")


@pytest.mark.parametrize(("version", "place"), [("1.5.0", ""), ("1.7.0", " in the graphspace DEFAULT")])
@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, " and 1 more"), (13, " and 3 more")])
async def test_of_many_graphs_the_first_ten_are_named(version, place, count, more):
    wire = ScriptedServer(version=version)
    wire.graphs = [f"g{n:02}" for n in reversed(range(count))]
    with pytest.raises(NoSuchGraph) as caught:
        await wire.backend(graph="nope").connect()
    names = ", ".join(f"g{n:02}" for n in range(10))
    assert str(caught.value) == f'graph.example:8080 has no graph "nope"{place}. Its graphs: {names}{more}.'
    assert caught.value.hint == "Choose a graph that the server lists."
    assert len(caught.value.graphs) == count


async def test_who_may_not_list_graphs_can_still_look_at_one():
    wire = ScriptedServer()
    wire.override = on_path("/graphspaces/DEFAULT/graphs", failure(403, "x.Forbidden", "Permission denied"))
    backend = wire.backend(graph="secret_one")
    await backend.connect()
    assert backend.source.graph == "secret_one"
    with pytest.raises(NotAllowed):
        await wire.backend().connect()


async def test_an_empty_list_of_graphs_is_not_taken_for_an_answer_about_a_named_one():
    wire = ScriptedServer()
    wire.graphs = []
    backend = wire.backend(graph="hugegraph")
    await backend.connect()
    assert backend.source.graph == "hugegraph"
    assert wire.requests[-1].url.raw_path == b"/graphspaces/DEFAULT/graphs/hugegraph/tasks?ids=0"


@pytest.mark.parametrize(("version", "place"), [("1.7.0", " in the graphspace DEFAULT"), ("1.5.0", "")])
async def test_where_no_graph_is_listed_the_usual_one_is_tried(version, place):
    wire = ScriptedServer(version=version)
    wire.graphs = []
    backend = wire.backend()
    await backend.connect()
    assert backend.source.graph == "hugegraph"
    wire.override = lambda request: (
        failure(500, "java.lang.NullPointerException", NPE) if request.url.path.endswith("/tasks") else None
    )
    with pytest.raises(NoSuchGraph) as caught:
        await wire.backend().connect()
    assert str(caught.value) == (
        f'graph.example:8080 lists no graphs{place} and has no graph "hugegraph" there.'
    )
    assert caught.value.hint == (
        "Name the graph with --graph. Check the graphspace, and that this user may see its graphs."
    )
    wire.override = lambda request: (
        httpx.Response(403, json={"message": "no"}) if request.url.path.endswith("/tasks") else None
    )
    with pytest.raises(NotAllowed, match="403"):
        await wire.backend().connect()


async def test_a_named_graph_that_an_empty_list_leaves_out_and_that_is_not_there_is_no_such_graph():
    wire = ScriptedServer()
    wire.graphs = []
    wire.override = lambda request: (
        failure(500, "java.lang.NullPointerException", NPE) if request.url.path.endswith("/tasks") else None
    )
    with pytest.raises(NoSuchGraph, match="It lists no graphs") as caught:
        await wire.backend(graph="nope").connect()
    assert caught.value.hint == "Check the graphspace and the name."


async def test_the_null_pointer_of_170_for_an_unknown_graph_becomes_no_such_graph():
    wire = ScriptedServer()
    backend = wire.backend()
    await backend.connect()
    wire.graphs = ["other"]
    wire.override = lambda request: (
        failure(500, "java.lang.NullPointerException", NPE, trace=["a.b(C.java:1)"])
        if request.url.path.endswith("/tasks")
        else None
    )
    with pytest.raises(NoSuchGraph, match=r'no graph "hugegraph".* Its graphs: other'):
        await backend.look(["1"])


async def test_a_null_pointer_of_another_kind_stays_a_fault_of_the_server():
    wire = ScriptedServer()
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


@pytest.mark.parametrize("body", [b'{"graphs": "all", "graphSpaces": 7}', b"[]", b"\xff", b'{"graphs": [['])
@pytest.mark.parametrize(("path", "words"), [
    ("/graphspaces", r"^graph\.example:8080/graphspaces didn't answer with a list\.$"),
    ("/graphspaces/DEFAULT/graphs", r"8080/graphspaces/DEFAULT/graphs didn't answer with a list of graphs"),
])  # fmt: skip
async def test_lists_of_another_shape_are_bad_answers(path, words, body):
    wire = ScriptedServer()
    wire.override = on_path(path, httpx.Response(200, content=body))
    with pytest.raises(BadAnswer, match=words):
        await wire.backend().scopes()


async def test_a_list_of_graphspaces_that_is_refused_is_named():
    wire = ScriptedServer()
    wire.override = on_path("/graphspaces", failure(403, "x.Forbidden", "Permission denied"))
    with pytest.raises(
        NotAllowed, match=r"^graph\.example:8080/graphspaces answered 403: Permission denied$"
    ):
        await wire.backend().scopes()


async def test_the_only_graphspace_does_not_hide_its_failure():
    wire = ScriptedServer()
    backend = wire.backend()
    await backend.connect()
    wire.override = on_path("/graphspaces/DEFAULT/graphs", failure(403, "x.Forbidden", "Permission denied"))
    with pytest.raises(NotAllowed, match="Permission denied"):
        await backend.scopes()


async def test_a_proxy_that_wants_another_login_is_passed_on():
    wire = ScriptedServer()
    wire.override = lambda request: failure(401, "x.NotAuthorizedException", "Authentication failed")
    with pytest.raises(NotLoggedIn, match="Authentication failed"):
        await wire.backend().connect()


async def test_a_graphspace_on_a_classic_server_is_refused_in_words():
    wire = ScriptedServer(version="1.5.0")
    with pytest.raises(NoSuchGraph, match=r'HugeGraph 1\.5\.0 .* no graphspace "team"') as caught:
        await wire.backend(graphspace="team").connect()
    assert caught.value.hint == "Leave the graphspace out."
    backend = wire.backend(graphspace="DEFAULT")
    await backend.connect()
    assert (backend.source.graphspace, backend.source.qualified_graph) == (None, "hugegraph")


async def test_a_graphspace_cannot_be_asked_for_by_the_classic_paths_of_a_server_that_has_some():
    wire = ScriptedServer()
    with pytest.raises(
        NoSuchGraph, match=r'1\.7\.0 at .* through paths without graphspaces.* no graphspace "team"'
    ):
        await wire.backend(paths="classic", graphspace="team").connect()
    assert wire.since() == ["GET /versions"]


async def test_paths_with_graphspaces_that_the_server_does_not_have_are_named():
    wire = ScriptedServer(version="1.5.0")
    lost = failure(404, "javax.ws.rs.NotFoundException", "HTTP 404 Not Found")
    wire.override = on_path("/graphspaces/DEFAULT/graphs", lost)
    with pytest.raises(NoSuchGraph) as caught:
        await wire.backend(paths="graphspace").connect()
    assert str(caught.value) == (
        "HugeGraph 1.5.0 at graph.example:8080 has no graphspaces, but was asked by paths with graphspaces."
    )
    assert caught.value.hint == "Use --paths auto or --paths classic."


@pytest.mark.parametrize(("version", "paths", "listed", "code"), [
    ("1.7.0", "graphspace", "/graphspaces/DEFAULT/graphs", 404),
    ("1.7.0", "classic", "/graphs", 404),
    ("1.5.0", "classic", "/graphs", 404),
    ("1.5.0", "graphspace", "/graphspaces/DEFAULT/graphs", 400),
])  # fmt: skip
async def test_a_refusal_that_has_another_reason_than_the_paths_stays_what_it_is(
    version, paths, listed, code
):
    wire = ScriptedServer(version=version)
    wire.override = on_path(listed, failure(code, "x.SomeException", "Something else"))
    with pytest.raises(Refused, match=f"{listed} answered {code}: Something else"):
        await wire.backend(paths=paths).connect()


async def test_another_graphspace_is_asked_by_its_own_paths():
    wire = ScriptedServer()
    backend = wire.backend(graphspace="team a", graph="hugegraph")
    await backend.connect()
    assert backend.source.qualified_graph == "team a/hugegraph"
    await backend.look(["1"])
    sent = [request.url.raw_path.decode() for request in wire.requests]
    assert sent[1:] == ["/graphspaces/team%20a/graphs", "/graphspaces/team%20a/graphs/hugegraph/tasks?ids=1"]


async def test_a_graph_with_signs_of_addresses_in_its_name_is_asked_by_its_name():
    wire = ScriptedServer(version="1.5.0")
    wire.graphs = ["a?b#c ..;d"]
    backend = wire.backend()
    await backend.look(["1"])
    assert wire.requests[-1].url.raw_path == b"/graphs/a%3Fb%23c%20..%3Bd/tasks?ids=1"


@pytest.mark.parametrize("version", ["1.5.0", "1.7.0"])
@pytest.mark.parametrize("graph", ["", ".", "..", "a/b", "../g", "..\\g"])
async def test_a_listed_graph_that_leads_to_another_path_is_asked_for_nothing(version, graph):
    wire = ScriptedServer([record(1, "running")], version=version)
    wire.graphs = [graph]
    backend = wire.backend()
    for request in (backend.connect, lambda: backend.look(["1"]), lambda: backend.act(Action.CANCEL, "1")):
        with pytest.raises(BadValue, match="Nothing was sent"):
            await request()
    assert {request.url.path.rpartition("/")[2] for request in wire.requests} == {"versions", "graphs"}


@pytest.mark.parametrize("space", [".", "..", "a/b", "..\\g"])
async def test_a_graphspace_that_leads_to_another_path_is_asked_for_nothing(space):
    wire = ScriptedServer([record(1)])
    with pytest.raises(BadValue, match="Nothing was sent"):
        await wire.backend(graphspace=space, graph="hugegraph").connect()
    assert [request.url.path for request in wire.requests] == ["/versions"]


async def test_a_listed_graphspace_that_leads_to_another_path_does_not_hide_the_others():
    wire = ScriptedServer()
    wire.override = lambda request: (
        httpx.Response(200, json={"graphSpaces": ["..", "DEFAULT"]})
        if request.url.path == "/graphspaces"
        else None
    )
    assert [scope.qualified_graph for scope in await wire.backend().scopes()] == ["DEFAULT/hugegraph"]


async def test_a_graph_is_listed_once_however_often_the_server_names_it_and_never_without_a_name():
    wire = ScriptedServer()

    def override(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/graphspaces":
            return httpx.Response(200, json={"graphSpaces": ["DEFAULT", "", "DEFAULT"]})
        is_list = request.url.path == "/graphspaces/DEFAULT/graphs"
        return httpx.Response(200, json={"graphs": ["b", "", "a", "b"]}) if is_list else None

    wire.override = override
    assert [scope.qualified_graph for scope in await wire.backend().scopes()] == ["DEFAULT/a", "DEFAULT/b"]


async def test_scopes_of_all_graphspaces_and_none_is_hidden_by_another_ones_failure():
    wire = ScriptedServer()

    def override(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path
        if path == "/graphspaces":
            return httpx.Response(200, json={"graphSpaces": ["team", "DEFAULT", *failing]})
        if path == "/graphspaces/team/graphs":
            return httpx.Response(200, json={"graphs": ["t2", "t1"]})
        return next((failing[name] for name in failing if path == f"/graphspaces/{name}/graphs"), None)

    failing = {
        "locked": failure(403, "x.Forbidden", "Permission denied"),
        "odd": failure(400, "x.IllegalArgumentException", "odd"),
        "gone": failure(400, "x.IllegalArgumentException", "Graphspace not exist!"),
        "broken": failure(500, "x.Error", "boom"),
    }
    wire.override = override
    backend = wire.backend()
    scopes = await backend.scopes()
    assert scopes == (
        Scope(graph="hugegraph", graphspace="DEFAULT"),
        Scope(graph="t1", graphspace="team"),
        Scope(graph="t2", graphspace="team"),
    )
    failing["locked"] = failure(503, "x.Unavailable", "too busy")
    with pytest.raises(Busy, match="too busy"):
        await backend.scopes()


async def test_scopes_ask_for_the_version_only_where_nobody_has_connected():
    wire = ScriptedServer()
    backend = wire.backend()
    asked = ["GET /graphspaces", "GET /graphspaces/DEFAULT/graphs"]
    await backend.scopes()
    assert wire.since() == ["GET /versions", *asked]
    await backend.connect()
    mark = len(wire.requests)
    assert await backend.scopes() == (Scope(graph="hugegraph", graphspace="DEFAULT"),)
    assert wire.since(mark) == asked


async def test_a_graph_that_is_not_listed_is_there_as_long_as_it_can_be_asked():
    wire = ScriptedServer()
    wire.graphs = []
    backend = wire.backend()
    await backend.connect()
    wire.graphs = ["later"]
    own, later = Scope(graph="hugegraph", graphspace="DEFAULT"), Scope(graph="later", graphspace="DEFAULT")
    assert await backend.scopes() == (own, later)
    dropped = failure(404, "x.NotFoundException", "Graph 'hugegraph' does not exist")
    wire.override = lambda request: dropped if request.url.path.endswith("/tasks") else None
    assert await backend.scopes() == (later,)
    dropped = failure(503, "x.Unavailable", "too busy")
    assert await backend.scopes() == (own, later), "nobody has said that it is gone"


async def test_a_graph_that_is_being_dropped_is_no_graph_any_more():
    wire = ScriptedServer()
    backend = wire.backend()
    await backend.connect()
    words = "Can't find task scheduler for graph 'standardhugegraph[DEFAULT-hugegraph]'"
    wire.override = lambda request: (
        failure(500, "java.lang.IllegalStateException", words)
        if request.url.path.endswith("/tasks")
        else None
    )
    with pytest.raises(ServerFault, match="Can't find task scheduler"):
        await backend.look(["1"])
    wire.graphs = ["other"]
    with pytest.raises(NoSuchGraph, match=r'no graph "hugegraph" .* Its graphs: other'):
        await backend.look(["1"])


@pytest.mark.parametrize("words", ["The graph space 'team' does not exist", "Graphspace not exist!"])
async def test_a_graphspace_that_is_not_there_is_named(words):
    wire = ScriptedServer()
    gone = failure(400, "java.lang.IllegalArgumentException", words)
    wire.override = lambda request: gone if request.url.path == "/graphspaces/team/graphs" else None
    for backend in (wire.backend(graphspace="team"), wire.backend(graphspace="team", graph="g")):
        with pytest.raises(NoSuchGraph, match=r'^graph\.example:8080 has no graphspace "team"\.$'):
            await backend.connect()


async def test_the_source_is_the_wanted_place_before_connecting_and_the_real_one_after_it():
    wire = ScriptedServer(version="1.5.0")
    named, unnamed = wire.backend(graph="hugegraph", graphspace="DEFAULT"), wire.backend(profile="mine")
    assert (named.source.qualified_graph, unnamed.source.qualified_graph) == ("DEFAULT/hugegraph", "")
    for backend in (named, unnamed):
        await backend.connect()
    assert (named.source.qualified_graph, unnamed.source.qualified_graph) == ("hugegraph", "hugegraph")
    assert (unnamed.source.profile, unnamed.source.url, unnamed.source.dialect) == ("mine", URL, "hugegraph")


async def test_scopes_of_a_classic_server_have_no_graphspace():
    wire = ScriptedServer(version="1.5.0")
    wire.graphs = ["b", "a"]
    assert await wire.backend().scopes() == (Scope(graph="a"), Scope(graph="b"))


def test_an_unknown_dialect_names_the_known_ones():
    with pytest.raises(Unsupported, match=r'no dialect "neo4j".*hugegraph'):
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
    wire = ScriptedServer()
    wire.override = lambda request: response if request.url.path.endswith(path) else None
    backend = wire.backend()
    with pytest.raises(BadAnswer) as caught:
        await backend.look(["1"])
    assert caught.value.retryable
    assert caught.value.hint == "Check that this is the address of the server's REST API."


@pytest.mark.parametrize(("code", "words", "kind"), [
    (404, "Graph 'hugegraph' does not exist", NoSuchGraph),
    (404, "Graph 'hugegraph' is being cleared", Refused),
    (400, "Graph 'hugegraph' is read-only", Refused),
    (400, "The name of Graph 'x' does not exist", Refused),
    (400, "Graphspace not exist!", NoSuchGraph),
    (400, "Graph space 'team' does not exist", NoSuchGraph),
    (400, "The graph space 'team' does not exist", NoSuchGraph),
    (400, "Graph space 'team' is locked", Refused),
    (500, "Graph 'hugegraph' does not exist", ServerFault),
    (400, "Can't find task with id '1'", NoSuchTask),
    (404, "There is no task with id '1'", NoSuchTask),
    (500, "Can't find task with id '1'", ServerFault),
])  # fmt: skip
async def test_which_words_are_about_a_graph_or_a_task_that_is_not_there(code, words, kind):
    wire = ScriptedServer()
    backend = wire.backend()
    await backend.connect()
    wire.override = lambda request: (
        failure(code, "x.SomeException", words) if request.url.path.endswith("/tasks") else None
    )
    with pytest.raises(BackendError, match=words) as caught:
        await backend.look(["1"])
    assert type(caught.value) is kind


async def test_an_answer_about_a_graph_whose_message_is_empty_is_told_by_its_exception():
    wire = ScriptedServer()
    backend = wire.backend()
    await backend.connect()
    nothing = httpx.Response(404, json={"exception": "x.Graphspace not exist", "message": "\n"})
    wire.override = lambda request: nothing if request.url.path.endswith("/tasks") else None
    with pytest.raises(NoSuchGraph, match=r"8080/DEFAULT/hugegraph: x\.Graphspace not exist"):
        await backend.look(["1"])


async def test_a_404_in_hugegraphs_words_stays_what_it_is():
    wire = ScriptedServer()
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
    with pytest.raises(BadAnswer, match="answered 404, but not the way HugeGraph does: 404 page not found"):
        await backend.detail("1", cap=1000)
    wire.override = lambda request: httpx.Response(404)
    with pytest.raises(BadAnswer, match="not the way HugeGraph does: no explanation"):
        await backend.detail("1", cap=1000)
