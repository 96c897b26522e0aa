"""A simulated GES project that answers wrongly, late or not at all where a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator import EpochClock, wall_clock
from backend_adapters.simulator.asgi import request_target, send_answer
from backend_adapters.simulator.ges import EMPTY_GES, GesApp, GesSettings
from backend_adapters.simulator.ges.gateway import throttle_refusal
from backend_adapters.simulator.ges.replies import refusal_reply
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal
from tests.support.faults import RequestFault, break_connection, collect_answer

ELSEWHERE = "http://elsewhere.example/v1.0/graphs/jobs"
"""Where a redirect points."""

_JSON = b"application/json"
_PROXY_PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>elb</p></body></html>"


class GesWrong(Enum):
    """What is wrong with an answer."""

    HTML = "html"
    """200 with a proxy's HTML page."""
    BAD_GATEWAY = "bad gateway"
    """502 with the same page."""
    REDIRECT = "redirect"
    """302 to another host."""
    REPEATED = "repeated page"
    """The list that the request before got, whatever this one asks for."""
    COUNT = "count"
    """`jobCount` says 7 more than there are."""
    NO_LIST = "no list"
    """`jobList` is null."""
    MISSING = "missing"
    """The first job lacks `field`, or all its fields."""
    NULL = "null"
    """The same is null."""
    WRONG_TYPE = "wrong type"
    """The same has a value of another type."""
    UNKNOWN_STATUS = "unknown status"
    """The first job's status is a word that nobody knows: `frozen`."""
    EMPTY_ERROR = "empty error"
    """The right answer, with an empty `errorCode` and `errorMessage` beside it: no error."""
    ERROR_IN_200 = "error in 200"
    """200 with GES.9999."""
    FAILED = "failed"
    """400 GES.9999."""
    FORM_2021 = "form of 2021"
    """400 `{"errCode":"GES.0001","externalMessage":...}`."""
    ENGINE_DOWN = "engine down"
    """408 GES.7005."""
    IAM_FORM = "iam form"
    """401 `{"error":{"code":401,...}}`."""
    EXPIRED = "expired"
    """401 APIGW.0307: the token must be updated."""
    THROTTLED = "throttled"
    """429 APIGW.0308, with Retry-After if the fault has `seconds`."""
    EMPTY = "empty"
    """200 with an empty body."""
    CUT_JSON = "cut json"
    """The first half of the JSON, as if it were all."""
    DELAY = "delay"
    """The right answer, `seconds` late."""
    CUT = "cut"
    """The connection breaks in the middle of the body."""
    LOST = "lost"
    """The request takes effect, the connection breaks before the answer."""


_CANNED: dict[GesWrong, tuple[int, bytes, bytes]] = {
    GesWrong.HTML: (200, b"text/html", _PROXY_PAGE),
    GesWrong.BAD_GATEWAY: (502, b"text/html", _PROXY_PAGE),
    GesWrong.EMPTY: (200, _JSON, b""),
}

_SAYS: dict[GesWrong, tuple[int, str, str, ErrorForm | None]] = {
    GesWrong.ERROR_IN_200: (200, "GES.9999", "Request processing failed.", None),
    GesWrong.FAILED: (400, "GES.9999", "Request processing failed.", None),
    GesWrong.FORM_2021: (400, "GES.0001", "Parameter error.", ErrorForm.V1_2021),
    GesWrong.ENGINE_DOWN: (408, "GES.7005", "The graph engine is unavailable.", None),
    GesWrong.IAM_FORM: (
        401,
        "Unauthorized",
        "The request you have made requires authentication.",
        ErrorForm.IAM,
    ),
    GesWrong.EXPIRED: (401, "APIGW.0307", "The token must be updated.", ErrorForm.GATEWAY),
}

_MISTYPED: dict[type, object] = {str: 17, int: "seventeen", dict: "not a map", list: {"not": "a list"}}


