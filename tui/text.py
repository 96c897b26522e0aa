"""The one gate that text from a server passes before it reaches a terminal, and how values are written.

`safe` makes any text harmless, `mask` hides secrets, `fit` measures in terminal cells; the rest writes
durations, moments, counts, sizes and statuses. Nothing here knows Textual.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from typing import Literal, TypeAlias

from rich.cells import cell_len, get_character_cell_size

from backend_adapters.model import Millis, TaskStatus

NOTHING = "–"
"""What stands for a value that isn't there."""

# --- harmless text -----------------------------------------------------------------------------------

# Variation selectors choose a glyph and nothing else, but terminals differ in the width they then draw.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

# What joins or tints the emoji before it. Without it every terminal draws each emoji in two cells.
_JOINERS = re.compile(
    "(?<=[\xa9\xae\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])[\u200d\U0001f3fb-\U0001f3ff]+"
)

# Printable for Python, but invisible or of a width that terminals don't agree on.
_ODD = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U0001f3fb-\U0001f3ff]")


class _Harmless(dict[int, str]):
    """A table for `str.translate` that works out each code point when it is first met."""

    def __missing__(self, code: int) -> str:
        """The printable form of `code`, remembered while the table is small."""
        shown = _shown(chr(code))
        if len(self) < 8192:
            self[code] = shown
        return shown


