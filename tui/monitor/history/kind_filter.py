"""What a filter says of all tasks of a kind at once, so that few of a million have to be tried each."""

from __future__ import annotations

import re

from msgspec import Struct

from backend_adapters.model import Millis, Task
from tui.monitor.filters import Filter, FilterTerm, compile_filter, list_terms
from tui.monitor.history.kinds import COMPARED_LENGTH, NUMBER_SIGN

KIND_FIELDS = ("type", "graph", "place", "profile", "graphspace", "dialect")
"""Fields that all tasks of a kind share."""
LONGEST_NUMBER = 64
"""Characters of a number or an id in a name: a digest has so many."""

_NAME_TERM = re.compile(r"(?P<negations>!*)name(?P<op>!?=)(?P<value>.*)", re.DOTALL | re.IGNORECASE)


class _NameTerm(Struct, frozen=True):
    """One term on names: one of its words must be in the name, or none of them."""

    words: tuple[str, ...]
    skeletons: tuple[re.Pattern[str], ...]
    """For each word what it can look like in a pattern, where numbers are not told."""
    negated: bool

    def judge(self, pattern: str) -> bool | None:
        """Whether all names of a pattern pass, or none of them; None where that depends on their numbers."""
        folded = pattern.casefold()
        if any(NUMBER_SIGN not in word and word in folded for word in self.words):
            return not self.negated
        numbers = pattern.count(NUMBER_SIGN)
        # Of a longer name the pattern has the beginning only.
        is_whole = len(pattern) + numbers * LONGEST_NUMBER < COMPARED_LENGTH
        if is_whole and not (numbers and any(one.search(folded) for one in self.skeletons)):
            return self.negated
        return None


class KindFilter:
    """A filter, seen from the kinds."""

    def __init__(self, wanted: Filter) -> None:
        self.wanted = wanted
        """What each task of a kind must pass of which `judge` can't tell."""
        terms = list_terms(wanted)
        self._of_kinds = compile_filter(" ".join(term.text for term in terms if term.key in KIND_FIELDS))
        self._names = [_read_name_term(term) for term in terms if term.key == "name"]
        self._has_others = any(term.key not in (*KIND_FIELDS, "name") for term in terms)

    def judge(self, example: Task, now: Millis) -> bool | None:
        """Whether all tasks pass, or none, that are of the kind of `example`; None where that depends.

        The name of `example` is the pattern of its kind.
        """
        if not self._of_kinds(example, now):
            return False
        names = [term.judge(example.name) for term in self._names]
        if False in names:
            return False
        return None if self._has_others or None in names else True


def _read_name_term(term: FilterTerm) -> _NameTerm:
    found = _NAME_TERM.fullmatch(term.text)
    assert found is not None
    words = tuple(word.casefold() for word in found["value"].replace('"', "").split(",") if word)
    return _NameTerm(
        words=words,
        skeletons=tuple(map(_make_skeleton, words)),
        negated=(len(found["negations"]) % 2 == 1) is not (found["op"] == "!="),
    )


def _make_skeleton(word: str) -> re.Pattern[str]:
    """What matches each pattern that has names with this word in them."""
    parts = re.split("([0-9a-f]+)", word)
    # What could be digits stands there as it is, or some of it as a number.
    covered = f"[0-9a-f]*{NUMBER_SIGN}[0-9a-f{NUMBER_SIGN}]*"
    return re.compile(
        "".join(f"(?:{part}|{covered})" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    )
