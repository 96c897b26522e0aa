"""Reads the errors of GES and of the gateway before it: five shapes, and a class of error for each code."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

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
    WrongClock,
)
from backend_adapters.ges import messages as words
from backend_adapters.ges.login import Login, not_logged_in
from backend_adapters.ges.signing import VALID_FOR
from backend_adapters.redaction import mask
from backend_adapters.transport.error_body import ErrorBody, Reply, error_from_reply, requires_tls

THROTTLED_FOR = 5.0
"""Seconds to wait where the gateway throttles without saying how long (facts: GES, section 6: 2 to 5)."""

_GATEWAY = re.compile(r"APIG(?:W)?\.(\d{4})")
_CODES = ("errorCode", "errCode", "error_code", "code")
_MESSAGES = ("errorMessage", "externalMessage", "error_msg", "errorMsg", "message")
_TOLD = frozenset((*_CODES, *_MESSAGES, "error"))
_CANONICAL = re.compile(r"[,;\s]*canonicalRequest\b.*", re.IGNORECASE | re.DOTALL)
_CLOCK_WORDS = re.compile(r"x-sdk-date|signature expired|signature time|timestamp|clock", re.IGNORECASE)
_SERVER_TIME = re.compile(r"server time:\s*(\d{8}T\d{6})Z")

_LOGIN = ("0301", "0303", "0305", "0307", "GES.8007")
_ALLOWED = ("0302", "0306", "0310", "0802", "GES.7041")
_NO_GRAPH = ("GES.7000",)
_NO_TASK = ("GES.7007", "GES.8301")
_FAULTS = (
    *("0601", "GES.7004", "GES.7005", "GES.7006", "GES.7051", "GES.8302", "GES.8304", "GES.8602"),
    "GES.9999",  # says only that it failed, so it may pass
)


def complained(reply: Reply) -> ErrorBody:
    """What an answer's body says is wrong, whichever of the shapes it has; empty where it says nothing.

    GES v1 and the service plane, GES v1 of 2021-09, GES v2 and the gateway, IAM; HTML says nothing.
    """
    if reply.is_html:
        return ErrorBody()
    body = _shallow(reply.body)
    if body is None:
        text = reply.body[:2000].decode("utf-8", "replace").strip()
        words = "" if reply.is_success or text == "null" or text.startswith(("{", "[")) else text.strip('"')
        return ErrorBody(message=words)
    inner = body.get("error")
    return _complaint({**body, **inner} if isinstance(inner, dict) else body, reply.is_success)


def _shallow(body: bytes) -> dict[str, object] | None:
    """The fields of a JSON object that an error is told in; None where it is no object.

    The rest, which may be megabytes of jobs, is skipped.
    """
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return {key: msgspec.json.decode(fields[key]) for key in _TOLD & fields.keys()}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _complaint(body: dict[str, object], ok: bool) -> ErrorBody:
    """The first code and the first message that say something; a 200's own fields are not errors."""
    codes = (_text(body.get(key)) for key in (_CODES[:3] if ok else _CODES))
    messages = (_text(body.get(key)) for key in (_MESSAGES[:4] if ok else _MESSAGES))
    message = mask(_CANONICAL.sub("", next(filter(None, messages), "")))
    return ErrorBody(message=message, code=next(filter(None, codes), ""))


def fails(reply: Reply) -> bool:
    """Whether an answer is an error: any but 2xx, and a 200 with a code in it (facts: GES, section 6)."""
    return not reply.is_success or bool(complained(reply).code)


def refuses_login(reply: Reply) -> bool:
    """Whether other credentials could make a difference; the service plane says a bad token with 400."""
    return reply.code == 401 or _key(complained(reply)) in _LOGIN


