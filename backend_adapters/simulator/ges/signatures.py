"""SDK-HMAC-SHA256 as the gateway checks it: from the bytes that were received.

Written from the public signing guide, independently of the code with which graphtop signs, so that each
checks the other.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes

SIGNATURE_ALGORITHM = "SDK-HMAC-SHA256"

CLOCK_TOLERANCE = 15 * 60 * 1000
"""The largest difference between a signature's time and the gateway's, ms."""

_AUTHORIZATION = re.compile(
    rf"{SIGNATURE_ALGORITHM} Access=(?P<access>[^,]+), "
    r"SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>[0-9a-f]+)"
)
_DATE = "%Y%m%dT%H%M%SZ"
_UNSIGNED = b"UNSIGNED-PAYLOAD"


class BadSignature(Exception):
    """A signature that is invalid; the message is the gateway's."""


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it was received."""

    method: str
    path: bytes
    """Still percent-encoded."""
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """The names in lower case."""
    body: bytes

    def get_header(self, name: str) -> bytes | None:
        """A header's stripped value, or None; several values are joined by commas."""
        found = [value.strip() for key, value in self.headers if key == name.encode()]
        return b",".join(found) if found else None

    def get_text(self, name: str) -> str | None:
        """A header's value as text, or None."""
        value = self.get_header(name)
        return None if value is None else value.decode("utf-8", "replace")


def verify_signature(request: ReceivedRequest, secret_of: Callable[[str, str], str | None], now: int) -> None:
    """Check a request's signature; raises BadSignature with the gateway's message.

    Args:
        request: The request.
        secret_of: Returns the secret key of an access key with a security token (or ""), or None.
        now: The gateway's time, epoch ms.
    """
    parts = _AUTHORIZATION.fullmatch(request.get_text("authorization") or "")
    if parts is None:
        raise BadSignature("the format of the Authorization header is wrong")
    secret = secret_of(parts["access"], request.get_text("x-security-token") or "")
    if secret is None:
        raise BadSignature(f"ak {parts['access']} not exist")
    names = parts["names"].split(";")
    date = _check_date(request, names, now)
    canonical = canonical_request(request, names)
    to_sign = f"{SIGNATURE_ALGORITHM}\n{date}\n{hashlib.sha256(canonical).hexdigest()}"
    expected = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, parts["signature"]):
        shown = canonical.decode("utf-8", "replace").replace("\n", "|")
        raise BadSignature(f"verify aksk signature fail, canonicalRequest:{shown}")


def _check_date(request: ReceivedRequest, names: list[str], now: int) -> str:
    """The signed `X-Sdk-Date`; raises BadSignature if it is missing or too far from now."""
    date = request.get_text("x-sdk-date") or ""
    if "x-sdk-date" not in names:
        raise BadSignature("x-sdk-date is not signed")
    try:
        moment = datetime.strptime(date, _DATE).replace(tzinfo=UTC).timestamp() * 1000
    except ValueError:
        raise BadSignature(f"the format of x-sdk-date is wrong: {date}") from None
    if abs(moment - now) > CLOCK_TOLERANCE:
        server = datetime.fromtimestamp(now / 1000, UTC).strftime(_DATE)
        raise BadSignature(f"signature expired, signature time:{date},server time:{server}")
    return date


def canonical_request(request: ReceivedRequest, names: list[str]) -> bytes:
    """The text that is signed: method, path, query, headers, their names and the hash of the body."""
    lines = [f"{name}:".encode() + _signed_value(request, name) + b"\n" for name in names]
    return b"\n".join(
        (
            request.method.encode(),
            _canonical_path(request.path),
            _canonical_query(request.query),
            b"".join(lines),
            ";".join(names).encode(),
            _payload_hash(request),
        )
    )


def _signed_value(request: ReceivedRequest, name: str) -> bytes:
    value = request.get_header(name)
    if value is None:
        raise BadSignature(f"signed header {name} is missing")
    return value


def _canonical_path(path: bytes) -> bytes:
    """The path with each segment encoded again and a slash at the end."""
    parts = unquote_to_bytes(path).split(b"/")
    text = b"/".join(map(_percent_encode, parts))
    return text if text.endswith(b"/") else text + b"/"


def _canonical_query(query: bytes) -> bytes:
    """The query's pairs in the order of their decoded keys and values; a plus isn't a space."""
    parts = (piece.partition(b"=") for piece in query.split(b"&") if piece)
    pairs = ((unquote_to_bytes(key), unquote_to_bytes(value)) for key, _, value in parts)
    return b"&".join(_percent_encode(key) + b"=" + _percent_encode(value) for key, value in sorted(pairs))


def _percent_encode(raw: bytes) -> bytes:
    """RFC 3986: all but letters, digits and `-_.~` as %XX."""
    return quote(raw, safe="").encode()


def _payload_hash(request: ReceivedRequest) -> bytes:
    """The hash of the body, or the placeholder of a client that doesn't sign its body."""
    if request.get_header("x-sdk-content-sha256") == _UNSIGNED and request.body:
        return _UNSIGNED
    return hashlib.sha256(request.body).hexdigest().encode()
