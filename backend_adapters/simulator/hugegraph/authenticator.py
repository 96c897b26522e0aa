"""StandardAuthenticator: Basic, Bearer and login, with the texts of a real server 1.7.0."""

from __future__ import annotations

import base64
import binascii
import hashlib

from backend_adapters.simulator.clock import EpochClock
from backend_adapters.simulator.durations import DAY_MS
from backend_adapters.simulator.hugegraph import wire

_LIFETIME = DAY_MS
"""How long a token is valid, ms (auth.token_expire)."""


class Authenticator:
    """Checks the logins of one user, and the tokens issued to it."""

    def __init__(self, user: str, password: str, clock: EpochClock) -> None:
        self._user = user
        self._password = password
        self._clock = clock
        self._tokens: dict[str, int] = {}

    def check_header(self, header: str | None) -> None:
        """Check an `Authorization` header; raises JavaError with 401 or 400."""
        if header is None:
            raise _unauthorized_error(
                "Authentication credentials are required", "Missing authentication credentials"
            )
        scheme, _, credentials = header.partition(" ")
        if scheme == "Basic":
            good = self._check_basic(credentials)
        elif scheme == "Bearer":
            good = self._tokens.get(credentials, 0) > self._clock()
        else:
            raise wire.bad_request("Only HTTP Basic or Bearer authentication is supported")
        if not good:
            raise _unauthorized_error("Authentication failed", "Incorrect username or password")

    def _check_basic(self, credentials: str) -> bool:
        try:
            text = base64.b64decode(credentials, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        if text.count(":") != 1:
            raise wire.bad_request("Invalid syntax for username and password")
        return text == f"{self._user}:{self._password}"

    def log_in(self, body: object) -> dict[str, object]:
        """The answer to `POST /auth/login`: a token."""
        fields = body if isinstance(body, dict) else {}
        if fields.get("user_name") is None:
            raise wire.illegal_argument("The name of user can't be null")
        if fields.get("user_password") is None:
            raise wire.illegal_argument("The password of user can't be null")
        if (fields["user_name"], fields["user_password"]) != (self._user, self._password):
            text = "Incorrect username or password"
            raise _unauthorized_error(text, f"javax.security.sasl.AuthenticationException: {text}")
        return {"token": self._new_token()}

    def describe_user(self) -> dict[str, object]:
        """The answer to `GET /auth/verify`."""
        return {"user_name": self._user, "user_id": f"-31:{self._user}"}

    def _new_token(self) -> str:
        expires = self._clock() + _LIFETIME
        payload = f'{{"user_name":"{self._user}","exp":{expires // 1000}}}'.encode()
        signature = hashlib.sha256(payload + self._password.encode() + b"%d" % len(self._tokens)).digest()
        token = ".".join(
            base64.urlsafe_b64encode(part).decode().rstrip("=")
            for part in (b'{"alg":"HS256"}', payload, signature)
        )
        self._tokens[token] = expires
        return token


def _unauthorized_error(message: str, challenge: str) -> wire.JavaError:
    return wire.JavaError(401, "jakarta.ws.rs.NotAuthorizedException", message, challenge=challenge)
