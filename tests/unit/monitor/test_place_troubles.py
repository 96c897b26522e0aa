"""What keeps places from being live, counted and in sentences."""

from __future__ import annotations

import pytest

from backend_adapters.errors import BackendError, Busy, NoSuchGraph, NotAllowed, NotLoggedIn, Unreachable
from tui.monitor.place_troubles import count_troubles, describe_trouble, describe_troubles

GONE, BUSY = Unreachable("gone"), Busy("busy")
LOGIN, REFUSED, DROPPED = NotLoggedIn("who?"), NotAllowed("no"), NoSuchGraph("no such graph")


@pytest.mark.parametrize(
    ("errors", "counted", "sentence"),
    [
        ([GONE, BUSY], ("2 do not answer",), "2 places do not answer: press A."),
        ([LOGIN, LOGIN], ("2 need a login",), "2 places need a login: press A."),
        (
            [LOGIN, GONE],
            ("1 does not answer", "1 needs a login"),
            "1 place does not answer, 1 needs a login: press A.",
        ),
        (
            [DROPPED, REFUSED, REFUSED, LOGIN],
            ("1 needs a login", "2 are not allowed", "1 has no such graph"),
            "1 place needs a login, 2 are not allowed, 1 has no such graph: press A.",
        ),
    ],
)
def test_places_are_counted_by_what_keeps_them(
    errors: list[BackendError], counted: tuple[str, ...], sentence: str
) -> None:
    assert count_troubles(errors) == counted
    assert describe_troubles(errors) == sentence


def test_nothing_is_counted_where_all_are_live() -> None:
    assert count_troubles([]) == ()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (GONE, "prod does not answer."),
        (LOGIN, "prod wants a login: press A, then enter on it."),
        (REFUSED, "prod is not allowed: press A."),
        (DROPPED, "prod has no such graph: press A."),
    ],
)
def test_one_place_is_told_by_its_name(error: BackendError, sentence: str) -> None:
    assert describe_trouble("prod", error) == sentence
