"""The gateway in front of GES: it checks tokens and signatures, and limits the rate of calls."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from backend_adapters.simulator.clock import EpochClock
from backend_adapters.simulator.deterministic_random import scatter_bits
from backend_adapters.simulator.durations import MINUTE_MS
from backend_adapters.simulator.ges.records import NEVER
from backend_adapters.simulator.ges.settings import GesSettings
from backend_adapters.simulator.ges.signatures import BadSignature, ReceivedRequest, verify_signature
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal

_WRONG = "Incorrect IAM authentication information: "


@dataclass(slots=True)
class _Token:
    expires: int
    has_project: bool
    """Whether it is scoped to the project; GES accepts no others."""


class Gateway:
    """Checks the keys and tokens of requests, and counts them."""

    def __init__(self, settings: GesSettings, clock: EpochClock) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = {(key.access, key.security_token): key.secret for key in settings.keys}
        self._tokens = {token: _Token(NEVER, True) for token in settings.tokens}
        self._calls: deque[int] = deque()

    def revoke_secret(self, secret: str) -> None:
        """Make a token, or an access key, invalid."""
        if secret in self._tokens:
            self._tokens[secret].expires = 0
        self._keys = {key: value for key, value in self._keys.items() if key[0] != secret}

    def issue_token(self, *, scoped: bool) -> tuple[str, int]:
        """Issue a token; returns it and when it expires, epoch ms."""
        number = len(self._tokens)
        expires = self._clock() + self._settings.token_life
        token = "MIIFbAYJKoZIhvcNAQcCoIIFXTCC" + "".join(
            f"{scatter_bits((number << 32) + part + self._settings.seed):016x}" for part in range(8)
        )
        self._tokens[token] = _Token(expires, scoped)
        return token, expires

    def admit_request(self, request: ReceivedRequest) -> None:
        """Check a request for GES or IAM; raises the gateway's Refusal."""
        token = request.get_text("x-auth-token")
        if token is not None:
            self._check_token(token)
        elif request.get_header("authorization") is not None:
            self._check_signature(request)
        else:
            raise Refusal(401, "APIGW.0301", f"{_WRONG}x-auth-token not found")
        project = request.get_text("x-project-id")
        if project not in {None, self._settings.project}:
            raise Refusal(403, "APIGW.0310", f"The project is unavailable: {project}")
        self._count_call()

    def admit_to_engine(self, request: ReceivedRequest) -> None:
        """Check a request for a graph's engine; it has no gateway, so raises its own Refusal."""
        token = request.get_text("x-auth-token")
        signed = (
            token is None and self._settings.engine_keys and request.get_header("authorization") is not None
        )
        try:
            if signed:
                self._check_signature(request)
            else:
                self._check_token(token or "")
        except Refusal as refusal:
            raise Refusal(400, "GES.8006" if signed else "GES.8007", refusal.message, ErrorForm.V1) from None

    def _check_token(self, token: str) -> None:
        known = self._tokens.get(token)
        if known is None:
            raise Refusal(401, "APIGW.0301", f"{_WRONG}decrypt token fail")
        if known.expires <= self._clock():
            raise Refusal(401, "APIGW.0307", "The token must be updated.")
        if not known.has_project:
            raise Refusal(403, "APIGW.0306", "The API access was denied: the token is not of a project.")

    def _check_signature(self, request: ReceivedRequest) -> None:
        try:
            verify_signature(request, lambda access, token: self._keys.get((access, token)), self._clock())
        except BadSignature as fault:
            raise Refusal(401, "APIGW.0301", f"{_WRONG}{fault}") from None

    def _count_call(self) -> None:
        most = self._settings.throttle
        if most is None:
            return
        now = self._clock()
        while self._calls and self._calls[0] <= now - MINUTE_MS:
            self._calls.popleft()
        if len(self._calls) >= most:
            raise throttle_refusal(most, self._settings.retry_after)
        self._calls.append(now)


def throttle_refusal(most: int, retry_after: int | None) -> Refusal:
    """The gateway's refusal after too many calls."""
    words = (
        f"The throttling threshold has been reached: policy user over ratelimit,limit:{most},time:1 minute"
    )
    return Refusal(429, "APIGW.0308", words, retry_after=retry_after)
