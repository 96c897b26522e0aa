"""The detail pane alone: its tabs under the mouse, and what it says of a search."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from tests.ui.running_app import run_app
from tests.unit.fakes import START, S, task
from tui.monitor.document.loading import read_document
from tui.widgets.detail_pane import DetailPane
from tui.widgets.detail_tab import DetailTab
from tui.widgets.detail_tabs import DetailTabs
from tui.widgets.overview_text import OverviewState
from tui.widgets.text_view import TextView

WORDS = ("Overview", "Input", "Result", "Timeline", "Raw")


class Tabs(App[None]):
    """The line of tabs alone, and what it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield DetailTabs()

    def on_mount(self) -> None:
        self.query_one(DetailTabs).labels = WORDS

    def on_detail_tabs_tab_clicked(self, message: DetailTabs.TabClicked) -> None:
        self.chosen.append(message.index)


async def test_a_click_on_a_word_or_on_the_blank_behind_it_chooses_its_tab() -> None:
    app = Tabs()
    async with app.run_test(size=(50, 3)) as pilot:
        await pilot.pause()
        line = app.query_one(DetailTabs)
        assert line.render_line(0).text.rstrip() == "  ".join(WORDS)
        hit: list[int | None] = []
        for x in range(44):
            app.chosen.clear()
            await pilot.click(line, offset=(x, 0))
            hit.append(app.chosen[0] if app.chosen else None)
    expected = [at for index, word in enumerate(WORDS) for at in (*[index] * (len(word) + 1), *[None])]
    assert hit == (expected + [None] * 44)[:44]


async def test_a_click_on_a_tab_of_a_task_opens_it_for_the_keys() -> None:
    async with run_app() as at:
        await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        await at.press("enter")
        await at.until_seen("Overview  Input  Result  Timeline  Raw")
        line = at.screen.query_one(DetailTabs)
        await at.pilot.click(line, offset=(len(WORDS[0]) + 2, 0))
        await at.until_seen("// count")
        assert at.screen.panes.pane.tab is DetailTab.INPUT
        assert at.app.focused is at.screen.query_one("#input")


class Pane(App[None]):
    """The pane alone, its input open."""

    def compose(self) -> ComposeResult:
        yield DetailPane()

    @property
    def pane(self) -> DetailPane:
        return self.query_one(DetailPane)

    @property
    def said(self) -> str:
        return str(self.query_one("#said", Static).content)


async def searched(pilot: Pilot[None], needle: str) -> None:
    await pilot.press("slash", *needle, "enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize(
    ("needle", "said"),
    [
        ("one", "/one: 1 of 2 · n next · N previous · esc close"),
        ("four", '"four" not found · esc close'),
        ("x" * 40, f'"{"x" * 23}…" not found · esc close'),
    ],
)
async def test_where_a_search_has_come_to_is_said(needle: str, said: str) -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        app.pane.show_texts(read_document("one\ntwo\none", "input"), running=False)
        app.pane.show_tab(DetailTab.INPUT)
        app.pane.focus_view()
        await searched(pilot, needle)
        assert app.said == said


async def test_what_comes_late_of_an_older_search_is_not_said_of_the_newer() -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        app.pane.show_texts(read_document("one\ntwo\none", "input"), running=False)
        app.pane.show_tab(DetailTab.INPUT)
        app.pane.focus_view()
        await searched(pilot, "two")
        said = app.said
        view = app.query_one("#input", TextView)
        view.post_message(TextView.SearchResult("one", 0, 1, 2))
        await pilot.pause()
        assert app.said == said == "/two: 1 of 1 · n next · N previous · esc close"
        assert app.pane.end_search()
        view.post_message(TextView.SearchResult("two", 1, 1, 1))
        await pilot.pause()
        assert app.said == ""


async def test_what_comes_while_the_pane_is_taken_down_does_no_harm() -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        pane = app.pane
        texts = read_document("one", "input"), read_document("two", "result")
        await pane.remove_children()
        await pane.remove()
        pane.show_loading(7)
        pane.show_texts(*texts, running=False)
        pane.show_result(read_document("three", "result"), running=False)
        pane.show_raw(read_document("four", "raw"))
        pane.show_failure("No.")
        pane.show_overview(None)
        pane.show_progress("saving")
        pane.show_tab(DetailTab.RESULT)
        pane.end_search()
        pane.focus_view()
        await pilot.pause()
        assert app.is_running


@pytest.mark.parametrize("size", [(39, 20), (39, 24), (120, 36)])
async def test_where_no_task_is_selected_every_tab_says_so(size: tuple[int, int]) -> None:
    async with run_app(size=size) as at:
        for key in "vioTy":
            await at.press(key)
            await at.until_seen("No task is selected")


async def test_a_failed_task_without_an_error_says_so() -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.pane.show_overview(OverviewState(task=task(1, S.FAILED), now=START))
        app.pane.show_texts(running=False)
        app.pane.show_tab(DetailTab.RESULT)
        await pilot.pause()
        shown = app.query_one("#result", TextView).render_line(0).text.strip()
        assert shown == "The server stored no error for this task."


async def test_the_next_tab_has_the_focus_and_behind_the_last_comes_the_first() -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.pane.focus_view()
        seen = []
        for _ in range(6):
            seen.append((app.pane.tab, app.focused.id))
            await pilot.press("right_square_bracket")
        assert seen == [(tab, tab.name.lower()) for tab in (*DetailTab, DetailTab.OVERVIEW)]
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert (app.pane.tab, app.focused.id) == (DetailTab.RAW, "raw")


async def test_a_search_in_the_overview_is_one_in_the_result() -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.pane.show_texts(result=read_document("one\ntwo", "result"), running=False)
        app.pane.focus_view()
        await searched(pilot, "two")
        assert app.pane.tab is DetailTab.RESULT
        assert app.focused is app.query_one("#result")
        assert app.said.startswith("/two: 1 of 1")
        app.pane.show_progress("saving")
        assert app.said == "saving"
        assert app.pane.end_search()
        assert app.said == "saving", "how far it is stands over all else"
        app.pane.show_progress("")
        assert app.said == ""
        assert not app.pane.end_search()


@pytest.mark.parametrize(
    ("running", "cut", "result"),
    [
        (True, False, "No result yet."),
        (False, False, "No result stored."),
        (False, True, "Not in the part read. ^S saves it in full."),
        (True, True, "Not in the part read. ^S saves it in full."),
    ],
)
async def test_a_tab_without_a_text_says_why(running: bool, cut: bool, result: str) -> None:
    app = Pane()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.pane.show_texts(running=running, cut=cut)
        app.pane.show_raw(read_document("", "raw"))
        shown = {}
        for tab in (DetailTab.INPUT, DetailTab.RESULT, DetailTab.RAW):
            app.pane.show_tab(tab)
            await pilot.pause()
            shown[tab] = app.query_one(f"#{tab.name.lower()}", TextView).render_line(0).text.strip()
        assert shown == {
            DetailTab.INPUT: result if cut else "This task has no input.",
            DetailTab.RESULT: result,
            DetailTab.RAW: "The server sent nothing.",
        }
