"""A result that is too long to be shown whole: its beginning is shown, and all of it is saved as a stream."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.errors import Unreachable
from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings
from tests.ui.running_app import RunningApp, run_app

HUGE = replace(EMPTY_HUGEGRAPH, huge=3_000_000)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@asynccontextmanager
async def reading_the_beginning(settings: HugeGraphSettings = HUGE, **more) -> AsyncIterator[RunningApp]:
    """The result of the one task is open, and cut after 200 kB."""
    async with run_app(settings, **more) as at:
        at.screen.monitor.only.details._cap = 200_000
        await at.press("o")
        await at.until_seen("Cut after 200.0 kB. ^S saves the full result.")
        yield at


async def test_the_whole_of_a_cut_result_is_saved_as_a_stream(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with reading_the_beginning() as at:
        before = len(at.sent("GET"))
        await at.press("ctrl+s")
        await at.until_seen("hugegraph-1-result.json")
        assert "Saved the full result (3.0 MB)" in at.text() or "Saved the full result (3.1 MB)" in at.text()
        details = [line for line in at.sent("GET")[before:] if line.partition("?")[0].endswith("/tasks/1")]
        assert len(details) == 1
    (saved,) = files(tmp_path)
    rows = json.loads(saved.read_bytes())
    assert rows[-1] == {"id": "the last one"}
    assert len(rows) > 10_000


@pytest.mark.parametrize("key", ["escape", "ctrl+s"])
async def test_saving_a_long_result_shows_how_far_it_is_and_can_be_stopped(
    tmp_path, monkeypatch, key
) -> None:
    monkeypatch.chdir(tmp_path)
    gate = asyncio.Event()

    async def stuck(task_id: str, part: str) -> AsyncIterator[bytes]:
        assert (task_id, part) == ("1", "result")
        for _ in range(20):
            yield b"x" * 100_000
        await gate.wait()

    async with reading_the_beginning() as at:
        monkeypatch.setattr(at.screen.monitor.only.backend, "stream", stuck)
        await at.press("ctrl+s")
        await at.until_seen("Saving the full result: 1.")
        assert "esc cancel" in at.text()
        assert len(files(tmp_path)) == 1
        await at.press(key)
        await at.until_seen("Save cancelled; no file written.")
        await at.until_gone("Saving the full")
        assert at.screen.panes.is_reading, "one step back is one step"
        assert files(tmp_path) == []
        await at.press("escape")
        assert not at.screen.panes.is_reading


async def test_a_long_result_that_breaks_in_the_middle_leaves_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def breaks(task_id: str, part: str) -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise Unreachable("The connection to stage was cut.")

    async with reading_the_beginning() as at:
        monkeypatch.setattr(at.screen.monitor.only.backend, "stream", breaks)
        await at.press("ctrl+s")
        await at.until_seen("no file written")
        assert files(tmp_path) == []


async def test_leaving_the_graph_stops_the_saving_and_says_so(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def stuck(task_id: str, part: str) -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        await asyncio.Event().wait()

    async with reading_the_beginning(replace(HUGE, graphs=("hugegraph", "routes"))) as at:
        monkeypatch.setattr(at.screen.monitor.only.backend, "stream", stuck)
        await at.press("ctrl+s")
        await at.until_seen("Saving the full result")
        await at.press("b")
        await at.until_seen("routes")
        await at.press(*"routes", "enter")
        await at.until(lambda: at.screen.monitor.only.backend.source.graph == "routes", "the other graph")
        await at.until_seen("Save cancelled; no file written.")
        assert files(tmp_path) == []


async def test_quitting_while_a_long_result_is_saved_leaves_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def stuck(task_id: str, part: str) -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        await asyncio.Event().wait()

    async with reading_the_beginning() as at:
        monkeypatch.setattr(at.screen.monitor.only.backend, "stream", stuck)
        await at.press("ctrl+s")
        await at.until_seen("Saving the full result")
        assert len(files(tmp_path)) == 1
    assert files(tmp_path) == []


async def test_what_the_cut_has_taken_away_can_be_saved_too(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with reading_the_beginning() as at:
        await at.press("i")
        await at.until_seen("Not in the part read. ^S saves it in full.")
        await at.press("ctrl+s")
        await at.until_seen("hugegraph-1-input.json")
    (saved,) = files(tmp_path)
    assert "valueMap(true)" in json.loads(saved.read_text())["gremlin"]


async def test_a_detail_that_is_closed_is_not_kept_in_memory() -> None:
    async with reading_the_beginning() as at:
        held = weakref.ref(at.screen.panes.pane.query_one("#result").document)
        await at.press("escape", "escape")
        assert not at.screen.panes.is_reading

        def is_given_back() -> bool:
            gc.collect()
            return held() is None

        # What was being drawn of it is let go of at the next turn.
        await at.until(is_given_back, "nothing that holds the document")
