"""What the keys of the tasks screen do and say, step by step, and how the screen is divided."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from textual.geometry import Size

from backend_adapters.model import Action
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import NOON, FrozenClock, RunningApp, hold_actions, run_app
from tui.config.options import ScreenOptions
from tui.gc_tuning import FULL_COLLECTION_EVERY
from tui.monitor.poller import INTERVALS
from tui.monitor.store import ActionOverlay
from tui.screens.dialogs.help import HelpScreen
from tui.widgets.detail_tab import DetailTab

LONG = "Thread.sleep(3600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
LIST = replace(EMPTY_HUGEGRAPH, history=40)


async def test_esc_goes_one_step_back_at_a_time_and_never_quits() -> None:
    async with run_app(LIST) as at:
        await at.press("space", "slash", *"gremlin", "enter")
        await at.until_seen("filter: gremlin")
        await at.press("enter", "f")
        await at.until(lambda: at.screen.has_class("-full"), "the full screen")
        await at.press("slash", *"x", "enter")
        await at.until_seen("esc close")
        await at.press("escape")
        await at.until_gone("esc close")
        assert at.screen.has_class("-full")
        await at.press("escape")
        assert not at.screen.has_class("-full")
        assert at.screen.panes.is_reading
        await at.press("escape")
        assert not at.screen.panes.is_reading
        assert at.screen.parts.table.has_focus
        assert at.screen.filter_line.text == "gremlin"
        await at.press("escape")
        await at.until_gone("filter:")
        assert len(at.screen.parts.table.marks) == 1
        await at.press("escape")
        assert at.screen.parts.table.marks == ()
        at.screen.show_message("Something was said.")
        await at.until_seen("Something was said.")
        await at.press("escape")
        await at.until_gone("Something was said.")
        assert not at.app._exit


async def test_tab_goes_from_pane_to_pane_and_back_from_the_full_screen() -> None:
    async with run_app(LIST) as at:
        await at.press("tab")
        assert at.screen.parts.table.has_focus, "there is no other pane"
        await at.press("f")
        assert not at.screen.has_class("-full"), "there is nothing to show in full"
        await at.press("enter", "f", "tab")
        assert at.screen.parts.table.has_focus
        assert not at.screen.has_class("-full")
        assert at.screen.panes.is_reading
        await at.press("tab")
        assert at.app.focused is at.screen.query_one("#result")
        await at.press("f", "f")
        assert not at.screen.has_class("-full")


async def test_a_key_of_a_tab_opens_the_detail_there() -> None:
    async with run_app(LIST) as at:
        for key, tab, view in (
            ("i", DetailTab.INPUT, "#input"),
            ("o", DetailTab.RESULT, "#result"),
            ("y", DetailTab.RAW, "#raw"),
            ("v", DetailTab.OVERVIEW, "#overview"),
        ):
            await at.press(key)
            assert at.screen.panes.pane.tab is tab
            assert at.app.focused is at.screen.query_one(view)
        await at.press("left_square_bracket")
        assert at.screen.panes.pane.tab is DetailTab.RAW
        assert at.app.focused is at.screen.query_one("#raw")
        await at.press("right_square_bracket", "right_square_bracket")
        assert at.screen.panes.pane.tab is DetailTab.INPUT
        assert at.app.focused is at.screen.query_one("#input")


@pytest.mark.parametrize(
    ("size", "place"),
    [
        (Size(110, 10), "-beside"),
        (Size(109, 22), "-below"),
        (Size(109, 21), "-over"),
        (Size(200, 60), "-beside"),
    ],
)
async def test_the_detail_stands_where_there_is_room(size: Size, place: str) -> None:
    async with run_app(LIST, size=tuple(size)) as at:
        assert [name for name in ("-beside", "-below", "-over") if at.screen.has_class(name)] == [place]
        await at.press("enter")
        table, pane = at.screen.parts.table.region, at.screen.panes.pane.region
        assert {
            "-beside": table.right <= pane.x and table.y == pane.y,
            "-below": table.bottom <= pane.y and table.x == pane.x,
            "-over": pane.width == size.width,
        }[place]


async def test_the_cursor_stays_in_sight_when_the_detail_takes_the_half_below() -> None:
    async with run_app(LIST, size=(80, 24)) as at:
        await at.press(*["down"] * 15)
        task_id = at.screen.parts.table.cursor_key
        await at.press("enter")
        table = at.screen.parts.table
        row = at.screen.monitor.view.position(task_id)
        await at.until(lambda: 0 <= row - table.scroll_offset.y < table.size.height - 1, "the cursor's row")
        assert table.cursor_key == task_id


async def test_the_pace_is_chosen_step_by_step_between_the_fastest_and_the_slowest() -> None:
    async with run_app(options=ScreenOptions(interval=2.0)) as at:
        poller, seen = at.screen.monitor.only.poller, []
        for key in ["plus"] * 3 + ["minus"] * len(INTERVALS):
            await at.press(key)
            seen.append(poller.interval)
        assert seen == [1.0, 0.5, 0.5, *INTERVALS[1:], INTERVALS[-1]]
        await at.until_seen("live 60s")
        await at.press("equals_sign")
        await at.until_seen("live 30s")


async def test_r_reads_everything_again_and_what_could_not_be_had_of_a_detail() -> None:
    async with run_app() as at:
        task_id = await at.submit("1")
        await at.until_seen("success")
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path=f"/tasks/{task_id}", times=1_000))
        await at.press("i")
        await at.until_seen("Couldn't read")
        at.server.faults.clear()
        asked = len(at.sent("GET"))
        await at.press("r")
        await at.until_gone("Couldn't read")
        await at.until(lambda: any("limit=" in line for line in at.sent("GET")[asked:]), "the whole list")


async def test_an_action_under_way_on_all_that_is_meant_is_not_begun_again() -> None:
    async with run_app() as at:
        await at.submit(LONG)
        await at.submit(LONG)
        await at.until_seen("1 Active 2")
        at.screen.monitor.only.store.overlays["1"] = ActionOverlay(Action.CANCEL, at.app._clock.now())
        await at.press("C")
        await at.until_seen("An action on this task is already in progress.")
        await at.press("asterisk")
        await at.ask("C")
        assert "Cancel 2 tasks" in at.text(), "one of them is not under way"
        await at.press("n")
        assert at.sent("PUT") == []


async def test_x_stops_what_has_not_been_sent(monkeypatch) -> None:
    async with run_app() as at:
        await at.press("X")
        await at.until_seen("There is no bulk action to stop.")
        for _ in range(6):
            await at.submit(LONG)
        await at.until_seen("1 Active 6")
        sent = hold_actions(at, monkeypatch)
        await at.press("asterisk")
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        await at.press("X")
        await at.until_seen("Stopped: 2 requests were not sent. Those already sent are watched to")
        sent.set()
        await at.until_seen("4 cancelled · 2 not sent")
        assert len(at.sent("PUT")) == 4


async def test_x_says_that_everything_has_been_sent_already(monkeypatch) -> None:
    async with run_app() as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        sent = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        await at.press("X")
        await at.until_seen("There is nothing left to stop: every request has been sent.")
        sent.set()
        await at.until_seen("Cancelled")


async def test_i_turns_the_order_and_a_click_on_a_head_chooses_or_turns_it() -> None:
    async with run_app(QUIET) as at:
        view = at.screen.monitor.view

        async def click(head: str) -> None:
            await at.pilot.click(offset=(at.table_head().index(head), at.screen.parts.table.content_region.y))

        await click("TOOK")
        await at.until_seen("TOOK▾")
        longest = view[0].id
        await click("TOOK")
        await at.until_seen("TOOK▴")
        assert view[len(view) - 1].id == longest
        await click("NAME")
        await at.until_seen("NAME▴")
        await at.press("I")
        await at.until_seen("NAME▾")


async def test_t_goes_from_ages_to_local_times_to_utc_and_back() -> None:
    async with run_app(LIST, clock=FrozenClock()) as at:
        heads = []
        for _ in range(3):
            heads.append(
                (at.screen.parts.table.time_format, at.screen.presenter.utc, at.lines()[0].rstrip()[-1])
            )
            await at.press("t")
            await at.pilot.pause()
        assert heads == [("age", False, "0"), ("local", False, "0"), ("utc", True, "Z")]
        assert at.screen.parts.table.time_format == "age"
        assert not at.screen.presenter.utc


async def test_a_task_that_another_one_names_is_gone_to_or_it_is_said_why_not() -> None:
    async with run_app(LIST) as at:
        at.screen.action_go_to("3")
        assert at.screen.parts.table.cursor_key == "3"
        await at.press("4")
        await at.until_seen("tasks · failed")
        at.screen.action_go_to("999")
        await at.until_seen("Task 999 no longer exists.")
        tasks = at.screen.monitor.only.store.tasks.values()
        hidden = next(task.id for task in tasks if task.raw_status == "success")
        at.screen.action_go_to(hidden)
        await at.until_seen(f"Task {hidden} is hidden by the current view.")


async def test_p_pauses_and_goes_on() -> None:
    async with run_app(LIST) as at:
        await at.press("p")
        await at.until_seen("‖ paused · data from")
        await at.press("p")
        await at.until_seen("● live")


async def test_a_filter_by_age_is_applied_anew_every_fifteen_seconds() -> None:
    clock = FrozenClock()
    async with run_app(clock=clock) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        await at.press("slash", *"age<1m", "enter")
        await at.until_seen("filter: age<1m · 1 of 1")
        clock.moment += 61_000
        shown: list[object] = []
        show = at.screen.monitor.show_shape
        at.screen.monitor.show_shape = lambda shape: (shown.append(shape), show(shape))
        at.screen.presenter._seconds = 0
        for _ in range(14):
            at.screen.presenter.draw_tick()
        assert shown == []
        at.screen.presenter.draw_tick()
        assert len(shown) == 1
        await at.until_seen("filter: age<1m · 0 of 1")


async def test_a_poll_that_changed_nothing_leaves_the_clock_to_the_tick() -> None:
    clock = FrozenClock(NOON)
    async with run_app(LIST, clock=clock) as at:
        clock.moment += 1_000
        at.screen.presenter.draw_header()
        assert at.screen.parts.header.state.now == NOON
        at.screen.presenter.draw_tick()
        assert at.screen.parts.header.state.now == NOON + 1_000
        clock.moment += 60_000
        at.screen.presenter.draw_header()
        assert at.screen.parts.header.state.now == NOON + 61_000, "it is stale, and that is said at once"


async def test_the_rows_on_the_screen_and_a_screen_around_are_looked_at() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        view, table = at.screen.monitor.view, at.screen.parts.table
        height = table.size.height

        def expected(scrolled: int, margin: int) -> list[str]:
            """The unfinished tasks, and so many rows around those that are scrolled to."""
            ids, top = [task.id for task in view], view.running_rows + view.waiting_rows
            assert 0 < top < height / 3
            start, room = top + scrolled, height - 2 - top
            return ids[:top] + ids[max(top, start - margin) : start + room + margin]

        def near() -> list[str]:
            return [task.id for task in table.tasks_near_screen(view, margin=1)]

        assert list(at.screen.presenter.ids_on_screen()) == expected(0, 0)
        assert near() == expected(0, height)
        table.scroll_to(y=100, animate=False)
        await at.pilot.pause()
        assert list(at.screen.presenter.ids_on_screen()) == expected(100, 0)
        assert near() == expected(100, height)
        await at.press("G")
        assert at.screen.presenter.ids_on_screen()[-1] == list(view)[-1].id


async def test_a_note_of_what_can_not_be_read_is_said_once() -> None:
    async with run_app() as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        fault = Fault(Wrong.WRONG_TYPES, method="GET", path="ids=", times=1_000_000)
        at.server.faults.append(fault)
        await at.until_seen("invalid fields")
        said = len(at.app._notifications)
        polls = fault.times
        await at.until(lambda: fault.times < polls - 3, "more polls")
        assert len(at.app._notifications) == said


async def test_a_fault_of_graphtops_own_ends_the_program() -> None:
    class Broken(BaseException):
        pass

    async def broken(error: BaseException) -> RunningApp:
        async with run_app(LIST) as at:
            at.screen.presenter.on_internal_error(error)
        return at

    with pytest.raises(ZeroDivisionError):
        await broken(ZeroDivisionError("own"))
    with pytest.raises(RuntimeError, match="Broken"):
        await broken(Broken())


async def test_the_help_lists_every_key_that_has_a_name() -> None:
    async with run_app(LIST, size=(160, 60)) as at:
        await at.press("question_mark")
        await at.until(lambda: isinstance(at.app.screen, HelpScreen), "the help")
        await at.until_seen("Back / quit (^Q quits at once)")
        for words in (
            "Move up or down",
            "Mark all tasks in the list",
            "Stop the bulk action",
            "Show all commands",
        ):
            assert words in at.text()


async def test_what_lives_as_long_as_the_screen_is_not_looked_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The end of the start, a second later, would look at it once more.
    monkeypatch.setattr("tui.app.START_SECONDS", 3600.0)
    async with run_app(LIST):
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (700, 10, FULL_COLLECTION_EVERY), "all was read"
    assert gc.get_freeze_count() == 0
