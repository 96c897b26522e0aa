"""A filter of which a person is told whenever a task comes to match, and never of what is only read late."""

from __future__ import annotations

import pytest

from backend_adapters.model import change_task
from tests.unit.fake_monitor import FakeMonitor, run_fake_monitor
from tests.unit.fakes import START, S, task
from tests.unit.joint_monitor import run_joint_monitor
from tui.monitor.filters import FilterError, compile_filter
from tui.monitor.match_watch import MatchWatch
from tui.monitor.store import Change
from tui.monitor.view import TAB_GROUPS, Shape


def watch(rig: FakeMonitor, text: str, group: int = 0) -> MatchWatch:
    shape = Shape(filter=compile_filter(text), group=TAB_GROUPS[group])
    return MatchWatch(shape, rig.monitor.find_place, rig.clock.now)


def found(asked: MatchWatch, *changes: Change) -> list[str]:
    return [one.id for one in asked.find_matches(changes)]


async def test_a_new_task_and_one_that_changes_so_that_it_matches_are_told_once() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        asked = watch(rig, "status=failed")
        failed = task(1, S.FAILED, updated=START + 5)
        assert found(asked, Change(task(1), failed)) == ["1"]
        assert found(asked, Change(failed, change_task(failed, reason="x"))) == []
        new = task(2, S.FAILED, created=START + 1_000, updated=START + 2_000)
        assert found(asked, Change(None, new), Change(None, task(3, created=START + 1_000))) == ["2"]


async def test_old_tasks_that_are_only_read_now_are_not_new() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        asked = watch(rig, "job")
        old = task(2, S.SUCCESS, created=START - 60_000, updated=START - 50_000)
        assert found(asked, Change(None, old)) == []
        by_reason = watch(rig, "reason=memory")
        failed = task(3, S.FAILED, created=START - 60_000, updated=START - 50_000)
        assert found(by_reason, Change(failed, change_task(failed, reason="out of memory"))) == []


async def test_a_waiting_job_without_a_time_is_new_once_all_are_known() -> None:
    async with run_fake_monitor(task(1)) as rig:
        asked = watch(rig, "job")
        waiting = task(2, S.QUEUED, created=None)
        assert found(asked, Change(None, waiting)) == []
        await rig.start()
        await rig.clock.advance(30)
        assert rig.monitor.health.scanned
        assert found(asked, Change(None, waiting)) == ["2"]


async def test_one_that_takes_the_id_of_another_is_told_of_again() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        asked = watch(rig, "job")
        first, second = task(2, created=START + 1), task(2, created=START + 9_000)
        assert found(asked, Change(None, first)) == ["2"]
        assert found(asked, Change(first, second)) == ["2"]
        assert found(asked, Change(second, None)) == []
        assert found(asked, Change(None, second)) == ["2"]


async def test_the_status_tab_is_a_part_of_it() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        asked = watch(rig, "job", group=4)
        assert asked.name == "failed job"
        assert found(asked, Change(None, task(2, created=START + 1))) == []
        failed = task(2, S.FAILED, created=START + 1)
        assert found(asked, Change(task(2, created=START + 1), failed)) == ["2"]


async def test_a_hidden_place_is_not_told_of() -> None:
    async with run_joint_monitor() as rig:
        rig.add("prod:g", task(1))
        dev = rig.add("dev:g", task(1))
        await rig.start()
        asked = MatchWatch(Shape(filter=compile_filter("job")), rig.monitor.find_place, rig.clock.now)
        new = task(2, created=START + 1, place=dev.place)
        rig.monitor.hide_place(dev)
        assert asked.find_matches([Change(None, new)]) == []
        rig.monitor.show_place(dev)
        assert asked.find_matches([Change(None, new)]) == [new]


async def test_a_pattern_that_takes_too_long_is_an_error() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        asked = watch(rig, "/(x+x+)+y/")
        with pytest.raises(FilterError):
            found(asked, Change(None, task(2, created=START + 1, name="x" * 5_000)))
