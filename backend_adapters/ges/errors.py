"""Turns error answers of GES and its gateway into errors by shape and code (PROTOCOL.md, section 5)."""

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
from backend_adapters.ges.error_codes import GATEWAY_CODES, GES_CODES
from backend_adapters.ges.login import GesAuth, make_login_error
from backend_adapters.ges.signing import SIGNATURE_VALID_FOR
from backend_adapters.redaction import mask_secrets
from backend_adapters.transport.error_body import ErrorBody, Reply, error_from_reply, requires_tls

THROTTLE_WAIT = 5.0
"""Seconds to wait where the gateway throttles without saying how long (PROTOCOL.md, section 5)."""

_GATEWAY = re.compile(r"APIG(?:W)?\.(\d{4})")
_CODES = ("errorCode", "errCode", "error_code", "code")
_MESSAGES = ("errorMessage", "externalMessage", "error_msg", "errorMsg", "message")
_ERROR_FIELDS = frozenset((*_CODES, *_MESSAGES, "error"))
_CANONICAL = re.compile(r"[,;\s]*canonicalRequest\b.*", re.IGNORECASE | re.DOTALL)
_CLOCK_WORDS = re.compile(r"x-sdk-date|signature expired|signature time|timestamp|clock", re.IGNORECASE)
_SERVER_TIME = re.compile(r"server time:\s*(\d{8}T\d{6})Z")

_LOGIN_CODES = ("0301", "0303", "0305", "0307", "GES.8007")
_PERMISSION_CODES = ("0302", "0306", "0310", "0802", "GES.7041")
_NO_GRAPH_CODES = ("GES.7000",)
_NO_TASK_CODES = ("GES.7007", "GES.8301")
_SERVER_CODES = (
    *("0601", "GES.7004", "GES.7005", "GES.7006", "GES.7051", "GES.8302", "GES.8304", "GES.8602"),
    "GES.9999",  # says only that it failed, so it may pass
)


def read_ges_error(reply: Reply) -> ErrorBody:
    """Read the body of an error in any of the five shapes; empty where it says nothing.

    A 2xx is read as well: it may hold an error code.
    """
    if reply.is_html:
        return ErrorBody()
    body = _read_error_fields(reply.body)
    if body is None:
        text = reply.body[:2000].decode("utf-8", "replace").strip()
        message = "" if reply.is_success or text == "null" or text.startswith(("{", "[")) else text.strip('"')
        return ErrorBody(message=message)
    inner = body.get("error")
    return _first_texts({**body, **inner} if isinstance(inner, dict) else body, reply.is_success)


def _read_error_fields(body: bytes) -> dict[str, object] | None:
    """The fields of a JSON object that describe an error; None where it is no object.

    The rest, which may be megabytes of jobs, is skipped.
    """
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return {key: msgspec.json.decode(fields[key]) for key in _ERROR_FIELDS & fields.keys()}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _first_texts(body: dict[str, object], ok: bool) -> ErrorBody:
    """The first code and the first message with any text; the fields of a good answer are left out."""
    codes = (_scalar_text(body.get(key)) for key in (_CODES[:3] if ok else _CODES))
    messages = (_scalar_text(body.get(key)) for key in (_MESSAGES[:4] if ok else _MESSAGES))
    message = mask_secrets(_CANONICAL.sub("", next(filter(None, messages), "")))
    return ErrorBody(message=message, code=next(filter(None, codes), ""))


def is_error(reply: Reply) -> bool:
    """Whether an answer is an error: any but 2xx, and a 2xx with a code (PROTOCOL.md, section 1.3)."""
    return not reply.is_success or bool(read_ges_error(reply).code)


def is_login_refused(reply: Reply) -> bool:
    """Whether other credentials could help; the engine refuses a token with 400 (PROTOCOL.md, section 3)."""
    return reply.code == 401 or _table_key(read_ges_error(reply)) in _LOGIN_CODES


