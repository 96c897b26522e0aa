"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from tui.cli.watch import taken_apart


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://h:8080", ("http://h:8080", None, None)),
        ("http://h:8080/hg", ("http://h:8080/hg", None, None)),
        ("http://h:8080/graphs", ("http://h:8080", None, None)),
        ("http://h:8080/graphs/g/tasks/7", ("http://h:8080", None, "g")),
        ("http://h/hg/graphspaces/DEFAULT/graphs/g/tasks?limit=3", ("http://h/hg", "DEFAULT", "g")),
        ("http://h:8080/versions", ("http://h:8080", None, None)),
    ],
)
def test_an_address_copied_from_the_api_names_its_graph(url: str, parts: tuple[str, str | None, str | None]):
    assert taken_apart(url) == parts
