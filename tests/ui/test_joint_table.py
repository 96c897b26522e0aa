"""Several places in one table: what is told of all of them, of one that is silent, and of those that come."""

from __future__ import annotations

from dataclasses import replace

from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.ui.joint_app import run_places

LONG = "Thread.sleep(600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)


async def test_tasks_of_two_servers_stand_in_one_table_and_are_counted_together() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", production=("prod",)) as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit(LONG)
        await at.until(lambda: len(at.rows_of("Thread.sleep")) == 2, "both tasks")
        assert "graphtop   PRODUCTION   2 places" in at.lines()[0]
        assert "All 2 " in at.lines()[1]
        assert "Active 2 " in at.lines()[1]
        assert sorted(row.split()[1:3] for row in at.rows_of("▲")) == [["▲", "prod:hugegraph"]]
        assert len(at.rows_of("dev:hugegraph")) == 1


async def test_rows_of_a_silent_place_stay_and_say_of_when_they_are() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit(LONG)
        await at.until(lambda: len(at.rows_of("Thread.sleep")) == 2, "both tasks")
        at.lines_to["dev"].is_cut = True
        await at.until_seen("1 does not answer")
        await at.until(lambda: bool(at.rows_of("as of 12:00")), "the moment")
        (silent,), (live,) = at.rows_of("dev:hugegraph"), at.rows_of("prod:hugegraph")
        assert "┊" in silent
        assert "▶ as of 12:00" in silent
        assert silent.split()[-2] == "–", "how long it has been running is not known"
        assert "▶ running" in live
        assert "● live" in at.lines()[0]
        assert "dev:hugegraph does not answer. Its rows are as of 12:00." in at.text()
        at.screen.parts.table.place_cursor("2/1")
        await at.press("space")
        assert at.screen.parts.table.marks == ()
        await at.until_seen("Rows of a place that does not answer can't be marked. Press r to try again.")
        await at.press("escape", "v")
        await at.until_seen("As of 12:00.")
        assert "was running" in at.text()
        at.lines_to["dev"].is_cut = False
        await at.press("r")
        await at.until(lambda: not at.rows_of("as of"), "dev answering again")
        await at.until_gone("1 does not answer")
        await at.until_gone("As of 12:00.")
        assert all("▶ running" in at.row(key) for key in ("1/1", "2/1"))
