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
    for dialect in sorted(DIALECTS.values(), key=lambda one: one.name == DEFAULT_DIALECT):
        name = None if dialect.name == DEFAULT_DIALECT else dialect.name
        found = dialect.match_path(url, host)
        if found is not None:
            return Address(url[: found.start()], **found.groupdict(), dialect=name)
        if dialect.has_host(url):
            return Address(url, dialect=name)
    return Address(url)
