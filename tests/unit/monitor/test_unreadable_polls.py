"""What the refresh asks a server that fails over a task, or does not show all of its tasks."""

from __future__ import annotations

from backend_adapters.errors import TimedOut
from tests.unit.fakes import run_until_idle
from tests.unit.monitor_parts import make_history, run_poller
from tui.monitor.health import Phase


async def test_a_partial_scan_is_told_as_long_as_no_whole_one_has_come():
    async with run_poller(*make_history(35)) as rig:
        rig.backend.partial = "Page 2 fails."
        await rig.start()
        assert (rig.health.partial, rig.health.scanned, rig.health.is_complete) == (
            "Page 2 fails.",
            True,
            False,
        )
        assert len(rig.store) == 10
        rig.poller.refresh_all()
        await rig.go(2)
        assert (rig.health.partial, len(rig.store)) == ("Page 2 fails.", 10), (
            "they are looked at by their ids"
        )
        rig.backend.partial = ""
        rig.backend.delays["page"] = 1.0
        rig.poller.refresh_all()
        await rig.go(1)
        assert rig.health.partial == "Page 2 fails.", "not before the whole scan is there"
        await rig.go(5)
        assert (rig.health.partial, rig.health.is_complete, len(rig.store)) == ("", True, 35)


async def test_tasks_that_a_partial_scan_did_not_bring_stay():
    async with run_poller(*make_history(35)) as rig:
        await rig.start()
        rig.backend.partial = "Page 2 fails."
        rig.backend.drop(3)
        rig.poller.refresh_all()
        await rig.go(2)
        assert len(rig.store) == 34, "only what a look called missing is gone"


async def test_r_asks_again_at_once_for_what_can_not_be_read():
    async with run_poller(*make_history(30)) as rig:
        rig.visible = ["7", "8"]
        rig.backend.failing["7"] = "It fails."
        await rig.start()
        await rig.go(1)
        rig.backend.calls.clear()
        await rig.go(30)
        assert ("look", ("7",)) not in rig.backend.calls
        rig.poller.refresh_all()
        await run_until_idle()
        assert ("look", ("7",)) in rig.backend.calls
        assert True in rig.backend.urgent


async def test_r_tries_what_is_on_the_screen_first_and_not_hundreds():
    async with run_poller(*make_history(100)) as rig:
        rig.visible = ["7", "99"]
        rig.backend.failing.update({str(n): "It fails." for n in range(1, 100)})
        await rig.start()
        await rig.go(1)
        rig.backend.calls.clear()
        rig.poller.refresh_all()
        await run_until_idle()
        looks = [ids for name, ids in rig.backend.calls if name == "look"]
        assert max(map(len, looks)) == 20
        assert next(ids[:2] for ids in looks if len(ids) == 20) == ("7", "99")


async def test_nobody_waits_for_glances_and_scans():
    async with run_poller(*make_history(30)) as rig:
        rig.visible = ["30"]
        await rig.start()
        await rig.go(40)
        assert set(rig.backend.urgent) == {False}


async def test_a_partial_scan_is_made_again_soon():
    async with run_poller(*make_history(30)) as rig:
        rig.backend.partial = "Page 2 fails."
        await rig.start()
        await rig.go(25)
        assert rig.backend.count("snapshot") >= 2


async def test_after_a_failure_that_came_late_the_server_has_as_much_rest():
    async with run_poller(*make_history(3)) as rig:
        await rig.start()
        rig.backend.delays["changes"] = 40.0
        rig.backend.faults["changes"] = [TimedOut("no answer")]
        while rig.health.phase is Phase.LIVE:
            await rig.go(1)
        assert rig.health.retry_at - rig.clock.time >= 39


async def test_while_the_server_is_busy_nothing_is_glanced_at():
    async with run_poller(*make_history(30)) as rig:
        rig.visible = ["30"]
        rig.backend.is_busy = True
        await rig.start()
        await rig.go(60)
        assert rig.backend.count("look") == 0
        rig.backend.is_busy = False
        await rig.go(3)
        assert rig.backend.count("look") == 1
