"""Who logs in to a server, and how the secret is read when a request needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.errors import LoginKind
from backend_adapters.own_secrets import OWN_SECRETS

SecretGetter: TypeAlias = Callable[[], str | None]
"""Returns a password or a token. It is called for each request, so it must be quick."""


SecretRenewer: TypeAlias = Callable[[], Awaitable[None]]
"""Fetches a new secret, however long that takes; the old one stays if it fails."""


class AccessKeys(Struct, frozen=True):
    """An access key with its secret key, which sign requests to cloud APIs. The repr has no secret."""

    access: str
    secret: str
    security_token: str = ""
    """Comes with temporary keys."""

    def __repr__(self) -> str:
        """The access key, and that there is a secret."""
        return f"AccessKeys({self.access!r}, …)"


class Credentials:
    """Who logs in, and how to get the secret, which is in no attribute and no repr."""

    __slots__ = ("_keys", "_password", "_renewer", "_token", "user")

    def __init__(
        self,
        user: str | None = None,
        password: SecretGetter | None = None,
        token: SecretGetter | None = None,
        keys: Callable[[], AccessKeys | None] | None = None,
        again: SecretRenewer | None = None,
    ) -> None:
        """Secrets are read when they are needed; `again` fetches a new one after a refusal."""
        self.user = user
        OWN_SECRETS.show_names(user)
        self._renewer = again
        self._password = password
        self._token = token
        self._keys = keys

    @property
    def can_renew(self) -> bool:
        """Whether there is a way to fetch a new secret."""
        return self._renewer is not None

    @property
    def has_login(self) -> bool:
        """Whether there is anything to log in with; no secret is read."""
        return not (self.user is None and self._token is None and self._keys is None)

    @property
    def kind(self) -> LoginKind | None:
        """The kind of login now; None where there is nothing to log in with."""
        if (self.token() or "").strip():
            return "token"
        if self.user is not None and self._password is not None:
            return "password"
        return "keys" if self.keys() is not None else None

    async def renew_secret(self) -> None:
        """Fetch a new secret after a refusal, if there is a way to."""
        if self._renewer is not None:
            await self._renewer()

    def keys(self) -> AccessKeys | None:
        """The keys to sign with now."""
        keys = self._keys() if self._keys else None
        if keys is not None:
            OWN_SECRETS.add_secret(keys.secret)
            OWN_SECRETS.add_secret(keys.security_token)
        return keys

    def use_token(self, token: SecretGetter) -> None:
        """Log in with this token from now on, in place of whatever was before."""
        self._forget()
        self._token = token

    def use_keys(self, keys: AccessKeys) -> None:
        """Sign with these keys from now on, in place of whatever was before."""
        self._forget()
        self._keys = lambda: keys

    def password(self) -> str:
        """The password now, empty where there is none."""
        password = (self._password() if self._password else None) or ""
        OWN_SECRETS.add_secret(password)
        return password

    def token(self) -> str | None:
        """The bearer token now; it takes precedence over user and password."""
        token = self._token() if self._token else None
        OWN_SECRETS.add_secret(token or "")
        return token

    def use_password(self, user: str, password: SecretGetter) -> None:
        """Log in as this user from now on, in place of whatever was before."""
        self._forget()
        self.user, self._password = user, password
        OWN_SECRETS.show_names(user)

    def _forget(self) -> None:
        self.user = self._password = self._token = self._keys = self._renewer = None

    @property
    def summary(self) -> str:
        """What logs in, without any secret: `keys`, `token`, `user='ann'`; empty where nothing does."""
        if self._keys is not None:
            return "keys"
        if self._token is not None:
            return "token"
        return f"user={self.user!r}" if self.user else ""

    def __repr__(self) -> str:
        """Only the kind and the user's name."""
        return f"Credentials({self.summary})"


class FoundCredentials(Struct, frozen=True):
    """Credentials found where the dialect's own tools keep them: in the environment or a file."""

    credentials: Credentials
    """Empty where only a project was found."""
    project: str | None
    source_text: str
    """Where it was found, for a person: `HUAWEICLOUD_SDK_AK`, `~/.huaweicloud/credentials`."""
