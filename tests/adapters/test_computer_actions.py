"""What cancel and delete of a computer job send, and what of the answers comes back."""

from __future__ import annotations

import httpx
import pytest

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    Busy,
    NoSuchTask,
    NotLoggedIn,
    TimedOut,
    Unsupported,
)
from backend_adapters.model import Action
from tests.adapters.scripted_computers import (
    GRAPH,
    ILLEGAL,
    JOBS,
    OFF,
    ScriptedComputers,
    job,
    older_job,
    opened,
)
from tests.adapters.scripted_servers import failure

PATIENT = 15.0
REFUSED = 3.0
"""Seconds to look for the effect: the distributed scheduler acts every 10; and after a plain no."""


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize(("action", "sent", "body", "code"), [
    (Action.CANCEL, f"PUT {JOBS}/5", b"{}", 202),
    (Action.DELETE, f"DELETE {JOBS}/5", b"", 200),
    (Action.FORCE_DELETE, f"DELETE {GRAPH}/tasks/5?force=true", b"", 204),
])  # fmt: skip
@pytest.mark.parametrize("status", ["running", "success", "cancelling"])
async def test_each_action_is_one_request_and_a_yes_is_a_yes_whatever_its_body(
    action, sent, body, code, status, form
):
    wire = ScriptedComputers([(job if form == "B" else older_job)(5, status)], form=form)
    backend, mark = await opened(wire)
    answer = await backend.act(action, "5")
    assert (answer.code, answer.accepted, answer.server_message, answer.confirm_within) == (
        code,
        True,
        "",
        PATIENT,
    )
    assert wire.lines(mark) == [sent]
    request = wire.requests[-1]
    assert request.content == body
    assert request.headers.get("content-type") == ("application/json" if body else None)


@pytest.mark.parametrize("response", [
    httpx.Response(204),
    httpx.Response(200, json={"task_id": "5", "message": "success"}),
    httpx.Response(202, json={"task_id": 5}),
    httpx.Response(202, content=b"not json"),
])  # fmt: skip
async def test_any_2xx_is_a_yes(response):
    wire = ScriptedComputers([job(5)])
    backend, _ = await opened(wire)
    wire.override = lambda request: response
    for action in (Action.CANCEL, Action.DELETE):
        assert (await backend.act(action, "5")).accepted


@pytest.mark.parametrize(("code", "kind", "words", "patience"), [
    (400, ILLEGAL, "The task is not computer-dis task.", REFUSED),
    (400, ILLEGAL, "The k8s api is not enable.", REFUSED),
    (400, ILLEGAL, "Can't delete incomplete task '5' in status RUNNING", REFUSED),
    (400, ILLEGAL, "There is no task with id '5'", PATIENT),
    (404, "x.NotFoundException", "Can't find task with id '5'", REFUSED),
    (404, "x.NotFoundException", "Task not found", REFUSED),
    (500, "java.lang.NullPointerException", "task is null", PATIENT),
])  # fmt: skip
async def test_a_no_in_words_is_an_answer(code, kind, words, patience):
    wire = ScriptedComputers([job(5)])
    backend, mark = await opened(wire)
    wire.override = lambda request: failure(code, kind, words)
    answer = await backend.act(Action.DELETE, "5")
    assert (answer.code, answer.accepted, answer.server_message, answer.confirm_within) == (
        code,
        False,
        words,
        patience,
    )
    assert len(wire.requests) - mark == 1


@pytest.mark.parametrize(("response", "kind"), [
    (failure(401, "x.NotAuthorizedException", "Authentication failed"), NotLoggedIn),
    (failure(503, "x.ServiceUnavailableException", "too busy"), Busy),
    (httpx.Response(404, html="<html>gone</html>"), BadAnswer),
    (httpx.Response(307, headers={"Location": "https://elsewhere.example"}), BadAnswer),
])  # fmt: skip
async def test_what_is_no_answer_about_the_job_is_an_error(response, kind):
    wire = ScriptedComputers([job(5)])
    backend, mark = await opened(wire)
    wire.override = lambda request: response
    with pytest.raises(BackendError) as caught:
        await backend.act(Action.CANCEL, "5")
    assert type(caught.value) is kind
    assert len(wire.requests) - mark == 1


async def test_an_action_whose_outcome_is_unknown_is_not_sent_again():
    wire = ScriptedComputers([job(5)])
    backend, mark = await opened(wire)

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    wire.override = broken
    with pytest.raises(TimedOut):
        await backend.act(Action.CANCEL, "5")
    assert len(wire.requests) - mark == 1


async def test_what_can_not_be_done_is_not_sent():
    wire = ScriptedComputers([job(5)], version="0.12.0")
    backend, mark = await opened(wire)
    with pytest.raises(NoSuchTask, match="Nothing was sent"):
        await backend.act(Action.DELETE, "5/../6")
    with pytest.raises(Unsupported, match="no force delete"):
        await backend.act(Action.FORCE_DELETE, "5")
    with pytest.raises(Unsupported, match="Computer jobs run algorithms"):
        await backend.submit("g.V()")
    assert wire.lines(mark) == []


async def test_a_server_that_switches_them_off_says_so_in_words():
    wire = ScriptedComputers([job(5, "running")])
    backend, _ = await opened(wire)
    wire.override = lambda request: OFF
    assert (await backend.act(Action.CANCEL, "5")).server_message == "The k8s api is not enable."
