"""The dialog that asks for a user and a password, when a server said 401."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui.text import safe
from tui.widgets.filter_bar import PLAIN


class Credentials(Struct, frozen=True):
    """What a person typed. Its text form never shows the password."""

    user: str
    password: str

    def __repr__(self) -> str:
        """The user, and that there is a password."""
        return f"Credentials(user={self.user!r}, password=…)"


class LoginScreen(ModalScreen[Credentials | None]):
    """Asks for user and password of one host; gives None for no. Nothing of it is logged or kept."""

    CSS_PATH = "../styles/dialogs.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", "No", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, host: str, *, user: str = "", reason: str = "", ascii: bool = False) -> None:
        """Ask for `host`; `reason` is a sentence, such as what was wrong with the last password."""
        super().__init__()
        self._host = host
        self._user = user
        self._reason = reason
        self.set_class(ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Where, why, two fields and two answers."""
        with Vertical(id="dialog"), Vertical(id="body"):
            yield Static(Content(safe(self._host)), id="host")
            if self._reason:
                yield Static(Content(safe(self._reason)), classes="caution")
            with Horizontal(classes="field"):
                yield Static("User", classes="label")
                yield self._field("user", self._user)
            with Horizontal(classes="field"):
                yield Static("Password", classes="label")
                yield self._field("password", "")
            with Horizontal(id="answers"):
                yield Button(Content("Not now"), id="no", compact=True)
                yield Button(Content("Sign in"), id="yes", compact=True, disabled=True)

    def _field(self, name: str, value: str) -> Input:
        field = Input(value, id=name, password=name == "password", restrict=PLAIN, compact=True)
        field.cursor_blink = False
        return field

    def on_mount(self) -> None:
        """Begin where something is missing."""
        dialog = self.query_one("#dialog")
        dialog.border_title = "Sign in"
        dialog.border_subtitle = "enter sign in · esc not now"
        self.query_one("#password" if self._user else "#user").focus()

    @property
    def _credentials(self) -> Credentials:
        user, password = (self.query_one(name, Input).value for name in ("#user", "#password"))
        return Credentials(user, password)

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#yes").disabled = not (self._credentials.user and self._credentials.password)

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _sign_in(self) -> None:
        """Go to the field that is still empty, or answer."""
        credentials = self._credentials
        if not credentials.user:
            self.query_one("#user").focus()
        elif not credentials.password:
            self.query_one("#password").focus()
        else:
            self.dismiss(credentials)

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """Answer no."""
        self.dismiss(None)