def _shown(character: str) -> str:
    """One character as it may be drawn: itself, a control picture, spaces, or `⟨U+202E⟩`."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(character)
    if category == "Zs":
        return " " * max(1, get_character_cell_size(character))
    if category[0] in "CZ" or _ODD.match(character):
        return f"⟨U+{code:04X}⟩"
    return character


_HARMLESS = _Harmless()


def safe(text: str) -> str:
    """Return `text` as one line that holds no control, format, bidi or invisible character.

    Control characters become their pictures (newline `␊`, escape `␛`), the others a visible `⟨U+202E⟩`.
    Emoji sequences are taken apart into single emoji, so that their width is the same in every terminal.
    """
    if text.isascii():
        return text if text.isprintable() else text.translate(_HARMLESS)
    if text.isprintable() and not (_SELECTORS.search(text) or _ODD.search(text)):
        return text
    return _JOINERS.sub("", _SELECTORS.sub("", text)).translate(_HARMLESS)


def safe_lines(text: str) -> list[str]:
    r"""Split `text` at \n and \r\n and make each line harmless; an end of line at the end adds no line."""
    if not text:
        return []
    lines = text.removesuffix("\n").split("\n")
    return [safe(line.removesuffix("\r")) for line in lines]


# --- secrets -----------------------------------------------------------------------------------------

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
_SHORT_CLUE = re.compile(rb"k[\\\"':=]")  # ak and sk
_SECRET_PART = re.compile(
    rb"password|passwd|passphrase|secret|authorization|credential|apikey|accesskey|privatekey"
)
_SECRET_END = re.compile(rb"(?:tokens?|pwd|(?:^|[._-])(?:ak|sk|pass))$")
_NOT_A_KEY = re.compile(rb"(?:exception|error)$")
_KEY_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
# Space in JSON that is itself inside a string is written as an escape.
_PAIR = re.compile(rb"([\w.-]+)(\\*[\"'])?(?:\s|\\+[nrt])*([:=,])[=>]?(?:\s|\\+[nrt])*")
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


def secrets(data: bytes, start: int, end: int) -> list[Span]:
    """Find the secrets whose key begins in [start, end) of UTF-8 `data`, in order; JSON stays valid JSON."""
    low = data[start : end + 16].lower()
    found: list[Span] = []
    for place in sorted({start + at for at in _clues(low) if at < end - start}):
        span = _secret(data, place)
        if span and (not found or span[0] >= found[-1][1]):
            found.append(span)
    return found


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


def _secret(data: bytes, place: int) -> Span | None:
    """The secret that the word at `place` announces, if it does."""
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
    if pair is None or not _announces(data, pair):
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


# --- cells -------------------------------------------------------------------------------------------


def cell_width(text: str) -> int:
    """Return how many terminal cells harmless `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(
    text: str,
    width: int,
    *,
    align: Literal["left", "right"] = "left",
    keep: Literal["head", "tail"] = "head",
    ascii: bool = False,
) -> str:
    """Return harmless `text` in exactly `width` cells: padded, or cut with `…` (`~` for `ascii`).

    A character of two cells is never halved; a space takes the place of its other half. `keep` says which
    end of a cut text stays.
    """
    if width <= 0:
        return ""
    size = cell_width(text)
    if size > width:
        mark = "~" if ascii else "…"
        room = width - 1
        text = _head(text, room) + mark if keep == "head" else mark + _tail(text, room)
        size = cell_width(text)
    padding = " " * (width - size)
    return text + padding if align == "left" else padding + text


def _head(text: str, width: int) -> str:
    """The longest beginning of `text` that takes at most `width` cells."""
    if text.isascii():
        return text[:width]
    taken = 0
    for index, character in enumerate(text):
        taken += get_character_cell_size(character)
        if taken > width:
            return text[:index]
    return text


def _tail(text: str, width: int) -> str:
    """The longest end of `text` that takes at most `width` cells, not begun by a combining mark."""
    if text.isascii():
        return text[len(text) - width :]
    taken, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = get_character_cell_size(text[index])
        taken += cells
        if taken > width:
            break
        if cells:
            start = index
    return text[start:]


# --- durations, moments, numbers ---------------------------------------------------------------------


def duration(ms: Millis | None) -> str:
    """Return a coarse duration that seldom changes: `5s`, `3m`, `2h10m`, `4d`; a dash for None.

    A negative one, which two clocks that disagree can give, reads as `0s`.
    """
    if ms is None:
        return NOTHING
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds}s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}d"
    return f"{hours}h{minutes:02}m" if minutes else f"{hours}h"


def age(then: Millis | None, now: Millis) -> str:
    """Return how long ago `then` was, coarse; a dash where it isn't known."""
    return NOTHING if then is None else duration(now - then)


def duration_exact(ms: Millis | None) -> str:
    """Return a duration to a tenth of a second: `850ms`, `4.2s`, `2h 10m 4.2s`; a dash for None."""
    if ms is None:
        return NOTHING
    ms = max(0, ms)
    if ms < 1000:
        return f"{ms}ms"
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{value}{unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "m"))]
    while parts and parts[0][0] == "0":
        parts.pop(0)
    return " ".join([*parts, f"{rest // 1000}.{rest % 1000 // 100}s"])


def clock(ms: Millis, *, utc: bool) -> str:
    """Return the time of day as `12:03:44`, in UTC or in the local zone."""
    return _written("%H:%M:%S", ms, utc)


def moment(ms: Millis | None, *, utc: bool) -> str:
    """Return date and time as `2026-11-23 12:03:44`; a dash for None."""
    return NOTHING if ms is None else _written("%Y-%m-%d %H:%M:%S", ms, utc)


def moment_short(ms: Millis | None, now: Millis, *, utc: bool) -> str:
    """Return `12:03:44` for today, `11-22 12:03` for this year, `2025-11-22` before; a dash for None."""
    if ms is None:
        return NOTHING
    day, today = _written("%Y-%m-%d", ms, utc), _written("%Y-%m-%d", now, utc)
    if day == today:
        return clock(ms, utc=utc)
    return _written("%m-%d %H:%M", ms, utc) if day[:4] == today[:4] else day


def _written(form: str, ms: Millis, utc: bool) -> str:
    """A moment by a strftime form; a number that no calendar holds is written as it is."""
    try:
        moment = time.gmtime(ms // 1000) if utc else time.localtime(ms // 1000)
        return time.strftime(form, moment)
    except (OverflowError, ValueError, OSError):
        return f"{ms} ms"


def count(number: int) -> str:
    """Return a count, exact, with separators once it is long: `1204`, `100,000`."""
    return str(number) if -10_000 < number < 10_000 else f"{number:,}"


def size(bytes_: int) -> str:
    """Return a size in decimal units: `812 B`, `4.2 kB`, `25.3 MB`."""
    if bytes_ < 1000:
        return f"{bytes_} B"
    scale = 1 if bytes_ < 999_950 else 2 if bytes_ < 999_950_000 else 3
    return f"{bytes_ / 1000**scale:.1f} {' kMG'[scale]}B"


_GLYPHS: dict[TaskStatus, tuple[str, str]] = {
    TaskStatus.NEW: ("·", "."),
    TaskStatus.SCHEDULING: ("·", "."),
    TaskStatus.SCHEDULED: ("◦", "o"),
    TaskStatus.QUEUED: ("◦", "o"),
    TaskStatus.RESTORING: ("◦", "o"),
    TaskStatus.HANGING: ("‖", "="),
    TaskStatus.RUNNING: ("▶", ">"),
    TaskStatus.CANCELLING: ("◌", "~"),
    TaskStatus.DELETING: ("◌", "~"),
    TaskStatus.SUCCESS: ("✓", "+"),
    TaskStatus.PARTIAL: ("◐", "%"),
    TaskStatus.FAILED: ("✗", "x"),
    TaskStatus.CANCELLED: ("⊘", "-"),
    TaskStatus.UNKNOWN: ("?", "?"),
}


def glyph(status: TaskStatus, *, ascii: bool) -> str:
    """Return the sign of a status, one cell wide and drawn by DejaVu Sans Mono."""
    return _GLYPHS[status][ascii]
