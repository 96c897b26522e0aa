"""The refresh while a person pauses it."""

from __future__ import annotations

import pytest

from backend_adapters.errors import Busy, NotLoggedIn, Unreachable
from tests.unit.fakes import run_until_idle, task
from tests.unit.monitor_parts import make_history, run_poller
from tui.monitor.health import Phase

DOWN = Unreachable("No connection to fake.")
DENIED = NotLoggedIn("The password is wrong.")


async def test_paused_it_asks_nothing_and_resumed_it_asks_at_once():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.poller.set_paused(True)
        await run_until_idle()
        assert rig.health.phase is Phase.PAUSED
        rig.backend.calls.clear()
        await rig.go(3600)
        assert rig.backend.calls == []
        rig.backend.put(task(4))
        rig.poller.set_paused(False)
        await run_until_idle()
        assert rig.health.phase is Phase.LIVE
        assert "4" in rig.store.tasks


async def test_a_refresh_while_paused_asks_once_and_stays_paused():
    async with run_poller(*make_history(30)) as rig:
        await rig.start()
        rig.poller.set_paused(True)
        await run_until_idle()
        rig.backend.calls.clear()
        rig.backend.drop(3)
        rig.backend.put(task(31))
        rig.poller.refresh_all()
        await rig.go(100)
        assert rig.backend.count("snapshot") == 1
        assert rig.backend.count("changes") == 1
        assert rig.health.phase is Phase.PAUSED
        assert "3" not in rig.store.tasks
        assert "31" in rig.store.tasks


async def test_a_wake_while_paused_asks_nothing():
    async with run_poller() as rig:
        await rig.start()
        rig.poller.set_paused(True)
        await run_until_idle()
        rig.backend.calls.clear()
        rig.poller.poll_now()
        rig.poller.set_interval(5.0)
        await rig.go(100)
        assert rig.backend.calls == []


async def test_paused_while_offline_it_asks_nothing_until_resumed():
    async with run_poller() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(3)
        rig.poller.set_paused(True)
        await run_until_idle()
        asked = len(rig.backend.calls)
        await rig.go(600)
        assert len(rig.backend.calls) == asked
        assert (rig.health.phase, rig.health.retry_at) == (Phase.PAUSED, None)
        rig.poller.set_paused(False)
        assert rig.health.phase is Phase.CONNECTING, "nothing has shown yet that it is live"
        await run_until_idle()
        assert rig.health.phase is Phase.OFFLINE
        del rig.backend.always["connect"]
        await rig.go(31)
        assert rig.health.phase is Phase.LIVE


async def test_a_refresh_while_paused_that_fails_is_not_repeated_by_itself():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.poller.set_paused(True)
        await run_until_idle()
        rig.backend.always["connect"] = rig.backend.always["changes"] = DOWN
        rig.poller.refresh_all()
        await run_until_idle()
        asked = len(rig.backend.calls)
        await rig.go(600)
        assert len(rig.backend.calls) == asked
        assert (rig.health.error, rig.health.retry_at) == (DOWN, None)
        rig.backend.always.clear()
        rig.poller.set_paused(False)
        await run_until_idle()
        assert (rig.health.phase, rig.health.error) == (Phase.LIVE, None)


async def test_a_refresh_while_paused_that_could_not_even_connect_is_over_too():
    async with run_poller() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        rig.poller.set_paused(True)
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.backend.count("connect") == 2
        rig.poller.poll_now()
        await rig.go(600)
        assert rig.backend.count("connect") == 2
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.backend.count("connect") == 3


async def test_a_pause_during_a_poll_keeps_its_answer_and_asks_no_more():
    async with run_poller() as rig:
        rig.backend.delays["changes"] = 5.0
        await rig.start()
        rig.poller.set_paused(True)
        rig.backend.put(task(1))
        await rig.go(6)
        assert (rig.ids, rig.health.phase) == ("1", Phase.PAUSED)
        asked = len(rig.backend.calls)
        await rig.go(100)
        assert len(rig.backend.calls) == asked


# While another window has the focus.


@pytest.mark.parametrize(
    ("interval", "pace"), [(0.5, 2.5), (1.0, 5.0), (2.0, 10.0), (5.0, 25.0), (10.0, 30.0), (60.0, 60.0)]
)
async def test_without_the_focus_it_polls_more_slowly(interval, pace):
    async with run_poller(interval=interval) as rig:
        await rig.start()
        rig.poller.set_focused(False)
        assert (rig.poller.poll_pause, rig.poller.is_slowed) == (pace, True)
        await rig.go(interval)
        rig.backend.calls.clear()
        await rig.go(10 * pace)
        assert rig.backend.count("changes") == 10


