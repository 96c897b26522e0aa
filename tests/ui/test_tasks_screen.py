"""What a person sees and does on the tasks screen, on a living simulated server."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from msgspec import structs

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Scope
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.running_app import FrozenClock, run_app
from tui.clipboard import MAX_COPY_CHARACTERS
from tui.config.options import ScreenOptions
from tui.monitor import failure_headlines
from tui.monitor.filters import FilterError
from tui.monitor.health import Phase
from tui.widgets.detail_pane import DetailPane

LONG = "Thread.sleep(3600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)


async def test_new_tasks_appear_by_themselves_and_are_counted() -> None:
    async with run_app() as at:
        assert "No tasks, or none" in at.text()
        await at.submit(LONG)
        await at.until_seen("running")
        assert "1 Active 1" in at.text()
        await at.submit("throw new RuntimeException('boom')")
        await at.until_seen("4 Failed 1")
        await at.until_seen("boom")


async def test_of_what_runs_the_oldest_is_on_top_and_the_cursor_stays_on_its_task() -> None:
    async with run_app() as at:
        first = await at.submit(LONG)
        await at.until_seen("running")
        await at.press("down", "up")
        for _ in range(3):
            await at.submit(LONG)
        await at.until_seen("0 All 4")
        assert at.screen.parts.table.cursor_key == first
        positions = [at.screen.monitor.view.position(str(number)) for number in (4, 3, 2, 1)]
        assert positions == [3, 2, 1, 0]


async def test_status_keys_show_one_group_and_an_empty_one_says_so() -> None:
    async with run_app(QUIET) as at:
        await at.press("4")
        await at.until_seen("tasks · failed · 23 of")
        rows = [line for line in at.lines() if "✓ success" in line]
        assert rows == []
        await at.press("0")
        await at.until_seen("✓ success")


async def test_the_filter_narrows_counts_and_esc_clears_it() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash", *"type=rebuild_index")
        await at.until(lambda: "gremlin " not in at.text(), "only index rebuilds")
        await at.press("enter")
        assert "type=rebuild_index" in at.text()
        shown = len(at.screen.monitor.view)
        assert f"{shown} of {len(at.screen.monitor.only.store)}" in at.text()
        await at.press("escape")
        await at.until_seen("gremlin")
        assert len(at.screen.monitor.view) == len(at.screen.monitor.only.store)


async def test_a_filter_that_hides_all_says_what_it_hides() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash", *"no-such-thing", "enter")
        await at.until_seen("are hidden by the filter.")
        assert "Press esc to clear it, / to change it." in at.text()


async def test_a_wrong_filter_is_explained_until_it_is_right() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash", *"took>x")
        await at.until_seen("took needs a duration")
        await at.press("backspace", *"5h")
        await at.until_gone("✓ success")
        await at.until_seen("personByCity")
        assert "took needs" not in at.text()
        await at.press("enter")
        await at.until_seen("filter: took>5h · 2 of")


async def test_failures_are_found_by_their_reasons_which_also_sort_them(monkeypatch) -> None:
    monkeypatch.setattr(failure_headlines, "BACKGROUND_PAUSE", 3600)
    async with run_app(QUIET, clock=FrozenClock(), size=(120, 30)) as at:
        await at.until_seen("REASON")
        await at.press("slash", *"OutOfMem")
        await at.until_seen("tasks not read")
        assert re.search(r"of 3\d\d · reasons of \d+ tasks not read", at.text())
        monkeypatch.setattr(failure_headlines, "BACKGROUND_PAUSE", 0.001)
        await at.press("escape", "4")
        await at.until(lambda: not at.screen.monitor.only.store.unread_reasons, "all reasons read")
        await at.press("slash", *"reason=OutOfMem", "enter")
        await at.until_seen("filter: reason=OutOfMem · 5 of")
        assert "not read" not in at.text()
        assert at.text().count("OutOfMemory") == 5
        await at.press("escape", "S", *"reason")
        await at.press("enter")
        await at.until_seen("REASON▴")
        view = at.screen.monitor.view
        reasons = [view[row].reason.casefold() for row in range(len(view))]
        assert reasons == sorted(reasons)


async def test_sort_by_a_chosen_column_and_invert() -> None:
    async with run_app(QUIET) as at:
        await at.press("S", *"took")
        await at.press("enter")
        await at.until(lambda: at.screen.monitor.view.shape.order.column == "took", "sorted by took")
        view = at.screen.monitor.view
        longest = [view[row].name.split(".")[0] for row in range(2)]
        assert longest == ["g", "INDEX_LABEL:4:personByCity"], "running for 26 and for 6 hours"
        assert "TOOK▾" in at.text()
        await at.press("I")
        await at.until_seen("TOOK▴")


async def test_detail_shows_fields_input_result_and_raw() -> None:
    async with run_app() as at:
        await at.submit("// count them\ng.V().count()")
        await at.until_seen("success")
        await at.press("v")
        await at.until_seen("org.apache.hugegraph.job.GremlinJob")
        await at.press("i")
        await at.until_seen("g.V().count()")
        await at.press("y")
        await at.until_seen('"task_status": "success"')
        await at.press("o")
        await at.until(lambda: at.screen.query_one(DetailPane).tab == 2, "the result's tab")
        await at.press("escape")
        await at.until_gone("Overview")


async def test_a_failure_shows_its_exception_first() -> None:
    async with run_app() as at:
        await at.submit("throw new RuntimeException('boom')")
        await at.until_seen("failed")
        await at.press("o")
        await at.until_seen("Error")
        pane = at.screen.query_one("#result")
        top = at.lines()[pane.content_region.y][pane.content_region.x :]
        assert top.startswith("java.lang.RuntimeException: boom")


async def test_secrets_in_an_input_are_masked_everywhere() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash", *"warehouse", "enter")
        await at.until_seen("1 of")
        await at.press("i")
        await at.until_seen("••••••")
        for key, seen in (("i", "//"), ("y", "task_status")):
            await at.press(key, "f")
            await at.until_seen(seen)
            await at.press(*["right"] * 40)
            assert "Tr0ub4dor" not in at.text()
            assert "eyJhbGciOiJIUzI1NiJ9" not in at.text()


async def test_search_in_a_result_goes_to_the_hit() -> None:
    async with run_app() as at:
        await at.submit("(1..5000).collect{ it }")
        await at.until_seen("success")
        await at.press("o")
        await at.until_seen("[")
        await at.press("slash", *"4711", "enter")
        await at.until_seen("4711,")
        await at.until_seen("1 of 2")
        await at.press("n")
        await at.until_seen("2 of 2")
        await at.press("escape")
        await at.until_gone("2 of 2")


async def test_the_detail_follows_the_cursor_and_drops_what_is_late() -> None:
    async with run_app() as at:
        await at.submit("// first\n1")
        await at.submit("// second\n2")
        await at.until_seen("3 Success 2")
        await at.press("enter")
        await at.until_seen("2 · gremlin")
        await at.press("tab", "down")
        await at.until_seen("1 · gremlin")
        await at.press("i")
        await at.until_seen("// first")


async def test_hostile_names_are_shown_as_text() -> None:
    async with run_app(QUIET) as at:
        text = at.text()
        assert "␛[31;1mDROP ALL" in text
        assert "[bold red]O'Brien[/]" in text
        assert "\x1b" not in text


async def test_wide_columns_and_times() -> None:
    async with run_app(QUIET, size=(200, 40)) as at:
        await at.press("w")
        await at.until_seen("RETRIES")
        assert "server-1" in at.text()
        await at.press("t")
        await at.until(lambda: at.screen.parts.table.time_format == "local", "local times")
        await at.press("t")
        await at.until(lambda: at.screen.parts.table.time_format == "utc", "UTC")


async def test_pause_stops_asking_and_go_on_catches_up() -> None:
    async with run_app() as at:
        await at.press("p")
        await at.until_seen("paused")
        await at.submit(LONG)
        began = at.app._clock.monotonic()
        await at.until(lambda: at.app._clock.monotonic() > began + 5, "five intervals")
        assert "0 All 0" in at.text()
        await at.press("p")
        await at.until_seen("0 All 1")


async def test_the_interval_can_be_changed() -> None:
    async with run_app(options=ScreenOptions(interval=2.0)) as at:
        await at.press("plus")
        await at.until_seen("live 1s")
        await at.press("minus", "minus")
        await at.until_seen("live 5s")


async def test_switching_the_graph_shows_the_other_ones_tasks_only() -> None:
    settings = replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "other"))
    async with run_app(settings) as at:
        await at.submit("// of the first\n1")
        await at.submit("// of the other\n1", graph="other")
        await at.until_seen("of the first")
        await at.press("b")
        await at.until_seen("other")
        await at.press(*"other", "enter")
        await at.until_seen("of the other")
        await at.until(at.drawn, "its tasks")
        assert "0 All 1" in at.text()
        assert "of the first" not in at.text()
        assert "/other" in at.lines()[0]


async def test_help_lists_the_keys() -> None:
    async with run_app() as at:
        await at.press("question_mark")
        await at.until_seen("Filter and sort")
        assert "Cancel this task" in at.text()
        await at.press("escape")
        await at.until_gone("Filter and sort")


async def test_q_closes_the_detail_then_quits() -> None:
    async with run_app(QUIET) as at:
        await at.press("enter")
        assert at.screen.panes.is_reading
        await at.press("q")
        assert not at.screen.panes.is_reading
        assert not at.app._exit
        await at.press("q")
        await at.until(lambda: at.app._exit, "the program to end")


async def test_the_id_goes_to_the_clipboard() -> None:
    async with run_app() as at:
        task_id = await at.submit("1")
        await at.until_seen("success")
        await at.press("c")
        await at.until(lambda: at.app.clipboard == task_id, "the id on the clipboard")


async def test_a_field_is_chosen_and_goes_to_the_clipboard() -> None:
    async with run_app() as at:
        await at.submit("6 * 7")
        await at.until_seen("success")
        await at.press("Y")
        await at.until_seen("Copy from task 1")
        shown = at.text()
        assert re.search("id +1 ", shown)
        assert re.search("status +success", shown)
        (line,) = [line for line in at.lines() if re.search("created +2026-11-23T12:0", line)]
        await at.press(*"created", "enter")
        await at.until_seen("Sent task created 2026-11-23T12:0")
        assert at.app.clipboard in line


async def test_of_a_very_long_value_the_beginning_is_copied_and_that_is_said() -> None:
    async with run_app() as at:
        at.screen.copying.copy_value("x" * MAX_COPY_CHARACTERS, "name")
        await at.until(lambda: at.app.clipboard == "x" * MAX_COPY_CHARACTERS, "the copied text")
        await at.until_seen("Sent the task's name (50,000 characters)")
        assert "the first" not in at.text()
        at.screen.copying.copy_value("y" * (MAX_COPY_CHARACTERS + 1), "name")
        await at.until(lambda: at.app.clipboard == "y" * MAX_COPY_CHARACTERS, "the copied text")
        await at.until_seen("Sent the first 50,000 characters of the task's name")


async def test_a_status_without_the_cursors_task_begins_at_its_top_and_one_with_it_keeps_it() -> None:
    async with run_app(QUIET) as at:
        view = at.screen.monitor.view
        await at.press("G")
        assert at.screen.parts.table.cursor_key == view[len(view) - 1].id
        await at.press("4")
        await at.until_seen("tasks · failed · 23 of")
        assert at.screen.parts.table.cursor_key == view[0].id
        await at.press("down", "down")
        kept = at.screen.parts.table.cursor_key
        assert kept == view[2].id
        await at.press("0")
        await at.until_gone("tasks · failed")
        assert at.screen.parts.table.cursor_key == kept


async def test_columns_are_no_wider_than_what_a_filter_leaves() -> None:
    async with run_app(QUIET) as at:
        wide = at.table_head().index("NAME")
        await at.press("slash", *"type=gremlin", "enter")
        await at.until(lambda: at.table_head().index("NAME") < wide, "a narrower column of types")


async def test_the_text_that_is_shown_is_saved_with_its_secrets_hidden(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with run_app(QUIET) as at:
        await at.press("ctrl+s")
        await at.until_seen("Nothing to save")
        await at.press("slash", *"warehouse", "enter", "i")
        await at.until_seen("••••••")
        await at.press("ctrl+s")
        await at.until_seen("hugegraph-371-input.groovy")
    (saved,) = tmp_path.iterdir()
    script = saved.read_text()
    assert script.startswith("// load suppliers from the warehouse")
    assert "Tr0ub4dor" not in script


async def test_an_endless_regular_expression_is_refused_and_the_rows_stay() -> None:
    async with run_app() as at:
        await at.submit("a" * 45 + "!")
        await at.submit("6 * 7")
        await at.until_seen("All 2")
        await at.press("slash", *"/(a|aa)+$/")
        await at.until_seen("This regular expression takes too long")
        assert "6 * 7" in at.text()
        at.screen.action_invert_order()
        await at.until(lambda: at.screen.monitor.wanted == at.screen.monitor.view.shape, "the other order")
        assert not at.screen.monitor.view.shape.filter, "it is not tried again with every new order"
        assert not at.screen.monitor.view.shape.order.descending
        await at.press("escape")
        await at.until_gone("takes too long")


async def test_all_marked_stays_quick_to_tell_what_can_be_done() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, history=30)) as at:
        await at.press("asterisk")
        assert "30 marked" in at.text()
        await at.press("C")
        await at.until_seen("All of these tasks have finished")


async def test_what_comes_after_the_screen_was_left_does_no_harm() -> None:
    async with run_app(replace(QUIET, graphs=("hugegraph", "other"))) as at:
        left = at.screen
        health = left.monitor.health
        at.app.switch_to(Scope(graph="other", graphspace="DEFAULT"), "auto")
        await at.until(lambda: at.screen is not left and not left.is_attached, "the other graph")
        left.presenter.rows_changed([])
        left.presenter.shape_changed()
        left.presenter.overlays_changed()
        left.presenter.health_changed(health)
        left.presenter.health_changed(structs.replace(health, phase=Phase.BLOCKED, error=NotLoggedIn("No.")))
        left.presenter.batch_ended([])
        left.presenter.filter_refused(FilterError("It takes too long", 0, 1))
        left.presenter.show_utc(True)
        left._set_focused(False)
        left.presenter.draw_tick()
        left.filter_line.show_count(1, 2)
        left.panes.close_detail()
        await at.until(at.drawn, "the tasks")
        assert "/other" in at.lines()[0]
        assert at.app.screen is at.screen, "no login is asked for"


async def test_a_switch_leaves_no_dialog_and_no_old_list_behind() -> None:
    async with run_app(replace(QUIET, graphs=("hugegraph", "other"))) as at:
        left = at.screen
        at.app.ask_login(NotLoggedIn("It wants a password."))
        await at.until_seen("Sign in")
        at.app.switch_to(Scope(graph="other", graphspace="DEFAULT"), "auto")
        await at.until(lambda: at.app.screen is at.screen is not left, "the other graph")
        assert left not in at.app.screen_stack
        at.app.ask_login(NotLoggedIn("It wants a password."))
        await at.until_seen("Sign in")


@pytest.mark.parametrize(
    "options", [ScreenOptions(interval=1.0, read_only=True), ScreenOptions(interval=1.0)]
)
async def test_where_nothing_can_be_deleted_the_keys_still_edit_the_filter(options: ScreenOptions) -> None:
    async with run_app(replace(QUIET, history=5), options=options) as at:
        await at.press("slash", *"nothing", "home", "delete", "ctrl+d")
        await at.until(lambda: at.screen.filter_line.text == "thing", "the edited filter")
        assert at.app.screen is at.screen
        await at.press("escape", "enter", "y", "slash", *"abc", "home", "delete", "ctrl+d", "enter")
        await at.until_seen("/c:")
        await at.press("escape", "escape", "delete")
        await at.until_seen("Read-only mode" if options.read_only else "Don't delete")


async def test_what_comes_while_the_program_ends_is_not_drawn_any_more() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash")
        at.app.exit()
        await at.screen.filter_line.bar.remove_children()
        at.screen.presenter.rows_changed([])
        at.screen.presenter.shape_changed()
        at.screen.presenter.filter_refused(FilterError("It takes too long", 0, 1))
        at.screen.presenter.draw_tick()
