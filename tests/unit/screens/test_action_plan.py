"""What is planned over several places is what each of their servers receives, and nothing else."""

from __future__ import annotations

from random import Random

import pytest

from backend_adapters.errors import Unreachable
from backend_adapters.model import Ability, Action
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import S, task
from tests.unit.joint_monitor import JointMonitor, run_joint_monitor
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.action_plan import explain_marks, plan_action

NAMES = ("dev:social", "stage:social", "prod:social")


def sent(rig: JointMonitor, watched: WatchedPlace) -> list[str]:
    """The ids that the server of a place was asked to act on, each as often."""
    return sorted(args[1] for name, args in rig.backend(watched).calls if name == "act")


@pytest.mark.parametrize("seed", range(25))
async def test_each_server_receives_the_marks_of_its_own_place_once(seed: int) -> None:
    random = Random(seed)
    statuses = (S.RUNNING, S.QUEUED, S.SUCCESS)
    async with run_joint_monitor() as rig:
        places = [rig.add(name, *(task(n, random.choice(statuses)) for n in range(1, 9))) for name in NAMES]
        await rig.start()
        all_tasks = rig.monitor.tasks.list_tasks()
        marked = random.sample(all_tasks, random.randrange(1, len(all_tasks)))
        silent = random.choice([None, *places])
        if silent is not None:
            backend = rig.backend(silent)
            backend.always["changes"] = backend.always["connect"] = Unreachable("gone")
            await rig.clock.advance(40)
        plan = plan_action(rig.monitor, Action.CANCEL, marked)
        if plan.tasks:
            rig.monitor.start_action(Action.CANCEL, plan.tasks)
            await rig.clock.advance(5)
        for place in places:
            meant = [one.id for one in marked if one.place is place.place and not one.status.is_finished]
            assert sent(rig, place) == ([] if place is silent else sorted(meant))
        assert sum(one.number for one in (*plan.places, *plan.left_out)) + plan.skipped == len(marked)


async def test_places_in_production_stand_first_where_a_list_is_cut_last() -> None:
    async with run_joint_monitor() as rig:
        for name in NAMES:
            rig.add(name, task(1), task(2)).place.production = name.startswith("prod")
        await rig.start()
        plan = plan_action(rig.monitor, Action.CANCEL, rig.monitor.tasks.list_tasks())
        assert [place.production for place in plan.places] == [True, False, False]
        assert [one.place.profile for one in plan.tasks] == ["prod"] * 2 + ["dev"] * 2 + ["stage"] * 2


async def test_why_none_of_many_marks_can_be_acted_on() -> None:
    async with run_joint_monitor() as rig:
        dev = rig.add("dev:social", task(1), task(2, S.SUCCESS))
        rig.add("replica:social", task(1), may_act=Ability(False, "Read-only mode: nothing was sent."))
        await rig.start()
        first, second, third = "1/1", "1/2", "2/1"
        going = list(rig.monitor.tasks.iter_unfinished())
        of_replica = [one for one in going if one.place is not dev.place]
        assert explain_marks(rig.monitor, Action.CANCEL, [first, third], going) == ""
        said = explain_marks(rig.monitor, Action.CANCEL, [second, third], of_replica)
        assert said == "replica:social: Read-only mode: nothing was sent."
        assert explain_marks(rig.monitor, Action.DELETE, [second, third], of_replica) == ""
        assert explain_marks(rig.monitor, Action.DELETE, [third], of_replica) == said


async def test_the_only_place_says_itself_why_nothing_can_be_done() -> None:
    async with run_fake_monitor(task(1), task(2)) as rig:
        said = explain_marks(rig.monitor, Action.DELETE, ["1", "2"], [])
        assert said == "Not connected to the server yet."
