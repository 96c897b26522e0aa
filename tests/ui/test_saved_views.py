"""Saving a view and opening one: the dialog for the name, and how views are listed."""

from __future__ import annotations

import pytest

from tests.ui.test_dialogs import UNANSWERED, House, screen_text, wait_until
from tui.monitor.saved_views import SavedView, ViewPlace
from tui.screens.dialogs.view_name import REPLACES, ViewNameScreen, describe_view, make_view_choice

PROD = ViewPlace(profile="prod", graphspace="DEFAULT", graph="hugegraph")
NIGHT = SavedView(
    name="night",
    places=(PROD,),
    filter="status=failed [/x]",
    sort="took",
    descending=False,
    grouped_by="cause",
)


def make_house(*, suggested: str = "", ascii: bool = False) -> House:
    return House(ViewNameScreen(describe_view(NIGHT), {"night"}, suggested=suggested, ascii=ascii))


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ([*"all", "enter"], "all"),
        (["space", *"of", "space", *"prod", "space", "enter"], "of prod"),
        ([*"all", "down", "down", "enter"], "all"),
        ([*"all", "down", "enter"], None),
        (["escape"], None),
        (["enter"], UNANSWERED),
        (["space", "enter"], UNANSWERED),
        (["minus", "x", "enter"], UNANSWERED),
        ([*"night", "enter"], "night"),
    ],
)
async def test_enter_gives_the_name(keys: list[str], answer: object) -> None:
    app = make_house()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Save view" in screen_text(app), "the dialog")
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answer == answer


@pytest.mark.parametrize("plain", [False, True])
async def test_it_says_what_is_saved_and_what_would_be_replaced(plain: bool) -> None:
    app = make_house(ascii=plain)
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "prod:DEFAULT/hugegraph" in screen_text(app), "the place")
        text = screen_text(app)
        assert "Filter: status=failed [/x]" in text
        assert "Sorted by took, reversed, grouped by cause." in text
        assert f"enter save {'-' if plain else '·'} esc back" in text
        assert "There is a view" not in text
        await pilot.press(*"night")
        await wait_until(pilot, lambda: REPLACES in screen_text(app), "the warning")
        await pilot.press("x")
        await wait_until(pilot, lambda: REPLACES not in screen_text(app), "no warning")
        await pilot.press("home", "minus", "enter")
        await wait_until(pilot, lambda: "must be printable and must not" in screen_text(app), "the reason")


async def test_a_name_that_is_suggested_is_replaced_by_typing() -> None:
    app = make_house(suggested="night")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: REPLACES in screen_text(app), "the warning")
        await pilot.press(*"day", "enter")
        await pilot.pause()
        assert app.answer == "day"


def test_views_are_listed_with_their_places() -> None:
    choice = make_view_choice(NIGHT)
    assert (choice.key, choice.hint, choice.aside) == (
        "night",
        "prod:DEFAULT/hugegraph",
        "status=failed [/x]",
    )
    many = SavedView(name="many", places=(PROD, *(ViewPlace(profile=name) for name in "abcd")))
    assert make_view_choice(many).aside == "5 places"
    assert make_view_choice(SavedView(name="one", places=(PROD,))).aside == ""
    assert describe_view(many) == ["prod:DEFAULT/hugegraph, a, b, and 2 more", "Sorted by age."]
