"""The engine whole: it starts, tells its listener, acts, and closes with everything under way."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn, Unreachable
from backend_adapters.model import Ability, Action, Sibling
from tests.support.one_place import watch_one
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import DistributedServer, LostNode, S, run_until_idle, task
from tui.monitor.filters import compile_filter
from tui.monitor.health import Health, Phase
from tui.monitor.listener import Listener
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import ActionOverlay, Change
from tui.monitor.view import TAB_GROUPS, Order, Shape


async def test_it_shows_what_the_server_has_and_follows_it():
    async with run_fake_monitor(task(1, S.SUCCESS), task(2)) as rig:
        assert not rig.monitor.ability_for(Action.CANCEL)
        await rig.start()
        assert rig.ids() == "2 1"
        assert rig.monitor.wanted == rig.monitor.view.shape == Shape(order=Order("age", descending=True))
        assert rig.monitor.health.phase is Phase.LIVE
        assert rig.monitor.ability_for(Action.CANCEL)
        rig.backend.put(task(3))
        rig.ears.told.clear()
        await rig.clock.advance(4)
        assert rig.ids() == "2 3 1"
        assert rig.ears.told == ["rows"], "told once, and of the quiet poll nothing"


async def test_offline_it_says_that_it_can_not_act_and_keeps_its_rows():
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        rig.backend.always["changes"] = rig.backend.always["connect"] = Unreachable("gone")
        await rig.clock.advance(3)
        assert rig.monitor.health.phase is Phase.OFFLINE
        assert rig.monitor.ability_for(Action.DELETE) == Ability(
            False, "The server can't be reached, so nothing was sent. Press r to try again."
        )
        assert rig.ids() == "1"


async def test_turned_away_it_says_that_the_connection_was_lost():
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        rig.backend.always["changes"] = rig.backend.always["connect"] = NotLoggedIn("no")
        await rig.clock.advance(3)
        assert rig.monitor.health.phase is Phase.BLOCKED
        assert rig.monitor.ability_for(Action.DELETE) == Ability(
            False, "The connection was lost, so nothing was sent. Press r to try again."
        )


async def test_before_the_first_answer_it_is_not_connected_yet():
    async with run_fake_monitor(task(1)) as rig:
        rig.backend.always["connect"] = Unreachable("gone")
        await rig.start()
        assert rig.monitor.ability_for(Action.DELETE) == Ability(False, "Not connected to the server yet.")


async def test_a_shape_is_shown_when_it_is_ready_and_the_last_wish_counts():
    async with run_fake_monitor(*[task(n, S.FAILED if n % 2 else S.SUCCESS) for n in range(1, 8)]) as rig:
        await rig.start()
        rig.ears.told.clear()
        rig.monitor.show_shape(Shape(order=Order("id", descending=False)))
        last = Shape(filter=compile_filter("status=failed"), group=TAB_GROUPS[4])
        rig.monitor.show_shape(last)
        assert rig.monitor.wanted is last
        assert rig.ids() == "7 6 5 4 3 2 1"
        await run_until_idle()
        assert rig.ids() == "7 5 3 1"
        assert rig.ears.told == ["shape"]
        rig.monitor.show_shape(replace(last, order=Order(descending=False)))
        await run_until_idle()
        assert (rig.ids(), rig.ears.told) == ("1 3 5 7", ["shape", "shape"])


async def test_a_filter_that_takes_too_long_is_refused_and_the_rows_and_the_order_stay():
    async with run_fake_monitor(task(1, name="a" * 40 + "!"), task(2)) as rig:
        await rig.start()
        rig.monitor.show_shape(Shape(filter=compile_filter("job")))
        await run_until_idle()
        refused = []
        rig.ears.filter_refused = refused.append
        rig.ears.told.clear()
        rig.monitor.show_shape(Shape(order=Order("id"), filter=compile_filter("/(a|aa)+$/")))
        await run_until_idle()
        assert [str(error) for error in refused] == [
            "This regular expression takes too long; avoid nested repeats"
        ]
        assert (rig.ids(), rig.ears.told, rig.ears.broken) == ("2", [], [])
        assert rig.monitor.wanted == Shape(order=Order("id"), filter=rig.monitor.view.shape.filter)
        assert rig.monitor.view.shape.filter.text == "job"


async def test_rows_that_were_replaced_are_given_up():
    async with run_fake_monitor(*[task(n) for n in range(1, 8)]) as rig:
        await rig.start()
        for column in ("name", "type", "id"):
            rig.monitor.show_shape(Shape(order=Order(column)))
            await run_until_idle()
        assert rig.monitor.view._left == []


async def test_a_created_job_is_looked_for_at_once():
    async with run_fake_monitor(task(1), interval=60.0) as rig:
        await rig.start()
        asked = []

        async def create(recipe, values):
            asked.append((recipe, values))
            rig.backend.put(task(2, S.NEW))
            return "2"

        rig.backend.create = create
        assert await rig.monitor.create_job("pagerank", {"alpha": "0.85"}) == "2"
        await run_until_idle()
        assert asked == [("pagerank", {"alpha": "0.85"})]
        assert rig.ids() == "1 2"


async def test_it_polls_every_two_seconds_where_nothing_else_is_said():
    async with run_fake_monitor() as rig:
        rig.monitor = rig.ears.monitor = watch_one(rig.backend, listener=rig.ears, clock=rig.clock)
        await rig.start()
        rig.backend.calls.clear()
        await rig.clock.advance(20)
        assert rig.backend.count("changes") == 10


async def test_without_the_focus_it_polls_more_slowly_but_not_while_it_acts():
    async with run_fake_monitor(task(1), server=LostNode()) as rig:
        await rig.start()
        rig.monitor.only.poller.set_focused(False)
        assert rig.monitor.only.poller.poll_pause == 10
        rig.monitor.start_action(Action.CANCEL, [task(1)])
        await run_until_idle()
        assert rig.monitor.only.poller.poll_pause == 2


async def test_the_other_lists_of_the_place_are_those_of_the_server():
    async with run_fake_monitor() as rig:
        lists = (Sibling(dialect="fake", title="other jobs", ability=Ability(True)),)

        async def siblings():
            return lists

        rig.backend.siblings = siblings
        assert await rig.monitor.only.backend.siblings() is lists


async def test_an_action_is_carried_out_reported_and_polled_for():
    async with run_fake_monitor(task(1), task(2), interval=60.0) as rig:
        await rig.start()
        rig.ears.told.clear()
        rig.monitor.start_action(Action.CANCEL, [rig.monitor.only.store.tasks.get("1")])
        await run_until_idle()
        assert "overlays" in rig.ears.told
        polls = rig.backend.count("changes")
        await rig.clock.advance(10)
        assert [(r.task.id, r.outcome) for r in rig.ears.reports] == [("1", Outcome.CANCELLED)]
        assert rig.monitor.only.store.tasks.get("1").status is S.CANCELLED
        assert rig.backend.count("changes") == polls + 1


async def test_the_rows_on_the_screen_are_glanced_at():
    async with run_fake_monitor(task(1, S.SUCCESS), task(2, S.SUCCESS)) as rig:
        rig.ears.on_screen = ("1",)
        await rig.start()
        rig.backend.drop(1)
        await rig.clock.advance(17)
        assert rig.ids() == "2"


async def test_it_closes_at_once_with_everything_under_way():
    async with run_fake_monitor(*[task(n) for n in range(1, 36)], server=LostNode()) as rig:
        await rig.start()
        rig.backend.delays.update(page=9.0, detail=9.0, act=9.0)
        rig.monitor.only.poller.refresh_all()
        said = []
        rig.monitor.only.details.fetch_detail(
            "1", done=said.append, failed=said.append, progress=lambda n: None
        )
        rig.monitor.start_action(Action.CANCEL, list(rig.monitor.only.store.tasks.values()))
        rig.monitor.show_shape(Shape(order=Order("name")))
        await rig.clock.advance(0.5)
        rig.monitor.show_shape(Shape(order=Order("type")))
        assert rig.backend.in_flight["page"] == rig.backend.in_flight["detail"] == 1
        assert rig.backend.in_flight["act"] == 4
        before = rig.clock.time
        await rig.clock.wait_for(rig.monitor.aclose())
        assert rig.clock.time == before
        assert rig.backend.calls[-1] == ("aclose", None), "the connections are closed last"
        assert not any(rig.backend.in_flight.values()), "and nothing is in flight by then"
        assert rig.monitor.only.store.overlays == {}
        assert (said, rig.ears.broken) == ([], [])
        assert max(rig.backend.acts.values()) == 1


async def test_nothing_is_in_flight_when_the_connections_are_closed():
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        rig.backend.delays["detail"] = 9.0
        rig.monitor.only.details.fetch_detail("1", done=print, failed=print, progress=lambda n: None)
        await rig.clock.advance(1)
        closing = []
        aclose = rig.backend.aclose

        async def watched():
            closing.append(dict(+rig.backend.in_flight))
            await aclose()

        rig.backend.aclose = watched
        await rig.clock.wait_for(rig.monitor.aclose())
        assert closing == [{}]


async def test_it_can_be_closed_without_having_been_started():
    async with run_fake_monitor() as rig:
        await rig.clock.wait_for(rig.monitor.aclose())
        assert rig.backend.calls == [("aclose", None)]


async def test_a_fault_of_our_own_is_told_wherever_it_happens():
    async with run_fake_monitor(task(1)) as rig:

        async def broken(*_):
            raise ZeroDivisionError

        rig.backend.changes = broken
        await rig.start()
        assert [type(error) for error in rig.ears.broken] == [ZeroDivisionError]
        rig.backend.act = broken
        rig.monitor.start_action(Action.CANCEL, [task(1)])
        await rig.clock.advance(2)
        assert len(rig.ears.broken) == 2
        assert rig.monitor.only.store.overlays == {}
        rig.monitor.only.details.fetch_detail(
            "1", done=lambda detail: 1 / 0, failed=print, progress=lambda n: None
        )
        await run_until_idle()
        assert len(rig.ears.broken) == 3


async def test_two_actions_of_a_person_go_their_own_ways():
    rows = [task(1), task(2, S.SUCCESS), task(3, S.FAILED)]
    async with run_fake_monitor(*rows, server=DistributedServer()) as rig:
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, rows[:1])
        rig.monitor.start_action(Action.DELETE, rows[1:])
        await rig.clock.advance(5)
        assert rig.monitor.only.operations.under_way == 3
        await rig.clock.advance(10)
        assert {r.task.id: r.outcome for r in rig.ears.reports} == {
            "1": Outcome.CANCELLED,
            "2": Outcome.GONE_MEANWHILE,
            "3": Outcome.GONE_MEANWHILE,
        }
        assert rig.ids() == "1"
        assert max(rig.backend.acts.values()) == 1


async def test_actions_begun_together_are_told_once_when_all_have_ended():
    rows = [task(n) for n in range(1, 8)]
    async with run_fake_monitor(*rows, server=DistributedServer()) as rig:
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, rows[:6])
        rig.monitor.start_action(Action.CANCEL, rows[6:])
        await rig.clock.advance(8)
        assert rig.ears.ended == []
        await rig.clock.advance(10)
        assert sorted(len(reports) for reports in rig.ears.ended) == [1, 6]
        assert {report.outcome for reports in rig.ears.ended for report in reports} == {Outcome.CANCELLED}


async def test_a_force_delete_has_ended_before_it_is_watched_for_its_return():
    rows = [task(1), task(2)]
    async with run_fake_monitor(*rows) as rig:
        await rig.start()
        rig.monitor.start_action(Action.FORCE_DELETE, rows)
        await rig.clock.advance(3)
        assert [[report.outcome for report in reports] for reports in rig.ears.ended] == [
            [Outcome.DELETED, Outcome.DELETED]
        ]
        looks = rig.backend.count("look")
        rig.backend.put(rows[0])
        await rig.clock.advance(40)
        assert [report.outcome for report in rig.ears.reports[2:]] == [Outcome.CAME_BACK]
        assert len(rig.ears.ended) == 1
        await rig.clock.advance(60)
        looked = [about for name, about in rig.backend.calls if name == "look"]
        assert looked[looks:] == [("1", "2"), ("2",)], "watched twice, and then no longer"


async def test_a_retired_monitor_follows_a_force_delete_to_its_return():
    row = task(1)
    async with run_fake_monitor(row) as rig:
        await rig.start()
        rig.monitor.start_action(Action.FORCE_DELETE, [row])
        await rig.clock.advance(3)
        rig.backend.put(row)
        await rig.clock.wait_for(rig.monitor.finish_and_close())
        assert [report.outcome for report in rig.ears.reports] == [Outcome.DELETED, Outcome.CAME_BACK]
        assert rig.backend.calls[-1] == ("aclose", None)


async def test_a_retired_monitor_asks_nothing_more_and_closes_its_connections():
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        rig.backend.delays["detail"] = 9.0
        said = []
        rig.monitor.only.details.fetch_detail(
            "1", done=said.append, failed=said.append, progress=lambda n: None
        )
        await run_until_idle()
        before = rig.clock.time
        await rig.clock.wait_for(rig.monitor.finish_and_close())
        assert rig.clock.time == before
        assert rig.backend.calls[-1] == ("aclose", None)
        assert not any(rig.backend.in_flight.values())
        asked = len(rig.backend.calls)
        await rig.clock.advance(60)
        assert (said, len(rig.backend.calls), rig.ears.broken) == ([], asked, [])


async def test_a_retired_monitor_that_is_not_waited_for_closes_its_connections_too():
    async with run_fake_monitor(task(1), server=LostNode()) as rig:
        await rig.start()
        rig.monitor.start_action(Action.CANCEL, [task(1)])
        await rig.clock.advance(3)
        retiring = asyncio.create_task(rig.monitor.finish_and_close())
        await rig.clock.advance(3)
        assert not rig.backend.closed
        assert rig.monitor.only.operations.under_way == 1
        retiring.cancel()
        await run_until_idle()
        assert retiring.cancelled()
        assert rig.backend.calls[-1] == ("aclose", None)
        assert rig.monitor.only.operations.under_way == 0


async def test_a_new_monitor_leaves_alone_what_a_retired_one_still_acts_on():
    async with run_fake_monitor(task(1), task(2)) as rig:
        old = watch_one(rig.backend, listener=Listener(), clock=rig.clock)
        busy = old.only.store.overlays.__contains__
        rig.monitor = rig.ears.monitor = watch_one(rig.backend, listener=rig.ears, clock=rig.clock, busy=busy)
        await rig.start()
        work = asyncio.create_task(old.only.operations.run_action(Action.CANCEL, [task(1)]))
        await run_until_idle()
        rig.monitor.start_action(Action.CANCEL, [task(1), task(2)])
        await rig.clock.advance(10)
        assert {r.task.id: r.outcome for r in rig.ears.reports} == {
            "1": Outcome.NOT_SENT,
            "2": Outcome.CANCELLED,
        }
        assert rig.backend.acts == {"1": 1, "2": 1}
        assert [report.outcome for report in work.result()] == [Outcome.CANCELLED]


@pytest.mark.parametrize(
    "told",
    [
        Health(),
        Report(action=Action.CANCEL, task=task(1), outcome=Outcome.CANCELLED),
        Change(None, task(1)),
        ActionOverlay(Action.CANCEL, 0),
        Shape(),
        Order(),
        TAB_GROUPS[0],
        compile_filter("x"),
    ],
    ids=lambda told: type(told).__name__,
)
def test_what_the_engine_tells_is_changed_by_nobody(told):
    for field in told.__struct_fields__:
        with pytest.raises(AttributeError, match="immutable"):
            setattr(told, field, None)


async def test_scopes_are_those_of_the_server():
    async with run_fake_monitor() as rig:
        assert [scope.graph for scope in await rig.clock.wait_for(rig.monitor.only.backend.scopes())] == ["g"]
