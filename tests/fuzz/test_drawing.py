"""Whatever a server sends, what is drawn of it is harmless and keeps its place, without a terminal."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from backend_adapters.redaction import mask_secrets
from backend_adapters.transport.target import Target
from tests.fuzz.hostile_server import ALL, PAYLOADS, HostileApp, record
from tests.fuzz.terminal_stream import unmeant
from tests.support.emulated_driver import EmulatedDriver, is_shown
from tests.support.patience import PATIENCE
from tests.ui.running_app import wait_for_rest, wait_until
from tui import text
from tui.app import Graphtop
from tui.config.options import ScreenOptions

ODD = (
    "\x00\x07\t\n\r\x1b\x7f\x85\x9b\x9d\u0301\u061c\u200b\u200d\u2028\u202e\u2066\ufe0f\ufeff\ue000[]/图👩🏽🇩"
)
ANYTHING = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=())), max_size=60)
MIXED = st.one_of(ANYTHING, st.lists(st.sampled_from([*PAYLOADS.values()][:27]), max_size=3).map("".join))


def assert_drawn_well(app: Graphtop) -> None:
    """Every line of the screen is as wide as the screen, and holds nothing that is not to be seen."""
    width = app.size.width
    for strip in app.screen._compositor.render_strips():
        line = "".join(segment.text for segment in strip if not segment.control)
        assert unmeant(line) == []
        assert cell_len(line) == width


async def walk(server: HostileApp, size: tuple[int, int]) -> None:
    """See the table, every tab of the first and last task, a dialog on one and on all, and the graphs."""
    target = Target(url="http://hostile", http=httpx.ASGITransport(server))
    app = Graphtop(target, ScreenOptions(interval=60.0))
    app.driver_class = EmulatedDriver
    async with app.run_test(headless=False, size=size, notifications=True) as pilot:
        await until(pilot, app, f"0 All {len(server.tasks)}")
        for keys in ("w", "w enter", "i", "o", "y", "tab G tab v", "q", "C", "escape", "asterisk ctrl+d"):
            await pilot.press(*keys.split())
            if keys in ("w enter", "tab G tab v"):
                # Texts are asked for when the cursor has rested a while.
                await wait_for_rest(pilot)
                await wait_until(pilot, lambda: is_shown(app), f"the picture on the terminal after {keys}")
            assert_drawn_well(app)
        await pilot.press("escape")
        await wait_for_rest(pilot)
        await pilot.press("escape", "b")
        await wait_for_rest(pilot)
        assert_drawn_well(app)


async def until(pilot: Pilot[None], app: Graphtop, words: str) -> None:
    """Wait until the second line of the screen holds some words."""
    end = time.monotonic() + PATIENCE
    while words not in "".join(segment.text for segment in app.screen._compositor.render_strips()[1]):
        assert time.monotonic() < end, f"{words} was never seen"
        await pilot.pause(0.02)


@pytest.mark.parametrize("size", [(200, 60), (60, 20)])
async def test_the_known_ones(size: tuple[int, int]) -> None:
    graphs = [name for name in PAYLOADS.values() if "\ud800" not in name]
    await walk(HostileApp(ALL, version=f"1.7.0{PAYLOADS['title']}", graphs=["hugegraph", *graphs]), size)


# Nothing is made smaller after a failure: each trial might wait for what never comes.
@seed(4)
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(MIXED, min_size=12, max_size=12))
def test_any(names: list[str]) -> None:
    tasks = [
        record(number, name, status=("running", name)[number % 2]) for number, name in enumerate(names, 1)
    ]
    asyncio.run(walk(HostileApp(tasks), (120, 36)))


@seed(4)
@settings(max_examples=300, deadline=None, database=None)
@given(MIXED, st.integers(0, 40))
def test_text_for_the_screen(sent: str, width: int) -> None:
    shown = text.sanitize_label(sent)
    assert unmeant(shown) == []
    assert text.sanitize(text.sanitize(sent)) == text.sanitize(sent)
    assert cell_len(text.fit_cells(shown, width)) == width
    assert unmeant(text.clean_pasted_text(sent)) == []
    assert text.clean_for_clipboard(sent).encode().decode() == text.clean_for_clipboard(sent)


@pytest.mark.parametrize(
    "piece", ["token=x", "token", '"token":{', '"token":[', "token='", "secret \\\\", "\u0301"]
)
def test_a_long_text_of_the_same_is_masked_and_drawn(piece: str) -> None:
    # One of these took four minutes: what was looked at grew with the square of the length. Such a one does
    # not end within a test's time; how long the good ones take is measured by `tests.bench.masking`.
    big = piece * (400_000 // len(piece))
    mask_secrets(big)
    assert len(text.sanitize(big)) < 4 * text.LINE_LIMIT
    assert len(text.sanitize_label(big)) < 4 * text.LABEL_LIMIT
