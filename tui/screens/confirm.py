"""The dialog before a cancel or a delete: it holds the exact tasks as they were shown, and starts on No.

One task gets a small card, up to 20 a list, and more than 20, production or force a dialog in which the
number of tasks (for one task: its id) must be typed. What was pressed before a person can have read the
dialog is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import ClassVar, TypeAlias, get_args

from msgspec import Struct
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from backend_adapters.model import Action, Task, TaskId
from tui.text import cell_width, count, fit, glyph, safe
from tui.widgets.status_style import StatusStyle, status_style, status_word

LISTED = 20
"""Up to so many tasks, reading the list is enough; for more, their number is typed."""

DEAF = 0.3
"""Seconds after the dialog is first drawn in which what is pressed is thrown away."""

SCHEMA_JOBS = frozenset({"rebuild_index", "remove_schema", "create_index"})
"""The task types whose cancel leaves a schema element in between (read in HugeGraph's source)."""

VERBS = {Action.CANCEL: "Cancel", Action.DELETE: "Delete", Action.FORCE_DELETE: "Force delete"}

Verdict: TypeAlias = tuple[TaskId, ...] | None
"""The ids to act on, in the order shown; None is No."""


class Request(Struct, frozen=True, kw_only=True):
    """What a person is asked: an action on these tasks, exactly as they were shown."""

    action: Action
    tasks: tuple[Task, ...]
    place: str
    """Where: `prod · DEFAULT/hugegraph`."""
    production: bool = False
    warning: str = ""
    """One more sentence that belongs to this case, empty for none."""

    @property
    def typed(self) -> bool:
        """Whether yes must be typed."""
        return len(self.tasks) > LISTED or self.production or self.action is Action.FORCE_DELETE

    @property
    def word(self) -> str:
        """What is typed for yes: the number of tasks, or the one task's id."""
        return self.tasks[0].id if len(self.tasks) == 1 else str(len(self.tasks))


# --- words -------------------------------------------------------------------------------------------


def deed(request: Request) -> str:
    """The act in words: `Cancel task 4211`, `Delete 3 tasks`."""
    verb = VERBS[request.action]
    if len(request.tasks) > 1:
        return f"{verb} {count(len(request.tasks))} tasks"
    task_id = safe(request.tasks[0].id)
    return f"{verb} task {task_id}" if cell_width(task_id) <= 12 else f"{verb} this task"


def effect(request: Request) -> str:
    """What will happen, as a sentence or two."""
    them = "them" if len(request.tasks) > 1 else "it"
    return {
        Action.CANCEL: f"The server is asked to stop {them}; graphtop watches until the end is seen.",
        Action.DELETE: "The record and its result are gone for good.",
        Action.FORCE_DELETE: "The record and its result are gone for good.",
    }[request.action]


def cautions(request: Request) -> Iterable[str]:
    """What a person should know before saying yes, a sentence each."""
    ended = sum(task.status.finished for task in request.tasks)
    going = len(request.tasks) - ended
    if request.action is Action.CANCEL:
        if any(task.type in SCHEMA_JOBS for task in request.tasks):
            yield "Cancelling a schema job can leave the schema half done (INVALID or DELETING)."
        if ended:
            yield f"{_of(ended, request)} ended already; nothing is left to cancel there."
    elif request.action is Action.DELETE and going:
        yield f"{_of(going, request)} not ended. The server may refuse, or stop the work first."
    elif request.action is Action.FORCE_DELETE:
        yield "HugeGraph removes the record without stopping the work; a record can come back."
    if request.warning:
        yield safe(request.warning)


def _of(number: int, request: Request) -> str:
    """`It has`, `All of them have`, `1 of them has` or `3 of them have`."""
    if len(request.tasks) == 1:
        return "It has"
    if number == len(request.tasks):
        return "All of them have"
    return f"{count(number)} of them {'has' if number == 1 else 'have'}"


def news(frozen: Task, now: Task | None) -> str:
    """What became of a task since the dialog opened (None: it is gone); empty if nothing did."""
    if now is None:
        return "gone meanwhile"
    if now.status is frozen.status:
        return ""
    if now.status.finished and not frozen.status.finished:
        return f"finished meanwhile: {now.status.value}"
    return f"now {now.status.value}"


def _status(task: Task, ascii: bool) -> str:
    """The status as a glyph and a word."""
    return fit(f"{glyph(task.status, ascii=ascii)} {safe(status_word(task))}", 14, ascii=ascii).rstrip()


# --- parts -------------------------------------------------------------------------------------------


class _Patient(MessagePump):
    """A part of the dialog that does not hear what was pressed before the dialog could be read."""

    async def on_event(self, event: events.Event) -> None:
        """Drop early keys, clicks and pastes; hand on everything else."""
        pressed = isinstance(event, (events.Key, events.Click, events.Paste))
        screen = self.screen if isinstance(self, Widget) else None
        if pressed and isinstance(screen, ConfirmScreen) and screen.deaf_to(event):
            event.stop()
            return
        await super().on_event(event)


class Answer(_Patient, Button):
    """Yes or No, in words that say the act."""


class Typed(_Patient, Input):
    """Where yes is typed. A letter that can't belong to it is left to the dialog's keys (n, q)."""

    def __init__(self, word: str) -> None:
        super().__init__(id="typed", compact=True, max_length=max(40, len(word)))
        self.cursor_blink = False
        self._letters = set(word.casefold())

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave n and q to the dialog, unless the word has them."""
        return not self._is_no(character) and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if self._is_no(event.character):
            event.prevent_default()

    def _is_no(self, character: str | None) -> bool:
        return character in ("n", "q") and character not in self._letters


class TaskRows(_Patient, ScrollView, can_focus=True):
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
        self._id_width = max(2, *(min(12, cell_width(safe(task.id))) for task in tasks))
        self._status_width = max(6, *(cell_width(_status(task, ascii)) for task in tasks))
        self.virtual_size = Size(0, len(tasks))

    def tell(self, news: dict[TaskId, str]) -> None:
        """Show what became of some tasks at the end of their lines."""
        if news != self._news:
            self._news = news
            self.refresh()

    def head(self) -> str:
        """The heads of the columns, aligned with them."""
        return f"{fit('ID', self._id_width, align='right')}  {fit('STATUS', self._status_width)}  NAME"

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
        task_id = fit(safe(task.id), self._id_width, align="right", keep="tail", ascii=self._ascii)
        yield Segment(f"{task_id}  ", style("rows--id"))
        yield Segment(
            f"{fit(_status(task, self._ascii), self._status_width)}  ",
            style(f"rows--{status_style(task.status)}"),
        )
        yield Segment(fit(safe(task.name), max(0, room), ascii=self._ascii), style("rows--name"))
        if news:
            yield Segment(f"  {news}", style("rows--news"))


# --- the dialog --------------------------------------------------------------------------------------


class ConfirmScreen(_Patient, ModalScreen[Verdict]):
    """Asks before tasks are cancelled or deleted; gives the frozen ids, or None for No."""

    CSS_PATH = "../styles/dialogs.tcss"
    AUTO_FOCUS = "#typed, #no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "yes", "Yes", show=False),
        Binding("n,N,q,escape", "no", "No", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("down,j", "scroll_rows(1)", show=False),
        Binding("up,k", "scroll_rows(-1)", show=False),
        Binding("pagedown", "scroll_rows(1, True)", show=False),
        Binding("pageup", "scroll_rows(-1, True)", show=False),
    ]

    def __init__(
        self, request: Request, *, clock: Callable[[], float] = time.monotonic, ascii: bool = False
    ) -> None:
        """Freeze `request`, which holds at least one task. `clock` gives monotonic seconds."""
        super().__init__()
        self.request = request
        self._clock = clock
        self._ascii = ascii
        self._opened: float | None = None
        self._answered = False
        self.set_class(request.action.deletes, "-danger")
        self.set_class(request.typed, "-typed")
        self.set_class(len(request.tasks) == 1, "-one")
        self.set_class(ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Place, tasks, what will happen, cautions, and the answers: No first."""
        request = self.request
        with Vertical(id="dialog"):
            if request.typed:
                with Horizontal(id="band"):
                    yield Static(Content(deed(request)), id="deed")
                    yield Static("production" if request.production else "", id="production")
            with Vertical(id="body"):
                yield Static(Content(safe(request.place)), id="place")
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
        request = self.request
        one = len(request.tasks) == 1
        if request.typed:
            what = "the task's id" if one else "the number of tasks"
            # Beside an id of 32 hex digits there is no room for the input.
            with Horizontal(id="ask") if len(request.word) <= 12 else Vertical(id="ask"):
                yield Static(Content(f"Type {safe(request.word)}, {what}:"), id="prompt")
                yield Typed(request.word)
        with Horizontal(id="answers"):
            yield Answer(Content("Keep it" if one else "Keep them"), id="no", compact=True)
            yield Answer(Content(deed(request)), id="yes", compact=True, disabled=request.typed)

    def _card(self, task: Task, word: str) -> Content:
        """One task in two lines: status, id and type; name. Then its news, if there are any."""
        lines = [
            Content.assemble(
                (_status(task, self._ascii), f"$status-{status_style(task.status)}"),
                f"  {safe(task.id)}  ",
                (safe(task.type), "$text-muted"),
            ),
            Content(safe(task.name)),
        ]
        if word:
            lines.append(Content.styled(word, "bold $text-warning"))
        return Content("\n").join(lines)

    def on_mount(self) -> None:
        """Put the question and the keys into the border."""
        dialog = self.query_one("#dialog")
        if not self.request.typed:
            dialog.border_title = Content(f"{deed(self.request)}?")
        keys = "enter does it once typed · esc no" if self.request.typed else "y yes · n no"
        dialog.border_subtitle = keys.replace("·", "-") if self._ascii else keys

    def on_screen_resume(self) -> None:
        """Begin to listen a moment after the dialog is drawn, at first and after each return to it."""
        self._opened = None
        self.call_after_refresh(self._drawn)

    def on_resize(self) -> None:
        """Make the dialog fit the new size."""
        self.remove_class("-tight")
        self.call_after_refresh(self._fit)

    def _drawn(self) -> None:
        self._opened = self._clock()

    def _fit(self) -> None:
        """Give the list what the rest leaves of the screen; where that is nothing, do without blank lines."""
        listed = sum(rows.outer_size.height for rows in self.query(TaskRows))
        rest = self.query_one("#body").outer_size.height - listed + 2 + len(self.query("#band"))
        room = self.size.height - rest
        for rows in self.query(TaskRows):
            rows.styles.max_height = max(3, room - (2 if room > 9 else 0))
        if room < min(3, listed) and not self.has_class("-tight"):
            self.add_class("-tight")
            self.call_after_refresh(self._fit)

    def deaf_to(self, event: events.Event) -> bool:
        """Whether a key, click or paste was made before a person can have read the dialog.

        What counts is when it was pressed: behind a stalled loop it can arrive much later.
        """
        waited = max(0.0, time.monotonic() - event.time)
        return self._opened is None or self._clock() - waited < self._opened + DEAF

    def update(self, tasks: Iterable[Task], gone: Collection[TaskId] = ()) -> None:
        """Say beside the frozen tasks what became of them; the frozen list stays as it is.

        `tasks` may hold others as well, and need not hold all; `gone` are ids the server no longer has.
        """
        now: dict[TaskId, Task | None] = {task.id: task for task in tasks}
        now.update(dict.fromkeys(gone))
        words = {task.id: news(task, now[task.id]) for task in self.request.tasks if task.id in now}
        for card in self.query("#card").results(Static):
            only = self.request.tasks[0]
            card.update(self._card(only, words.get(only.id, "")))
        for rows in self.query(TaskRows):
            rows.tell({task_id: word for task_id, word in words.items() if word})

    @property
    def _agreed(self) -> bool:
        """Whether yes counts: nothing must be typed, or the right thing is."""
        if not self.request.typed:
            return True
        return self.query_one(Typed).value.strip().casefold() == self.request.word.casefold()

    @on(Input.Changed, "#typed")
    def _typing(self) -> None:
        self.query_one("#yes").disabled = not self._agreed
        self.query_one("#prompt").remove_class("-wrong")

    @on(Input.Submitted, "#typed")
    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """Answer with the frozen ids; where something must be typed first, point at it."""
        if self._agreed:
            self._answer(tuple(task.id for task in self.request.tasks))
        else:
            self.query_one("#prompt").add_class("-wrong")
            self.query_one(Typed).focus()

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """Answer No."""
        self._answer(None)

    def action_scroll_rows(self, step: int, pages: bool = False) -> None:
        """Scroll the list by lines or pages, wherever the focus is."""
        for rows in self.query(TaskRows):
            rows.scroll_relative(y=step * (rows.size.height if pages else 1), animate=False)

    def _answer(self, verdict: Verdict) -> None:
        """Close once; a second key may already be on its way."""
        if not self._answered:
            self._answered = True
            self.dismiss(verdict)
