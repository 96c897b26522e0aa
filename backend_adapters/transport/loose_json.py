"""Reads JSON that strict readers refuse, so that one odd value in an answer hides none of the others."""

from __future__ import annotations

import json
import math
import re
from typing import TypeVar

import msgspec

from backend_adapters.redaction import mask_secrets
from backend_adapters.sentences import shorten_text

MAX_JSON_DEPTH = 64
"""The most nested brackets: in JSON that is too deep to be decoded, deeper values become null."""

DecodedT = TypeVar("DecodedT")

_LONGEST_NUMBER = 400
"""Digits; longer ones cost time, and Python refuses them from 4,301 on."""

_LONGEST_SHOWN = 60
"""Characters that are shown of a value that can't be read."""

_MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A string, or a bracket outside of strings."""


def parse_loosely(raw: bytes) -> object:
    """Decode JSON that strict decoders refuse. Raises ValueError for anything else.

    U+FFFD stands for bytes that are no characters, null for what is nested too deeply. What is no finite
    number (NaN, 1e400), or is far too long for one, is the text that was sent.
    """
    try:
        return _DECODER.decode(raw.decode("utf-8", "replace"))
    except RecursionError:
        return _DECODER.decode(cut_nesting(raw).decode("utf-8", "replace"))


def to_strict_json(raw: bytes) -> str:
    """The same JSON in a form that strict decoders accept. Raises ValueError for what is not JSON."""
    try:
        text = json.dumps(parse_loosely(raw), ensure_ascii=False)
    except RecursionError:
        text = json.dumps(parse_loosely(cut_nesting(raw)), ensure_ascii=False)
    return replace_surrogates(text)


def decode_json(decoder: msgspec.json.Decoder[DecodedT], raw: bytes) -> DecodedT:
    """What a strict decoder reads, also of JSON that it refuses, such as half a surrogate pair.

    What strict JSON does not allow, or is too deep, is replaced, and only costs time. Raises
    msgspec.ValidationError for JSON of another shape, ValueError or RecursionError for what is no JSON.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        return decoder.decode(to_strict_json(raw))


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for bytes and halves of surrogate pairs that are no character.

    A name that was cut may end with such a half, and strict decoders stumble over it.
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cut_nesting(raw: bytes, most: int = MAX_JSON_DEPTH) -> bytes:
    """The same JSON with null for each list and object nested in `most` others."""
    parts: list[bytes] = []
    depth = kept = 0
    for mark in _MARK.finditer(raw):
        sign = mark[0]
        if sign in (b"[", b"{"):
            depth += 1
            if depth == most + 1:
                parts += (raw[kept : mark.start()], b"null")
        elif sign in (b"]", b"}"):
            if depth == most + 1:
                kept = mark.end()
            depth -= 1
    return b"".join((*parts, raw[kept:] if depth <= most else b""))


def find_value_end(raw: bytes, at: int) -> int | None:
    """The position after the list or object that begins at `at`; None where it does not end."""
    depth = 0
    for mark in _MARK.finditer(raw, at):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(mark[0], 0)
        if not depth:
            return mark.end()
    return None


def show_json_value(value: object) -> str:
    """A value as short JSON without secrets, to be shown where it can't be read."""
    try:
        text = mask_secrets(json.dumps(value, ensure_ascii=False, default=str))
    except RecursionError:
        return "nested too deeply"
    return shorten_text(text, _LONGEST_SHOWN)


def records_without_id(count: int) -> str:
    """A note about records that can't be shown, as they have no id; empty for none."""
    if count < 2:
        return "1 record of the list couldn't be read because it has no id." if count else ""
    return f"{count} records of the list couldn't be read because they have no id."


def _parse_number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _parse_integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_NUMBER else text


_DECODER = json.JSONDecoder(parse_float=_parse_number, parse_int=_parse_integer, parse_constant=str)
