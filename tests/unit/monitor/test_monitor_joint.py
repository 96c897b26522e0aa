"""Several places in one engine: what each is asked, and what is told of all of them together."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.model import Ability, Action
from tests.unit.fakes import S, run_until_idle, task
from tests.unit.joint_monitor import run_joint_monitor
from tui.monitor import watched_places as places_module
from tui.monitor.filters import compile_filter
from tui.monitor.health import Phase
from tui.monitor.outcomes import Outcome
from tui.monitor.view import Order, Shape
from tui.monitor.watched_places import QUIET_PAUSE


async def test_equal_ids_of_places_are_different_tasks() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.SUCCESS))
        dev = rig.add("dev:g", task(1), task(2, S.FAILED))
        await rig.start()
        assert rig.keys() == "2/1 1/1 2/2 1/2"
        assert len(rig.monitor.tasks) == 4
        assert rig.monitor.tasks.counts == {S.RUNNING: 2, S.SUCCESS: 1, S.FAILED: 1}
        found = rig.find_task("2/1")
        assert found.id == "1"
        assert rig.monitor.find_place(found) is dev
        assert rig.monitor.tasks.find_task("1") is None
        rig.backend(dev).set(1, S.SUCCESS)
        await rig.clock.advance(20)
        assert [(one.key, one.status) for one in rig.monitor.tasks.iter_unfinished()] == [("1/1", S.RUNNING)]
        assert {one.status for one in rig.ears.rows.values() if one.id == "1"} == {S.RUNNING, S.SUCCESS}


async def test_a_place_that_does_not_answer_delays_nobody_and_takes_nothing_away() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g")
        rig.backend(dev).always["connect"] = Unreachable("dev refused the connection.")
        await rig.start()
        assert rig.keys() == "1/1"
        health = rig.monitor.health
        assert (health.phase, health.error, health.scanned) == (Phase.LIVE, None, True)
        assert health.partial == "dev:g does not answer."
        assert rig.ears.healths[-1] == health
        rig.backend(dev).always.clear()
        rig.backend(dev).put(task(7))
        await rig.clock.advance(120)
        assert rig.keys() == "1/1 2/7"
        assert rig.monitor.health.partial == ""


async def test_rows_of_a_place_that_went_silent_stay() -> None:
    async with run_joint_monitor() as rig:
        prod, dev = rig.add("prod:g", task(1)), rig.add("dev:g", task(1))
        await rig.start()
        for call in ("changes", "snapshot", "connect"):
            rig.backend(dev).always[call] = Unreachable("dev is gone.")
        await rig.clock.advance(60)
        assert rig.keys() == "2/1 1/1"
        assert (prod.is_answering, dev.is_answering) == (True, False)
        assert rig.monitor.health.phase is Phase.LIVE
        assert rig.monitor.health.last_ok is not None
        assert dev.health.last_ok is not None
        assert rig.monitor.health.last_ok > dev.health.last_ok


async def test_with_no_place_that_answers_the_error_of_the_first_is_told() -> None:
    async with run_joint_monitor() as rig:
        for name, error in (("a:g", Unreachable("a is gone.")), ("b:g", NotLoggedIn("b wants a login."))):
            rig.backend(rig.add(name)).always["connect"] = error
        await rig.start()
        health = rig.monitor.health
        assert str(health.error) == "a is gone."
        assert (health.phase, health.scanned, health.partial) == (
            Phase.OFFLINE,
            False,
            "1 place does not answer, 1 needs a login: press A.",
        )


async def test_a_place_comes_and_goes_while_others_are_watched() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1), task(2, S.SUCCESS))
        await rig.start()
        assert rig.labels() == ["g"]
        late = rig.add("dev:g", task(1), task(3, S.SUCCESS))
        assert rig.labels() == ["prod:g", "dev:g"]
        await run_until_idle()
        assert rig.keys() == "2/1 1/1 2/3 1/2"
        rig.monitor.remove_place(late)
        assert rig.keys() == "1/1 1/2"
        assert rig.labels() == ["g"]
        assert len(rig.monitor.tasks) == 2
        await run_until_idle()
        assert rig.backend(late).closed
        asked = len(rig.backend(late).calls)
        await rig.clock.advance(60)
        assert len(rig.backend(late).calls) == asked, "a place that is left is asked nothing"


async def test_the_last_place_goes_and_another_comes() -> None:
    async with run_joint_monitor() as rig:
        only = rig.add("prod:g", task(1))
        await rig.start()
        rig.monitor.remove_place(only)
        await run_until_idle()
        assert rig.keys() == ""
        assert rig.monitor.health.phase is Phase.CONNECTING
        assert not rig.monitor.ability_for(Action.CANCEL)
        rig.add("prod:h", task(1))
        await run_until_idle()
        assert rig.keys() == "2/1"


async def test_what_a_left_place_still_tells_is_no_row() -> None:
    async with run_joint_monitor() as rig:
        prod, dev = rig.add("prod:g", task(1)), rig.add("dev:g", task(1), task(2))
        await rig.start()
        rig.backend(dev).gates["changes"] = gate = asyncio.Event()
        rig.backend(dev).set(2, S.SUCCESS)
        dev.poller.poll_now()
        await run_until_idle()
        rig.monitor.remove_place(dev)
        gate.set()
        await run_until_idle()
        assert rig.keys() == "1/1"
        assert prod.is_answering


async def test_actions_of_a_left_place_are_followed_to_their_ends_and_are_no_rows() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1), task(2))
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, [rig.find_task("2/1")])
        await run_until_idle()
        assert rig.monitor.action_count == 1
        rig.monitor.remove_place(dev)
        await run_until_idle()
        assert rig.monitor.action_count == 1, "who quits is told of it"
        assert not rig.backend(dev).closed
        await rig.clock.advance(30)
        assert [report.outcome for report in rig.ears.reports] == [Outcome.CANCELLED]
        assert rig.ears.ended == [rig.ears.reports]
        assert rig.keys() == "1/1"
        assert rig.backend(dev).closed
        assert rig.monitor.action_count == 0


async def test_the_end_of_the_session_waits_for_actions_of_a_left_place() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1))
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, [rig.find_task("2/1")])
        await run_until_idle()
        rig.monitor.remove_place(dev)
        await rig.clock.wait_for(rig.monitor.finish_and_close())
        assert [report.outcome for report in rig.ears.reports] == [Outcome.CANCELLED]


async def test_an_action_goes_to_the_place_of_each_task_and_all_ends_are_told_at_once() -> None:
    async with run_joint_monitor() as rig:
        places = [rig.add(f"{name}:g", task(1), task(2)) for name in ("prod", "dev", "test")]
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, [rig.find_task(key) for key in ("1/1", "3/2", "3/1")])
        await rig.clock.advance(30)
        assert [sorted(rig.backend(place).acts) for place in places] == [["1"], [], ["1", "2"]]
        assert len(rig.ears.ended) == 1
        assert sorted(report.task.key for report in rig.ears.ended[0]) == ["1/1", "3/1", "3/2"]
        assert {report.outcome for report in rig.ears.ended[0]} == {Outcome.CANCELLED}
        assert sorted(one.key for one in rig.monitor.tasks.iter_unfinished()) == ["1/2", "2/1", "2/2"]


async def test_a_guard_holds_for_its_place_alone() -> None:
    guard = Ability(False, "prod is read-only: nothing was sent.")
    async with run_joint_monitor() as rig:
        prod = rig.add("prod:g", task(1), may_act=guard)
        dev = rig.add("dev:g", task(1))
        await rig.start()
        assert prod.ability_for(Action.CANCEL) == guard
        assert dev.ability_for(Action.CANCEL)
        assert rig.monitor.ability_for(Action.CANCEL), "one of the places can do it"
        rig.monitor.remove_place(dev)
        assert rig.monitor.ability_for(Action.CANCEL) == guard


async def test_pause_interval_and_focus_hold_for_all_also_for_those_that_come_later() -> None:
    async with run_joint_monitor() as rig:
        first = rig.add("prod:g", task(1))
        await rig.start()
        rig.monitor.set_paused(True)
        rig.monitor.set_interval(5.0)
        rig.monitor.set_focused(False)
        await run_until_idle()
        late = rig.add("dev:g", task(2))
        await run_until_idle()
        assert rig.keys() == "1/1 2/2", "a new place is read once"
        assert rig.monitor.health.phase is Phase.PAUSED
        asked = [rig.backend(place).count("changes") for place in (first, late)]
        await rig.clock.advance(300)
        assert [rig.backend(place).count("changes") for place in (first, late)] == asked
        rig.monitor.set_paused(False)
        rig.monitor.set_focused(True)
        await run_until_idle()
        assert rig.monitor.poll_pause == 5.0
        before = rig.backend(late).count("changes")
        await rig.clock.advance(20)
        assert 3 <= rig.backend(late).count("changes") - before <= 5
        assert rig.monitor.health.phase is Phase.LIVE


async def test_the_pace_is_that_of_the_places_that_answer_and_are_shown() -> None:
    async with run_joint_monitor() as rig:
        busy, quiet = rig.add("prod:g", task(1)), rig.add("dev:g", task(1, S.SUCCESS))
        await rig.start()
        assert rig.monitor.poll_pause == 2.0
        rig.monitor.hide_place(busy)
        assert rig.monitor.poll_pause == quiet.poller.poll_pause >= QUIET_PAUSE
        rig.monitor.show_place(busy)
        assert rig.monitor.poll_pause == 2.0
        for call in ("changes", "look", "snapshot"):
            rig.backend(busy).always[call] = Unreachable("prod is gone.")
        await rig.clock.advance(3)
        assert busy.health.error is not None
        assert busy.poller.poll_pause == 2.0
        assert rig.monitor.poll_pause == quiet.poller.poll_pause


async def test_a_refresh_asks_all_places_and_a_quiet_one_is_asked_rarely_otherwise() -> None:
    async with run_joint_monitor() as rig:
        quiet = rig.add("prod:g", task(1, S.SUCCESS))
        busy = rig.add("dev:g", task(1))
        await rig.start()
        await rig.clock.advance(QUIET_PAUSE * 4)
        asked = rig.backend(quiet).count("changes")
        assert asked <= 6
        assert rig.backend(busy).count("changes") >= 20
        rig.monitor.poll_now()
        await run_until_idle()
        assert rig.backend(quiet).count("changes") == asked + 1


async def test_the_ids_on_the_screen_are_those_of_each_place() -> None:
    async with run_joint_monitor() as rig:
        prod, dev = rig.add("prod:g", task(1)), rig.add("dev:g", task(1), task(11))
        await rig.start()
        rig.ears.on_screen = ("2/11", "1/1", "2/1")
        assert list(prod.poller._visible()) == ["1"]
        assert list(dev.poller._visible()) == ["11", "1"]


async def test_a_new_label_counts_in_filter_and_order() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:social", task(1, S.SUCCESS))
        await rig.start()
        rig.monitor.show_shape(Shape(filter=compile_filter("place=social")))
        await run_until_idle()
        assert rig.keys() == "1/1"
        late = rig.add("dev:social", task(1, S.SUCCESS))
        await run_until_idle()
        assert rig.keys() == "2/1 1/1"
        rig.monitor.show_shape(Shape(order=Order("place", descending=False)))
        await run_until_idle()
        assert rig.keys() == "2/1 1/1"
        rig.add("dev:movies", task(1, S.SUCCESS))
        await run_until_idle()
        rig.monitor.remove_place(late)
        await run_until_idle()
        assert sorted(rig.keys().split()) == ["1/1", "3/1"]


async def test_a_group_has_the_new_label_of_its_place() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:social", task(1))
        await rig.start()
        rig.monitor.show_shape(Shape(grouped_by="place"))
        await run_until_idle()
        assert [group.label for group in rig.monitor.view.groups] == ["social"]
        late = rig.add("dev:social")
        await run_until_idle()
        assert [group.label for group in rig.monitor.view.groups] == ["prod:social"]
        rig.monitor.remove_place(late)
        await run_until_idle()
        assert [group.label for group in rig.monitor.view.groups] == ["social"]


async def test_a_graph_that_is_found_at_the_first_answer_is_named() -> None:
    async with run_joint_monitor() as rig:
        one, other = rig.connect("prod:"), rig.connect("dev:")
        for number, graph in ((1, "social"), (2, "movies")):
            rig.backends[number].told = replace(rig.backends[number].told, graph=graph)
        rig.monitor.add_place(one)
        rig.monitor.add_place(other)
        assert rig.labels() == ["prod", "dev"]
        await rig.start()
        assert rig.labels() == ["social", "movies"]


async def test_a_place_whose_server_chose_another_graph_is_renamed_and_its_rows_stay_in_order() -> None:
    async with run_joint_monitor() as rig:
        first = rig.add("prod:DEFAULT/b", task(1, S.SUCCESS))
        rig.add("prod:DEFAULT/c", task(1, S.SUCCESS))
        await rig.start()
        rig.monitor.show_shape(Shape(order=Order("place", descending=False)))
        await run_until_idle()
        assert rig.keys() == "1/1 2/1"
        server = rig.backend(first)
        server.always["changes"] = Unreachable("prod refused the connection.")
        rig.monitor.poll_now()
        await run_until_idle()
        server.always.clear()
        server.told = replace(server.told, graph="d")
        rig.monitor.refresh_all()
        await run_until_idle()
        assert rig.labels() == ["d", "c"]
        assert rig.keys() == "2/1 1/1"
        rig.monitor.remove_place(first)
        await run_until_idle()
        assert rig.keys() == "2/1"


async def test_what_a_left_place_still_learns_says_nothing_of_the_others() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1))
        await rig.start()
        rig.monitor.remove_place(dev)
        await run_until_idle()
        told = len(rig.ears.healths)
        dev.poller.health_state.update(latency=5.0)
        assert len(rig.ears.healths) == told


async def test_nothing_is_told_after_the_end(monkeypatch) -> None:
    monkeypatch.setattr(places_module, "JOINED_AT_ONCE", 0)
    monkeypatch.setattr(places_module, "JOIN_DELAY", 0.001)
    async with run_joint_monitor() as rig:
        place = rig.add("prod:g", task(1))
        await rig.start()
        rig.monitor._report_health()
        stop = place.stop_watching

        async def learn_and_stop() -> None:
            place.poller.health_state.update(latency=5.0)
            await stop()

        monkeypatch.setattr(place, "stop_watching", learn_and_stop)
        await rig.clock.wait_for(rig.monitor.aclose())
        timer = rig.monitor._report_timer
        assert timer is not None
        assert timer.cancelled()


async def test_states_of_many_places_are_told_together(monkeypatch) -> None:
    monkeypatch.setattr(places_module, "JOIN_DELAY", 0.001)
    async with run_joint_monitor() as rig:
        for number in range(30):
            rig.add(f"prod:g{number}", task(number + 1))
        await rig.start()
        async with asyncio.timeout(10):
            while not rig.ears.healths or not rig.ears.healths[-1].scanned:
                await run_until_idle()
        assert len(rig.ears.healths) < 30, "each place told of itself more than once"
        assert len(rig.labels()) == 30


async def test_the_many_places_of_a_server_begin_one_after_another_and_those_of_others_at_once() -> None:
    async with run_joint_monitor() as rig:
        places = [rig.add(f"prod:g{number}", task(number + 1)) for number in range(6)]
        for place in places:
            rig.backend(place).delays["connect"] = 1.0
        rig.backend(places[0]).always["connect"] = Unreachable("g0 is gone.")
        rig.add("dev:h", task(1))
        await rig.start()
        assert [rig.backend(place).count("connect") for place in places] == [1, 1, 1, 1, 0, 0]
        assert rig.keys() == "7/1", "another server's"
        assert rig.monitor.health.scanning
        await rig.clock.advance(1.0)
        assert [rig.backend(place).count("connect") for place in places[1:]] == [1, 1, 1, 1, 1]
        assert sorted(rig.keys().split()) == ["2/2", "3/3", "4/4", "7/1"]
        await rig.clock.advance(1.1)
        assert sorted(rig.keys().split()) == ["2/2", "3/3", "4/4", "5/5", "6/6", "7/1"]
        assert not rig.monitor.health.scanning
