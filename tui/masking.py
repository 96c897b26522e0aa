"""Finds the secrets in what a server sent and hides them: passwords, tokens and keys, wherever they stand.

It works on bytes, so that 25 MB of JSON need not become objects first, and in scripts and JDBC addresses too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

MASK = "••••••"
"""What stands for a secret."""

Span: TypeAlias = tuple[int, int, bytes]
"""A secret's place in some bytes, [start, end), and what is to stand there."""

_MASK = MASK.encode()

# A plain search for each of these is ten times faster than one expression of alternatives.
_CLUES = (
    *(b"token", b"pass", b"pwd", b"secret", b"authoriz", b"credential", b"apikey", b"api_key", b"api-key"),
    *(b"access", b"private", b"bearer ", b"://"),
)
_SHORT_CLUE = re.compile(rb"k(?:[\\\"']|\s{0,8}[:=])")  # ak and sk
_SECRET_PART = re.compile(
    rb"password|passwd|passphrase|secret|authorization|credential|apikey|accesskey|privatekey"
)
_SECRET_END = re.compile(rb"(?:tokens?|pwd|(?:^|[._-])(?:ak|sk|pass))$")
_NOT_A_KEY = re.compile(rb"(?:exception|error)$")
_KEY_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
# Space in JSON that is itself inside a string is written as an escape.
_PAIR = re.compile(rb"([\w.-]{1,200}+)(\\*[\"'])?(?:\s|\\+[nrt])*([:=,])[=>]?(?:\s|\\+[nrt])*")
_OPENING = re.compile(rb"(\\*)(\"{3}|'{3}|\"|')")
_STRING_REST = {b'"': re.compile(rb'(?:[^"\\\n]|\\.)*+'), b"'": re.compile(rb"(?:[^'\\\n]|\\.)*+")}
_SCALAR = re.compile(rb"(?:(?:bearer|basic|digest)\s+)?[^\s,;&)\]}\"'\\]+", re.IGNORECASE)
_BRACKET = re.compile(rb"(\\*)\"|[\[\]{}]")
_BEARER = re.compile(rb"[\w.~+/=-]{8,}")
_USERINFO = re.compile(rb"[^\s/:@\"'\\]+:([^\s/@\"'\\]+)@")


def mask(text: str) -> str:
    """Return `text`, JSON or not, with each secret in it replaced by `••••••`.

    A secret is the value of a key like `token`, `password`, `secret`, `ak` or `authorization`, also in JSON
    inside a string; a bearer token; and the password in a URL.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = secrets(data, 0, len(data))
    return masked(data, spans).decode("utf-8", "surrogatepass") if spans else text


def masked(data: bytes, spans: list[Span]) -> bytes:
    """Return `data` with `spans` replaced; they are in order, and where two overlap the first counts."""
    pieces: list[bytes] = []
    done = 0
    for start, end, instead in spans:
        if start >= done:
            pieces += (data[done:start], instead)
            done = end
    return b"".join((*pieces, data[done:]))


def secrets(data: bytes, start: int, end: int, done: int = 0) -> list[Span]:
    """Find the secrets whose key begins in [start, end) of UTF-8 `data`, in order; JSON stays valid JSON.

    Only those that begin at `done` or later: what stands before it is hidden, or shown, already.
    """
    low = data[start : end + 16].lower()
    found: list[Span] = []
    for place in sorted({start + at for at in _clues(low) if at < end - start}):
        span = _secret(data, place, done)
        if span and span[0] >= done:
            found.append(span)
            done = span[1]
    return found


class Endless(ValueError):
    """A secret is too long to be hidden piece by piece."""


class MaskedStream:
    """Hides the secrets of a text that comes in pieces, as `secrets` does it for the whole."""

    STEP = 1 << 17
    """Bytes that are looked through at once: 1-2 ms."""
    AHEAD = 1 << 12
    """Bytes that must have come behind a key before it is judged."""
    BEHIND = 1 << 9
    """Bytes before a secret's value within which its key begins."""
    LONGEST = 1 << 18
    """Bytes of one secret at the most."""

    def __init__(self) -> None:
        self._data = b""
        self._done = 0
        self._enough = self.STEP

    def feed(self, piece: bytes) -> bytes:
        """Take the next piece, and give what is safe to show by now. Raises Endless."""
        self._data += piece
        if len(self._data) - self._done < self._enough:
            return b""
        return self._upto(len(self._data) - self.AHEAD, last=False)

    def end(self) -> bytes:
        """Give the rest."""
        return self._upto(len(self._data), last=True)

    def _upto(self, end: int, *, last: bool) -> bytes:
        """Hide the secrets whose keys begin before `end`; one that may go on waits for its end."""
        data, done = self._data, self._done
        # A key may stand at the end of the secret before: `ak=x Bearer y` hides both.
        spans = secrets(data, max(0, done - self.BEHIND), end, done)
        self._enough = self.STEP
        if spans and not last and spans[-1][1] >= len(data):
            start = spans.pop()[0]
            end = max(spans[-1][1] if spans else done, start - self.BEHIND)
            self._enough = 2 * (len(data) - end)
            if self._enough > 2 * self.LONGEST:
                raise Endless
        end = max(end, spans[-1][1] if spans else 0)
        given = masked(data[done:end], [(at - done, to - done, text) for at, to, text in spans])
        # What stands before a key tells whether it is one.
        keep = max(0, end - self.BEHIND)
        self._data, self._done = data[keep:], end - keep
        return given


