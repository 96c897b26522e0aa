"""The picker in which several entries can be marked: it gives all of them, or the one under the cursor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from tui.screens.dialogs.choice_list import MARK_WIDTH, Choice, ChoiceT, SearchedList
from tui.screens.dialogs.picker import LINE_PADDING, ChoiceDialog
from tui.text import cell_width, format_count, join_key_hints

MARK_SIGN_WIDTH = 1
"""Cells of the sign of a mark, at the left edge of a line."""


class MarkableList(SearchedList):
    """A list whose lines are marked by a click at their left edge."""

    @dataclass
    class EdgeClicked(Message):
        """The left edge of a line was clicked."""

        index: int
        """The line's, headings counted."""

    def on_mount(self) -> None:
        """Leave the cell at the left edge to the mark."""
        self.add_class("-marking")

    def on_click(self, event: events.Click) -> None:
        """Report a click at the left edge; anywhere else it chooses the line."""
        index = event.style.meta.get("option")
        if index is not None and event.x < MARK_SIGN_WIDTH + MARK_WIDTH:
            event.prevent_default().stop()
            self.post_message(self.EdgeClicked(index))


class MarkingPicker(ChoiceDialog[ChoiceT, tuple[ChoiceT, ...] | None]):
    """Gives the keys of the marked entries in the order of the list, or None; without marks only one key.

    Marks stay while the search hides their entries.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # A terminal sends NUL for ctrl+space, which Textual calls ctrl+@; some name the key itself.
        Binding("ctrl+@,ctrl+space", "mark", show=False),
        Binding("tab,insert", "mark_and_move", show=False),
    ]
    list_type: ClassVar[type[SearchedList]] = MarkableList

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
        super().__init__(title, choices, current=current, starred=starred, loading=loading, ascii=ascii)
        self._marks: dict[ChoiceT, None] = {}

    @property
    def marked(self) -> tuple[ChoiceT, ...]:
        """The keys of the marked entries, in the order of the list."""
        return tuple(choice.key for choice in self._choices or () if choice.key in self._marks)

    # What is shown.

    def list_titles(self) -> list[str]:
        """The title, and how many are marked."""
        marked = self.marked
        if not marked:
            return super().list_titles()
        hidden = len(set(marked) - {choice.key for choice in self._matching})
        count = f"{format_count(len(marked))} marked"
        return [
            *super().list_titles(),
            f"{count}, {format_count(hidden)} not shown" if hidden else count,
        ]

    def list_keys(self) -> list[str]:
        """The keys; those that move only where there is room, and as long as nothing is marked."""
        marked = len(self.marked)
        if not marked:
            move, *others = super().list_keys()
            keys = [move, "ctrl+space mark", *others]
            is_wide = cell_width(join_key_hints(*keys, ascii=self._ascii)) > self._room + LINE_PADDING
            return keys[1:] if is_wide else keys
        under = self._under_cursor
        sets = "unmark" if under is not None and under.key in self._marks else "mark"
        opens = "enter open it" if marked == 1 else f"enter open {format_count(marked)}"
        return [f"ctrl+space {sets}", opens, "esc unmark all"]

    def draw_line(self, choice: Choice[ChoiceT]) -> Content:
        """The line of a choice behind the sign of its mark."""
        sign = ("x" if self._ascii else "▌") if choice.key in self._marks else ""
        return Content.assemble((sign.ljust(MARK_SIGN_WIDTH), "bold $primary"), super().draw_line(choice))

    # The marks.

    def action_move(self, action: str) -> None:
        """Move the cursor in the list."""
        super().action_move(action)
        self._show_borders()

    def action_mark(self) -> None:
        """Mark the choice under the cursor, or unmark it."""
        self.read_search()
        if self._under_cursor is not None:
            self._toggle_mark(self._under_cursor)

    def action_mark_and_move(self) -> None:
        """Mark the choice under the cursor, or unmark it, and go to the next line, unless it is the last."""
        self.action_mark()
        if self._under_cursor is not None and self._under_cursor is not self._matching[-1]:
            self.action_move("cursor_down")

    @on(MarkableList.EdgeClicked)
    def _mark_clicked(self, message: MarkableList.EdgeClicked) -> None:
        option = self._choice_list.get_option_at_index(message.index)
        if option.id is not None and int(option.id) < len(self._matching):
            self._choice_list.highlighted = message.index
            self._toggle_mark(self._matching[int(option.id)])

    def _toggle_mark(self, choice: Choice[ChoiceT]) -> None:
        if choice.key in self._marks:
            del self._marks[choice.key]
        elif not self.refuse_blocked(choice):
            self._marks[choice.key] = None
        self.replace_choice(choice)
        self._show_borders()

    # The answer.

    def action_choose(self) -> None:
        """Give back all that are marked, also those that the search hides; without marks as any picker."""
        if self.marked:
            self.dismiss(self.marked)
        else:
            super().action_choose()

    def choose_clicked(self) -> None:
        """Give back what was clicked; where some are marked, mark it, too, or unmark it."""
        if self.marked:
            self.action_mark()
        else:
            self.action_choose()

    def give_choice(self, choice: Choice[ChoiceT]) -> None:
        """Leave with one key."""
        self.dismiss((choice.key,))

    def action_close(self) -> None:
        """Unmark everything; without marks leave without an answer."""
        if not self.marked:
            super().action_close()
            return
        self._marks.clear()
        self._filter_choices()
