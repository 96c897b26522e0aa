"""Asks for the login that a server wants, in one dialog at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

from backend_adapters.errors import LoginKind, NotLoggedIn
from backend_adapters.registry import find_login_form
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.origin import is_sent_in_clear
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import host_and_port
from tui.config.options import ScreenOptions

if TYPE_CHECKING:
    from tui.screens.dialogs.login import LoginScreen, TypedLogin

CLEAR_TEXT_WARNING = "Plain HTTP: others on the network can read what you type here."


class LoginPrompt:
    """The dialog that asks for a login, as long as it is open."""

    def __init__(self, app: App[Any], on_login: Callable[[], None]) -> None:
        """`on_login` is called once a person has typed a login."""
        self._app = app
        self._on_login = on_login
        self._dialog: LoginScreen | None = None

    def ask(
        self, error: NotLoggedIn, target: Target, options: ScreenOptions, *, with_host: bool = False
    ) -> None:
        """Open the dialog unless it is open; the screen below keeps what it shows.

        `with_host`: it names the host as well, where several places are watched.
        """
        if self._dialog is not None:
            return
        # Imported here: most places want no login.
        from tui.screens.dialogs.login import LoginScreen

        held = target.credentials
        warning = CLEAR_TEXT_WARNING if is_login_readable(target, options) else ""
        dialog = self._dialog = LoginScreen(
            _name_with_host(target) if with_host else target.profile,
            user=held.user or "",
            reason=join_sentences(str(error), warning),
            form=find_login_form(target.dialect, error.wants),
            ascii=options.ascii,
        )

        self._app.push_screen(dialog, partial(self.use_login, held, error.wants))

    async def ask_for_place(self, target: Target, options: ScreenOptions) -> bool:
        """Ask for the password of one of several places; returns false where it was not typed.

        Where a refusal has opened the dialog already, there is no second one. To be awaited in a worker.
        """
        if self._dialog is not None:
            return True
        from tui.screens.dialogs.login import LoginScreen

        held = target.credentials
        warning = CLEAR_TEXT_WARNING if is_login_readable(target, options) else ""
        dialog = self._dialog = LoginScreen(
            _name_with_host(target),
            user=held.user or "",
            reason=join_sentences("This place wants a password; esc leaves it for later", warning),
            form=find_login_form(target.dialect, "password"),
            ascii=options.ascii,
        )
        given = await self._app.push_screen_wait(dialog)
        self.use_login(held, "password", given)
        return given is not None

    def use_login(self, held: Credentials, wants: LoginKind, given: TypedLogin | None) -> None:
        """Use what a person typed; None where the dialog was closed without an answer."""
        self.forget()
        if given is not None:
            from tui.screens.dialogs.login import use_typed_login

            use_typed_login(held, given, wants)
            self._on_login()

    def forget(self) -> None:
        """Ask again when a login is wanted: the dialog has gone with its place."""
        self._dialog = None


def _name_with_host(target: Target) -> str:
    """The profile, and where a login for it goes."""
    host = host_and_port(target.url)
    return host if target.profile == host else f"{target.profile} at {host}"


def is_login_readable(target: Target, options: ScreenOptions) -> bool:
    """Whether others could read a login on the network, and the user has not allowed that."""
    return not options.allow_plain and target.demo is None and is_sent_in_clear(target.url)
