"""Which parts of a text have a colour, and where a search's matches lie over them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment

from tui.widgets.syntax_spans import crop_segments, find_matches, highlight_line, overlay_matches


def coloured(kind: str, line: str, number: int = 1) -> list[tuple[str, str]]:
    return [(line[start:end], name) for start, end, name in highlight_line(kind, number, line)]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('  "key": 12,', [('"key"', "key"), ("12", "literal")]),
        ('"a \\"b" : -1.5e+3', [('"a \\"b"', "key"), ("-1.5e+3", "literal")]),
        ('"text 12 true"', []),
        ('"cut', []),
        ("[true, false, null, nullx]", [("true", "literal"), ("false", "literal"), ("null", "literal")]),
    ],
)
def test_keys_numbers_and_literals_of_json(line: str, parts: list[tuple[str, str]]) -> None:
    assert coloured("json", line) == parts


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("g.V().has('a', 3L)", [("V", "step"), ("has", "step"), ("'a'", "quoted"), ("3L", "literal")]),
        ('x = "a \\" b" // why', [('"a \\" b"', "quoted"), ("// why", "comment")]),
        ("'cut", [("'cut", "quoted")]),
        (
            "if (null) return 1.5",
            [("if", "keyword"), ("null", "literal"), ("return", "keyword"), ("1.5", "literal")],
        ),
        ("format(x)", []),
        ("g.values", []),
    ],
)
def test_words_steps_and_texts_of_a_script(line: str, parts: list[tuple[str, str]]) -> None:
    assert coloured("gremlin", line) == parts


@pytest.mark.parametrize(
    ("number", "line", "style"),
    [
        (0, "x.Bad: boom", "headline"),
        (1, "x.Bad: boom", ""),
        (1, "Caused by: x.Bad", "cause"),
        (1, "root cause: x.Bad", "cause"),
        (1, "\tat x.Y(Y.java:1)", "trace"),
        (1, "\t... 12 more", "trace"),
        (0, "at x.Y(Y.java:1)", "trace"),
        (1, "at last", ""),
    ],
)
def test_the_parts_of_a_failure(number: int, line: str, style: str) -> None:
    assert coloured("error", line, number) == ([(line, style)] if style else [])


def test_another_text_is_plain() -> None:
    assert coloured("text", '"key": 12 // at x.Y(') == []


def test_matches_are_found_in_either_case_and_as_they_are_typed() -> None:
    assert list(find_matches("a.B a.b axb", "A.b")) == [(0, 3), (4, 7)]
    assert list(find_matches("none", "x")) == []


@pytest.mark.parametrize(
    ("hits", "parts"),
    [
        ([], [(2, 6, "key"), (8, 9, "literal")]),
        ([(0, 1)], [(0, 1, "hit"), (2, 6, "key"), (8, 9, "literal")]),
        ([(3, 4)], [(2, 3, "key"), (3, 4, "hit"), (4, 6, "key"), (8, 9, "literal")]),
        ([(2, 6)], [(2, 6, "hit"), (8, 9, "literal")]),
        ([(5, 9)], [(2, 5, "key"), (5, 9, "hit")]),
        ([(1, 3), (5, 7)], [(1, 3, "hit"), (3, 5, "key"), (5, 7, "hit"), (8, 9, "literal")]),
        ([(10, 12)], [(2, 6, "key"), (8, 9, "literal"), (10, 12, "hit")]),
        ([(6, 8)], [(2, 6, "key"), (6, 8, "hit"), (8, 9, "literal")]),
    ],
)
def test_matches_lie_over_the_colours(hits, parts) -> None:
    assert list(overlay_matches(iter([(2, 6, "key"), (8, 9, "literal")]), hits)) == parts


@given(st.text(max_size=30), st.integers(0, 30), st.integers(0, 30), st.lists(st.integers(0, 30), max_size=4))
def test_a_piece_of_a_line_keeps_its_characters(line: str, start: int, end: int, at: list[int]) -> None:
    edges = sorted({0, len(line), *(min(one, len(line)) for one in at)})
    parts = [Segment(line[one:other]) for one, other in pairwise(edges)]
    pieces = list(crop_segments(parts, start, end))
    assert "".join(piece.text for piece in pieces) == line[start : max(start, end)]
    assert all(piece.text for piece in pieces)
