"""Says why places show nothing that is live: one does not answer, another needs a login."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, TypeAlias

from backend_adapters.errors import BackendError, NoSuchGraph, NotAllowed, NotLoggedIn

Trouble: TypeAlias = Literal["no answer", "no login", "not allowed", "no such graph"]

_CLAUSES: dict[Trouble, tuple[str, str]] = {
    "no answer": ("does not answer", "do not answer"),
    "no login": ("needs a login", "need a login"),
    "not allowed": ("is not allowed", "are not allowed"),
    "no such graph": ("has no such graph", "have no such graph"),
}
"""What is said of one place, and of several, in the order in which it is said."""


def judge_error(error: BackendError) -> Trouble:
    """What keeps a place from being live: a person must do something, unless there is no answer at all."""
    if isinstance(error, NotLoggedIn):
        return "no login"
    if isinstance(error, NotAllowed):
        return "not allowed"
    return "no such graph" if isinstance(error, NoSuchGraph) else "no answer"


def describe_clause(error: BackendError) -> str:
    """The trouble of one place, to stand behind its name: `does not answer`."""
    return _CLAUSES[judge_error(error)][0]


def count_troubles(errors: Iterable[BackendError]) -> tuple[str, ...]:
    """How many places have which trouble, each with its verb: `2 do not answer`, `1 needs a login`."""
    counts = Counter(map(judge_error, errors))
    return tuple(
        f"{number} {clauses[number > 1]}" for kind, clauses in _CLAUSES.items() if (number := counts[kind])
    )


def describe_troubles(errors: Iterable[BackendError]) -> str:
    """The troubles of several places as a sentence: `1 place does not answer, 2 need a login: press A.`"""
    first, *others = count_troubles(errors)
    number, _, clause = first.partition(" ")
    places = f"{number} place{'' if number == '1' else 's'} {clause}"
    return f"{', '.join([places, *others])}: press A."


def describe_trouble(name: str, error: BackendError) -> str:
    """The trouble of one place as a sentence; where its login is refused, how to give another one."""
    trouble = judge_error(error)
    if trouble == "no login":
        return f"{name} wants a login: press A, then enter on it."
    return f"{name} {describe_clause(error)}{'.' if trouble == 'no answer' else ': press A.'}"
