"""The sessions of a command with several places: they run together, and what one lacks delays no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, NoSuchGraph
from backend_adapters.model import Place, Scope, TaskId
from backend_adapters.registry import open_backend
from tui.cli.error_handler import HANDLED_ERRORS, describe_backend_error, end_with_error
from tui.cli.exit_codes import NOT_FOUND, PARTLY, USAGE, combine_codes, exit_code_of
from tui.cli.output.standard_error import clear_progress, report_error
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import UnopenedPlace, connect_to_places, find_saved_view
from tui.cli.work.session import LOGIN_OF_SEVERAL, Session, end_by_signals, recall_place
from tui.connection.graph_patterns import match_scopes
from tui.connection.resolve import ResolvedConnection, choose_graph
from tui.gc_tuning import resume_collection

if TYPE_CHECKING:
    from backend_adapters.transport.request_budget import RequestBudget
    from tui.config.resolved import ResolvedSettings
    from tui.monitor.saved_views import SavedView

AT_ONCE = 8
"""Places that are asked at the same time, at the most."""

_T = TypeVar("_T")


class PlaceToOpen(Struct, frozen=True, kw_only=True):
    """A place of a command, before its session begins."""

    connection: ResolvedConnection
    name: str = ""
    """The whole name that the place must turn out to have; empty where any is right."""
    ids: tuple[TaskId, ...] = ()
    """The ids that were given for it."""
    login_rule: str = ""
    """Why flags and variables don't log in to it, as a sentence; empty where they do."""


SetWork: TypeAlias = Callable[["SessionSet"], Coroutine[Any, Any, int]]
"""What a command does with its sessions; returns the exit code."""


class SessionSet:
    """The sessions of several places; a place that fails is told of, and is missing from then on."""

    def __init__(
        self,
        codes: Iterable[int] = (),
        *,
        budget: RequestBudget | None = None,
        has_several_profiles: bool = False,
    ) -> None:
        """`codes` are those of the places that could not be opened; the others share the budget."""
        self._budget, self._has_several_profiles = budget, has_several_profiles
        self.sessions: list[Session] = []
        self.ids: dict[Session, tuple[TaskId, ...]] = {}
        """The ids that were given for each place."""
        self.codes = list(codes)
        """The exit codes of the places that are missing."""
        self.is_stopping = False
        """SIGINT came: no further place is begun with."""
        self._backends: list[Backend] = []

    def open_place(self, place: PlaceToOpen) -> None:
        """Make the session of a place, which has not been connected yet."""
        target = replace(place.connection.target, budget=self._budget)
        try:
            backend = open_backend(target)
        except BackendError as error:
            report_error(f"{target.profile}: {describe_backend_error(error)}")
            self.codes.append(exit_code_of(error))
            return
        source = backend.source
        shown = Place(
            number=len(self._backends) + 1,
            profile=source.profile,
            dialect=source.dialect,
            graph=source.graph,
            graphspace=source.graphspace,
            production=place.connection.settings.production.value,
        )
        session = Session(place.connection, backend, place=shown, wanted=place.name)
        session.login_rule = LOGIN_OF_SEVERAL if self._has_several_profiles else place.login_rule
        self._backends.append(backend)
        self.sessions.append(session)
        self.ids[session] = place.ids

    async def aclose(self) -> None:
        """Close the connections of all places."""
        await asyncio.gather(*(backend.aclose() for backend in self._backends))

    async def open_graphs(self) -> None:
        """Open a place for each graph that the profiles mean which name several, in place of the server."""
        servers = [session for session in self.sessions if session.settings.graphs.value]
        found = await self.run_each(_find_graphs, servers)
        for server, scopes in found.items():
            self.sessions.remove(server)
            if not scopes:
                report_error(f"{server.target.profile}: {_describe_no_graphs(server.settings)}")
                self.codes.append(NOT_FOUND)
            for scope in scopes:
                self.open_place(PlaceToOpen(connection=recall_place(_choose_connection(server, scope))))

    async def run_each(
        self,
        work: Callable[[Session], Awaitable[_T]],
        sessions: Collection[Session] | None = None,
        *,
        at_once: int = AT_ONCE,
    ) -> dict[Session, _T]:
        """Do the work in each place; returns the results of those that answer, in their order.

        Another failure than that of a server ends the work in all of them, and is raised.
        """
        slots, results = asyncio.Semaphore(at_once), dict[Session, _T]()

        async def run_one(session: Session) -> None:
            async with slots:
                try:
                    results[session] = await work(session)
                except BackendError as error:
                    report_error(session.describe_error(error))
                    self.leave_out(session, exit_code_of(error))

        chosen = list(self.sessions if sessions is None else sessions)
        works = [asyncio.ensure_future(run_one(session)) for session in chosen]
        try:
            await asyncio.gather(*works)
        finally:
            for one in works:
                one.cancel()
            await asyncio.gather(*works, return_exceptions=True)
        return {session: results[session] for session in chosen if session in results}

    async def try_to_connect(self, sessions: Iterable[Session]) -> None:
        """Have the places told what they are called; of one that does not answer, what reads it tells."""

        async def try_one(session: Session) -> None:
            with suppress(BackendError):
                await session.connect()

        await self.run_each(try_one, tuple(sessions))

    def leave_out(self, session: Session, code: int) -> None:
        """Go on without a place."""
        self.sessions.remove(session)
        self.codes.append(code)

    def judge_list(self, code: int) -> int:
        """The exit code of a list that ended with `code`: places may be missing from it."""
        if not self.codes:
            return code
        return PARTLY if self.sessions else combine_codes(self.codes)

    def stop_sending(self) -> bool:
        """Stop sending in all places, once; returns False if there is nothing to stop."""
        if self.is_stopping:
            return False
        for session in self.sessions:
            self.is_stopping = session.stop_sending(tell=not self.is_stopping) or self.is_stopping
        return self.is_stopping


