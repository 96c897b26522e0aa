"""What each error tells whoever handles it: whether to ask again, and whether anything was sent."""

from __future__ import annotations

import pytest

from backend_adapters import errors
from backend_adapters.errors import BackendError, BadValue, NoSuchGraph, NotLoggedIn, may_have_started

FINAL = {
    "Unreadable",
    "NotLoggedIn", "WrongClock", "NotAllowed", "NoSuchGraph", "NoSuchTask", "Refused", "BadValue",
    "Unsupported",
}  # fmt: skip
"""Asking again brings the same, until a person has done something."""

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, BackendError)
}


@pytest.mark.parametrize("name", KINDS)
def test_each_error_knows_whether_asking_again_makes_sense_and_whether_it_was_sent(name: str) -> None:
    more = {"param": "worker"} if name == "BadValue" else {}
    error = KINDS[name]("It broke.", **more)
    assert str(error) == "It broke."
    assert error.retryable == (name not in FINAL)
    assert error.sent == (name not in ("BadValue", "Unsupported"))


@pytest.mark.parametrize("name", KINDS)
def test_what_was_never_sent_has_started_nothing_and_a_lost_answer_may_have(name: str) -> None:
    more = {"param": "worker"} if name == "BadValue" else {}
    error = KINDS[name]("It broke.", **more)
    final = name in FINAL - {"Unreadable"}
    assert may_have_started(error) is not final
    error.sent = False
    assert not may_have_started(error)


def test_an_error_holds_what_came_with_the_answer() -> None:
    error = BackendError("It broke.", hint="Mend it.", code=500, trace="a.b", retry_after=7.0)
    assert (error.hint, error.code, error.trace, error.retry_after) == ("Mend it.", 500, "a.b", 7.0)
    bare = BackendError("It broke.")
    assert (bare.hint, bare.code, bare.trace, bare.retry_after) == ("", None, "", None)


def test_a_hint_of_its_own_takes_the_place_of_the_usual_one_also_an_empty_one() -> None:
    assert errors.Busy("x").hint == "The server is overloaded or is limiting requests. Give it some time."
    assert errors.Busy("x", hint="Wait.").hint == "Wait."
    assert errors.Busy("x", hint="").hint == ""
    assert BadValue("x", param="worker", hint="1 to 100").hint == "1 to 100"


def test_a_graph_that_is_not_there_is_a_404_with_those_that_are() -> None:
    error = NoSuchGraph("no graph", graphs=("a", "b"))
    assert (error.code, error.graphs, error.hint) == (
        404,
        ("a", "b"),
        "Choose a graph that the server lists.",
    )
    assert NoSuchGraph("no graph").graphs == ()


def test_a_login_is_by_password_unless_an_adapter_says_otherwise() -> None:
    assert NotLoggedIn("x").wants == "password"


def test_a_wrong_clock_says_what_to_set() -> None:
    assert errors.WrongClock("x").hint == "Set this machine's clock, or sync it with a time server."
