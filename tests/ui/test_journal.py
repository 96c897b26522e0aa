"""The journal behind the screen: what it holds of an action, and what is seen when it can't be written."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from backend_adapters.model import Action
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.support.full_disk import fill_disk
from tests.ui.running_app import RunningApp, run_app, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.screens.tasks.screen import TasksScreen

LONG = "Thread.sleep(3600000)"
PLAIN = ScreenOptions(interval=1.0)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the journal is for one test."""
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path / "state" / "journal.jsonl"))
    return tmp_path / "state" / "journal.jsonl"


def leave_open(path: Path) -> None:
    """Put an empty journal where others can read it."""
    path.parent.mkdir()
    path.touch(0o644)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def _act(at: RunningApp, key: str) -> None:
    await at.ask(key)
    await at.press("y")


async def test_a_cancel_and_a_delete_leave_a_line_each(path: Path) -> None:
    async with run_app(options=PLAIN) as at:
        task_id = await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await _act(at, "C")
        await at.until_cancelled(task_id)
        read = len(at.sent(f"GET /graphspaces/DEFAULT/graphs/hugegraph/tasks/{task_id}"))
        await _act(at, "delete")
        await at.until_seen(f"Deleted {task_id}")
        read_for_delete = at.sent(f"GET /graphspaces/DEFAULT/graphs/hugegraph/tasks/{task_id}")[read:]
    cancelled, deleted = lines(path)
    assert (cancelled["action"], cancelled["outcome"], cancelled["shown"]) == (
        "cancel",
        "cancelled",
        "running",
    )
    assert (deleted["action"], deleted["outcome"], deleted["code"]) == ("delete", "deleted", 204)
    assert (cancelled["id"], deleted["id"]) == (task_id, task_id)
    assert (deleted["profile"], deleted["graph"]) == ("stage", "DEFAULT/hugegraph")
    assert deleted["by"].endswith(f"@{socket.gethostname()}")
    assert str(deleted["task"]["id"]) == task_id
    assert deleted["task"]["task_status"] == "cancelled"
    assert len(read_for_delete) == 1


@pytest.mark.parametrize("wrong", [Wrong.DELAY, Wrong.CRASH, Wrong.CUT, Wrong.LOST])
async def test_a_task_that_can_not_be_read_is_deleted_all_the_same(path: Path, wrong: Wrong) -> None:
    async with run_app(options=PLAIN) as at:
        task_id = await at.submit("1")
        await at.until_seen("success")
        at.server.faults.append(
            Fault(wrong, method="GET", path=f"/tasks/{task_id}", times=1_000, seconds=3600)
        )
        await _act(at, "delete")
        await at.until_seen(f"Deleted {task_id}")
        assert len(at.sent("DELETE")) == 1
    (line,) = lines(path)
    assert (line["outcome"], line["task"]["id"], line["task"]["word"]) == ("deleted", task_id, "success")


async def test_without_room_nothing_is_sent_and_a_person_reads_why(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_disk(monkeypatch)
    async with run_app(options=PLAIN) as at:
        task_id = await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await _act(at, "C")
        await at.until_seen("Nothing was sent")
        said = " ".join(at.text().replace("▌", " ").replace("│", " ").split())
        assert "No space left" in said
        assert "--no-journal" in said
        assert await at.status(task_id) == "running"
        assert at.sent("PUT") == []


async def test_a_journal_that_was_open_to_others_is_closed_with_a_word(path: Path) -> None:
    leave_open(path)
    async with run_app(options=PLAIN) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await _act(at, "C")
        await at.until_seen("now 0600")
    assert mode_of(path) == 0o600


async def test_with_no_journal_it_is_sent_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_disk(monkeypatch)
    async with run_app(options=ScreenOptions(interval=1.0, journal=False)) as at:
        task_id = await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await _act(at, "C")
        await at.until_cancelled(task_id)


async def test_the_demo_is_not_in_the_persons_journal(path: Path) -> None:
    app = Graphtop(Target(url="http://demo", demo=7), PLAIN)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, TasksScreen), "the tasks")
        await wait_until(
            pilot, lambda: app.screen.parts.table.cursor_task is not None, "a task under the cursor"
        )
        app.screen.monitor.start_action(Action.DELETE, [app.screen.parts.table.cursor_task])
        await wait_until(pilot, lambda: len(app._notifications) > 0, "the report")
    assert not list(path.parent.glob("*"))
