"""What an action sends, and what of the server's answer comes back: words and code, no verdict."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
    Unsupported,
    may_have_started,
)
from backend_adapters.model import Action
from tests.adapters.scripted_servers import PREFIX, ScriptedServer, body_of, failure, record

HUGE = "org.apache.hugegraph.HugeException"
PATIENT = 15.0
"""Seconds to look for the effect: the distributed scheduler carries out a cancel or a delete every 10."""
REFUSED = 3.0
"""Seconds to look again after a plain no."""
WHERE = "graph.example:8080/DEFAULT/hugegraph"
GRAPH = "/graphspaces/DEFAULT/graphs/hugegraph"
NO_ID = f"{WHERE} accepted the job but didn't return its id."


async def opened(wire: ScriptedServer):
    backend = wire.backend()
    await backend.connect()
    return backend, len(wire.requests)


@pytest.mark.parametrize(("action", "sent", "code"), [
    (Action.CANCEL, f"PUT {PREFIX}/5?action=cancel", 202),
    (Action.DELETE, f"DELETE {PREFIX}/5", 204),
    (Action.FORCE_DELETE, f"DELETE {PREFIX}/5?force=true", 204),
])  # fmt: skip
async def test_each_action_is_one_request(action, sent, code):
    wire = ScriptedServer([record(5, "running")])
    backend, mark = await opened(wire)
    answer = await backend.act(action, "5")
    assert (answer.code, answer.accepted, answer.server_message) == (code, True, "")
    assert answer.confirm_within == PATIENT
    requests = wire.requests[mark:]
    assert [f"{request.method} {request.url.raw_path.decode()}" for request in requests] == [sent]


@pytest.mark.parametrize(("code", "kind", "words", "patience"), [
    (400, "BadRequestException", "Can't cancel task '5' which is completed or cancelling", PATIENT),
    (400, "IllegalArgumentException", "There is no task with id '5'", PATIENT),
    (400, HUGE, "Failed to update/query TaskStore: java.lang.InterruptedException", PATIENT),
    (400, "IllegalArgumentException", "Can't delete incomplete task '5' in status RUNNING", REFUSED),
    (400, HUGE, "Can't cancel task '5' in status SUCCESS", REFUSED),
    (400, HUGE, "Not support action 'cancel'", REFUSED),
    (400, HUGE, "Can't find task with id '5'", REFUSED),
    (400, HUGE, "The task is not computer-dis task", REFUSED),
    (400, HUGE, "The k8s api is not enable", REFUSED),
    (404, "NotFoundException", "Can't find task with id '5'", REFUSED),
    (404, "NotFoundException", "HTTP 404 Not Found", REFUSED),
    (415, "NotSupportedException", "HTTP 415 Unsupported Media Type", REFUSED),
    (500, "java.lang.IllegalStateException", "locked by another server", PATIENT),
    (500, "java.lang.NullPointerException", "x is null", PATIENT),
])  # fmt: skip
async def test_a_no_in_words_is_an_answer_with_the_time_to_look_again(code, kind, words, patience):
    wire = ScriptedServer([record(5)])
    backend, _ = await opened(wire)
    wire.override = lambda request: failure(code, kind, words)
    answer = await backend.act(Action.CANCEL, "5")
    assert (answer.code, answer.accepted, answer.server_message, answer.confirm_within) == (
        code,
        False,
        words,
        patience,
    )


async def test_a_worker_of_a_cluster_is_named_as_one():
    wire = ScriptedServer([record(5)])
    backend, _ = await opened(wire)
    wire.override = lambda request: failure(400, HUGE, "Can't schedule task on non-master server")
    cure = "This server is a worker of its cluster: connect to the master."
    answer = await backend.act(Action.CANCEL, "5")
    assert (answer.server_message, answer.confirm_within) == (
        f"{cure} (Can't schedule task on non-master server)",
        REFUSED,
    )
    assert answer.as_worker
    with pytest.raises(Refused, match="answered 400: Can't schedule task on non-master server") as caught:
        await backend.submit("1")
    assert (caught.value.hint, caught.value.as_worker) == (cure, True)


@pytest.mark.parametrize(("response", "kind"), [
    (failure(401, "x.NotAuthorizedException", "Authentication failed"), NotLoggedIn),
    (failure(403, "x.ForbiddenException", "Permission denied"), NotAllowed),
    (failure(503, "x.ServiceUnavailableException", "The server is too busy"), Busy),
    (httpx.Response(404, html="<html>gone</html>"), BadAnswer),
    (httpx.Response(404, text="404 page not found"), BadAnswer),
    (httpx.Response(404, json={"status": 404, "error": "Not Found"}), BadAnswer),
    (httpx.Response(301, headers={"Location": "https://elsewhere.example"}), BadAnswer),
    (httpx.Response(400), Refused),
    (httpx.Response(500), ServerFault),
    (httpx.Response(500, html="<html><h1>Request failed.</h1></html>"), Starting),
    (failure(405, "x.NotAllowedException", "HTTP 405 Method Not Allowed"), Refused),
])  # fmt: skip
async def test_what_is_no_answer_about_the_task_is_an_error(response, kind):
    wire = ScriptedServer([record(5)])
    backend, mark = await opened(wire)
    wire.override = lambda request: response
    with pytest.raises(BackendError) as caught:
        await backend.act(Action.DELETE, "5")
    assert type(caught.value) is kind
    assert len(wire.requests) - mark == 1


@pytest.mark.parametrize(("error", "kind"), [(httpx.ReadTimeout, TimedOut), (httpx.ReadError, Unreachable)])
async def test_an_action_whose_outcome_is_unknown_is_not_sent_again(error, kind):
    wire = ScriptedServer([record(5)])
    backend, mark = await opened(wire)

    def broken(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    wire.override = broken
    with pytest.raises(kind):
        await backend.act(Action.CANCEL, "5")
    assert len(wire.requests) - mark == 1


async def test_an_id_that_can_be_none_is_not_sent():
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    with pytest.raises(NoSuchTask, match="Nothing was sent"):
        await backend.act(Action.DELETE, "5?force=true")
    assert wire.since(mark) == []


async def test_a_submitted_script_is_sent_whole_and_gives_the_id():
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    assert await backend.submit("g.V().has('名', \"x\")") == "1"
    assert wire.since(mark) == ["POST /graphspaces/DEFAULT/graphs/hugegraph/jobs/gremlin"]
    assert body_of(wire.requests[-1]) == {
        "gremlin": "g.V().has('名', \"x\")",
        "bindings": {},
        "language": "gremlin-groovy",
        "aliases": {},
    }


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("task_id", ["-5", "..", "", "1/../2", "--yes"])
async def test_nothing_is_sent_for_what_is_no_id(action, task_id):
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    with pytest.raises(NoSuchTask, match="Nothing was sent"):
        await backend.act(action, task_id)
    assert wire.since(mark) == []


async def test_the_id_of_a_submitted_script_may_come_as_a_text():
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    wire.override = lambda request: httpx.Response(201, json={"task_id": "77"})
    assert await backend.submit("1") == "77"


@pytest.mark.parametrize(("response", "kind", "words"), [
    (httpx.Response(201, json={"message": "ok"}), BadAnswer, NO_ID),
    (httpx.Response(201, html="<html>"), BadAnswer, NO_ID),
    *((httpx.Response(201, content=b'{"task_id": %b}' % odd), BadAnswer, NO_ID) for odd in (
        b"-5", b"null", b"true", b"[7]", b"1e400", b"NaN", b"1.5", b"9" * 19, b"9" * 5000, b'"\xff"',
        b"[" * 9999,
    )),
    (failure(400, HUGE, "Pending tasks size 10001 has exceeded the max limit 10000"), Refused,
     f"{WHERE} answered 400: Pending tasks size 10001 has exceeded the max limit 10000"),
    (failure(404, "x.NotFoundException", "Graph 'hugegraph' does not exist"), NoSuchGraph,
     f"{WHERE}: Graph 'hugegraph' does not exist"),
])  # fmt: skip
async def test_a_submit_that_brings_no_id_is_an_error_and_sent_once(response, kind, words):
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    wire.override = lambda request: response if request.method == "POST" else None
    with pytest.raises(BackendError) as caught:
        await backend.submit("1")
    assert (type(caught.value), str(caught.value)) == (kind, words)
    assert may_have_started(caught.value) is (words == NO_ID)
    assert [line for line in wire.since(mark) if "POST" in line] == [f"POST {GRAPH}/jobs/gremlin"]


@pytest.mark.parametrize(("response", "may_run"), [
    *((httpx.Response(201, content=body), True) for body in (b"{}", b"[]", b"null", b'{"task_id":', b"")),
    (httpx.Response(204), True),
    (httpx.Response(200, html="<html>Please log in.</html>"), True),
    (httpx.Response(200, content=b"x", headers={"Content-Encoding": "gzip"}), True),
    (failure(500, "java.lang.NullPointerException", "x"), True),
    (failure(400, HUGE, "Failed to update/query TaskStore: java.lang.InterruptedException"), True),
    (httpx.Response(500, html="<html>Request failed.</html>"), True),
    (httpx.Response(502, html="<html>Bad gateway</html>"), True),
    (httpx.Response(503), True),
    (httpx.Response(504), True),
    (httpx.Response(302, headers={"Location": "https://login.example/"}), False),
    (httpx.Response(401), False),
    (httpx.Response(403), False),
    (httpx.Response(404, html="<html>Not found</html>"), False),
    (httpx.Response(404, json={"error": "no such route"}), False),
    (httpx.Response(413), False),
    (httpx.Response(429, headers={"Retry-After": "7"}), False),
])  # fmt: skip
async def test_of_a_submit_that_failed_it_is_known_whether_it_may_run(response, may_run):
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    wire.override = lambda request: response if request.method == "POST" else None
    with pytest.raises(BackendError) as caught:
        await backend.submit("1")
    assert may_have_started(caught.value) is may_run


async def test_the_values_of_a_scripts_variables_are_sent_with_it():
    wire = ScriptedServer()
    backend, _ = await opened(wire)
    await backend.submit("x + 1", {"x": 41, "名": ["a", None]})
    body = body_of(wire.requests[-1])
    assert (body["gremlin"], body["bindings"], body["aliases"]) == ("x + 1", {"x": 41, "名": ["a", None]}, {})


async def test_actions_at_the_same_time_are_all_sent_once():
    wire = ScriptedServer(record(n, "running") for n in range(1, 21))
    backend, mark = await opened(wire)
    await asyncio.gather(*(backend.act(Action.CANCEL, str(n)) for n in range(1, 21)))
    assert sorted(wire.since(mark)) == sorted(f"PUT {PREFIX}/{n}" for n in range(1, 21))


async def test_no_job_is_created_from_a_form_here():
    wire = ScriptedServer()
    backend, mark = await opened(wire)
    assert backend.recipes() == ()
    with pytest.raises(Unsupported, match="can't create jobs from a form"):
        await backend.create("page-rank", {})
    assert wire.since(mark) == []


class Endless(httpx.AsyncByteStream):
    """The answer to a cancel: the whole task with a result that never ends; it counts what was taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self):
        yield b'{"id": 5, "task_result": "'
        while True:
            self.taken += 65_536
            yield b"x" * 65_536


async def test_of_an_answer_that_holds_the_whole_result_no_more_than_a_mebibyte_is_read():
    wire = ScriptedServer([record(5, "running")])
    backend, _ = await opened(wire)
    body = Endless()
    wire.override = lambda request: httpx.Response(202, stream=body)
    for action in (Action.CANCEL, Action.DELETE):
        body.taken = 0
        assert (await backend.act(action, "5")).accepted
        assert 1_000_000 < body.taken < 1_200_000
