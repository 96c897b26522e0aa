"""The simulated gateway checks signatures for real: Huawei's own pass, and nothing that was touched does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend_adapters.simulator.ges.signatures import (
    CLOCK_TOLERANCE,
    BadSignature,
    ReceivedRequest,
    verify_signature,
)

FILE = Path(__file__).parents[1] / "ges" / "ges_signature_vectors.json"
DATA = json.loads(FILE.read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = [*DATA["vectors"], DATA["anchor"]]
"""Made by the signer of Huawei's SDK, and one that is printed in the public signing guide."""

NAMES = [vector["name"] for vector in VECTORS]
vectors = pytest.mark.parametrize("vector", VECTORS, ids=NAMES)


def arrived(vector: dict[str, Any]) -> ReceivedRequest:
    """The vector's request as it comes over the wire."""
    given = vector["input"]
    path, _, query = vector["wire_uri"].encode().partition(b"?")
    headers = vector.get("wire_headers") or given["header_params"] | {
        "Host": given["host"],
        "Authorization": vector["authorization"],
    }
    body = given["body"]
    raw = b"" if body is None else bytes.fromhex(body["hex"]) if isinstance(body, dict) else body.encode()
    lower = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return ReceivedRequest(given["method"], path, query, lower, raw)


def moment(vector: dict[str, Any]) -> int:
    """When the vector was signed, epoch ms."""
    date = vector["input"]["header_params"]["X-Sdk-Date"]
    return int(datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp() * 1000)


def check(
    request: ReceivedRequest, vector: dict[str, Any], *, secret: str | None = None, late: int = 0
) -> None:
    """Verify a request with the vector's key; raises Unsigned."""
    known = vector.get("ak", DATA["ak"]), vector.get("sk", DATA["sk"])
    verify_signature(
        request, lambda ak, _: (secret or known[1]) if ak == known[0] else None, moment(vector) + late
    )


def test_there_are_eight() -> None:
    assert len(VECTORS) == 8


@vectors
def test_it_takes_what_the_sdk_signed(vector: dict[str, Any]) -> None:
    check(arrived(vector), vector)


@vectors
@pytest.mark.parametrize("part", ["method", "path", "query", "body", "header", "signature", "names"])
def test_it_refuses_what_was_touched(vector: dict[str, Any], part: str) -> None:
    request = arrived(vector)
    for touched in _touched(request, part):
        with pytest.raises(BadSignature):
            check(touched, vector)


def _touched(request: ReceivedRequest, part: str) -> list[ReceivedRequest]:
    """The request with each byte of one part changed, one at a time."""
    if part == "method":
        return [replace(request, method="PUT")]
    if part == "path":
        return [replace(request, path=path) for path in _bytes_changed(request.path)]
    if part == "query":
        return [replace(request, query=query) for query in [*_bytes_changed(request.query), b"a=1"]]
    if part == "body":
        unsigned = (b"x-sdk-content-sha256", b"UNSIGNED-PAYLOAD") in request.headers
        changed = [] if unsigned else [*_bytes_changed(request.body), request.body + b" "]
        return [replace(request, body=body) for body in changed] + ([replace(request, body=b"")] * unsigned)
    return _touched_headers(request, part)


def _touched_headers(request: ReceivedRequest, part: str) -> list[ReceivedRequest]:
    parts = (request.get_text("authorization") or "").split(", ")
    signed = parts[1].removeprefix("SignedHeaders=").split(";")
    if part == "header":
        return [
            _with(request, name, value)
            for name in signed
            for value in _bytes_changed(request.get_header(name) or b"")
            if value.strip() != request.get_header(name)
        ]
    if part == "signature":
        authorizations = [", ".join((*parts[:2], other)) for other in _digits_changed(parts[2])]
    else:
        authorizations = [
            ", ".join((parts[0], "SignedHeaders=" + ";".join(names), parts[2]))
            for names in (signed[1:], signed[:-1], [*signed, "accept"], signed[::-1])
        ]
    return [_with(request, "authorization", text.encode()) for text in authorizations]


def _with(request: ReceivedRequest, name: str, value: bytes) -> ReceivedRequest:
    others = tuple(pair for pair in request.headers if pair[0] != name.encode())
    return replace(request, headers=(*others, (name.encode(), value)))


def _bytes_changed(raw: bytes) -> list[bytes]:
    """The bytes with each of them, that is a letter or a digit outside of an escape, replaced by another."""
    places = [at for at in range(len(raw)) if chr(raw[at]).isalnum() and b"%" not in raw[max(0, at - 2) : at]]
    return [raw[:at] + (b"x" if raw[at] != 120 else b"y") + raw[at + 1 :] for at in places]


def _digits_changed(signature: str) -> list[str]:
    start = len("Signature=")
    return [
        signature[:at] + ("0" if signature[at] != "0" else "1") + signature[at + 1 :]
        for at in range(start, len(signature))
    ]


@vectors
def test_a_wrong_secret_and_an_unknown_key(vector: dict[str, Any]) -> None:
    with pytest.raises(BadSignature, match="verify aksk signature fail, canonicalRequest:") as wrong:
        check(arrived(vector), vector, secret="other")
    assert vector["canonical_request"].replace("\n", "|") in str(wrong.value)
    with pytest.raises(BadSignature, match="not exist"):
        verify_signature(arrived(vector), lambda *_: None, moment(vector))


@vectors
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_quarter_of_an_hour_is_the_limit(vector: dict[str, Any], sign: int) -> None:
    check(arrived(vector), vector, late=sign * CLOCK_TOLERANCE)
    with pytest.raises(BadSignature, match=r"signature expired, signature time:\d{8}T\d{6}Z,server time:"):
        check(arrived(vector), vector, late=sign * (CLOCK_TOLERANCE + 1000))


@pytest.mark.parametrize("date", ["", "20240229", "2024-02-29T23:59:59Z", "20240230T000000Z"])
def test_a_date_that_is_none(date: str) -> None:
    with pytest.raises(BadSignature, match="x-sdk-date"):
        check(_with(arrived(VECTORS[0]), "x-sdk-date", date.encode()), VECTORS[0])


@pytest.mark.parametrize("text", ["", "Basic eDp5", "SDK-HMAC-SHA256 Access=a", "SDK-HMAC-SM3 Access=a"])
def test_an_authorization_that_is_none(text: str) -> None:
    with pytest.raises(BadSignature, match="Authorization"):
        check(_with(arrived(VECTORS[0]), "authorization", text.encode()), VECTORS[0])


def test_the_security_token_comes_with_the_key() -> None:
    (vector,) = [one for one in VECTORS if one["name"].startswith("V3")]
    asked: list[tuple[str, str]] = []

    def secret_of(access: str, token: str) -> str:
        asked.append((access, token))
        return str(DATA["sk"])

    verify_signature(arrived(vector), secret_of, moment(vector))
    assert asked == [(DATA["ak"], "STSTOKEN/abc+def==")]
