"""Failures that somebody has not seen yet, for the terminal's title."""

from __future__ import annotations

from backend_adapters.model import change_task
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, S, task, unreadable_task
from tui.monitor.recent_changes import RecentFailures
from tui.monitor.store import Change


async def test_only_what_fails_while_somebody_watches_is_counted_until_somebody_looks() -> None:
    async with run_fake_monitor(task(1)) as rig:
        await rig.start()
        failures = RecentFailures(rig.monitor.find_place, rig.clock.now)
        failed = task(1, S.FAILED, updated=START + 1)
        failures.note_changes([Change(task(1), failed), Change(task(2), task(2, S.SUCCESS))])
        assert failures.count == 1
        failures.note_changes([Change(failed, change_task(failed, reason="x")), Change(failed, None)])
        old = task(3, S.FAILED, created=START - 60_000)
        failures.note_changes([Change(None, old), Change(unreadable_task(4), task(4, S.FAILED))])
        assert failures.count == 1
        failures.note_changes([Change(None, task(5, S.FAILED, created=START + 1_000))])
        assert failures.count == 2
        failures.reset()
        assert failures.count == 0
