"""What is asked of the server for a task's detail, and when; what is shown of it, and what is saved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend_adapters.errors import NoSuchTask, TimedOut
from backend_adapters.redaction import SecretTooLong
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import RunningApp, run_app
from tui.screens.tasks import detail_controller
from tui.screens.tasks import save_controller as save_desk
from tui.text import format_size
from tui.widgets.detail_tab import DetailTab

LONG = "Thread.sleep(3600000)"


def asked(at: RunningApp, task_id: str) -> int:
    """How often the server was asked for a task's detail."""
    return sum(line.partition("?")[0].endswith(f"/tasks/{task_id}") for line in at.sent("GET"))


async def read_whole(at: RunningApp) -> None:
    panes = at.screen.panes
    await at.until(lambda: panes.detail is not None and not panes.detail.is_waiting, "the texts")


async def test_a_detail_is_asked_for_once_until_its_tasks_state_changes() -> None:
    async with run_app() as at:
        task_id = await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("i")
        await at.until_seen("Thread.sleep")
        await read_whole(at)
        assert asked(at, task_id) == 1
        polls = len(at.sent("GET"))
        await at.until(lambda: len(at.sent("GET")) > polls + 3, "more polls")
        assert asked(at, task_id) == 1
        await at.cancel(task_id)
        await at.until_seen("5 Cancelled 1")
        await at.until(lambda: asked(at, task_id) > 1, "the detail of the ended task")
        await read_whole(at)
        await at.press("escape", "enter")
        await read_whole(at)
        assert at.screen.panes.pane.border_title.startswith(f"{task_id} · gremlin")


async def test_what_stands_below_a_script_does_not_jump_while_the_next_one_is_awaited(monkeypatch) -> None:
    async with run_app() as at:
        for number in (1, 2):
            await at.submit(f"// count {number}\na = {number}\nb = {number}\na + b")
        await at.until_seen("3 Success 2")
        await at.press("v", "tab")
        await at.until_seen("a = 2")
        await read_whole(at)
        lines = at.lines()
        monkeypatch.setattr(detail_controller, "CURSOR_REST_SECONDS", 3600.0)
        await at.press("down")
        await at.until(lambda: "a = 2" not in "\n".join(at.lines()), "the other task")
        fields = [number for number, line in enumerate(lines) if " type " in line and "gremlin" in line]
        assert fields
        assert [number for number, line in enumerate(at.lines()) if " type " in line] == fields


async def test_r_asks_again_only_for_what_could_not_be_had() -> None:
    async with run_app() as at:
        task_id = await at.submit("6 * 7")
        await at.until_seen("3 Success 1")
        await at.press("i")
        await read_whole(at)
        before = asked(at, task_id)
        polls = len(at.sent("GET"))
        await at.press("r")
        await at.until(lambda: len(at.sent("GET")) > polls + 2, "a refresh")
        assert asked(at, task_id) == before


async def test_nothing_is_asked_for_without_an_open_detail() -> None:
    async with run_app() as at:
        task_id = await at.submit("6 * 7")
        await at.until_seen("3 Success 1")
        await at.press("down", "up", "r")
        polls = len(at.sent("GET"))
        await at.until(lambda: len(at.sent("GET")) > polls + 2, "polls")
        assert asked(at, task_id) == 0
        await at.press("enter", "escape")
        await at.until(lambda: at.screen.panes.detail._rest_timer is None, "no wish")
        assert not at.screen.panes.detail.is_waiting