def error_from_ges(reply: Reply, where: str, auth: GesAuth) -> BackendError:
    """The error that an answer stands for; `where` is `host:port`, perhaps with a graph."""
    body = read_ges_error(reply)
    if is_login_refused(reply):
        return _clock_error(reply, body, where, auth) or make_login_error(
            _error_sentence(reply, where), auth.wants, reply.code
        )
    if reply.is_html or requires_tls(reply) or not (body.code or body.message):
        return _with_wait(error_from_reply(reply, where, ErrorBody()))
    kind, key = _error_class(reply, body), _table_key(body)
    hint = {**GES_CODES, **GATEWAY_CODES}.get(key, ("", ""))[1]
    message = _error_sentence(reply, where)
    if kind is NoSuchGraph:
        return NoSuchGraph(message, hint=hint or None)
    return _with_wait(kind(message, code=reply.code, retry_after=reply.retry_after, hint=hint or None))


def explain_reply(reply: Reply) -> str:
    """The words of an answer, or what its code means, with the code: `no such job (GES.8301)`."""
    body = read_ges_error(reply)
    known = {**GES_CODES, **GATEWAY_CODES}.get(_table_key(body), ("", ""))[0]
    text = body.summary or known
    return f"{text or 'no explanation'} ({body.code})" if body.code and body.code not in text else text


def _error_sentence(reply: Reply, where: str) -> str:
    explained = explain_reply(reply) or ("login required" if reply.code == 401 else "no explanation")
    if reply.is_success:
        return f"{where} answered {reply.code} with an error: {explained}"
    return f"{where} answered {reply.code}: {explained}"


def _with_wait(error: BackendError) -> BackendError:
    """The error itself, with a time to wait where the server throttles and names none."""
    if isinstance(error, Busy) and error.retry_after is None and error.code != 503:
        error.retry_after = THROTTLE_WAIT
    return error


def _error_class(reply: Reply, body: ErrorBody) -> type[BackendError]:
    """The class of an error with a code or a message."""
    key = _table_key(body)
    if reply.code == 429 or key == "0308":
        return Busy
    for kind, keys in _CLASSES_BY_CODE:
        if key in keys:
            return kind
    if reply.code in (403, 401):
        return NotAllowed if reply.code == 403 else NotLoggedIn
    if reply.code == 503:
        return Busy
    if reply.code >= 500 or reply.is_success:
        return ServerFault
    return BadAnswer if key == "0101" else Refused


_CLASSES_BY_CODE: tuple[tuple[type[BackendError], tuple[str, ...]], ...] = (
    (NotAllowed, _PERMISSION_CODES),
    (NoSuchGraph, _NO_GRAPH_CODES),
    (NoSuchTask, _NO_TASK_CODES),
    (ServerFault, _SERVER_CODES),
)


def _clock_error(reply: Reply, body: ErrorBody, where: str, auth: GesAuth) -> WrongClock | None:
    """The error for a signature refused because this machine's clock is off; None for other reasons."""
    if not auth.is_signing:
        return None
    theirs = _parse_server_time(body) or reply.date
    off = auth.now() - theirs if theirs is not None else 0.0
    if abs(off) > SIGNATURE_VALID_FOR:
        difference = f"{_format_span(abs(off))} {'ahead of' if off > 0 else 'behind'}"
        return WrongClock(
            f"This machine's clock is {difference} that of {where}, which accepts signatures"
            " only within 15 minutes.",
            code=reply.code,
        )
    if _CLOCK_WORDS.search(body.message):
        return WrongClock(f"{where} rejected the time of the signature: {body.summary}", code=reply.code)
    return None


def _parse_server_time(body: ErrorBody) -> float | None:
    """Epoch seconds of the gateway's clock, where its message names it."""
    match = _SERVER_TIME.search(body.message)
    try:
        return datetime.strptime(f"{match[1]}+0000", "%Y%m%dT%H%M%S%z").timestamp() if match else None
    except ValueError:
        return None


def _format_span(seconds: float) -> str:
    """A duration for a person: `17 min`, `2 h 5 min`, `3 d 4 h`."""
    minutes = round(seconds / 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _table_key(body: ErrorBody) -> str:
    """The code as the tables list it: GES.dddd, or the gateway's four digits."""
    gateway = _GATEWAY.search(body.code)
    return gateway[1] if gateway else body.code


def _scalar_text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value).strip()
