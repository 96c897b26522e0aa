"""Ages by the server's clock, which may be days off from this machine's."""

from __future__ import annotations

import pytest

from backend_adapters.errors import Unreachable
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, FakeBackend, FakeClock, S, run_until_idle, task
from tui.monitor.filters import compile_filter
from tui.monitor.health import Phase
from tui.monitor.server_time import ServerTime
from tui.monitor.stuck import find_stuck_ids
from tui.monitor.view import Shape
from tui.screens.tasks.header_state import get_shown_time, read_tabs_state

DAY = 86_400


@pytest.mark.parametrize(("told", "ahead"), [
    (None, 0), (-57 * 365.0 * DAY, 0), (0.0, 0), (5.0, 0), (-5.0, 0),
    (5.2, 5200), (-5.2, -5200), (2 * DAY, 172_800_000),
])  # fmt: skip
def test_the_server_is_believed_where_it_tells_another_time(told, ahead):
    backend = FakeBackend(FakeClock())
    backend.clock_ahead = told
    time = ServerTime(backend, backend.clock)
    assert (time.ahead, time.now()) == (ahead, START + ahead)


def test_a_date_of_whole_seconds_makes_no_age_jump_and_a_corrected_clock_is_followed():
    backend = FakeBackend(FakeClock())
    time = ServerTime(backend, backend.clock)
    seen = []
    for told in (100.0, 99.2, 104.9, None, 95.1, 106.0, 1.0):
        backend.clock_ahead = told
        seen.append(time.ahead)
    assert seen == [100_000, 100_000, 100_000, 100_000, 100_000, 106_000, 0]


async def test_everything_about_tasks_is_by_the_servers_clock():
    born = START - 2 * DAY * 1000
    tasks = (
        task(1, S.RUNNING, created=born - 60_000, updated=born - 60_000),
        task(2, S.CANCELLING, created=born - 600_000, updated=born - 61_000),
        task(3, S.SUCCESS, created=born - 160_000, updated=born - 70_000),
    )
    async with run_fake_monitor(*tasks) as rig:
        rig.backend.clock_ahead = -2.0 * DAY
        await rig.start()
        monitor = rig.monitor
        assert monitor.only.store.since["1"] == monitor.only.store.now() == born
        assert monitor.only.find_silence(monitor.only.store.tasks["1"]) is None
        assert find_stuck_ids(monitor.only.store, monitor.only.store.now()) == ["2"]
        assert read_tabs_state(monitor).per_minute[-2:] == (1, 0)
        assert get_shown_time(monitor) == born
        monitor.show_shape(Shape(filter=compile_filter("took>50s took<2m")))
        await run_until_idle()
        assert rig.ids() == "1 3"


async def test_while_nobody_answers_ages_stand_still_at_the_servers_time():
    async with run_fake_monitor(task(1, S.RUNNING)) as rig:
        rig.backend.clock_ahead = 100.0
        await rig.start()
        rig.backend.always["changes"] = Unreachable("It is gone.")
        await rig.clock.advance(60)
        assert rig.monitor.health.phase is Phase.OFFLINE
        assert get_shown_time(rig.monitor) == rig.monitor.health.last_ok + 100_000


@pytest.mark.parametrize(("before", "then"), [(0.0, 3600.0), (2.0 * DAY, 0.0), (-3600.0, 3600.0)])
async def test_what_was_seen_is_as_long_ago_as_it_was_after_the_servers_clock_was_set(before, then):
    async with run_fake_monitor(task(1, S.RUNNING, created=None), task(2, S.CANCELLING, created=None)) as rig:
        rig.backend.clock_ahead = before
        await rig.start()
        monitor = rig.monitor
        rig.backend.set(1, S.RUNNING, progress=7)
        await rig.clock.advance(30)
        rig.backend.clock_ahead = then
        await rig.clock.advance(25)
        assert find_stuck_ids(monitor.only.store, monitor.only.store.now()) == []
        await rig.clock.advance(10)
        assert find_stuck_ids(monitor.only.store, monitor.only.store.now()) == ["2"]
        assert monitor.only.find_silence(monitor.only.store.tasks["1"]) is None
        await rig.clock.advance(3600)
        silence = monitor.only.find_silence(monitor.only.store.tasks["1"])
        assert silence is not None
        assert 3_660_000 <= silence.length < 3_720_000
