"""Finished tasks whose end the server has not written yet."""

from __future__ import annotations

import pytest

from tests.unit.fakes import START, S, task
from tests.unit.monitor_parts import run_poller
from tui.monitor.unwritten_ends import LOOKS_MOST, is_end_unknown

BEGAN, ENDED = START - 21_600_000, START + 1_000


@pytest.mark.parametrize(
    ("before", "after", "unknown"),
    [
        ((S.RUNNING, 5), (S.FAILED, 5), True),
        ((S.RUNNING, 5), (S.FAILED, 6), False),
        ((S.RUNNING, 5), (S.SUCCESS, 5), True),
        ((S.RUNNING, 5), (S.SUCCESS, 6), False),
        ((S.RUNNING, 5), (S.RUNNING, 5), False),
        ((S.QUEUED, 5), (S.FAILED, 5), False),
        ((S.SUCCESS, 5), (S.SUCCESS, 5), False),
        (None, (S.FAILED, 5), False),
    ],
)
def test_the_end_is_not_known_where_nothing_was_written_since_the_task_began(before, after, unknown):
    known = task(1, before[0], updated=before[1]) if before else None
    assert is_end_unknown(known, task(1, after[0], updated=after[1])) is unknown


async def test_a_task_that_ended_before_its_record_was_written_is_looked_at_until_it_is():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.SUCCESS)
        await rig.go(2)
        assert (rig.store.tasks["1"].status, rig.store.tasks["1"].duration) == (S.SUCCESS, 1)
        rig.backend.set(1, S.SUCCESS, updated=ENDED)
        await rig.go(2)
        assert rig.store.tasks["1"].duration == ENDED - BEGAN
        rig.backend.calls.clear()
        await rig.go(20)
        asked = [known.unfinished for name, known in rig.backend.calls if name == "changes"]
        assert set(map(frozenset, asked)) == {frozenset()}


async def test_a_task_whose_end_is_never_written_is_looked_at_ever_more_seldom():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.FAILED)
        await rig.go(2)
        rig.backend.calls.clear()
        await rig.go(600)
        polls = [known.unfinished for name, known in rig.backend.calls if name == "changes"]
        assert len(polls) > 200
        assert sum("1" in unfinished for unfinished in polls) == LOOKS_MOST
        assert all("1" in unfinished for unfinished in polls[:2])


async def test_a_task_that_was_deleted_meanwhile_is_not_looked_at():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.SUCCESS)
        await rig.go(2)
        rig.backend.drop(1)
        await rig.go(2)
        assert rig.ids == ""
        rig.backend.calls.clear()
        await rig.go(10)
        assert all(not known.unfinished for name, known in rig.backend.calls if name == "changes")
