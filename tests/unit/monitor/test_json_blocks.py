"""Long JSON that is indented block by block reads as if it had been indented as a whole."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.monitor.cooperative import run_at_once
from tui.monitor.document import json_blocks
from tui.monitor.document.json import indent_json
from tui.monitor.document.json_blocks import JsonBlocks
from tui.monitor.document.loading import INDENTED_BYTES, read_document

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["x" * 70, '\\"' * 30, "é🚚" * 20, ",[{", "\ud83d", "\\" * 9]),
    lambda inner: (
        st.lists(inner, max_size=12)
        | st.dictionaries(st.sampled_from(["id", "name", "", 'a"', "n\\"]) | st.text(max_size=3), inner)
    ),
    max_leaves=40,
)
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n ", " : ")])


def vertices(number: int) -> bytes:
    """A result as HugeGraph sends one."""
    each = [{"id": at, "name": f"用户 {at}", "properties": {"age": at % 90}} for at in range(number)]
    return json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode()


def cut(source: bytes) -> JsonBlocks | None:
    """The blocks of a text; None where it can't be cut."""
    blocks = JsonBlocks(source)
    return blocks if run_at_once(blocks.cut_blocks()) else None


@settings(deadline=None, max_examples=300)
@given(VALUES, st.booleans(), SPACES, st.integers(8, 200), st.data())
def test_any_part_is_that_of_the_whole_indented_text(value, ascii_only, spaces, block, data):
    source = json.dumps(value, ensure_ascii=ascii_only, separators=spaces).encode("utf-8", "replace")
    old, json_blocks.JSON_BLOCK_BYTES = json_blocks.JSON_BLOCK_BYTES, block
    try:
        blocks, whole = cut(source), indent_json(source)
    finally:
        json_blocks.JSON_BLOCK_BYTES = old
    # A short block may hold no good place for a cut.
    if blocks is not None:
        assert whole is not None
        assert blocks[:] == whole
        assert len(blocks) == len(whole)
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(0, len(whole)))
        assert blocks[start:end] == whole[start:end]


@settings(deadline=None, max_examples=300)
@given(VALUES, SPACES, st.integers(8, 60), st.data())
def test_what_is_not_valid_is_never_taken_for_json(value, spaces, block, data):
    source = json.dumps(value, separators=spaces).encode()
    at = data.draw(st.integers(0, len(source) - 1))
    there = data.draw(st.sampled_from([b"", b",", b"]", b"[", b"}", b"{", b'"', b" ", b"\\", b":"]))
    changed = source[:at] + there + source[at + data.draw(st.integers(0, 1)) :]
    old, json_blocks.JSON_BLOCK_BYTES = json_blocks.JSON_BLOCK_BYTES, block
    try:
        blocks = cut(changed)
    finally:
        json_blocks.JSON_BLOCK_BYTES = old
    assert blocks is None or blocks[:] == indent_json(changed)


@pytest.mark.parametrize(
    "source",
    [
        vertices(9000),
        json.dumps({"name": "x", "result": vertices(9000).decode(), "z": [1, {"a": 2}]}).encode(),
        json.dumps({"result": json.loads(vertices(9000)), "count": 9000}).encode(),
        json.dumps({str(number): [number] * 9 for number in range(9000)}).encode(),
        json.dumps([["x" * 100_000, [[number]]] for number in range(9)]).encode(),
        json.dumps("é" * 200_000).encode(),
        json.dumps(list(range(90_000)), indent=1).encode(),
    ],
    ids=["list", "answer", "object", "map", "long strings", "one string", "indented already"],
)
def test_results_as_they_come_are_cut(source):
    blocks = cut(source)
    assert blocks is not None
    assert blocks[:] == indent_json(source)


@pytest.mark.parametrize(
    "source",
    [
        b"[" * 300_000,
        b"[" + b" " * 300_000 + b"1]",
        json.dumps({"k" * 300_000: 1}).encode(),
        json.dumps([["x"] * 30_000, "\\" * 150_001]).encode(),
    ],
    ids=["too deep", "blanks", "a long name", "backslashes"],
)
def test_what_has_no_good_place_for_a_cut_is_shown_all_the_same(source):
    assert len(source) > INDENTED_BYTES
    shown, indented = read_document(source, "result"), indent_json(source)
    assert (shown.kind, shown.content[:]) == (("text", source) if indented is None else ("json", indented))


def test_a_long_result_takes_hardly_more_memory_than_its_bytes():
    source = vertices(60_000)
    tracemalloc.start()
    shown = read_document(source, "result")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(shown) == 60_000 * 7 + 2
    assert most < len(source) / 2


async def test_a_long_result_is_searched_as_it_is_shown():
    source = vertices(20_000)
    shown = read_document(source, "result")
    line = 1 + 7 * 12_345 + 2
    assert shown.line(line) == '    "name": "用户 12345",'
    # The blank behind the colon is shown, and was not sent.
    assert await shown.find('"name": "用户 12345"', 0) == line
    assert list((await shown.hits('"name": "用户 1234'))[0])[-1] == line + 7 * 4
    assert await shown.find('"name": "用户', line - 1, backwards=True) == line - 7


def test_of_deeply_nested_json_few_indented_bytes_are_kept() -> None:
    blocks = cut(b"[" * 200 + b",".join([b"7"] * 100_000) + b"]" * 200)
    assert blocks is not None
    for start in range(0, len(blocks), len(blocks) // 20):
        blocks[start : start + 100]
        *older, _ = map(len, blocks._kept.values())
        assert sum(older) <= json_blocks.KEPT_BYTES
