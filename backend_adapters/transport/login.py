"""Logs in with Basic or Bearer, and once more with a new secret after a refusal."""

from __future__ import annotations

import asyncio
import math
import time
from base64 import b64encode
from collections.abc import AsyncGenerator

import httpx

from backend_adapters.errors import NotLoggedIn
from backend_adapters.transport.credentials import Credentials

RENEW_PAUSE = 5.0
"""The least seconds between two fetches of a secret: each may start a password manager."""


class AuthorizationHeader(httpx.Auth):
    """Adds the Authorization header; reads the secret once, and again after a refusal."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._header: str | None = None
        self._asking = asyncio.Lock()
        self._asked = -math.inf

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with the header; on a 401 fetch a new secret, and repeat the request if it differs.

        A request that was answered with 401 was not acted upon, so that any kind can be repeated.
        """
        header = self._header = (
            authorization_value(self._credentials) if self._header is None else self._header
        )
        self._set_header(request, header)
        response = yield request
        if response.status_code != 401:
            return
        fresh = await self._renew_header(header)
        if fresh is not None:
            self._set_header(request, fresh)
            response = yield request
        if response.status_code == 401:
            # The next request reads it again: a person may have typed another one by then.
            self._header = None

    def _set_header(self, request: httpx.Request, header: str) -> None:
        if header:
            request.headers["Authorization"] = header

    async def _renew_header(self, refused: str) -> str | None:
        """Another header than the refused one, if there is one; concurrent requests share it."""
        if not self._credentials.can_renew:
            return None
        async with self._asking:
            may_renew = time.monotonic() - self._asked >= RENEW_PAUSE
            if self._header in (None, refused) and may_renew:
                await self._credentials.renew_secret()
                self._asked = time.monotonic()
                self._header = authorization_value(self._credentials)
        return self._header if self._header not in (None, refused) else None


def authorization_value(credentials: Credentials) -> str:
    """The value of the header; empty without credentials, or for a user without a password."""
    token = (credentials.token() or "").strip()
    if token:
        if not (token.isascii() and token.isprintable()):
            raise NotLoggedIn("The token contains characters that no token has.", hint="Set it again.")
        return f"Bearer {token}"
    if credentials.kind != "password":
        return ""
    pair = f"{credentials.user}:{credentials.password()}".encode()
    return f"Basic {b64encode(pair).decode('ascii')}"
