"""The dialog that creates a job from a recipe: an algorithm with a field for each of its parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from backend_adapters.errors import BackendError, BadValue, may_have_started
from backend_adapters.model import Param, Recipe, TaskId
from backend_adapters.sentences import join_sentences
from tui.monitor.outcomes import JOB_MAY_RUN
from tui.screens.dialogs.dialog import Dialog, DialogBand, explain_error_in_dialog
from tui.text import join_key_hints, sanitize
from tui.widgets.line_input import LineInput

SendJob = Callable[[Mapping[str, str]], Awaitable[TaskId]]
"""Creates the job with these values. Raises BadValue before anything is sent, BackendError after that."""


class CreateJobScreen(Dialog[TaskId | None]):
    """Gives the id of the created job, or None; errors are shown in the dialog."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, recipe: Recipe, place: str, send: SendJob, *, ascii: bool = False) -> None:
        """Create a job of `recipe`; `place` names the server and the graph."""
        super().__init__(ascii=ascii)
        self._recipe = recipe
        self._place = place
        self._send = send
        self._sending = False
        # Attributes, not queries: the server's answer may come while the dialog is being removed.
        self._dialog = Vertical(id="dialog")
        self._fields: dict[str, LineInput] = {}
        self._wrong = Static(id="wrong", classes="caution", markup=False)
        self._yes_button = Button(Content("Create"), id="yes", compact=True)

    def compose(self) -> ComposeResult:
        """The place, an input for each parameter, the last error, and two buttons."""
        with DialogBand(), self._dialog, Vertical(id="body"):
            yield Static(Content(sanitize(self._place)), id="place")
            with VerticalScroll(id="params", can_focus=False):
                for number, param in enumerate(self._recipe.params):
                    yield from self._compose_row(number, param)
            yield self._wrong
            with Horizontal(id="answers"):
                yield Button(Content("Don't create"), id="no", compact=True)
                yield self._yes_button

    def _compose_row(self, number: int, param: Param) -> ComposeResult:
        with Horizontal(classes="param"):
            star = "*" if param.required else " "
            yield Static(Content(f"{sanitize(param.name)}{star}"), classes="label")
            field = LineInput(param.default, placeholder=sanitize(param.hint), id=f"param-{number}")
            self._fields[param.name] = field
            yield field

    def on_mount(self) -> None:
        """Name the recipe."""
        self._dialog.border_title = Content(f"Create {sanitize(self._recipe.name)}")
        self._dialog.border_subtitle = join_key_hints("enter create", "esc back", ascii=self._ascii)
        self._wrong.display = False

    @property
    def _typed_values(self) -> dict[str, str]:
        """The typed values by parameter, without empty ones."""
        typed = {name: field.value.strip() for name, field in self._fields.items()}
        return {name: value for name, value in typed.items() if value}

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _send_once(self) -> None:
        """Send the values once all required ones are there; while they are sent, do nothing."""
        if self._sending or self.is_answered:
            return
        values = self._typed_values
        missing = [one.name for one in self._recipe.params if one.required and one.name not in values]
        for name in reversed(missing):
            # The last one to be marked, which is the first, has the focus.
            self._fields[name].value = ""
            self._fields[name].mark_missing()
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            self._show_error(f"{', '.join(missing)} {verb} required.", missing[0])
            return
        self._sending = True
        self._yes_button.disabled = True
        self.run_worker(self._send_values(values), exit_on_error=False)

    async def _send_values(self, values: Mapping[str, str]) -> None:
        try:
            task_id = await self._send(values)
        except BackendError as error:
            about = error.param if isinstance(error, BadValue) else None
            self._show_error(describe_refusal(error), about)
        else:
            self.dismiss(task_id)

    def _show_error(self, sentence: str, about: str | None) -> None:
        """Show an error, and focus the parameter that it is about."""
        self._wrong.update(Content(sanitize(sentence)))
        self._wrong.display = True
        self._sending = False
        self._yes_button.disabled = False
        if about in self._fields:
            self._fields[about].focus()

    def action_close(self) -> None:
        """Answer no, unless the job is being sent."""
        if not self._sending:
            self.dismiss(None)


def describe_refusal(error: BackendError, *, in_dialog: bool = True) -> str:
    """Why a job was not created, or may have been, and what to do: in its dialog, or when that is gone."""
    what = explain_error_in_dialog(error) if in_dialog else str(error)
    return join_sentences(what, JOB_MAY_RUN if may_have_started(error) else "")
