"""When the tasks screen draws its parts anew, and when it leaves them as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from backend_adapters.model import Action, TaskStatus
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.running_app import NOON, FrozenClock, RunningApp, run_app
from tui.monitor.health import Health, Phase
from tui.monitor.store import ActionOverlay, Change
from tui.screens.tasks.presenter import find_replaced_keys
from tui.widgets.task_table import TaskTable

LIST = replace(EMPTY_HUGEGRAPH, history=40)
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)


class Drawn:
    """How often the table was shown anew, and let tell another time."""

    def __init__(self, table: TaskTable, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown, self.ticked = 0, []
        show, tick = table.show_rows, table.update_time

        def shows(*rows: object, **more: object) -> None:
            self.shown += 1
            show(*rows, **more)

        def ticks(now_ms: int) -> None:
            self.ticked.append(now_ms)
            tick(now_ms)

        monkeypatch.setattr(table, "show_rows", shows)
        monkeypatch.setattr(table, "update_time", ticks)


def at_rest(at: RunningApp, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Count from here on, with no polls and no ticks but those of the test."""
    at.screen.monitor.only.poller.health_state.on_health = lambda health: None
    at.screen.presenter.draw_all()
    return Drawn(at.screen.parts.table, monkeypatch)


async def test_a_tick_changes_times_only_unless_there_is_more_to_draw(monkeypatch) -> None:
    clock = FrozenClock()
    async with run_app(LIST, clock=clock) as at:
        drawn = at_rest(at, monkeypatch)
        clock.moment += 1_000
        at.screen.presenter.draw_tick()
        assert (drawn.shown, drawn.ticked) == (0, [NOON + 1_000])
        assert at.screen.parts.header.state.now == NOON + 1_000
        at.screen.monitor.only.store.overlays["3"] = ActionOverlay(Action.CANCEL, NOON)
        at.screen.presenter.draw_tick()
        assert (drawn.shown, len(drawn.ticked)) == (1, 1), "what is done to a task shows its time"
        at.screen.monitor.only.store.overlays.clear()
        at.screen.presenter.draw_tick()
        assert (drawn.shown, len(drawn.ticked)) == (1, 2)


async def test_rows_that_were_scrolled_to_are_drawn_once_with_all_that_is_known_of_them(monkeypatch) -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        drawn = at_rest(at, monkeypatch)
        for y, shown in ((100, 1), (100, 1), (0, 2), (0, 2)):
            at.screen.parts.table.scroll_to(y=y, animate=False)
            at.screen.presenter.draw_tick()
            assert drawn.shown == shown


async def test_what_is_stuck_is_drawn_anew_at_each_tick(monkeypatch) -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        store, task = at.screen.monitor.only.store, at.screen.monitor.view[0]
        at.screen.monitor.only.poller.set_paused(True)
        stuck = changed(task, id="999", status=TaskStatus.CANCELLING, updated=NOON - 61_000)
        store.apply_answer([stuck], asked=store.take_ticket())
        drawn = at_rest(at, monkeypatch)
        assert at.screen.parts.tabs.state.stuck == 1
        for shown in (1, 2):
            at.screen.presenter.draw_tick()
            assert drawn.shown == shown


async def test_an_open_overview_tells_the_time_at_each_tick() -> None:
    clock = FrozenClock()
    async with run_app(LIST, clock=clock) as at:
        await at.press("v")
        await at.until_seen("ago")
        before = at.text()
        clock.moment += 86_400_000
        at.screen.presenter.draw_tick()
        await at.pilot.pause()
        assert "1d" in at.text()
        assert at.text() != before


async def test_answers_that_tell_nothing_new_draw_nothing() -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        health = at.screen.monitor.health
        at.screen.presenter.health_changed(health)
        at.screen.presenter.draw_all()
        at.screen.presenter.health_changed(changed(health, last_ok=NOON + 5_000, latency=0.7))
        assert not at.screen.presenter.is_draw_pending
        at.screen.presenter.health_changed(changed(health, scanning=not health.scanning))
        assert at.screen.presenter.is_draw_pending
        at.screen.presenter.health_changed(health)
        await at.until(lambda: not at.screen.presenter.is_draw_pending, "the drawing")
        at.screen.monitor.only.store.overlays["3"] = ActionOverlay(Action.CANCEL, NOON)
        at.screen.presenter.draw_all()
        at.screen.presenter.health_changed(health)
        assert at.screen.presenter.is_draw_pending, "an action under way may have ended"


