"""The dialog before a cancel or a delete: it holds the exact tasks as they were shown, and starts on No.

One task gets a small card, up to 20 a list, and more than 20, production or force a dialog in which the
number of tasks (for one task: its id) must be typed. What was pressed before a person can have read the
dialog is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import ClassVar, get_args

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Button, Input, Static

from backend_adapters.model import Task, TaskId
from tui.screens.dialogs.confirm_text import Request, Verdict, cautions, deed, effect, news
from tui.screens.dialogs.dialog import Patient, PatientDialog
from tui.text import cell_width, fit_cells, list_keys, sanitize, sanitize_label, status_glyph
from tui.widgets.line_input import LineInput
from tui.widgets.status_style import StatusStyle, status_style, status_word

__all__ = ["ConfirmScreen", "Request", "Verdict"]

BLANK_LINES = 3
"""Lines that the style `-tight` takes out of the dialog."""

LONGEST = 150
"""Cells of a name, a type or a place at the most: three lines of the narrow dialog."""

YES = ("y", "Y")
NO = ("n", "N", "q", "escape")
SCROLL = {
    "down": (1, False),
    "j": (1, False),
    "up": (-1, False),
    "k": (-1, False),
    "pagedown": (1, True),
    "pageup": (-1, True),
}
"""Keys that scroll the list: how far, and whether by pages."""


def _status(task: Task, ascii: bool) -> str:
    """The status as a glyph and a word."""
    return fit_cells(
        f"{status_glyph(task.status, ascii=ascii)} {sanitize_label(status_word(task))}", 14, ascii=ascii
    ).rstrip()


def _fit_lines(text: str, ascii: bool) -> str:
    """A harmless text, cut so that it leaves the dialog's other lines in sight."""
    return fit_cells(text, LONGEST, ascii=ascii).rstrip()


def _what(request: Request) -> str:
    """What is typed for yes; beside an id of 32 hex digits the input would have no room."""
    if len(request.tasks) > 1:
        return f"{request.word}, the number of tasks"
    word = sanitize(request.word)
    return f"{word}, the task's id" if cell_width(word) <= 12 else "the id shown above"


# --- parts -------------------------------------------------------------------------------------------


class Body(Vertical):
    """What is inside the dialog's frame; tells the dialog when its height changes."""

    def on_resize(self) -> None:
        """Have the list fitted anew."""
        if isinstance(self.screen, ConfirmScreen):
            self.call_after_refresh(self.screen.fit)


class Answer(Patient, Button, inherit_bindings=False):
    """Yes or No, in words that say the act. It has no binding for enter: see `ConfirmScreen.on_key`."""


class Typed(Patient, LineInput):
    """Where yes is typed. A letter that can't belong to it is left to the dialog's keys (n, q)."""

    joins_keys = False

    def __init__(self, word: str) -> None:
        super().__init__(id="typed", longest=max(40, len(word)))
        self._letters = set(word.casefold())

    async def on_key(self, event: events.Key) -> None:
        """Leave a key that says no to the dialog."""
        if self._is_no(event.character):
            event.prevent_default()

    def _is_no(self, character: str | None) -> bool:
        return character in ("n", "q") and character not in self._letters


