"""The refresh while a person pauses it."""

from __future__ import annotations

from backend_adapters.errors import NotLoggedIn, Unreachable
from tests.unit.fakes import settle, task
from tests.unit.rigs import history, running
from tui.monitor.poller import Phase

DOWN = Unreachable("No connection to fake.")
DENIED = NotLoggedIn("The password is wrong.")


async def test_paused_it_asks_nothing_and_resumed_it_asks_at_once():
    async with running(*history(3)) as rig:
        await rig.start()
        rig.poller.pause(True)
        await settle()
        assert rig.health.phase is Phase.PAUSED
        rig.backend.calls.clear()
        await rig.go(3600)
        assert rig.backend.calls == []
        rig.backend.put(task(4))
        rig.poller.pause(False)
        await settle()
        assert rig.health.phase is Phase.LIVE
        assert "4" in rig.store.tasks


async def test_a_refresh_while_paused_asks_once_and_stays_paused():
    async with running(*history(30)) as rig:
        await rig.start()
        rig.poller.pause(True)
        await settle()
        rig.backend.calls.clear()
        rig.backend.drop(3)
        rig.backend.put(task(31))
        rig.poller.refresh()
        await rig.go(100)
        assert rig.backend.count("snapshot") == 1
        assert rig.backend.count("changes") == 1
        assert rig.health.phase is Phase.PAUSED
        assert "3" not in rig.store.tasks
        assert "31" in rig.store.tasks


async def test_a_wake_while_paused_asks_nothing():
    async with running() as rig:
        await rig.start()
        rig.poller.pause(True)
        await settle()
        rig.backend.calls.clear()
        rig.poller.wake()
        rig.poller.set_interval(5.0)
        await rig.go(100)
        assert rig.backend.calls == []


async def test_paused_while_offline_it_asks_nothing_until_resumed():
    async with running() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(3)
        rig.poller.pause(True)
        await settle()
        asked = len(rig.backend.calls)
        await rig.go(600)
        assert len(rig.backend.calls) == asked
        assert (rig.health.phase, rig.health.retry_at) == (Phase.PAUSED, None)
        rig.poller.pause(False)
        assert rig.health.phase is Phase.CONNECTING, "nothing has shown yet that it is live"
        await settle()
        assert rig.health.phase is Phase.OFFLINE
        del rig.backend.always["connect"]
        await rig.go(31)
        assert rig.health.phase is Phase.LIVE


async def test_a_refresh_while_paused_that_fails_is_not_repeated_by_itself():
    async with running(*history(3)) as rig:
        await rig.start()
        rig.poller.pause(True)
        await settle()
        rig.backend.always["connect"] = rig.backend.always["changes"] = DOWN
        rig.poller.refresh()
        await settle()
        asked = len(rig.backend.calls)
        await rig.go(600)
        assert len(rig.backend.calls) == asked
        assert (rig.health.error, rig.health.retry_at) == (DOWN, None)
        rig.backend.always.clear()
        rig.poller.pause(False)
        await settle()
        assert (rig.health.phase, rig.health.error) == (Phase.LIVE, None)


async def test_a_pause_during_a_poll_keeps_its_answer_and_asks_no_more():
    async with running() as rig:
        rig.backend.delays["changes"] = 5.0
        await rig.start()
        rig.poller.pause(True)
        rig.backend.put(task(1))
        await rig.go(6)
        assert (rig.ids, rig.health.phase) == ("1", Phase.PAUSED)
        asked = len(rig.backend.calls)
        await rig.go(100)
        assert len(rig.backend.calls) == asked
