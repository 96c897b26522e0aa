"""The order of ids, told of one, of many, and of the last one alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.monitor.id_order import are_in_order, find_last_id, natural_key, natural_keys

IDS = st.lists(
    st.one_of(st.integers(-120, 120).map(str), st.text("09aF-/", max_size=3)), min_size=1, max_size=6
)


@given(IDS)
def test_many_ids_have_the_keys_of_each(ids: list[str]):
    assert natural_keys(ids) == [natural_key(one) for one in ids]


@given(IDS)
def test_the_last_id_has_the_largest_key(ids: list[str]):
    assert natural_key(find_last_id(ids)) == max(map(natural_key, ids))


@given(IDS)
def test_ids_are_in_order_where_a_sort_leaves_them_as_they_are(ids: list[str]):
    assert are_in_order(ids) is (sorted(ids, key=natural_key) == ids)
    assert are_in_order(sorted(ids, key=natural_key))
