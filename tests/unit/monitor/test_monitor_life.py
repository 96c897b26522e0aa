"""The engine whole through any life: what it shows is what is true."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from backend_adapters.errors import Busy, TimedOut, Unreachable
from backend_adapters.model import FAILURES, Action, TaskStatus, change_task
from tests.unit.fake_monitor import FakeMonitor, run_fake_monitor
from tests.unit.fakes import START, WORDS, DistributedServer, FakeServer, LostNode, S, task
from tui.fields import SORTS
from tui.monitor.filters import compile_filter
from tui.monitor.health import Phase
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Outcome
from tui.monitor.view import TAB_GROUPS, Order, Shape

STATUSES = [status for status in TaskStatus if status is not S.UNREADABLE]


class Life:
    """A server with other users, faults and slowness, and a person who acts on what is shown."""

    def __init__(self, rig: FakeMonitor, seed: int) -> None:
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
                    rng.choice([Unreachable("gone"), TimedOut("slow"), Busy("busy")])
                    for _ in range(rng.randint(1, 3))
                ]
            case 6 if ids and rng.random() < 0.5:
                self.backend.failing = dict.fromkeys(rng.sample(ids, min(3, len(ids))), WORDS)
            case 6:
                self.backend.delays[rng.choice(["changes", "look", "page", "act"])] = rng.choice(
                    [0.0, 0.3, 7.0]
                )
            case _ if ids:
                self.backend.set(rng.choice(ids), rng.choice(STATUSES), updated=now)

    def person(self) -> None:
        """Acts on some rows, shows them otherwise, refreshes, pauses."""
        rng, monitor = self.rng, self.rig.monitor
        match rng.randrange(12):
            case 0 | 1 if len(monitor.view):
                shown = [rng.choice(monitor.view) for _ in range(rng.randint(1, 6))]
                self.asked.update(row.id for row in shown)
                monitor.start_action(rng.choice(list(Action)), shown)
            case 2 | 3:
                text = rng.choice(["", "status=active", "!1"])
                order = Order(rng.choice(sorted(SORTS)), rng.random() < 0.5)
                monitor.show_shape(Shape(order, compile_filter(text), rng.choice(TAB_GROUPS)))
            case 4:
                monitor.only.poller.refresh_all()
            case 5:
                monitor.only.poller.set_paused(rng.random() < 0.3)
            case 6:
                monitor.only.poller.set_interval(rng.choice([0.5, 2.0, 10.0]))
            case _:
                monitor.view.advance_time()
                self.rig.ears.on_screen = tuple(
                    monitor.view[row].id for row in range(min(5, len(monitor.view)))
                )


def the_view_is_right(monitor: Monitor) -> None:
    rows = [monitor.view[row] for row in range(len(monitor.view))]
    assert len({row.id for row in rows}) == len(rows)
    assert all(row is monitor.only.store.tasks.get(row.id) for row in rows)
    if not monitor.view.shape.filter:
        group = monitor.view.shape.group
        wanted = {
            key for key, row in monitor.only.store.tasks.items() if Shape(group=group).shows_task(row, 0)
        }
        assert {row.id for row in rows} == wanted


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_life_it_shows_what_is_true(seed):
    rows = [task(n, S.SUCCESS if n % 3 else S.RUNNING, updated=START) for n in range(1, 31)]
    async with run_fake_monitor(*rows, server=[FakeServer, DistributedServer, LostNode][seed % 3]()) as rig:
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
        rig.backend.failing.clear()
        rig.monitor.only.poller.set_paused(False)
        await rig.clock.advance(60)
        rig.monitor.only.poller.refresh_all()
        await rig.clock.advance(60)
        assert rig.monitor.health.phase is Phase.LIVE
        known = rig.monitor.only.store.tasks
        assert {key: change_task(row, reason=None) for key, row in known.items()} == rig.backend.tasks
        assert {row.reason for row in known.values() if row.status in FAILURES} <= {"1"}, "all are read"
        assert rig.monitor.only.store.newest == max(rig.backend.tasks, key=int, default=None)
        assert rig.monitor.only.store.overlays == {}
        the_view_is_right(rig.monitor)
        assert rig.ears.broken == []
        reported = Counter(r.task.id for r in rig.ears.reports if r.outcome is not Outcome.CAME_BACK)
        assert reported == life.asked, "each is reported once"
        assert all(rig.backend.acts[task_id] <= number for task_id, number in life.asked.items())
        assert rig.backend.acts.keys() <= life.asked.keys()
