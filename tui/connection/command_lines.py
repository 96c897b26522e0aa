"""Command lines that show the same task elsewhere, for a person to paste; no secret is in them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from msgspec import Struct

from backend_adapters.backend import TaskRequest
from backend_adapters.model import TaskId
from backend_adapters.redaction import mask_secrets
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import normalize_url
from tui.config.resolved import ResolvedSettings
from tui.connection.address import parse_address
from tui.text import replace_active_characters


class NamedPlace(Struct, frozen=True, kw_only=True):
    """Where a profile leads when nothing else is given."""

    profile: str
    url: str
    graph: str | None = None
    graphspace: str | None = None
    project: str | None = None
    dialect: str = "auto"
    paths: str = "auto"


def read_place(settings: ResolvedSettings) -> NamedPlace:
    """Where the profile of these settings leads. Raises Unreachable for a URL that is none."""
    address = parse_address(settings.url.value or "")
    dialect = settings.dialect.value
    return NamedPlace(
        profile=settings.profile,
        url=normalize_url(address.server),
        graph=settings.graph.value or address.graph,
        graphspace=settings.graphspace.value or address.graphspace,
        project=settings.project.value or address.project,
        dialect=(address.dialect or "auto") if dialect == "auto" else dialect,
        paths=settings.paths.value,
    )


def list_flags(target: Target, profile: NamedPlace | None = None) -> list[str]:
    """The flags with which a command reaches the same place; those that the profile has are left out."""
    own = profile or NamedPlace(profile="", url="")
    flags = ["-p", own.profile] if own.profile else []
    given = {
        "--url": (target.url, own.url),
        "--dialect": (target.dialect, own.dialect),
        "--graphspace": (target.graphspace, own.graphspace),
        "--graph": (target.graph, own.graph),
        "--project": (target.project, own.project),
        "--paths": (target.paths, own.paths),
    }
    if profile is not None and any(known and not value for value, known in given.values()):
        # No flag takes away a graph that the profile names.
        return list_flags(target)
    for flag, (value, known) in given.items():
        if value and value != known:
            flags += [flag, value]
    return flags if own.profile else flags + _list_login_flags(target)


def _list_login_flags(target: Target) -> list[str]:
    """Who logs in, and the certificates: what a profile would hold."""
    tls = target.tls
    files = (("--ca-file", tls.ca_file), ("--client-cert", tls.client_cert), ("--client-key", tls.client_key))
    user = target.credentials.user
    flags = ["--user", user] if user else []
    for flag, path in files:
        flags += [flag, path] if path else []
    return [*flags, "--insecure"] if tls.insecure else flags


def format_get_command(ids: Sequence[TaskId], flags: Sequence[str]) -> str:
    """The command that shows these tasks, in one line."""
    return _join_words(("graphtop", "get", *ids, *flags))


def format_init_command(target: Target) -> str:
    """The command that creates a config file with the profile of this server, in one line."""
    return _join_words(("graphtop", "config", "init", *list_flags(target)))


def format_curl(request: TaskRequest, target: Target) -> str:
    """A request for curl, in one line; curl asks for a password, and a token comes from $TOKEN."""
    words = ["curl", "-sS"]
    login, tls = target.credentials.summary, target.tls
    if login.startswith("user=") and target.credentials.user:
        words += ["-u", target.credentials.user]
    for flag, path in (("--cacert", tls.ca_file), ("--cert", tls.client_cert), ("--key", tls.client_key)):
        words += [flag, path] if path else []
    if tls.insecure:
        words.append("-k")
    # Between double quotes, so that the shell puts the token in.
    token = f' -H "{request.token_header} $TOKEN"' if login in ("token", "keys") else ""
    return f"{_join_words(words)}{token} {_join_words((request.url,))}"


def _join_words(words: Sequence[str]) -> str:
    """Words quoted for a shell, in one line that holds neither secrets nor control characters."""
    return shlex.join(replace_active_characters(mask_secrets(word)) for word in words)
