"""Huawei's own signer against the simulated gateway, on random requests: all pass, none that was touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_adapters.simulator.ges.signatures import BadSignature, ReceivedRequest, verify_signature

SIGNED_AT = 1_709_251_199_000
"""20240229T235959Z."""

WORD = st.one_of(
    st.text(st.sampled_from("aZ09 +%/?#&=;:@!$'()*,~_-.[]图é\U0001f600"), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "DELETE", "POST", "PUT"]),
        "segments": st.lists(WORD, min_size=1, max_size=4),
        "params": st.lists(st.tuples(WORD, WORD), max_size=6),
        "kind": st.sampled_from(["application/json", "application/json;charset=utf-8", "text/plain"]),
        "body": st.one_of(st.just(b""), st.binary(max_size=50)),
        "token": st.sampled_from(["", "STS/abc+def=="]),
    }
)


def signed(given: dict[str, Any]) -> ReceivedRequest:
    """The request as the SDK signs and sends it."""
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.sdk_request import SdkRequest
    from huaweicloudsdkcore.signer.signer import Signer

    headers = {"Content-Type": given["kind"], "X-Sdk-Date": "20240229T235959Z", "X-Project-Id": "p"}
    request = SdkRequest(
        method=given["method"],
        schema="https",
        host="ges.example:8443",
        resource_path="/" + "/".join(quote(part, safe="~") for part in given["segments"]),
        query_params=list(given["params"]),
        header_params=headers | ({"X-Security-Token": given["token"]} if given["token"] else {}),
        body=given["body"] or None,
    )
    Signer(BasicCredentials("ak", "sk")).sign(request)
    path, _, query = request.uri.encode().partition(b"?")
    wire = tuple((name.lower().encode(), value.encode()) for name, value in request.header_params.items())
    return ReceivedRequest(given["method"], path, query, wire, given["body"])


def check(request: ReceivedRequest, token: str) -> None:
    """Verify at the moment of signing; raises Unsigned."""
    verify_signature(
        request, lambda access, given: "sk" if (access, given) == ("ak", token) else None, SIGNED_AT
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(REQUESTS, st.data())
def test_what_the_sdk_signs_is_let_in_and_nothing_else(given: dict[str, Any], data: st.DataObject) -> None:
    request = signed(given)
    check(request, given["token"])
    extra = bytes([data.draw(st.integers(33, 126).filter(lambda sign: chr(sign).isalnum()))])
    part = data.draw(st.sampled_from(["method", "path", "query", "body"]))
    if part == "method":
        touched = replace(request, method="PATCH")
    elif part == "path":
        touched = replace(request, path=request.path + extra)
    elif part == "query":
        touched = replace(request, query=request.query + b"&" + extra)
    else:
        unsigned = given["kind"] == "text/plain" and given["body"]
        touched = replace(request, body=b"" if unsigned else given["body"] + extra)
    with pytest.raises(BadSignature, match="verify aksk signature fail"):
        check(touched, given["token"])
