"""What `connect` finds out of a server and a graph, for every adapter that speaks to a HugeGraph."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backend_adapters.hugegraph import actions, discovery
from backend_adapters.hugegraph.change_finder import ChangeFinder
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.discovery import About
from backend_adapters.hugegraph.statuses import unfinished_statuses
from backend_adapters.model import Capabilities, Source, Task
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target


class Session(Struct, frozen=True):
    """What `connect` found out."""

    about: About
    abilities: Capabilities
    link: Link
    finder: ChangeFinder
    statuses: tuple[str, ...]
    """The statuses that are no end, as this version knows them."""


async def open_session(
    transport: Transport,
    target: Target,
    wanted: Callable[[Task], bool] | None = None,
    *,
    before: Session | None = None,
) -> Session:
    """Find version, style of paths and graph, and check the login; `wanted`: see ChangeFinder.

    What the session `before` knew of the same graph's tasks is kept.
    """
    known = await discovery.about(transport)
    paths = await discovery.paths_for(transport, target, known)
    link = Link(transport, paths)
    if before is not None and before.link.paths == paths:
        link.learn_from(before.link)
    abilities = actions.abilities(known.numbers, known.graphspaces, known.name)
    statuses = unfinished_statuses(known.numbers)
    return Session(known, abilities, link, ChangeFinder(link, statuses, wanted), statuses)


def source_of(target: Target, dialect: str, session: Session | None) -> Source:
    """Where the tasks come from; the graph is the wanted one until a session found the real one."""
    paths = session.link.paths if session else None
    return Source(
        profile=target.profile,
        url=target.url,
        dialect=dialect,
        graph=paths.graph if paths else target.graph or "",
        graphspace=paths.graphspace if paths else target.graphspace,
    )
