"""The five shapes of errors, each as a sentence and as the class that a person does something else about."""

from __future__ import annotations

import json

import httpx
import pytest

from backend_adapters.backend import KnownTasks
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
)
from backend_adapters.ges.error_codes import GATEWAY_CODES, GES_CODES
from backend_adapters.ges.errors import read_ges_error
from backend_adapters.transport.error_body import ErrorBody, Reply
from tests.adapters.scripted_ges import ScriptedGes, job

WHERE = "ges.region.example:443"


def v1(code: str, message: str = "") -> dict[str, object]:
    return {"errorCode": code, "errorMessage": message}


def gateway(code: str, message: str = "") -> dict[str, object]:
    return {"error_code": code, "error_msg": message, "request_id": "f" * 32}


SENTENCES = [
    ("GES.0001", "invalid parameter", "Check the project id, the graph's name and the token."),
    ("GES.0016", "resource not found", "Check that the project id belongs to this login."),
    ("GES.7000", "the graph is gone", ""),
    ("GES.7001", "the graph is not running", "Start it in the GES console."),
    ("GES.7002", "the graph is being backed up", "Try again when the backup has finished."),
    ("GES.7003", "the graph is being stopped, or stopped", "Start it in the GES console."),
    ("GES.7004", "the infrastructure failed", "Try again later."),
    ("GES.7005", "the graph's engine is not available", "Try again later."),
    ("GES.7006", "the graph's engine failed", "Try again later."),
    ("GES.7007", "no such job", ""),
    ("GES.7008", "the job has already stopped", ""),
    ("GES.7009", "the job does not support this", ""),
    ("GES.7016", "invalid body or header", ""),
    ("GES.7018", "the quota is used up", ""),
    ("GES.7041", "no permission", "The login needs the permission ges:jobs:list."),
    ("GES.7042", "the graph is being created", "Try again when it is running."),
    ("GES.7049", "a parameter is missing", ""),
    ("GES.7050", "a parameter is empty", ""),
    ("GES.7051", "the infrastructure failed", "Try again later."),
    ("GES.8000", "invalid parameter", ""),
    ("GES.8005", "invalid parameter", ""),
    ("GES.8006", "wrong project", "Check that the project id belongs to this login."),
    ("GES.8007", "bad token", ""),
    ("GES.8301", "no such job", ""),
    ("GES.8302", "the job could not be looked up", ""),
    ("GES.8303", "the job can't be stopped", ""),
    ("GES.8304", "stopping the job failed", ""),
    ("GES.8602", "the graph's engine is not available", "Try again later."),
    ("GES.9999", "failed", ""),
    (
        "APIGW.0101",
        "no such API",
        "Check the address and the dialect (ges, ges-v1-2019, ges-v2 or ges-graph).",
    ),
    ("APIGW.0201", "bad request", ""),
    ("APIGW.0204", "TLS 1.1 or older is refused", ""),
    ("APIGW.0301", "invalid login", ""),
    ("APIGW.0302", "this user is not allowed to do this", "Ask for the permission ges:jobs:list."),
    ("APIGW.0303", "invalid login", ""),
    ("APIGW.0305", "no login", ""),
    ("APIGW.0306", "denied", "Ask for the permission ges:jobs:list."),
    ("APIGW.0307", "the token must be renewed", ""),
    ("APIGW.0308", "throttled", ""),
    ("APIGW.0310", "the project is not available", "Check the project id."),
    ("APIGW.0601", "the gateway failed", "Try again later."),
    ("APIGW.0613", "the login service is down", "Try again later."),
    ("APIGW.0802", "this user is blocked in this region", ""),
]


async def said(code: int, body: object = None, content: bytes | None = None, graph: str = "", **headers: str):
    """The error that an answer becomes."""
    wire = ScriptedGes()
    payload = {"content": content} if content is not None else {"json": body}
    wire.override = lambda request: httpx.Response(code, **payload, headers=headers)
    with pytest.raises(BackendError) as caught:
        await wire.backend(graph=graph).changes(KnownTasks([], None))
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
        ({"errorCode": "", "code": "X.2", "errorMessage": "", "errorMsg": "e", "message": "m"}, "X.2", "e"),
        ({"errCode": "A", "error_code": "B", "code": "C"}, "A", ""),
        ({"externalMessage": " padded ", "error_msg": "later"}, "", "padded"),
        ({"errorCode": 7, "errorMessage": 8.5}, "7", "8.5"),
        ({"errorCode": True, "errorMessage": ["a"]}, "", ""),
        ({"code": "outer", "error": {"message": "inner"}}, "outer", "inner"),
        ({"code": "outer", "error": {"code": "inner"}}, "inner", ""),
        ([], "", ""),
        ([{"errorCode": "GES.0001"}], "", ""),
        ("text", "", "text"),
        (None, "", ""),
        ({"error": "words"}, "", ""),
        ({"errorCode": {}}, "", ""),
    ],
)
def test_each_shape_is_read(body, code, message):
    found = read_ges_error(Reply(code=400, body=json.dumps(body).encode()))
    assert (found.code, found.message) == (code, message)


