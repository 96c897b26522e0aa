"""The detail pane: one task's Overview, Input, Result (or Error), Timeline and Raw, with a search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Static

from backend_adapters.model import FAILURES, Task
from tui import text
from tui.widgets.detail_tab import TEXT_TABS, DetailTab
from tui.widgets.detail_tabs import DetailTabs
from tui.widgets.line_input import LineInput
from tui.widgets.overview import Overview
from tui.widgets.overview_text import OverviewState
from tui.widgets.text_layout import ReadableText
from tui.widgets.text_view import TextView
from tui.widgets.timeline import Timeline
from tui.widgets.timeline_lines import TimelineState

VIEW_IDS = ("overview", "input", "result", "timeline", "raw")
EMPTY_MESSAGES = {
    DetailTab.INPUT: "This task has no input.",
    DetailTab.RESULT: "No result yet.",
    DetailTab.RAW: "The server sent nothing.",
}
NO_RESULT = "No result stored."
NO_ERROR = "The server stored no error for this task."
MIN_HEIGHT_FOR_BLANK_LINE = 6
"""Lines from which there is a blank one below the tabs: with fewer, the text needs it."""


class DetailPane(Vertical):
    """Shows one task. It requests nothing: the screen gives it what it shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.step_back", "Back", key_display="esc"),
        Binding("right_square_bracket", "step(1)", "Next tab", key_display="]"),
        Binding("left_square_bracket", "step(-1)", show=False),
        Binding("slash", "search", "Search"),
        Binding("f", "screen.toggle_full", "Full"),
    ]

    DEFAULT_CSS = """
    DetailPane {
        & > DetailTabs { margin: 0 0 1 0; }
        & > ContentSwitcher { height: 1fr; }
        & > #search { height: 1; display: none; border: none; padding: 0; background: $surface; }
        & > #said { height: 1; display: none; color: $text-muted; }
        &.-searching > #search { display: block; }
        &.-said > #said { display: block; }
        &.-low > DetailTabs { margin: 0; }
    }
    """

    class TabOpened(Message):
        """A tab was opened; its text may have to be requested."""

    class TabChosen(Message):
        """A person has gone to another tab of the open detail, by a key or the mouse."""

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii = ascii
        self.tab = DetailTab.OVERVIEW
        self.available_tabs: tuple[DetailTab, ...] = tuple(DetailTab)
        """The tabs that the task has."""
        self._has_failed = False
        self._said_of_nothing = ""
        self._needle = ""
        self._progress = ""
        self._said = ""
        """What the line below the views says."""
        # Kept as attributes: a text may still arrive while the pane is being removed.
        self._tabs = DetailTabs()
        self._switcher = ContentSwitcher(initial=VIEW_IDS[0])
        self._overview = Overview(id="overview")
        self._timeline = Timeline(id="timeline")
        self._views = {tab: TextView(id=VIEW_IDS[tab]) for tab in TEXT_TABS}
        self._message_line = Static(id="said", markup=False)
        self._search_line = LineInput(id="search", placeholder="search")

    def compose(self) -> ComposeResult:
        """Tabs, their views, and the search line."""
        yield self._tabs
        with self._switcher:
            yield self._overview
            yield self._timeline
            yield from self._views.values()
        yield self._message_line
        yield self._search_line

    def on_mount(self) -> None:
        """Show the usual tabs."""
        self._update_tabs(None)

    def on_resize(self, event: events.Resize) -> None:
        """Leave out the blank line below the tabs where there are few lines."""
        self.set_class(event.size.height < MIN_HEIGHT_FOR_BLANK_LINE, "-low")

    # What is shown.

    def show_nothing(self, sentence: str) -> None:
        """Say in every tab why no task is shown; once, as drawing it again would repaint all."""
        if sentence != self._said_of_nothing:
            self.show_overview(None, Content.styled(sentence, "$text-muted"))
            self.show_timeline(None, Content.styled(sentence, "$text-muted"))
            self.show_failure(sentence)
            self._said_of_nothing = sentence

    def show_overview(self, shown: OverviewState | None, instead: Content | None = None) -> None:
        """Show a task's fields, and name the task in the border; without a task, say something `instead`."""
        self._said_of_nothing = ""
        self._overview.show_task(shown, instead)
        self._update_tabs(shown)
        dot = "-" if self._ascii else "·"
        names = _name_task(shown.task) if shown is not None else ()
        title = Content(f" {dot} ".join(text.sanitize_label(name) for name in names if name))
        if self.border_title != title.markup:
            # Setting it repaints the whole pane, even where nothing changes.
            self.border_title = title

    def show_timeline(self, shown: TimelineState | None, instead: Content | None = None) -> None:
        """Show what was seen of a task; without a task, say something `instead`."""
        self._timeline.show_task(shown, instead)

    def show_texts(
        self,
        input_text: ReadableText | None = None,
        result: ReadableText | None = None,
        *,
        running: bool,
        result_left_out: bool = False,
        cut: bool = False,
    ) -> None:
        """Show input and result of a task, None where the server sent none.

        With `result_left_out` the result has not been requested, with `cut` the answer was too long to be
        read whole.
        """
        views = {DetailTab.INPUT: input_text, DetailTab.RESULT: result}
        for tab, document in views.items():
            empty = EMPTY_MESSAGES[tab]
            if tab is DetailTab.RESULT and result_left_out:
                empty = "The result loads when you open this tab."
            elif cut:
                empty = "Not in the part read. ^S saves it in full."
            elif tab is DetailTab.RESULT:
                empty = self._explain_missing_result(running=running)
            self._views[tab].show_document(document, empty=empty)
        self._after_show()

    def show_result(self, document: ReadableText, *, running: bool) -> None:
        """Show a result that was read separately."""
        self._views[DetailTab.RESULT].show_document(
            document, empty=self._explain_missing_result(running=running)
        )
        if self.tab is DetailTab.RESULT:
            self._after_show()

    def _explain_missing_result(self, *, running: bool) -> str:
        if running:
            return EMPTY_MESSAGES[DetailTab.RESULT]
        return NO_ERROR if self._has_failed else NO_RESULT

    def show_raw(self, document: ReadableText) -> None:
        """Show what was received, unchanged."""
        self._views[DetailTab.RAW].show_document(document, empty=EMPTY_MESSAGES[DetailTab.RAW])
        if self.tab is DetailTab.RAW:
            self._after_show()

    def _after_show(self) -> None:
        self._show_note()
        if self._needle:
            self._search_again()

    def show_loading(self, received: int, tabs: Iterable[DetailTab] = TEXT_TABS) -> None:
        """Show in these tabs that their texts are loading."""
        self._said_of_nothing = ""
        for tab in tabs:
            self._views[tab].show_loading(received)

    def show_failure(self, sentence: str, tabs: Iterable[DetailTab] = TEXT_TABS) -> None:
        """Show in these tabs why there is no text."""
        for tab in tabs:
            self._views[tab].show_document(None, empty=text.sanitize(sentence))

    def show_tab(self, tab: DetailTab) -> None:
        """Show a tab, or the overview where the task has no such tab."""
        self.tab = tab = tab if tab in self.available_tabs else DetailTab.OVERVIEW
        if self._views[DetailTab.RAW].is_attached:
            # Without its views the switcher raises NoMatches.
            self._switcher.current = VIEW_IDS[tab]
        self._tabs.current = self.available_tabs.index(tab)
        self._show_note()
        self.post_message(self.TabOpened())

    def focus_view(self) -> None:
        """Move the focus to the open tab's view."""
        if self.is_attached:
            self.app.stylesheet.update(self)
            views: dict[DetailTab, Widget] = {
                DetailTab.OVERVIEW: self._overview,
                DetailTab.TIMELINE: self._timeline,
                **self._views,
            }
            self.screen.set_focus(views[self.tab])

    def _update_tabs(self, shown: OverviewState | None) -> None:
        """Show the tabs that this task has; a task without texts has at most its error."""
        self._has_failed = failed = shown is not None and shown.task.status in FAILURES
        texts = shown is None or shown.has_texts
        has = {DetailTab.INPUT: texts, DetailTab.RESULT: texts or failed}
        self.available_tabs = tuple(tab for tab in DetailTab if has.get(tab, True))
        words = {
            DetailTab.OVERVIEW: "Overview",
            DetailTab.INPUT: "Input",
            DetailTab.RESULT: "Result",
            DetailTab.TIMELINE: "Timeline",
            DetailTab.RAW: "Raw",
        }
        if failed:
            words[DetailTab.RESULT] = "Error"
        self._tabs.labels = tuple(words[tab] for tab in self.available_tabs)
        if self.tab not in self.available_tabs and self.is_mounted:
            self.show_tab(DetailTab.OVERVIEW)
        self._tabs.current = self.available_tabs.index(self.tab)

    # Keys.

    def action_step(self, by: int) -> None:
        """Show the next or the previous tab."""
        at = self.available_tabs.index(self.tab)
        self._choose_tab(self.available_tabs[(at + by) % len(self.available_tabs)])

    def _choose_tab(self, tab: DetailTab) -> None:
        self.show_tab(tab)
        self.focus_view()
        self.post_message(self.TabChosen())

    def action_search(self) -> None:
        """Open the search line; from a tab that can't be searched, the result is opened first."""
        if self.tab not in self._views:
            self.show_tab(DetailTab.RESULT if DetailTab.RESULT in self.available_tabs else DetailTab.RAW)
        self.add_class("-searching")
        # At once: keys typed right after the slash must not reach the widget that has the focus now.
        self.app.stylesheet.update(self)
        self.screen.set_focus(self._search_line)

    def end_search(self) -> bool:
        """End the search; false if there was none."""
        searching = self.has_class("-searching") or bool(self._needle)
        if searching:
            self._needle = ""
            self.remove_class("-searching")
            self._show_note()
            for view in self._views.values():
                view.start_search("")
            self.focus_view()
        return searching

    @on(Input.Submitted, "#search")
    def _start_search(self, event: Input.Submitted) -> None:
        event.stop()
        self._needle = event.value
        self.remove_class("-searching")
        self.focus_view()
        self._search_again()

    def _search_again(self) -> None:
        if view := self._views.get(self.tab):
            view.start_search(self._needle)

    @on(TextView.SearchResult)
    def _show_search_result(self, event: TextView.SearchResult) -> None:
        event.stop()
        if event.needle != self._needle:
            # It belongs to a search that has ended.
            return
        # Cut, so that the result fits beside it; `fit_cells` also pads.
        needle = text.fit_cells(text.sanitize(self._needle), 24).rstrip()
        self._show_message(describe_search(needle, event))

    @on(TextView.Notice)
    def _show_notice(self, event: TextView.Notice) -> None:
        event.stop()
        self._show_message(event.sentence)

    def _show_note(self) -> None:
        """Show the note of the open text."""
        view = self._views.get(self.tab)
        self._show_message(view.document.note if view is not None and view.document is not None else "")

    def show_progress(self, sentence: str) -> None:
        """Show the progress of something in place of all other messages; an empty text ends it."""
        self._progress = sentence
        if sentence:
            self._show_message("")
        else:
            self._show_note()

    def _show_message(self, sentence: str) -> None:
        sentence = self._progress or sentence
        if self._ascii:
            sentence = sentence.replace(" · ", " - ")
        if sentence != self._said:
            # Each update lays the whole screen out again.
            self._said = sentence
            self._message_line.update(Content(sentence))
            self.set_class(bool(sentence), "-said")

    @on(DetailTabs.TabClicked)
    def _select_tab(self, event: DetailTabs.TabClicked) -> None:
        event.stop()
        self._choose_tab(self.available_tabs[event.index])


def _name_task(task: Task) -> tuple[str, ...]:
    """What the border names: the id, the type, and the place where there are several."""
    return (task.id, task.type) if task.place is None else (task.id, task.type, task.place.name)


def describe_search(needle: str, result: TextView.SearchResult) -> str:
    """Return the result of a search for `needle` as a message."""
    if result.total == 0 or (result.line is None and result.total is None):
        return f'"{needle}" not found · esc close'
    total = "many" if result.total is None else str(result.total)
    place = f"{result.index} of {total}" if result.index is not None else f"{total} lines"
    return f"/{needle}: {place} · n next · N previous · esc close"
