"""Equal texts are kept once, however many records have them; those that never come again are forgotten."""

from __future__ import annotations

from backend_adapters import shared_text
from backend_adapters.shared_text import share_text


def make_text(number: int) -> str:
    """A text that is no constant of this module."""
    return f"job {number}"


def test_an_equal_text_is_the_one_that_came_first() -> None:
    first = make_text(1)
    assert share_text(first) is first
    assert share_text(make_text(1)) is first


def test_only_so_many_are_remembered_and_no_long_ones() -> None:
    texts = [share_text(make_text(number)) for number in range(3 * shared_text._TEXTS_MOST)]
    assert texts[-1] == f"job {len(texts) - 1}"
    assert len(shared_text._known) <= shared_text._TEXTS_MOST
    long = "x" * 10_000
    assert share_text(long) is long
    assert long not in shared_text._known
