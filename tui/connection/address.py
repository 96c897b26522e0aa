"""Reads a server's address, which may be the URL of a request to its API."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.registry import DEFAULT_DIALECT, DIALECTS


class Address(Struct, frozen=True):
    """The parts that an address names."""

    server: str
    graph: str | None = None
    graphspace: str | None = None
    project: str | None = None
    dialect: str | None = None


def parse_address(url: str) -> Address:
    """Take an address apart: `…/graphs/g/tasks/7` names g, `…/v2/p/graphs/jobs` a project of GES."""
    host = url.find("://") + 3 if "://" in url else 0
    own = [dialect for dialect in DIALECTS.values() if dialect.name != DEFAULT_DIALECT]
    found = [(match, dialect.name) for dialect in own if (match := dialect.match_path(url, host)) is not None]
    if found:
        # A graph may be called like the beginning of another dialect's path.
        match, name = min(found, key=lambda one: one[0].start())
        return Address(url[: match.start()], **match.groupdict(), dialect=name)
    for dialect in own:
        if dialect.has_host(url):
            return Address(url, dialect=dialect.name)
    usual = DIALECTS[DEFAULT_DIALECT].match_path(url, host)
    return Address(url[: usual.start()], **usual.groupdict()) if usual is not None else Address(url)