def _clues(low: bytes) -> Iterator[int]:
    """Where a key that may name a secret is mentioned."""
    for clue in _CLUES:
        at = low.find(clue)
        while at >= 0:
            yield at
            at = low.find(clue, at + 1)
    for found in _SHORT_CLUE.finditer(low):
        if low[max(0, found.start() - 1) : found.start()] in (b"a", b"s"):
            yield found.start() - 1


def _secret(data: bytes, place: int, done: int) -> Span | None:
    """The secret that the word at `place` announces, if it does; values that begin before `done` are hidden.

    Not looking at those again keeps a text made of nothing but keys from costing its length for each of them.
    """
    if data.startswith(b"://", place):
        login = _USERINFO.match(data, place + 3)
        return (login.start(1), login.end(1), _MASK) if login else None
    if data[place : place + 7].lower() == b"bearer ":
        bearer = _BEARER.match(data, place + 7)
        return (bearer.start(), bearer.end(), _MASK) if bearer else None
    start = place
    while start > max(0, place - 64) and data[start - 1] in _KEY_BYTES:
        start -= 1
    pair = _PAIR.match(data, start)
    if pair is None or pair.end() < done or not _announces(data, pair):
        return None
    return _value(data, pair.end(), pair[2] or b"", bare=pair[3] != b",")


def _announces(data: bytes, pair: re.Match[bytes]) -> bool:
    """Whether the key of a pair names a secret: `"token":`, `ak=`, or a call's `('password',`."""
    key, quote, separator = pair[1].lower(), pair[2] or b"", pair[3]
    opening = pair.start() - len(quote)
    if separator == b"," and not (quote and data[max(0, opening - 1) : opening] == b"("):
        return False
    if not quote:
        key = key.rpartition(b".")[2]
        # Groovy's commonest complaint is "unexpected token: x".
        if _NOT_A_KEY.search(key) or data[max(0, opening - 10) : opening].lower() == b"nexpected ":
            return False
    return bool(_SECRET_PART.search(re.sub(rb"[._-]", b"", key)) or _SECRET_END.search(key))


def _value(data: bytes, at: int, quote: bytes, *, bare: bool) -> Span | None:
    """The value that begins at `at`, a string, a number, an object or an array; None for an empty one."""
    opening = _OPENING.match(data, at)
    if opening:
        end = _string_end(data, opening.end(), opening[1], opening[2])
        return (opening.end(), end, _MASK) if end > opening.end() else None
    if quote and data[at : at + 1] in (b"{", b"["):
        return (at, _closing(data, at, len(quote) - 1), quote + _MASK + quote)
    scalar = _SCALAR.match(data, at) if bare else None
    if scalar is None or scalar[0].lower() in (b"null", b"true", b"false"):
        return None
    return (at, scalar.end(), quote + _MASK + quote)


def _string_end(data: bytes, at: int, slashes: bytes, quote: bytes) -> int:
    """Where the string ends whose content begins at `at`: at its quote, else the line's or the data's end."""
    if not slashes and len(quote) == 1:
        rest = _STRING_REST[quote].match(data, at)
        return rest.end() if rest else at
    closing = slashes + quote
    end = data.find(closing, at)
    while end > at and slashes and data[end - 1 : end] == b"\\":
        end = data.find(closing, end + 1)
    return end if end >= 0 else len(data)


def _closing(data: bytes, at: int, level: int) -> int:
    """Where the object or array ends that begins at `at`, its strings quoted with `level` backslashes."""
    depth, inside = 0, False
    for token in _BRACKET.finditer(data, at):
        if token[0].endswith(b'"'):
            inside ^= len(token[1]) % (2 * level + 2) == level
        elif not inside:
            depth += 1 if token[0] in b"[{" else -1
            if depth == 0:
                return token.end()
    return len(data)
