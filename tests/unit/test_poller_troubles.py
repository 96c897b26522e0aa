"""The refresh when the server fails, when a person pauses it, and when it is ended."""

from __future__ import annotations

from itertools import pairwise

import pytest

from backend_adapters.errors import NotLoggedIn, TimedOut, Unreachable
from tests.unit.fakes import settle, task
from tests.unit.rigs import history, running
from tui.monitor.poller import BACKOFF_MOST, GLANCE_EVERY, Phase

DOWN = Unreachable("No connection to fake.")
DENIED = NotLoggedIn("The password is wrong.")


# Failures.


async def test_a_server_that_is_down_is_asked_again_more_and_more_slowly():
    async with running() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        times = [rig.clock.time]
        while len(times) < 12:
            assert (rig.health.phase, rig.health.error) == (Phase.OFFLINE, DOWN)
            due = rig.health.retry_at
            await rig.go(due - rig.clock.time - 0.001)
            assert rig.backend.count("connect") == len(times)
            await rig.go(0.002)
            times.append(due)
            assert rig.backend.count("connect") == len(times)
        pauses = [later - earlier for earlier, later in pairwise(times)]
        for number, pause in enumerate(pauses):
            longest = min(BACKOFF_MOST, 2.0**number)
            assert longest / 2 - 0.01 <= pause <= longest + 0.01
        assert len({round(pause, 3) for pause in pauses[5:]}) > 1, "jittered"


async def test_it_goes_on_for_days_without_a_server():
    async with running() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(48 * 3600)
        assert rig.health.phase is Phase.OFFLINE
        del rig.backend.always["connect"]
        await rig.go(31)
        assert rig.health.phase is Phase.LIVE


async def test_the_server_may_say_how_long_to_wait():
    async with running() as rig:
        rig.backend.faults["connect"] = [Unreachable("busy", retry_after=17.0)]
        await rig.start()
        assert rig.health.retry_at == rig.clock.time + 17
        await rig.go(16.9)
        assert rig.backend.count("connect") == 1
        await rig.go(0.2)
        assert rig.health.phase is Phase.LIVE


async def test_recovery_connects_again_scans_again_and_loses_nothing_on_the_way():
    async with running(*history(20)) as rig:
        await rig.start()
        rig.backend.always["changes"] = DOWN
        await rig.go(2)
        assert (rig.health.phase, rig.health.info, len(rig.store)) == (Phase.OFFLINE, None, 20)
        last_ok = rig.health.last_ok
        await rig.go(60)
        assert rig.health.last_ok == last_ok
        del rig.backend.always["changes"]
        rig.backend.drop(4)
        rig.backend.calls.clear()
        await rig.go(31)
        assert rig.names[:2] == ["connect", "snapshot"]
        assert (rig.health.phase, rig.health.error, rig.health.retry_at) == (Phase.LIVE, None, None)
        assert rig.health.info is not None
        assert "4" not in rig.store.tasks


async def test_after_a_recovery_the_backoff_begins_anew():
    async with running() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(120)
        del rig.backend.always["connect"]
        await rig.go(40)
        rig.backend.faults["changes"] = [TimedOut("once")]
        while rig.health.phase is Phase.LIVE:
            await rig.go(0.05)
        assert rig.health.retry_at - rig.clock.time <= 1.0


@pytest.mark.parametrize("call", ["connect", "snapshot", "page", "changes", "look"])
async def test_what_a_person_must_mend_waits_for_the_person(call):
    async with running(*history(3)) as rig:
        rig.visible = ["3"]
        rig.backend.always[call] = DENIED
        await rig.start()
        await rig.go(1)
        asked = len(rig.backend.calls)
        await rig.go(3600)
        assert len(rig.backend.calls) == asked, "nothing is asked again and again"
        assert (rig.health.phase, rig.health.error, rig.health.retry_at) == (Phase.BLOCKED, DENIED, None)
        assert rig.backend.snapshots_ended == rig.backend.count("snapshot")
        rig.backend.always.clear()
        rig.poller.wake()
        await settle()
        assert rig.health.phase is Phase.LIVE


