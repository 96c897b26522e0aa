"""The engine whole: it starts, tells its listener, acts, and closes with everything under way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import asynccontextmanager

import pytest

from backend_adapters.errors import BadAnswer, NoSuchTask, Refused, ServerFault, TimedOut, Unreachable
from backend_adapters.model import Action, Task, TaskDetail, TaskStatus
from tests.unit.fakes import START, Distributed, FakeBackend, FakeClock, LostNode, S, Server, settle, task
from tui.monitor.filters import parse
from tui.monitor.monitor import Listener, Monitor
from tui.monitor.operations import Outcome, Report
from tui.monitor.poller import GLANCE_EVERY, Phase
from tui.monitor.view import GROUPS, SORTS, Order, Shape


class Ears(Listener):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.monitor: Monitor
        self.told: list[str] = []
        self.reports: list[Report] = []
        self.broken: list[BaseException] = []
        self.on_screen: tuple[str, ...] = ()

    def rows_changed(self, changes) -> None:
        view = self.monitor.view
        for change in changes:
            if change.new is not None and change.new is self.monitor.store.get(change.new.id):
                assert view.shape.shows(change.new, START) == (view.position(change.new.id) is not None)
        self.told.append("rows")

    def shape_changed(self) -> None:
        self.told.append("shape")

    def overlays_changed(self) -> None:
        self.told.append("overlays")

    def reported(self, report: Report) -> None:
        self.reports.append(report)

    def ids_on_screen(self) -> Sequence[str]:
        return self.on_screen

    def broke(self, error: BaseException) -> None:
        self.broken.append(error)


class Rig:
    def __init__(self, server: Server, rows: Sequence[Task], interval: float) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows, server)
        self.ears = Ears()
        self.monitor = self.ears.monitor = Monitor(
            self.backend, listener=self.ears, clock=self.clock, interval=interval
        )

    async def start(self) -> None:
        self.monitor.start()
        await settle()

    def ids(self) -> str:
        return " ".join(self.monitor.view[row].id for row in range(len(self.monitor.view)))


@asynccontextmanager
async def watching(*rows, server: Server | None = None, interval: float = 2.0):
    rig = Rig(server or Server(), rows, interval)
    try:
        yield rig
    finally:
        if not rig.backend.closed:
            await rig.clock.wait_for(rig.monitor.aclose())
        assert len(asyncio.all_tasks()) == 1, "something was left running"


async def test_it_shows_what_the_server_has_and_follows_it():
    async with watching(task(1, S.SUCCESS), task(2)) as rig:
        assert not rig.monitor.ability(Action.CANCEL)
        await rig.start()
        assert rig.ids() == "2 1"
        assert rig.monitor.health.phase is Phase.LIVE
        assert rig.monitor.ability(Action.CANCEL)
        rig.backend.put(task(3))
        rig.ears.told.clear()
        await rig.clock.advance(4)
        assert rig.ids() == "3 2 1"
        assert rig.ears.told == ["rows"], "told once, and of the quiet poll nothing"


async def test_offline_it_says_that_it_can_not_act_and_keeps_its_rows():
    async with watching(task(1)) as rig:
        await rig.start()
        rig.backend.always["changes"] = rig.backend.always["connect"] = Unreachable("gone")
        await rig.clock.advance(3)
        assert rig.monitor.health.phase is Phase.OFFLINE
        assert "Not connected" in rig.monitor.ability(Action.DELETE).reason
        assert rig.ids() == "1"


async def test_a_shape_is_shown_when_it_is_ready_and_the_last_wish_counts():
    async with watching(*[task(n, S.FAILED if n % 2 else S.SUCCESS) for n in range(1, 8)]) as rig:
        await rig.start()
        rig.ears.told.clear()
        rig.monitor.show(Shape(order=Order("id", descending=False)))
        last = Shape(filter=parse("status=failed"), group=GROUPS[4])
        rig.monitor.show(last)
        assert rig.monitor.wanted is last
        assert rig.ids() == "7 6 5 4 3 2 1"
        await settle()
        assert rig.ids() == "7 5 3 1"
        assert rig.ears.told == ["shape"]


async def test_an_action_is_carried_out_reported_and_polled_for():
    async with watching(task(1), task(2), interval=60.0) as rig:
        await rig.start()
        rig.ears.told.clear()
        rig.monitor.act(Action.CANCEL, [rig.monitor.store.get("1")])
        await settle()
        assert "overlays" in rig.ears.told
        polls = rig.backend.count("changes")
        await rig.clock.advance(10)
        assert [(r.task.id, r.outcome) for r in rig.ears.reports] == [("1", Outcome.CANCELLED)]
        assert rig.monitor.store.get("1").status is S.CANCELLED
        assert rig.backend.count("changes") == polls + 1


async def test_the_rows_on_the_screen_are_glanced_at():
    async with watching(task(1, S.SUCCESS), task(2, S.SUCCESS)) as rig:
        rig.ears.on_screen = ("1",)
        await rig.start()
        rig.backend.drop(1)
        await rig.clock.advance(GLANCE_EVERY + 2)
        assert rig.ids() == "2"


async def test_it_closes_at_once_with_everything_under_way():
    async with watching(*[task(n) for n in range(1, 36)], server=LostNode()) as rig:
        await rig.start()
        rig.backend.delays.update(page=9.0, detail=9.0, act=9.0)
        rig.monitor.poller.refresh()
        said = []
        rig.monitor.details.fetch("1", done=said.append, failed=said.append, progress=lambda n: None)
        rig.monitor.act(Action.CANCEL, list(rig.monitor.store.tasks.values()))
        rig.monitor.show(Shape(order=Order("name")))
        await rig.clock.advance(0.5)
        rig.monitor.show(Shape(order=Order("type")))
        assert rig.backend.in_flight["page"] == rig.backend.in_flight["detail"] == 1
        assert rig.backend.in_flight["act"] == 4
        before = rig.clock.time
        await rig.clock.wait_for(rig.monitor.aclose())
        assert rig.clock.time == before
        assert rig.backend.calls[-1] == ("aclose", None), "the connections are closed last"
        assert not any(rig.backend.in_flight.values()), "and nothing is in flight by then"
        assert rig.monitor.store.overlays == {}
        assert (said, rig.ears.broken) == ([], [])
        assert max(rig.backend.acts.values()) == 1


async def test_nothing_is_in_flight_when_the_connections_are_closed():
    async with watching(task(1)) as rig:
        await rig.start()
        rig.backend.delays["detail"] = 9.0
        rig.monitor.details.fetch("1", done=print, failed=print, progress=lambda n: None)
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
    async with watching() as rig:
        await rig.clock.wait_for(rig.monitor.aclose())
        assert rig.backend.calls == [("aclose", None)]


async def test_a_fault_of_our_own_is_told_wherever_it_happens():
    async with watching(task(1)) as rig:

        async def broken(*_):
            raise ZeroDivisionError

        rig.backend.changes = broken
        await rig.start()
        assert [type(error) for error in rig.ears.broken] == [ZeroDivisionError]
        rig.backend.act = broken
        rig.monitor.act(Action.CANCEL, [task(1)])
        await rig.clock.advance(2)
        assert len(rig.ears.broken) == 2
        assert rig.monitor.store.overlays == {}
        rig.monitor.details.fetch("1", done=lambda detail: 1 / 0, failed=print, progress=lambda n: None)
        await settle()
        assert len(rig.ears.broken) == 3


async def test_two_actions_of_a_person_go_their_own_ways():
    rows = [task(1), task(2, S.SUCCESS), task(3, S.FAILED)]
    async with watching(*rows, server=Distributed()) as rig:
        await rig.start()
        rig.monitor.act(Action.CANCEL, rows[:1])
        rig.monitor.act(Action.DELETE, rows[1:])
        await rig.clock.advance(5)
        assert rig.monitor.operations.under_way == 3
        await rig.clock.advance(10)
        assert {r.task.id: r.outcome for r in rig.ears.reports} == {
            "1": Outcome.CANCELLED,
            "2": Outcome.DELETED,
            "3": Outcome.DELETED,
        }
        assert rig.ids() == "1"
        assert max(rig.backend.acts.values()) == 1


async def test_scopes_are_those_of_the_server():
    async with watching() as rig:
        assert [scope.graph for scope in await rig.clock.wait_for(rig.monitor.scopes())] == ["g"]


# Why tasks failed.


def failure(number: int, **more) -> tuple[Task, TaskDetail]:
    row = task(number, S.FAILED, **more)
    text = f"java.lang.RuntimeException: boom {number}\n\tat A.b(A.java:1)"
    return row, TaskDetail(task=row, raw=b"", result=text)


async def test_the_reasons_of_the_failures_on_the_screen_are_read_once_and_one_at_a_time():
    rows, details = zip(*[failure(n) for n in range(1, 6)], strict=True)
    async with watching(*rows, task(6)) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        rig.backend.delays["detail"] = 1.0
        await rig.start()
        for _ in range(40):  # the screen is drawn again and again meanwhile
            rig.monitor.reasons.want(list(rig.monitor.store.tasks.values()))
            await rig.clock.advance(0.25)
        assert [rig.monitor.reasons.get(row).count(f"boom {row.id}") for row in rows] == [1] * 5
        assert rig.backend.count("detail") == 5
        assert rig.backend.most_in_flight["detail"] == 1
        assert rig.monitor.reasons.get(task(6)) == ""
        assert rig.monitor.reasons.get(task(1, S.FAILED, created=START + 1)) == "", "another task"


@pytest.mark.parametrize("error", [ServerFault("500"), BadAnswer("HTML"), NoSuchTask("gone"), Refused("no")])
async def test_a_failure_that_can_not_be_read_stands_before_no_other_and_is_not_asked_for_again(error):
    (first, _), (second, detail) = failure(1), failure(2)
    async with watching(first, second) as rig:
        rig.backend.details = {"2": [detail]}
        rig.backend.faults["detail"] = [error]
        await rig.start()
        for _ in range(10):
            rig.monitor.reasons.want([first, second])
            await rig.clock.advance(1)
        assert rig.monitor.reasons.get(first) == ""
        assert "boom 2" in rig.monitor.reasons.get(second)
        assert rig.backend.count("detail") == 2


async def test_a_failure_that_could_not_be_read_for_the_servers_sake_is_read_later():
    row, detail = failure(1)
    async with watching(row) as rig:
        rig.backend.details = {"1": [detail]}
        rig.backend.faults["detail"] = [Unreachable("gone")]
        await rig.start()
        rig.monitor.reasons.want([row])
        await rig.clock.advance(5)
        assert rig.backend.count("detail") == 1, "not by itself"
        rig.monitor.reasons.want([row])
        await rig.clock.advance(1)
        assert "boom 1" in rig.monitor.reasons.get(row)


# Any life.


class Life:
    """A server with other users, faults and slowness, and a person who acts on what is shown."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.backend = rig.backend
        self.rng = random.Random(seed)
        self.next_id = 31
        self.asked: Counter[str] = Counter()

    def others(self) -> None:
        """Tasks are born, go on, end and are deleted, and seldom the server begins anew."""
        rng, now = self.rng, self.rig.clock.now()
        ids = list(self.backend.tasks)
        match rng.randrange(12):
            case 0 | 1 | 2:
                self.backend.put(task(self.next_id, S.NEW, created=now))
                self.next_id += 1
            case 3 if ids:
                self.backend.drop(rng.choice(ids))
            case 4 if rng.random() < 0.1:
                self.backend.tasks.clear()
                self.backend.put(*[task(n, S.NEW, created=now) for n in range(1, rng.randint(2, 9))])
                self.next_id = 10
            case 5:
                self.backend.faults[rng.choice(["changes", "look", "page", "act", "connect", "detail"])] = [
                    rng.choice([Unreachable("gone"), TimedOut("slow")]) for _ in range(rng.randint(1, 3))
                ]
            case 6:
                self.backend.delays[rng.choice(["changes", "look", "page", "act"])] = rng.choice(
                    [0.0, 0.3, 7.0]
                )
            case _ if ids:
                self.backend.set(rng.choice(ids), rng.choice(list(TaskStatus)), updated=now)

    def person(self) -> None:
        """Acts on some rows, shows them otherwise, refreshes, pauses."""
        rng, monitor = self.rng, self.rig.monitor
        match rng.randrange(12):
            case 0 | 1 if len(monitor.view):
                shown = [rng.choice(monitor.view) for _ in range(rng.randint(1, 6))]
                self.asked.update(row.id for row in shown)
                monitor.act(rng.choice(list(Action)), shown)
            case 2 | 3:
                text = rng.choice(["", "status=active", "!1"])
                order = Order(rng.choice(sorted(SORTS)), rng.random() < 0.5)
                monitor.show(Shape(order, parse(text), rng.choice(GROUPS)))
            case 4:
                monitor.poller.refresh()
            case 5:
                monitor.poller.pause(rng.random() < 0.3)
            case 6:
                monitor.poller.set_interval(rng.choice([0.5, 2.0, 10.0]))
            case _:
                monitor.view.tick()
                self.rig.ears.on_screen = tuple(
                    monitor.view[row].id for row in range(min(5, len(monitor.view)))
                )


