"""Plans a login from the environment, a file, a command, netrc or a prompt, never from an argument."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.registry import find_credentials, has_credentials_finder
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.origin import is_sent_in_clear
from backend_adapters.transport.url import host_and_port, normalize_url
from tui.config.resolved import OriginKind, ResolvedSettings, ResolvedValue, ValueOrigin
from tui.connection.secret_sources import (
    CommandSecret,
    FileSecret,
    LoginError,
    SecretSource,
    find_netrc,
    read_netrc,
    warn_of_readers,
)

LOGIN_KINDS = ("token_command", "token_file", "password_command", "password_file", "netrc")
"""The order among flags, among variables (after GRAPHTOP_TOKEN and GRAPHTOP_PASSWORD) and in a profile."""


_NOT_IN_CLEAR = "{} are only sent over https or to this machine. Use an address that begins with https://."
_PLAIN_NETRC = ' If plain http is intended, set netrc = "plain" in the profile.'


class LoginSkipped(LoginError):
    """A person typed no password for one of several places."""


class LoginDetails(Struct, frozen=True):
    """Credentials, and the project that came with them, if any."""

    credentials: Credentials
    project: str | None = None


class LoginPlan(Struct, frozen=True, kw_only=True):
    """How to log in; nothing has been fetched yet."""

    credentials: Credentials
    secret_source: SecretSource | None = None
    """What fetches the secret, where the credentials need one to be fetched."""
    source_text: str = ""
    """Where the login comes from, for a person; empty where there is none."""
    project: str | None = None
    warning: str = ""
    asks_password: bool = False
    """The password of the credentials' user must be asked for."""
    host: str = ""
    """Host and port, for that question."""

    def fetch_login(self, place: str = "") -> LoginDetails:
        """Log in before the screen opens: a command or a prompt may use the terminal. Raises LoginError.

        A `place` is one of several: the prompt names it, and an empty line raises LoginSkipped.
        """
        if self.asks_password:
            user = self.credentials.user or ""
            password = _ask_password(user, self.host, place)
            return LoginDetails(Credentials(user, lambda: password), self.project)
        if self.secret_source is not None:
            self.secret_source.fetch()
        return LoginDetails(self.credentials, self.project)

    async def fetch_login_aside(self) -> LoginDetails:
        """Log in while the screen is open, which asks for a password itself. Raises LoginError."""
        if self.secret_source is not None:
            await self.secret_source.fetch_aside()
        return LoginDetails(self.credentials, self.project)


def plan_login(settings: ResolvedSettings, dialect: str, environ: Mapping[str, str]) -> LoginPlan:
    """How to log in, by settings, environment and the dialect's own files, in this order. Raises LoginError.

    `environ` may be empty: a switch within the screen does not carry one server's password to another.
    """
    try:
        found = find_credentials(dialect, environ or {"HOME": os.environ.get("HOME", "")})
    except BackendError as error:
        raise LoginError(join_sentences(str(error), error.hint)) from None
    plan = _plan_from_settings(settings, dialect, environ)
    if found is None:
        return plan or LoginPlan(credentials=Credentials())
    if plan is not None:
        return replace(plan, project=found.project)
    if found.credentials.has_login and is_sent_in_clear(settings.url.value or ""):
        raise LoginError(_NOT_IN_CLEAR.format(f"The keys in {found.source_text}"))
    return LoginPlan(credentials=found.credentials, project=found.project, source_text=found.source_text)


def _plan_from_settings(
    settings: ResolvedSettings, dialect: str, environ: Mapping[str, str]
) -> LoginPlan | None:
    """How to log in as a person set it up; None where nobody did."""
    user = settings.user.value
    for origin_kind in (OriginKind.FLAG, OriginKind.VARIABLE, OriginKind.PROFILE):
        if origin_kind is OriginKind.VARIABLE and (plan := _plan_from_variables(user, environ)):
            return plan
        for kind in LOGIN_KINDS:
            if settings.get_value(kind).origin.kind is origin_kind and _is_meant_for_login(settings, kind):
                plan = _plan_kind(kind, settings, dialect, environ)
                if plan is not None:
                    return plan
    if user:
        host = host_and_port(normalize_url(settings.url.value or ""))
        return LoginPlan(credentials=Credentials(user), asks_password=True, source_text="a prompt", host=host)
    return None


