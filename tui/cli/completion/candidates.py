"""Words for completions: profiles from the config file, graphs and ids from the server within half a second.

Nothing here asks a person, runs a command that could, or says what went wrong.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from tui.config.profiles import load_config

if TYPE_CHECKING:
    from backend_adapters.backend import Backend
    from backend_adapters.model import Task
    from backend_adapters.transport.target import Target
    from tui.config.resolved import ResolvedSettings

SERVER_BUDGET = 0.5
"""Seconds that the server has for all requests together."""
IDS_MOST = 50
"""Ids that are offered."""

_HARMLESS = re.compile(r"\w[\w.:@+-]{0,199}", re.ASCII)
"""What a server names and a shell takes as it is: it comes into a command line, and is no flag there."""

_T = TypeVar("_T")


class Candidate(Struct, frozen=True):
    """A word to offer, and a description of it."""

    value: str
    about: str = ""


def list_profile_candidates(environ: Mapping[str, str]) -> list[Candidate]:
    """Return the profiles in the config file."""
    found = load_config(environ).profiles.values()
    return [Candidate(profile.name, profile.get_text("url")) for profile in found]


def list_view_candidates() -> list[Candidate]:
    """Return the saved views."""
    from tui.monitor.saved_views import ViewError, ViewsFile

    try:
        views = ViewsFile().list_views()
    except ViewError:
        return []
    return [Candidate(view.name, ", ".join(place.label for place in view.places)) for view in views]


def list_graph_candidates(values: Mapping[str, str], environ: Mapping[str, str]) -> list[Candidate]:
    """Return the graphs of the server that the words so far name."""

    async def names(backend: Backend) -> list[Candidate]:
        space = values.get("graphspace")
        scopes = [scope for scope in await backend.scopes() if space in (None, scope.graphspace)]
        return [Candidate(scope.graph, scope.graphspace or "") for scope in scopes if scope.graph]

    return _keep_harmless(_ask_server(values, environ, names, connect=False))


def list_graphspace_candidates(values: Mapping[str, str], environ: Mapping[str, str]) -> list[Candidate]:
    """Return the graphspaces of the server that the words so far name."""

    async def names(backend: Backend) -> list[Candidate]:
        spaces = dict.fromkeys(scope.graphspace for scope in await backend.scopes())
        return [Candidate(space) for space in spaces if space]

    return _keep_harmless(_ask_server(values, environ, names, connect=False))


def list_task_ids(command: str, values: Mapping[str, str], environ: Mapping[str, str]) -> list[Candidate]:
    """Return the ids of the newest tasks that are of use to the command."""
    from backend_adapters.model import TaskStatus
    from tui.cli.output.printed_ids import make_id_rule
    from tui.task_name import readable_name
    from tui.text import sanitize_label as clean

    names_one = bool(values.get("profile") or values.get("url"))
    is_offered = make_id_rule(places=False, colons=names_one, environ=environ)

    async def names(backend: Backend) -> list[Candidate]:
        tasks: Sequence[Task] = ()
        async with aclosing(backend.snapshot()) as batches:
            async for batch in batches:
                # The first one mostly has the unfinished and the newest; for more there is no time.
                tasks = batch.tasks
                break
        known = [task for task in tasks if is_offered(task.id) and task.status is not TaskStatus.UNREADABLE]
        takes_finished = command not in ("cancel", "wait")
        wanted = [task for task in known if takes_finished or not task.status.is_finished]
        wanted.sort(key=lambda task: task.created or 0, reverse=True)
        return [
            Candidate(task.id, f"{clean(task.raw_status)}  {clean(readable_name(task))[:60]}")
            for task in wanted[:IDS_MOST]
        ]

    return _keep_harmless(_ask_server(values, environ, names))


def list_history_ids(profiles: Sequence[str], environ: Mapping[str, str]) -> list[Candidate]:
    """Return the ids of the tasks in the history that changed last, with their places."""
    from itertools import islice

    from tui.cli.output.printed_ids import make_id_rule
    from tui.monitor.clock import Clock
    from tui.monitor.filters import Filter
    from tui.monitor.history.database import HistoryError
    from tui.monitor.history.path import find_history_path
    from tui.monitor.history.reader import HistoryReader
    from tui.task_name import shorten_name
    from tui.text import sanitize_label as clean

    is_offered = make_id_rule(places=True, environ=environ)
    try:
        with HistoryReader(find_history_path(environ)) as reader:
            places = [place for place in reader.list_places() if not profiles or place.profile in profiles]
            tasks = list(islice(reader.list_tasks(Filter(), Clock().now(), places=places), IDS_MOST))
    except HistoryError:
        return []
    found = ((task.place.qualify_id(task.task_id), task) for task in tasks)
    return [
        Candidate(whole, f"{clean(task.raw_status)}  {clean(shorten_name(task.type, task.name))[:60]}")
        for whole, task in found
        if is_offered(whole)
    ]


def _keep_harmless(found: list[Candidate] | None) -> list[Candidate]:
    return [offer for offer in found or [] if _HARMLESS.fullmatch(offer.value)]


def _ask_server(
    values: Mapping[str, str],
    environ: Mapping[str, str],
    what: Callable[[Backend], Awaitable[_T]],
    *,
    connect: bool = True,
) -> _T | None:
    """Ask the server; None if there is none, if the login needs a person, or if the answer takes too long."""
    from msgspec.structs import replace

    from backend_adapters.errors import BackendError
    from backend_adapters.registry import open_backend
    from backend_adapters.transport.target import Timeouts

    async def asked(target: Target) -> _T:
        backend = open_backend(replace(target, timeouts=Timeouts(SERVER_BUDGET, SERVER_BUDGET)))
        try:
            async with asyncio.timeout(SERVER_BUDGET):
                if connect:
                    await backend.connect()
                return await what(backend)
        finally:
            await backend.aclose()

    target = _find_target(values, environ)
    if target is None:
        return None
    loop = asyncio.new_event_loop()
    try:
        # Not asyncio.run: it waits for a name server that does not answer.
        return loop.run_until_complete(asked(target))
    except (BackendError, TimeoutError):
        return None
    finally:
        loop.close()


def _find_target(values: Mapping[str, str], environ: Mapping[str, str]) -> Target | None:
    """Return the server that the words name, with a login that needs no person; None if there is none."""
    from backend_adapters.files import is_regular
    from backend_adapters.transport.credentials import Credentials
    from tui.config.named_files import SECRET_FILES
    from tui.config.resolved import ConfigError
    from tui.connection.login import LoginDetails
    from tui.connection.resolve import plan_connection, require_server, resolve_flags
    from tui.connection.secret_sources import CommandSecret

    try:
        config = load_config(environ)
        settings = resolve_flags(values, values.get("profile"), environ, config)
        require_server(settings, config)
        plan = plan_connection(settings, environ)
        if plan.login.asks_password or isinstance(plan.login.secret_source, CommandSecret):
            return None
        files = [settings.get_value(name).value for name in SECRET_FILES]
        if not all(is_regular(file) for file in files if file):
            # A pipe could wait for ever.
            return None
        if not _may_log_in(settings, environ):
            return plan.make_connection(LoginDetails(Credentials(), plan.login.project)).target
        return plan.log_in().target
    except ConfigError:
        return None


def _may_log_in(settings: ResolvedSettings, environ: Mapping[str, str]) -> bool:
    """Return whether a login may be sent: to a server that was set up, never to one that is typed."""
    from backend_adapters.transport.origin import is_same_origin
    from tui.config.resolved import OriginKind

    if settings.is_profile_server or settings.url.origin.kind is OriginKind.VARIABLE:
        return True
    set_up = environ.get("GRAPHTOP_URL")
    return bool(set_up) and is_same_origin(str(set_up), settings.url.value or "")
