"""The picker in which several entries are marked: the keys, the clicks, what it says, and what it gives."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.ui.dialog_app import UNANSWERED, House, screen_text
from tests.ui.running_app import wait_until
from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.marking_picker import MarkingPicker

GRAPHS = [
    Choice("h", "DEFAULT/hugegraph", "from the profile"),
    Choice("s", "DEFAULT/social"),
    Choice("a", "analytics/顾客[/x]"),
    Choice("b", "analytics/blocked", blocked="It is closed."),
]


def make_house(*, ascii: bool = False) -> House:
    return House(MarkingPicker("Switch graph", GRAPHS, current="s", ascii=ascii))


async def see(pilot: Pilot[object], app: House, words: str) -> None:
    await wait_until(pilot, lambda: words in screen_text(app), words)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], ("s",)),
        (["up", "enter"], ("h",)),
        (["ctrl+@", "enter"], ("s",)),
        (["ctrl+space", "down", "ctrl+@", "enter"], ("s", "a")),
        # In the order of the list, not in that of the marking.
        (["tab", "tab", "home", "insert", "enter"], ("h", "s", "a")),
        (["ctrl+@", "up", "ctrl+@", "ctrl+@", "enter"], ("s",)),
        (["ctrl+@", *"analytics", "enter"], ("s",)),
        (["ctrl+@", *"zz", "enter"], ("s",)),
        (["ctrl+@", *"ana", "ctrl+@", "enter"], ("s", "a")),
        (["escape"], None),
        (["ctrl+@", "escape"], UNANSWERED),
        (["ctrl+@", "escape", "up", "enter"], ("h",)),
        (["ctrl+@", "escape", "escape"], None),
        (["end", "ctrl+@", "enter"], UNANSWERED),
    ],
)
async def test_enter_gives_all_that_are_marked_or_the_one_under_the_cursor(
    keys: list[str], answer: object
) -> None:
    app = make_house()
    async with app.run_test(size=(80, 20)) as pilot:
        await see(pilot, app, "★ DEFAULT/social")
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answer == answer


@pytest.mark.parametrize(("plain", "sign"), [(False, "▌★ DEFAULT/social"), (True, "x* DEFAULT/social")])
async def test_a_mark_is_a_sign_and_the_borders_count_and_say_the_keys(plain: bool, sign: str) -> None:
    app = make_house(ascii=plain)
    dot = "-" if plain else "·"
    async with app.run_test(size=(60, 20)) as pilot:
        await see(pilot, app, f" ctrl+space mark {dot} enter choose {dot} esc back ")
        assert "marked" not in screen_text(app)
        await pilot.press("ctrl+@")
        await see(pilot, app, sign)
        assert f"Switch graph {dot} 1 marked" in screen_text(app)
        assert f"ctrl+space unmark {dot} enter open it {dot} esc unmark all" in screen_text(app)
        await pilot.press("up")
        await see(pilot, app, f"ctrl+space mark {dot} enter open it")
        await pilot.press("ctrl+@")
        await see(pilot, app, f"2 marked {dot}" if plain else "2 marked")
        assert f"enter open 2 {dot} esc unmark all" in screen_text(app)


async def test_marks_stay_while_the_search_hides_them_and_the_count_says_so() -> None:
    app = make_house()
    async with app.run_test(size=(80, 20)) as pilot:
        await see(pilot, app, "★ DEFAULT/social")
        await pilot.press("ctrl+@", "up", "ctrl+@", *"soc")
        await see(pilot, app, "2 marked, 1 not shown")
        assert "hugegraph" not in screen_text(app)
        await pilot.press("backspace", "backspace", "backspace")
        await see(pilot, app, "▌  DEFAULT/hugegraph")
        assert "not shown" not in screen_text(app)


async def test_a_click_at_the_left_edge_marks_and_one_on_the_name_chooses() -> None:
    app = make_house()
    async with app.run_test(size=(80, 20)) as pilot:
        await see(pilot, app, "★ DEFAULT/social")
        listed = app.screen.query_one("#choices")
        await pilot.click(listed, offset=(1, 2))
        await see(pilot, app, "▌  analytics/顾客[/x]")
        await pilot.click(listed, offset=(0, 1))
        await see(pilot, app, "2 marked")
        await pilot.click(listed, offset=(1, 2))
        await see(pilot, app, "1 marked")
        # As long as some are marked, a click anywhere marks.
        await pilot.click(listed, offset=(6, 0))
        await see(pilot, app, "2 marked")
        await pilot.press("escape")
        await pilot.click(listed, offset=(6, 2))
        await wait_until(pilot, lambda: app.answer is not UNANSWERED, "the choice")
        assert app.answer == ("a",)


async def test_what_can_not_be_chosen_can_not_be_marked_and_says_why() -> None:
    app = make_house()
    async with app.run_test(size=(80, 20)) as pilot:
        await see(pilot, app, "★ DEFAULT/social")
        await pilot.press("end", "ctrl+@")
        await wait_until(pilot, lambda: screen_text(app).count("It is closed.") == 2, "the reason below")
        assert "marked" not in screen_text(app)


async def test_a_mark_of_an_entry_that_is_gone_is_not_counted() -> None:
    app = make_house()
    async with app.run_test(size=(80, 20)) as pilot:
        await see(pilot, app, "★ DEFAULT/social")
        await pilot.press("ctrl+@")
        app.dialog.fill_choices(GRAPHS[:1])
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.answer is not UNANSWERED, "the choice")
        assert app.answer == ("h",)