async def test_what_comes_of_another_task_than_is_shown_is_thrown_away(monkeypatch) -> None:
    async with run_app() as at:
        first, second = await at.submit("// one\n1"), await at.submit("// two\n2")
        await at.until_seen("3 Success 2")
        held: dict[str, object] = {}

        def fetch(task_id: str, **told: object) -> None:
            held[task_id] = told

        monkeypatch.setattr(at.screen.monitor.only.details, "fetch_detail", fetch)
        await at.press("i")
        await at.until(lambda: second in held, "the wish for the second")
        assert "Loading…" in at.text()
        held[second]["progress"](2_500_000)
        await at.until_seen("Loading… 2.5 MB")
        await at.press("tab", "down")
        await at.until(lambda: first in held, "the wish for the first")
        detail = await at.screen.monitor.only.details.read_detail(second)
        held[second]["progress"](3_500_000)
        held[second]["failed"](TimedOut("It took too long."))
        held[second]["done"](detail)
        await at.work_done()
        await at.pilot.pause()
        assert at.screen.query_one("#input").document is None
        assert "3.5 MB" not in at.text()
        assert "Couldn't read" not in at.text()
        assert at.screen.panes.detail.is_waiting
        held[first]["failed"](TimedOut("It took too long."))
        await at.until_seen("Couldn't read the task. It took too long.")
        assert not at.screen.panes.detail.is_waiting


async def test_a_detail_of_nothing_and_of_what_is_gone_says_so() -> None:
    async with run_app() as at:
        await at.press("enter")
        await at.press("i")
        await at.until_seen("No task is selected: the list is empty.")
        assert at.screen.panes.detail.get_document(DetailTab.INPUT) is None
        task_id = await at.submit("1")
        await at.until_seen("3 Success 1")
        at.screen.panes.detail.show_task(at.screen.monitor.only.store.tasks.get(task_id))
        at.screen.panes.detail._show_failure(at.screen.monitor.only.store.tasks.get(task_id), NoSuchTask("x"))
        await at.until_seen(f"Task {task_id} is no longer on the server.")


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20), (30, 8)])
@pytest.mark.parametrize("keys", ["v", "i", "o", "T", "y", "if"])
async def test_an_empty_detail_says_so_at_every_size(size: tuple[int, int], keys: str) -> None:
    async with run_app(size=size) as at:
        await at.press(*keys)
        await at.until_seen("No task is selected")
        before = at.screen._compositor.render_strips()
        at.screen.presenter.draw_tick()
        await at.pilot.pause()
        assert at.screen._compositor.render_strips()[2:] == before[2:]
        await at.press("escape", "escape")
        await at.until_gone("No task is selected")


async def test_an_empty_detail_beside_rows_says_how_to_choose_one() -> None:
    async with run_app() as at:
        await at.press("enter", "i")
        await at.until_seen("the list is empty")
        await at.submit("1")
        await at.until_seen("3 Success 1")
        at.screen.panes.detail.show_task(None)
        await at.until_seen("No task is selected. Move to one with ↑ or ↓.")


async def test_each_tab_without_a_text_says_why() -> None:
    async with run_app() as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("o")
        await at.until_seen("No result yet.")
        await at.submit("6 * 7")
        await at.until_seen("3 Success 1")
        await at.press("tab", "G", "o")
        await at.until_seen("]")
        assert "No result" not in at.text()


# --- saving ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where graphtop was started."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def result(at: RunningApp, script: str = "6 * 7") -> None:
    await at.submit(script)
    await at.until_seen("3 Success 1" if "throw" not in script else "4 Failed 1")
    await at.press("o")
    await read_whole(at)


async def test_each_tab_is_saved_under_its_own_name(folder: Path) -> None:
    async with run_app() as at:
        await result(at)
        for key, name in (
            ("i", "hugegraph-1-input.groovy"),
            ("o", "hugegraph-1-result.json"),
            ("y", "hugegraph-1-raw.json"),
        ):
            await at.press(key, "ctrl+s")
            await at.until_seen(f"to {name}.")
            saved = folder / name
            assert f"Saved {format_size(saved.stat().st_size)} to {name}." in at.text()
        await at.press("v", "ctrl+s")
        await at.until(lambda: len(files(folder)) == 4, "the raw JSON for the overview")
    assert len([name for name in files(folder) if name.startswith("hugegraph-1-raw")]) == 2


