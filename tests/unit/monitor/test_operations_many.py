"""OperationsWithStore on many tasks, side by side, stopped, and broken off."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.errors import NotAllowed, TimedOut
from backend_adapters.model import Action
from tests.unit.fakes import FakeServer, LostNode, run_until_idle, task
from tests.unit.monitor_parts import OperationsWithStore
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Outcome

CANCEL, FORCE = Action.CANCEL, Action.FORCE_DELETE
LOST = TimedOut("No answer within 30 s.")


# Many.


async def test_of_fifty_at_most_four_are_asked_at_a_time_and_each_is_reported():
    rig = OperationsWithStore(FakeServer(), *[task(n) for n in range(1, 51)])
    rig.backend.delays["act"] = 0.5
    reports = await rig.run(CANCEL)
    assert {report.task.id for report in reports} == rig.store.tasks.keys()
    assert {report.outcome for report in reports} == {Outcome.CANCELLED}
    assert rig.reports == reports
    assert rig.backend.most_in_flight["act"] == 4
    assert sum(rig.backend.acts.values()) == 50
    assert rig.reports[0].elapsed < 4, "the first is reported while others are still to be sent"


async def test_each_of_many_has_its_own_end():
    class Mixed(FakeServer):
        def act(self, backend, action, task_id):
            if task_id == "3":
                raise LOST
            if task_id == "4":
                raise NotAllowed("Not this one.")
            return super().act(backend, action, task_id)

        def carry_out(self, backend, row):
            if row.id != "2":
                super().carry_out(backend, row)

    rig = OperationsWithStore(Mixed(), *[task(n) for n in range(1, 6)])
    assert {report.task.id: report.outcome for report in await rig.run(CANCEL)} == {
        "1": Outcome.CANCELLED,
        "2": Outcome.UNCONFIRMED,
        "3": Outcome.UNCONFIRMED,
        "4": Outcome.REFUSED,
        "5": Outcome.CANCELLED,
    }


async def test_stopped_it_sends_no_more_and_follows_what_was_sent():
    rig = OperationsWithStore(FakeServer(), *[task(n) for n in range(1, 21)])
    rig.backend.delays["act"] = 1.0
    work = asyncio.create_task(rig.operations.run_action(CANCEL, list(rig.store.tasks.values())))
    await rig.clock.advance(1.5)
    assert rig.operations.stop_sending() == 12
    await rig.clock.wait_for(work)
    rig.ended()
    outcomes = [report.outcome for report in work.result()]
    assert outcomes.count(Outcome.CANCELLED) == 8
    assert outcomes.count(Outcome.NOT_SENT) == 12
    assert {r.words for r in work.result() if r.outcome is Outcome.NOT_SENT} == {
        "Stopped before the request was sent."
    }
    assert len(rig.backend.acts) == 8


async def test_a_stop_is_not_for_what_a_person_asks_afterwards():
    rig = OperationsWithStore(LostNode(), task(1), task(2))
    first = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await rig.clock.advance(3)
    rig.operations.stop_sending()
    second = asyncio.create_task(rig.operations.run_action(CANCEL, [task(2)]))
    await rig.clock.advance(3)
    assert set(rig.backend.acts) == {"1", "2"}
    await rig.clock.wait_for(asyncio.gather(first, second))
    rig.ended()


async def test_a_stop_with_nothing_under_way_stops_nothing_later():
    rig = OperationsWithStore(FakeServer(), task(1))
    assert rig.operations.stop_sending() == 0
    assert (await rig.one(CANCEL)).outcome is Outcome.CANCELLED


async def test_a_task_is_not_acted_on_twice_at_the_same_time():
    rig = OperationsWithStore(FakeServer(), task(1), task(2))
    first = asyncio.create_task(rig.operations.run_action(CANCEL, [task(1)]))
    await run_until_idle()
    second = asyncio.create_task(rig.operations.run_action(FORCE, [task(1), task(2)]))
    await run_until_idle()
    assert rig.reports[0].outcome is Outcome.NOT_SENT
    assert rig.reports[0].words == "Another action on it is in progress."
    assert "1" in rig.store.overlays, "the first goes on"
    await rig.clock.wait_for(asyncio.gather(first, second))
    assert first.result()[0].outcome is Outcome.CANCELLED
    rig.ended()


async def test_the_same_task_twice_in_one_list_is_acted_on_once():
    rig = OperationsWithStore(FakeServer(), task(1))
    reports = await rig.run(CANCEL, [task(1), task(1)])
    assert sorted(report.outcome.name for report in reports) == ["CANCELLED", "NOT_SENT"]


async def test_many_are_looked_at_together_not_one_by_one():
    rig = OperationsWithStore(LostNode(), *[task(n) for n in range(1, 51)])
    await rig.run(CANCEL)
    assert rig.backend.count("look") < 40


# Broken off.


@pytest.mark.parametrize("after", [0.0, 0.1, 0.7, 5.0])
async def test_cancelled_midway_it_leaves_no_overlay_and_sends_no_more(after):
    rig = OperationsWithStore(LostNode(), *[task(n) for n in range(1, 21)])
    rig.backend.delays["act"] = rig.backend.delays["look"] = 0.3
    work = asyncio.create_task(rig.operations.run_action(CANCEL, list(rig.store.tasks.values())))
    await rig.clock.advance(after)
    work.cancel()
    await run_until_idle()
    assert work.cancelled()
    rig.ended()
    sent = sum(rig.backend.acts.values())
    await rig.clock.advance(60)
    assert sum(rig.backend.acts.values()) == sent
    assert not any(rig.backend.in_flight.values())


async def test_a_fault_of_our_own_comes_out_and_leaves_no_overlay():
    rig = OperationsWithStore(FakeServer(), task(1), task(2))

    async def broken(action, task_id):
        raise ZeroDivisionError

    rig.backend.act = broken
    with pytest.raises(ExceptionGroup):
        await rig.clock.wait_for(rig.operations.run_action(CANCEL, list(rig.store.tasks.values())))
    rig.ended()


async def test_what_a_retired_monitor_still_acts_on_is_left_alone():
    rig = OperationsWithStore(FakeServer(), task(1), task(2))
    rig.operations = Operations(
        rig.backend,
        rig.store,
        rig.backend.look,
        clock=rig.clock,
        on_report=rig.reports.append,
        on_overlay=lambda: rig.overlays.append(set(rig.store.overlays)),
        busy={"2"}.__contains__,
    )
    by_id = {report.task.id: report for report in await rig.run(CANCEL)}
    assert (by_id["2"].outcome, by_id["2"].words) == (
        Outcome.NOT_SENT,
        "Another action on it is in progress.",
    )
    assert by_id["1"].outcome is Outcome.CANCELLED
    assert set(rig.backend.acts) == {"1"}


async def test_the_reports_are_there_before_the_watch_for_returns_begins():
    rig = OperationsWithStore(FakeServer(), task(1), task(2))
    began = rig.clock.time
    reports = await rig.clock.wait_for(rig.operations.run_action(FORCE, list(rig.store.tasks.values())))
    assert {report.outcome for report in reports} == {Outcome.DELETED}
    assert rig.clock.time - began < 3
    watch = asyncio.create_task(rig.operations.watch_for_reappearance(reports))
    await run_until_idle()
    assert (watch.done(), rig.operations.under_way) == (False, 0)
    rig.backend.put(task(1))
    await rig.clock.advance(6)
    assert rig.backend.calls[-1] == ("look", ("1", "2"))
    (back,) = await rig.clock.wait_for(watch)
    assert (back.task.id, back.outcome) == ("1", Outcome.CAME_BACK)
    assert rig.backend.calls[-1] == ("look", ("2",)), "what came back is not watched any longer"
