"""The five shapes of errors, each as a sentence and as the class that a person does something else about."""

from __future__ import annotations

import json

import httpx
import pytest

from backend_adapters.backend import Known
from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
)
from backend_adapters.ges.faults import complained
from backend_adapters.transport.complaint import Reply
from tests.adapters.ges_wire import GesWire, job

WHERE = "ges.region.example:443"


def v1(code: str, message: str = "") -> dict[str, object]:
    return {"errorCode": code, "errorMessage": message}


def gateway(code: str, message: str = "") -> dict[str, object]:
    return {"error_code": code, "error_msg": message, "request_id": "f" * 32}


async def said(code: int, body: object = None, content: bytes | None = None, **headers: str):
    """The error that an answer becomes."""
    wire = GesWire()
    payload = {"content": content} if content is not None else {"json": body}
    wire.override = lambda request: httpx.Response(code, **payload, headers=headers)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await wire.backend().changes(Known([], None))
    return caught.value


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (v1("GES.7000", "graph gone"), "GES.7000", "graph gone"),
        ({**v1("GES.8303", "no"), "result": "failed"}, "GES.8303", "no"),
        ({"errCode": "GES.0001", "externalMessage": "bad"}, "GES.0001", "bad"),
        ({"error_code": "GES.8301", "error_msg": "can not find job"}, "GES.8301", "can not find job"),
        (gateway("APIGW.0301", "ak x not exist"), "APIGW.0301", "ak x not exist"),
        ({"errorCode": "GES.1", "errorMsg": "as the SDK knows it"}, "GES.1", "as the SDK knows it"),
        ({"error": {"code": 401, "message": "no token", "title": "Unauthorized"}}, "401", "no token"),
        ({"code": "X.1", "message": "m"}, "X.1", "m"),
        ([], "", ""),
        ("text", "", "text"),
        (None, "", ""),
        ({"error": "words"}, "", ""),
        ({"errorCode": {}}, "", ""),
    ],
)
def test_each_shape_is_read(body, code, message):
    found = complained(Reply(code=400, body=json.dumps(body).encode()))
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize(
    ("code", "body", "kind", "words"),
    [
        (400, v1("GES.0001", "Parameter error."), Refused, "answered 400: Parameter error. (GES.0001)"),
        (400, {"errCode": "GES.0001", "externalMessage": "Bad."}, Refused, "answered 400: Bad. (GES.0001)"),
        (
            400,
            {"error_code": "GES.7018", "error_msg": ""},
            Refused,
            "answered 400: the quota is used up (GES.7018)",
        ),
        (400, v1("GES.0016", "not found"), Refused, "not found (GES.0016)"),
        (400, v1("GES.7000", "gone"), NoSuchGraph, "gone (GES.7000)"),
        (400, v1("GES.8301", "can not find job"), NoSuchTask, "can not find job (GES.8301)"),
        (400, v1("GES.7007"), NoSuchTask, "no such job (GES.7007)"),
        (400, v1("GES.7041", "no"), NotAllowed, "no (GES.7041)"),
        (400, v1("GES.8007", "token is invalid"), NotLoggedIn, "token is invalid (GES.8007)"),
        (408, v1("GES.7005"), ServerFault, "answered 408: the graph's engine is not available (GES.7005)"),
        (400, v1("GES.9999", "failed"), ServerFault, "failed (GES.9999)"),
        (400, v1("GES.4242"), Refused, "no explanation (GES.4242)"),
        (
            401,
            {"error": {"code": 401, "message": "Log in.", "title": "x"}},
            NotLoggedIn,
            "answered 401: Log in. (401)",
        ),
        (401, gateway("APIGW.0301", "decrypt token fail"), NotLoggedIn, "decrypt token fail (APIGW.0301)"),
        (401, gateway("APIG.0303"), NotLoggedIn, "wrong login (APIG.0303)"),
        (403, gateway("APIGW.0306", "denied"), NotAllowed, "denied (APIGW.0306)"),
        (403, gateway("APIG.0802", "barred"), NotAllowed, "barred (APIG.0802)"),
        (
            404,
            gateway("APIGW.0101", "The API does not exist"),
            BadAnswer,
            "The API does not exist (APIGW.0101)",
        ),
        (413, gateway("APIGW.0201", "too large"), Refused, "too large (APIGW.0201)"),
        (429, gateway("APIGW.0308", "threshold"), Busy, "threshold (APIGW.0308)"),
        (400, gateway("APIG.0308", "threshold"), Busy, "threshold (APIG.0308)"),
        (429, {}, Busy, "answered 429"),
        (500, gateway("APIGW.0601", "oops"), ServerFault, "oops (APIGW.0601)"),
        (502, gateway("APIGW.0201", "backend"), ServerFault, "backend (APIGW.0201)"),
        (503, gateway("APIGW.0613", "IAM"), Busy, "IAM (APIGW.0613)"),
        (200, v1("GES.9999", "failed"), ServerFault, "answered 200: an error: failed (GES.9999)"),
        (200, gateway("GES.8301", "gone"), NoSuchTask, "gone (GES.8301)"),
    ],
)
async def test_each_error_is_a_sentence_and_has_its_class(code, body, kind, words):
    error = await said(code, body)
    assert type(error) is kind
    assert str(error).startswith(f"{WHERE} answered {code}")
    assert words in str(error)


