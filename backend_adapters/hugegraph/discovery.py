"""Finds out what a server is: its version, the style of its paths, its graphspaces and graphs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from msgspec import DecodeError, Struct

from backend_adapters.concurrency import run_together
from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
)
from backend_adapters.hugegraph.client import (
    ABSENT_ID,
    HugeGraphClient,
    fetch_graph_names,
    no_such_graph_error,
)
from backend_adapters.hugegraph.errors import error_of_reply
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.paths import DEFAULT_GRAPHSPACE, Paths
from backend_adapters.hugegraph.wire import GRAPHSPACES_DECODER, VERSIONS_DECODER
from backend_adapters.model import Scope
from backend_adapters.transport.client import Transport
from backend_adapters.transport.error_body import Reply, requires_tls
from backend_adapters.transport.target import Target

HUGEGRAPH = "HugeGraph"
USUAL_GRAPH = "hugegraph"
"""The graph that the server's own configuration comes with."""

_GRAPHSPACES_SINCE = (1, 7)
_AT_ONCE = 4


class ServerVersion(Struct, frozen=True):
    """What a server told of itself."""

    version: str | None
    """`1.7.0`, None where it does not tell."""
    has_graphspaces: bool
    """It answers to graphspace paths."""

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """The version as numbers, to compare."""
        return parse_version(self.version)

    @property
    def name(self) -> str:
        """Product and version for a person."""
        return f"{HUGEGRAPH} {self.version}" if self.version else HUGEGRAPH


def parse_version(version: str | None) -> tuple[int, ...] | None:
    """`1.7.0-SNAPSHOT` as (1, 7, 0), None where it does not begin with numbers."""
    match = re.match(r"[0-9]{1,6}(?:\.[0-9]{1,6})*", version or "")
    return tuple(int(part) for part in match.group().split(".")) if match else None


def expect_version(version: str) -> ServerVersion:
    """What a server of a remembered version is like."""
    return ServerVersion(version, (parse_version(version) or ()) >= _GRAPHSPACES_SINCE)


async def read_version(transport: Transport) -> ServerVersion:
    """The version, and by it the style of paths; lately another place of the server may have asked for it."""
    return await transport.ask_once("version", partial(_request_version, transport), lambda _: True)


async def _request_version(transport: Transport) -> ServerVersion:
    """Ask for the version and choose the style of paths; 0.11 wants a login even for its version."""
    reply = await transport.get("versions")
    if not reply.is_success:
        foreign = None if requires_tls(reply) else _other_service_in_page(reply, transport.host)
        error = foreign or error_of_reply(reply, transport.host)
        if not isinstance(error, (NotLoggedIn, NotAllowed, Refused)):
            raise error
        return ServerVersion(None, await _has_graphspaces(transport))
    version = _core_version(reply, transport.host)
    numbers = parse_version(version)
    if numbers is None:
        return ServerVersion(version, await _has_graphspaces(transport))
    return expect_version(version or "")


def uses_graphspaces(target: Target, known: ServerVersion) -> bool:
    """Whether the paths have graphspaces: as the target says, or as the server can."""
    return known.has_graphspaces if target.paths == "auto" else target.paths == "graphspace"


GraphCheck: TypeAlias = Callable[[Paths], Awaitable[object]]
"""Asks a graph for tasks; raises what the answer stands for, NoSuchGraph where there is no such graph."""


async def find_paths(
    transport: Transport, target: Target, known: ServerVersion, check: GraphCheck | None = None
) -> Paths:
    """The paths of the wanted graph, or of the one that is meant when none is named; raises NoSuchGraph.

    A graph that is not listed may be there all the same, which `check` tells.
    """
    check = check or partial(ask_for_nothing, transport)
    spaces = uses_graphspaces(target, known)
    if not spaces and target.graphspace not in (None, DEFAULT_GRAPHSPACE):
        raise NoSuchGraph(
            f"{known.name} at {transport.host} is used through paths without graphspaces, so there is no"
            f' graphspace "{target.graphspace}".',
            hint="Leave the graphspace out.",
        )
    space = (target.graphspace or DEFAULT_GRAPHSPACE) if spaces else None
    try:
        return Paths(await _find_graph(transport, target.graph, space, check), space)
    except Refused as error:
        if error.code != 404 or not spaces or known.has_graphspaces:
            raise
        raise NoSuchGraph(
            f"{known.name} at {transport.host} has no graphspaces, but was asked by paths with graphspaces.",
            hint="Use --paths auto or --paths classic.",
        ) from None


