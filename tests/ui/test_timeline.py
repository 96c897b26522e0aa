"""The tab Timeline of a running program: what it shows at once, and what it reads of files."""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot

from backend_adapters.model import Task
from tests.ui.picture_app import ROOMY, SMALL, USUAL, app, steps
from tests.ui.running_app import NOON, RunningApp, read_screen, run_app, wait_until
from tests.unit.fakes import S
from tui.config.options import ScreenOptions
from tui.monitor.history.kinds import KindKey
from tui.monitor.history.records import Transition, WatchSpan
from tui.monitor.journal.line import JournalLine
from tui.monitor.kind_record import PastRun
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
    start = next(number for number, line in enumerate(lines) if line.startswith("TIME"))
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

        def read_task(_task: object, _ahead: int) -> TaskPast:
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
        await at.work_done()
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
        await at.until_seen("TIME ", 20)
        await at.until(lambda: not at.screen.panes.detail.is_waiting, "the texts")
        if key == "slash":
            await at.press(key)
            assert at.screen.panes.pane.tab is DetailTab.RESULT
        else:
            assert at.screen.panes.detail.get_document(DetailTab.RAW) is not None


async def test_where_there_is_room_a_column_tells_when_tasks_end() -> None:
    async with run_app(size=(140, 36), options=PLAIN) as at:
        for _ in range(5):
            await at.submit("Thread.sleep(1000)")
        await at.until_seen("3 Success 5")
        assert "ETA" not in at.table_head(), "nothing runs"
        await at.press("v")
        await at.until_seen("same kind: 5 ok")
        await at.press("escape")
        task_id = await at.submit(LONG)
        await at.until(lambda: "ETA" in at.table_head(), "the column")
        await at.until(lambda: at.row(task_id).rstrip(" │").endswith("late"), "the task being late")
        await at.pilot.resize_terminal(120, 36)
        await at.until(lambda: "ETA" not in at.table_head(), "the column going away")
        await at.press("w")
        await at.until(lambda: "ETA" in at.table_head(), "the column among all")
        head = at.table_head()
        await at.pilot.click(at.screen.parts.table, offset=(head.index("ETA") - 1, 0))
        assert at.screen.monitor.wanted.order.column == "age", "nothing can be sorted by it"
        await at.press("S")
        await at.until_seen("Sort by")
        assert " eta " not in at.text()
        await at.press("escape", "g", "v")
        await at.until_seen("longer than all 5 runs", 10)


async def test_what_cannot_be_kept_is_told_in_the_corner_and_once_in_full() -> None:
    async with run_app(options=PLAIN) as at:
        why = "The history can't be written: the disk is full."
        at.app.history = SimpleNamespace(problem=why, notice="")
        await at.until_seen("history not kept")
        await at.until_seen("the disk is full")
        assert [message.text for message in at.app.messages.list_all()].count(why) == 1
        at.app.history = SimpleNamespace(problem="", notice="")
        await at.until_gone("history not kept")


# --- pictures ----------------------------------------------------------------------------------------

MINUTE = 60_000
BEGAN = NOON - 364 * MINUTE


def moment(minutes: float) -> int:
    """So many minutes after the task began."""
    return BEGAN + round(minutes * MINUTE)


class EventfulPast:
    """The files of a task that was queued, ran, was restarted while nobody watched, and runs again."""

    has_history = True

    def read_task(self, task: Task, ahead: int) -> TaskPast:
        del ahead
        if task.created != BEGAN:
            return TaskPast()
        steps_ = [
            (S.QUEUED, 0, 0.02, None),
            (S.RUNNING, 9, 9.03, None),
            (S.RESTORING, 120, 139.5, 104.0),
            (S.RUNNING, 141, 141.02, None),
        ]
        return TaskPast(
            transitions=tuple(
                Transition(
                    status=status,
                    raw_status=status.value,
                    at=moment(at),
                    seen=moment(seen),
                    unwatched_since=None if since is None else moment(since),
                )
                for status, at, seen, since in steps_
            ),
            gaps=(WatchSpan(moment(104), moment(139.5)),),
            waited=9 * MINUTE,
            actions=(
                JournalLine(
                    when="2026-11-23T11:20:05.000Z",
                    by="ann@ops-1",
                    profile="prod-eu",
                    url="u",
                    graph="g",
                    id=task.id,
                    action="cancel",
                    outcome="refused",
                ),
            ),
        )

    def read_runs(self, kinds: Collection[KindKey]) -> dict[KindKey, list[PastRun]]:
        lengths = (38, 41, 44, 2, 39, 51, 47, 40, 43, 3, 45)
        runs = [
            PastRun(
                f"old-{number}",
                S.FAILED if length < 10 else S.SUCCESS,
                BEGAN - number * 900 * MINUTE,
                BEGAN - number * 900 * MINUTE + length * MINUTE,
                length * MINUTE,
            )
            for number, length in enumerate(lengths, start=1)
        ]
        return dict.fromkeys(kinds, runs)


def eventful(*keys: str) -> object:
    """Let the files tell of an eventful past, then press keys."""

    async def run(pilot: Pilot) -> None:
        await steps()(pilot)
        place = pilot.app.screen.monitor.only
        place.past_reader = EventfulPast()
        place.kind_records.read_runs = place.past_reader.read_runs
        place.kind_records._kept.clear()
        await steps(*keys)(pilot)
        for words in ("11 runs", "queued 9m") if "T" in keys else ("late",):
            await wait_until(pilot, lambda: words in "".join(read_screen(pilot.app)), words)  # noqa: B023

    return run


@pytest.mark.parametrize(
    ("size", "keys", "options"),
    [
        (ROOMY, "T", {}),
        (USUAL, "T", {}),
        (USUAL, "Tf", {"ascii": True}),
        (SMALL, "T", {}),
        (ROOMY, "T", {"theme": "graphtop-light"}),
    ],
    ids=["120x36", "80x24", "ascii", "60x20", "light"],
)
def test_a_picture_of_an_eventful_life(snap_compare, size: tuple[int, int], keys: str, options) -> None:
    run_before = eventful("down", *keys)
    assert snap_compare(app(utc=True, **options), terminal_size=size, run_before=run_before)


def test_a_picture_of_a_life_that_is_over(snap_compare) -> None:
    keys = steps("slash", *"page_rank", "enter", "3", "T")
    assert snap_compare(app(utc=True), terminal_size=ROOMY, run_before=keys)


def test_a_picture_of_what_is_late(snap_compare) -> None:
    assert snap_compare(app(utc=True), terminal_size=(140, 24), run_before=eventful("down", "w", "w"))
