"""The line of the filter under the tabs: hidden, being edited, or showing the filter in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec import Struct
from rich.highlighter import Highlighter
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.text import cell_width, fit_cells, format_count, sanitize
from tui.widgets.line_input import LineInput

TYPING_DELAY = 0.03
"""Seconds without a key after which the text is applied."""

MISTAKE_DELAY = 0.4
"""Seconds before a mistake is shown: `age>` is none on the way to `age>1h`."""

INPUT_MARGINS = 5
"""Cells of the line besides the text and what stands behind it: the slash, the cursor, and a gap."""
MIN_WIDTH_FOR_NOTE = 70
"""With less room than this a note beside the count is shown once the text is no longer edited."""

PLACEHOLDER = "text  !text  /regex/  status=failed  age>1h"
"""What the empty line shows."""


class FilterMistake(Struct, frozen=True):
    """What is wrong with the text, and at which characters."""

    message: str
    position: int
    length: int


class _MistakeHighlighter(Highlighter):
    """Underlines the mistake in the input."""

    def __init__(self, bar: FilterBar) -> None:
        self._bar = bar

    def highlight(self, text: Text) -> None:
        """Underline the mistake, or the last character where it is beyond the end."""
        fault = self._bar.shown_mistake
        if fault is not None and text.plain:
            start = min(fault.position, len(text) - 1)
            style = self._bar.get_component_rich_style("filter-bar--fault", partial=True)
            text.stylize(style, start, max(start + 1, fault.position + fault.length))


class FilterBar(Widget):
    """The line of the filter. The screen answers each `Changed` with `show_error` or `clear_error`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-bar--fault"}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]
    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        padding: 0 1;
        display: none;
        layout: vertical;

        & > .filter-bar--fault { color: $text-error; text-style: bold underline; }
        Static { height: 1; width: auto; }
        #edit { height: 1; display: none; }
        #slash { width: 2; color: $text-primary; text-style: bold; }
        #text {
            width: 1fr;
            padding: 0;
            background: transparent;
            background-tint: transparent;
        }
        #tally { margin-left: 2; color: $text-muted; }
        #quiet { width: 1fr; text-wrap: nowrap; }
        #fault { display: none; height: auto; max-width: 100%; padding: 0 1; color: $text-error; }
        &.-on, &.-editing, &.-editing #edit { display: block; }
        &.-editing #quiet { display: none; }
        &.-editing.-fault #fault { display: block; }
        &.-fault #tally { display: none; }
        /* In the line itself where there is room: the list must not move for a slip. */
        &.-editing.-fault.-beside #fault { display: none; }
        &.-fault.-beside #tally { display: block; color: $text-error; }
    }
    """

    @dataclass
    class Changed(Message):
        """A person has changed the text."""

        text: str

    @dataclass
    class Closed(Message):
        """A person has finished editing; `kept` is false where the text is empty."""

        kept: bool

    def __init__(self, *, ascii: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii
        self.shown_mistake: FilterMistake | None = None
        self._mistake: FilterMistake | None = None
        self._posted_text = ""
        self._count_text = self._note = ""
        self._focused_before: Widget | None = None
        self._typing_timer: Timer | None = None
        self._mistake_timer: Timer | None = None
        # Kept as attributes: the screen may still call this while it is being removed.
        self._input = LineInput(
            placeholder=PLACEHOLDER,
            highlighter=_MistakeHighlighter(self),
            select_on_focus=False,
            id="text",
        )
        self._count_part = Static(id="tally", markup=False)
        self._quiet_part = Static(id="quiet", markup=False)
        self._mistake_part = Static(id="fault", markup=False)

    def compose(self) -> ComposeResult:
        """The input with the count, the line shown when not editing, and a line for a mistake."""
        with Horizontal(id="edit"):
            yield Static("/", id="slash")
            yield self._input
            yield self._count_part
        yield self._quiet_part
        yield self._mistake_part

    @property
    def text(self) -> str:
        """The text of the input."""
        return self._input.value

    @property
    def is_editing(self) -> bool:
        """Whether the filter is being edited."""
        return self.has_class("-editing")

    # --- what the screen calls ---

    def start_editing(self) -> None:
        """Show the input with the cursor at its end, and remember which widget had the focus."""
        if self.is_editing:
            return
        self._focused_before = self.screen.focused
        self.add_class("-editing")
        self._input.cursor_position = len(self.text)
        # At once: keys typed right after the slash must not reach the widget that has the focus now.
        self.app.stylesheet.update(self)
        self.screen.set_focus(self._input)

    def set_text(self, text: str) -> None:
        """Show a filter that was set elsewhere; posts nothing."""
        self._posted_text = sanitize(text)
        with self.prevent(Input.Changed):
            self._input.value = self._posted_text
        self.clear_error()
        self._update_parts()

    def show_count(self, shown: int, total: int | None, *, more: bool = False, note: str = "") -> None:
        """Show how many tasks match: `7 of 1204`, or `7 of 600+` where there may be `more`; then a note.

        Without a total the rows are those of an earlier session.
        """
        all_tasks = "the last known" if total is None else format_count(total)
        self._count_text = f"{format_count(shown)} of {all_tasks}{'+' if more else ''}"
        self._note = f"{' - ' if self._ascii else ' · '}{note}" if note else ""
        self._update_parts()

    def show_error(self, message: str, position: int, length: int = 1) -> None:
        """Show what is wrong with the text, after a delay, because half a term is no mistake yet."""
        self._mistake = FilterMistake(message, position, length)
        if self.shown_mistake is not None or not self.is_editing:
            self._show_mistake()
        elif self._mistake_timer is None:
            self._mistake_timer = self.set_timer(MISTAKE_DELAY, self._show_mistake)

    def clear_error(self) -> None:
        """Show no mistake: the text is a valid filter."""
        self._mistake = None
        self._show_mistake()

    # --- what a person does ---

    @on(Input.Changed, "#text")
    def _text_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing_timer is not None:
            self._typing_timer.stop()
        self._typing_timer = self.set_timer(TYPING_DELAY, self._post_change)

    @on(Input.Submitted, "#text")
    def _text_submitted(self, event: Input.Submitted) -> None:
        """Close the input, or show the mistake at once where one is known."""
        event.stop()
        known = self._posted_text == self.text
        self._post_change()
        if known and self._mistake is not None:
            self._show_mistake()
        else:
            self._stop_editing(refocus=True)

    def action_clear(self) -> None:
        """Clear and hide the line; posts `Changed("")` if there was a text, then `Closed(False)`."""
        with self.prevent(Input.Changed):
            self._input.value = ""
        self.clear_error()
        self._post_change()
        self._stop_editing(refocus=True)

    def on_descendant_blur(self) -> None:
        """Close the input after a click elsewhere; a dialog or another window doesn't end the editing."""
        if self.is_editing and self.app.app_focus and self.screen.is_current:
            self._post_change()
            self._stop_editing(refocus=False)

    def on_click(self) -> None:
        """Edit the filter."""
        self.start_editing()

    def on_resize(self) -> None:
        """Fit the text to the new width."""
        self._update_parts()

    # --- how it is done ---

    def _post_change(self) -> None:
        """Post the text if it has changed since it was posted last."""
        if self._typing_timer is not None:
            self._typing_timer.stop()
            self._typing_timer = None
        if self.text != self._posted_text:
            self._posted_text = self.text
            self.post_message(self.Changed(self.text))

    def _stop_editing(self, *, refocus: bool) -> None:
        """End the editing, return the focus, and post whether a text is kept."""
        was_editing = self.is_editing
        self.remove_class("-editing")
        if not self.text.strip():
            with self.prevent(Input.Changed):
                self._input.value = ""
        self._update_parts()
        if was_editing and refocus:
            back = (
                self._focused_before
                if self._focused_before is not None and self._focused_before.is_attached
                else None
            )
            self.screen.set_focus(back)
        self._focused_before = None
        self.post_message(self.Closed(bool(self.text)))

    def _show_mistake(self) -> None:
        if self._mistake_timer is not None:
            self._mistake_timer.stop()
            self._mistake_timer = None
        self.shown_mistake = self._mistake
        self._update_parts()

    def _update_parts(self) -> None:
        """Update all parts; only those that change are repainted."""
        if not self.is_mounted:
            return
        fault = self.shown_mistake
        self.set_class(bool(self.text), "-on")
        self.set_class(fault is not None, "-fault")
        message = sanitize(fault.message) if fault is not None else ""
        beside = self._has_room_beside(message)
        self.set_class(beside, "-beside")
        note = self._note if self.size.width >= MIN_WIDTH_FOR_NOTE else ""
        _update_part(self._count_part, Content(message if beside else self._count_text + note))
        _update_part(self._quiet_part, self._quiet_line())
        self._input.refresh()
        if fault is not None:
            _update_part(self._mistake_part, Content(message))
            self._place_mistake(fault)

    def _has_room_beside(self, message: str) -> bool:
        """Whether a mistake can be told in the line itself, behind all of the text."""
        room = self.content_size.width - INPUT_MARGINS - cell_width(sanitize(self.text))
        return bool(message) and cell_width(message) <= room

    def _place_mistake(self, fault: FilterMistake) -> None:
        """Put the mistake below its position, or as near as its length allows."""
        before = self.text[: fault.position]
        place = 1 + cell_width(sanitize(before)) - self._input.scroll_offset.x
        room = self.size.width - cell_width(sanitize(fault.message)) - 1
        self._mistake_part.styles.offset = (max(0, min(place, room)), 0)

    def _quiet_line(self) -> Content:
        """`filter: x=y · 7 of 12 · esc clear`; first the end goes, then a note's count, then text is cut."""
        dot = " - " if self._ascii else " · "
        head, text, tail = "filter: ", sanitize(self.text), f"{dot}esc clear"
        words = sanitize(self._mistake.message) if self._mistake else self._count_text + self._note
        if self._note and cell_width(head + text + dot + words) > self.size.width and not self._mistake:
            # The table's title has the count as well.
            words = self._note.removeprefix(dot)
        middle = dot + words if words else ""
        room = self.size.width - cell_width(head + middle)
        if cell_width(text + tail) > room:
            tail = ""
        if cell_width(text) > room:
            text = fit_cells(text, max(12, room), ascii=self._ascii).rstrip()
        colour = "$text-error" if self._mistake else "$text-muted"
        return Content.assemble((head, "$text-muted"), text, (middle, colour), (tail, "$text-muted"))


def _update_part(part: Static, content: Content) -> None:
    """Set the content of a part if it differs: setting it repaints the part."""
    if part.content != content:
        part.update(content)
