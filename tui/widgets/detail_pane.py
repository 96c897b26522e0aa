"""The detail pane: one task's Overview, Input, Result (or Error) and Raw, with a search in the texts."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Static

from tui import text
from tui.widgets.detail_tabs import DetailTabs
from tui.widgets.overview import Overview, Shown
from tui.widgets.text_view import Readable, TextView


class Tab(IntEnum):
    """The tabs, in their order."""

    OVERVIEW = 0
    INPUT = 1
    RESULT = 2
    RAW = 3


IDS = ("overview", "input", "result", "raw")
EMPTY = {
    Tab.INPUT: "This task has no input.",
    Tab.RESULT: "No result yet.",
    Tab.RAW: "Nothing was received.",
}


class Texts(Struct, frozen=True):
    """The documents of a task's detail, None where the server sent none."""

    input: Readable | None = None
    result: Readable | None = None
    raw: Readable | None = None


class DetailPane(Vertical):
    """Shows one task. It asks for nothing; the screen gives it what it shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", show=False),
        Binding("left_square_bracket", "step(-1)", "previous tab", show=False),
        Binding("right_square_bracket", "step(1)", "next tab", show=False),
    ]

    DEFAULT_CSS = """
    DetailPane {
        & > DetailTabs { margin: 0 0 1 0; }
        & > ContentSwitcher { height: 1fr; }
        & > #search { height: 1; display: none; border: none; padding: 0; background: $surface; }
        & > #said { height: 1; display: none; color: $text-muted; }
        &.-searching > #search { display: block; }
        &.-said > #said { display: block; }
    }
    """

    class TabChanged(Message):
        """Another tab is shown."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tab = Tab.OVERVIEW
        self._needle = ""

    def compose(self) -> ComposeResult:
        """Tabs, the four views, and the search line."""
        yield DetailTabs()
        with ContentSwitcher(initial=IDS[0]):
            yield Overview(id="overview")
            for tab in (Tab.INPUT, Tab.RESULT, Tab.RAW):
                yield TextView(id=IDS[tab])
        yield Static(id="said", markup=False)
        yield Input(id="search", placeholder="search", compact=True)

    def on_mount(self) -> None:
        """A blinking cursor costs bytes on every blink; the tabs start with their usual words."""
        self.query_one("#search", Input).cursor_blink = False
        self._label(failed=False)

    # What is shown.

    def show_overview(self, shown: Shown | None) -> None:
        """Show a task's fields; the border names it."""
        self.query_one(Overview).show(shown)
        self._label(failed=shown is not None and shown.task.status.value == "failed")
        if shown is not None:
            task = shown.task
            self.border_title = Content(f"{text.safe(task.id)} · {text.safe(task.type)}")

    def show_texts(self, texts: Texts, *, running: bool) -> None:
        """Show the texts of the task's detail."""
        views = {Tab.INPUT: texts.input, Tab.RESULT: texts.result, Tab.RAW: texts.raw}
        for tab, document in views.items():
            empty = EMPTY[tab]
            if tab is Tab.RESULT and not running:
                empty = "The server keeps no result for this task."
            self._view(tab).show(document, empty=empty)
        self._say_note()
        if self._needle:
            self._search_again()

    def show_loading(self, received: int) -> None:
        """Say that the texts are on their way."""
        for tab in (Tab.INPUT, Tab.RESULT, Tab.RAW):
            self._view(tab).loading_bytes(received)

    def show_failure(self, sentence: str) -> None:
        """Say why there are no texts."""
        for tab in (Tab.INPUT, Tab.RESULT, Tab.RAW):
            self._view(tab).show(None, empty=text.safe(sentence))

    def choose(self, tab: Tab) -> None:
        """Show a tab."""
        self.tab = tab
        self.query_one(ContentSwitcher).current = IDS[tab]
        self.query_one(DetailTabs).current = tab
        self._say_note()
        self.post_message(self.TabChanged(tab))

    def focus_view(self) -> None:
        """Give the focus to what is shown."""
        self.query_one(f"#{IDS[self.tab]}").focus()

    def _view(self, tab: Tab) -> TextView:
        return self.query_one(f"#{IDS[tab]}", TextView)

    def _label(self, *, failed: bool) -> None:
        self.query_one(DetailTabs).labels = ("Overview", "Input", "Error" if failed else "Result", "Raw")

    # Keys.

    def action_step(self, by: int) -> None:
        """Show the next or the previous tab."""
        self.choose(Tab((self.tab + by) % len(Tab)))
        self.focus_view()

    def action_search(self) -> None:
        """Open the search line; in the overview there is nothing to search, so the result opens."""
        if self.tab is Tab.OVERVIEW:
            self.choose(Tab.RESULT)
        self.add_class("-searching")
        self.query_one("#search", Input).focus()

    def end_search(self) -> bool:
        """Close the search and forget what was searched; false if there was none."""
        searching = self.has_class("-searching") or bool(self._needle)
        if searching:
            self._needle = ""
            self.remove_class("-searching")
            self._say_note()
            for tab in (Tab.INPUT, Tab.RESULT, Tab.RAW):
                self._view(tab).search("")
            self.focus_view()
        return searching

    @on(Input.Submitted, "#search")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._needle = event.value
        self.remove_class("-searching")
        self.focus_view()
        self._search_again()

    def _search_again(self) -> None:
        if self.tab is not Tab.OVERVIEW:
            self._view(self.tab).search(self._needle)

    @on(TextView.SearchResult)
    def _searched(self, event: TextView.SearchResult) -> None:
        event.stop()
        if not self._needle:
            return
        self._say(f"/{text.safe(self._needle)}: {found(event)}")

    def _say_note(self) -> None:
        """Say what a reader must know of the text that is shown."""
        document = None if self.tab is Tab.OVERVIEW else self._view(self.tab).document
        self._say(document.note if document is not None else "")

    def _say(self, sentence: str) -> None:
        self.query_one("#said", Static).update(Content(sentence))
        self.set_class(bool(sentence), "-said")

    @on(DetailTabs.Chosen)
    def _chosen(self, event: DetailTabs.Chosen) -> None:
        event.stop()
        self.choose(Tab(event.index))
        self.focus_view()


def found(result: TextView.SearchResult) -> str:
    """Where a search has come to, in words."""
    if result.total == 0 or (result.line is None and result.total is None):
        return "no match · esc ends"
    total = "many" if result.total is None else str(result.total)
    place = f"{result.index} of {total}" if result.index is not None else f"{total} lines"
    return f"{place} · n next, N previous, esc ends"
