"""What stands in a table without rows."""

from __future__ import annotations

from tests.unit.fakes import run_until_idle, task
from tests.unit.joint_monitor import run_joint_monitor
from tui.screens.tasks.empty_table import describe_empty_table


async def test_with_all_graphs_gone_it_does_not_say_that_it_connects() -> None:
    async with run_joint_monitor() as rig:
        assert describe_empty_table(rig.monitor) == ["Connecting…"], "none has been found yet"
        only = rig.add("prod:g", task(1))
        await rig.start()
        rig.monitor.remove_place(only)
        await run_until_idle()
        assert describe_empty_table(rig.monitor) == [
            "All graphs that were watched are gone from their servers.",
            "New ones appear here automatically.",
        ]
        rig.add("prod:h")
        await run_until_idle()
        assert describe_empty_table(rig.monitor)[0].startswith("No tasks")
