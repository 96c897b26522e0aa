"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from tui.connection.address import Address, parse_address


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://h:8080", ("http://h:8080", None, None)),
        ("http://h:8080/hg", ("http://h:8080/hg", None, None)),
        ("http://h:8080/graphs", ("http://h:8080", None, None)),
        ("http://h:8080/graphs/g/tasks/7", ("http://h:8080", "g", None)),
        ("http://h/hg/graphspaces/DEFAULT/graphs/g/tasks?limit=3", ("http://h/hg", "g", "DEFAULT")),
        ("http://h:8080/versions", ("http://h:8080", None, None)),
        ("http://h:8080/apis/", ("http://h:8080", None, None)),
        ("http://h:8080/graphspaces/DEFAULT/graphs", ("http://h:8080", None, "DEFAULT")),
        ("h:8080/graphs/g", ("h:8080", "g", None)),
        ("http://graphs", ("http://graphs", None, None)),
        ("http://graphs/hg", ("http://graphs/hg", None, None)),
        ("http://versions/", ("http://versions/", None, None)),
        ("http://v2/hg", ("http://v2/hg", None, None)),
    ],
)
def test_an_address_copied_from_the_api_names_its_graph(url: str, parts: tuple[str, str | None, str | None]):
    assert parse_address(url) == Address(*parts)


CLOUD = "https://ges.cn-north-4.myhuaweicloud.com"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (CLOUD, Address(CLOUD, dialect="ges")),
        (f"{CLOUD}/v1.0/p1/graphs/jobs?offset=0", Address(CLOUD, project="p1", dialect="ges")),
        (f"{CLOUD}/v2/p1/graphs/jobs", Address(CLOUD, project="p1", dialect="ges-v2")),
        (f"{CLOUD}/v2/p1", Address(CLOUD, project="p1", dialect="ges-v2")),
        (f"{CLOUD}/v1.0/p1/graphs/v2/jobs", Address(CLOUD, project="p1", dialect="ges")),
        ("http://h:8000/v1.0/p/graphs/jobs", Address("http://h:8000", project="p", dialect="ges")),
        (
            "https://10.0.0.7/ges/v1.0/p1/graphs/fraud_ring/jobs/status",
            Address("https://10.0.0.7", graph="fraud_ring", project="p1", dialect="ges-graph"),
        ),
        ("https://10.0.0.7/ges/v1.0/p1", Address("https://10.0.0.7", project="p1", dialect="ges-graph")),
        (
            "https://10.0.0.7/ges/v1.0/p1/graphs/jobs/x",
            Address("https://10.0.0.7", project="p1", dialect="ges-graph"),
        ),
        (
            "https://GES.eu-west-101.myhuaweicloud.eu/",
            Address("https://GES.eu-west-101.myhuaweicloud.eu/", dialect="ges"),
        ),
    ],
)
def test_an_address_of_ges_names_its_project(url: str, address: Address):
    assert parse_address(url) == address