def the_view_is_right(monitor: Monitor) -> None:
    rows = [monitor.view[row] for row in range(len(monitor.view))]
    assert len({row.id for row in rows}) == len(rows)
    statuses = monitor.view.shape.group.statuses
    assert all(row is monitor.store.get(row.id) for row in rows)
    if not monitor.view.shape.filter:
        wanted = {
            key for key, row in monitor.store.tasks.items() if statuses is None or row.status in statuses
        }
        assert {row.id for row in rows} == wanted


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_life_it_shows_what_is_true(seed):
    rows = [task(n, S.SUCCESS if n % 3 else S.RUNNING, updated=START) for n in range(1, 31)]
    async with watching(*rows, server=[Server, Distributed, LostNode][seed % 3]()) as rig:
        life = Life(rig, seed)
        await rig.start()
        for _ in range(300):
            life.others()
            life.person()
            await rig.clock.advance(life.rng.choice([0.0, 0.1, 1.0, 5.0]))
            the_view_is_right(rig.monitor)
            assert rig.backend.most_in_flight["changes"] == 1
            assert rig.backend.most_in_flight["act"] <= 4
        rig.backend.faults.clear()
        rig.backend.delays.clear()
        rig.monitor.poller.pause(False)
        await rig.clock.advance(60)
        rig.monitor.poller.refresh()
        await rig.clock.advance(60)
        assert rig.monitor.health.phase is Phase.LIVE
        assert rig.monitor.store.tasks == rig.backend.tasks
        assert rig.monitor.store.newest == max(rig.backend.tasks, key=int, default=None)
        assert rig.monitor.store.overlays == {}
        the_view_is_right(rig.monitor)
        assert rig.ears.broken == []
        reported = Counter(r.task.id for r in rig.ears.reports if r.outcome is not Outcome.CAME_BACK)
        assert reported == life.asked, "each is reported once"
        assert all(rig.backend.acts[task_id] <= number for task_id, number in life.asked.items())
        assert rig.backend.acts.keys() <= life.asked.keys()
