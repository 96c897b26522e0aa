"""The refresh when the server fails, and when it is ended."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
)
from tests.unit.fakes import INFO, run_until_idle, task
from tests.unit.monitor_parts import make_history, run_poller
from tui.monitor import poller
from tui.monitor.health import Phase

DOWN = Unreachable("No connection to fake.")
DENIED = NotLoggedIn("The password is wrong.")


# Failures.


async def test_a_server_that_is_down_is_asked_again_more_and_more_slowly():
    async with run_poller() as rig:
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
            longest = min(30.0, 2.0**number)
            assert longest / 2 - 0.01 <= pause <= longest + 0.01
        assert len({round(pause, 3) for pause in pauses[5:]}) > 1, "jittered"


async def test_it_goes_on_for_days_without_a_server():
    async with run_poller() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(48 * 3600)
        assert rig.health.phase is Phase.OFFLINE
        del rig.backend.always["connect"]
        await rig.go(31)
        assert rig.health.phase is Phase.LIVE


async def test_the_server_may_say_how_long_to_wait():
    async with run_poller() as rig:
        rig.backend.faults["connect"] = [Unreachable("busy", retry_after=17.0)]
        await rig.start()
        assert rig.health.retry_at == rig.clock.time + 17
        await rig.go(16.9)
        assert rig.backend.count("connect") == 1
        await rig.go(0.2)
        assert rig.health.phase is Phase.LIVE


@pytest.mark.parametrize(("asked", "waits"), [
    (1e9, 300.0), (float("inf"), 300.0), (301.0, 300.0), (float("nan"), 1.0), (-3.0, 1.0), (0.0, 1.0),
])  # fmt: skip
async def test_no_server_can_make_it_wait_for_ever_or_not_at_all(asked, waits):
    async with run_poller() as rig:
        rig.backend.faults["connect"] = [Busy("busy", retry_after=asked)]
        await rig.start()
        assert waits / 2 <= rig.health.retry_at - rig.clock.time <= waits
        await rig.go(waits + 0.1)
        assert rig.health.phase is Phase.LIVE


async def test_another_interval_does_not_cut_a_pause_after_a_failure_short():
    async with run_poller() as rig:
        rig.backend.faults["changes"] = [Busy("busy", retry_after=17.0)]
        await rig.start()
        due = rig.health.retry_at
        rig.poller.set_interval(0.5)
        await rig.go(16.9)
        assert (rig.backend.count("changes"), rig.health.retry_at) == (1, due)
        await rig.go(0.2)
        assert (rig.health.phase, rig.health.retry_at) == (Phase.LIVE, None)
        rig.backend.calls.clear()
        await rig.go(10)
        assert rig.backend.count("changes") == 20


@pytest.mark.parametrize("kind", [Busy, TimedOut, ServerFault, BadAnswer])
async def test_one_bad_answer_neither_connects_nor_scans_anew(kind):
    async with run_poller(*make_history(35)) as rig:
        await rig.start()
        rig.backend.faults["changes"] = [kind("once")]
        rig.backend.calls.clear()
        await rig.go(2)
        assert (rig.health.phase, rig.health.info) == (Phase.OFFLINE, INFO)
        await rig.go(10)
        assert (rig.health.phase, rig.health.error) == (Phase.LIVE, None)
        assert set(rig.names) <= {"changes", "look"}


@pytest.mark.parametrize("kind", [Unreachable, Starting])
async def test_a_server_that_may_have_restarted_is_connected_to_and_scanned_anew(kind):
    async with run_poller(*make_history(5)) as rig:
        await rig.start()
        rig.backend.faults["changes"] = [kind("restarts")]
        rig.backend.calls.clear()
        await rig.go(2)
        assert (rig.health.phase, rig.health.info) == (Phase.OFFLINE, None)
        await rig.go(5)
        assert rig.names[:3] == ["changes", "connect", "snapshot"]
        assert rig.backend.count("snapshot") == 1


async def test_a_poll_that_fails_leaves_the_scan_beside_it_alone():
    async with run_poller(*make_history(35)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(5)
        rig.backend.faults["changes"] = [Busy("once"), Busy("twice")]
        await rig.go(25)
        assert (rig.health.phase, rig.health.scanned, len(rig.store)) == (Phase.LIVE, True, 35)
        assert rig.backend.count("snapshot") == 1


async def test_a_scan_that_a_failure_ended_is_begun_anew_after_a_pause():
    async with run_poller(*make_history(35)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(5)
        rig.backend.faults["changes"] = [Busy("once")]
        rig.poller.set_paused(True)
        rig.poller.refresh_all()
        await rig.go(1)
        assert (rig.health.phase, rig.health.scanning) == (Phase.OFFLINE, False)
        rig.poller.set_paused(False)
        assert rig.health.phase is Phase.CONNECTING, "nothing has shown yet that it is live"
        await rig.go(30)
        assert (rig.health.phase, rig.health.scanned, len(rig.store)) == (Phase.LIVE, True, 35)


async def test_records_that_could_not_be_read_are_told_and_taken_back():
    async with run_poller(task(1), *make_history(3)[1:]) as rig:
        rig.visible = ["2"]
        await rig.start()
        assert rig.health.note == ""
        rig.backend.unreadable = {"1"}
        await rig.go(2)
        assert rig.health.note == "1 records could not be read."
        assert "1" in rig.store.tasks
        rig.backend.unreadable = {"2"}
        await rig.go(2)
        assert rig.health.note == ""
        await rig.go(17)
        assert rig.health.note == "1 records could not be read."
        await rig.go(4)
        assert rig.health.note == "1 records could not be read.", "a poll says nothing of what a look met"
        rig.backend.unreadable = set()
        await rig.go(17)
        assert rig.health.note == ""


async def test_recovery_connects_again_scans_again_and_loses_nothing_on_the_way():
    async with run_poller(*make_history(20)) as rig:
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
    async with run_poller() as rig:
        rig.backend.always["connect"] = DOWN
        await rig.start()
        await rig.go(120)
        del rig.backend.always["connect"]
        await rig.go(40)
        rig.backend.faults["changes"] = [TimedOut("once")]
        while rig.health.phase is Phase.LIVE:
            await rig.go(0.05)
        assert rig.health.retry_at - rig.clock.time <= 1.0


@pytest.mark.parametrize("call", ["connect", "snapshot", "page", "changes"])
async def test_what_a_person_must_mend_from_the_start_waits_for_the_person(call):
    async with run_poller(*make_history(3)) as rig:
        rig.backend.always[call] = DENIED
        await rig.start()
        await rig.go(1)
        asked = len(rig.backend.calls)
        await rig.go(3600)
        assert len(rig.backend.calls) == asked, "nothing is asked again and again"
        assert (rig.health.phase, rig.health.error, rig.health.retry_at) == (Phase.BLOCKED, DENIED, None)
        assert rig.backend.snapshots_ended == rig.backend.count("snapshot")
        connects = rig.backend.count("connect")
        rig.backend.always.clear()
        rig.poller.poll_now()
        await run_until_idle()
        assert rig.health.phase is Phase.LIVE
        assert rig.backend.count("connect") == connects + 1, "another login is another server"


REFUSALS = [
    DENIED,
    NotAllowed("You may not."),
    Refused("No.", code=400),
    NoSuchGraph("There is no such graph."),
]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("call", ["connect", "changes", "look"])
async def test_a_refusal_in_between_does_not_end_a_screen_that_was_live(call, error):
    async with run_poller(*make_history(3)) as rig:
        rig.visible = ["3"]
        await rig.start()
        rig.backend.faults["changes"] = [DOWN] if call == "connect" else []
        rig.backend.faults[call] = [error]
        while rig.health.phase is not Phase.BLOCKED:
            await rig.go(0.5)
        assert rig.health.error is error
        assert rig.health.retry_at == pytest.approx(rig.clock.time + 30, abs=0.5)
        await rig.go(31)
        assert (rig.health.phase, rig.health.error, rig.health.retry_at) == (Phase.LIVE, None, None)
        assert len(rig.store) == 3


async def test_a_login_that_is_refused_again_and_again_is_tried_seldom_and_told_of_once():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.backend.always["connect"] = rig.backend.always["changes"] = DENIED
        await rig.go(2)
        told = rig.health.error
        rig.backend.calls.clear()
        rig.backend.always["connect"] = NotLoggedIn(str(DENIED))
        await rig.go(30 + 60 + 120 + 240 + 300 + 300 + 1)
        assert (rig.names, rig.health.phase) == (["connect"] * 6, Phase.BLOCKED)
        assert rig.health.error is told, "who asks for a login when an error comes asks once"
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.health.error is rig.backend.always["connect"], "a person who tries again is told again"
        assert rig.health.retry_at == pytest.approx(rig.clock.time + 30)


async def test_a_refusal_that_an_outage_interrupts_is_told_of_once():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.backend.always["changes"] = DENIED
        await rig.go(2)
        told = rig.health.error
        for error in (DOWN, NotLoggedIn(str(DENIED)), DOWN, NotLoggedIn(str(DENIED))):
            rig.backend.always["connect"] = error
            await rig.go(300)
            assert rig.health.error is (DOWN if error is DOWN else told)
        del rig.backend.always["changes"], rig.backend.always["connect"]
        await rig.go(300)
        rig.backend.always["changes"] = again = NotLoggedIn(str(DENIED))
        await rig.go(2)
        assert rig.health.error is again, "it was live in between"


@pytest.mark.parametrize("ask", ["poll_now", "refresh_all"])
async def test_a_person_need_not_wait_for_the_next_slow_try(ask):
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.backend.faults["changes"] = [DENIED]
        await rig.go(2)
        assert rig.health.phase is Phase.BLOCKED
        getattr(rig.poller, ask)()
        await run_until_idle()
        assert rig.health.phase is Phase.LIVE


async def test_after_a_whole_round_the_slow_tries_begin_anew():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        for _ in range(3):
            rig.backend.faults["changes"] = [DENIED, DENIED]
            while rig.health.phase is Phase.LIVE:
                await rig.go(0.5)
            assert rig.health.retry_at - rig.clock.time == pytest.approx(30, abs=0.5)
            await rig.go(31)
            assert rig.health.retry_at - rig.clock.time == pytest.approx(60, abs=1.5)
            await rig.go(62)
            assert rig.health.phase is Phase.LIVE


async def test_a_refresh_while_a_scan_is_about_to_fail_is_not_lost():
    async with run_poller(*make_history(3)) as rig:
        rig.backend.always["snapshot"], rig.backend.delays["snapshot"] = DENIED, 3.0
        await rig.start()
        await rig.go(2)
        rig.poller.refresh_all()
        await rig.go(2)
        assert rig.backend.count("snapshot") == 2
        await rig.go(60)
        assert (rig.health.phase, rig.backend.count("snapshot")) == (Phase.BLOCKED, 2)


@pytest.mark.parametrize("call", ["snapshot", "page"])
async def test_a_scan_that_fails_at_once_is_backed_off_from(call):
    async with run_poller(*make_history(30)) as rig:
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
    async with run_poller(*make_history(35)) as rig:
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
    async with run_poller(*make_history(35)) as rig:
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
    async with run_poller(*make_history(35)) as rig:
        await rig.start()
        rig.backend.drop(3)
        rig.backend.faults["look"] = [DOWN]
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.health.phase is Phase.OFFLINE
        assert "3" in rig.store.tasks, "not known to be gone"
        await rig.go(5)
        assert rig.health.phase is Phase.LIVE
        assert "3" not in rig.store.tasks


async def test_a_failing_poll_ends_the_scan_beside_it():
    async with run_poller(*make_history(35)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(5)
        rig.backend.always["changes"] = DOWN
        await rig.go(2)
        assert rig.health.phase is Phase.OFFLINE
        assert not rig.health.scanning
        assert rig.backend.snapshots_ended == 1


# The end.


@pytest.mark.parametrize("where", ["connect", "page", "changes", "look", "rest"])
async def test_cancelled_it_ends_with_its_scan(where):
    async with run_poller(*make_history(35)) as rig:
        rig.visible = ["35"]
        if where in ("page", "connect"):
            rig.backend.delays[where] = 5.0
        await rig.start()
        if where in ("changes", "look"):
            rig.backend.delays[where] = 5.0
            await rig.go(17)
        rig.run.cancel()
        await run_until_idle()
        assert rig.run.cancelled()
        assert rig.backend.snapshots_ended == rig.backend.count("snapshot")
        assert not any(rig.backend.in_flight.values())
        assert not rig.health.scanning


async def test_a_fault_of_our_own_is_not_taken_for_one_of_the_servers():
    async with run_poller() as rig:

        async def broken(known):
            raise ZeroDivisionError

        rig.backend.changes = broken
        await rig.start()
        assert isinstance(rig.run.exception(), ZeroDivisionError)
        assert rig.health.phase is not Phase.OFFLINE


async def test_a_scan_that_is_cancelled_from_within_does_not_end_the_polls_without_a_word():
    async with run_poller() as rig:

        async def cancelled(**how):
            raise asyncio.CancelledError
            yield

        rig.backend.snapshot = cancelled
        await rig.start()
        assert rig.run.done()
        assert not rig.run.cancelled()
        assert isinstance(rig.run.exception(), RuntimeError)


async def test_a_request_that_waited_for_its_turn_is_not_taken_for_a_slow_server(monkeypatch) -> None:
    async with run_poller() as rig:
        await rig.start()
        rig.backend.always["changes"] = DOWN
        rig.backend.delays["changes"] = 20.0
        monkeypatch.setattr(poller, "read_seconds_waited", rig.clock.monotonic)
        rig.poller.poll_now()
        await rig.go(20.1)
        assert rig.health.error is DOWN
        assert rig.health.retry_at - rig.clock.time <= 1.0
