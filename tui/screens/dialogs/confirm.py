"""The dialog before a cancel or a delete: it holds the exact tasks as they were shown, and starts on No.

One task gets a small card, up to 20 a list, and more than 20, production or force a dialog in which the
number of tasks (for one task: its id) must be typed. What was pressed before a person can have read the
dialog is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from backend_adapters.model import Task, TaskKey
from tui.screens.dialogs.confirm_parts import (
    ConfirmButton,
    ConfirmInput,
    DialogPart,
    TaskRows,
    describe_status,
)
from tui.screens.dialogs.confirm_text import (
    ConfirmAnswer,
    ConfirmRequest,
    ask_question,
    describe_action,
    describe_change,
    describe_change_of_one,
    describe_cut,
    describe_effect,
    describe_input,
    describe_more_rows,
    describe_nothing_left,
    describe_return,
    describe_wrong_input,
    is_still_meant,
    list_answer_keys,
    list_cautions,
    name_refusal,
)
from tui.screens.dialogs.dialog import DialogBand, GuardedDialog
from tui.screens.dialogs.place_counts_text import draw_place_counts
from tui.task_name import readable_name
from tui.text import cell_width, fit_cells, join_key_hints, sanitize, sanitize_label
from tui.widgets.status_style import status_style

BLANK_LINES = 3
"""Lines that the style `-tight` takes out of the dialog."""

LEAST_TASK_LINES = 3
"""Lines of the list for which the blank lines go."""
LEAST_LINES_BY_PLACE = 6
"""The same where the places of the tasks stand above them."""
LEAST_BODY_LINES = 2
"""Lines of what scrolls above the answers in the smallest terminal."""
INPUT_PADDING = 4
"""Cells around what is typed, and of the cursor behind it."""
NARROW_CELLS = 40
"""Cells of a dialog in which two answers have no room for blanks around them."""
LINES_PER_LINE_OF_PLACES = 8
"""Lines of the terminal for each line that counts the tasks by place."""

MAX_TEXT_CELLS = 150
"""Cells of a name, a type or a place at the most: three lines of the narrow dialog."""

YES_KEYS = ("y", "Y")
NO_KEYS = ("n", "N", "q", "escape")
SCROLL_KEYS = {
    "down": (1, False),
    "j": (1, False),
    "up": (-1, False),
    "k": (-1, False),
    "pagedown": (1, True),
    "pageup": (-1, True),
}
"""Keys that scroll the list: how far, and whether by pages."""


def _limit_list(room: int) -> int:
    """The lines that the list has at the most, of so many that the rest of the dialog leaves free."""
    return max(3, room - (2 if room > 9 else 0))


def _fit_text(text: str, ascii: bool) -> str:
    """A sanitised text, cut so that the dialog's other lines stay visible."""
    return fit_cells(text, MAX_TEXT_CELLS, ascii=ascii).rstrip()