async def test_changes_in_quick_succession_are_drawn_once(monkeypatch) -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        drawn = at_rest(at, monkeypatch)
        for _ in range(5):
            at.screen.presenter.rows_changed([])
            at.screen.presenter.overlays_changed()
        assert drawn.shown == 0
        await at.until(lambda: not at.screen.presenter.is_draw_pending, "the drawing")
        assert drawn.shown == 1


async def test_the_first_rows_are_drawn_at_once(monkeypatch) -> None:
    async with run_app(EMPTY_HUGEGRAPH, clock=FrozenClock()) as at:
        drawn = at_rest(at, monkeypatch)
        at.screen.presenter.rows_changed([])
        assert drawn.shown == 0, "there are none"
        await at.until(lambda: not at.screen.presenter.is_draw_pending, "the drawing")
        at.screen.monitor.only.poller.set_paused(True)
        await at.submit("1")
        at.screen.monitor.only.poller.refresh_all()
        await at.until(lambda: len(at.screen.monitor.view) == 1, "the first row")
        assert at.screen.parts.table.cursor_key == "1"
        assert not at.screen.presenter.is_draw_pending


async def test_at_the_start_all_that_fills_the_table_is_drawn_at_once(monkeypatch) -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        drawn, drawing = at_rest(at, monkeypatch), at.screen.presenter
        monkeypatch.setattr(drawing, "_has_scanned", False)
        monkeypatch.setattr(drawing, "_drawn_rows", 5)
        drawing.rows_changed([])
        assert drawn.shown == 1, "the rows after the unfinished"
        drawing.rows_changed([])
        assert drawn.shown == 1, "the table is full"
        assert drawing.is_draw_pending


async def test_reasons_are_asked_for_what_is_on_the_screen_and_not_while_paused(monkeypatch) -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        wanted: list[list[str]] = []
        monkeypatch.setattr(
            at.screen.monitor.only.headlines,
            "set_wanted",
            lambda tasks: wanted.append([task.id for task in tasks]),
        )
        at.screen.presenter.draw_all()
        assert wanted == [list(at.screen.presenter.ids_on_screen())]
        await at.press("p")
        wanted.clear()
        at.screen.presenter.draw_all()
        assert wanted == []


async def test_another_shape_lets_the_columns_shrink_and_the_same_one_leaves_them(monkeypatch) -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        reset: list[object] = []
        monkeypatch.setattr(at.screen.parts.table, "reset_widths", lambda: reset.append(1))
        at.screen.presenter.shape_changed()
        first = len(reset)
        at.screen.presenter.shape_changed()
        assert len(reset) == first
        await at.press("I")
        await at.until(lambda: len(reset) == first + 1, "the other order")


async def test_the_other_lists_are_asked_for_once_and_when_all_is_read() -> None:
    async with run_app(LIST) as at:
        asked: list[object] = []

        async def find() -> None:
            asked.append(1)

        at.screen.navigation.find_siblings = find
        at.screen.presenter._has_sought_siblings = False
        unread = Health(phase=Phase.LIVE, last_ok=NOON)
        at.screen.presenter._use_capabilities(unread)
        assert not at.screen.presenter._has_sought_siblings
        for _ in range(2):
            at.screen.presenter._use_capabilities(changed(unread, scanned=True))
        await at.work_done()
        assert asked == [1]


async def test_marks_stay_on_what_changed_and_leave_what_is_another_task_now() -> None:
    async with run_app(LIST) as at:
        old = at.screen.monitor.view[0]
        ended = changed(old, status=TaskStatus.FAILED)
        again = changed(old, created=(old.created or 0) + 1)
        assert find_replaced_keys([Change(None, old), Change(old, ended)]) == []
        assert find_replaced_keys([Change(old, None)]) == [old.id]
        assert find_replaced_keys([Change(old, again)]) == [old.id]
        await at.press("space")
        at.screen.presenter.rows_changed([Change(old, ended)])
        assert at.screen.parts.table.marks == (old.id,)
        at.screen.presenter.rows_changed([Change(old, again)])
        assert at.screen.parts.table.marks == ()


async def test_the_empty_tables_words_are_wrapped_into_it() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(40, 20)) as at:
        words = "No tasks, or none this user is allowed to see. New ones appear here automatically."
        await at.until(lambda: words in " ".join(at.text().replace("│", " ").split()), "all of the words")


async def test_the_line_below_a_text_is_drawn_only_where_it_says_something_else(monkeypatch) -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        await at.press("enter", "tab")
        pane, updates = at.screen.panes.pane, []
        monkeypatch.setattr(pane._message_line, "update", updates.append)
        await at.press("j", "j", "j", "k")
        assert updates == []
        pane.show_progress("Saving…")
        pane.show_progress("Saving…")
        pane.show_progress("")
        assert [str(words) for words in updates] == ["Saving…", ""]
