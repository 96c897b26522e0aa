"""Makes answers, and reads the parameters of a query."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend_adapters.simulator.asgi import JSON_UTF8
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal


def json_reply(fields: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(fields), status, headers, media_type=JSON_UTF8)


def read_parameter(request: Request, *names: str) -> str | None:
    """A query parameter by the first of its names; None if it is missing or empty."""
    return next((value for name in names if (value := request.query_params.get(name))), None)


def read_number(request: Request, name: str, default: int, form: ErrorForm) -> int:
    """A number in the query that isn't negative, and positive for a limit; raises Refusal for others."""
    text = read_parameter(request, name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and (name != "limit" or int(text) > 0):
        return int(text)
    raise bad_parameter(name, form)


def bad_parameter(name: str, form: ErrorForm) -> Refusal:
    """The refusal of a value by GES or an engine."""
    return Refusal(400, "GES.0001", f"Parameter error: {name} is invalid.", form)


def refusal_reply(refusal: Refusal, request_id: str) -> Response:
    """The answer for a refusal."""
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return Response(refusal.to_json(request_id), refusal.status, headers, media_type=JSON_UTF8)
