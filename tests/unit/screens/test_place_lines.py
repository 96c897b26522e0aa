"""What the list of places says of one: its line, and the sentences on it."""

from __future__ import annotations

import pytest

from backend_adapters.errors import BackendError, Busy, NoSuchGraph, NotAllowed, NotLoggedIn, Unreachable
from backend_adapters.model import Place
from tests.unit.fakes import S, task
from tests.unit.joint_monitor import JointMonitor, run_joint_monitor
from tui.monitor.watched_place import WatchedPlace
from tui.screens.dialogs.place_lines import PlaceLineMaker
from tui.widgets.place_list import PlaceLine


def make_maker(rig: JointMonitor, *, has_login: bool = False, ascii: bool = False) -> PlaceLineMaker:
    return PlaceLineMaker(rig.clock, lambda _: has_login, utc=True, ascii=ascii)


def place_of(watched: WatchedPlace) -> Place:
    assert watched.place is not None
    return watched.place


def texts(line: PlaceLine) -> dict[str, str]:
    return {key: text for key, (text, _) in line.cells.items()}


async def test_the_line_of_a_place_that_answers() -> None:
    async with run_joint_monitor() as rig:
        prod = rig.add("prod:DEFAULT/social", task(1), task(2, S.QUEUED), task(3, S.FAILED))
        maker, place = make_maker(rig), place_of(prod)
        before = maker.make_line(place, prod)
        assert before.cells["state"] == ("◌ connecting…", "connecting")
        assert {texts(before)[key] for key in ("running", "waiting", "failed", "latency", "version")} == {"–"}
        assert maker.describe_place(place, prod)[1] == "Waiting for its first answer."
        await rig.start()
        line = maker.make_line(place, prod)
        assert line.cells["state"] == ("● live", "live")
        assert line.cells["running"] == ("1", "running")
        assert line.cells["waiting"] == ("1", "muted")
        assert texts(line)["latency"].endswith("ms")
        assert (line.detail, line.sign) == ("", "")
        name, said = maker.describe_place(place, prod)
        assert name.startswith("prod:DEFAULT/social · ")
        assert said == "All 3 tasks are read."
        rig.monitor.set_paused(True)
        assert maker.make_line(place, prod).cells["state"] == ("‖ paused", "paused")


@pytest.mark.parametrize(
    ("error", "has_login", "state", "said"),
    [
        (Unreachable("It is down."), False, "✗ offline", "It is down. Check the address"),
        (Busy("Too many requests."), False, "✗ offline", "Too many requests."),
        (NotLoggedIn("It wants a login."), False, "✗ login needed", "Press enter to sign in."),
        (NotLoggedIn("It refused the login."), True, "✗ login refused", "Press enter to sign in."),
        (NotAllowed("You may not."), True, "✗ not allowed", "Press r to try again."),
        (NoSuchGraph("No graph social."), False, "✗ no such graph", "Press r to try again."),
    ],
)
async def test_what_is_wrong_with_a_place_is_a_word_and_below_the_list_a_sentence(
    error: BackendError, has_login: bool, state: str, said: str
) -> None:
    async with run_joint_monitor() as rig:
        dev = rig.add("dev:social")
        rig.backend(dev).always["connect"] = error
        await rig.start()
        maker, place = make_maker(rig, has_login=has_login), place_of(dev)
        assert texts(maker.make_line(place, dev))["state"] == state
        assert said in maker.describe_place(place, dev)[1]
        assert "--user" not in maker.describe_place(place, dev)[1], "a key does it here"


async def test_the_counts_of_a_place_that_went_silent_stay_and_are_dim() -> None:
    async with run_joint_monitor() as rig:
        dev = rig.add("dev:social", task(1), task(2, S.FAILED))
        await rig.start()
        for call in ("changes", "snapshot", "connect"):
            rig.backend(dev).always[call] = Unreachable("dev is gone.")
        await rig.clock.advance(60)
        maker, place = make_maker(rig), place_of(dev)
        line = maker.make_line(place, dev)
        assert line.cells["running"] == ("1", "dim")
        assert line.cells["state"] == ("✗ offline", "offline")
        assert line.detail.startswith(" · retry in ")
        said = maker.describe_place(place, dev)[1]
        assert "Its rows are as of " in said
        assert "; press r to try at once." in said
        rig.monitor.set_paused(True)
        assert maker.make_line(place, dev).detail == " · did not answer"
        rig.monitor.set_paused(False)
        await rig.clock.advance(10)
        plain = make_maker(rig, ascii=True).make_line(place, dev)
        assert texts(plain)["state"] == "x offline"
        assert plain.detail.startswith(" - retry in ")


async def test_a_hidden_place_is_dim_whole_and_says_how_it_is_shown() -> None:
    async with run_joint_monitor() as rig:
        dev = rig.add("dev:social", task(1))
        await rig.start()
        rig.monitor.hide_place(dev)
        line = make_maker(rig).make_line(place_of(dev), dev)
        assert texts(line)["state"] == "● live · hidden"
        assert {look for _, look in line.cells.values()} == {"dim"}
        said = make_maker(rig).describe_place(place_of(dev), dev)[1]
        assert said.startswith("Its rows are hidden. Press space to show them.")


async def test_no_text_of_a_server_reaches_the_terminal_as_it_is() -> None:
    async with run_joint_monitor() as rig:
        dev = rig.add("dev:so\x1b[31mcial\u202e")
        rig.backend(dev).always["connect"] = Unreachable("gone\x1b]52;c;aGk=\x07\nnow")
        await rig.start()
        maker, place = make_maker(rig), place_of(dev)
        said = [*texts(maker.make_line(place, dev)).values(), *maker.describe_place(place, dev)]
        assert all(text.isprintable() for text in said), said
