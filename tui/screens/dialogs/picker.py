"""The dialog in which one of a list is chosen, such as a graph or a column to sort by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.screens.dialogs.dialog import Dialog
from tui.text import cell_width, fit_cells, join_key_hints, sanitize, sanitize_label
from tui.widgets.line_input import LineInput
from tui.widgets.option_moves import move_cursor

ChoiceT = TypeVar("ChoiceT")


class Choice(Struct, Generic[ChoiceT], frozen=True):
    """One entry: the key that is given back, its label, and a hint."""

    key: ChoiceT
    label: str
    hint: str = ""


class ChoiceList(OptionList, can_focus=False):
    """The list. It takes no focus: the input passes its keys on, so that one can type and move at once."""


class PickerScreen(Dialog[ChoiceT | None]):
    """Gives the chosen key, or None. Without `choices` it waits for `fill_choices` or `show_failure`."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        *(
            Binding(key, f"move('{action}')", show=False)
            for key, action in {
                "up": "cursor_up",
                "down,ctrl+n": "cursor_down",
                "pageup": "page_up",
                "pagedown": "page_down",
            }.items()
        ),
    ]

    def __init__(
        self,
        title: str,
        choices: Iterable[Choice[ChoiceT]] | None = None,
        *,
        current: ChoiceT | None = None,
        loading: str = "Asking the server…",
        ascii: bool = False,
    ) -> None:
        """Ask `title`. The entry with the key `current` is marked and under the cursor."""
        super().__init__(ascii=ascii)
        self._title = title
        self._current = current
        self._choices: tuple[Choice[ChoiceT], ...] | None = None if choices is None else tuple(choices)
        self._matching: tuple[Choice[ChoiceT], ...] = ()
        self._note = loading
        # Attributes, not queries: a server's list may come while the dialog is being removed.
        self._search = LineInput(id="search", placeholder="type to search")
        self._choice_list = ChoiceList(id="choices", compact=True, markup=False)
        self._note_part = Static(id="note", markup=False)
        self._dialog = Vertical(id="dialog")

    def compose(self) -> ComposeResult:
        """The search line, the list, and a line in place of an empty list."""
        with self._dialog:
            yield self._search
            yield self._choice_list
            yield self._note_part

    def on_mount(self) -> None:
        """Show what is there."""
        self._dialog.border_title = Content(sanitize(self._title))
        arrows = "up/down" if self._ascii else "↑↓"
        keys = (f"{arrows} move", "enter choose", "esc back")
        self._dialog.border_subtitle = join_key_hints(*keys, ascii=self._ascii)
        self._filter_choices()

    def on_resize(self) -> None:
        """Fit the lines into the new width."""
        self.call_after_refresh(self._filter_choices)

    def fill_choices(self, choices: Iterable[Choice[ChoiceT]]) -> None:
        """Show these choices."""
        self._choices = tuple(choices)
        self._filter_choices()

    def show_failure(self, text: str) -> None:
        """Show a sentence that says why there is nothing to choose."""
        self._choices = None
        self._note = text
        self.add_class("-failed")
        self._filter_choices()

    @on(Input.Changed, "#search")
    def _filter_choices(self) -> None:
        """Show the choices that contain every word typed; the cursor stays on its choice if possible."""
        if not (self.is_mounted and self.is_attached):
            return
        at = self._under_cursor.key if self._under_cursor is not None else self._current
        words = self._search.value.casefold().split()
        self._matching = tuple(choice for choice in self._choices or () if _matches_words(choice, words))
        self._show_note()
        width = max((cell_width(sanitize_label(choice.label)) for choice in self._matching), default=0)
        self._choice_list.set_options(Option(self._draw_choice(choice, width)) for choice in self._matching)
        if self._matching:
            keys = [choice.key for choice in self._matching]
            self._choice_list.highlighted = keys.index(at) if at in keys else 0

    def _show_note(self) -> None:
        """One quiet line in place of an empty list."""
        note = self._note_part
        note.display = not self._matching
        self._choice_list.display = bool(self._matching)
        if self._choices is None:
            note.update(Content(sanitize_label(self._note)))
        elif not self._choices:
            note.update(Content("Nothing to choose from."))
        else:
            note.update(Content("No entry matches. Press backspace to see more."))

    def _draw_choice(self, choice: Choice[ChoiceT], label_width: int) -> Content:
        """The mark of the current one, the label, and the hint in its own column."""
        room = self._dialog.content_size.width - 6
        label_width = min(label_width, max(8, room - (14 if choice.hint else 0)))
        mark = ("* " if self._ascii else "● ") if choice.key == self._current else "  "
        name = fit_cells(sanitize_label(choice.label), label_width, ascii=self._ascii)
        hint = fit_cells(
            sanitize_label(choice.hint), max(0, room - label_width - 2), ascii=self._ascii
        ).rstrip()
        return Content.assemble((mark, "$text-primary"), name, (f"  {hint}", "$text-muted"))

    @property
    def _under_cursor(self) -> Choice[ChoiceT] | None:
        index = self._choice_list.highlighted
        return self._matching[index] if index is not None and index < len(self._matching) else None

    def action_move(self, action: str) -> None:
        """Move the cursor in the list."""
        if self._matching:
            move_cursor(self._choice_list, action)

    @on(Input.Submitted, "#search")
    @on(OptionList.OptionSelected, "#choices")
    def _give_choice(self) -> None:
        """Give back the choice under the cursor, if there is one."""
        # An enter that follows quickly is handled before the message that the text has changed.
        self._filter_choices()
        choice = self._under_cursor
        if choice is not None:
            self.dismiss(choice.key)


def _matches_words(choice: Choice[ChoiceT], words: list[str]) -> bool:
    """Whether the texts of a choice contain all of the words."""
    text = f"{choice.label} {choice.hint}".casefold()
    return all(word in text for word in words)
