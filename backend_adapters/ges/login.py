"""Logs in to GES by a token, or by signing each request with an access key (PROTOCOL.md, section 4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import httpx

from backend_adapters.errors import LoginKind, NotLoggedIn
from backend_adapters.ges import messages
from backend_adapters.ges.signing import DATE_HEADER, add_payload_header, sign_request
from backend_adapters.transport.credentials import AccessKeys, Credentials

LoginSecret: TypeAlias = AccessKeys | str | None
"""Keys to sign with, a token, or nothing."""

_SIGNED = ("host", "content-type")
"""Headers of the request itself that are signed: proxies don't change them."""


class GesAuth(httpx.Auth):
    """Adds the login to requests; reads the credentials once, and again after the server refused them."""

    requires_request_body = True

    def __init__(
        self,
        credentials: Credentials,
        project: str,
        *,
        usual: LoginKind,
        headers: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Log in to a project; `usual` is what a person is asked for where there are no credentials."""
        self._credentials = credentials
        self._project = project
        self._default_login = usual
        self._headers = dict(headers or {})
        self._secret: LoginSecret = None
        self._asked = False
        self._asking = asyncio.Lock()
        self.now = now
        """Epoch seconds of this machine."""
        self.secret_version = 0
        """Counts the changes of the secret."""

    @property
    def wants(self) -> LoginKind:
        """What a person is asked for: the same kind of login again, or the usual one."""
        if isinstance(self._secret, AccessKeys):
            return "keys"
        return "token" if self._secret else self._default_login

    @property
    def is_signing(self) -> bool:
        """Whether requests are signed, so that this machine's clock matters."""
        return isinstance(self._secret, AccessKeys)

    def load_secret(self) -> int:
        """Read the secret if it was not read yet; returns the version that the next request has."""
        if not self._asked:
            fresh = _read_secret(self._credentials)
            self.secret_version += fresh != self._secret
            self._secret, self._asked = fresh, True
        return self.secret_version

    async def renew_after(self, turn: int) -> bool:
        """Read the credentials again after a refusal; whether the secret is another one than that version."""
        async with self._asking:
            if turn != self.secret_version or not self._asked:
                # Another refused request has read them in the meantime.
                return turn != self.secret_version
            await self._credentials.renew_secret()
            fresh = _read_secret(self._credentials)
            changed = fresh != self._secret
            self._secret = fresh
            self.secret_version += changed
            # If it is the same, the next request reads it again: a person may have given another one by then.
            self._asked = changed
            return changed

    def forget_secret(self) -> None:
        """Read the credentials again before the next request."""
        self._asked = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers; nothing changes the request after that."""
        self.load_secret()
        request.headers.update(self._headers)
        if isinstance(self._secret, AccessKeys):
            self._sign_request(request, self._secret)
        elif self._secret:
            request.headers["X-Auth-Token"] = self._secret
        yield request

    def _sign_request(self, request: httpx.Request, keys: AccessKeys) -> None:
        """Sign the request exactly as httpx will send it."""
        date = datetime.fromtimestamp(self.now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        own = {name.title(): request.headers[name] for name in _SIGNED if name in request.headers}
        token = {"X-Security-Token": keys.security_token} if keys.security_token else {}
        project = {"X-Project-Id": self._project} if self._project else {}
        headers = add_payload_header({**own, **project, **token, DATE_HEADER: date})
        request.headers.update(headers)
        target = request.url.raw_path.decode("ascii")
        signed = sign_request(request.method, target, headers, request.content, keys)
        request.headers["Authorization"] = signed.authorization


def _read_secret(credentials: Credentials) -> LoginSecret:
    """The secret of the credentials, stripped. Raises NotLoggedIn for one that can't be sent."""
    token = (credentials.token() or "").strip()
    if token:
        _check_text("token", token, "token")
        return token
    keys = credentials.keys()
    if keys is not None:
        return _strip_keys(keys)
    if credentials.user is not None:
        raise make_login_error("GES doesn't accept a user and a password.", "token")
    return None


def _strip_keys(keys: AccessKeys) -> AccessKeys:
    plain = AccessKeys(keys.access.strip(), keys.secret.strip(), keys.security_token.strip())
    if not (plain.access and plain.secret):
        raise make_login_error("An access key needs its secret key; one of the two is empty.", "keys")
    for name, text in (("access key", plain.access), ("security token", plain.security_token)):
        _check_text(name, text, "keys")
    return plain


def _check_text(name: str, text: str, wants: LoginKind) -> None:
    if not (text.isascii() and text.isprintable()):
        raise make_login_error(f"The {name} contains characters that are not allowed.", wants)


def make_login_error(message: str, wants: LoginKind, code: int | None = None) -> NotLoggedIn:
    """The error for a refused login, with what to ask for and where graphtop looks for it."""
    error = NotLoggedIn(message, hint=messages.WHERE_TO_PUT[wants], code=code)
    error.wants = wants
    return error
