"""The dialogs in which a list is searched, and one of it is chosen, such as a column to sort by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Input, OptionList, Static

from tui.screens.dialogs.choice_list import (
    MARK_WIDTH,
    Choice,
    ChoiceT,
    ColumnWidths,
    SearchedList,
    SearchLine,
    draw_choice,
    group_options,
    measure_columns,
)
from tui.screens.dialogs.dialog import AnswerT, Dialog, DialogBand
from tui.screens.dialogs.word_starts import find_word_starts
from tui.text import join_key_hints, sanitize, sanitize_label
from tui.widgets.option_moves import move_cursor

FRAME_HEIGHT = 4
"""Lines of the dialog besides its list: the frame, the search line, and a blank one."""
LINES_AROUND_LIST = FRAME_HEIGHT + 4
"""Lines of the screen that a list leaves free, so that one sees where one is."""
MIN_LIST_HEIGHT = 3
LOADING_LIST_HEIGHT = 8
"""Lines for which a dialog is placed whose list is still to come: most lists then grow downwards."""
DIALOG_WIDTH, DIALOG_PERCENT = 76, 96
"""Cells of the dialog, and how much of the screen it takes at the most."""
FRAME_WIDTH = 4
"""Cells of the dialog besides its list."""
LINE_PADDING = 3
"""Cells of a line that its text does not use: a margin at both sides, and the scrollbar."""


class ChoiceDialog(Dialog[AnswerT], Generic[ChoiceT, AnswerT]):
    """A list below a search line. Without `choices` it waits for `fill_choices` or `show_failure`."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        *(
            Binding(key, f"move('{action}')", show=False)
            for key, action in {
                "up,ctrl+p": "cursor_up",
                "down,ctrl+n": "cursor_down",
                "pageup": "page_up",
                "pagedown": "page_down",
                "ctrl+home": "first",
                "ctrl+end": "last",
            }.items()
        ),
    ]
    PLACEHOLDER = "type to search"
    NO_MATCH = "No entry matches. Press backspace to see more."
    list_type: ClassVar[type[SearchedList]] = SearchedList
    starts_on_best: ClassVar[bool] = False
    """Whether the cursor goes to the first line at each change; else it stays on its choice if possible."""

    def __init__(
        self,
        title: str,
        choices: Iterable[Choice[ChoiceT]] | None = None,
        *,
        current: ChoiceT | None = None,
        starred: Collection[ChoiceT] = (),
        loading: str = "Asking the server…",
        ascii: bool = False,
    ) -> None:
        """Ask `title`. The entry with the key `current` has the star and is under the cursor.

        Where several are the present ones, `starred` are the keys of all of them.
        """
        super().__init__(ascii=ascii)
        self._title = title
        self._current = current
        self._starred = starred
        self._choices: tuple[Choice[ChoiceT], ...] | None = None if choices is None else tuple(choices)
        self._matching: tuple[Choice[ChoiceT], ...] = ()
        self._widths = ColumnWidths(0, 0, 0)
        self._note = loading
        self._typed = ""
        """What the list was filtered by last."""
        self._list_height = 0
        self._top: int | None = None
        self._fitted: Size | None = None
        """The size of the screen that the dialog was placed for."""
        # Attributes, not queries: a server's list may come while the dialog is being removed.
        self._search = SearchLine(id="search", placeholder=self.PLACEHOLDER)
        self._choice_list = self.list_type(id="choices", compact=True, markup=False)
        self._note_part = Static(id="note", markup=False)
        self._dialog = Vertical(id="dialog")
        self._band = DialogBand()

    def compose(self) -> ComposeResult:
        """The search line, the list, and a line in place of an empty list."""
        # Before the first drawing: one that is drawn empty or elsewhere would flicker.
        self._show_choices()
        with self._band, self._dialog:
            yield self._search
            yield self._choice_list
            yield self._note_part

    def on_mount(self) -> None:
        """Show what is there."""
        self._filter_choices()

    def on_resize(self) -> None:
        """Fit the lines into the new width."""
        if self.app.size != self._fitted:
            self._list_height, self._top = 0, None
            self._fit_height()
        if self._room != self._widths.room + MARK_WIDTH:
            self._filter_choices()

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

    # What is shown.

    def list_titles(self) -> list[str]:
        """The parts of what stands in the upper border."""
        return [self._title]

    def list_keys(self) -> list[str]:
        """The keys that the lower border names, with what they do."""
        return ["up/down move" if self._ascii else "↑↓ move", "enter choose", "esc back"]

    def _show_borders(self) -> None:
        self._dialog.border_title = Content(sanitize(join_key_hints(*self.list_titles(), ascii=self._ascii)))
        self._dialog.border_subtitle = join_key_hints(*self.list_keys(), ascii=self._ascii)

    def find_choices(self, choices: Sequence[Choice[ChoiceT]], typed: str) -> Sequence[Choice[ChoiceT]]:
        """The choices with words that begin as those that were typed, in the order to show them."""
        return [
            one
            for one in choices
            if find_word_starts(f"{one.label} {one.hint} {one.aside}", typed) is not None
        ]

    @on(Input.Changed, "#search")
    def _filter_choices(self) -> None:
        """Show the choices that match what is typed; the cursor stays on its choice if possible."""
        if self.is_attached:
            self._show_choices()

    def _show_choices(self) -> None:
        at = self._under_cursor.key if self._under_cursor is not None else self._first_place
        if self.starts_on_best and self._search.value != self._typed:
            at = None
        typed = self._typed = self._search.value
        self._matching = tuple(self.find_choices(self._choices or (), typed))
        self._show_note()
        self._fit_height()
        self._widths = measure_columns(self._matching, self._room)
        lines = [(choice, self.draw_line(choice)) for choice in self._matching]
        self._choice_list.set_options(group_options(lines, headings=not typed.strip()))
        keys = [choice.key for choice in self._matching]
        if keys:
            self._put_cursor(keys.index(at) if at in keys else 0)
        self._show_borders()

    def _put_cursor(self, place: int) -> None:
        self._choice_list.highlighted = self._choice_list.get_option_index(str(place))
        if place == 0:
            self._choice_list.scroll_home(animate=False)

    @property
    def _first_place(self) -> ChoiceT | None:
        return None if self.starts_on_best else self._current

    @property
    def _room(self) -> int:
        width = min(DIALOG_WIDTH, self.app.size.width * DIALOG_PERCENT // 100)
        return max(0, width - FRAME_WIDTH - LINE_PADDING)

    def _fit_height(self) -> None:
        """Stand in the middle with all choices: the search line must not move at a key."""
        choices = self._choices or ()
        wanted = len(choices) + len({choice.group for choice in choices} - {""})
        self._fitted = self.app.size
        most = max(MIN_LIST_HEIGHT, self.app.size.height - LINES_AROUND_LIST)
        height = max(self._list_height, min(most, max(1, wanted)))
        if height != self._list_height:
            self._list_height = height
            self._choice_list.styles.max_height = height
            self._top = self._find_top(height, most)
            self._band.styles.margin = (self._top, 0, 0, 0)

    def _find_top(self, height: int, most: int) -> int:
        """The line to begin on: the middle, or where the dialog stands already if the list has room there."""
        room = max(0, self.app.size.height - FRAME_HEIGHT)
        if self._top is not None and self._top + height < room:
            return self._top
        is_loading = self._choices is None
        return max(0, room - (max(height, min(most, LOADING_LIST_HEIGHT)) if is_loading else height)) // 2

    def _show_note(self) -> None:
        """One quiet line in place of an empty list."""
        self.remove_class("-blocked")
        self._note_part.display = not self._matching
        self._choice_list.display = bool(self._matching)
        if self._choices is None:
            self._say(self._note)
        else:
            self._say(self.NO_MATCH if self._choices else "Nothing to choose from.")

    def _say(self, sentence: str) -> None:
        self._note_part.update(Content(sanitize_label(sentence)))

    def draw_line(self, choice: Choice[ChoiceT]) -> Content:
        """The line of a choice."""
        return draw_choice(
            choice,
            self._widths,
            is_current=choice.key == self._current or choice.key in self._starred,
            found=find_word_starts(sanitize_label(choice.label), self._search.value) or (),
            ascii=self._ascii,
        )

    def list_visible(self) -> list[Choice[ChoiceT]]:
        """The choices whose lines are on the screen."""
        top = self._choice_list.scroll_offset.y
        shown = self._choice_list.options[top : top + max(1, self._list_height)]
        return [self._matching[int(option.id)] for option in shown if option.id]

    def replace_choice(self, choice: Choice[ChoiceT]) -> None:
        """Show what is known of a choice by now; its line stays where it is."""
        if not (self.is_mounted and self.is_attached):
            return
        self._choices = tuple(choice if one.key == choice.key else one for one in self._choices or ())
        for place, one in enumerate(self._matching):
            if one.key == choice.key:
                self._matching = (*self._matching[:place], choice, *self._matching[place + 1 :])
                self._choice_list.replace_option_prompt(str(place), self.draw_line(choice))

    # The cursor and the choice.

    @property
    def _under_cursor(self) -> Choice[ChoiceT] | None:
        option = self._choice_list.highlighted_option
        place = int(option.id) if option is not None and option.id else len(self._matching)
        return self._matching[place] if place < len(self._matching) else None

    def action_move(self, action: str) -> None:
        """Move the cursor in the list."""
        self._show_note()
        move_cursor(self._choice_list, action)

    @on(OptionList.OptionSelected, "#choices")
    def _take_click(self) -> None:
        self.choose_clicked()

    def choose_clicked(self) -> None:
        """Give back the choice that was clicked, which is under the cursor."""
        self.action_choose()

    def action_choose(self) -> None:
        """Give back the choice under the cursor, if there is one, or say why it can't be chosen."""
        self.read_search()
        choice = self._under_cursor
        if choice is not None and not self.refuse_blocked(choice):
            self.give_choice(choice)

    def give_choice(self, choice: Choice[ChoiceT]) -> None:
        """Leave with a choice as the answer."""
        raise NotImplementedError

    def read_search(self) -> None:
        """Filter by what is typed by now: a quick key is handled before the message of the change."""
        if self._search.value != self._typed:
            self._filter_choices()

    def refuse_blocked(self, choice: Choice[ChoiceT]) -> bool:
        """Say why a choice can't be chosen now; false where it can."""
        if choice.blocked:
            self._note_part.display = True
            self._say(choice.blocked)
            self.add_class("-blocked")
        return bool(choice.blocked)


class PickerScreen(ChoiceDialog[ChoiceT, ChoiceT | None]):
    """Gives the chosen key, or None."""

    def give_choice(self, choice: Choice[ChoiceT]) -> None:
        """Leave with the key of a choice."""
        self.dismiss(choice.key)
