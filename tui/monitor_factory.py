"""Makes the monitors of one place, or of several that are watched together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from backend_adapters.model import Ability, Place, Scope
from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions
from tui.config.resolved import describe_read_only
from tui.connection.profile_source import Destination, choose_graph_of
from tui.monitor.clock import Clock
from tui.monitor.journal.writer import Journal, open_journal
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.place_file import open_place_file
from tui.monitor.rows_file import PLACES_MOST, RowsFile
from tui.monitor.task_past import PastReader
from tui.monitor.watched_place import PlaceConnection
from tui.screens.retired_monitors import RetiredMonitors

if TYPE_CHECKING:
    from backend_adapters.backend import Backend
    from backend_adapters.transport.request_budget import RequestBudget
    from tui.monitor.history.recorder import PlaceRecorder
    from tui.monitor.history.writer import HistoryWriter


JOINT_FILES_MOST = PLACES_MOST * 4 // 5
"""Places watched together whose rows are kept; those of others that were watched alone stay, too."""


class MonitorFactory:
    """Connects places, and makes the monitors that watch them; they are not started yet."""

    def __init__(
        self,
        clock: Clock,
        retired: RetiredMonitors,
        tell: Callable[[str], None],
        history: HistoryWriter | None = None,
        rows_folder: Path | None = None,
    ) -> None:
        """`tell` is called with what a person should know, as a sentence; `history` keeps what is seen.

        `rows_folder` has the last known rows of places, if given.
        """
        self._clock = clock
        self._retired = retired
        self._tell = tell
        self._history = history
        self._rows_folder = rows_folder
        self._numbers = count(1)
        self._destinations: WeakKeyDictionary[Place, Destination] = WeakKeyDictionary()
        """Of graphs that come and go only those that are still known somewhere."""
        self._refusals: dict[str, Callable[[], str]] = {}
        self._rows_file_count = 0
        """How many of the places that are watched together have a file with their rows."""

    def watch_one(
        self,
        target: Target,
        options: ScreenOptions,
        listener: Listener,
        *,
        last_rows: LastRows | None,
    ) -> Monitor:
        """Make the monitor of one place."""
        return Monitor(
            [self._connect(target, options)],
            listener=listener,
            clock=self._clock,
            interval=options.interval,
            rows_file=self.find_rows_file(target, options),
            last_rows=last_rows,
        )

    def watch_many(
        self, destinations: Sequence[Destination], listener: Listener, *, interval: float
    ) -> Monitor:
        """Make the monitor of several places, or of the graphs of several servers."""
        # Imported here: one place alone has neither.
        from backend_adapters.transport.request_budget import RequestBudget
        from tui.monitor.graph_finder import GraphFinder

        self._destinations.clear()
        self._refusals.clear()
        self._rows_file_count = 0
        budget = RequestBudget()
        monitor = Monitor(
            [self._connect_among(one, budget) for one in destinations if not one.graphs],
            listener=listener,
            clock=self._clock,
            interval=interval,
        )
        for one in destinations:
            if one.graphs:
                finder = GraphFinder(
                    create_backend(replace(one.target, budget=budget)),
                    choose=partial(_choose_graphs, one),
                    connect=partial(self._connect_among, one, budget),
                    clock=self._clock,
                )
                monitor.follow_finder(finder)
        return monitor

    def find_destination(self, place: Place) -> Destination | None:
        """How one of several places is reached, to be watched alone; None where it is not known."""
        found = self._destinations.get(place)
        if found is None or found.target.graph or not place.graph:
            return found
        # The server chose it at the first answer, and may choose another one later.
        return choose_graph_of(found, Scope(graph=place.graph, graphspace=place.graphspace))

    def _connect_among(
        self, destination: Destination, budget: RequestBudget, scope: Scope | None = None
    ) -> PlaceConnection:
        """The way to a place that is watched beside others: the target's own, or another graph there."""
        # Of all graphs of a server, which may be hundreds, nothing is remembered: the file has few places.
        remembers = not destination.graphs
        if scope is not None:
            destination = choose_graph_of(destination, scope)
        target, options = destination.target, destination.options
        place = Place(
            number=next(self._numbers),
            profile=target.profile,
            dialect=target.dialect,
            graph=target.graph or "",
            graphspace=target.graphspace,
            production=options.production,
        )
        self._destinations[place] = Destination(target, options)
        connection = self._connect(replace(target, budget=budget), options, remembers=remembers)
        journal, recall = connection.journal, None
        if journal is not None:
            # The same for all graphs of a server: a long journal is read once.
            recall = self._refusals.setdefault(target.url, cache_first_value(journal.last_worker_refusal))
        rows_file = None
        if remembers and self._rows_file_count < JOINT_FILES_MOST:
            rows_file = self.find_rows_file(target, options)
            self._rows_file_count += rows_file is not None
        return replace(connection, place=place, recall_refusal=recall, rows_file=rows_file)

    def find_rows_file(self, target: Target, options: ScreenOptions) -> RowsFile | None:
        """Where the rows of a place are kept; None for the demo and without a cache."""
        is_kept = target.demo is None and options.cache
        return RowsFile(self._rows_folder, target) if self._rows_folder is not None and is_kept else None

    def _connect(self, target: Target, options: ScreenOptions, *, remembers: bool = True) -> PlaceConnection:
        place_file = open_place_file(target, wanted=options.cache and remembers)
        if place_file is not None:
            target = replace(target, remembered=place_file.recall())
        backend = create_backend(target)
        journal = open_journal(
            backend,
            self._clock,
            demo=target.demo is not None,
            wanted=options.journal,
            tell=self._tell,
        )
        recorder = self._open_recorder(backend, target, options)
        kept = self._history.path if self._history is not None and recorder is not None else None
        return PlaceConnection(
            backend=backend,
            journal=journal,
            past_reader=_open_past(backend, journal, kept),
            place_file=place_file,
            recorder=recorder,
            is_busy=lambda task_id: self._retired.is_acting_on(backend.source, task_id),
            may_act=_find_guard(options),
        )

    def _open_recorder(
        self, backend: Backend, target: Target, options: ScreenOptions
    ) -> PlaceRecorder | None:
        """What notes the tasks of a place for the history; None where nothing is kept."""
        if self._history is None:
            return None
        from tui.monitor.history.set_up import open_recorder

        return open_recorder(self._history, backend, target, wanted=options.history)


