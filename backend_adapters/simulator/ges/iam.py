"""IAM: gives a token for a user and password, and the id of a project for its name."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

import msgspec

from backend_adapters.simulator.ges.gateway import Gateway
from backend_adapters.simulator.ges.settings import GesSettings
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal


class _Named(msgspec.Struct):
    name: str = ""
    id: str = ""


class _User(msgspec.Struct):
    name: str
    password: str
    domain: _Named


class _Password(msgspec.Struct):
    user: _User


class _Identity(msgspec.Struct):
    methods: list[str]
    password: _Password


class _Scope(msgspec.Struct):
    project: _Named | None = None
    domain: _Named | None = None


class _Auth(msgspec.Struct):
    identity: _Identity
    scope: _Scope = msgspec.field(default_factory=_Scope)


class _Login(msgspec.Struct):
    auth: _Auth


def _format_time(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Iam:
    """Answers the requests to IAM."""

    def __init__(self, settings: GesSettings, guard: Gateway) -> None:
        self._settings = settings
        self._gateway = guard

    def log_in(self, body: bytes) -> tuple[str, dict[str, object]]:
        """The answer to `POST /v3/auth/tokens`: the value of X-Subject-Token, and the body."""
        auth = _read_login(body).auth
        user, (name, password) = auth.identity.password.user, self._settings.user
        right = user.name == name and hmac.compare_digest(user.password.encode(), password.encode())
        if not right:
            raise Refusal(401, "Unauthorized", "The username or password is wrong.", ErrorForm.IAM)
        project = auth.scope.project
        settings = self._settings
        if project is not None and project.id != settings.project and project.name != settings.region:
            raise Refusal(
                401, "Unauthorized", "The project in the scope is not one of the user's.", ErrorForm.IAM
            )
        token, expires = self._gateway.issue_token(scoped=project is not None)
        scope: dict[str, object] = {} if project is None else {"project": self._describe_project()}
        return token, {
            "token": {
                "expires_at": _format_time(expires),
                "issued_at": _format_time(expires - self._settings.token_life),
                "methods": ["password"],
                "user": {"name": name, "id": "0" * 31 + "1", "domain": {"name": user.domain.name}},
                "roles": [],
                "catalog": [],
                **scope,
            }
        }

    def list_projects(self, name: str | None) -> dict[str, object]:
        """The answer to `GET /v3/projects`: the projects with a name."""
        fits = name in {None, self._settings.region}
        return {"projects": [self._describe_project()] if fits else [], "links": {}}

    def _describe_project(self) -> dict[str, object]:
        return {"id": self._settings.project, "name": self._settings.region}


def _read_login(body: bytes) -> _Login:
    try:
        login = msgspec.json.decode(body, type=_Login)
    except msgspec.MsgspecError as error:
        raise Refusal(400, "Bad Request", f"Invalid input for the request: {error}", ErrorForm.IAM) from None
    if login.auth.identity.methods != ["password"]:
        raise Refusal(400, "Bad Request", "Only the method password is supported.", ErrorForm.IAM)
    return login
