"""The problems that are about no task: lines above the table; the chosen one says all that is known."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui import text
from tui.widgets.problem_note import ProblemNote, draw_problem

LINES_MOST = 4
"""Problems that are shown at once."""
LINE_LEAST = 20


class ProblemLines(Static, can_focus=True):
    """The lines. With the focus the chosen one has its evidence and the next step below it."""

    DEFAULT_CSS = """
    ProblemLines {
        height: auto; width: 1fr; padding: 0 2;
        &:focus { background: $primary 8%; }
        &:ansi:focus { background: ansi_default; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    class Left(Message):
        """A person went down from the last one, or back."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._notes: tuple[ProblemNote, ...] = ()
        self._drawn: Content | None = None
        self.at = 0
        """The number of the chosen one."""

    def show_notes(self, notes: tuple[ProblemNote, ...]) -> None:
        """Show these; it is drawn again only where that makes a difference."""
        self._notes = notes
        self.at = min(self.at, max(0, len(notes) - 1))
        self._draw()

    def choose(self, number: int) -> None:
        """Choose one of them."""
        self.at = max(0, min(number, len(self._notes) - 1))
        self._draw()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show all of the chosen one with the focus, and one line for each without it."""
        super().watch_has_focus(has_focus)
        self._draw()

    def action_move(self, by: int) -> None:
        """Choose the next one or the one before; from the last one on comes the table."""
        if by > 0 and self.at + 1 >= len(self._notes):
            self.post_message(self.Left())
        else:
            self.choose(self.at + by)

    def action_leave(self) -> None:
        """Go back to the table."""
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        """Choose what is drawn under the pointer."""
        spot = event.get_content_offset(self)
        if spot is not None and spot.y < min(LINES_MOST, len(self._notes)):
            self.choose(self._first + spot.y if not self.has_focus or spot.y <= self.at else self.at)

    @property
    def _first(self) -> int:
        return max(0, min(self.at - LINES_MOST // 2, len(self._notes) - LINES_MOST))

    def _draw(self) -> None:
        width = max(LINE_LEAST, self.content_size.width)
        lines: list[Content] = []
        shown = range(self._first, min(self._first + LINES_MOST, len(self._notes)))
        for number in shown:
            note = self._notes[number]
            if self.has_focus and number == self.at:
                lines += draw_problem(note, width)
            else:
                lines.append(_draw_line(note, width))
        more = len(self._notes) - len(shown)
        if more:
            lines.append(Content.styled(f"  and {text.format_count(more)} more", "$text-muted"))
        content = Content("\n").join(lines)
        if self._drawn is None or not content.is_same(self._drawn):
            # Each update lays the whole screen out again.
            self._drawn = content
            self.update(content)


def _draw_line(note: ProblemNote, width: int) -> Content:
    """A problem in one line: what it is, and the next step where there is room."""
    title = text.fit_cells(f"! {note.title}", width).rstrip()
    room = width - text.cell_width(title) - 2
    step = text.fit_cells(note.advice, room).rstrip() if room >= LINE_LEAST else ""
    gap = f"  {step}" if step else ""
    return Content.styled(title, "$status-stuck") + Content.styled(gap, "$text-muted")