class TaskRows(Patient, ScrollView, can_focus=True):
    """The frozen tasks, a line each; only the lines in sight are drawn, so 2000 open as fast as two."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--id",
        "rows--name",
        "rows--news",
        *(f"rows--{look}" for look in get_args(StatusStyle)),
    }

    def __init__(self, tasks: tuple[Task, ...], *, ascii: bool) -> None:
        super().__init__(id="rows")
        self._tasks = tasks
        self._ascii = ascii
        self._news: dict[TaskId, str] = {}
        self._id_width = min(12, max(2, *(cell_width(sanitize(task.id)) for task in tasks)))
        statuses = {(task.status, task.raw_status): task for task in tasks}.values()
        self._status_width = max(6, *(cell_width(_status(task, ascii)) for task in statuses))
        self.virtual_size = Size(0, len(tasks))

    def tell(self, news: dict[TaskId, str]) -> None:
        """Show what became of some tasks at the end of their lines."""
        if news != self._news:
            self._news = news
            self.refresh()

    def head(self) -> str:
        """The heads of the columns, aligned with them."""
        task_id = fit_cells("ID", self._id_width, align="right")
        return f"{task_id}  {fit_cells('STATUS', self._status_width)}  NAME"

    def render_line(self, y: int) -> Strip:
        """One task as a line: id, status, name, and its news at the right."""
        index = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if index >= len(self._tasks):
            return Strip.blank(width, self.rich_style)
        return Strip(self._line(self._tasks[index], width)).adjust_cell_length(width, self.rich_style)

    def _line(self, task: Task, width: int) -> Iterable[Segment]:
        style = self.get_component_rich_style
        news = self._news.get(task.id, "")
        room = width - self._id_width - self._status_width - 5
        if news and room < 45:
            news = news.replace("finished meanwhile: ", "now ")
        room -= cell_width(news) + 2 if news else 0
        task_id = fit_cells(sanitize(task.id), self._id_width, align="right", keep="tail", ascii=self._ascii)
        yield Segment(f"{task_id}  ", style("rows--id"))
        status = fit_cells(_status(task, self._ascii), self._status_width)
        yield Segment(f"{status}  ", style(f"rows--{status_style(task.status)}"))
        yield Segment(
            fit_cells(sanitize_label(task.name), max(0, room), ascii=self._ascii), style("rows--name")
        )
        if news:
            yield Segment(f"  {news}", style("rows--news"))


class ConfirmScreen(PatientDialog[Verdict]):
    """Asks before tasks are cancelled or deleted; gives the frozen ids, or None for No."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#typed, #no"

    def __init__(
        self, request: Request, *, clock: Callable[[], float] = time.monotonic, ascii: bool = False
    ) -> None:
        """Freeze `request`, which holds at least one task. `clock` gives monotonic seconds."""
        super().__init__(clock=clock)
        self.request = request
        self._ascii = ascii
        self._news: dict[TaskId, str] = {}
        # Kept by name: a key, or a draw, can come while the dialog is being taken down.
        one = len(request.tasks) == 1
        self._dialog = Vertical(id="dialog")
        self._body = Body(id="body")
        self._prompt = Static(Content(f"Type {_what(request)}:"), id="prompt")
        self._typed = Typed(request.word)
        self._keep = Answer(Content("Keep it" if one else "Keep them"), id="no", compact=True)
        self._do = Answer(Content(deed(request)), id="yes", compact=True, disabled=request.typed)
        self.set_class(request.action.is_deletion, "-danger")
        self.set_class(request.typed, "-typed")
        self.set_class(len(request.tasks) == 1, "-one")
        self.set_class(ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Place, tasks, what will happen, cautions, and the answers: No first."""
        request = self.request
        with self._dialog:
            if request.typed:
                with Horizontal(id="band"):
                    yield Static(Content(deed(request)), id="deed")
                    yield Static("production" if request.production else "", id="production")
            with self._body:
                yield Static(Content(_fit_lines(sanitize_label(request.place), self._ascii)), id="place")
                yield from self._subject()
                yield Static(Content(effect(request)), id="effect")
                for caution in cautions(request):
                    yield Static(Content(caution), classes="caution")
                yield from self._answers()

    def _subject(self) -> ComposeResult:
        """The one task as a card, or the list."""
        tasks = self.request.tasks
        if len(tasks) == 1:
            yield Static(self._card(tasks[0], ""), id="card")
        else:
            rows = TaskRows(tasks, ascii=self._ascii)
            yield Static(Content(rows.head()), id="head")
            yield rows

    def _answers(self) -> ComposeResult:
        """What is typed, where it is so, and the two buttons."""
        if self.request.typed:
            with Horizontal(id="ask"):
                yield self._prompt
                yield self._typed
        with Horizontal(id="answers"):
            yield self._keep
            yield self._do

    def _card(self, task: Task, word: str) -> Content:
        """One task in two lines: status, id and type; name. Then its news, if there are any."""
        lines = [
            Content.assemble(
                (_status(task, self._ascii), f"$status-{status_style(task.status)}"),
                f"  {sanitize(task.id)}  ",
                (_fit_lines(sanitize_label(task.type), self._ascii), "$text-muted"),
            ),
            Content(_fit_lines(sanitize_label(task.name), self._ascii)),
        ]
        if word:
            lines.append(Content.styled(word, "bold $text-warning"))
        return Content("\n").join(lines)

    def on_mount(self) -> None:
        """Put the question and the keys into the border."""
        dialog = self._dialog
        if not self.request.typed:
            dialog.border_title = Content(f"{deed(self.request)}?")
        keys = ("enter does it once typed", "esc no") if self.request.typed else ("y yes", "n no")
        dialog.border_subtitle = list_keys(*keys, ascii=self._ascii)

    def on_key(self, event: events.Key) -> None:
        """Do what a key says.

        Not bindings: Textual looks those up on the screen that is on top when the key has bubbled through
        the one it was pressed on, so that a `y` typed ahead would answer a dialog that nobody has seen.
        """
        key, focused = event.key, self.focused
        if key in YES:
            self._yes()
        elif key in NO:
            self._no()
        elif key in SCROLL:
            self._scroll_rows(*SCROLL[key])
        elif key == "enter" and isinstance(focused, Answer):
            focused.press()
        elif key in ("left", "right") and not isinstance(focused, Typed):
            (self.focus_previous if key == "left" else self.focus_next)()
        else:
            return
        event.stop()

    def on_resize(self) -> None:
        """Fit the new size."""
        self.call_after_refresh(self.fit)

    def fit(self) -> None:
        """Give the list what the rest leaves of the screen; where that is nothing, do without blank lines."""
        rows = self.query(TaskRows)
        listed = sum(row.outer_size.height for row in rows)
        rest = self._body.outer_size.height - listed + 2 + len(self.query("#band"))
        saved = BLANK_LINES if self.has_class("-tight") else 0
        least = min(3, len(self.request.tasks)) if rows else 0
        self.set_class(self.size.height - rest - saved < least, "-tight")
        room = self.size.height - rest
        for row in rows:
            row.styles.max_height = max(3, room - (2 if room > 9 else 0))
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def update(self, tasks: Iterable[Task], gone: Collection[TaskId] = ()) -> None:
        """Say beside the frozen tasks what became of them; the frozen list stays as it is.

        `tasks` may hold others as well, and need not hold all; `gone` are ids the server no longer has.
        """
        now: dict[TaskId, Task | None] = {**{task.id: task for task in tasks}, **dict.fromkeys(gone)}
        words = {task.id: news(task, now[task.id]) for task in self.request.tasks if task.id in now}
        # What is not told of this time is still as it was told of last.
        self._news = {task_id: word for task_id, word in {**self._news, **words}.items() if word}
        for card in self.query("#card").results(Static):
            card.update(self._card(self.request.tasks[0], " ".join(self._news.values())))
        for rows in self.query(TaskRows):
            rows.tell(self._news)

    @property
    def _agreed(self) -> bool:
        """Whether yes counts: nothing must be typed, or the right thing is."""
        word = self.request.word.casefold()
        return not self.request.typed or self._typed.value.strip().casefold() == word

    @on(Input.Changed, "#typed")
    def _typing(self) -> None:
        self._do.disabled = not self._agreed
        self._prompt.remove_class("-wrong")

    @on(Input.Submitted, "#typed")
    @on(Button.Pressed, "#yes")
    def _yes(self) -> None:
        """Answer with the frozen ids; where something must be typed first, point at it."""
        if self._agreed:
            self.dismiss(tuple(task.id for task in self.request.tasks))
        else:
            self._prompt.add_class("-wrong")
            self._typed.focus()

    @on(Button.Pressed, "#no")
    def _no(self) -> None:
        """Answer No."""
        self.dismiss(None)

    def _scroll_rows(self, step: int, pages: bool) -> None:
        """Scroll the list by lines or pages, wherever the focus is."""
        for rows in self.query(TaskRows):
            rows.scroll_relative(y=step * (rows.size.height if pages else 1), animate=False)