async def test_what_can_not_be_written_says_why(folder: Path, monkeypatch) -> None:
    async def full(*what: object) -> Path:
        raise OSError(28, "No space left on device")

    async with run_app() as at:
        await result(at)
        monkeypatch.setattr(save_desk, "save_text", full)
        await at.press("ctrl+s")
        await at.until_seen("Couldn't save the file: No space left on device.")
        assert not at.screen.saving.is_streaming


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SecretTooLong(), "The text contains a secret that is too long to hide; no file written."),
        (OSError(28, "No space left on device"), "Couldn't save the file: No space left on device."),
        (TimedOut("It took too long."), "Couldn't read the full text; no file written. It took too"),
    ],
)
async def test_a_long_text_that_can_not_be_saved_says_why(folder: Path, monkeypatch, error, words) -> None:
    async def fails(*what: object) -> Path:
        raise error

    async with run_app() as at:
        at.screen.monitor.only.details._cap = 20_000
        await result(at, "(1..5000).collect{ it }")
        monkeypatch.setattr(save_desk, "save_stream", fails)
        await at.press("ctrl+s")
        await at.until_seen(words)
        await at.until(lambda: not at.screen.saving.is_streaming, "the end")
        assert "Saving the full" not in at.text()


async def test_how_far_a_long_text_is_is_told_at_every_megabyte(folder: Path, monkeypatch) -> None:
    told: list[str] = []
    ended = asyncio.Event()

    async def slow(folder: Path, stem: str, suffix: str, pieces: object, progress) -> Path:
        for number in (1, 999_999, 1_000_001, 1_000_002, 2_000_000, 2_000_001):
            progress(number)
        await ended.wait()
        return folder / f"{stem}{suffix}"

    async with run_app() as at:
        at.screen.monitor.only.details._cap = 20_000
        await result(at, "(1..5000).collect{ it }")
        monkeypatch.setattr(save_desk, "save_stream", slow)
        pane = at.screen.panes.pane
        say = pane.show_progress
        monkeypatch.setattr(pane, "show_progress", lambda words: (told.append(words), say(words)))
        await at.press("ctrl+s")
        await at.until_seen("Saving the full result: 2.0 MB · esc cancel")
        assert at.screen.saving.is_streaming
        ended.set()
        await at.until_seen("Saved the full result (2.0 MB) to hugegraph-1-result.json. Secrets are hidden.")
    assert [words.split(":")[1].split(" · ")[0] for words in told[:-1]] == [" 1 B", " 1.0 MB", " 2.0 MB"]
    assert told[-1] == ""


async def test_the_whole_of_a_failures_text_is_no_json(folder: Path, monkeypatch) -> None:
    saved: list[tuple[str, str]] = []

    async def noted(folder: Path, stem: str, suffix: str, pieces: object, progress) -> Path:
        saved.append((stem, suffix))
        return folder / f"{stem}{suffix}"

    async with run_app() as at:
        at.screen.monitor.only.details._cap = 300
        await result(at, "throw new RuntimeException('boom')")
        monkeypatch.setattr(save_desk, "save_stream", noted)
        await at.press("ctrl+s")
        await at.until_seen("Saved the full")
        await at.press("i", "ctrl+s")
        await at.until(lambda: len(saved) == 2, "the input")
    assert saved == [("hugegraph-1-result", ".txt"), ("hugegraph-1-input", ".json")]


async def test_without_a_text_there_is_nothing_to_save(folder: Path) -> None:
    async with run_app() as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("ctrl+s")
        await at.until_seen("Nothing to save. Open Input, Result or Raw first.")
        fault = Fault(Wrong.CRASH, method="GET", path="/tasks/1", times=1_000)
        at.server.faults.append(fault)
        await at.press("o")
        await at.until_seen("Couldn't read")
        await at.press("ctrl+s")
        await at.until_seen("Nothing to save: no text here, or not yet.")
    assert files(folder) == []
