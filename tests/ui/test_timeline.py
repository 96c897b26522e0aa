"""The tab Timeline of a running program: what it shows at once, and what it reads of files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.ui.running_app import RunningApp, run_app
from tui.config.options import ScreenOptions
from tui.monitor.task_past import TaskPast
from tui.widgets.detail_tab import DetailTab

LONG = "Thread.sleep(3600000)"
PLAIN = ScreenOptions(interval=1.0)


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal of its own for each test."""
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path / "state" / "journal.jsonl"))


def events(at: RunningApp) -> list[str]:
    """The lines below the heads of the events."""
    lines = [line.rpartition("││")[2].strip(" │") for line in at.lines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("SERVER"))
    return [line for line in lines[start + 1 :] if line and line[0] in "–0123456789"]


async def test_a_task_is_followed_from_its_creation_to_its_end_with_what_was_done_to_it() -> None:
    async with run_app(options=PLAIN) as at:
        task_id = await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("T")
        await at.until_seen("▶ running")
        assert at.screen.panes.pane.tab is DetailTab.TIMELINE
        assert at.app.focused.id == "timeline"
        assert "created" in events(at)[0]
        assert "now " in at.text()
        await at.ask("C")
        await at.press("y")
        await at.until_cancelled(task_id)
        await at.until_seen(": cancelled")
        words = [line.split("  ")[-1].strip() for line in events(at)]
        assert words[0] == "created"
        assert any(word.startswith("cancel by ") and word.endswith("cancelled") for word in words)
        assert words[-1] == "⊘ cancelled" or words[-2] == "⊘ cancelled"
        assert "ended " in at.text()


async def test_the_last_runs_of_a_kind_stand_below_each_other() -> None:
    async with run_app(options=PLAIN) as at:
        for number in range(5):
            await at.submit(f"// count {number}\n6 * {number}")
        await at.until_seen("3 Success 5")
        await at.press("T")
        await at.until_seen("last 5   ✓✓✓✓✓")
        assert "same kind: 5 ok" in at.text()
        assert "▲ this one" in at.text()


async def test_what_comes_late_of_a_closed_pane_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_app(options=PLAIN) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        asked, go_on = threading.Event(), threading.Event()

        def read_task(_task: object) -> TaskPast:
            asked.set()
            go_on.wait(20)
            return TaskPast(waited=3_600_000)

        reader = at.screen.monitor.only.past_reader
        monkeypatch.setattr(reader, "read_task", read_task)
        await at.press("T")
        await at.until(asked.is_set, "the files being read")
        detail = at.screen.panes.detail
        await at.press("escape")
        drawn: list[object] = []
        monkeypatch.setattr(at.screen.panes.pane, "show_timeline", lambda *shown: drawn.append(shown))
        go_on.set()
        await at.app.workers.wait_for_complete()
        await at.pilot.pause()
        assert not drawn
        assert detail._timeline._past == TaskPast()


async def test_a_task_that_is_gone_keeps_its_timeline() -> None:
    async with run_app(options=PLAIN) as at:
        task_id = await at.submit("6 * 7")
        await at.until_seen("3 Success 1")
        await at.press("T")
        await at.until_seen("✓ success")
        await at.delete(task_id)
        await at.press("r")
        await at.until_seen("0 All 0")
        assert "created" in events(at)[0]


@pytest.mark.parametrize("key", ["slash", "ctrl+s"])
async def test_what_needs_a_text_goes_to_one(key: str) -> None:
    async with run_app(options=PLAIN) as at:
        await at.submit("6 * 7")
        await at.until_seen("3 Success 1")
        await at.press("T")
        await at.until_seen("SERVER")
        await at.until(lambda: not at.screen.panes.detail.is_waiting, "the texts")
        if key == "slash":
            await at.press(key)
            assert at.screen.panes.pane.tab is DetailTab.RESULT
        else:
            assert at.screen.panes.detail.get_document(DetailTab.RAW) is not None
