"""JSON that strict readers refuse: what is made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.transport.loose_json import (
    cut_nesting,
    find_value_end,
    parse_loosely,
    records_without_id,
    to_strict_json,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_ordinary_json_stays_as_it_is(value, ascii_only):
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert parse_loosely(raw) == value
    assert json.loads(to_strict_json(raw)) == value
    assert cut_nesting(raw) == raw


def cut_below(value: object, most: int) -> object:
    """The same with null for what is nested deeper."""
    if not isinstance(value, list | dict):
        return value
    if not most:
        return None
    if isinstance(value, list):
        return [cut_below(part, most - 1) for part in value]
    return {key: cut_below(part, most - 1) for key, part in value.items()}


@settings(deadline=None)
@given(VALUES, st.integers(min_value=0, max_value=3))
def test_what_is_nested_deeper_becomes_null_and_nothing_else_changes(value, most):
    assert json.loads(cut_nesting(json.dumps(value).encode(), most)) == cut_below(value, most)


def test_brackets_and_quotes_inside_texts_are_none():
    raw = rb'{"a\"[": "]}\\", "b": [[1]], "c": "\\\"[", "d": [2]}'
    assert json.loads(cut_nesting(raw, 2)) == {'a"[': "]}\\", "b": [None], "c": '\\"[', "d": [2]}


@settings(deadline=None)
@given(VALUES, st.text(max_size=9))
def test_the_end_of_a_value_is_found(value, after):
    raw = json.dumps([value]).encode()
    assert find_value_end(b"x" + raw + after.encode(), 1) == 1 + len(raw)
    assert find_value_end(raw[:-1], 0) is None


@pytest.mark.parametrize("depth", [10, 800, 950, 990, 100_000])
def test_any_depth_is_read(depth):
    deep = b"[" * depth + b"1" + b"]" * depth
    assert json.loads(to_strict_json(b'{"deep":%b,"id":7}' % deep[2:-2]))["id"] == 7


@pytest.mark.parametrize("raw", [b"", b"[", b"[" * 100_000, b'{"a":', b'"cut', b"[1}", b"x", b"]" * 9])
def test_what_is_no_json_stays_none(raw):
    with pytest.raises(ValueError, match=r"."):
        parse_loosely(raw)


def test_what_is_no_number_and_no_character_is_told_by_what_was_sent():
    assert parse_loosely(b'[NaN, 1e400, -Infinity, 1.5, "caf\xe9"]') == [
        "NaN",
        "1e400",
        "-Infinity",
        1.5,
        "caf\ufffd",
    ]
    assert parse_loosely(b"9" * 5000) == "9" * 5000
    assert to_strict_json(rb'["\ud83d"]') == '["\ufffd"]'


def test_records_without_an_id_are_counted_in_words():
    assert records_without_id(0) == ""
    assert records_without_id(1) == "1 record of the list couldn't be read because it has no id."
    assert records_without_id(2) == "2 records of the list couldn't be read because they have no id."
