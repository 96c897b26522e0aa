"""Reads one text of a task as a stream, however long it is: never more than a piece of it is held.

A result has a path of its own on servers after 1.7. Else what comes is one JSON object with the text as an
escaped string somewhere in it.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum

from backend_adapters.backend import TextPart
from backend_adapters.errors import BadAnswer, NoSuchTask
from backend_adapters.hugegraph import results
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.id_ranges import parse_id_number
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import replace_surrogates

_FIELDS: dict[TextPart, str] = {"input": "task_input", "result": "task_result"}

_WITHOUT_RESULT = "?with_result=false"
"""Heeded after 1.7, ignored before (PROTOCOL.md, section 7)."""

_MARK = re.compile(r'["{}\[\]:,]')
_INSIDE = re.compile(r'(?:[^"\\]++|\\(?:u[0-9a-fA-F]{4}|[^u]))*+')
"""The inside of a string up to its end, to half an escape, or to what is no escape."""

_ESCAPE_MOST = 6
_KEY_MOST = 1_000
"""Characters of a field's name that are looked at; what is longer is not the one that is looked for."""

_DECODER = json.JSONDecoder(strict=False)


class _Position(Enum):
    """Where in the object the reading stands."""

    OUTSIDE = "between strings"
    NAME = "in a field's name"
    OTHER = "in a string that is not looked for"
    WANTED = "in the text that is looked for"


class TextExtractor:
    """Finds one text in a JSON object that comes in pieces, and gives it unescaped, as it comes."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._read = 0
        """How far the text that has come is read."""
        self._half = ""
        self._at = _Position.OUTSIDE
        self._depth = 0
        self._name: str | None = None
        self.has_met_result = False
        """Whether a result has come by, wanted or not."""
        self.is_done = False
        """Whether the text has been given whole, or the object has ended without one."""

    def feed_chunk(self, chunk: bytes) -> bytes:
        """Take the next piece, and give what it holds of the text, as UTF-8. Raises ValueError: no JSON."""
        self._text, self._read = self._text[self._read :] + self._decode(chunk), 0
        given: list[str] = []
        # Each step reads on to the next mark; a false one says that more must come first.
        while not self.is_done and (
            self._read_outside() if self._at is _Position.OUTSIDE else self._read_inside(given)
        ):
            pass
        return replace_surrogates("".join(given)).encode() if given else b""

    def _read_outside(self) -> bool:
        mark = _MARK.search(self._text, self._read)
        self._read = len(self._text) if mark is None else mark.end()
        if mark is None:
            return False
        match mark[0]:
            case "{" | "[":
                self._depth += 1
            case "}" | "]":
                self._depth -= 1
                self.is_done = self._depth <= 0
            case ",":
                self._name = None if self._depth == 1 else self._name
            case '"':
                self._at = self._kind_of_string()
        return True

    def _kind_of_string(self) -> _Position:
        """What the string is that begins here."""
        if self._depth == 1 and self._name is None:
            return _Position.NAME
        return _Position.WANTED if self._depth == 1 and self._name == self._field else _Position.OTHER

    def _read_inside(self, given: list[str]) -> bool:
        """Read to the end of the string, or as far as it has come."""
        found = _INSIDE.match(self._text, self._read)
        end = found.end() if found else self._read
        closed = self._text[end : end + 1] == '"'
        if not closed and len(self._text) - end >= _ESCAPE_MOST:
            raise ValueError(f"no escape: {self._text[end : end + _ESCAPE_MOST]!r}")
        if self._at is _Position.NAME:
            return self._note_name(end, closed=closed)
        if self._at is _Position.WANTED:
            given.append(self._unescape(self._text[self._read : end], last=closed))
            self.is_done = closed
        return self._go_past(end, closed=closed)

    def _note_name(self, end: int, *, closed: bool) -> bool:
        """Note the field's name once it is whole."""
        length = end - self._read
        if not closed and length <= _KEY_MOST:
            return False
        self._name = _decode_string(self._text[self._read : end]) if length <= _KEY_MOST else ""
        self.has_met_result = self.has_met_result or self._name == _FIELDS["result"]
        if not closed:
            self._at = _Position.OTHER
        return self._go_past(end, closed=closed)

    def _go_past(self, end: int, *, closed: bool) -> bool:
        """Go on behind what has been read of a string."""
        self._read = end + closed
        if closed:
            self._at = _Position.OUTSIDE
        return closed

    def _unescape(self, inside: str, *, last: bool) -> str:
        """The text of a part of a string; half of a surrogate pair waits for its other half."""
        text = self._half + _decode_string(inside)
        waits = not last and "\ud800" <= text[-1:] <= "\udbff"
        self._half = text[-1:] if waits else ""
        return text[:-1] if waits else text


def _decode_string(inside: str) -> str:
    text: str = _DECODER.decode(f'"{inside}"')
    return text


async def stream_text(
    client: HugeGraphClient, task_id: TaskId, part: TextPart
) -> AsyncGenerator[bytes, None]:
    """A text of a task as UTF-8, piece by piece; see `Backend.stream`."""
    number = parse_id_number(task_id)
    if number is None:
        raise NoSuchTask(f'"{task_id}" is not a HugeGraph task id.')
    with client.responsiveness.person_is_waiting():
        async with aclosing(_stream_part(client, number, part)) as pieces:
            async for piece in pieces:
                yield piece


async def _stream_part(client: HugeGraphClient, number: int, part: TextPart) -> AsyncGenerator[bytes, None]:
    if part == "result" and client.can_stream_results:
        try:
            async with aclosing(results.stream_result(client, number)) as pieces:
                async for piece in pieces:
                    yield piece
        except results.ResultInDetail:
            pass
        else:
            return
    async with aclosing(_stream_from_detail(client, number, part)) as pieces:
        async for piece in pieces:
            yield piece


async def _stream_from_detail(
    client: HugeGraphClient, number: int, part: TextPart
) -> AsyncGenerator[bytes, None]:
    """The text out of the task's detail, which needs no result for an input."""
    text = TextExtractor(_FIELDS[part])
    light = part == "input" and client.can_omit_results
    path = client.paths.task(number) + (_WITHOUT_RESULT if light else "")
    async with aclosing(client.transport.stream(path, refuse=client.require_task)) as chunks:
        async for chunk in chunks:
            try:
                piece = text.feed_chunk(chunk)
            except ValueError:
                raise BadAnswer(f"{client.where} sent a task that is not JSON.") from None
            if light and text.has_met_result:
                client.can_omit_results = False
            if piece:
                yield piece
            if text.is_done:
                return
    raise BadAnswer(f"{client.where} sent a task that is truncated or not JSON.")
