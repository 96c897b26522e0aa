"""The footer: the keys that work, as many as fit whole, and what a click on one does."""

from __future__ import annotations

import pytest

from tests.ui.stage import stage
from tui.widgets.key_footer import KeyFooter


@pytest.mark.parametrize("width", [30, 60, 120])
async def test_no_key_is_cut_off(width: int) -> None:
    async with stage(size=(width, 24)) as at:
        footer = at.screen.query_one(KeyFooter)
        await at.until(lambda: "Detail" in at.lines()[-1], "the keys")
        words = [(spot.shown, spot.word) for spot in footer._spots]
        assert at.lines()[-1].split() == [part for pair in words for part in pair]
        assert words[0] == ("⏎", "Detail")


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    async with stage() as at:
        await at.until(lambda: "Help" in at.lines()[-1], "the keys")
        line = at.lines()[-1]
        await at.pilot.click(KeyFooter, offset=(line.index("Help"), 0))
        await at.until(lambda: len(at.app.screen_stack) == 3, "the help")


async def test_other_keys_work_in_the_detail_and_the_footer_follows() -> None:
    async with stage() as at:
        await at.submit("g.V().count()")
        await at.until_seen("success")
        assert "Search" not in at.lines()[-1]
        await at.press("enter")
        await at.until(lambda: "Search" in at.lines()[-1], "the detail's keys")
        await at.press("q")
        await at.until(lambda: "Search" not in at.lines()[-1], "the table's keys")