async def _find_graphs(session: Session) -> tuple[Scope, ...]:
    settings = session.settings
    # The usual graph may be there without being listed, as connecting tells.
    with suppress(NoSuchGraph):
        await session.connect()
    scopes = await session.backend.scopes()
    return match_scopes(settings.graphs.value, scopes, graphspace=settings.graphspace.value)


def _describe_no_graphs(settings: ResolvedSettings) -> str:
    patterns, space = settings.graphs.value, settings.graphspace.value
    if "*" not in patterns:
        return f"The server has no graph that is called {', '.join(patterns)}."
    where = f" in the graphspace {space}" if space else ""
    return f"The server has no graphs{where}, or none that this user is allowed to see."


def _choose_connection(session: Session, scope: Scope) -> ResolvedConnection:
    """The connection to one graph of a session's server."""
    target = replace(session.target, graph=scope.graph or None, graphspace=scope.graphspace)
    return ResolvedConnection(target=target, settings=choose_graph(session.settings, scope))


def run_with_places(flags: SettingFlags, work: SetWork, *, of_tasks: bool = False) -> int:
    """Do a command's work in the places of several profiles; returns the exit code.

    With `of_tasks` it is a list of tasks: each graph is a place of a profile that names several, what is
    remembered of each place is read first, and places that a view hides are left out. Raises UsageError and
    ConfigError.
    """
    view = find_saved_view(flags.view) if flags.view and of_tasks else None
    places, codes = [], []
    for connection in connect_to_places(flags):
        if isinstance(connection, UnopenedPlace):
            report_error(f"{connection.name}: {connection.reason}")
            codes.append(USAGE)
        else:
            places.append(PlaceToOpen(connection=recall_place(connection) if of_tasks else connection))
    return run_sessions(places, _open_graphs_first(work, view) if of_tasks else work, codes)


def run_with_graphs(connection: ResolvedConnection, work: SetWork) -> int:
    """Do a command's work in the graphs of a profile that names several; returns the exit code."""
    return run_sessions([PlaceToOpen(connection=connection)], _open_graphs_first(work))


def _open_graphs_first(work: SetWork, view: SavedView | None = None) -> SetWork:
    async def open_and_work(places: SessionSet) -> int:
        await places.open_graphs()
        if view is not None and view.hidden:
            # Imported here: few views hide any.
            from tui.cli.work.hidden_places import leave_out_hidden

            await leave_out_hidden(places, view)
        return await work(places)

    return open_and_work


def run_sessions(places: Sequence[PlaceToOpen], work: SetWork, codes: Sequence[int] = ()) -> int:
    """Do a command's work in these places; returns the exit code, 130 and 143 after SIGINT and SIGTERM.

    `codes` are those of the places that could not be opened.
    """
    resume_collection()
    return asyncio.run(_work_on(places, work, codes))


async def _work_on(places: Sequence[PlaceToOpen], work: SetWork, codes: Sequence[int]) -> int:
    # Imported here: most commands have one place.
    from backend_adapters.transport.request_budget import RequestBudget

    several = len(places) > 1 or any(place.connection.settings.graphs.value for place in places)
    opened = SessionSet(
        codes,
        budget=RequestBudget() if several else None,
        has_several_profiles=len({place.connection.target.profile for place in places}) > 1,
    )
    for place in places:
        opened.open_place(place)
    try:
        return await end_by_signals(work(opened), opened.stop_sending)
    except HANDLED_ERRORS as error:
        return end_with_error(error)
    finally:
        clear_progress()
        await opened.aclose()
