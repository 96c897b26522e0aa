"""Who logs in: from the environment, a file, a command, netrc or a prompt, and never from an argument."""

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
from tui.config.resolved import OriginKind, ResolvedSettings
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
"""In this order where one place says several; the variables GRAPHTOP_TOKEN and _PASSWORD go with theirs."""


_NOT_IN_CLEAR = "{} are sent over https only, or to this machine: write the address with https://."
_PLAIN_NETRC = ' Where plain http is meant, say netrc = "plain" in the profile.'


class LoginDetails(Struct, frozen=True):
    """The credentials, and the project that came with them where one did."""

    credentials: Credentials
    project: str | None = None


class LoginPlan(Struct, frozen=True, kw_only=True):
    """How the login is to be had, before any command has run."""

    credentials: Credentials
    secret_source: SecretSource | None = None
    """What must fetch the secret first."""
    source_text: str = ""
    """Where it comes from, for a person; empty where nobody logs in."""
    project: str | None = None
    warning: str = ""
    asks_password: bool = False
    """A person is to be asked for the password of this user."""
    host: str = ""
    """Where the user whose password is asked for is known."""

    def fetch_login(self) -> LoginDetails:
        """Get it before the screen opens: a command has the terminal, a prompt asks. Raises LoginError."""
        if self.asks_password:
            user = self.credentials.user or ""
            password = _asked(user, self.host)
            return LoginDetails(Credentials(user, lambda: password), self.project)
        if self.secret_source is not None:
            self.secret_source.fetch()
        return LoginDetails(self.credentials, self.project)

    async def fetch_login_aside(self) -> LoginDetails:
        """Get it while the screen is open, which asks for what the server wants. Raises LoginError."""
        if self.secret_source is not None:
            await self.secret_source.fetch_aside()
        return LoginDetails(self.credentials, self.project)


def plan_login(settled: ResolvedSettings, dialect: str, environ: Mapping[str, str]) -> LoginPlan:
    """How to log in as settings and environment say; what counts more goes first. Raises LoginError.

    `environ` may be empty: a switch within the screen does not carry one server's password to another.
    """
    try:
        found = find_credentials(dialect, environ or {"HOME": os.environ.get("HOME", "")})
    except BackendError as error:
        raise LoginError(join_sentences(str(error), error.hint)) from None
    plan = _plan_of(settled, dialect, environ)
    if found is None:
        return plan or LoginPlan(credentials=Credentials())
    if plan is not None:
        return replace(plan, project=found.project)
    if found.credentials.has_login and is_sent_in_clear(settled.text("url") or ""):
        raise LoginError(_NOT_IN_CLEAR.format(f"The keys in {found.source_text}"))
    return LoginPlan(credentials=found.credentials, project=found.project, source_text=found.source_text)


def _plan_of(settled: ResolvedSettings, dialect: str, environ: Mapping[str, str]) -> LoginPlan | None:
    """How to log in as a person said; None where nothing was said."""
    user = settled.text("user")
    for rank in (OriginKind.FLAG, OriginKind.VARIABLE, OriginKind.PROFILE):
        if rank is OriginKind.VARIABLE and (plan := _from_variables(user, environ)):
            return plan
        for kind in LOGIN_KINDS:
            # A profile's password is that of its user, not of one that a flag or a variable names.
            foreign = kind.startswith("password") and settled.rank("user") < rank is OriginKind.PROFILE
            # Nor does it go to another server, which a flag or a variable names.
            foreign = foreign or (rank is OriginKind.PROFILE and not settled.goes_home)
            if settled.rank(kind) is rank and not foreign:
                plan = _of_kind(kind, settled, dialect, environ)
                if plan is not None:
                    return plan
    if user:
        host = host_and_port(normalize_url(settled.text("url") or ""))
        return LoginPlan(credentials=Credentials(user), asks_password=True, source_text="a prompt", host=host)
    return None


def _from_variables(user: str | None, environ: Mapping[str, str]) -> LoginPlan | None:
    token, password = environ.get("GRAPHTOP_TOKEN"), environ.get("GRAPHTOP_PASSWORD")
    if token:
        return LoginPlan(credentials=Credentials(token=lambda: token), source_text="GRAPHTOP_TOKEN")
    if user and password is not None:
        return LoginPlan(credentials=Credentials(user, lambda: password), source_text="GRAPHTOP_PASSWORD")
    return None


def _of_kind(
    kind: str, settled: ResolvedSettings, dialect: str, environ: Mapping[str, str]
) -> LoginPlan | None:
    if settled.untrusted and settled.rank(kind) is OriginKind.PROFILE:
        raise LoginError(f"{settled.origin(kind)}: {kind} is not used. {settled.untrusted}")
    user = settled.text("user")
    if kind == "netrc":
        return _of_netrc(settled, user, environ) if settled.said[kind].value else None
    holder, warning = _holder(kind, settled, dialect)
    origin = f"{kind} ({settled.origin(kind)})"
    if kind.startswith("token"):
        return LoginPlan(
            credentials=Credentials(token=holder, again=holder.refresh),
            secret_source=holder,
            source_text=origin,
            warning=warning,
        )
    if not user:
        raise LoginError(f"{_named(kind, settled)} needs a user (--user, or `user` in the profile).")
    credentials = Credentials(user, holder, again=holder.refresh)
    return LoginPlan(credentials=credentials, secret_source=holder, source_text=origin, warning=warning)


def _holder(kind: str, settled: ResolvedSettings, dialect: str) -> tuple[SecretSource, str]:
    """What fetches the secret, and a warning."""
    text, what, name = settled.text(kind) or "", kind.partition("_")[0], _named(kind, settled)
    if kind.endswith("command"):
        # A token of a cloud may be had with the keys of the environment.
        may_need_keys = kind == "token_command" and has_credentials_finder(dialect)
        return CommandSecret(text, name, what, keys=may_need_keys), ""
    return FileSecret(text, name, what), warn_of_readers(Path(text))


def _named(kind: str, settled: ResolvedSettings) -> str:
    """Who named a source of the secret, and which it is, for messages."""
    origin = settled.origin(kind)
    return origin if origin.startswith(("-", "GRAPHTOP")) else f"{origin}: {kind}"


def _of_netrc(settled: ResolvedSettings, user: str | None, environ: Mapping[str, str]) -> LoginPlan:
    url = normalize_url(settled.text("url") or "")
    host = urlsplit(url).hostname or ""
    path = find_netrc(environ or os.environ)
    if settled.said["netrc"].value != "plain" and is_sent_in_clear(url):
        raise LoginError(
            _NOT_IN_CLEAR.format(f"{_named('netrc', settled)}: passwords of {path}") + _PLAIN_NETRC
        )
    login, password = read_netrc(path, host, user)
    credentials = Credentials(login, lambda: password)
    return LoginPlan(
        credentials=credentials,
        source_text=f"netrc ({settled.origin('netrc')})",
        warning=warn_of_readers(path),
    )


def _asked(user: str, host: str) -> str:
    if not sys.stdin.isatty():
        raise LoginError("no password is given; set GRAPHTOP_PASSWORD, or use --password-command.")
    try:
        return getpass.getpass(f"password of {user} at {host}: ")
    except EOFError:
        raise LoginError("no password was typed.") from None
