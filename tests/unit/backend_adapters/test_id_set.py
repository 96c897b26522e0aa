"""Very many ids, in parts, are one set."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_adapters import id_set
from backend_adapters.id_set import IdSet

IDS = st.lists(st.integers(0, 30).map(str), max_size=8)


@given(st.lists(IDS, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_says_what_a_set_says(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> None:
    monkeypatch.setattr(id_set, "PART_LENGTH", 3)
    ids, known = IdSet(), set[str]()
    for answer in answers:
        assert ids.add_ids(answer) == known & set(answer)
        known |= set(answer)
        assert (len(ids), set(ids)) == (len(known), known)
    assert all((str(number) in ids) is (str(number) in known) for number in range(32))
    assert bool(ids) is bool(known)


async def test_it_is_freed_in_steps_and_can_be_filled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_set, "PART_LENGTH", 2)
    ids = IdSet()
    for number in range(9):
        ids.add_ids([str(number)])
    assert len(ids._parts) == 5
    await ids.free()
    assert (len(ids), "3" in ids) == (0, False)
    assert ids.add_ids(["3"]) == set()