@pytest.mark.parametrize("name", ["code", "message"])
def test_fields_of_a_good_answer_that_are_called_like_those_of_an_error_are_none(name):
    body = json.dumps({name: "of the job"}).encode()
    assert read_ges_error(Reply(code=200, body=body)) == ErrorBody()
    assert read_ges_error(Reply(code=400, body=body)) != ErrorBody()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" plain words \n", "plain words"),
        (b'"quoted"', "quoted"),
        (b'{"errorCode": "GES', ""),
        (b'["GES', ""),
        (b"null", ""),
        (b"x" * 2001, "x" * 2000),
        ("é".encode("latin-1"), "\ufffd"),
    ],
)
def test_what_is_no_object_is_words_where_it_is_no_json(content, message):
    assert read_ges_error(Reply(code=400, body=content)) == ErrorBody(message=message)
    assert read_ges_error(Reply(code=200, body=content)) == ErrorBody()


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
        (400, v1("GES.0001", "GES.0001 it is"), Refused, "answered 400: GES.0001 it is"),
        *[
            (400, v1(code), ServerFault, f"({code})")
            for code in ("GES.7004", "GES.7006", "GES.7051", "GES.8302", "GES.8304", "GES.8602")
        ],
        *[(400, v1(code), Refused, f"({code})") for code in ("GES.7001", "GES.7009", "GES.8303", "GES.8000")],
        (401, gateway("APIGW.0305"), NotLoggedIn, "no login (APIGW.0305)"),
        (403, gateway("APIGW.0307"), NotLoggedIn, "the token must be renewed (APIGW.0307)"),
        (404, gateway("APIG.0310"), NotAllowed, "the project is not available (APIG.0310)"),
        (400, gateway("APIG.0302"), NotAllowed, "this user is not allowed to do this (APIG.0302)"),
        (403, v1("GES.4242", "hm"), NotAllowed, "hm (GES.4242)"),
        (499, v1("GES.4242", "hm"), Refused, "hm (GES.4242)"),
        (500, v1("GES.4242", "hm"), ServerFault, "hm (GES.4242)"),
        (404, v1("GES.0101", "hm"), Refused, "hm (GES.0101)"),
        (400, v1("GES.4242"), Refused, "no explanation (GES.4242)"),
        (
            401,
            {"error": {"code": 401, "message": "Log in.", "title": "x"}},
            NotLoggedIn,
            "answered 401: Log in. (401)",
        ),
        (401, gateway("APIGW.0301", "decrypt token fail"), NotLoggedIn, "decrypt token fail (APIGW.0301)"),
        (401, gateway("APIG.0303"), NotLoggedIn, "invalid login (APIG.0303)"),
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
        (429, {}, Busy, "answered 429: no explanation"),
        (500, gateway("APIGW.0601", "oops"), ServerFault, "oops (APIGW.0601)"),
        (502, gateway("APIGW.0201", "backend"), ServerFault, "backend (APIGW.0201)"),
        (503, gateway("APIGW.0613", "IAM"), Busy, "IAM (APIGW.0613)"),
        (200, v1("GES.9999", "failed"), ServerFault, "answered 200 with an error: failed (GES.9999)"),
        (200, gateway("GES.8301", "gone"), NoSuchTask, "gone (GES.8301)"),
    ],
)
async def test_each_error_is_a_sentence_and_has_its_class(code, body, kind, words):
    error = await said(code, body)
    assert type(error) is kind
    assert str(error).startswith(f"{WHERE} answered {code}")
    assert str(error).endswith(words)
    assert error.code == (404 if kind is NoSuchGraph else code)
    assert str(await said(code, body, graph="movies")).startswith(f"{WHERE}/movies answered {code}")