def cache_first_value(read: Callable[[], str]) -> Callable[[], str]:
    """Call a function once, from whichever thread comes first, and give the others what it returned."""
    lock, values = Lock(), list[str]()

    def get() -> str:
        with lock:
            if not values:
                values.append(read())
            return values[0]

    return get


def _find_guard(options: ScreenOptions) -> Ability:
    """Whether anything may be changed in a place with these options."""
    if not options.read_only:
        return Ability(True)
    return Ability(False, f"{describe_read_only(options.read_only_origin)[:-1]}: nothing was sent.")


def _choose_graphs(destination: Destination, scopes: Sequence[Scope]) -> Sequence[Scope]:
    from tui.connection.graph_patterns import match_scopes

    return match_scopes(destination.graphs, scopes, graphspace=destination.target.graphspace)


def _open_past(backend: Backend, journal: Journal | None, history: Path | None) -> PastReader | None:
    """What reads the files that tell of a place's tasks; None where there are none."""
    if journal is None and history is None:
        return None
    path = None if journal is None else journal.path
    return PastReader(lambda: backend.source, journal=path, history=history)


def create_backend(target: Target) -> Backend:
    """Make the adapter of a target, without any request."""
    # Imported here: the first frame does not wait for the HTTP client and the wire models.
    from backend_adapters.registry import open_backend

    return open_backend(target)
