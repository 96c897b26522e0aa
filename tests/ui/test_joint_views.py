"""Views and profiles of several places on the screen: what of their look stays, and what guards each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import RunningApp, run_app
from tests.ui.simulated_profiles import STAGE_AND_PROD, make_stages
from tui.config.options import ScreenOptions
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile
from tui.monitor.view import Order

PLACES = (ViewPlace(profile="prod", graphspace="DEFAULT", graph="ledger"), ViewPlace(url="http://stage:8080"))
TOGETHER = SavedView(name="both", places=PLACES, sort="place", grouped_by="place", descending=False)


@pytest.fixture
def views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ViewsFile:
    """A file with a view of two places, beside profiles of which one is read-only and one is wrong."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "config.toml"
    path.write_text(f"{STAGE_AND_PROD}read_only = true\njournal = false\n[profiles.typo]\nurl = 3\n")
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(path))
    views = ViewsFile()
    views.save_view(TOGETHER)
    return views


def is_joint(at: RunningApp, number: int) -> bool:
    """Whether so many places are watched together, and all of them answer."""
    monitor = at.screen.monitor
    return (
        monitor is not None
        and monitor.is_joint
        and len(monitor.places) == number
        and all(place.is_answering for place in monitor.places)
    )


async def test_groups_of_places_go_in_one_place_and_come_back(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_view(TOGETHER)
        await at.until(lambda: is_joint(at, 2), "both places")
        shape = at.screen.monitor.wanted
        assert (shape.order, shape.grouped_by) == (Order("place", descending=False), "place")
        at.app.open_watched_place(at.screen.monitor.places[0].place)
        await at.until_seen("prod · DEFAULT/ledger")
        await at.until_seen("● live")
        shape = at.screen.monitor.wanted
        assert (shape.order, shape.grouped_by) == (Order(), None)
        await at.press("A")
        await at.until(lambda: is_joint(at, 2), "both places again")
        shape = at.screen.monitor.wanted
        assert (shape.order, shape.grouped_by) == (Order("place", descending=False), "place")


def hidden(at: RunningApp) -> list[str]:
    """The profiles of the places whose rows are hidden."""
    return [one.place.profile for one in at.screen.monitor.places if one.place and one.is_hidden]


async def test_hidden_places_stay_hidden_where_one_was_opened_alone_meanwhile(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_view(TOGETHER)
        await at.until(lambda: is_joint(at, 2), "both places")
        prod, stage = at.screen.monitor.places
        at.screen.monitor.hide_place(prod)
        at.app.open_watched_place(stage.place)
        await at.until_seen("stage:8080 · ")
        await at.until(lambda: at.screen.monitor is not None and not at.screen.monitor.is_joint, "one place")
        await at.press("A")
        await at.until(lambda: is_joint(at, 2), "both places again")
        await at.until(lambda: hidden(at) == ["prod"], "the place that was hidden")
        await at.until_seen("1 of 2 places")
        # What a person shows again stays.
        at.screen.monitor.show_hidden_places()
        at.app.open_watched_place(at.screen.monitor.places[0].place)
        await at.until_seen("prod · DEFAULT/ledger")
        await at.press("A")
        await at.until(lambda: is_joint(at, 2), "both places once more")
        assert hidden(at) == []


async def test_a_view_hides_the_places_again_that_were_hidden_when_it_was_saved(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_view(TOGETHER)
        await at.until(lambda: is_joint(at, 2), "both places")
        assert hidden(at) == []
        at.screen.monitor.hide_place(at.screen.monitor.places[0])
        await at.press("colon", *"save view", "enter")
        await at.until_seen("Hidden: prod:DEFAULT/ledger")
        await at.press(*"calm", "enter")
        await at.until_seen("Saved the view calm.")
        at.screen.monitor.show_hidden_places()
        # Beside the same places, and from elsewhere.
        await at.press("colon", *"open view", "enter", *"calm", "enter")
        await at.until(lambda: hidden(at) == ["prod"], "the place hidden again")
        await at.press("colon", *"open view", "enter", *"both", "enter")
        await at.until(lambda: hidden(at) == [], "all places of the view that hides none")
        at.app.open_profile("stage")
        await at.until(
            lambda: at.screen.monitor is not None and not at.screen.monitor.is_joint, "another place"
        )
        at.app.open_view(views.find_view("calm"))
        await at.until(lambda: is_joint(at, 2) and hidden(at) == ["prod"], "the place hidden once more")
        await at.until_seen("1 of 2 places")
        at.screen.monitor.show_hidden_places()
        at.screen.monitor.refresh_all()
        await at.until(lambda: all(one.health.scanned for one in at.screen.monitor.places), "a scan")
        assert hidden(at) == [], "what a person shows stays"


async def test_what_a_person_chose_in_one_place_stays_with_all(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_view(TOGETHER)
        await at.until(lambda: is_joint(at, 2), "both places")
        at.app.open_watched_place(at.screen.monitor.places[0].place)
        await at.until_seen("prod · DEFAULT/ledger")
        await at.until(lambda: at.screen.monitor is not None, "the monitor")
        at.screen.view_controller.sort_by("took")
        at.screen.view_controller.group_by("type")
        await at.press("A")
        await at.until(lambda: is_joint(at, 2), "both places again")
        shape = at.screen.monitor.wanted
        assert (shape.order.column, shape.grouped_by) == ("took", "type")


async def test_the_guards_of_a_profile_are_not_those_of_an_address(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages(), options=ScreenOptions(interval=1.0)) as at:
        await at.press("P", *"prod", "enter")
        await at.until_seen("prod ·")
        assert at.app.options.read_only
        at.app.open_view(TOGETHER)
        await at.until(lambda: is_joint(at, 2), "both places")
        found = [at.app._factory.find_destination(one.place) for one in at.screen.monitor.places]
        prod, stage = (one.options for one in found if one is not None)
        assert (prod.read_only, prod.production, prod.journal) == (True, True, False)
        assert (stage.read_only, stage.production, stage.journal) == (False, False, True)


async def test_a_profile_that_can_not_be_opened_is_left_out(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_profiles(["typo", "prod"])
        await at.until_seen("typo is left out.")
        await at.until_seen("prod ·")
        assert not at.screen.monitor.is_joint
        at.app.open_profiles(["prod", "typo", "stage"])
        await at.until(lambda: is_joint(at, 2), "the two others")


async def test_one_of_the_profiles_that_are_watched_can_be_opened_alone(views: ViewsFile) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_profiles(["prod", "stage"])
        await at.until(lambda: is_joint(at, 2), "both places")
        await at.press("P")
        await at.until(lambda: at.text().count("connected") == 2, "the states of both")
        assert at.text().count("★") == 2, "both are watched"
        await at.press(*"prod", "enter")
        await at.until_seen("prod ·")
        await at.until(lambda: at.screen.monitor is not None and not at.screen.monitor.is_joint, "one place")


async def test_from_profiles_that_were_chosen_together_the_key_for_all_graphs_leads_to_no_earlier_place(
    views: ViewsFile,
) -> None:
    async with run_app(profile_source=make_stages()) as at:
        at.app.open_profiles(["prod", "stage"])
        await at.until(lambda: is_joint(at, 2), "both places")
        await at.press("a")
        await at.until_seen("To see all graphs of one of these servers, open a place with A, then press a.")
        assert is_joint(at, 2)


async def test_a_profile_is_connected_as_long_as_its_server_answers_for_any_graph(views: ViewsFile) -> None:
    profiles = make_stages()
    profiles.servers["prod"].faults.append(Fault(Wrong.LOST, path="/graphs/ledger/", times=1_000_000))
    async with run_app(profile_source=profiles) as at:
        at.app.open_place(await profiles.open_profile("prod", at.app.options))
        await at.until_seen("prod ·")
        await at.until(lambda: at.screen.monitor is not None, "the monitor")
        await at.press("a")
        await at.until_seen("ledger does not answer.")
        await at.press("P")
        await at.until_seen("Switch profile")
        await at.until_seen("PRODUCTION, read-only · connected")
