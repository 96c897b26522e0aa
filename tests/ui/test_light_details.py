"""A detail asks first for what is light: the result only once its tab is opened, or it is saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import RunningApp, run_app
from tui.widgets.detail_tab import DetailTab

LATER = replace(EMPTY_HUGEGRAPH, version="1.8.0")
LIGHT, RESULT = "?with_result=false", "/result"
NUMBERS = "[1,2,3,4,5]"
LONG = "Thread.sleep(3600000)"


def asked(at: RunningApp, task_id: str = "1") -> list[str]:
    """What was asked of one task, by what stands behind its path."""
    lines = [line.partition(f"/tasks/{task_id}") for line in at.sent("GET")]
    return [tail for _, found, tail in lines if found and (not tail or tail[0] in "/?")]


async def read_whole(at: RunningApp) -> None:
    panes = at.screen.panes
    await at.until(lambda: panes.detail is not None and not panes.detail.is_waiting, "the texts")


async def ended(at: RunningApp, script: str = NUMBERS, seen: str = "3 Success 1") -> None:
    await at.submit(script)
    await at.until_seen(seen)


def finish(at: RunningApp, status: str) -> None:
    """Let the first task end now."""
    world = at.server.world
    world._finish_task(next(iter(world.graphs.values())).find_task(1), status)


async def test_overview_and_input_never_read_the_result() -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("v")
        await read_whole(at)
        await at.until_seen("without the result")
        await at.press("i")
        await at.until_seen("[1,2,3,4,5]")
        for key in ("v", "i", "v"):
            await at.press(key)
        polls = len(at.sent("GET"))
        await at.until(lambda: len(at.sent("GET")) > polls + 3, "more polls")
        assert asked(at) == [LIGHT]
        assert "no result" not in at.text().lower()


async def test_the_result_is_read_once_when_its_tab_is_opened() -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("i")
        await read_whole(at)
        await at.press("o")
        await read_whole(at)
        document = at.screen.query_one("#result").document
        assert json.loads(document.content) == [1, 2, 3, 4, 5]
        await at.until_seen("5")
        for key in ("v", "o", "y", "o"):
            await at.press(key)
        await read_whole(at)
        assert asked(at) == [LIGHT, RESULT]
        await at.press("v")
        assert "without the result" not in at.text()


@pytest.mark.parametrize("keys", [("o",), ("enter",), ("v", "slash"), ("v", *3 * ("left_square_bracket",))])
async def test_each_way_to_the_result_reads_it(keys: tuple[str, ...]) -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press(*keys)
        await at.until(lambda: RESULT in asked(at), "the result asked for")
        await read_whole(at)
        assert asked(at) == [LIGHT, RESULT]
        assert at.screen.panes.detail.get_document(DetailTab.RESULT) is not None


async def test_a_search_in_the_overview_finds_what_is_in_the_result() -> None:
    async with run_app(LATER) as at:
        await ended(at, "[1,2,31415,4]")
        await at.press("enter")
        await read_whole(at)
        await at.press("slash", *"31415", "enter")
        await at.until_seen("/31415: 1 of 1")
        assert asked(at) == [LIGHT, RESULT]


async def test_the_raw_answer_says_that_the_result_was_left_out() -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("y")
        await read_whole(at)
        await at.until_seen("The result is not included. Press o to open it.")
        assert "task_result" not in at.text()
        assert asked(at) == [LIGHT]


async def test_an_older_server_is_asked_once_in_all() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await ended(at)
        await at.press("i")
        await read_whole(at)
        for key in ("o", "v", "y", "o"):
            await at.press(key)
        await read_whole(at)
        assert asked(at) == [LIGHT]
        assert at.screen.panes.detail.get_document(DetailTab.RESULT) is not None
        await at.submit("6 * 7")
        await at.until_seen("3 Success 2")
        await at.press("tab", "g")
        await at.until(lambda: asked(at, "2") != [], "the second task")
        assert asked(at, "2") == [""]


async def test_a_failure_is_read_whole_at_once() -> None:
    async with run_app(LATER) as at:
        await ended(at, "throw new RuntimeException('boom')", "4 Failed 1")
        await at.until(lambda: asked(at) == [""], "why it failed, for the row")
        await at.press("enter")
        await read_whole(at)
        await at.press("o")
        await at.until_seen("boom")
        assert asked(at) == ["", ""]


async def test_a_task_that_has_failed_since_the_list_was_read_is_read_again() -> None:
    async with run_app(LATER) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        at.screen.monitor.only.poller.set_paused(True)
        finish(at, "failed")
        await at.press("enter")
        await read_whole(at)
        await at.until(lambda: asked(at)[-1:] == [""], "the whole detail")
        await read_whole(at)
        assert asked(at) == [LIGHT, ""]
        assert at.screen.panes.detail.get_document(DetailTab.RESULT) is not None


async def test_when_the_task_changes_only_what_is_shown_is_read_again() -> None:
    async with run_app(LATER) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("enter")
        await read_whole(at)
        finish(at, "success")
        await at.until_seen("3 Success 1")
        await at.until(lambda: asked(at).count(LIGHT) == 2, "the detail of the ended task")
        await read_whole(at)
        assert RESULT not in asked(at)


async def test_a_result_that_is_shown_is_read_when_its_task_has_ended() -> None:
    async with run_app(LATER) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("o")
        await at.until_seen("No result yet.")
        assert asked(at) == [LIGHT]
        finish(at, "success")
        await at.until_seen("3 Success 1")
        await at.until(lambda: RESULT in asked(at), "the result")
        await read_whole(at)
        assert asked(at) == [LIGHT, LIGHT, RESULT]


async def test_a_result_under_way_says_so_and_is_dropped_with_the_detail(monkeypatch) -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("v")
        await read_whole(at)
        told: dict[str, Callable[..., None]] = {}
        monkeypatch.setattr(
            at.screen.monitor.only.details, "fetch_result", lambda _id, **how: told.update(how)
        )
        dropped: list[int] = []
        drop = at.screen.monitor.only.details.drop_fetch
        monkeypatch.setattr(at.screen.monitor.only.details, "drop_fetch", lambda: (dropped.append(1), drop()))
        await at.press("o")
        await at.until_seen("Loading…")
        told["progress"](2_500_000)
        await at.until_seen("Loading… 2.5 MB")
        before = len(dropped)
        await at.press("escape")
        await at.until(lambda: len(dropped) > before, "the request ended")
        assert not at.screen.panes.detail.is_waiting


async def test_a_result_that_can_not_be_read_says_why_and_is_asked_for_again() -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("i")
        await read_whole(at)
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path="/1/result", times=1))
        await at.press("o")
        await at.until_seen("Couldn't read the result.")
        await at.press("i")
        await at.until_seen("[1,2,3,4,5]")
        await at.press("o")
        await at.until(
            lambda: at.screen.panes.detail.get_document(DetailTab.RESULT) is not None, "the result"
        )
        assert asked(at) == [LIGHT, RESULT, RESULT]


async def test_r_asks_again_for_a_result_that_could_not_be_read() -> None:
    async with run_app(LATER) as at:
        await ended(at)
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path="/1/result", times=1))
        await at.press("o")
        await at.until_seen("Couldn't read the result.")
        await at.press("r")
        await at.until(
            lambda: at.screen.panes.detail.get_document(DetailTab.RESULT) is not None, "the result"
        )
        assert asked(at) == [LIGHT, RESULT, RESULT]


# --- saving ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where graphtop was started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_the_saved_result_is_the_whole_one(folder: Path) -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("o")
        await at.until(
            lambda: at.screen.panes.detail.get_document(DetailTab.RESULT) is not None, "the result"
        )
        await at.press("ctrl+s")
        await at.until_seen("hugegraph-1-result.json")
        await at.until(lambda: (folder / "hugegraph-1-result.json").stat().st_size > 0, "the file")
    assert json.loads((folder / "hugegraph-1-result.json").read_bytes()) == [1, 2, 3, 4, 5]


async def test_a_result_that_is_still_under_way_is_saved_whole(folder: Path, monkeypatch) -> None:
    async with run_app(LATER) as at:
        await ended(at)
        await at.press("v")
        await read_whole(at)
        monkeypatch.setattr(at.screen.monitor.only.details, "fetch_result", lambda *_what, **_how: None)
        await at.press("o", "ctrl+s")
        await at.until_seen("Saved the full result (11 B) to hugegraph-1-result.json. Secrets are hidden.")
    assert (folder / "hugegraph-1-result.json").read_bytes() == b"[1,2,3,4,5]"


async def test_a_result_over_the_cap_is_cut_alone_and_saved_whole(folder: Path) -> None:
    async with run_app(LATER) as at:
        at.screen.monitor.only.details._cap = 2_000
        await ended(at, "(1..5000).collect{ it }")
        await at.press("o")
        await at.until_seen("Cut after 2.0 kB. ^S saves the full result.")
        await at.press("v")
        await at.until_seen("(cut)")
        await at.press("i", "ctrl+s")
        await at.until_seen("hugegraph-1-input.groovy.")
        await at.press("o", "ctrl+s")
        await at.until_seen("to hugegraph-1-result.json. Secrets are hidden.")
    assert json.loads((folder / "hugegraph-1-result.json").read_bytes())[-1]["id"] == 5000
