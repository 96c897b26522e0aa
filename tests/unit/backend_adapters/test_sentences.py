"""What happened, a server's words and what to do become whole sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.sentences import end_sentence, join_sentences


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Authentication failed", "Authentication failed."),
        ("It is late.", "It is late."),
        ("Really?", "Really?"),
        ("Stop!", "Stop!"),
        ("It was cut…", "It was cut…"),
        ("certificate is not valid for '127.0.0.1'.", "certificate is not valid for '127.0.0.1'."),
        ("certificate is not valid for '127.0.0.1'", "certificate is not valid for '127.0.0.1'."),
        ("He said 'no.'", "He said 'no.'"),
        ("Not found (see the log.)", "Not found (see the log.)"),
        ("Please try again:", "Please try again."),
        ("  a line \n", "a line."),
        ("图不存在。", "图不存在。"),
        ("", ""),
        (" : ", ""),
    ],
)
def test_a_sentence_ends_with_one_stop(words: str, sentence: str) -> None:
    assert end_sentence(words) == sentence


def test_the_parts_that_there_are_are_joined() -> None:
    assert join_sentences("It said no", "", "Try again later.") == "It said no. Try again later."
    assert join_sentences("", "") == ""


@given(st.text(max_size=40))
def test_a_sentence_stays_as_it_is(words: str) -> None:
    once = end_sentence(words)
    assert end_sentence(once) == once
