"""Moving in a list of options that has not been drawn, which Textual itself can't."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import OptionList

from tui.widgets.option_moves import move_cursor


class Undrawn(App[None]):
    """A list that is not on the screen (yet)."""

    def compose(self) -> ComposeResult:
        listed = OptionList(*"abc")
        listed.display = False
        yield listed


@pytest.mark.parametrize(
    ("moves", "at"),
    [
        (["page_down"], 1),
        (["page_down"] * 5, 2),
        (["page_down", "page_up"], 0),
        (["page_up"], 0),
        (["last", "cursor_up"], 1),
    ],
)
async def test_every_move_is_possible_before_the_list_is_drawn(moves: list[str], at: int) -> None:
    app = Undrawn()
    async with app.run_test():
        listed = app.query_one(OptionList)
        listed.highlighted = 0
        with pytest.raises(KeyError):
            listed.action_page_down()
        for move in moves:
            move_cursor(listed, move)
        assert listed.highlighted == at


async def test_options_that_are_disabled_are_passed_over() -> None:
    app = Undrawn()
    async with app.run_test():
        listed = app.query_one(OptionList)
        for index in (0, 2):
            listed.disable_option_at_index(index)
        for move in ("first", "cursor_down", "page_down", "last", "page_up", "cursor_up"):
            move_cursor(listed, move)
            assert listed.highlighted == 1


async def test_an_empty_list_has_no_page() -> None:
    app = Undrawn()
    async with app.run_test():
        listed = app.query_one(OptionList)
        listed.clear_options()
        move_cursor(listed, "page_down")
        assert listed.highlighted is None
