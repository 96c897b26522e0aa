"""The refresh: what it asks the server and when, and what it finds."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from backend_adapters.backend import Changes
from backend_adapters.errors import Unreachable
from tests.unit.fakes import START, S, run_until_idle, task
from tests.unit.monitor_parts import make_history, run_poller
from tui.monitor import cooperative
from tui.monitor.health import Phase
from tui.monitor.poller import INTERVALS

DOWN = Unreachable("No connection to fake.")


# How it begins.


async def test_connects_then_takes_the_first_batch_then_polls_above_the_newest():
    async with run_poller(*make_history(35)) as rig:
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
    async with run_poller(*make_history(35)) as rig:
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
    async with run_poller() as rig:
        await rig.start()
        assert (rig.health.phase, rig.health.scanned) == (Phase.LIVE, True)
        rig.backend.put(task(1, S.NEW))
        await rig.go(2)
        assert rig.ids == "1"


# What a poll costs, and finds.


async def test_a_quiet_minute_costs_one_request_a_poll_and_a_glance_every_15_seconds():
    async with run_poller(*make_history(200)) as rig:
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
    async with run_poller(task(1, S.RUNNING)) as rig:
        rig.visible = ["1"]
        await rig.start()
        await rig.go(60)
        assert rig.backend.count("look") == 0


async def test_polls_ask_for_what_is_unfinished_and_find_new_changed_and_gone():
    async with run_poller(task(1, S.SUCCESS), task(2), task(3)) as rig:
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
            ("2", "2"),
            ("3", None),
            (None, "4"),
            (None, "5"),
        }


async def test_a_glance_finds_what_others_deleted():
    async with run_poller(*make_history(3)) as rig:
        rig.visible = ["3", "2"]
        await rig.start()
        assert rig.backend.count("look") == 1
        rig.backend.drop(2, 1)
        await rig.go(15)
        assert rig.ids == "1 2 3", "the poll after 15 seconds is not yet"
        await rig.go(1)
        assert rig.ids == "1 3", "2 was on the screen, 1 was not"


async def test_a_costly_glance_is_made_more_and_more_seldom():
    async with run_poller(*make_history(3)) as rig:
        rig.visible = ["3"]
        began: list[float] = []
        look = rig.backend.look

        async def timed(ids, **how):
            began.append(rig.clock.time)
            return await look(ids, **how)

        async def pauses(number: int) -> list[float]:
            del began[:-1]
            while len(began) <= number:
                await rig.go(1)
            return [later - earlier - rig.backend.delays["look"] for earlier, later in pairwise(began)]

        rig.backend.look = timed
        rig.backend.delays["look"] = 0.25
        await rig.start()
        assert await pauses(6) == pytest.approx([30, 60, 120, 240, 300, 300], abs=2.1)
        rig.backend.delays["look"] = 0.15
        assert await pauses(4) == pytest.approx([300, 15, 15, 15], abs=2.1), "a quick one takes it all back"


async def test_an_unfinished_task_on_the_screen_is_not_glanced_at():
    async with run_poller(*make_history(2), task(3)) as rig:
        rig.visible = ["3", "2"]
        await rig.start()
        assert [argument for name, argument in rig.backend.calls if name == "look"] == [("2",)]


async def test_a_slow_server_is_asked_less_often():
    async with run_poller() as rig:
        rig.backend.delays["changes"] = 3.0
        await rig.start()
        await rig.go(90)
        assert rig.backend.count("changes") == 11, "3 s each, and a rest of twice as long"
        assert rig.health.latency == 3.0


async def test_set_interval_polls_now_and_then_in_the_new_rhythm():
    async with run_poller(interval=60.0) as rig:
        await rig.start()
        await rig.go(10)
        rig.poller.set_interval(1.0)
        await run_until_idle()
        assert rig.backend.count("changes") == 2
        await rig.go(10)
        assert rig.backend.count("changes") == 12


async def test_wake_polls_at_once_but_never_beside_a_poll_under_way():
    async with run_poller(interval=60.0) as rig:
        await rig.start()
        rig.backend.delays["changes"] = 1.0
        for _ in range(5):
            rig.poller.poll_now()
            await run_until_idle()
        await rig.go(5)
        assert rig.backend.count("changes") == 3, "the one woken, and one more for the wake in between"


def test_a_person_can_choose_among_these_intervals():
    assert INTERVALS == (0.5, 1, 2, 5, 10, 30, 60)


# The scan.


async def test_the_scan_is_repeated_seldom_and_finds_what_others_deleted():
    async with run_poller(*make_history(30)) as rig:
        await rig.start()
        rig.backend.drop(*range(5, 25))
        await rig.go(599)
        assert (rig.backend.count("snapshot"), len(rig.store)) == (1, 30)
        await rig.go(1)
        assert (rig.backend.count("snapshot"), len(rig.store)) == (2, 10)


async def test_a_long_scan_is_repeated_at_most_for_a_hundredth_of_the_time():
    async with run_poller(*make_history(30)) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.go(30 + 2999)
        assert rig.backend.count("snapshot") == 1
        await rig.go(2)
        assert rig.backend.count("snapshot") == 2


@pytest.mark.parametrize(("pause", "again"), [(0.0, 10), (5.0, 800)])
async def test_where_new_tasks_may_come_up_anywhere_the_scan_is_repeated_sooner(pause, again):
    async with run_poller(*make_history(35)) as rig:
        rig.backend.scattered = True
        rig.backend.delays["page"] = pause
        await rig.start()
        await rig.go(4 * pause)
        await rig.go(again - 4)
        assert rig.backend.count("snapshot") == 1
        await rig.go(8)
        assert rig.backend.count("snapshot") == 2


async def test_refresh_scans_now():
    async with run_poller(*make_history(30)) as rig:
        await rig.start()
        rig.backend.drop(7)
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.backend.count("snapshot") == 2
        assert "7" not in rig.store.tasks


async def test_a_refresh_during_a_scan_scans_again_after_it():
    async with run_poller(*make_history(30)) as rig:
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.go(6)
        rig.poller.refresh_all()
        await rig.go(5)
        assert rig.backend.count("snapshot") == 1
        await rig.go(30)
        assert rig.backend.count("snapshot") == 2


async def test_what_a_scan_does_not_bring_is_looked_at_before_it_is_called_gone():
    async with run_poller(*make_history(700)) as rig:
        await rig.start()
        real = rig.backend.snapshot

        async def blind(*, in_parts):
            async for batch in real():
                yield type(batch)(batch.tasks[:1])

        rig.backend.snapshot = blind
        rig.backend.drop(13)
        rig.poller.refresh_all()
        await run_until_idle()
        looks = [argument for name, argument in rig.backend.calls if name == "look"]
        assert [len(ids) for ids in looks] == [300, 300, 30]
        assert len(rig.store) == 699


async def test_a_look_at_many_tells_of_all_of_them():
    async with run_poller(*make_history(700)) as rig:
        await rig.start()
        rig.backend.drop(5, 650)
        looked = await rig.poller.look_at([str(number) for number in range(1, 701)])
        assert (len(looked.tasks), looked.missing, looked.note) == (698, {"5", "650"}, "")
        assert len(rig.store) == 698


async def test_a_look_notes_what_any_part_of_it_could_not_read():
    async with run_poller(*make_history(700)) as rig:
        await rig.start()
        rig.backend.unreadable = {"350"}
        note = "1 records could not be read."
        assert (await rig.poller.look_at([str(number) for number in range(1, 701)])).note == note
        assert rig.health.note == note
        asked = len(rig.backend.calls)
        assert (await rig.poller.look_at([])).tasks == ()
        assert (len(rig.backend.calls), rig.health.note) == (asked, note)


async def test_a_task_deleted_while_a_scan_brings_it_stays_deleted():
    async with run_poller(*make_history(30)) as rig:
        await rig.start()
        rig.backend.gates["page"] = asyncio.Event()
        rig.poller.refresh_all()
        await run_until_idle()
        rig.backend.drop(30)
        await rig.poller.look_at(["30"])
        assert "30" not in rig.store.tasks
        rig.backend.gates["page"].set()
        await run_until_idle()
        assert "30" not in rig.store.tasks


async def test_a_note_is_told_and_taken_back_by_a_scan_without_one():
    async with run_poller(*make_history(3)) as rig:
        rig.backend.batch_note = "2 records could not be read"
        await rig.start()
        assert rig.health.note == "2 records could not be read"
        rig.backend.batch_note = ""
        rig.poller.refresh_all()
        await run_until_idle()
        assert rig.health.note == ""


async def test_a_stale_server_is_scanned_again():
    async with run_poller(*make_history(30)) as rig:
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
    async with run_poller(*make_history(100), task(101)) as rig:
        await rig.start()
        rig.backend.tasks.clear()
        rig.backend.put(task(1, S.NEW, created=START + 5), task(2, S.NEW, created=START + 5))
        if seen_by == "stale":
            rig.backend.stale = True
        elif seen_by == "offline":
            rig.backend.faults["changes"] = [DOWN]
        else:
            rig.poller.refresh_all()
        await rig.go(4)
        rig.backend.stale = False
        await rig.go(4)
        assert (rig.ids, rig.store.newest) == ("1 2", "2")
        assert rig.store.tasks.get("1").created == START + 5
        rig.backend.put(task(3, S.NEW, created=START + 9))
        await rig.go(2)
        assert rig.ids == "1 2 3"


async def test_thousands_of_tasks_in_one_answer_are_taken_in_by_and_by(monkeypatch):
    monkeypatch.setattr(cooperative, "SLICE_SECONDS", 0)
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        told: list[int] = []
        rig.poller._reader.on_changes = lambda changes: told.append(len(changes))
        many = [task(n, S.QUEUED) for n in range(4, 4 + 5 * 250)]
        rig.backend.changes = lambda known: answer(Changes(tuple(many), frozenset({"1", "2"})))
        rig.poller.poll_now()
        await run_until_idle()
        assert told == [250] * 5 + [2]
        assert len(rig.store) == 1 + 5 * 250


async def answer(changes: Changes) -> Changes:
    return changes


async def test_a_batch_of_any_size_is_taken_in_by_and_by():
    async with run_poller(*make_history(7 * 250)) as rig:
        rig.backend.batch = 10_000
        told: list[int] = []
        rig.poller._reader.on_changes = lambda changes: told.append(len(changes))
        await rig.start()
        assert told == [250] * 7
