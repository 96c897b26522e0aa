"""Logs in to GES: a token as X-Auth-Token, or each request signed with an access key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import httpx

from backend_adapters.errors import NotLoggedIn, Wants
from backend_adapters.ges import messages as words
from backend_adapters.ges.signing import DATE, sign, with_payload
from backend_adapters.transport.credentials import AccessKeys, Credentials

Secret: TypeAlias = AccessKeys | str | None
"""AccessKeys to sign with, a token, or nothing."""

_SIGNED = ("host", "content-type")
"""Headers of the request itself that are signed: proxies leave them alone."""


class Login(httpx.Auth):
    """Adds what proves who asks; asks the credentials once, and again after the server refused them."""

    requires_request_body = True

    def __init__(
        self,
        credentials: Credentials,
        project: str,
        *,
        usual: Wants,
        headers: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Log in to a project; `usual` is what to ask a person for where there is nothing to begin with."""
        self._credentials = credentials
        self._project = project
        self._usual = usual
        self._headers = dict(headers or {})
        self._secret: Secret = None
        self._asked = False
        self._asking = asyncio.Lock()
        self.now = now
        """Epoch seconds of this machine."""
        self.turn = 0
        """Counts up with each secret that is another one than before."""

    @property
    def wants(self) -> Wants:
        """What a person is to be asked for: the same again, or what is usual."""
        if isinstance(self._secret, AccessKeys):
            return "keys"
        return "token" if self._secret else self._usual

    @property
    def signs(self) -> bool:
        """Whether requests are signed, so that this machine's clock matters."""
        return isinstance(self._secret, AccessKeys)

    def ready(self) -> int:
        """Have a secret, where there is one to be had; returns the turn that a request now is sent in."""
        if not self._asked:
            fresh = _secret(self._credentials)
            self.turn += fresh != self._secret
            self._secret, self._asked = fresh, True
        return self.turn

    async def renewed(self, turn: int) -> bool:
        """Whether there is another secret than the one that was refused in this turn; asks afresh for it."""
        async with self._asking:
            if turn != self.turn or not self._asked:
                # Another request, which was refused as well, has asked meanwhile.
                return turn != self.turn
            await self._credentials.renew_secret()
            fresh = _secret(self._credentials)
            changed = fresh != self._secret
            self._secret = fresh
            self.turn += changed
            # Unchanged, the next request asks again: a person may have given another one by then.
            self._asked = changed
            return changed

    def forget(self) -> None:
        """Ask the credentials afresh before the next request."""
        self._asked = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers; the last thing that happens to a request before it is sent."""
        self.ready()
        request.headers.update(self._headers)
        if isinstance(self._secret, AccessKeys):
            self._sign(request, self._secret)
        elif self._secret:
            request.headers["X-Auth-Token"] = self._secret
        yield request

    def _sign(self, request: httpx.Request, keys: AccessKeys) -> None:
        """Sign the bytes of the request as httpx is about to send them."""
        date = datetime.fromtimestamp(self.now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        own = {name.title(): request.headers[name] for name in _SIGNED if name in request.headers}
        token = {"X-Security-Token": keys.security_token} if keys.security_token else {}
        project = {"X-Project-Id": self._project} if self._project else {}
        headers = with_payload({**own, **project, **token, DATE: date})
        request.headers.update(headers)
        target = request.url.raw_path.decode("ascii")
        signed = sign(request.method, target, headers, request.content, keys)
        request.headers["Authorization"] = signed.authorization


def _secret(credentials: Credentials) -> Secret:
    """What the credentials give now, without the space around it; raises NotLoggedIn for impossible ones."""
    token = (credentials.token() or "").strip()
    if token:
        _checked("token", token, "token")
        return token
    keys = credentials.keys()
    if keys is not None:
        return _stripped(keys)
    if credentials.user is not None:
        raise not_logged_in("GES takes no user and password.", "token")
    return None


def _stripped(keys: AccessKeys) -> AccessKeys:
    plain = AccessKeys(keys.access.strip(), keys.secret.strip(), keys.security_token.strip())
    if not (plain.access and plain.secret):
        raise not_logged_in("An access key and its secret key belong together; one of them is empty.", "keys")
    for name, text in (("access key", plain.access), ("security token", plain.security_token)):
        _checked(name, text, "keys")
    return plain


def _checked(name: str, text: str, wants: Wants) -> None:
    if not (text.isascii() and text.isprintable()):
        raise not_logged_in(f"The {name} holds characters that none has.", wants)


def not_logged_in(message: str, wants: Wants, code: int | None = None) -> NotLoggedIn:
    """The error, with what to ask a person for and where graphtop would find it by itself."""
    error = NotLoggedIn(message, hint=words.WHERE_TO_PUT[wants], code=code)
    error.wants = wants
    return error
