"""Saving a view and opening one: the dialog for the name, and how views are listed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.ui.dialog_app import UNANSWERED, House, screen_text
from tests.ui.running_app import FastClock, run_app, wait_until
from tests.ui.simulated_profiles import STAGE_AND_PROD, make_stages
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile
from tui.screens.dialogs.view_name import REPLACES, ViewNameScreen, describe_view, make_view_choice

PROD = ViewPlace(profile="prod", graphspace="DEFAULT", graph="hugegraph")
NIGHT = SavedView(
    name="night",
    places=(PROD,),
    filter="status=failed [/x]",
    tab="4",
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
        assert "Tab: Failed" in text
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
    by_place = SavedView(name="by place", places=(PROD,), sort="place", descending=False)
    assert describe_view(by_place)[-1] == "Sorted by place.", "it is how that column is sorted"


# --- on the screen -----------------------------------------------------------------------------------


@pytest.fixture
def views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ViewsFile:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "config.toml"
    path.write_text(STAGE_AND_PROD)
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(path))
    return ViewsFile()


async def test_what_is_shown_is_saved_and_opened_again(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        await at.press(
            "4", "I", "w", "slash", *"gremlin", "enter", "colon", *"save", "space", *"view", "enter"
        )
        await at.until_seen("Filter: gremlin")
        await at.press(*"night", "enter")
        await at.until_seen('Saved the view night. To open it, press : and choose "Open view…"')
        (view,) = views.list_views()
        assert (view.filter, view.tab, view.wide, view.sort, view.descending) == (
            "gremlin",
            "4",
            True,
            "age",
            False,
        )
        (place,) = view.places
        assert (place.profile, place.graph, place.dialect) == ("stage", "hugegraph", "hugegraph")
        await at.press("escape", "0", "I", "w", "colon", *"open", "space", *"view", "enter")
        await at.until_seen("night")
        screen = at.screen
        await at.press("enter")
        await at.until(lambda: at.screen.filter_line.text == "gremlin", "the filter")
        assert at.screen is screen
        shape = at.screen.monitor.wanted
        assert (shape.group.key, shape.order.descending, shape.filter.text) == ("4", False, "gremlin")
        assert at.screen.parts.table.wide


async def test_a_view_of_another_place_opens_it_and_shows_it_so(views: ViewsFile) -> None:
    place = ViewPlace(profile="prod", graphspace="DEFAULT", graph="ledger", dialect="hugegraph")
    views.save_view(
        SavedView(
            name="books", places=(place,), filter="x", sort="took", tab="3", grouped_by="type", wide=True
        )
    )
    async with run_app(profile_source=make_stages()) as at:
        before = at.screen
        await at.press("slash", *"gremlin", "enter", "colon", *"open", "space", *"view", "enter")
        await at.until_seen("prod:DEFAULT/ledger")
        await at.press("enter")
        await at.until(lambda: at.screen is not before and at.screen.monitor is not None, "another screen")
        await at.until_seen("DEFAULT/ledger")
        shape = at.screen.monitor.wanted
        assert (shape.group.key, shape.order.column, shape.grouped_by) == ("3", "took", "type")
        assert shape.filter.text == "x"
        await at.until(lambda: at.screen.filter_line.text == "x", "the line of the filter")
        assert at.screen.parts.table.wide
        assert at.app.options.production
        # In the next place it is no filter any more.
        await at.press("P", *"stage", "enter")
        await at.until_seen("stage ·")
        await at.until(lambda: at.screen.monitor is not None, "the monitor")
        assert (at.screen.filter_line.text, at.screen.monitor.wanted.group.key) == ("", "0")


async def test_a_view_that_is_named_at_the_start_shows_its_tasks_from_the_first_answer_on(
    views: ViewsFile,
) -> None:
    clock = FastClock()
    server = FaultyHugeGraph(EMPTY_HUGEGRAPH, clock.now)
    target = Target(url="http://stage:8080", profile="stage", http=httpx.ASGITransport(server))
    app = Graphtop(target, ScreenOptions(interval=1.0), clock=clock, profile_source=make_stages())
    app.begin_with_view(SavedView(name="x", places=(), filter="gremlin", tab="4", sort="took"))
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_until(pilot, lambda: "filter: gremlin" in screen_text(app), "the filter")
        shape = app.screen.monitor.wanted
        assert (shape.filter.text, shape.group.key, shape.order.column) == ("gremlin", "4", "took")


async def test_a_view_whose_profile_is_gone_is_said(views: ViewsFile) -> None:
    views.save_view(SavedView(name="gone", places=(ViewPlace(profile="nobody"),)))
    async with run_app(profile_source=make_stages()) as at:
        await at.press("colon", *"open", "space", *"view", "enter")
        await at.until_seen("nobody")
        await at.press("enter")
        await at.until_seen('No profile "nobody"')


async def test_a_filter_that_can_not_be_used_is_said_in_its_line(views: ViewsFile) -> None:
    place = ViewPlace(profile="prod", dialect="hugegraph")
    views.save_view(SavedView(name="old", places=(place,), filter="age>soon"))
    async with run_app(profile_source=make_stages()) as at:
        await at.press("colon", *"open", "space", *"view", "enter")
        await at.until_seen("age>soon")
        await at.press("enter")
        await at.until_seen("prod ·")
        await at.until(lambda: at.screen.filter_line.text == "age>soon", "the line of the filter")
        await at.until_seen("a duration such as")


async def test_without_views_that_is_said(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        await at.press("colon", *"open", "space", *"view", "enter")
        await at.until_seen("No view has been saved yet.")
