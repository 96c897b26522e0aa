"""Finished tasks whose end the server has not written yet."""

from __future__ import annotations

from itertools import pairwise

import pytest

from backend_adapters.errors import Unreachable
from tests.unit.fakes import START, S, task
from tests.unit.monitor_parts import run_poller
from tui.monitor.unwritten_ends import LOOKS_MOST, is_end_unknown

DOWN = Unreachable("No connection to fake.")
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
        ((S.RUNNING, None), (S.FAILED, None), False),
        (None, (S.FAILED, 5), False),
    ],
)
def test_the_end_is_not_known_where_nothing_was_written_since_the_task_began(before, after, unknown):
    known = task(1, before[0], updated=before[1]) if before else None
    assert is_end_unknown(known, task(1, after[0], updated=after[1])) is unknown


def looks(rig):
    return [ids for name, ids in rig.backend.calls if name == "look"]


async def test_a_task_that_ended_before_its_record_was_written_is_looked_at_until_it_is():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.SUCCESS)
        await rig.go(2)
        assert (rig.store.tasks["1"].status, rig.store.tasks["1"].duration) == (S.SUCCESS, 1)
        assert "1" in rig.store.unwritten_ends
        rig.backend.set(1, S.SUCCESS, updated=ENDED)
        await rig.go(2)
        assert rig.store.tasks["1"].duration == ENDED - BEGAN
        assert "1" not in rig.store.unwritten_ends
        rig.backend.calls.clear()
        await rig.go(20)
        assert looks(rig) == []


async def test_a_task_whose_end_is_never_written_is_looked_at_ever_more_seldom():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.FAILED)
        await rig.go(2)
        rig.backend.calls.clear()
        await rig.go(600)
        names = [name for name, _ in rig.backend.calls if name in ("changes", "look")]
        polls = [names[:at].count("changes") for at, name in enumerate(names) if name == "look"]
        assert len(polls) == LOOKS_MOST
        apart = [later - poll for poll, later in pairwise(polls)]
        assert apart == [2**number for number in range(LOOKS_MOST - 1)]
        assert not any(rig.backend.urgent)
        assert "1" in rig.store.unwritten_ends, "how long it took is still not known"


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
        assert looks(rig) == []


async def test_a_look_that_is_not_answered_counts_for_none_and_a_busy_server_is_not_asked():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.SUCCESS)
        await rig.go(2)
        rig.backend.always["changes"] = DOWN
        await rig.go(600)
        del rig.backend.always["changes"]
        rig.backend.is_busy = True
        rig.backend.calls.clear()
        await rig.go(120)
        assert looks(rig) == []
        rig.backend.set(1, S.SUCCESS, updated=ENDED)
        rig.backend.is_busy = False
        await rig.go(4)
        assert rig.store.tasks["1"].duration == ENDED - BEGAN


@pytest.mark.parametrize("between", [{"progress": 7}, {"status": S.UNREADABLE}])
async def test_another_change_meanwhile_does_not_end_the_looks(between):
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.SUCCESS)
        await rig.go(2)
        rig.backend.set(1, **{"status": S.SUCCESS, **between})
        await rig.go(2)
        rig.backend.set(1, S.SUCCESS, updated=ENDED)
        await rig.go(10)
        assert rig.store.tasks["1"].duration == ENDED - BEGAN


async def test_a_task_that_runs_again_is_no_finished_one():
    async with run_poller(task(1, S.RUNNING, created=BEGAN, updated=BEGAN + 1)) as rig:
        await rig.start()
        rig.backend.set(1, S.FAILED)
        await rig.go(2)
        rig.backend.set(1, S.RUNNING)
        await rig.go(2)
        assert "1" not in rig.store.unwritten_ends
