"""What graphtop has to know of a dialect before it imports the adapter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from msgspec import Struct

from backend_adapters.errors import LoginKind


class CredentialField(Struct, frozen=True):
    """One field of the form that asks a person to log in."""

    name: Literal["user", "secret", "extra"]
    """`user` is also the access key, `secret` the password, the token or the secret key."""
    label: str
    is_secret: bool = True
    """What is typed is not shown."""
    is_required: bool = True


LoginForm: TypeAlias = tuple[CredentialField, ...]

PASSWORD_FORM: LoginForm = (
    CredentialField("user", "User", is_secret=False),
    CredentialField("secret", "Password"),
)
TOKEN_FORM: LoginForm = (CredentialField("secret", "Token"),)
KEYS_FORM: LoginForm = (
    CredentialField("user", "Access key", is_secret=False),
    CredentialField("secret", "Secret key"),
    CredentialField("extra", "Sec. token", is_required=False),
)
LOGIN_FORMS: Mapping[LoginKind, LoginForm] = MappingProxyType(
    {"password": PASSWORD_FORM, "token": TOKEN_FORM, "keys": KEYS_FORM}
)


class Dialect(Struct, frozen=True, kw_only=True):
    """One dialect: its code, named as `module:name` and imported when needed, its addresses and logins.

    A new dialect is a folder with its adapter, and one of these in `registry.DIALECTS`.
    """

    name: str
    """What `--dialect` calls it."""
    title: str = ""
    """What a person calls the kind of server, where the name does not say it."""
    needs_project: bool = False
    """A list of jobs is one of a project, which must be named."""
    adapter: str
    """The class of its backend, which takes a Target and nothing else."""
    part_of: tuple[str, ...] = ()
    """The dialects whose lists of the same graph have the tasks of this one as well."""
    part_test: str = ""
    """A function (task) -> bool: whether a task of such a list is one of this dialect's."""
    demo: str = ""
    """A function (target, seed) -> the target on a simulated server; empty where there is none."""
    demo_url: str = "http://demo"
    """Nobody listens there: the simulated server is called within the process."""
    url_path: str = ""
    """An expression for the part of an address that belongs to its API; what precedes it is the server.

    Its groups `graph`, `graphspace` and `project` are taken over. Empty where no address tells the dialect.
    """
    url_host: str = ""
    """An expression for hosts that speak this dialect, whatever the path is."""
    login_forms: Mapping[LoginKind, LoginForm] = LOGIN_FORMS
    """What a person is asked for, for each kind of login."""
    credentials_finder: str = ""
    """A function (environ) -> FoundCredentials | None: what the dialect's own tools would log in with."""

    @property
    def label(self) -> str:
        """The name, with the title where there is one: `ges: GES, API version 1`."""
        return f"{self.name}: {self.title}" if self.title else self.name

    def match_path(self, url: str, start: int) -> re.Match[str] | None:
        """Where the API's part of an address begins, at `start` or later."""
        return re.compile(self.url_path).search(url, start) if self.url_path else None

    def has_host(self, url: str) -> bool:
        """Whether the address is one of a host that is known to speak this dialect."""
        return bool(self.url_host) and re.search(self.url_host, url) is not None
