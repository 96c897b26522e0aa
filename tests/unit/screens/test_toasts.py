"""What a toast has room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.ges import messages as words
from backend_adapters.model import Ability
from tui.screens.tasks.toasts import TOAST_FRAME_CELLS, fit_toast
from tui.text import cell_width, sanitize

LONG = "The server refused to delete 42 (g.V().hasLabel('person').count()): it is busy with other things now."


def test_a_short_sentence_is_one_line():
    assert fit_toast("Saved 4.2 kB to g-7-input.json.", 80) == "Saved 4.2 kB to g-7-input.json."


def test_a_longer_one_is_broken_at_a_word_and_cut_at_the_end():
    first, second = fit_toast(LONG, 84).split("\n")
    assert LONG.startswith(first)
    assert second == LONG[len(first) + 1 :]
    assert fit_toast(LONG, 40).endswith("…")
    assert fit_toast(LONG, 40, ascii=True).endswith("~")


@pytest.mark.parametrize(
    "reason", sorted({able.reason for able in vars(words).values() if isinstance(able, Ability)})
)
def test_why_ges_can_not_do_something_is_told_whole_at_80_columns(reason: str) -> None:
    assert fit_toast(reason, 80).split() == reason.split()


def test_of_several_lines_each_of_two_has_one():
    said = fit_toast("3 tasks: 2 cancelled, 1 refused.\n" + LONG + "\nmore", 80).split("\n")
    assert said[0] == "3 tasks: 2 cancelled, 1 refused."
    assert said[1].endswith("…")
    assert len(said) == 2


@given(st.lists(st.text(max_size=40), max_size=12).map(" ".join), st.integers(20, 300))
def test_it_is_never_more_than_two_lines_of_the_toast(words, screen):
    lines = fit_toast(sanitize(words), screen).split("\n")
    assert len(lines) <= 2
    assert all(cell_width(line) <= max(20, screen * 9 // 10 - TOAST_FRAME_CELLS) for line in lines)
