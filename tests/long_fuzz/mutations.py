"""Answers that are changed at random on their way: values, keys, bytes, codes and headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzz.hostile_server import PAYLOADS

HOSTILE = [text for text in PAYLOADS.values() if len(text) < 2_000]
NUMBERS = (0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, 1.5, -0.0, 1e308)
CODES = (200, 201, 204, 206, 301, 302, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504, 599)
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def change_value(rng: Random, value: Any) -> Any:
    """The value with one place in it changed: another type, a number at a limit, gone, or there twice."""
    places = [(holder, key) for holder, key in _places(value)]
    if not places:
        return _other(rng)
    holder, key = rng.choice(places)
    if isinstance(holder, dict) and rng.random() < 0.15:
        del holder[key]
    elif isinstance(holder, dict) and rng.random() < 0.1:
        holder[rng.choice(HOSTILE)] = holder.pop(key)
    elif isinstance(holder, list) and rng.random() < 0.3:
        holder.insert(key, holder[key])
    else:
        holder[key] = _other(rng)
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a JSON value."""
    if isinstance(value, dict):
        own: list[tuple[Any, Any]] = [(value, key) for key in value]
    elif isinstance(value, list):
        own = [(value, index) for index in range(len(value))]
    else:
        return []
    return own + [place for holder, key in own for place in _places(holder[key])]


def _other(rng: Random) -> Any:
    kind = rng.randrange(8)
    if kind == 0:
        return None
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(HOSTILE)
    if kind == 3:
        return rng.choice(("", " ", "0", "NaN", "null", "running", "SUCCESS", "x" * 20_000))
    if kind == 4:
        return rng.choice((True, False))
    if kind == 5:
        return [] if rng.random() < 0.5 else {}
    nested: Any = "deep"
    for _ in range(rng.choice((1, 3, 60, 400))):
        nested = [nested] if rng.random() < 0.5 else {"a": nested}
    return nested


def change_body(rng: Random, body: bytes) -> bytes:
    """The body with something in it changed, as JSON or as bytes."""
    if rng.random() < 0.7:
        try:
            return json.dumps(change_value(rng, json.loads(body))).encode()
        except ValueError:
            pass
    changes: tuple[Callable[[], bytes], ...] = (
        lambda: body[: rng.randrange(len(body) + 1)],
        lambda: _flipped(rng, body),
        lambda: PAGE,
        lambda: b"",
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body + body,
        lambda: b"[" + body + b"]",
        lambda: body.replace(b'"', b"'"),
        lambda: body.decode("utf-8", "replace").encode("utf-16"),
        lambda: b"null",
    )
    return rng.choice(changes)()


def _flipped(rng: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(min(len(changed), rng.randrange(1, 20))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def change_code(rng: Random, code: int, others: Sequence[int]) -> int:
    """Mostly the same code."""
    return rng.choice(others) if rng.random() < 0.1 else code


def change_headers(rng: Random, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers that may lie of the body, without its length."""
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    extra: tuple[tuple[bytes, bytes], ...] = (
        (b"content-type", b"text/html"),
        (b"content-encoding", b"gzip"),
        (b"retry-after", rng.choice((b"0", b"-1", b"1", b"soon", b"99999999999"))),
        (b"location", rng.choice((b"", b"http://[", b"/a b", b"//x", b"\xff"))),
        (b"date", rng.choice((b"yesterday", b"Thu, 01 Jan 1970 00:00:00 GMT"))),
        (b"set-cookie", b"a=b; path=/"),
    )
    return [*kept, rng.choice(extra)] if rng.random() < 0.15 else kept
