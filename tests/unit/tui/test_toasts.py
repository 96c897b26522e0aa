"""What a toast has room for, and how long it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.ges import messages as words
from backend_adapters.model import Ability
from tui.text import cell_width, sanitize
from tui.toasts import (
    MAX_TOAST_LINES,
    TOAST_FRAME_CELLS,
    ToastHints,
    clean_message,
    fit_toast,
    measure_reading_seconds,
)

LONG = "The server refused to delete 42 (g.V().hasLabel('person').count()): it is busy with other things now."
HINTS = ToastHints(shows_all="M shows all", closes="esc closes this")
ASCII = ToastHints(ascii=True, shows_all="M shows all", closes="esc closes this")


def test_a_short_sentence_is_one_line():
    assert fit_toast("Saved 4.2 kB to g-7-input.json.", 80, HINTS) == "Saved 4.2 kB to g-7-input.json."


@pytest.mark.parametrize("screen", [60, 84])
def test_a_longer_one_is_broken_at_words_and_told_whole(screen: int):
    assert fit_toast(LONG, screen, HINTS).split() == LONG.split()


def test_what_has_no_room_ends_with_the_key_that_shows_all():
    lines = fit_toast(LONG * 3, 60, HINTS).split("\n")
    assert len(lines) == MAX_TOAST_LINES
    assert lines[-1].endswith("… M shows all")
    assert fit_toast(LONG * 3, 60, HINTS, stays=True).endswith("… M shows all · esc closes this")
    assert fit_toast(LONG * 3, 60, ASCII, stays=True).endswith("~ M shows all - esc closes this")
    assert fit_toast(LONG * 3, 60).endswith("…")


def test_one_that_stays_says_what_closes_it_where_a_line_is_left():
    assert fit_toast("It was refused.", 80, HINTS, stays=True) == "It was refused.\nesc closes this"
    assert fit_toast("a\nb\nc\nd", 80, HINTS, stays=True) == "a\nb\nc\nd"


def test_one_that_is_said_again_is_counted():
    assert fit_toast("Nothing to save.", 80, HINTS, count=3) == "Nothing to save. (×3)"
    assert fit_toast("Nothing to save.", 80, ASCII, count=3) == "Nothing to save. (x3)"
    assert fit_toast(LONG * 3, 60, HINTS, count=12).endswith("… (×12) M shows all")


@pytest.mark.parametrize(
    "reason", sorted({able.reason for able in vars(words).values() if isinstance(able, Ability)})
)
def test_why_ges_can_not_do_something_is_told_whole_at_60_columns(reason: str) -> None:
    assert fit_toast(reason, 60, HINTS).split() == reason.split()


def test_each_line_of_several_is_kept():
    said = fit_toast("3 tasks: 2 cancelled, 1 refused.\n" + LONG + "\nmore", 80, HINTS).split("\n")
    assert said[0] == "3 tasks: 2 cancelled, 1 refused."
    assert said[-1] == "more"


def test_more_lines_are_shown_for_longer():
    assert measure_reading_seconds("one") == 4.0
    assert measure_reading_seconds("one\ntwo\nthree") == 8.0


def test_what_is_kept_is_harmless_and_bounded():
    assert clean_message("a\x1b[2J\nb") == "a␛[2J\nb"
    assert len(clean_message("x" * 100_000)) == 4_000


@given(
    st.lists(st.text(max_size=40), max_size=12).map(" ".join),
    st.integers(20, 300),
    st.sampled_from((HINTS, ASCII)),
    st.booleans(),
    st.integers(1, 100),
)
def test_it_is_never_more_than_four_lines_of_the_toast(words, screen, hints, stays, count):
    lines = fit_toast(sanitize(words), screen, hints, stays=stays, count=count).split("\n")
    room = max(20, screen * 9 // 10 - TOAST_FRAME_CELLS)
    assert len(lines) <= MAX_TOAST_LINES
    assert all(cell_width(line) <= max(room, 52) for line in lines)
