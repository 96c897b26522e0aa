"""The dialog that asks for the name under which a view is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui.fields import describe_order
from tui.monitor.saved_views import LONGEST_VIEW_NAME, SavedView, ViewError, check_view_name
from tui.monitor.view import ALL_GROUPS
from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.dialog import Dialog, DialogBand
from tui.text import format_count, join_key_hints, sanitize, sanitize_label
from tui.widgets.line_input import LineInput

REPLACES = "There is a view of this name. Saving replaces it."


class ViewNameScreen(Dialog[str | None]):
    """Gives the name, or None."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self, about: Iterable[str], known: Collection[str], *, suggested: str = "", ascii: bool = False
    ) -> None:
        """`about` says in lines what is saved; `known` are the names that there are already."""
        super().__init__(ascii=ascii)
        self._about = tuple(about)
        self._known = frozenset(known)
        # Attributes, not queries: the last input event may come while the dialog is being removed.
        self._dialog = Vertical(id="dialog")
        self._suggested = suggested
        self._name_line = LineInput(placeholder="such as night shift", longest=LONGEST_VIEW_NAME, id="name")
        self._note = Static(id="wrong", classes="caution", markup=False)
        self._yes_button = Button(Content("Save"), id="yes", compact=True)

    def compose(self) -> ComposeResult:
        """What is saved, the line for the name, what to know of it, and two answers."""
        # Not in its constructor, which has no application to tell of the change yet.
        self._name_line.value = self._suggested
        with DialogBand(), self._dialog, Vertical(id="body"):
            yield Static(Content("\n".join(sanitize_label(line) for line in self._about)), id="place")
            with Horizontal(classes="param"):
                yield Static("Name", classes="label")
                yield self._name_line
            yield self._note
            with Horizontal(id="answers"):
                yield Button(Content("Don't save"), id="no", compact=True)
                yield self._yes_button

    def on_mount(self) -> None:
        """Name the dialog and its keys."""
        self._dialog.border_title = "Save view"
        self._dialog.border_subtitle = join_key_hints("enter save", "esc back", ascii=self._ascii)
        self._show_note()

    @on(Input.Changed, "#name")
    def _show_note(self) -> None:
        """Say that a view would be replaced."""
        self._say(REPLACES if self._name_line.value.strip() in self._known else "")

    def _say(self, sentence: str) -> None:
        self._note.update(Content(sanitize(sentence)))
        self._note.display = bool(sentence)

    @on(Input.Submitted, "#name")
    @on(Button.Pressed, "#yes")
    def _save(self) -> None:
        if not self._name_line.value.strip():
            self._name_line.value = ""
            self._name_line.mark_missing()
            return
        try:
            self.dismiss(check_view_name(self._name_line.value))
        except ViewError as error:
            self._say(str(error))
            self._name_line.focus()


def describe_view(view: SavedView) -> list[str]:
    """What a view holds, in lines: where, and how the tasks are shown there."""
    labels = [place.label for place in view.places]
    lines = [f"{', '.join(labels[:3])}{_count_more(labels)}"]
    if view.hidden:
        lines.append(
            f"Hidden: {', '.join(place.label for place in view.hidden[:3])}{_count_more(view.hidden)}"
        )
    tab = next((group.label for group in ALL_GROUPS if group.key == view.tab), "")
    if tab and view.tab != ALL_GROUPS[0].key:
        lines.append(f"Tab: {tab}")
    if view.filter:
        lines.append(f"Filter: {view.filter}")
    order = f"Sorted by {describe_order(view.sort, descending=view.descending)}"
    groups = f", grouped by {view.grouped_by}" if view.grouped_by else ""
    return [*lines, f"{order}{groups}."]


def _count_more(names: Sequence[object]) -> str:
    return f", and {format_count(len(names) - 3)} more" if names[3:] else ""


def make_view_choice(view: SavedView) -> Choice[str]:
    """A view to open, with its places and its filter."""
    labels = [place.label for place in view.places]
    count = f"{format_count(len(labels))} places" if labels[1:] else ""
    return Choice(view.name, view.name, ", ".join(labels), aside=view.filter or count)
