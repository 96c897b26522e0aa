"""How the screen is set stays when another graph is looked at; and what --ascii and toasts look like."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.ui.running_app import RunningApp, hold_actions, run_app
from tui.config.options import ScreenOptions
from tui.monitor.health import Phase

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)


async def switch(at: RunningApp) -> None:
    """To the next graph of the list."""
    before = at.screen
    await at.press("b")
    await at.until_seen("supply_chain")
    await at.press("down", "enter")
    await at.until(lambda: at.screen is not before and at.screen.monitor is not None, "the other screen")
    await at.until(at.scanned, "the scan of the other graph")


async def test_order_columns_and_times_stay_with_another_graph() -> None:
    async with run_app(QUIET, size=(160, 36)) as at:
        at.screen.view_controller.sort_by("name")
        await at.press("w", "t", "t")
        await at.until_seen("NAME▴")
        await switch(at)
        await at.until_seen("supply_chain")
        await at.until_seen("NAME▴")
        head = next(line for line in at.lines() if "STATUS" in line)
        assert "UPDATED" in head
        assert "AGE" not in head
        assert at.screen.presenter.utc
        assert at.lines()[0].rstrip().endswith("Z")


async def test_times_in_utc_stay_with_another_graph_while_ages_are_shown() -> None:
    async with run_app(QUIET, options=ScreenOptions(utc=True)) as at:
        await at.until(at.scanned, "the scan")
        await switch(at)
        assert at.screen.presenter.utc
        assert at.screen.parts.table.time_format == "age"
        await at.until(lambda: at.lines()[0].rstrip().endswith("Z"), "the clock in UTC")


async def test_a_pause_stays_and_what_there_is_is_read_once() -> None:
    async with run_app(QUIET) as at:
        await at.press("p")
        await at.until_seen("paused · data from")
        await switch(at)
        await at.until_seen("paused · data from")
        assert at.screen.monitor.health.phase is Phase.PAUSED
        assert len(at.screen.monitor.view) > 10
        asked, began = len(at.sent("GET")), at.app._clock.monotonic()
        await at.until(lambda: at.app._clock.monotonic() > began + 10, "ten intervals")
        assert len(at.sent("GET")) == asked
        await at.press("p")
        await at.until_seen("live")


async def test_the_status_column_is_narrow_again_after_an_action(monkeypatch) -> None:
    async with run_app() as at:
        await at.submit("Thread.sleep(3600000)")
        await at.until_seen("running")
        before = next(line for line in at.lines() if "STATUS" in line)
        sent = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until(
            lambda: re.search(r"cancelling \d", at.text()) is not None, "the seconds of the cancel"
        )
        await at.until(lambda: next(line for line in at.lines() if "STATUS" in line) != before, "more room")
        sent.set()
        await at.until(lambda: not at.screen.monitor.only.store.overlays, "the end")
        await at.until(lambda: next(line for line in at.lines() if "STATUS" in line) == before, "the width")


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ((), "stage - DEFAULT/hugegraph - HugeGraph 1.7.0"),
        (("enter",), "created     2026-11-2"),
        (("i", "slash", "g", "enter"), "n next - N previous"),
        (("4",), "tasks - failed - 23 of"),
    ],
)
async def test_ascii_has_no_dots_between_words(keys, seen: str) -> None:
    async with run_app(QUIET, options=ScreenOptions(ascii=True, interval=1.0)) as at:
        await at.press(*keys)
        await at.until_seen(seen)
        panes = at.screen.panes
        await at.until(lambda: panes.detail is None or not panes.detail.is_waiting, "the texts")
        assert "·" not in at.text()


@pytest.mark.parametrize("keys", [("w", "t"), ("w", "t", "t"), ("t", "w")])
async def test_at_80_columns_more_columns_leave_the_time_of_creation(keys: tuple[str, ...]) -> None:
    async with run_app(QUIET, size=(80, 24)) as at:
        await at.press(*keys)
        assert "CREATED▾" in at.table_head()
        assert "TOOK" in at.table_head()


async def test_where_there_is_no_room_for_times_it_says_so_and_ages_come_back() -> None:
    async with run_app(QUIET, size=(60, 20)) as at:
        await at.press("t")
        assert "CREATED" not in at.table_head()
        await at.until_seen("No room here for times")
        await at.press("t", "t")
        assert "AGE▾" in at.table_head()


async def test_w_says_what_it_did_beside_a_detail_and_what_has_no_room() -> None:
    async with run_app(QUIET, size=(120, 30)) as at:
        await at.press("enter")
        await at.until_seen("Overview")
        await at.press("tab", "w")
        await at.until_seen("All columns are on; no room here for ")
        await at.press("w")
        await at.until_seen("The usual columns are on.")


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("theme", ["graphtop-dark", "graphtop-light", "ansi-dark"])
async def test_only_the_pane_with_the_focus_has_a_border(theme: str, ascii: bool) -> None:
    options = ScreenOptions(interval=1.0, theme=theme, ascii=ascii)
    async with run_app(QUIET, options=options) as at:
        await at.press("v")
        table, pane = at.screen.parts.table, at.screen.panes.pane
        await at.until(lambda: pane.has_focus_within, "the detail")
        for widget in (table, pane):
            kind, color = widget.styles.border_top
            is_hidden = color.ansi is None and color.rgb == at.screen.styles.background.rgb
            is_seen = kind != "blank" and not is_hidden
            assert is_seen == (widget is pane)
