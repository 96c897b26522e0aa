"""The targets of the demo: simulated servers within the process, with their logins."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache

import httpx
from msgspec.structs import replace

from backend_adapters.simulator import COMPUTER_DEMO, DEMO_HUGEGRAPH, hugegraph_app
from backend_adapters.simulator.company_urls import CLOUD_URL, COMPANY_HUGEGRAPH_URLS
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target

_COMPUTER_URL = "http://computer.demo"
"""The URL of the server with computer jobs, which has the tasks, too."""


def make_hugegraph_demo(target: Target, seed: int) -> Target:
    """The target on the simulated HugeGraph, which has computer jobs only where they are asked for.

    The servers of the made-up company are told by their URLs.
    """
    if target.url in COMPANY_HUGEGRAPH_URLS:
        return replace(target, http=_company_servers(seed)[target.url])
    computer = target.dialect == "computerdis" or target.url == _COMPUTER_URL
    return replace(target, http=_hugegraph_server(seed, computer=computer))


def make_ges_demo(target: Target, seed: int) -> Target:
    """The target on the simulated project of GES, logged in with its keys, or on the engine of one graph.

    An engine accepts only tokens.
    """
    http, keys, token, project = _ges_server(seed, company=target.url == CLOUD_URL)
    of_engine = target.dialect == "ges-graph"
    login = Credentials(token=lambda: token) if of_engine else Credentials(keys=lambda: keys)
    return replace(target, http=http, credentials=login, project=project)


@cache
def _hugegraph_server(seed: int, *, computer: bool) -> httpx.AsyncBaseTransport:
    """The demo's server, which stays the same when the graph is switched."""
    settings = COMPUTER_DEMO if computer else DEMO_HUGEGRAPH
    return httpx.ASGITransport(hugegraph_app(dataclasses.replace(settings, seed=seed)))


@cache
def _company_servers(seed: int) -> Mapping[str, httpx.AsyncBaseTransport]:
    """The HugeGraph servers of the company by URL, one way to each, whatever graph is asked for."""
    from backend_adapters.simulator.demo_company import make_company_transports

    return make_company_transports(seed)


@cache
def _ges_server(seed: int, *, company: bool) -> tuple[httpx.AsyncBaseTransport, AccessKeys, str, str]:
    """The demo's project or the company's, with keys, token and id; v1 and v2 show the same jobs."""
    # Imported here: the demo of HugeGraph needs none of it.
    from backend_adapters.simulator.ges import COMPANY_GES, DEMO_GES, ges_app

    settings = dataclasses.replace(COMPANY_GES if company else DEMO_GES, seed=seed)
    key = settings.keys[0]
    http = httpx.ASGITransport(ges_app(settings))
    return http, AccessKeys(key.access, key.secret), settings.tokens[0], settings.project