def _is_meant_for_login(settings: ResolvedSettings, kind: str) -> bool:
    """Whether a secret is for this user and this server: a profile's is for its own ones only."""
    if settings.get_value(kind).origin.kind is not OriginKind.PROFILE:
        return True
    is_of_another_user = kind.startswith("password") and settings.user.origin.is_explicit
    return not is_of_another_user and settings.is_profile_server


def _plan_from_variables(user: str | None, environ: Mapping[str, str]) -> LoginPlan | None:
    token, password = environ.get("GRAPHTOP_TOKEN"), environ.get("GRAPHTOP_PASSWORD")
    if token:
        return LoginPlan(credentials=Credentials(token=lambda: token), source_text="GRAPHTOP_TOKEN")
    if user and password is not None:
        return LoginPlan(credentials=Credentials(user, lambda: password), source_text="GRAPHTOP_PASSWORD")
    return None


def _plan_kind(
    kind: str, settings: ResolvedSettings, dialect: str, environ: Mapping[str, str]
) -> LoginPlan | None:
    """How to log in with one of `LOGIN_KINDS`; None for a netrc that is turned off."""
    value, user = settings.get_value(kind), settings.user.value
    if settings.untrusted and value.origin.kind is OriginKind.PROFILE:
        raise LoginError(f"{value.origin.text}: {kind} is not used. {settings.untrusted}")
    if kind == "netrc":
        return _plan_netrc(settings, environ) if value.value else None
    source, warning = _make_secret_source(kind, value, dialect)
    if kind.startswith("token"):
        credentials = Credentials(token=source, again=source.refresh)
    elif user:
        credentials = Credentials(user, source, again=source.refresh)
    else:
        raise LoginError(
            f"{_name_source(kind, value.origin)} needs a user (--user, or `user` in the profile)."
        )
    return LoginPlan(
        credentials=credentials,
        secret_source=source,
        source_text=f"{kind} ({value.origin.text})",
        warning=warning,
    )


def _make_secret_source(kind: str, value: ResolvedValue[str], dialect: str) -> tuple[SecretSource, str]:
    """What fetches the secret, and a warning, which may be empty."""
    what, name = kind.partition("_")[0], _name_source(kind, value.origin)
    if kind.endswith("command"):
        # A token of a cloud may be had with the keys of the environment.
        sees_keys = kind == "token_command" and has_credentials_finder(dialect)
        return CommandSecret(value.value, name, what, keys=sees_keys), ""
    return FileSecret(value.value, name, what), warn_of_readers(Path(value.value))


def _name_source(kind: str, origin: ValueOrigin) -> str:
    """A source of the secret for messages: `--token-file`, `config.toml:4: token_file`."""
    return origin.text if origin.is_explicit else f"{origin.text}: {kind}"


def _plan_netrc(settings: ResolvedSettings, environ: Mapping[str, str]) -> LoginPlan:
    url, netrc = normalize_url(settings.url.value or ""), settings.netrc
    path = find_netrc(environ or os.environ)
    if netrc.value != "plain" and is_sent_in_clear(url):
        named = f"{_name_source('netrc', netrc.origin)}: passwords of {path}"
        raise LoginError(_NOT_IN_CLEAR.format(named) + _PLAIN_NETRC)
    login, password = read_netrc(path, urlsplit(url).hostname or "", settings.user.value)
    return LoginPlan(
        credentials=Credentials(login, lambda: password),
        source_text=f"netrc ({netrc.origin.text})",
        warning=warn_of_readers(path),
    )


def _ask_password(user: str, host: str, place: str) -> str:
    if not sys.stdin.isatty():
        raise LoginError(
            "No password, and no terminal to ask on. Set GRAPHTOP_PASSWORD, or use --password-command."
        )
    prompt = f"{place}: password for {user} at {host}, or enter to skip: "
    try:
        password = getpass.getpass(prompt if place else f"Password for {user} at {host}: ")
    except EOFError:
        password = None
        # The line of the prompt has not ended.
        sys.stderr.write("\n")
    if place and not password:
        raise LoginSkipped("No password was typed.")
    if password is None:
        raise LoginError("No password was typed.")
    return password
