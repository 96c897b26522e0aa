"""The dialog that asks for a password, a token or keys after a server answered 401."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from backend_adapters.dialect import PASSWORD_FORM, CredentialField, LoginForm
from backend_adapters.errors import LoginKind
from backend_adapters.transport.credentials import AccessKeys, Credentials
from tui.screens.dialogs.dialog import DialogBand, EarlyInputGuard, GuardedDialog
from tui.text import join_key_hints, sanitize
from tui.widgets.line_input import LineInput


class TypedLogin(Struct, frozen=True):
    """What a person typed into the form. Its repr never shows a secret."""

    user: str
    """The user, or the access key; empty for a token."""
    secret: str
    """The password, the token, or the secret key."""
    extra: str = ""
    """The security token of temporary keys."""

    def __repr__(self) -> str:
        """Only the user, and that there is a secret."""
        return f"TypedLogin(user={self.user!r}, secret=…)"


class LoginField(EarlyInputGuard, LineInput):
    """An input of the dialog."""


class LoginButton(EarlyInputGuard, Button):
    """One of the two answers."""


class LoginScreen(GuardedDialog[TypedLogin | None]):
    """Asks for the credentials that one host wants; gives None for no. Nothing typed is logged or stored.

    It opens when the server says so, while keys are on their way to the table: they are no password.
    """

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        host: str,
        *,
        user: str = "",
        reason: str = "",
        form: LoginForm = PASSWORD_FORM,
        clock: Callable[[], float] = time.monotonic,
        ascii: bool = False,
    ) -> None:
        """Ask for `host`; `reason` is a sentence, such as what was wrong with the last password."""
        super().__init__(clock=clock, ascii=ascii)
        self._host = host
        self._user = user
        self._reason = reason
        self._form = form
        # Attributes, not queries: the last input event may come while the dialog is being removed.
        self._dialog = Vertical(id="dialog")
        self._fields: dict[str, LoginField] = {}
        self._yes_button = LoginButton(Content("Sign in"), id="yes", compact=True, disabled=True)

    def compose(self) -> ComposeResult:
        """Where, why, the fields and two answers."""
        with DialogBand(), self._dialog, Vertical(id="body"):
            yield Static(Content(sanitize(self._host)), id="host")
            if self._reason:
                yield Static(Content(sanitize(self._reason)), classes="caution")
            for asked in self._form:
                with Horizontal(classes="field"):
                    yield Static(asked.label, classes="label")
                    field = self._fields[asked.name] = self._make_field(asked)
                    yield field
            with Horizontal(id="answers"):
                yield LoginButton(Content("Not now"), id="no", compact=True)
                yield self._yes_button

    def _make_field(self, asked: CredentialField) -> LoginField:
        value = self._user if asked.name == "user" else ""
        hint = "" if asked.is_required else "only for temporary keys"
        return LoginField(value, id=asked.name, placeholder=hint, password=asked.is_secret)

    def on_mount(self) -> None:
        """Focus the first empty field."""
        self._dialog.border_title = "Sign in"
        self._dialog.border_subtitle = join_key_hints("enter sign in", "esc not now", ascii=self._ascii)
        (self._find_missing_field() or self._fields["secret"]).focus()

    def _find_missing_field(self) -> LoginField | None:
        """The first required field that is empty."""
        fields = (self._fields[asked.name] for asked in self._form if asked.is_required)
        return next((field for field in fields if not field.value), None)

    def _comes_later(self, field: LoginField) -> bool:
        """Whether a person on the way through the form has not been at this field yet."""
        fields = list(self._fields.values())
        return self.focused in fields and fields.index(self.focused) < fields.index(field)

    @on(Input.Changed)
    def _update_button(self, event: Input.Changed) -> None:
        event.stop()
        self._yes_button.disabled = self._find_missing_field() is not None

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _sign_in(self) -> None:
        """Go to the field that is still empty, or answer."""
        missing = self._find_missing_field()
        if missing is not None:
            if self._comes_later(missing):
                missing.focus()
            else:
                missing.mark_missing()
            return
        given = {name: field.value for name, field in self._fields.items()}
        self.dismiss(TypedLogin(given.get("user", ""), given["secret"], given.get("extra", "")))


def use_typed_login(credentials: Credentials, typed: TypedLogin, wants: LoginKind) -> None:
    """Use the typed credentials from now on."""
    if wants == "token":
        credentials.use_token(lambda: typed.secret)
    elif wants == "keys":
        credentials.use_keys(AccessKeys(typed.user, typed.secret, typed.extra))
    else:
        credentials.use_password(typed.user, lambda: typed.secret)
