"""Wrong answers on purpose: what a test, or a curious person, can make a simulated project do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from backend_adapters.simulator.faults import break_off, collect, send_whole
from backend_adapters.simulator.ges.gateway import throttled
from backend_adapters.simulator.ges.wire import Form, Refusal

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

_SAYS: dict[GesWrong, tuple[int, str, str, Form | None]] = {
    GesWrong.ERROR_IN_200: (200, "GES.9999", "Request processing failed.", None),
    GesWrong.FAILED: (400, "GES.9999", "Request processing failed.", None),
    GesWrong.FORM_2021: (400, "GES.0001", "Parameter error.", Form.V1_2021),
    GesWrong.ENGINE_DOWN: (408, "GES.7005", "The graph engine is unavailable.", None),
    GesWrong.IAM_FORM: (401, "Unauthorized", "The request you have made requires authentication.", Form.IAM),
    GesWrong.EXPIRED: (401, "APIGW.0307", "The token must be updated.", Form.GATEWAY),
}

_MISTYPED: dict[type, object] = {str: 17, int: "seventeen", dict: "not a map", list: {"not": "a list"}}


@dataclass
class GesFault:
    """One thing that goes wrong, with the next `times` requests that it fits."""

    wrong: GesWrong
    method: str | None = None
    path: str = ""
    """A part of the path with its query."""
    times: int = 1
    seconds: float = 0.0
    field: str = ""
    """A job's field as it is on the wire, `jobId` or `job_id`; all of them where it is empty."""
    when: Callable[[str, str], bool] | None = None
    """Asked with the method and the path, for what `method` and `path` can't say."""

    def takes(self, method: str, target: str) -> bool:
        """Whether this fault befalls a request; counts it if so."""
        fits = (
            self.times > 0
            and self.method in {None, method}
            and self.path in target
            and (self.when is None or self.when(method, target))
        )
        self.times -= fits
        return fits

    def refusal(self, path: str) -> Refusal | None:
        """What is said instead of the right answer, if this fault is a refusal."""
        if self.wrong is GesWrong.THROTTLED:
            return throttled(200, int(self.seconds) or None)
        if self.wrong not in _SAYS:
            return None
        status, code, words, form = _SAYS[self.wrong]
        return Refusal(status, code, words, form or (Form.V2 if path.startswith("/v2/") else Form.V1))

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
            await send_whole(send, *_CANNED[self.wrong])
        else:
            await self._spoil(*await collect(app, scope, receive), before, send)

    async def _spoil(self, status: int, kind: bytes, body: bytes, before: bytes, send: Send) -> None:
        if self.wrong is GesWrong.LOST:
            await break_off(send, status, b"", b"")
        if self.wrong is GesWrong.CUT:
            await break_off(send, status, kind, body)
        await send_whole(send, status, kind, self._spoilt(body, before))

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