def fault_of(reply: Reply, where: str, login: Login) -> BackendError:
    """The error for an answer that `fails`; `where` is `host:port`, perhaps with a graph."""
    said = complained(reply)
    if refuses_login(reply):
        return _wrong_clock(reply, said, where, login) or not_logged_in(
            _sentence(reply, where), login.wants, reply.code
        )
    if reply.is_html or requires_tls(reply) or not (said.code or said.message):
        error = error_from_reply(reply, where, ErrorBody())
        return _patient(error)
    kind, key = _kind(reply, said), _key(said)
    hint = {**words.CODES, **words.GATEWAY}.get(key, ("", ""))[1]
    message = _sentence(reply, where)
    if kind is NoSuchGraph:
        return NoSuchGraph(message, hint=hint or None)
    error = kind(message, code=reply.code, retry_after=reply.retry_after, hint=hint or None)
    return _patient(error)


def words_of(reply: Reply) -> str:
    """What an answer says, or what its code means, with the code: `no such job (GES.8301)`."""
    said = complained(reply)
    known = {**words.CODES, **words.GATEWAY}.get(_key(said), ("", ""))[0]
    text = said.summary or known
    return f"{text or 'no explanation'} ({said.code})" if said.code and said.code not in text else text


def _sentence(reply: Reply, where: str) -> str:
    explained = words_of(reply) or ("login required" if reply.code == 401 else "no explanation")
    error = "an error: " if reply.is_success else ""
    return f"{where} answered {reply.code}: {error}{explained}"


def _patient(error: BackendError) -> BackendError:
    """The error itself, with a time to wait where the server throttles and tells none."""
    if isinstance(error, Busy) and error.retry_after is None and error.code != 503:
        error.retry_after = THROTTLED_FOR
    return error


def _kind(reply: Reply, said: ErrorBody) -> type[BackendError]:
    """The class of an error that has a code or words."""
    key = _key(said)
    if reply.code == 429 or key == "0308":
        return Busy
    for kind, keys in _KINDS:
        if key in keys:
            return kind
    if reply.code in (403, 401):
        return NotAllowed if reply.code == 403 else NotLoggedIn
    if reply.code == 503:
        return Busy
    if reply.code >= 500 or reply.is_success:
        return ServerFault
    return BadAnswer if key == "0101" else Refused


_KINDS: tuple[tuple[type[BackendError], tuple[str, ...]], ...] = (
    (NotAllowed, _ALLOWED),
    (NoSuchGraph, _NO_GRAPH),
    (NoSuchTask, _NO_TASK),
    (ServerFault, _FAULTS),
)


def _wrong_clock(reply: Reply, said: ErrorBody, where: str, login: Login) -> WrongClock | None:
    """The error for a signature that is refused because this machine's clock is off; None where it is not."""
    if not login.signs:
        return None
    theirs = _server_time(said) or reply.date
    off = login.now() - theirs if theirs is not None else 0.0
    if abs(off) > VALID_FOR:
        way = "ahead of" if off > 0 else "behind"
        return WrongClock(
            f"This machine's clock is {_span(abs(off))} {way} that of {where}, which takes signatures only"
            " within 15 minutes.",
            code=reply.code,
        )
    if _CLOCK_WORDS.search(said.message):
        return WrongClock(
            f"{where} does not accept the time of the signature: {said.summary}", code=reply.code
        )
    return None


def _server_time(said: ErrorBody) -> float | None:
    """Epoch seconds of the gateway's clock where its words tell it."""
    match = _SERVER_TIME.search(said.message)
    try:
        return datetime.strptime(f"{match[1]}+0000", "%Y%m%dT%H%M%S%z").timestamp() if match else None
    except ValueError:
        return None


def _span(seconds: float) -> str:
    """A duration for a person: `17 min`, `2 h 5 min`, `3 d 4 h`."""
    minutes = round(seconds / 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _key(said: ErrorBody) -> str:
    """The code as the tables have it: GES.dddd, or the gateway's four digits."""
    gateway = _GATEWAY.search(said.code)
    return gateway[1] if gateway else said.code


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value).strip()
