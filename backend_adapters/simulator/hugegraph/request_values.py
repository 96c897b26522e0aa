"""Reads the parameters and the body of a request, with the errors for those that can't be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend_adapters.simulator.hugegraph import jackson, media_types, wire

RequestHandler: TypeAlias = Callable[[Request], Awaitable[Response]]

_DEFAULT_LIMIT = 100


class MalformedBody(HTTPException):
    """400 in plain text: Jackson could not read the body."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)


def check_headers(endpoint: RequestHandler, consumed: str = media_types.JSON_TYPE) -> RequestHandler:
    """Wrap an endpoint so that it is called only if Jersey would accept the request's media types.

    `consumed` is the type of the body of a POST.
    """

    async def answer(request: Request) -> Response:
        parameters = request.scope["path_params"]
        request.scope["path_params"] = {name: unquote(value) for name, value in parameters.items()}
        try:
            media_type = media_types.read_content_type(request.headers.getlist("content-type"))
            accepted = media_types.accepts_json(request.headers.getlist("accept"))
        except ValueError:
            return Response(status_code=400, headers={"Connection": "close"})
        if request.method == "POST" and not media_types.is_consumed(media_type, consumed):
            raise HTTPException(415)
        if not accepted and request.method != "DELETE":  # its answer has no body
            raise HTTPException(406)
        return await endpoint(request)

    return answer


def first_value(request: Request, name: str) -> str | None:
    """The first value of a query parameter, or None."""
    values = request.query_params.getlist(name)
    return values[0] if values else None


def read_limit(request: Request) -> int:
    """The parameter `limit`, or its default if it is missing or blank."""
    return wire.parse_long(first_value(request, "limit") or "", query=True, blank=_DEFAULT_LIMIT)


def read_task_ids(request: Request) -> list[int | None]:
    """The parameters `ids`; None for one that is empty."""
    ids = request.query_params.getlist("ids")
    return [wire.parse_long(text, query=True, nested=True) if text else None for text in ids]


def read_id(request: Request) -> int:
    """The id in the path; a blank one is 0."""
    return wire.parse_long(request.path_params["id"], query=False, blank=0)


async def read_json(request: Request) -> object:
    """Read the JSON of the body; raises 400 if it is missing or malformed, 415 if it isn't JSON."""
    body = await request.body()
    media_type = media_types.read_content_type(request.headers.getlist("content-type"))
    if body and media_type != media_types.JSON_TYPE:
        raise HTTPException(415)
    value = None
    if body.strip():
        try:
            value = jackson.parse_body(body)
        except jackson.BadBody as error:
            raise MalformedBody(str(error)) from None
    if value is None:
        raise wire.illegal_argument("The request body can't be empty")
    return value


async def read_body_fields(request: Request, java_class: str, types: Mapping[str, str]) -> dict[str, object]:
    """Read the JSON object of the body as the fields of a `java_class`; raises MalformedBody."""
    value = await read_json(request)
    try:
        return jackson.bind_fields(value, java_class, types)
    except jackson.BadBody as error:
        raise MalformedBody(str(error)) from None
