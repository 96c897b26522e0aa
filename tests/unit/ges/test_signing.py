"""The signature: Huawei's published example, vectors made with its SDK, and its SDK on random requests."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_adapters.ges.login import GesAuth
from backend_adapters.ges.signing import add_payload_header, make_query, sign_request
from backend_adapters.transport.credentials import AccessKeys, Credentials

VECTORS = json.loads((Path(__file__).parent / "ges_signature_vectors.json").read_text("utf-8"))
CASES = [VECTORS["anchor"], *({"ak": VECTORS["ak"], "sk": VECTORS["sk"]} | v for v in VECTORS["vectors"])]


@pytest.fixture(scope="module")
def sdk():
    """Huawei's signer; importing it writes a file below HOME."""
    before = os.environ.get("HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        try:
            from huaweicloudsdkcore.auth.credentials import BasicCredentials
            from huaweicloudsdkcore.sdk_request import SdkRequest
            from huaweicloudsdkcore.signer.signer import Signer
        finally:
            if before is not None:
                os.environ["HOME"] = before
    return BasicCredentials, SdkRequest, Signer


def pairs_of(params: list[list[object]]) -> list[tuple[str, str]]:
    """The pairs of a vector, its lists and booleans as texts."""
    flat = [(str(k), v) for k, value in params for v in (value if isinstance(value, list) else [value])]
    return [(k, str(v).lower() if isinstance(v, bool) else str(v)) for k, v in flat]


def body_of(body: object) -> bytes:
    if isinstance(body, dict):
        return bytes.fromhex(body["hex"])
    return body.encode() if isinstance(body, str) else b""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_vector_is_reproduced_byte_for_byte(case):
    given = case["input"]
    query = make_query(pairs_of(given["query_params"]))
    target = f"{given['resource_path']}?{query}" if query else given["resource_path"]
    assert target == case["wire_uri"]
    headers = add_payload_header({**given["header_params"], "Host": given["host"]})
    signed = sign_request(
        given["method"], target, headers, body_of(given["body"]), AccessKeys(case["ak"], case["sk"])
    )
    assert signed.canonical == case["canonical_request"]
    assert signed.to_sign == case["string_to_sign"]
    assert signed.authorization == case["authorization"]
    assert signed.signature == case["signature"]


def test_eight_vectors_are_checked():
    assert [case["name"][:2] for case in CASES] == [f"V{n}" for n in range(8)]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
RESERVED = st.text(st.sampled_from("aZ09 +%/?#&=;:@!$'()*,~_-.[]图é\U0001f600"), max_size=12)
SEGMENT = st.one_of(RESERVED, TEXT)
NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).filter(
    lambda name: (
        name.lower() not in ("host", "x-sdk-date", "authorization", "content-type", "x-sdk-content-sha256")
    )
)
VALUE = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), max_size=20
)
ANY_KEY = st.text(st.sampled_from("ABCDEF0123456789"), min_size=4, max_size=20)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "DELETE", "POST", "PUT"]),
    segments=st.lists(SEGMENT, min_size=1, max_size=4),
    params=st.lists(st.tuples(SEGMENT, SEGMENT), max_size=6),
    headers=st.dictionaries(NAME, VALUE, max_size=4),
    kind=st.sampled_from([None, "application/json", "application/json;charset=utf-8", "text/plain"]),
    body=st.one_of(st.just(b""), st.binary(max_size=50), TEXT.map(str.encode)),
    access=ANY_KEY,
    secret=st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()),
)
def test_huaweis_own_signer_signs_the_same(
    sdk, method, segments, params, headers, kind, body, access, secret
):
    credentials, request, signer = sdk
    path = "/" + "/".join(quote(part, safe="~") for part in segments)
    headers = {name.title(): value for name, value in headers.items()}
    if kind:
        headers["Content-Type"] = kind
    headers["X-Sdk-Date"] = "20240229T235959Z"
    theirs = request(
        method=method, schema="https", host="ges.example:8443", resource_path=path,
        query_params=list(params), header_params=dict(headers), body=body or None,
    )  # fmt: skip
    signer(credentials(access, secret)).sign(theirs)
    query = make_query(params)
    target = f"{path}?{query}" if query else path
    ours = sign_request(
        method,
        target,
        add_payload_header({**headers, "Host": "ges.example:8443"}),
        body,
        AccessKeys(access, secret),
    )
    assert target == theirs.uri
    assert ours.authorization == theirs.header_params["Authorization"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "DELETE", "POST"]),
    segments=st.lists(SEGMENT.filter(lambda part: part not in (".", "..")), min_size=1, max_size=3),
    params=st.lists(st.tuples(SEGMENT, SEGMENT), max_size=5),
    body=st.one_of(st.none(), st.dictionaries(TEXT, TEXT, max_size=3)),
    token=st.sampled_from(["", "STS/abc+def=="]),
)
def test_what_httpx_sends_is_what_huaweis_signer_would_have_signed(
    sdk, method, segments, params, body, token
):
    """From the bytes on the wire alone: the signer gets what a server receives."""
    credentials, request, signer = sdk
    path = "/v1.0/" + "/".join(quote(part, safe="~") for part in segments)
    query = make_query(params)
    target = f"{path}?{query}" if query else path
    url = httpx.URL("http://ges.example:8080").copy_with(raw_path=target.encode())
    sent = httpx.Request(method, url, json=body if method == "POST" else None)
    login = GesAuth(
        Credentials(keys=lambda: AccessKeys("AK", "SK", token)),
        "p1",
        usual="keys",
        now=lambda: 1_709_251_199.9,
    )
    next(login.auth_flow(sent))
    assert sent.url.raw_path.decode() == target, "httpx changed what was signed"
    names = sent.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "x-project-id", "x-sdk-date"} <= set(names)
    assert ("x-security-token" in names) == bool(token)
    theirs = request(
        method=method, schema="http", host="ges.example:8080", resource_path=path, query_params=list(params),
        header_params={name.title(): sent.headers[name] for name in names}, body=sent.content or None,
    )  # fmt: skip
    signer(credentials("AK", "SK")).sign(theirs)
    assert sent.headers["Authorization"] == theirs.header_params["Authorization"]
