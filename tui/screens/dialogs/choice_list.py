"""The list of a picker or of the palette: one line for each choice, some of them under a heading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.screens.dialogs.word_starts import Spans
from tui.text import cell_width, fit_cells, sanitize_label
from tui.widgets.line_input import LineInput

ChoiceT = TypeVar("ChoiceT")

REVERSED = Style(reverse=True)
MARK_WIDTH = 2
CHOICE_GAP = 2
MIN_LABEL_WIDTH = 8
HINT_ROOM = 14
"""Cells that a long label leaves to the text behind it."""


class Choice(Struct, Generic[ChoiceT], frozen=True):
    """One entry: the key that is given back, and what its line says."""

    key: ChoiceT
    label: str
    hint: str = ""
    """Stands dim behind the label."""
    aside: str = ""
    """Stands dim at the right edge, such as a key or a count."""
    group: str = ""
    """The heading that it stands under while nothing is typed."""
    changes: bool = False
    """Whether it changes something on a server."""
    blocked: str = ""
    """Why it can't be chosen now, as a sentence; empty where it can."""
    warns: bool = False
    """Whether what stands at the right edge is something to beware of."""


class ChoiceList(OptionList, can_focus=False):
    """The list. It takes no focus: the input passes its keys on, so that one can type and move at once."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Its height; without room for a letter as with room for one, where Textual would fail."""
        padding = self.get_component_styles("option-list--option").padding.width
        return super().get_content_height(container, viewport, max(width, padding + 1))

    def render_line(self, y: int) -> Strip:
        """Reverse the line of the cursor in sixteen colours: red or grey is not readable on any of them."""
        strip = super().render_line(y)
        is_reversed = self.scroll_offset.y + y == self.highlighted and self.app.current_theme.ansi
        return strip.apply_style(REVERSED) if is_reversed else strip


class SearchedList(ChoiceList):
    """The list below a search line: each choice and each heading is one line."""

    class Scrolled(Message):
        """Other lines are on the screen."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Report other lines."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())


class SearchLine(LineInput):
    """The line above a list. Enter chooses at once, so that keys typed ahead reach what comes next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", show=False),
        Binding("home", "edge('first')", show=False),
        Binding("end", "edge('last')", show=False),
    ]

    def action_edge(self, edge: str) -> None:
        """Go to an end of the text, or of the list while nothing is typed."""
        if not self.value:
            self.screen.action_move(edge)  # type: ignore[attr-defined]
        elif edge == "first":
            self.action_home()
        else:
            self.action_end()


class ColumnWidths(Struct, frozen=True):
    """How many cells the columns of a list take."""

    room: int
    """Of a whole line."""
    label: int
    aside: int
    """At the most."""


def measure_columns(choices: Iterable[Choice[ChoiceT]], room: int) -> ColumnWidths:
    """The widths of the columns for these choices; the hint takes what the others leave."""
    lines = list(choices)
    label = max((cell_width(sanitize_label(one.label)) for one in lines), default=0)
    room = max(0, room - MARK_WIDTH)
    aside = max(room // 2, room - label - CHOICE_GAP - HINT_ROOM * any(one.hint for one in lines))
    widest = min(aside, max((cell_width(sanitize_label(one.aside)) for one in lines), default=0))
    left = room - (widest + CHOICE_GAP if widest else 0)
    # A few long labels must not push what is said of the others to the edge.
    least = left - (HINT_ROOM if any(one.hint for one in lines) else 0)
    return ColumnWidths(room, min(label, max(MIN_LABEL_WIDTH, least)), aside)


def draw_choice(
    choice: Choice[ChoiceT],
    widths: ColumnWidths,
    *,
    is_current: bool = False,
    found: Spans = (),
    ascii: bool = False,
) -> Content:
    """The star of the current one, the label with what was typed in it, the hint, and the right edge."""
    mark = ("*" if ascii else "★") if is_current else ""
    aside = sanitize_label(choice.aside)
    aside = fit_cells(aside, min(cell_width(aside), widths.aside), ascii=ascii)
    left = widths.room - (cell_width(aside) + CHOICE_GAP if aside else 0)
    hint = sanitize_label(choice.blocked or choice.hint)
    label_room = max(0, min(widths.label, left) if hint else left)
    label = fit_cells(sanitize_label(choice.label), label_room, ascii=ascii)
    if choice.changes:
        # What follows is an explanation, which is no column.
        label = label.rstrip()
    hint = fit_cells(hint, max(0, left - cell_width(label) - CHOICE_GAP), ascii=ascii) if hint else ""
    gap = " " * (max(0, left - cell_width(label) - (CHOICE_GAP if hint else 0) - cell_width(hint)))
    look = "$text-disabled" if choice.blocked else "$text-error" if choice.changes else ""
    drawn = Content.styled(label, look)
    for start, end in found:
        drawn = drawn.stylize("bold underline", start, min(end, len(label)))
    right = "$text-warning" if choice.warns else "$text-muted"
    return Content.assemble(
        (mark.ljust(MARK_WIDTH), "$text-primary" if mark else ""),
        drawn,
        (" " * CHOICE_GAP + hint if hint else "", "$text-muted"),
        gap,
        (" " * CHOICE_GAP + aside if aside else "", right),
    )


def group_options(lines: Sequence[tuple[Choice[ChoiceT], Content]], *, headings: bool) -> list[Option]:
    """The lines as options, each group under its heading; a choice's option has its place as its id."""
    options, group = [], ""
    for place, (choice, line) in enumerate(lines):
        if headings and choice.group != group:
            group = choice.group
            options.append(Option(Content.styled(sanitize_label(group), "$text-muted"), disabled=True))
        options.append(Option(line, id=str(place)))
    return options
