"""The refresh: what it asks the server and when, what it finds, and how it fares when the server fails."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from backend_adapters.errors import NotLoggedIn, TimedOut, Unreachable
from tests.unit.fakes import START, FakeBackend, FakeClock, S, settle, task
from tui.monitor.poller import (
    BACKOFF_MOST,
    GLANCE_EVERY,
    LOOK_AT_ONCE,
    SCAN_EVERY,
    Health,
    Phase,
    Poller,
)
from tui.monitor.store import Store

DOWN = Unreachable("No connection to fake.")
DENIED = NotLoggedIn("The password is wrong.")


class Rig:
    """A poller on a fake server, and all that it told."""

    def __init__(self, *rows, interval: float = 2.0) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows)
        self.store = Store()
        self.healths: list[Health] = []
        self.changes: list = []
        self.visible: list[str] = []
        self.poller = Poller(
            self.backend,
            self.store,
            clock=self.clock,
            interval=interval,
            on_changes=self.changes.extend,
            on_health=self.healths.append,
            visible=lambda: self.visible,
        )
        self.run: asyncio.Task[None] | None = None

    @property
    def health(self) -> Health:
        return self.poller.health

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.backend.calls]

    @property
    def ids(self) -> str:
        return " ".join(sorted(self.store.tasks, key=int))

    def phases(self) -> list[Phase]:
        return [h.phase for n, h in enumerate(self.healths) if not n or self.healths[n - 1].phase is not h.phase]

    async def start(self) -> None:
        self.run = asyncio.create_task(self.poller.run())
        await settle()

    async def go(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        assert not self.run.done(), self.run
        assert self.backend.most_in_flight["changes"] <= 1, "a poll overlapped itself"
        assert self.backend.most_in_flight["connect"] <= 1
        assert self.backend.most_in_flight["snapshot"] <= 1


@asynccontextmanager
async def running(*rows, **more):
    rig = Rig(*rows, **more)
    try:
        yield rig
    finally:
        if rig.run is not None:
            rig.run.cancel()
            await asyncio.gather(rig.run, return_exceptions=True)
        assert rig.backend.in_flight["page"] == 0
        assert len(asyncio.all_tasks()) == 1, "something was left running"


def history(number: int) -> list:
    return [task(n, S.SUCCESS, updated=START) for n in range(1, number + 1)]


# How it begins.


async def test_connects_then_takes_the_first_batch_then_polls_above_the_newest():
    async with running(*history(35)) as rig:
        await rig.start()
        names = rig.names
        assert names[:3] == ["connect", "snapshot", "page"]
        assert names.index("changes") > 2
        known = next(argument for name, argument in rig.backend.calls if name == "changes")
        assert known.newest == "35"
        assert rig.phases()[-1] is Phase.LIVE
        assert (len(rig.store), rig.health.scanned, rig.health.scanning) == (35, True, False)
        assert rig.health.last_ok == rig.clock.now()


async def test_a_slow_scan_goes_on_behind_the_polls_and_the_first_batch_is_shown_at_once():
    async with running(*history(35)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        assert rig.backend.count("changes") == 0, "nothing to build on yet"
        await rig.go(5)
        assert len(rig.store) == 10
        assert (rig.health.phase, rig.health.scanning, rig.health.scanned) == (Phase.LIVE, True, False)
        await rig.go(10)
        assert rig.backend.count("changes") >= 5
        await rig.go(5)
        assert (len(rig.store), rig.health.scanning, rig.health.scanned) == (35, False, True)
        assert rig.backend.count("snapshot") == 1


async def test_an_empty_server_is_live_and_its_first_task_is_seen():
    async with running() as rig:
        await rig.start()
        assert (rig.health.phase, rig.health.scanned) == (Phase.LIVE, True)
        rig.backend.put(task(1, S.NEW))
        await rig.go(2)
        assert rig.ids == "1"


# What a poll costs, and finds.


async def test_a_quiet_minute_costs_one_request_a_poll_and_a_glance_every_15_seconds():
    async with running(*history(200)) as rig:
        rig.visible = ["200", "199"]
        await rig.start()
        rig.backend.calls.clear()
        rig.changes.clear()
        told = len(rig.healths)
        await rig.go(200)
        assert rig.backend.count("changes") == 100
        assert rig.backend.count("look") == pytest.approx(200 / 16, abs=1)
        assert set(rig.names) == {"changes", "look"}
        assert {argument for name, argument in rig.backend.calls if name == "look"} == {("200", "199")}
        assert rig.changes == []
        assert len(rig.healths) - told == 100, "each poll's time is told, and nothing else"


async def test_with_nothing_finished_on_the_screen_there_is_no_glance():
    async with running(task(1, S.RUNNING)) as rig:
        rig.visible = ["1"]
        await rig.start()
        await rig.go(60)
        assert rig.backend.count("look") == 0


async def test_polls_ask_for_what_is_unfinished_and_find_new_changed_and_gone():
    async with running(task(1, S.SUCCESS), task(2), task(3)) as rig:
        await rig.start()
        known = rig.backend.calls[-1][1]
        assert (set(known.unfinished), known.newest) == ({"2", "3"}, "3")
        rig.backend.set(2, S.SUCCESS)
        rig.backend.drop(3)
        rig.backend.put(task(4, S.QUEUED), task(5, S.NEW))
        rig.changes.clear()
        await rig.go(2)
        assert rig.ids == "1 2 4 5"
        assert {(c.old and c.old.id, c.new and c.new.id) for c in rig.changes} == {
            ("2", "2"), ("3", None), (None, "4"), (None, "5"),
        }  # fmt: skip


async def test_a_glance_finds_what_others_deleted():
    async with running(*history(3)) as rig:
        rig.visible = ["3", "2"]
        await rig.start()
        rig.backend.drop(2, 1)
        await rig.go(GLANCE_EVERY + 2)
        assert rig.ids == "1 3", "2 was on the screen, 1 was not"


async def test_a_costly_glance_is_made_more_and_more_seldom():
    async with running(*history(3)) as rig:
        rig.visible = ["3"]
        rig.backend.delays["look"] = 0.5
        await rig.start()
        await rig.go(900)
        assert rig.backend.count("look") <= 7
        rig.backend.delays["look"] = 0.0
        await rig.go(320)
        before = rig.backend.count("look")
        await rig.go(160)
        assert rig.backend.count("look") - before == pytest.approx(10, abs=1)


async def test_a_slow_server_is_asked_less_often():
    async with running() as rig:
        rig.backend.delays["changes"] = 3.0
        await rig.start()
        await rig.go(90)
        assert rig.backend.count("changes") == pytest.approx(10, abs=1)
        assert rig.health.latency == 3.0


async def test_set_interval_polls_now_and_then_in_the_new_rhythm():
    async with running(interval=60.0) as rig:
        await rig.start()
        await rig.go(10)
        rig.poller.set_interval(1.0)
        await settle()
        assert rig.backend.count("changes") == 2
        await rig.go(10)
        assert rig.backend.count("changes") == 12


async def test_wake_polls_at_once_but_never_beside_a_poll_under_way():
    async with running(interval=60.0) as rig:
        await rig.start()
        rig.backend.delays["changes"] = 1.0
        for _ in range(5):
            rig.poller.wake()
            await settle()
        await rig.go(5)
        assert rig.backend.count("changes") == 3, "the one woken, and one more for the wake in between"


# The scan.


async def test_the_scan_is_repeated_seldom_and_finds_what_others_deleted():
    async with running(*history(30)) as rig:
        await rig.start()
        rig.backend.drop(*range(5, 25))
        await rig.go(SCAN_EVERY - 10)
        assert (rig.backend.count("snapshot"), len(rig.store)) == (1, 30)
        await rig.go(20)
        assert (rig.backend.count("snapshot"), len(rig.store)) == (2, 10)


async def test_a_long_scan_is_repeated_at_most_for_a_hundredth_of_the_time():
    async with running(*history(30)) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.go(2900)
        assert rig.backend.count("snapshot") == 1
        await rig.go(200)
        assert rig.backend.count("snapshot") == 2


async def test_refresh_scans_now():
    async with running(*history(30)) as rig:
        await rig.start()
        rig.backend.drop(7)
        rig.poller.refresh()
        await settle()
        assert rig.backend.count("snapshot") == 2
        assert "7" not in rig.store.tasks


async def test_a_refresh_during_a_scan_scans_again_after_it():
    async with running(*history(30)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(6)
        rig.poller.refresh()
        await rig.go(5)
        assert rig.backend.count("snapshot") == 1
        await rig.go(30)
        assert rig.backend.count("snapshot") == 2


async def test_what_a_scan_does_not_bring_is_looked_at_before_it_is_called_gone():
    async with running(*history(700)) as rig:
        await rig.start()
        real = rig.backend.snapshot

        async def blind():
            async for batch in real():
                yield type(batch)(batch.tasks[:1])

        rig.backend.snapshot = blind
        rig.backend.drop(13)
        rig.poller.refresh()
        await settle()
        looks = [argument for name, argument in rig.backend.calls if name == "look"]
        assert [len(ids) for ids in looks] == [LOOK_AT_ONCE, LOOK_AT_ONCE, 30]
        assert len(rig.store) == 699


async def test_a_task_deleted_while_a_scan_brings_it_stays_deleted():
    async with running(*history(30)) as rig:
        await rig.start()
        rig.backend.gates["page"] = asyncio.Event()
        rig.poller.refresh()
        await settle()
        rig.backend.drop(30)
        await rig.poller.look(["30"])
        assert "30" not in rig.store.tasks
        rig.backend.gates["page"].set()
        await settle()
        assert "30" not in rig.store.tasks


async def test_a_note_is_told_and_taken_back_by_a_scan_without_one():
    async with running(*history(3)) as rig:
        rig.backend.batch_note = "2 records could not be read"
        await rig.start()
        assert rig.health.note == "2 records could not be read"
        rig.backend.batch_note = ""
        rig.poller.refresh()
        await settle()
        assert rig.health.note == ""


async def test_a_stale_server_is_scanned_again():
    async with running(*history(30)) as rig:
        await rig.start()
        rig.backend.stale = True
        await rig.go(2)
        rig.backend.stale = False
        assert rig.backend.count("snapshot") == 1
        await rig.go(2)
        assert rig.backend.count("snapshot") == 2
        await rig.go(60)
        assert rig.backend.count("snapshot") == 2


@pytest.mark.parametrize("seen_by", ["stale", "offline", "person"])
async def test_ids_that_began_anew_are_followed(seen_by):
    async with running(*history(100), task(101)) as rig:
        await rig.start()
        rig.backend.tasks.clear()
        rig.backend.put(task(1, S.NEW, created=START + 5), task(2, S.NEW, created=START + 5))
        if seen_by == "stale":
            rig.backend.stale = True
        elif seen_by == "offline":
            rig.backend.faults["changes"] = [DOWN]
        else:
            rig.poller.refresh()
        await rig.go(4)
        rig.backend.stale = False
        await rig.go(4)
        assert (rig.ids, rig.store.newest) == ("1 2", "2")
        assert rig.store.get("1").created == START + 5
        rig.backend.put(task(3, S.NEW, created=START + 9))
        await rig.go(2)
        assert rig.ids == "1 2 3"


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
        pauses = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
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
        rig.backend.faults["changes"] = [DOWN]
        await rig.go(2)
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
        await rig.go(2)
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
