"""SDK-HMAC-SHA256, the signature of Huawei Cloud's APIs (facts: GES, section 5.2; proven by V0 to V7).

Pure functions: the same request, keys and date give the same signature, whoever sends it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from msgspec import Struct

from backend_adapters.transport.credentials import AccessKeys

ALGORITHM = "SDK-HMAC-SHA256"
DATE = "X-Sdk-Date"
PAYLOAD = "X-Sdk-Content-Sha256"
UNSIGNED = "UNSIGNED-PAYLOAD"

VALID_FOR = 15 * 60.0
"""Seconds that a signature's date may be off (facts: GES, section 5.2)."""

_HASHED_TYPES = ("application/json", "application/bson")


class Signed(Struct, frozen=True):
    """A signature with what it was made of, so that a difference can be found."""

    canonical: str
    to_sign: str
    signature: str
    authorization: str
    """The value of the header Authorization."""


def encoded(text: str) -> str:
    """The text as UTF-8 with everything but letters, digits and `-_.~` as %XX."""
    return quote(text, safe="~", errors="replace")


def query_string(pairs: Iterable[tuple[str, str]]) -> str:
    """Decoded pairs as the query that is both signed and sent: sorted by key, then by value."""
    return "&".join(f"{encoded(key)}={encoded(value)}" for key, value in sorted(pairs))


def canonical_query(query: str) -> str:
    """A query as it goes over the wire, in the form that is signed."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return query_string((unquote(key), unquote(value)) for key, _, value in parts)


def canonical_path(path: str) -> str:
    """A path as it goes over the wire, in the form that is signed: with a slash at its end."""
    text = "/".join(encoded(part) for part in unquote(path).split("/"))
    return text if text.endswith("/") else f"{text}/"


def with_payload(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with the one that says so where the body's type is one that is not hashed."""
    kind = _header(headers, "content-type")
    extra = {PAYLOAD: UNSIGNED} if kind and not kind.startswith(_HASHED_TYPES) else {}
    return {**headers, **extra}


def sign(method: str, target: str, headers: Mapping[str, str], body: bytes, keys: AccessKeys) -> Signed:
    """Sign a request; `target` is path and query as sent, `headers` those to sign with Host and X-Sdk-Date.

    A header with `_` in its name is not signed, and values are signed without the space around them.
    """
    path, _, query = target.partition("?")
    values = {name.lower(): value.strip() for name, value in headers.items() if "_" not in name}
    names = sorted(values)
    lines = "".join(f"{name}:{values[name]}\n" for name in names)
    signed = ";".join(names)
    place = f"{method.upper()}\n{canonical_path(path)}\n{canonical_query(query)}"
    canonical = f"{place}\n{lines}\n{signed}\n{_digest(values, body)}"
    to_sign = f"{ALGORITHM}\n{values[DATE.lower()]}\n{_sha256(canonical.encode())}"
    signature = hmac.new(keys.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"{ALGORITHM} Access={keys.access}, SignedHeaders={signed}, Signature={signature}"
    return Signed(canonical, to_sign, signature, authorization)


def _digest(values: Mapping[str, str], body: bytes) -> str:
    """What stands for the body: its hash, or the word that it is not hashed."""
    announced = values.get(PAYLOAD.lower()) if body else None
    return announced or _sha256(body)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