@pytest.mark.parametrize(("code", "meaning", "advice"), SENTENCES)
async def test_a_code_without_words_is_explained(code, meaning, advice):
    error = await said(400, gateway(code))
    assert str(error) == f"{WHERE} answered 400: {meaning} ({code})"
    assert advice in ("", error.hint)


def test_every_code_that_is_known_is_explained():
    assert [code.removeprefix("APIGW.") for code, _, _ in SENTENCES] == [*GES_CODES, *GATEWAY_CODES]


@pytest.mark.parametrize(
    ("code", "content", "kind", "words"),
    [
        (502, b"<html>Bad gateway</html>", ServerFault, "answered 502: bad gateway"),
        (404, b"<html>nginx</html>", BadAnswer, "answered 404 with a web page instead of JSON."),
        (401, b"<html>log in</html>", NotLoggedIn, "answered 401: login required"),
        (429, b"<html>slow</html>", Busy, "answered 429: no explanation"),
        (503, b"", Busy, "answered 503: service unavailable"),
        (500, b"", ServerFault, "answered 500: internal error"),
        (400, b"plain words", Refused, "answered 400: plain words"),
        (200, b"<html>log in</html>", BadAnswer, "sent a web page instead of a list of jobs."),
        (200, b"", BadAnswer, "sent a list that is truncated or not JSON."),
        (
            200,
            b'{"jobCount":1,"jobList":[{"jobId":"a',
            BadAnswer,
            "sent a list that is truncated or not JSON.",
        ),
        (200, b"[]", BadAnswer, "sent JSON that is not a list of jobs."),
        (200, b'"x"', BadAnswer, "sent JSON that is not a list of jobs."),
        (200, b"{}", BadAnswer, "sent JSON that is not a list of jobs."),
        (200, b'{"jobCount":1,"jobList":{"a":1}}', BadAnswer, "sent JSON that is not a list of jobs."),
        (200, b'{"jobCount":1,"jobList":7}', BadAnswer, "sent JSON that is not a list of jobs."),
        (200, b'{"jobList":[' + b"[" * 100_000, BadAnswer, "sent a list that is truncated or not JSON."),
    ],
)
async def test_what_is_no_answer_of_ges_is_told_as_such(code, content, kind, words):
    error = await said(code, content=content)
    assert type(error) is kind, error
    assert str(error) == f"{WHERE} {words}"


@pytest.mark.parametrize(
    ("headers", "wait"), [({}, 5.0), ({"Retry-After": "17"}, 17.0), ({"Retry-After": "soon"}, 5.0)]
)
async def test_throttling_is_waited_for_as_long_as_it_says_or_five_seconds(headers, wait):
    error = await said(429, gateway("APIGW.0308", "The throttling threshold has been reached"), **headers)
    assert (error.retry_after, error.retryable) == (wait, True)


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"error_code": "APIGW.0613", "error_msg": "IAM"}'])
async def test_an_overloaded_server_that_does_not_throttle_is_asked_ever_more_slowly(content):
    assert (await said(503, content=content)).retry_after is None
    assert (await said(503, content=content, **{"Retry-After": "7"})).retry_after == 7.0


@pytest.mark.parametrize("content", [b"", b"<html>", b"slowly"])
async def test_throttling_in_any_words_is_waited_for(content):
    assert (await said(429, content=content)).retry_after == 5.0


async def test_empty_error_fields_of_a_good_answer_are_no_error():
    wire = ScriptedGes([job(1)])
    for fields in (v1("", ""), v1(None, None), {"error_code": "", "error_msg": None}):
        body = {**fields, "jobCount": 1, "jobList": wire.jobs}
        wire.override = lambda request, body=body: httpx.Response(200, json=body)
        assert len((await wire.backend().changes(KnownTasks([], None))).tasks) == 1


async def test_no_secret_of_the_request_comes_back_in_a_sentence():
    body = gateway("APIGW.0301", "bad header: x-auth-token: MIIabcdef, secret=hunter2")
    error = await said(401, body)
    assert str(error) == (
        f"{WHERE} answered 401: bad header: x-auth-token: ••••••, secret=•••••• (APIGW.0301)"
    )


async def test_a_long_message_is_cut():
    error = await said(400, v1("GES.9999", "x" * 5000))
    assert str(error).startswith(f"{WHERE} answered 400: {'x' * 200}")
    assert str(error).endswith("x… (GES.9999)")
    assert len(str(error)) < 400
