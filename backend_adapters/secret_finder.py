"""Finds secrets in a text by the key that announces them, or by their own form.

It works on bytes, so that 25 MB of JSON need not become objects first, and on scripts, addresses, headers and
command lines too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

MASK = "••••••"
"""What is shown in place of a secret."""

Span: TypeAlias = tuple[int, int, bytes]
"""The position of a secret in some bytes, [start, end), and what is to stand there."""

_MASK = MASK.encode()

_ClueExpression: TypeAlias = tuple[bytes, int]
"""An expression for a clue to a secret, and how many bytes before its match the clue begins."""

# Each clue is found by one or two rare letters and what must surround them; those of a group begin alike.
_CLUES: tuple[tuple[_ClueExpression, ...], ...] = (
    (
        (rb"ken(?<=token)", 2),
        (rb"kie(?<=cookie)", 3),
        (rb"k(?<=[as]k)(?:[\\\"']|\s{0,8}[:=]|(?<=--[as]k)[ \t])", 1),
        (rb"key(?:(?<=apikey)|(?<=api[_.-]key)|(?<=accesskey)|(?<=access[_.-]key))", 0),
        (rb"key(?:(?<=privatekey)|(?<=private[ _.-]key))", 0),
    ),
    ((rb"cret(?<=secret)", 2), (rb"credential", 0)),
    ((rb"sig(?=nature|[\\\"']|\s{0,8}[:=])", 0),),
    ((rb"pass", 0), (rb"pwd", 0)),
    ((rb"bearer\s", 0), (rb"basic\s", 0)),
    ((rb"z(?<=authoriz)", 7),),
    ((rb"j(?<=eyj)", 2),),
    ((rb"-p(?<= -p)", 1),),
    ((rb"://", 0),),
)


class _ClueSearch:
    """Finds the positions of several clues at once."""

    def __init__(self, clues: Iterable[_ClueExpression]) -> None:
        expressions, begins = zip(*clues, strict=True)
        self._begins = (0, *begins)
        # The empty group behind each expression tells which one matched.
        self._found_in = re.compile(b"|".join(one + b"()" for one in expressions)).finditer

    def find_places(self, low: bytes) -> Iterator[int]:
        """The positions of the clues in lower-case bytes."""
        for found in self._found_in(low):
            yield found.start() - self._begins[found.lastindex or 0]


# One expression for a group is several times faster than one for all, but for a short text.
_SEARCHES = tuple(map(_ClueSearch, _CLUES))
_SHORT_SEARCH = (_ClueSearch(chain.from_iterable(_CLUES)),)
_SHORT = 512
_REACH = 512
"""The most bytes between a clue and the secret that it announces."""
_AROUND = 16
"""Bytes around a position that tell whether there is a clue at it."""
_KEY_MOST = 200
"""The most bytes of a key."""
_KEY_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_ESCAPED = (b"n", b"r", b"t")
_KEY_REST = re.compile(rb"[\w.-]*+")
_SECRET_WORDS = rb"password|passwd|passphrase|passcode|secret|authorization|credential"
_SECRET_PART = re.compile(_SECRET_WORDS + rb"|apikey|accesskey|privatekey")
_SECRET_END = re.compile(
    rb"(?:tokens?[0-9]*|token[._-]?(?:value|string)|pwd[0-9]*|cookies?|(?:^|[._-])(?:ak|sk|pass|sig|signature))$"
)
_FLAG_END = re.compile(
    rb"(?:" + _SECRET_WORDS + rb"|credentials|token|api-?key|(?:access|secret|private)-?key|pwd"
    rb"|-(?:ak|sk|pass))$"
)
_NOT_A_KEY = re.compile(rb"(?:exception|error)$")
_COUNT = re.compile(rb"[0-9]{1,9}(?![\w.-])")
# Space in JSON that is itself inside a string is written as an escape.
_SEPARATOR = re.compile(rb"(\\*[\"'])?(?:\s|\\+[nrt])*([:=,])[=>]?(?:\s|\\+[nrt])*")
_BLANKS = re.compile(rb"[ \t]{1,8}(?!-|(?:and|or|is|was|to|must|may|can|with)\b)")
_OPENING = re.compile(rb"(\\*)(\"{3}|'{3}|\"|')")
_STRING_REST = {b'"': re.compile(rb'(?:[^"\\\n]|\\.)*+'), b"'": re.compile(rb"(?:[^'\\\n]|\\.)*+")}
_BRACKET = re.compile(rb"(\\*)\"|[\[\]{}]")
_WORD = rb"[^\s,;&)\]}\"'\\]"
_PARAMETER = rb"[\w-]+=(?:\\*\"[^\"\\]*\\*\"|[^\s,&)\]}\"'\\]*)"
_SCALAR = re.compile(
    rb"(?:digest|[\w-]*hmac[\w-]*)\s+" + _PARAMETER + rb"(?:,\s{0,8}" + _PARAMETER + rb")*+"
    rb"|(?:(?:bearer|basic|digest|negotiate|ntlm|token)\s+)?" + _WORD + rb"+",
    re.IGNORECASE,
)
_COOKIE = rb"[^\s;\"'\\]+(?:(?<==)\\*\"[^\"\\]*\\*\")?"
_COOKIES = re.compile(_COOKIE + rb"(?:(?:;\s{0,8}|,\s{0,8}(?=[\w.-]+=))" + _COOKIE + rb")*+")
_BEARER = re.compile(rb"bearer\s{1,8}([\w.~+/=-]{8,})", re.IGNORECASE)
# A word in small letters, or with a large one at its beginning, is more likely "basic authentication".
_BASIC = re.compile(rb"(?i:basic)\s{1,8}((?=[\w+/]*(?:[0-9+/=]|[a-z][A-Z]))[A-Za-z0-9+/]{6,}={0,2})")
_USERINFO = re.compile(
    rb"://([^\s/:@\[\"'\\]{0,500}+)"
    # A password may hold an @, and even a slash where what stands before it is no port.
    rb"(?::([^\s/\"'\\]{0,1000}@|(?![0-9]{0,5}/)[^\s\"'\\]{1,200}?@)|@)"
)
_JWT = re.compile(rb"eyJ[\w-]{5,2000}+\.[\w.-]++")
_SHORT_PASSWORD = re.compile(rb" -p ?(?![0-9]*:[0-9])([^\s\"'\\-][^\s\"'\\]*)")
_USER_BEFORE = re.compile(rb"\s(?:-u\s*|--user(?:name)?[ =])[^\s\"'\\]+\Z")
_USER_BEHIND = re.compile(rb"\s+(?:-u|--user(?:name)?)[ =]")
_PEM_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE \Z")
_PEM_LINE = re.compile(rb"KEY(?: BLOCK)?-----")
_PEM_MOST = 20_000
"""The most bytes of a private key without an end line."""


def find_announced(data: bytes, start: int, end: int, done: int) -> list[Span]:
    """The secrets that a key before them, or their own form, announces."""
    found: list[Span] = []
    key_end = judged = 0
    for place in sorted(place for place in _find_clues(data, start, end) if start <= place < end):
        if place < done - _REACH:
            # It is in a secret that is masked already, too far from its end.
            continue
        look = _READERS_BY_BYTE.get(data[place])
        if look is not None:
            span = look(data, place)
        else:
            if place >= key_end:
                key_end = _find_key_end(data, place, end + _KEY_MOST + 1)
            if key_end in (judged, place) or place < key_end - _KEY_MOST:
                # The key was judged already, or is too long for one.
                continue
            judged = key_end
            span = _keyed_secret(data, place, key_end, done)
        if span and span[0] >= done:
            found.append(span)
            done = span[1]
    return found


def _find_clues(data: bytes, start: int, end: int) -> Iterator[int]:
    """The positions of clues in [start, end) and perhaps a little beyond."""
    first = max(0, start - _AROUND)
    low = data[first : end + _AROUND].lower()
    for search in _SEARCHES if len(low) > _SHORT else _SHORT_SEARCH:
        for place in search.find_places(low):
            yield first + place


def _url_password(data: bytes, place: int) -> Span | None:
    """The password, or the token alone, in the URL whose `://` is at `place`."""
    login = _USERINFO.match(data, place)
    if login is None:
        return None
    if login[2] is not None and login[2] != b"@":
        return (login.start(2), login.end(2) - 1, _MASK)
    return (login.start(1), login.end(1), _MASK) if login[1] else None


def _authorization_value(data: bytes, place: int) -> Span | None:
    """The value after `Bearer` or `Basic` at `place`."""
    found = _BEARER.match(data, place) or _BASIC.match(data, place)
    return (found.start(1), found.end(1), _MASK) if found else None


def _json_web_token(data: bytes, place: int) -> Span | None:
    """The JSON web token at `place`."""
    found = _JWT.match(data, place)
    return (found.start(), found.end(), _MASK) if found else None


def _flag_password(data: bytes, place: int) -> Span | None:
    """The password after the `-p` at `place`, if a `-u` beside it shows that it is one."""
    found = _SHORT_PASSWORD.match(data, place)
    if found is None:
        return None
    before = data[max(0, place - 128) : place]
    if _USER_BEFORE.search(before) or _USER_BEHIND.match(data, found.end()):
        return (found.start(1), found.end(1), _MASK)
    return None


_READERS_BY_BYTE: dict[int, Callable[[bytes, int], Span | None]] = {
    ord(":"): _url_password,
    ord("b"): _authorization_value,
    ord("B"): _authorization_value,
    ord("e"): _json_web_token,
    ord(" "): _flag_password,
}
"""How to read a clue that is not a key, by its first byte."""


def _private_key_body(data: bytes, place: int) -> Span | None:
    """The body of the PEM block in whose first line the `KEY` of `PRIVATE KEY` is at `place`."""
    line = _PEM_LINE.match(data, place)
    if line is None or not _PEM_BEGIN.search(data, max(0, place - 56), place):
        return None
    start, most = line.end(), min(len(data), line.end() + _PEM_MOST)
    end = min(
        at for at in (data.find(b"-----END", start, most), data.find(b'"', start, most), most) if at >= 0
    )
    # The backslashes before a quote belong to the quote.
    end = start + len(data[start:end].rstrip(b"\\"))
    return (start, end, _MASK) if end > start else None


def _find_key_end(data: bytes, place: int, most: int) -> int:
    """Where the key with a clue at `place` ends, or `most` if it is longer."""
    rest = _KEY_REST.match(data, place, most)
    return rest.end() if rest else place


def _keyed_secret(data: bytes, place: int, end: int, done: int) -> Span | None:
    """The secret announced by the key that holds `place` and ends at `end`; None if it announces none.

    Values that begin before `done` are masked already. They are skipped, as a text of nothing but keys would
    otherwise cost its length for each key.
    """
    if data.startswith(b"KEY", place) and data[place - 1 : place] == b" ":
        return _private_key_body(data, place) if place >= done else None
    before = data[max(0, end - _KEY_MOST) : place]
    start = place - len(before) + len(before.rstrip(_KEY_BYTES))
    if data[start - 1 : start] == b"\\" and data[start : start + 1] in _ESCAPED:
        # An escaped line end in JSON, not a letter of the key.
        start += 1
    key, pair = data[start:end].lower(), _SEPARATOR.match(data, end)
    if pair is None:
        return _flag_value(data, key, end)
    quote, separator = pair[1] or b"", pair[2]
    at = pair.end()
    if at < done or not _announces_secret(data, start, key, quote, separator):
        return None
    if key.endswith(b"tokens") and _COUNT.match(data, at):
        return None
    return _value_span(
        data, at, quote, _COOKIES if b"cookie" in key else _SCALAR if separator != b"," else None
    )


def _flag_value(data: bytes, key: bytes, end: int) -> Span | None:
    """The value of a command line's flag, `--password X`, if `key` ending at `end` is one."""
    blanks = _BLANKS.match(data, end) if key.startswith(b"--") and _FLAG_END.search(key) else None
    return _value_span(data, blanks.end(), b"", _SCALAR) if blanks else None


