"""The dialog that creates a job from a recipe: an algorithm with a field for each of its parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from backend_adapters.errors import BackendError, BadValue, may_have_started
from backend_adapters.model import Param, Recipe, TaskId
from backend_adapters.sentences import join_sentences
from tui.monitor.verdicts import JOB_MAY_RUN
from tui.text import list_keys, safe
from tui.widgets.filter_bar import PLAIN

Send = Callable[[Mapping[str, str]], Awaitable[TaskId]]
"""Creates the job with these values. Raises BadValue before anything is sent, BackendError after that."""


class CreateScreen(ModalScreen[TaskId | None]):
    """Gives the id of the created job, or None; a value that is not possible is told beside its field."""

    CSS_PATH = "../styles/dialogs.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, recipe: Recipe, place: str, send: Send, *, ascii: bool = False) -> None:
        """Create a job of `recipe` at `place`, a sentence's worth of where."""
        super().__init__()
        self._recipe = recipe
        self._place = place
        self._send = send
        self._sending = False
        self._ascii = ascii
        self.set_class(ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Where, a field for each parameter, what was wrong, and two answers."""
        with Vertical(id="dialog"), Vertical(id="body"):
            yield Static(Content(safe(self._place)), id="place")
            with VerticalScroll(id="params", can_focus=False):
                for number, param in enumerate(self._recipe.params):
                    yield from self._row(number, param)
            yield Static(id="wrong", classes="caution", markup=False)
            with Horizontal(id="answers"):
                yield Button(Content("Not now"), id="no", compact=True)
                yield Button(Content("Create"), id="yes", compact=True)

    def _row(self, number: int, param: Param) -> ComposeResult:
        with Horizontal(classes="param"):
            star = "*" if param.required else " "
            yield Static(Content(f"{safe(param.name)}{star}"), classes="label")
            field = Input(param.default, id=f"param-{number}", restrict=PLAIN, compact=True)
            field.placeholder = safe(param.hint)
            field.cursor_blink = False
            yield field

    def on_mount(self) -> None:
        """Name the recipe."""
        dialog = self.query_one("#dialog")
        dialog.border_title = Content(f"Create {safe(self._recipe.name)}")
        dialog.border_subtitle = list_keys("enter create", "esc not now", ascii=self._ascii)
        self.query_one("#wrong").display = False

    @property
    def _values(self) -> dict[str, str]:
        """What was typed, by parameter; fields left empty are left out."""
        typed = {
            param.name: self.query_one(f"#param-{number}", Input).value.strip()
            for number, param in enumerate(self._recipe.params)
        }
        return {name: value for name, value in typed.items() if value}

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _create(self) -> None:
        """Send once; a second enter while the answer is awaited does nothing."""
        if not self._sending:
            self._sending = True
            self.query_one("#yes", Button).disabled = True
            self.run_worker(self._ask(self._values), exit_on_error=False)

    async def _ask(self, values: Mapping[str, str]) -> None:
        try:
            task_id = await self._send(values)
        except BackendError as error:
            self._tell(error)
        else:
            self.dismiss(task_id)

    def _tell(self, error: BackendError) -> None:
        """Say what was wrong, and go to the field that it is about."""
        wrong = self.query_one("#wrong", Static)
        may_run = JOB_MAY_RUN if may_have_started(error) else ""
        wrong.update(Content(safe(join_sentences(str(error), error.hint, may_run))))
        wrong.display = True
        self._sending = False
        self.query_one("#yes", Button).disabled = False
        if isinstance(error, BadValue):
            names = [param.name for param in self._recipe.params]
            if error.param in names:
                self.query_one(f"#param-{names.index(error.param)}", Input).focus()

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """Answer no."""
        if not self._sending:
            self.dismiss(None)
