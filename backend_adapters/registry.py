"""The dialects that graphtop speaks, each imported when it is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import Unsupported
from backend_adapters.transport.credentials import AccessKeys, Credentials, FoundCredentials
from backend_adapters.transport.target import Target

if TYPE_CHECKING:
    import httpx

DIALECTS = {
    "auto": "backend_adapters.hugegraph.adapter:HugeGraphBackend",
    "hugegraph": "backend_adapters.hugegraph.adapter:HugeGraphBackend",
    "computerdis": "backend_adapters.hugegraph.computer.adapter:ComputerBackend",
    "ges": "backend_adapters.ges.adapter:GesBackend",
    "ges-v1-2019": "backend_adapters.ges.adapter:GesBackend",
    "ges-v2": "backend_adapters.ges.adapter:GesBackend",
    "ges-graph": "backend_adapters.ges.graph_backend:GesGraphBackend",
}
"""Dialect name -> `module:class`; the class takes a Target and nothing else. A new dialect is a new line."""

FINDERS = dict.fromkeys(
    ("ges", "ges-v1-2019", "ges-v2", "ges-graph"), "backend_adapters.ges.credentials:found"
)
"""Dialect name -> `module:function` that finds what a person has set up to log in with."""


def found_credentials(dialect: str, environ: Mapping[str, str]) -> FoundCredentials | None:
    """What the environment and the usual files of this dialect hold to log in with; None for nothing.

    Asks no network. What is given explicitly goes before it. Raises BackendError for a file that is there
    and can't be read.
    """
    place = FINDERS.get(dialect)
    if place is None:
        return None
    module, _, name = place.partition(":")
    return cast("FoundCredentials | None", getattr(import_module(module), name)(environ))


DEMO_URL = "http://demo"
"""Nobody listens there: the simulated server is called within the process."""

COMPUTER_DEMO_URL = "http://computer.demo"
"""The same for the server with computer jobs; its tasks are a switch away, and on the same server."""


def open_backend(target: Target) -> Backend:
    """Make the adapter for a target, without any request; raises Unsupported for an unknown dialect."""
    if target.demo is not None:
        target = _demo(target, target.demo)
    place = DIALECTS.get(target.dialect)
    if place is None:
        known = ", ".join(sorted(DIALECTS))
        raise Unsupported(f"There is no dialect '{target.dialect}'. graphtop knows: {known}.")
    module, _, name = place.partition(":")
    return cast(Backend, getattr(import_module(module), name)(target))


def _demo(target: Target, seed: int) -> Target:
    """The target on the demo's server, with the credentials that it wants."""
    if not target.dialect.startswith("ges"):
        computer = target.dialect == "computerdis" or target.url == COMPUTER_DEMO_URL
        return replace(target, http=_hugegraph_demo(seed, computer=computer))
    http, key, token, project = _ges_demo(seed)
    # The engines of single graphs know tokens only.
    engine = target.dialect == "ges-graph"
    credentials = Credentials(token=lambda: token) if engine else Credentials(keys=lambda: key)
    return replace(target, http=http, credentials=credentials, project=project)


@cache
def _hugegraph_demo(seed: int, *, computer: bool) -> httpx.AsyncBaseTransport:
    """The demo's server, called in this process: the same one again after a switch of the graph."""
    import httpx

    from backend_adapters.simulator import COMPUTER_DEMO, DEMO, hugegraph_app

    settings = COMPUTER_DEMO if computer else DEMO
    return httpx.ASGITransport(hugegraph_app(dataclasses.replace(settings, seed=seed)))


@cache
def _ges_demo(seed: int) -> tuple[httpx.AsyncBaseTransport, AccessKeys, str, str]:
    """The demo's project, called in this process, with key, token and id; v1 and v2 show the same jobs."""
    import httpx

    from backend_adapters.simulator import DEMO_GES, ges_app

    settings = dataclasses.replace(DEMO_GES, seed=seed)
    key = settings.keys[0]
    http = httpx.ASGITransport(ges_app(settings))
    return http, AccessKeys(key.access, key.secret), settings.tokens[0], settings.project