@pytest.mark.parametrize("call", ["snapshot", "page"])
async def test_a_scan_that_fails_at_once_is_backed_off_from(call):
    async with running(*history(30)) as rig:
        rig.backend.always[call] = TimedOut("too slow")
        await rig.start()
        await rig.go(1)
        assert rig.health.phase is Phase.OFFLINE
        assert rig.health.error is rig.backend.always[call]
        await rig.go(120)
        assert 5 <= rig.backend.count("snapshot") <= 14
        rig.backend.always.clear()
        await rig.go(31)
        assert (rig.health.phase, len(rig.store)) == (Phase.LIVE, 30)


async def test_a_scan_that_fails_in_the_middle_is_told_and_begun_anew():
    async with running(*history(35)) as rig:
        rig.backend.delays["page"] = 3.0
        rig.backend.faults["page"] = [None, None, DOWN]
        await rig.start()
        await rig.go(9)
        assert (rig.health.phase, rig.health.error) == (Phase.OFFLINE, DOWN)
        assert (rig.health.scanning, rig.health.scanned, len(rig.store)) == (False, False, 20)
        await rig.go(16)
        assert (rig.health.phase, rig.health.error) == (Phase.LIVE, None)
        assert (rig.health.scanned, len(rig.store), rig.backend.count("snapshot")) == (True, 35, 2)


async def test_a_scan_that_never_comes_through_is_tried_more_and_more_seldom():
    async with running(*history(35)) as rig:
        rig.backend.delays["page"] = 1.0

        def broken():
            rig.backend.faults["page"] = [None, TimedOut("too slow")] * 500

        broken()
        await rig.start()
        await rig.go(600)
        assert rig.backend.count("snapshot") <= 600 / 15
        rig.backend.faults.clear()
        await rig.go(60)
        assert rig.health.scanned
        rig.backend.faults["changes"] = [DOWN]
        while rig.health.phase is Phase.LIVE:
            await rig.go(0.05)
        assert rig.health.retry_at - rig.clock.time <= 1.0, "it has recovered"


async def test_a_look_after_a_scan_that_fails_fails_the_scan():
    async with running(*history(35)) as rig:
        await rig.start()
        rig.backend.drop(3)
        rig.backend.faults["look"] = [DOWN]
        rig.poller.refresh()
        await settle()
        assert rig.health.phase is Phase.OFFLINE
        assert "3" in rig.store.tasks, "not known to be gone"
        await rig.go(5)
        assert rig.health.phase is Phase.LIVE
        assert "3" not in rig.store.tasks


async def test_a_failing_poll_ends_the_scan_beside_it():
    async with running(*history(35)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(5)
        rig.backend.always["changes"] = DOWN
        await rig.go(2)
        assert rig.health.phase is Phase.OFFLINE
        assert not rig.health.scanning
        assert rig.backend.snapshots_ended == 1


# Pause.


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


# The end.


@pytest.mark.parametrize("where", ["connect", "page", "changes", "look", "rest"])
async def test_cancelled_it_ends_with_its_scan(where):
    async with running(*history(35)) as rig:
        rig.visible = ["35"]
        if where in ("page", "connect"):
            rig.backend.delays[where] = 5.0
        await rig.start()
        if where in ("changes", "look"):
            rig.backend.delays[where] = 5.0
            await rig.go(GLANCE_EVERY + 2)
        rig.run.cancel()
        await settle()
        assert rig.run.cancelled()
        assert rig.backend.snapshots_ended == rig.backend.count("snapshot")
        assert not any(rig.backend.in_flight.values())
        assert not rig.health.scanning


async def test_a_fault_of_our_own_is_not_taken_for_one_of_the_servers():
    async with running() as rig:

        async def broken(known):
            raise ZeroDivisionError

        rig.backend.changes = broken
        await rig.start()
        assert isinstance(rig.run.exception(), ZeroDivisionError)
        assert rig.health.phase is not Phase.OFFLINE