def _announces_secret(data: bytes, start: int, key: bytes, quote: bytes, separator: bytes) -> bool:
    """Whether the key at `start` names a secret: `"token":`, `ak=`, `('password',`, `"--token",`."""
    opening = start - len(quote)
    if separator == b"," and not (
        quote and (data[max(0, opening - 1) : opening] == b"(" or key.startswith(b"--"))
    ):
        return False
    if not quote:
        key = key.rpartition(b".")[2]
        # Groovy's commonest complaint is "unexpected token: x".
        if _NOT_A_KEY.search(key) or data[max(0, opening - 10) : opening].lower() == b"nexpected ":
            return False
        if key == b"signature" and separator == b":":
            # The signature of a method.
            return False
    return is_secret_name(key)


@lru_cache(maxsize=256)
def is_secret_name(key: bytes) -> bool:
    """Whether a lower-case key names a secret."""
    return bool(_SECRET_PART.search(re.sub(rb"[._-]", b"", key)) or _SECRET_END.search(key))


def _value_span(data: bytes, at: int, quote: bytes, bare: re.Pattern[bytes] | None) -> Span | None:
    """The value that begins at `at`, a string, a number, an object or an array; None for an empty one.

    `bare` says how far a value without quotes goes; None where it is no secret.
    """
    opening = _OPENING.match(data, at)
    if opening:
        end = _find_string_end(data, opening.end(), opening[1], opening[2])
        return (opening.end(), end, _MASK) if end > opening.end() else None
    if quote and data[at : at + 1] in (b"{", b"["):
        return (at, _find_closing_bracket(data, at, len(quote) - 1), quote + _MASK + quote)
    scalar = bare.match(data, at) if bare else None
    if scalar is None or scalar[0].lower() in (b"null", b"true", b"false"):
        return None
    return (at, scalar.end(), quote + _MASK + quote)


def _find_string_end(data: bytes, at: int, slashes: bytes, quote: bytes) -> int:
    """Where the string ends whose content begins at `at`: at its quote, else the line's or the data's end."""
    if not slashes and len(quote) == 1:
        rest = _STRING_REST[quote].match(data, at)
        return rest.end() if rest else at
    closing = slashes + quote
    end = data.find(closing, at)
    while end > at and slashes and data[end - 1 : end] == b"\\":
        end = data.find(closing, end + 1)
    return end if end >= 0 else len(data)


def _find_closing_bracket(data: bytes, at: int, level: int) -> int:
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