async def test_the_focus_comes_back_and_it_polls_at_once_and_as_before():
    async with run_poller(interval=2.0) as rig:
        await rig.start()
        rig.poller.set_focused(False)
        await rig.go(3)
        rig.backend.calls.clear()
        rig.poller.set_focused(True)
        await run_until_idle()
        assert rig.backend.count("changes") == 1
        await rig.go(20)
        assert rig.backend.count("changes") == 11
        rig.poller.set_focused(True)
        await run_until_idle()
        assert rig.backend.count("changes") == 11, "it was there already"


async def test_an_action_is_followed_at_the_full_pace_whoever_looks():
    async with run_poller(interval=2.0) as rig:
        await rig.start()
        busy = True
        rig.poller._busy = lambda: busy
        rig.poller.set_focused(False)
        assert (rig.poller.poll_pause, rig.poller.is_slowed) == (2.0, False)
        rig.backend.calls.clear()
        await rig.go(20)
        assert rig.backend.count("changes") == 10
        busy = False
        await rig.go(2)
        rig.backend.calls.clear()
        await rig.go(50)
        assert rig.backend.count("changes") == 5


async def test_the_focus_neither_ends_a_pause_nor_what_the_server_asked_for():
    async with run_poller() as rig:
        await rig.start()
        rig.poller.set_paused(True)
        await run_until_idle()
        rig.backend.calls.clear()
        rig.poller.set_focused(False)
        rig.poller.set_focused(True)
        await rig.go(100)
        assert rig.backend.calls == []
        rig.backend.faults["changes"] = [Busy("busy", retry_after=17.0)]
        rig.poller.set_paused(False)
        await run_until_idle()
        due = rig.health.retry_at
        rig.poller.set_focused(False)
        rig.poller.set_focused(True)
        await run_until_idle()
        assert (rig.backend.count("changes"), rig.health.retry_at) == (1, due)


async def test_where_nothing_goes_on_it_asks_seldom_and_more_seldom_while_none_of_it_is_on_the_screen():
    async with run_poller(*make_history(3)) as rig:
        rig.poller.quiet_pause, rig.poller.hidden_pause = 15.0, 50.0
        rig.poller.set_shown(False)
        await rig.start()
        assert rig.poller.poll_pause == 50
        rig.backend.calls.clear()
        await rig.go(49)
        assert rig.backend.calls == []
        await rig.go(2)
        assert rig.backend.count("changes") == 1
        rig.poller.set_shown(True)
        await rig.go(0.1)
        assert rig.backend.count("changes") == 1, "it was asked a second ago"
        assert rig.poller.poll_pause == 15


async def test_a_place_that_comes_to_the_screen_is_asked_at_once_where_it_was_long_ago():
    async with run_poller(*make_history(3)) as rig:
        rig.poller.quiet_pause, rig.poller.hidden_pause = 15.0, 50.0
        rig.poller.set_shown(False)
        await rig.start()
        rig.backend.calls.clear()
        await rig.go(20)
        rig.poller.set_shown(True)
        await rig.go(0.1)
        assert rig.backend.count("changes") == 1


async def test_a_place_that_comes_to_the_screen_with_its_first_tasks_is_not_asked_twice():
    async with run_poller(*make_history(3)) as rig:
        rig.poller.quiet_pause, rig.poller.hidden_pause = 15.0, 50.0
        rig.poller.set_shown(False)
        connect = rig.backend.connect

        async def connect_on_screen(*, then_snapshot=False):
            rig.poller.set_shown(True)
            return await connect(then_snapshot=then_snapshot)

        rig.backend.connect = connect_on_screen
        await rig.start()
        await rig.go(14)
        assert rig.backend.count("changes") == 1


async def test_where_a_task_runs_it_asks_at_the_interval_though_it_is_not_on_the_screen():
    async with run_poller(*make_history(3), task(4)) as rig:
        rig.poller.quiet_pause, rig.poller.hidden_pause = 15.0, 50.0
        rig.poller.set_shown(False)
        await rig.start()
        assert rig.poller.poll_pause == 2