class ConfirmScreen(GuardedDialog[ConfirmAnswer]):
    """Asks before tasks are cancelled or deleted; gives the frozen keys, or None for No."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#typed, #no"

    def __init__(
        self, request: ConfirmRequest, *, clock: Callable[[], float] = time.monotonic, ascii: bool = False
    ) -> None:
        """Freeze `request`, which holds at least one task. `clock` gives monotonic seconds."""
        super().__init__(clock=clock, ascii=ascii)
        self.request = request
        self._changes: dict[TaskKey, str] = {}
        self._dropped: set[TaskKey] = set()
        """The tasks on which nothing would be done any more, as they have changed."""
        self._gone: set[TaskKey] = set()
        # Attributes, not queries: a key or a draw can come while the dialog is being removed.
        self._dialog = Vertical(id="dialog")
        self._body = DialogPart(self.fit_screen, id="body")
        self._reply = DialogPart(self.fit_screen, id="reply")
        """The answers, which stay in sight where the rest has to scroll."""
        self._cut = Static(Content(describe_cut(ascii=ascii)), id="cut")
        self._cut.display = False
        self._deed = Static(id="deed")
        self._effect = Static(id="effect")
        self._prompt = Static(id="prompt")
        self._wrong = Static(id="wrong")
        self._wrong.display = False
        self._input = ConfirmInput(request.expect_input(len(request.tasks)))
        self._asked_numbers: set[int] = set()
        """The numbers that a person was asked to type, in this dialog."""
        self._place = Static(id="place")
        self._more = Static(id="more")
        self._more.display = False
        self._more_words = ""
        self._no_button = ConfirmButton(Content(name_refusal(request.action)), id="no", compact=True)
        self._yes_button = ConfirmButton(
            Content(describe_action(request)), id="yes", compact=True, disabled=request.needs_typing
        )
        self.set_class(request.action.is_deletion, "-danger")
        self.set_class(request.needs_typing, "-typed")
        self.set_class(len(request.tasks) == 1, "-one")

    def compose(self) -> ComposeResult:
        """Place, tasks, what will happen, cautions, and the answers: No first."""
        request = self.request
        with DialogBand(), self._dialog:
            if request.needs_typing:
                with Horizontal(id="band"):
                    yield self._deed
                    yield Static("production" if request.production else "", id="production")
            with self._body:
                yield self._place
                yield from self._compose_tasks()
                yield self._effect
                for caution in list_cautions(request):
                    yield Static(Content(caution), classes="caution")
            yield self._cut
            with self._reply:
                yield from self._compose_answers()

    def _compose_tasks(self) -> ComposeResult:
        """The one task as a card, or the list."""
        tasks = self.request.tasks
        if len(tasks) == 1:
            yield Static(self._draw_card(tasks[0], ""), id="card")
        else:
            rows = TaskRows(tasks, self._show_more, heads=self.request.heads, ascii=self._ascii)
            yield Static(Content(rows.render_head()), id="head")
            yield rows
            yield self._more

    def _compose_answers(self) -> ComposeResult:
        """The input, where yes must be typed, and the two buttons."""
        if self.request.needs_typing:
            with Horizontal(id="ask"):
                yield self._prompt
                yield self._input
            yield self._wrong
        with Horizontal(id="answers"):
            yield self._no_button
            yield self._yes_button

    def _draw_card(self, task: Task, word: str) -> Content:
        """One task in two lines: status, id and type; name. A third line says what changed meanwhile."""
        lines = [
            Content.assemble(
                (describe_status(task, self._ascii), f"$status-{status_style(task.status)}"),
                f"  {sanitize(task.id)}  ",
                (_fit_text(sanitize_label(task.type), self._ascii), "$text-muted"),
            ),
            Content(_fit_text(sanitize_label(readable_name(task)), self._ascii)),
        ]
        if word:
            lines.append(Content.styled(word, "bold $text-warning"))
        return Content("\n").join(lines)

    def on_mount(self) -> None:
        """Say where, and put the question and the keys into the border."""
        self._draw_place()
        self._show_what_is_left()

    def on_key(self, event: events.Key) -> None:
        """Handle the keys of the dialog.

        These are no bindings: Textual looks bindings up on the topmost screen after the key has bubbled
        through its own screen, so a `y` typed ahead would answer a dialog that nobody has seen.
        """
        key, focused = event.key, self.focused
        if key in NO_KEYS or (key == "enter" and not self._left):
            self.action_close()
        elif key in YES_KEYS:
            self._answer_yes()
        elif key in SCROLL_KEYS:
            self._scroll_rows(*SCROLL_KEYS[key])
        elif key == "enter" and isinstance(focused, ConfirmButton):
            focused.press()
        elif key in ("left", "right") and not isinstance(focused, ConfirmInput):
            (self.focus_previous if key == "left" else self.focus_next)()
        else:
            return
        event.stop()

    def on_resize(self) -> None:
        """Fit the new size."""
        self.call_after_refresh(self.fit_screen)

    def fit_screen(self) -> None:
        """Give the list the lines that the rest leaves free; where there are none, drop the blank lines.

        Where that is not enough the rest scrolls above the answers.
        """
        rows = self.query(TaskRows)
        listed = sum(row.outer_size.height for row in rows)
        others = self._reply.whole_height + 2 + len(self.query("#band"))
        rest = self._body.whole_height - listed + others
        saved = BLANK_LINES if self.has_class("-tight") else 0
        lines = len(self.request.tasks) + len(self.request.heads)
        least = min(LEAST_LINES_BY_PLACE if self.request.heads else LEAST_TASK_LINES, lines) if rows else 0
        self.set_class(self.size.height - rest - saved < least, "-tight")
        room = self.size.height - rest
        for row in rows:
            row.styles.max_height = _limit_list(room)
            without_counts = _limit_list(room + self._place.content_size.height - 1)
            self._draw_place(counts=row.last_head_line >= without_counts)
        self._fit_reply()
        self._cut.display = self._body.whole_height > self.size.height - others
        self._body.styles.max_height = max(
            LEAST_BODY_LINES, self.size.height - others - int(self._cut.display)
        )
        self._scroll_to_focus()

    def _fit_reply(self) -> None:
        """Put what must be typed below what is asked where both have no room in one line."""
        width = self._reply.content_size.width
        asked = describe_input(self.request, self._left or 1)
        word = self.request.expect_input(self._left)
        self.set_class(0 < width < cell_width(asked) + cell_width(word) + INPUT_PADDING, "-stacked")
        self.set_class(0 < width < NARROW_CELLS, "-narrow")

    def _scroll_to_focus(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def _draw_place(self, *, counts: bool = False) -> None:
        """Say where the tasks are; with `counts`, as the list hides heads of places, how many in each."""
        where = Content(_fit_text(sanitize_label(self.request.place), self._ascii))
        width = self._place.content_size.width
        if counts and width:
            most = max(1, self.size.height // LINES_PER_LINE_OF_PLACES)
            drawn = draw_place_counts(self.request.heads, width, most, ascii=self._ascii)
            where = Content("\n").join([where, drawn])
        if self._place.content != where:
            self._place.update(where)
            self.call_after_refresh(self._scroll_to_focus)

    def _show_more(self, below: int, total: int) -> None:
        """Say how many tasks of a list stand below what is visible; nothing where all of it is."""
        words = describe_more_rows(below, total) if total else ""
        if words != self._more_words:
            self._more_words = words
            self._more.update(Content(words))
            self._more.display = bool(words)
            self.set_class(bool(words), "-long")

    def update_tasks(self, tasks: Iterable[Task], gone: Collection[TaskKey] = ()) -> None:
        """Say beside the tasks what became of them; the list itself stays as it was confirmed.

        `tasks` may hold others as well, and need not hold all; `gone` are keys of tasks that no longer exist.
        """
        left = self._left
        now: dict[TaskKey, Task | None] = {**{task.key: task for task in tasks}, **dict.fromkeys(gone)}
        for shown in self.request.tasks:
            # Tasks that are not in this update keep what was said of them before.
            if shown.key in now:
                self._note_change(shown, now[shown.key])
        for card in self.query("#card").results(Static):
            card.update(self._draw_card(self.request.tasks[0], " ".join(self._changes.values())))
        for rows in self.query(TaskRows):
            rows.show_changes(dict(self._changes))
        if left != self._left:
            self._show_what_is_left()

    def _note_change(self, shown: Task, now: Task | None) -> None:
        """Note what became of a task, and whether anything would still be done with it."""
        describe = describe_change_of_one if len(self.request.tasks) == 1 else describe_change
        words = describe(shown, now)
        if not words and shown.key in self._changes:
            # What was told once does not vanish without a word.
            words = describe_return(shown, is_only=len(self.request.tasks) == 1)
        if words:
            self._changes[shown.key] = words
        is_meant = is_still_meant(self.request.action, shown, now)
        for keys, belongs in ((self._dropped, not is_meant), (self._gone, now is None)):
            (keys.add if belongs else keys.discard)(shown.key)

    @property
    def _left(self) -> int:
        """On how many of the tasks something would still be done."""
        return len(self.request.tasks) - len(self._dropped)

    def _show_what_is_left(self) -> None:
        """Name and count what would still be done; where that is nothing, offer only to close."""
        request, left = self.request, self._left
        self.set_class(not left, "-over")
        question = Content(ask_question(request, left))
        if request.needs_typing:
            self._deed.update(question)
            self._ask_for_input(left)
        else:
            self._dialog.border_title = question
        keys = list_answer_keys(request, left) if left else ("esc close",)
        self._dialog.border_subtitle = join_key_hints(*keys, ascii=self._ascii)
        nothing = describe_nothing_left(request, gone=len(self._gone) == len(request.tasks))
        self._effect.update(Content(describe_effect(request, left) if left else nothing))
        self._yes_button.label = Content(describe_action(request, left))
        self._no_button.label = Content(name_refusal(request.action) if left else "Close")
        if not left:
            self._wrong.display = False
            self._no_button.focus()

    def _ask_for_input(self, left: int) -> None:
        """Ask for the number of tasks that are left, or for the id."""
        self._asked_numbers.add(left)
        self._prompt.update(Content(describe_input(self.request, left)))
        self._yes_button.disabled = not self._is_confirmed

    @property
    def _is_confirmed(self) -> bool:
        """Whether yes is accepted: something is left to do, and what must be typed is."""
        request, left = self.request, self._left
        typed = self._input.value.strip().casefold()
        if not left or not request.needs_typing:
            return bool(left)
        if len(request.tasks) == 1:
            return typed == request.expect_input(left).casefold()
        # While a person types, tasks end: the number they were asked for then stands for no fewer.
        return any(typed == str(number) for number in self._asked_numbers if number >= left)

    @on(Input.Changed, "#typed")
    def _check_input(self) -> None:
        self._yes_button.disabled = not self._is_confirmed
        self._wrong.display = False

    @on(Input.Submitted, "#typed")
    @on(Button.Pressed, "#yes")
    def _answer_yes(self) -> None:
        """Answer with the frozen keys; where something must be typed first, say so."""
        if self._is_confirmed:
            self.dismiss(tuple(task.key for task in self.request.tasks))
        elif self._left:
            self._wrong.update(
                Content(describe_wrong_input(self.request, self._input.value.strip(), self._left))
            )
            self._wrong.display = True
            self._input.focus()

    def _scroll_rows(self, step: int, pages: bool) -> None:
        """Scroll the list by lines or pages, wherever the focus is.

        Where not all is visible, all above the answers is scrolled instead, unless the list has the focus.
        """
        is_list_meant = not self._cut.display or isinstance(self.focused, TaskRows)
        for part in self.query(TaskRows) if is_list_meant else (self._body,):
            part.scroll_relative(y=step * (part.size.height if pages else 1), animate=False)
