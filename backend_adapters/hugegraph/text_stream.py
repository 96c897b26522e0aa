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
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.id_ranges import number_of
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import replace_surrogates

_FIELDS: dict[TextPart, str] = {"input": "task_input", "result": "task_result"}

_WITHOUT_RESULT = "?with_result=false"
"""Heeded after 1.7, ignored before (facts: HugeGraph, section 17)."""

_MARK = re.compile(r'["{}\[\]:,]')
_INSIDE = re.compile(r'(?:[^"\\]++|\\(?:u[0-9a-fA-F]{4}|[^u]))*+')
"""The inside of a string up to its end, to half an escape, or to what is no escape."""

_ESCAPE_MOST = 6
_KEY_MOST = 1_000
"""Characters of a field's name that are looked at; what is longer is not the one that is looked for."""

_DECODER = json.JSONDecoder(strict=False)


class _At(Enum):
    """Where in the object the reading stands."""

    OUTSIDE = "between strings"
    NAME = "in a field's name"
    OTHER = "in a string that is not looked for"
    WANTED = "in the text that is looked for"


class Extract:
    """Finds one text in a JSON object that comes in pieces, and gives it unescaped, as it comes."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._read = 0
        """How far the text that has come is read."""
        self._half = ""
        self._at = _At.OUTSIDE
        self._depth = 0
        self._name: str | None = None
        self.met_result = False
        """Whether a result has come by, wanted or not."""
        self.done = False
        """Whether the text has been given whole, or the object has ended without one."""

    def feed(self, chunk: bytes) -> bytes:
        """Take the next piece, and give what it holds of the text, as UTF-8. Raises ValueError: no JSON."""
        self._text, self._read = self._text[self._read :] + self._decode(chunk), 0
        given: list[str] = []
        while not self.done and self._step(given):
            pass
        return replace_surrogates("".join(given)).encode() if given else b""

    def _step(self, given: list[str]) -> bool:
        """Read on to the next mark; false where more must come first."""
        return self._outside() if self._at is _At.OUTSIDE else self._inside(given)

    def _outside(self) -> bool:
        mark = _MARK.search(self._text, self._read)
        self._read = len(self._text) if mark is None else mark.end()
        if mark is None:
            return False
        match mark[0]:
            case "{" | "[":
                self._depth += 1
            case "}" | "]":
                self._depth -= 1
                self.done = self._depth <= 0
            case ",":
                self._name = None if self._depth == 1 else self._name
            case '"':
                self._at = self._begun()
        return True

    def _begun(self) -> _At:
        """What the string is that begins here."""
        if self._depth == 1 and self._name is None:
            return _At.NAME
        return _At.WANTED if self._depth == 1 and self._name == self._field else _At.OTHER

    def _inside(self, given: list[str]) -> bool:
        """Read to the end of the string, or as far as it has come."""
        found = _INSIDE.match(self._text, self._read)
        end = found.end() if found else self._read
        closed = self._text[end : end + 1] == '"'
        if not closed and len(self._text) - end >= _ESCAPE_MOST:
            raise ValueError(f"no escape: {self._text[end : end + _ESCAPE_MOST]!r}")
        if self._at is _At.NAME:
            return self._named(end, closed=closed)
        if self._at is _At.WANTED:
            given.append(self._unescaped(self._text[self._read : end], last=closed))
            self.done = closed
        return self._past(end, closed=closed)

    def _named(self, end: int, *, closed: bool) -> bool:
        """Note the field's name once it is whole."""
        length = end - self._read
        if not closed and length <= _KEY_MOST:
            return False
        self._name = _decoded(self._text[self._read : end]) if length <= _KEY_MOST else ""
        self.met_result = self.met_result or self._name == _FIELDS["result"]
        if not closed:
            self._at = _At.OTHER
        return self._past(end, closed=closed)

    def _past(self, end: int, *, closed: bool) -> bool:
        """Go on behind what has been read of a string."""
        self._read = end + closed
        if closed:
            self._at = _At.OUTSIDE
        return closed

    def _unescaped(self, inside: str, *, last: bool) -> str:
        """The text of a part of a string; half of a surrogate pair waits for its other half."""
        text = self._half + _decoded(inside)
        waits = not last and "\ud800" <= text[-1:] <= "\udbff"
        self._half = text[-1:] if waits else ""
        return text[:-1] if waits else text


def _decoded(inside: str) -> str:
    text: str = _DECODER.decode(f'"{inside}"')
    return text


async def stream(link: Link, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
    """A text of a task as UTF-8, piece by piece; see `Backend.stream`."""
    number = number_of(task_id)
    if number is None:
        raise NoSuchTask(f"'{task_id}' is no task id of HugeGraph.")
    with link.answering.person_waits():
        async with aclosing(_pieces(link, number, part)) as pieces:
            async for piece in pieces:
                yield piece


async def _pieces(link: Link, number: int, part: TextPart) -> AsyncGenerator[bytes, None]:
    if part == "result" and link.streams_results:
        try:
            async with aclosing(results.stream_result(link, number)) as pieces:
                async for piece in pieces:
                    yield piece
        except results.InDetail:
            pass
        else:
            return
    async with aclosing(_from_detail(link, number, part)) as pieces:
        async for piece in pieces:
            yield piece


async def _from_detail(link: Link, number: int, part: TextPart) -> AsyncGenerator[bytes, None]:
    """The text out of the task's detail, which needs no result for an input."""
    text = Extract(_FIELDS[part])
    light = part == "input" and link.leaves_out_results
    path = link.paths.task(number) + (_WITHOUT_RESULT if light else "")
    async with aclosing(link.transport.stream(path, refuse=link.good_task)) as chunks:
        async for chunk in chunks:
            try:
                piece = text.feed(chunk)
            except ValueError:
                raise BadAnswer(f"{link.where} sent a task that is no JSON.") from None
            if light and text.met_result:
                link.leaves_out_results = False
            if piece:
                yield piece
            if text.done:
                return
    raise BadAnswer(f"{link.where} sent a task that is cut off, or no JSON.")
