"""SDK-HMAC-SHA256, the signature of Huawei Cloud's APIs (PROTOCOL.md, section 4.2).

Pure functions: the same request, keys and date give the same signature, whoever sends it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from msgspec import Struct

from backend_adapters.transport.credentials import AccessKeys

SIGNING_ALGORITHM = "SDK-HMAC-SHA256"
DATE_HEADER = "X-Sdk-Date"
PAYLOAD_HEADER = "X-Sdk-Content-Sha256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

SIGNATURE_VALID_FOR = 15 * 60.0
"""Seconds that a signature's date may be off (PROTOCOL.md, section 4.2)."""

_HASHED_TYPES = ("application/json", "application/bson")


class Signature(Struct, frozen=True):
    """A signature with the texts it was made of, to find a difference."""

    canonical: str
    to_sign: str
    signature: str
    authorization: str
    """The value of the Authorization header."""


def percent_encode(text: str) -> str:
    """The text as UTF-8, percent-encoded but for letters, digits and `-_.~`."""
    return quote(text, safe="~", errors="replace")


def make_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The query that is both signed and sent, from decoded pairs: sorted by key, then by value."""
    return "&".join(f"{percent_encode(key)}={percent_encode(value)}" for key, value in sorted(pairs))


def canonical_query(query: str) -> str:
    """The form of a query that is signed, from the one that is sent."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return make_query((unquote(key), unquote(value)) for key, _, value in parts)


def canonical_path(path: str) -> str:
    """The form of a path that is signed, from the one that is sent: it ends with a slash."""
    text = "/".join(percent_encode(part) for part in unquote(path).split("/"))
    return text if text.endswith("/") else f"{text}/"


def add_payload_header(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with one more where the body is of a type that is not hashed."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    extra = {PAYLOAD_HEADER: UNSIGNED_PAYLOAD} if kind and not kind.startswith(_HASHED_TYPES) else {}
    return {**headers, **extra}


def sign_request(
    method: str, target: str, headers: Mapping[str, str], body: bytes, keys: AccessKeys
) -> Signature:
    """Sign a request; `target` is path and query as sent, `headers` those to sign with Host and X-Sdk-Date.

    A header with `_` in its name is not signed, and values are signed without the space around them.
    """
    path, _, query = target.partition("?")
    values = {name.lower(): value.strip() for name, value in headers.items() if "_" not in name}
    names = sorted(values)
    lines = "".join(f"{name}:{values[name]}\n" for name in names)
    signed = ";".join(names)
    place = f"{method.upper()}\n{canonical_path(path)}\n{canonical_query(query)}"
    canonical = f"{place}\n{lines}\n{signed}\n{_payload_digest(values, body)}"
    to_sign = f"{SIGNING_ALGORITHM}\n{values[DATE_HEADER.lower()]}\n{_sha256_hex(canonical.encode())}"
    signature = hmac.new(keys.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"{SIGNING_ALGORITHM} Access={keys.access}, SignedHeaders={signed}, Signature={signature}"
    return Signature(canonical, to_sign, signature, authorization)


def _payload_digest(values: Mapping[str, str], body: bytes) -> str:
    """The hash of the body, or UNSIGNED-PAYLOAD where it is not hashed."""
    announced = values.get(PAYLOAD_HEADER.lower()) if body else None
    return announced or _sha256_hex(body)


def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
