"""What was typed is found at the beginnings of words, and nowhere else."""

from __future__ import annotations

import pytest

from tui.screens.dialogs.word_starts import (
    BEGINS_FIRST_WORD,
    BEGINS_OTHER_WORD,
    BEGINS_SENTENCE,
    find_word_starts,
    rank_match,
)


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("Filter tasks", "fil", ((0, 3),)),
        ("Filter tasks", "TA fi", ((7, 9), (0, 2))),
        ("Filter tasks", "", ()),
        ("Filter tasks", "asks", None),
        ("Filter tasks", "filter x", None),
        ("DEFAULT/supply_chain", "chain", ((15, 20),)),
        ("DEFAULT/supply_chain", "default/sup", ((0, 11),)),
        ("https://replica.graph.example:8443", "graph", ((16, 21),)),
        ("(^Q quits)", "^q", ((1, 3),)),
        ("供应链", "应", ((1, 2),)),
        ("masked ask", "ask", ((7, 10),)),
        ("İstanbul graph", "graph", ((9, 14),)),
    ],
)
def test_where_words_begin(text: str, typed: str, found: object) -> None:
    assert find_word_starts(text, typed) == found


@pytest.mark.parametrize(
    ("typed", "rank"),
    [
        ("copy the", BEGINS_SENTENCE),
        ("task copy", BEGINS_FIRST_WORD),
        ("task", BEGINS_OTHER_WORD),
    ],
)
def test_the_beginning_of_the_sentence_is_the_best_match(typed: str, rank: int) -> None:
    assert rank_match("Copy the task id", typed) == rank
