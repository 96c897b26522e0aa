"""The secrets that graphtop itself was given, which are masked by their value in every text.

A server, or the page of a proxy, can send back a secret without a key that announces it. So each value
that is loaded as a secret is kept here, in all encodings in which it can come back.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MIN_SECRET_LENGTH = 4
"""Characters: masking a shorter one would hide half of every text."""

MAX_SECRETS = 16
"""The latest that are kept: tokens are renewed every hour."""

_SCALAR = re.compile(rb"[0-9.eE+-]+|t?rue?|f?alse?|n?ull?")
"""A value that may be part of a JSON literal, which must stay valid."""
_WORD = re.compile(rb"[\w.+-]")
_ENDS_WORD = re.compile(rb"(?:[\w.+-]|(?:\"\s*:|[\[,])\s*)\Z")
"""What precedes a part of a word, or a JSON literal."""


class OwnSecrets:
    """The values of secrets, and their positions in a text."""

    def __init__(self) -> None:
        self._shapes: dict[str, frozenset[bytes]] = {}
        self._names: set[bytes] = set()
        self._all: tuple[bytes, ...] = ()
        self.longest = 0
        """Bytes of the longest shape."""

    def add_secret(self, value: str) -> None:
        """Mask this value from now on, if it is long enough."""
        value = value.strip()
        if value in self._shapes or len(value) < MIN_SECRET_LENGTH:
            return
        self._shapes[value] = frozenset(
            shape for shape in _iter_shapes(value) if len(shape) >= MIN_SECRET_LENGTH
        )
        if len(self._shapes) > MAX_SECRETS:
            del self._shapes[next(iter(self._shapes))]
        self._update_shapes()

    def show_names(self, *names: str | None) -> None:
        """Never mask these names, which are not secret: a mask would show that the password is one of them.

        A weak password can be the name of its user or of a graph, which would then be nowhere to be read.
        """
        self._names.update(name.encode("utf-8", "replace") for name in names if name)
        self._update_shapes()

    def find_places(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The positions of secrets that begin in [start, end), in any order; some may overlap."""
        for shape in self._all:
            upto = end - 1 + len(shape)
            at = data.find(shape, start, upto)
            while at >= 0:
                if not _SCALAR.fullmatch(shape) or _stands_alone(data, at, at + len(shape)):
                    yield at, at + len(shape)
                at = data.find(shape, at + 1, upto)

    def _update_shapes(self) -> None:
        self._all = tuple(frozenset().union(*self._shapes.values()) - self._names)
        self.longest = max(map(len, self._all), default=0)


OWN_SECRETS = OwnSecrets()
"""The secrets of this process."""


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    """Whether a value that looks like a number is not part of a word and not a JSON literal."""
    return not (_ENDS_WORD.search(data, max(0, start - 64), start) or _WORD.match(data, end))


def _iter_shapes(value: str) -> Iterator[bytes]:
    """The value as it is, in JSON, in a URL and in base64, alone or within more text."""
    yield value.encode("utf-8", "replace")
    inner = value
    for _ in range(2):
        inner = json.dumps(inner)[1:-1]
        yield inner.encode()
    yield json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
    for quoted in (quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")):
        yield quoted.encode()
        yield _lower_escapes(quoted).encode()
    for before in range(3):
        core = _base64_core(value.encode("utf-8", "replace"), before)
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")


def _lower_escapes(quoted: str) -> str:
    """A percent-encoded text with lower-case escapes."""
    head, *escapes = quoted.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in escapes)


def _base64_core(data: bytes, before: int) -> bytes:
    """The part of the base64 of some bytes that does not depend on what surrounds them."""
    first, bits = -(-8 * before // 6), 8 * (before + len(data))
    return b64encode(bytes(before) + data)[first : bits // 6]