@pytest.mark.parametrize(
    ("code", "content", "kind", "words"),
    [
        (502, b"<html>Bad gateway</html>", ServerFault, "answered 502: bad gateway"),
        (404, b"<html>nginx</html>", BadAnswer, "answered 404 with a web page"),
        (401, b"<html>log in</html>", NotLoggedIn, "answered 401: login required"),
        (429, b"<html>slow</html>", Busy, "answered 429"),
        (503, b"", Busy, "answered 503: service unavailable"),
        (500, b"", ServerFault, "answered 500: internal error"),
        (400, b"plain words", Refused, "answered 400: plain words"),
        (200, b"<html>log in</html>", BadAnswer, "sent a web page instead of a list of jobs"),
        (200, b"", BadAnswer, "cut off, or no JSON"),
        (200, b'{"jobCount":1,"jobList":[{"jobId":"a', BadAnswer, "cut off, or no JSON"),
        (200, b"[]", BadAnswer, "not a list of jobs"),
        (200, b'"x"', BadAnswer, "not a list of jobs"),
        (200, b"{}", BadAnswer, "not a list of jobs"),
        (200, b'{"jobCount":1,"jobList":{"a":1}}', BadAnswer, "not a list of jobs"),
        (200, b'{"jobCount":1,"jobList":7}', BadAnswer, "not a list of jobs"),
        (200, b'{"jobList":[' + b"[" * 100_000, BadAnswer, "no"),
    ],
)
async def test_what_is_no_answer_of_ges_is_told_as_such(code, content, kind, words):
    error = await said(code, content=content)
    assert type(error) is kind, error
    assert words in str(error)


@pytest.mark.parametrize(
    ("headers", "wait"), [({}, 5.0), ({"Retry-After": "17"}, 17.0), ({"Retry-After": "soon"}, 5.0)]
)
async def test_throttling_is_waited_for_as_long_as_it_says_or_five_seconds(headers, wait):
    error = await said(429, gateway("APIGW.0308", "The throttling threshold has been reached"), **headers)
    assert (error.retry_after, error.retryable) == (wait, True)


async def test_an_overloaded_server_that_does_not_throttle_is_asked_ever_more_slowly():
    assert (await said(503, content=b"")).retry_after is None


async def test_empty_error_fields_of_a_good_answer_are_no_error():
    wire = GesWire([job(1)])
    for fields in (v1("", ""), v1(None, None), {"error_code": "", "error_msg": None}):
        body = {**fields, "jobCount": 1, "jobList": wire.jobs}
        wire.override = lambda request, body=body: httpx.Response(200, json=body)
        assert len((await wire.backend().changes(Known([], None))).tasks) == 1


async def test_no_secret_of_the_request_comes_back_in_a_sentence():
    body = gateway("APIGW.0301", "bad header: x-auth-token: MIIabcdef, secret=hunter2")
    error = await said(401, body)
    assert "MIIabcdef" not in str(error)
    assert "hunter2" not in str(error)


async def test_a_long_message_is_cut():
    assert len(str(await said(400, v1("GES.9999", "x" * 5000)))) < 400
