"""The one set of rules for secrets: finds passwords, tokens and keys in what a server sent, and hides them.

It works on bytes, so that 25 MB of JSON need not become objects first, and in scripts, addresses, headers and
command lines too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from backend_adapters.own_secrets import OWN_SECRETS

MASK = "••••••"
"""What stands for a secret."""

Span: TypeAlias = tuple[int, int, bytes]
"""A secret's place in some bytes, [start, end), and what is to stand there."""

_MASK = MASK.encode()

_Clue: TypeAlias = tuple[bytes, int]
"""An expression for what may announce a secret, and how many bytes before a match the announcement begins."""

# Each is found by a letter or two that are rare, with what must stand around; those of a group begin alike.
_CLUES: tuple[tuple[_Clue, ...], ...] = (
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


class _Search:
    """Finds where any of some clues begin."""

    def __init__(self, clues: Iterable[_Clue]) -> None:
        expressions, begins = zip(*clues, strict=True)
        self._begins = (0, *begins)
        # Which of them matched, its empty group tells.
        self._found_in = re.compile(b"|".join(one + b"()" for one in expressions)).finditer

    def places(self, low: bytes) -> Iterator[int]:
        """The places in some bytes, in small letters."""
        for found in self._found_in(low):
            yield found.start() - self._begins[found.lastindex or 0]


# One expression for a group is several times faster than one for all, but for a short text.
_SEARCHES = tuple(map(_Search, _CLUES))
_SHORT_SEARCH = (_Search(chain.from_iterable(_CLUES)),)
_SHORT = 512
_REACH = 512
"""Bytes between a clue and the secret that it announces, at the most."""
_AROUND = 16
"""Bytes around a place that tell whether there is a clue at it."""
_KEY_MOST = 200
"""Bytes of a key at the most."""
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
"""Bytes of a private key at the most, where its end is not told."""


def mask(text: str) -> str:
    """Return `text`, JSON or not, with each secret in it replaced by `••••••`.

    A secret is what graphtop was given as one; the value of a key like `token`, `password`, `secret`, `ak`,
    `sig` or `cookie`, also in JSON inside a string or behind `--password`; what `Bearer` or `Basic`
    announces; a JSON web token; the body of a private key; and the password, or the token alone, before the
    host of a URL.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = secrets(data, 0, len(data))
    return masked(data, spans).decode("utf-8", "surrogatepass") if spans else text


def mask_field(name: str, value: str) -> str:
    """Return the value of a field with its secrets hidden: all of it where the name announces one."""
    return MASK if value and _is_secret(name.strip().lower().encode("utf-8", "replace")) else mask(value)


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

    Those that graphtop was given itself are found by their value. Only secrets that begin at `done` or later:
    what stands before it is hidden, or shown, already.
    """
    announced = _announced(data, start, end, done)
    own = [(at, to, _MASK) for at, to in OWN_SECRETS.places(data, max(start, done), end)]
    return list(_united(sorted((*announced, *own)))) if own else announced


def _united(spans: list[Span]) -> Iterator[Span]:
    """Spans in order, of which those that overlap are one, and those that touch and look alike."""
    start, end, instead = spans[0]
    for begins, ends, other in spans[1:]:
        if begins > end or (begins == end and other != instead):
            yield start, end, instead
            start, end, instead = begins, ends, other
        end = max(end, ends)
    yield start, end, instead


def _announced(data: bytes, start: int, end: int, done: int) -> list[Span]:
    """The secrets that something before them, or their own form, announces."""
    found: list[Span] = []
    key_end = judged = 0
    for place in sorted(place for place in _clues(data, start, end) if start <= place < end):
        if place < done - _REACH:
            # It stands in a secret that is hidden already, too far from its end.
            continue
        look = _LOOKS.get(data[place])
        if look is not None:
            span = look(data, place)
        else:
            if place >= key_end:
                key_end = _key_end(data, place, end + _KEY_MOST + 1)
            if key_end in (judged, place) or place < key_end - _KEY_MOST:
                # The key was looked at, or is longer than any.
                continue
            judged = key_end
            span = _named(data, place, key_end, done)
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
    JOINT = 1 << 4
    """Bytes that tell at a secret's end whether it goes on."""

    def __init__(self) -> None:
        self._data = b""
        self._done = 0
        self._enough = self.STEP

    def feed(self, piece: bytes) -> bytes:
        """Take the next piece, and give what is safe to show by now. Raises Endless."""
        self._data += piece
        if len(self._data) - self._done < self._enough:
            return b""
        return self._upto(len(self._data) - max(self.AHEAD, OWN_SECRETS.longest), last=False)

    def end(self) -> bytes:
        """Give the rest."""
        return self._upto(len(self._data), last=True)

    def _upto(self, end: int, *, last: bool) -> bytes:
        """Hide the secrets whose keys begin before `end`; one that may go on waits for its end."""
        data, done = self._data, self._done
        # A key may stand at the end of the secret before: `ak=x Bearer y` hides both.
        spans = secrets(data, max(0, done - self.BEHIND), end, done)
        self._enough = self.STEP
        if spans and not last and spans[-1][1] >= len(data) - self.JOINT:
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


def _clues(data: bytes, start: int, end: int) -> Iterator[int]:
    """Where what may announce a secret begins, in [start, end) and perhaps a little beyond."""
    first = max(0, start - _AROUND)
    low = data[first : end + _AROUND].lower()
    for search in _SEARCHES if len(low) > _SHORT else _SHORT_SEARCH:
        for place in search.places(low):
            yield first + place


def _login(data: bytes, place: int) -> Span | None:
    """The password in the URL whose `://` is at `place`, or the token that stands there alone."""
    login = _USERINFO.match(data, place)
    if login is None:
        return None
    if login[2] is not None and login[2] != b"@":
        return (login.start(2), login.end(2) - 1, _MASK)
    return (login.start(1), login.end(1), _MASK) if login[1] else None


def _scheme(data: bytes, place: int) -> Span | None:
    """What `Bearer` or `Basic` at `place` announces."""
    found = _BEARER.match(data, place) or _BASIC.match(data, place)
    return (found.start(1), found.end(1), _MASK) if found else None


def _web_token(data: bytes, place: int) -> Span | None:
    """The JSON web token at `place`."""
    found = _JWT.match(data, place)
    return (found.start(), found.end(), _MASK) if found else None


def _short_password(data: bytes, place: int) -> Span | None:
    """The password behind the `-p` at `place`, where a `-u` beside it tells that it is one."""
    found = _SHORT_PASSWORD.match(data, place)
    if found is None:
        return None
    before = data[max(0, place - 128) : place]
    if _USER_BEFORE.search(before) or _USER_BEHIND.match(data, found.end()):
        return (found.start(1), found.end(1), _MASK)
    return None


_LOOKS: dict[int, Callable[[bytes, int], Span | None]] = {
    ord(":"): _login,
    ord("b"): _scheme,
    ord("B"): _scheme,
    ord("e"): _web_token,
    ord(" "): _short_password,
}
"""What to do with a clue that is no key's, by the first byte of the clue."""


def _private_key(data: bytes, place: int) -> Span | None:
    """The body of the PEM block in whose first line the `KEY` of `PRIVATE KEY` is at `place`."""
    line = _PEM_LINE.match(data, place)
    if line is None or not _PEM_BEGIN.search(data, max(0, place - 56), place):
        return None
    start, most = line.end(), min(len(data), line.end() + _PEM_MOST)
    end = min(
        at for at in (data.find(b"-----END", start, most), data.find(b'"', start, most), most) if at >= 0
    )
    # The backslashes before a quote belong to that.
    end = start + len(data[start:end].rstrip(b"\\"))
    return (start, end, _MASK) if end > start else None


def _key_end(data: bytes, place: int, most: int) -> int:
    """Where the key ends that holds a clue at `place`, or `most` where it is longer."""
    rest = _KEY_REST.match(data, place, most)
    return rest.end() if rest else place


def _named(data: bytes, place: int, end: int, done: int) -> Span | None:
    """The secret that the key announces which holds `place` and ends at `end`, if it does.

    Values that begin before `done` are hidden. Not looking at those again keeps a text made of nothing but
    keys from costing its length for each of them.
    """
    if data.startswith(b"KEY", place) and data[place - 1 : place] == b" ":
        return _private_key(data, place) if place >= done else None
    before = data[max(0, end - _KEY_MOST) : place]
    start = place - len(before) + len(before.rstrip(_KEY_BYTES))
    if data[start - 1 : start] == b"\\" and data[start : start + 1] in _ESCAPED:
        # A line end in a string of JSON, and no letter of the key.
        start += 1
    key, pair = data[start:end].lower(), _SEPARATOR.match(data, end)
    if pair is None:
        return _flagged(data, key, end)
    quote, separator = pair[1] or b"", pair[2]
    at = pair.end()
    if at < done or not _announces(data, start, key, quote, separator):
        return None
    if key.endswith(b"tokens") and _COUNT.match(data, at):
        return None
    return _value(data, at, quote, _COOKIES if b"cookie" in key else _SCALAR if separator != b"," else None)


def _flagged(data: bytes, key: bytes, end: int) -> Span | None:
    """The value behind a flag of a command line, `--password X`, where `key` ending at `end` is one."""
    blanks = _BLANKS.match(data, end) if key.startswith(b"--") and _FLAG_END.search(key) else None
    return _value(data, blanks.end(), b"", _SCALAR) if blanks else None


def _announces(data: bytes, start: int, key: bytes, quote: bytes, separator: bytes) -> bool:
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
            # Of a method.
            return False
    return _is_secret(key)


@lru_cache(maxsize=256)
def _is_secret(key: bytes) -> bool:
    """Whether a key in small letters names a secret."""
    return bool(_SECRET_PART.search(re.sub(rb"[._-]", b"", key)) or _SECRET_END.search(key))


def _value(data: bytes, at: int, quote: bytes, bare: re.Pattern[bytes] | None) -> Span | None:
    """The value that begins at `at`, a string, a number, an object or an array; None for an empty one.

    `bare` says how far a value without quotes goes; None where it is no secret.
    """
    opening = _OPENING.match(data, at)
    if opening:
        end = _string_end(data, opening.end(), opening[1], opening[2])
        return (opening.end(), end, _MASK) if end > opening.end() else None
    if quote and data[at : at + 1] in (b"{", b"["):
        return (at, _closing(data, at, len(quote) - 1), quote + _MASK + quote)
    scalar = bare.match(data, at) if bare else None
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
