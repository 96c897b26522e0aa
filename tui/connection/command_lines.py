"""Command lines that show the same task elsewhere, for a person to paste; no secret is in them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from backend_adapters.backend import TaskRequest
from backend_adapters.model import TaskId
from backend_adapters.redaction import mask_secrets
from backend_adapters.transport.target import Target
from tui.config.example import list_settings
from tui.config.resolved import ResolvedSettings
from tui.config.settings import SETTINGS_BY_NAME
from tui.connection.address import parse_address
from tui.text import replace_active_characters

_PLACE_SETTINGS = ("url", "dialect", "graphspace", "graph", "project", "paths")
"""The settings that name a place, as a target calls them, too."""


def read_place(settings: ResolvedSettings) -> Target:
    """Where the profile of these settings leads, without its login.

    Raises Unreachable for a URL that is none.
    """
    address = parse_address(settings.url.value or "")
    dialect = settings.dialect.value
    return Target(
        profile=settings.profile,
        url=address.server,
        graph=settings.graph.value or address.graph,
        graphspace=settings.graphspace.value or address.graphspace,
        project=settings.project.value or address.project,
        dialect=(address.dialect or "auto") if dialect == "auto" else dialect,
        paths=settings.paths.value,
    )


def list_flags(target: Target, profile: Target | None = None) -> list[str]:
    """The flags with which a command reaches the same place; those that the profile has are left out."""
    if profile is None:
        return [*_write_flags(list_settings(target)), *(["--insecure"] if target.tls.insecure else [])]
    places = [(name, getattr(target, name), getattr(profile, name)) for name in _PLACE_SETTINGS]
    if any(known and not value for _, value, known in places):
        # No flag takes away a graph that the profile names.
        return list_flags(target)
    others = ((name, value) for name, value, known in places if value and value != known)
    return ["-p", profile.profile, *_write_flags(others)]


def _write_flags(values: Iterable[tuple[str, str]]) -> list[str]:
    return [word for name, value in values for word in (SETTINGS_BY_NAME[name].flag, value)]


def format_get_command(ids: Sequence[TaskId], flags: Sequence[str]) -> str:
    """The command that shows these tasks, in one line."""
    return _join_words(("graphtop", "get", *ids, *flags))


def format_init_command(target: Target) -> str:
    """The command that creates a config file with the profile of this server, in one line."""
    return _join_words(("graphtop", "config", "init", *list_flags(target)))


def format_curl(request: TaskRequest, target: Target) -> str:
    """A request for curl, in one line; curl asks for a password, and a token comes from $GRAPHTOP_TOKEN."""
    words = ["curl", "-sS"]
    login, tls = target.credentials.summary, target.tls
    if login.startswith("user=") and target.credentials.user:
        words += ["-u", target.credentials.user]
    for flag, path in (("--cacert", tls.ca_file), ("--cert", tls.client_cert), ("--key", tls.client_key)):
        words += [flag, path] if path else []
    if tls.insecure:
        words.append("-k")
    # Between double quotes, so that the shell puts the token in.
    token = f' -H "{request.token_header} $GRAPHTOP_TOKEN"' if login in ("token", "keys") else ""
    return f"{_join_words(words)}{token} {_join_words((request.url,))}"


def _join_words(words: Sequence[str]) -> str:
    """Words quoted for a shell, in one line that holds neither secrets nor control characters."""
    return shlex.join(replace_active_characters(mask_secrets(word)) for word in words)