async def list_scopes(transport: Transport, graphspaces: bool) -> tuple[Scope, ...]:
    """All graphs that can be switched to, sorted by graphspace and name."""
    spaces = await fetch_graphspaces(transport) if graphspaces else (None,)
    jobs = [partial(_list_space_scopes, transport, space, len(spaces) == 1) for space in spaces]
    return tuple(scope for part in await run_together(jobs, most=_AT_ONCE) for scope in part)


async def fetch_graphspaces(transport: Transport) -> tuple[str, ...]:
    """The graphspaces, sorted; DEFAULT alone where the server lists none, as it does without a PD."""
    reply = await transport.get("graphspaces")
    if not reply.is_success:
        raise error_of_reply(reply, f"{transport.host}/graphspaces")
    try:
        listed = GRAPHSPACES_DECODER.decode(reply.body)["graphSpaces"]
    except (DecodeError, ValueError, RecursionError):
        raise BadAnswer(f"{transport.host}/graphspaces didn't answer with a list.") from None
    return tuple(sorted(set(listed) - {""})) or (DEFAULT_GRAPHSPACE,)


async def _list_space_scopes(transport: Transport, space: str | None, only: bool) -> tuple[Scope, ...]:
    """The graphs of one graphspace."""
    try:
        names = await fetch_graph_names(transport, space)
        # One without a name can't be asked, and would stand for all graphs together.
        return tuple(Scope(graph=name, graphspace=space) for name in names if name)
    except (BadValue, NotAllowed, Refused, NoSuchGraph, ServerFault):
        if only:
            raise
        # One graphspace that this user may not see, or that fails, must not hide the others.
        return ()


async def _find_graph(transport: Transport, wanted: str | None, space: str | None, check: GraphCheck) -> str:
    """The wanted graph if it is listed; without one the only one, `hugegraph`, or the first by name."""
    try:
        # One that is not there may have been created since another place asked.
        listed = await fetch_graph_names(transport, space, lambda known: wanted is None or wanted in known)
    except NotAllowed:
        # Who may not list graphs may still be allowed to see the tasks of one.
        if wanted is None:
            raise
        return wanted
    if wanted is None:
        if not listed:
            return await _check_usual_graph(transport, space, check)
        return USUAL_GRAPH if USUAL_GRAPH in listed else listed[0]
    if not listed:
        # The list leaves out what this user may not see; only asking tells whether the graph is there.
        await check(Paths(wanted, space))
    elif wanted not in listed:
        raise no_such_graph_error(wanted, space, listed, transport.host)
    return wanted


async def ask_for_nothing(transport: Transport, paths: Paths) -> None:
    """Ask for a task that is not there, which costs next to nothing."""
    await read_tasks_by_id(HugeGraphClient(transport, paths), [ABSENT_ID])


async def answers_to(transport: Transport, paths: Paths) -> bool:
    """Whether a graph that is not listed may be there: it can be asked, or fails over something else."""
    try:
        await ask_for_nothing(transport, paths)
    except NoSuchGraph:
        return False
    except BackendError:
        return True
    return True


async def _check_usual_graph(transport: Transport, space: str | None, check: GraphCheck) -> str:
    """The usual graph, where none is listed; raises NoSuchGraph when it is not there.

    1.7.0 with `usePD` lists none though they can be asked (PROTOCOL.md, section 5).
    """
    try:
        await check(Paths(USUAL_GRAPH, space))
    except NoSuchGraph:
        place = f" in the graphspace {space}" if space else ""
        raise NoSuchGraph(
            f'{transport.host} lists no graphs{place} and has no graph "{USUAL_GRAPH}" there.',
            hint="Name the graph with --graph. Check the graphspace, and that this user may see its graphs.",
        ) from None
    return USUAL_GRAPH


async def _has_graphspaces(transport: Transport) -> bool:
    """Whether `/graphspaces` answers: 1.7 and later, and Baidu's fork."""
    reply = await transport.get("graphspaces")
    if reply.is_success and not reply.is_html:
        return True
    error = _other_service_in_page(reply, transport.host) or error_of_reply(
        reply, f"{transport.host}/graphspaces"
    )
    if reply.code == 404 and not reply.is_html:
        return False
    raise error


def _core_version(reply: Reply, host: str) -> str | None:
    """The server's version; raises BadAnswer for answers that HugeGraph does not give."""
    try:
        return VERSIONS_DECODER.decode(reply.body)["versions"].get("core")
    except (DecodeError, ValueError, RecursionError):
        raise _other_service_error(host) from None


def _other_service_in_page(reply: Reply, host: str) -> BackendError | None:
    """The error for a web page from something else than a starting or overloaded server, otherwise None."""
    return _other_service_error(host) if reply.is_html and reply.code < 500 else None


def _other_service_error(host: str) -> BadAnswer:
    return BadAnswer(f"{host} answered, but it doesn't look like a HugeGraph REST API.")
