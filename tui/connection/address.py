"""Reads an address as people have it: a server's, or one copied from a request to its API."""

from __future__ import annotations

import re

from msgspec import Struct

_HUGEGRAPH = re.compile(
    r"(?:/graphspaces(?:/(?P<space>[^/?#]+))?)?/graphs(?:/(?P<graph>[^/?#]+))?(?:/.*)?$|/(?:versions|apis)/?$"
)
_GES = re.compile(
    r"(?P<plane>/ges)?/(?P<version>v1\.0|v2)/(?P<project>[^/?#]+)(?:/graphs(?P<rest>[/?#].*)?)?/?$"
)
_GES_HOST = re.compile(r"(?:^|//)ges\.[\w-]+\.myhuaweicloud\.\w+", re.IGNORECASE)
_GES_GRAPH = re.compile(r"/(?!jobs\b)(?P<graph>[^/?#]+)/jobs\b")


class Address(Struct, frozen=True):
    """What an address names, as far as it does."""

    server: str
    graph: str | None = None
    graphspace: str | None = None
    project: str | None = None
    dialect: str | None = None


def parse_address(url: str) -> Address:
    """Take an address apart: `…/graphs/g/tasks/7` names g, `…/v2/p/graphs/jobs` a project of GES."""
    host = url.find("://") + 3 if "://" in url else 0
    ges = _GES.search(url, host)
    if ges is not None:
        return _ges(url, ges)
    if _GES_HOST.search(url):
        return Address(url, dialect="ges")
    place = _HUGEGRAPH.search(url, host)
    if place is None:
        return Address(url)
    return Address(url[: place.start()], place["graph"], place["space"])


def _ges(url: str, found: re.Match[str]) -> Address:
    """An address of Huawei GES: of the jobs center, or of one graph's own host (`/ges/v1.0/…`)."""
    server, project = url[: found.start()], found["project"]
    if found["plane"]:
        graph = _GES_GRAPH.match(found["rest"] or "")
        return Address(server, graph["graph"] if graph else None, None, project, "ges-graph")
    return Address(server, None, None, project, "ges-v2" if found["version"] == "v2" else "ges")
