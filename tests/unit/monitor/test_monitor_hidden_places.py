"""Places whose rows are hidden: they are out of the view and all counts, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from backend_adapters.errors import Unreachable
from backend_adapters.model import Action
from tests.unit.fakes import S, run_until_idle, task
from tests.unit.joint_monitor import run_joint_monitor
from tui.monitor import watched_places
from tui.monitor.filters import compile_filter
from tui.monitor.store import Change
from tui.monitor.view import Shape


async def test_rows_of_a_hidden_place_are_gone_from_the_view_and_the_counts_until_it_is_shown() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.SUCCESS))
        dev = rig.add("dev:g", task(1), task(3, S.FAILED))
        await rig.start()
        rig.monitor.hide_place(dev)
        assert rig.keys() == "1/1 1/2"
        assert rig.monitor.tasks.counts == {S.RUNNING: 1, S.SUCCESS: 1}
        assert set(rig.ears.rows) == {"1/1", "1/2"}
        assert rig.monitor.unhidden_places == [rig.monitor.places[0]]
        rig.monitor.hide_place(dev)
        rig.monitor.show_place(dev)
        assert rig.keys() == "2/1 1/1 2/3 1/2"
        rig.monitor.show_place(dev)
        assert len(rig.monitor.tasks) == 4


async def test_what_happens_in_a_hidden_place_is_there_when_it_is_shown_again() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1), task(2))
        await rig.start()
        rig.monitor.hide_place(dev)
        rig.backend(dev).set(1, S.SUCCESS)
        rig.backend(dev).put(task(3))
        await rig.clock.advance(30)
        assert set(rig.ears.rows) == {"1/1"}
        rig.monitor.show_hidden_places()
        assert set(rig.keys().split()) == {"1/1", "2/1", "2/2", "2/3"}
        assert rig.ears.rows["2/1"].status is S.SUCCESS
        rig.backend(dev).set(2, S.SUCCESS)
        await rig.clock.advance(30)
        assert rig.ears.rows["2/2"].status is S.SUCCESS


async def test_many_hidden_places_are_shown_again_at_once() -> None:
    async with run_joint_monitor() as rig:
        places = [rig.add(f"prod:g{number}", task(1)) for number in range(5)]
        await rig.start()
        for place in places[1:]:
            rig.monitor.hide_place(place)
        assert rig.keys() == "1/1"
        told = len(rig.ears.told)
        rig.monitor.show_hidden_places()
        assert len(rig.ears.told) == told + 1
        assert len(rig.monitor.view) == 5
        rig.monitor.show_hidden_places()
        assert len(rig.ears.told) == told + 1, "there was nothing to show"


async def test_a_filter_that_is_set_meanwhile_holds_for_the_rows_that_come_back() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.FAILED))
        dev = rig.add("dev:g", task(1), task(2, S.FAILED))
        await rig.start()
        rig.monitor.hide_place(dev)
        rig.monitor.show_shape(Shape(filter=compile_filter("status=failed")))
        await rig.clock.advance(1)
        assert rig.keys() == "1/2"
        rig.monitor.show_place(dev)
        assert set(rig.keys().split()) == {"1/2", "2/2"}


async def test_a_hidden_place_that_does_not_answer_is_no_trouble_of_those_that_are_shown() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g")
        rig.backend(dev).always["connect"] = Unreachable("dev refused the connection.")
        await rig.start()
        assert rig.monitor.health.partial
        rig.monitor.hide_place(dev)
        assert rig.monitor.health.partial == ""
        assert rig.ears.healths[-1].partial == ""
        rig.monitor.show_place(dev)
        assert rig.monitor.health.partial


async def test_with_all_places_hidden_there_are_no_rows_and_the_state_is_that_of_all() -> None:
    async with run_joint_monitor() as rig:
        for name in ("prod:g", "dev:g"):
            rig.add(name, task(1))
        await rig.start()
        before = rig.monitor.health
        for place in rig.monitor.places:
            rig.monitor.hide_place(place)
        assert (rig.keys(), len(rig.monitor.tasks), rig.ears.rows) == ("", 0, {})
        assert rig.monitor.health.phase is before.phase


async def test_an_action_that_is_under_way_in_a_place_that_is_hidden_is_followed_to_its_end() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1))
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, [rig.find_task("2/1")])
        rig.monitor.hide_place(dev)
        await rig.clock.advance(10)
        assert [(report.task.key, report.action) for report in rig.ears.reports] == [("2/1", Action.CANCEL)]
        assert "2/1" not in rig.ears.rows
        rig.monitor.show_place(dev)
        assert rig.ears.rows["2/1"].status is S.CANCELLED


async def test_a_hidden_place_can_be_removed() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1))
        await rig.start()
        rig.monitor.hide_place(dev)
        rig.monitor.remove_place(dev)
        await rig.clock.advance(1)
        assert set(rig.ears.rows) == {"1/1"}
        assert rig.monitor.unhidden_places == rig.monitor.places


async def test_many_rows_follow_in_slices_while_all_counts_are_there_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched_places, "MOVED_AT_ONCE", 2)
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.SUCCESS))
        dev = rig.add("dev:g", *(task(number) for number in range(1, 6)))
        await rig.start()
        gone = list[str]()

        def note(changes: Sequence[Change]) -> None:
            assert all(change.new is None for change in changes)
            gone.extend(change.old.key for change in changes if change.old is not None)

        monkeypatch.setattr(rig.ears, "rows_changed", note)
        rig.monitor.hide_place(dev)
        assert len(rig.monitor.tasks) == 2
        assert len(rig.monitor.view) == 7, "they are being built"
        await rig.clock.advance(0.1)
        assert rig.keys() == "1/1 1/2"
        assert sorted(gone) == ["2/1", "2/2", "2/3", "2/4", "2/5"]
        rig.monitor.show_place(dev)
        assert len(rig.monitor.tasks) == 7
        await rig.clock.advance(0.1)
        assert rig.keys() == "2/1 1/1 2/2 2/3 2/4 2/5 1/2"


async def test_many_rows_that_are_hidden_and_shown_in_a_breath_are_there_as_they_are_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched_places, "MOVED_AT_ONCE", 2)
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.FAILED))
        dev = rig.add("dev:g", *(task(number) for number in range(1, 6)), task(6, S.FAILED))
        await rig.start()
        monkeypatch.setattr(rig.ears, "rows_changed", lambda changes: None)
        for toggle in 3 * (rig.monitor.hide_place, rig.monitor.show_place):
            toggle(dev)
        rig.monitor.show_shape(Shape(filter=compile_filter("status=failed")))
        await rig.clock.advance(0.1)
        assert set(rig.keys().split()) == {"1/2", "2/6"}
        rig.monitor.hide_place(dev)
        await rig.clock.advance(0.1)
        assert rig.keys() == "1/2"
        rig.monitor.show_shape(Shape())
        rig.monitor.show_place(dev)
        await rig.clock.advance(0.1)
        assert len(rig.monitor.view) == 8


async def test_many_rows_of_a_place_that_is_removed_are_gone_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_places, "MOVED_AT_ONCE", 2)
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", *(task(number) for number in range(1, 6)))
        await rig.start()
        monkeypatch.setattr(rig.ears, "rows_changed", lambda changes: None)
        rig.monitor.remove_place(dev)
        assert rig.monitor.find_place(rig.monitor.view[0]) is not dev
        await rig.clock.advance(1)
        assert rig.keys() == "1/1"


async def test_places_are_hidden_by_name_as_they_come_and_only_until_a_person_shows_them() -> None:
    async with run_joint_monitor() as rig:
        prod = rig.add("prod:g", task(1))
        rig.monitor.hide_place(prod)
        await rig.start()
        rig.monitor.hide_named_places(lambda source: source.profile == "dev")
        assert rig.keys() == "1/1", "those that are not meant are shown"
        dev, other = rig.add("dev:g", task(2)), rig.add("stage:g", task(3))
        assert [one.is_hidden for one in (prod, dev, other)] == [False, True, False]
        await rig.clock.advance(20)
        assert set(rig.ears.rows) == {"1/1", "3/3"}
        rig.monitor.show_place(dev)
        rig.add("lab:g", task(4))
        await rig.clock.advance(20)
        assert set(rig.ears.rows) == {"1/1", "2/2", "3/3", "4/4"}


async def test_a_place_is_hidden_once_its_server_has_told_its_name() -> None:
    async with run_joint_monitor() as rig:
        rig.monitor.hide_named_places(lambda source: source.graph == "chosen")
        watched = rig.add("prod:", task(1))
        backend = rig.backend(watched)
        await run_until_idle()
        assert not watched.is_hidden
        backend.told = replace(backend.told, graph="chosen")
        await rig.start()
        assert watched.is_hidden
        assert rig.keys() == ""
