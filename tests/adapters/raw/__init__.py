"""Raw requests with what real servers 1.7.0 and 1.5.0 answer, for a server to be held against."""

from __future__ import annotations

from tests.adapters.raw import bodies, graphs, headers, lists, odd_requests, paths
from tests.adapters.raw.cases import Case

TABLES: dict[str, tuple[Case, ...]] = {
    "lists": lists.CASES,
    "paths": paths.PATHS,
    "unknown graphs": paths.UNKNOWN,
    "graphs": graphs.CASES,
    "methods": paths.METHODS,
    "actions": paths.ACTIONS,
    "bodies": bodies.CASES,
    "accepted types": headers.ACCEPTED,
    "types of bodies": headers.SENT,
    "wires": odd_requests.CASES,
}