@dataclass
class GesFault(RequestFault[GesWrong]):
    """One thing that goes wrong at a GES project."""

    field: str = ""
    """A job's field as it is on the wire, `jobId` or `job_id`; all of them where it is empty."""

    def refusal(self, path: str) -> Refusal | None:
        """What is said instead of the right answer, if this fault is a refusal."""
        if self.wrong is GesWrong.THROTTLED:
            return throttle_refusal(200, int(self.seconds) or None)
        if self.wrong not in _SAYS:
            return None
        status, code, words, form = _SAYS[self.wrong]
        return Refusal(
            status, code, words, form or (ErrorForm.V2 if path.startswith("/v2/") else ErrorForm.V1)
        )

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, before: bytes) -> None:
        """Answer a request wrongly; `before` is the last list that was sent."""
        if self.wrong is GesWrong.DELAY:
            await asyncio.sleep(self.seconds)
            await app(scope, receive, send)
        elif self.wrong is GesWrong.REDIRECT:
            headers = [(b"location", ELSEWHERE.encode()), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 302, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        elif self.wrong in _CANNED:
            await send_answer(send, *_CANNED[self.wrong])
        else:
            await self._spoil(*await collect_answer(app, scope, receive), before, send)

    async def _spoil(self, status: int, kind: bytes, body: bytes, before: bytes, send: Send) -> None:
        if self.wrong is GesWrong.LOST:
            await break_connection(send, status, b"", b"")
        if self.wrong is GesWrong.CUT:
            await break_connection(send, status, kind, body)
        await send_answer(send, status, kind, self._spoilt(body, before))

    def _spoilt(self, body: bytes, before: bytes) -> bytes:
        if self.wrong is GesWrong.REPEATED:
            return before or body
        if self.wrong is GesWrong.CUT_JSON:
            return body[: len(body) // 2]
        fields = msgspec.json.decode(body)
        if isinstance(fields, dict):
            self._change(fields)
        return msgspec.json.encode(fields)

    def _change(self, fields: dict[str, Any]) -> None:
        listed = _key(fields, "jobList", "job_list", "jobs")
        if self.wrong is GesWrong.COUNT:
            fields[_key(fields, "jobCount", "job_count", "totalCount")] += 7
        elif self.wrong is GesWrong.NO_LIST:
            fields[listed] = None
        elif self.wrong is GesWrong.EMPTY_ERROR:
            fields |= {"errorCode": "", "errorMessage": ""}
        else:
            jobs = fields.get(listed, [fields])
            if jobs:
                self._change_job(jobs[0])

    def _change_job(self, job: dict[str, Any]) -> None:
        for name in [self.field] if self.field else list(job):
            if self.wrong is GesWrong.MISSING:
                job.pop(name, None)
            elif self.wrong is GesWrong.NULL:
                job[name] = None
            elif self.wrong is GesWrong.WRONG_TYPE:
                job[name] = _MISTYPED.get(type(job.get(name)), [])
        if self.wrong is GesWrong.UNKNOWN_STATUS:
            job["status"] = "frozen"


_Names = Literal["jobList", "job_list", "jobs", "jobCount", "job_count", "totalCount"]


def _key(fields: dict[str, Any], *names: _Names) -> str:
    """Which of the names is in use here."""
    return next((name for name in names if name in fields), names[0])


class FaultyGes(GesApp):
    """A simulated project with `faults`: the first that fits a request is used."""

    def __init__(self, settings: GesSettings = EMPTY_GES, clock: EpochClock = wall_clock) -> None:
        super().__init__(settings, clock)
        self.faults: list[GesFault] = []
        self._last_list = b""

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = request_target(scope)
        fault = next((fault for fault in self.faults if fault.takes(scope["method"], target)), None)
        if fault is None:
            await self._answer_rightly(scope, receive, send)
        elif (refusal := fault.refusal(scope["path"])) is not None:
            await refusal_reply(refusal, scope["request_id"])(scope, receive, send)
        else:
            await fault.answer(self._answer_rightly, scope, receive, send, self._last_list)

    async def _answer_rightly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and keep the list that was sent, in case it is to be repeated."""

        async def keep(message: Message) -> None:
            if scope["path"].endswith("/graphs/jobs"):
                self._last_list = message.get("body", b"")
            await send(message)

        await super().answer_request(scope, receive, keep)
