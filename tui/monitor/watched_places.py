"""The places that are watched, one alone or several together, with the rows of all of them in one view."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.model import Millis, Place, Source, Task, TaskId
from tui.monitor.clock import Clock
from tui.monitor.cooperative import LoopYielder
from tui.monitor.filters import FilterError
from tui.monitor.health import Health
from tui.monitor.kept_tasks import start_kept_task
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.place_hider import PlaceHider
from tui.monitor.place_labels import label_places
from tui.monitor.problem_index import ProblemIndex
from tui.monitor.rows_file import RowsFile
from tui.monitor.rows_keeper import RowsKeeper
from tui.monitor.session_rows import SessionRows
from tui.monitor.store import Change
from tui.monitor.view import VIEW_SLICE, Shape, View
from tui.monitor.watched_place import PlaceConnection, PlaceOwner, WatchedPlace

if TYPE_CHECKING:
    from tui.monitor.double_lists import DoubleLists, TaskTest
    from tui.monitor.graph_finder import GraphFinder
    from tui.monitor.joint_session_rows import JointSessionRows
    from tui.monitor.task_source import JointStore, TaskSource

QUIET_PAUSE = 15.0
"""Seconds between two polls of a place where nothing goes on, while other places are watched as well."""

HIDDEN_PAUSE_EACH = 0.1
"""The same for each of very many places without a row on the screen: ten of them are polled in a second."""

BEGINNING_AT_ONCE = 4
"""Places of one server that are read for the first time at once: a server is asked two things at once."""

MOVED_AT_ONCE = 1_000
"""Rows of whole places that come or go in one step, which takes 5 ms; for more the view is built anew."""

JOIN_DELAY = 0.04
"""Seconds in which changes in the states of many places are collected."""
JOINED_AT_ONCE = 20
"""Of so many places each change of a state is told at once."""


class WatchedPlaces:
    """Watches a set of places, which can come and go, and joins their tasks and their states."""

    def __init__(
        self,
        connections: Sequence[PlaceConnection],
        *,
        listener: Listener,
        clock: Clock | None = None,
        interval: float = 2.0,
        rows_file: RowsFile | None = None,
        last_rows: LastRows | None = None,
    ) -> None:
        """Watch one place that has no `Place`, or any number that have one.

        Of one place `rows_file` keeps the newest rows for the next start; `last_rows` are those of the last
        session.
        """
        self.clock = clock or Clock()
        self.listener = listener
        self.places: list[WatchedPlace] = []
        self._left_places: list[WatchedPlace] = []
        """Places that are watched no longer, and whose actions are still followed."""
        self._interval = interval
        self._is_watching = False
        self._is_paused = False
        self._is_focused = True
        self._tasks: set[asyncio.Task[Any]] = set()
        self._acts: set[asyncio.Task[Any]] = set()
        self._creations: set[asyncio.Task[TaskId]] = set()
        self._rebuild: asyncio.Task[Any] | None = None
        self._joint: JointStore | None = None
        self._joint_health: Health | None = None
        self._watched: dict[Place | None, WatchedPlace] = {}
        self._shown_places: set[WatchedPlace] = set()
        """The places with a row on the screen, where several are watched."""
        self._report_timer: asyncio.TimerHandle | None = None
        self._turns: dict[str, asyncio.Semaphore] = {}
        """Those that the places of each server have to begin, by its URL."""
        self._finders: list[GraphFinder] = []
        self._double_lists: DoubleLists | None = None
        """None where one place is watched alone."""
        self._kept_rows: JointSessionRows | None = None
        """The session rows of several places; None where one place is watched."""
        self._had_places = False
        self._known_names: dict[Place | None, str] = {}
        """The whole names of those whose servers have answered."""
        self._place_hider = PlaceHider()
        self._has_new_names = False
        """What a place is called may have become known since the places were named."""
        self._has_renamed = False
        """A place that was known is called something else: its server chose another graph, or its version."""
        if any(one.place is None for one in connections):
            (connection,) = connections
            self._create_place(connection)
        else:
            # Imported here, as all that one place alone does without.
            from tui.monitor.double_lists import DoubleLists
            from tui.monitor.task_source import JointStore

            self._joint, self._double_lists = JointStore(self.clock.now), DoubleLists()
        self.tasks: TaskSource = self.places[0].store if self._joint is None else self._joint
        """The known tasks of all places."""
        self.view = View(self.tasks, self.tasks.now)
        self.view.expects_ended = True
        self.wanted = Shape() if last_rows is None else last_rows.view.shape
        self.session_rows = self._make_session_rows(last_rows, rows_file)
        if self._joint is not None:
            self.add_places(connections)

    def _make_session_rows(self, last: LastRows | None, file: RowsFile | None) -> SessionRows:
        if self._joint is not None:
            from tui.monitor.joint_session_rows import JointSessionRows

            self._kept_rows = JointSessionRows(self._joint, self.view, self.clock)
            return self._kept_rows
        only, keeper = self.only, None
        if file is not None:
            keeper = RowsKeeper(
                file, only.backend, only.store, self.view, clock=self.clock, health=lambda: self.health
            )
        return SessionRows(last, keeper, tasks=self.tasks, view=self.view)

    # The places.

    @cached_property
    def problems(self) -> ProblemIndex:
        """What needs a person, as far as somebody looks for it."""
        return ProblemIndex()

    @property
    def is_joint(self) -> bool:
        """Whether it watches places together, which may be one at times, rather than one only."""
        return self._joint is not None

    @property
    def only(self) -> WatchedPlace:
        """The place, where only one is watched."""
        assert self._joint is None, "several places are watched"
        return self.places[0]

    @property
    def unhidden_places(self) -> list[WatchedPlace]:
        """The places whose rows are shown: all that are not hidden."""
        return [place for place in self.places if not place.is_hidden]

    @property
    def has_lost_places(self) -> bool:
        """Whether none is left of the places that were watched together."""
        return self._had_places and not self.places

    @property
    def has_production(self) -> bool:
        """Whether any of several places is one of production."""
        return any(place.place is not None and place.place.production for place in self.places)

    def find_place(self, task: Task) -> WatchedPlace | None:
        """Where a task is; None where that place is no longer watched."""
        return self.find_watched(task.place)

    def find_watched(self, place: Place | None) -> WatchedPlace | None:
        """A place as it is watched; None where it no longer is."""
        return self._watched.get(place)

    def _split_by_place(self, tasks: Iterable[Task]) -> list[tuple[WatchedPlace, list[Task]]]:
        """The tasks of each place that has any; those of a place that is gone are left out."""
        parts: dict[Place | None, list[Task]] = {}
        for task in tasks:
            parts.setdefault(task.place, []).append(task)
        found = ((self.find_watched(place), of_place) for place, of_place in parts.items())
        return [(watched, of_place) for watched, of_place in found if watched is not None]

    def add_place(self, connection: PlaceConnection) -> WatchedPlace:
        """Watch one more place, beside others."""
        (watched,) = self.add_places([connection])
        return watched

    def add_places(self, connections: Sequence[PlaceConnection]) -> list[WatchedPlace]:
        """Watch more places, beside others."""
        if not connections:
            return []
        added = [self._create_place(connection) for connection in connections]
        for watched in added:
            watched.poller.set_shown(False)
            old = self._rows_of_several.add_place(watched)
            self._add_store(watched)
            if old:
                self.view.follow_changes([Change(None, task) for task in old])
        self._had_places = True
        self._note_places()
        for watched in added:
            self._begin_watching(watched)
        return added

    def _begin_watching(self, watched: WatchedPlace) -> None:
        """Bring a new place into the state of the others."""
        watched.poller.set_focused(self._is_focused)
        if self._is_paused:
            watched.poller.set_paused(True)
            watched.poller.refresh_all()
        if self._is_watching:
            watched.start_watching()

    def remove_place(self, watched: WatchedPlace) -> None:
        """Watch a place no longer; its rows go, and its actions under way are followed to their ends."""
        self.places.remove(watched)
        self._left_places.append(watched)
        del self._watched[watched.place]
        self._shown_places.discard(watched)
        gone = [] if watched.is_hidden else self._leave_out_store(watched)
        self._rows_of_several.leave_place(watched)
        self._known_names.pop(watched.place, None)
        self._note_places()
        self._keep_act(self._start_task(self._leave_place(watched, frozenset(self._acts))))
        self.listener.place_left(watched.place)
        self._move_rows(gone, [])

    def hide_place(self, watched: WatchedPlace) -> None:
        """Leave the rows of a place out of the view and of all counts; it is watched all the same."""
        if not watched.is_hidden:
            gone = self._leave_out_store(watched)
            watched.is_hidden = True
            self._move_rows(gone, [])

    def hide_named_places(self, is_meant: Callable[[Source], bool]) -> None:
        """Hide the places that are meant by their names, once these are known, and show all others."""
        self._place_hider = PlaceHider(is_meant)
        self._show_places([one for one in self.places if not is_meant(one.backend.source)])
        self._hide_meant_places()

    def _hide_meant_places(self) -> None:
        for one in self._place_hider.find_places(self.places):
            self.hide_place(one)

    def show_place(self, watched: WatchedPlace) -> None:
        """Show the rows of a hidden place again, as they are by now."""
        self._show_places([watched])

    def show_hidden_places(self) -> None:
        """Show the rows of all places again."""
        self._show_places(self.places)

    def _show_places(self, places: Sequence[WatchedPlace]) -> None:
        """Show the rows of those of some places that are hidden, and tell of it once."""
        hidden, back = [watched for watched in places if watched.is_hidden], list[Task]()
        for watched in hidden:
            watched.is_hidden = False
            self._add_store(watched)
            back += self._rows_of_several.find_store(watched).list_tasks()
        if hidden:
            self._move_rows([], back)

    def _add_store(self, watched: WatchedPlace) -> None:
        """Have the tasks of a place among those of all, as they are shown."""
        assert self._joint is not None, "one place is watched alone"
        assert watched.place is not None, "the place is one that is watched alone"
        self._joint.add_store(watched.place, self._rows_of_several.find_store(watched))

    def _leave_out_store(self, watched: WatchedPlace) -> list[Task]:
        """Leave the tasks of a place out of those of all; returns these."""
        assert self._joint is not None, "one place is watched alone"
        assert watched.place is not None, "the place is one that is watched alone"
        self._joint.remove_store(watched.place)
        return self._rows_of_several.find_store(watched).list_tasks()

    @property
    def _rows_of_several(self) -> JointSessionRows:
        assert self._kept_rows is not None, "one place is watched alone"
        return self._kept_rows

    def _move_rows(self, gone: Sequence[Task], back: Sequence[Task]) -> None:
        """Bring the view up to date with rows of whole places that went or came, and tell of it.

        All counts have them already. Where there are many the rows follow once they are built, in slices.
        """
        if len(gone) + len(back) <= MOVED_AT_ONCE:
            changes = [*(Change(task, None) for task in gone), *(Change(None, task) for task in back)]
            self.view.follow_changes(changes)
            self._tell_of_rows(changes)
            return
        self._tell_of_rows([])
        self.view.mark_outdated()
        self.show_shape(self.wanted)
        self._start_task(self._tell_of_gone(gone))

    async def _tell_of_gone(self, gone: Sequence[Task]) -> None:
        """Tell in slices that tasks are gone: marked ones, or those of a dialog, may be among them."""
        loop = LoopYielder()
        for start in range(0, len(gone), VIEW_SLICE):
            self.listener.rows_changed([Change(task, None) for task in gone[start : start + VIEW_SLICE]])
            await loop.yield_if_due()

    def _tell_of_rows(self, changes: Sequence[Change]) -> None:
        """Tell that rows of whole places came or went, and with them what is joined of their states."""
        self._joint_health = None
        self.listener.rows_changed(changes)
        self.listener.health_changed(self.health)

    def follow_finder(self, finder: GraphFinder) -> None:
        """Let a finder add and remove places from the start of watching on."""
        self._finders.append(finder)

    def _create_place(self, connection: PlaceConnection) -> WatchedPlace:
        place = connection.place

        def follow_changes(changes: Sequence[Change]) -> None:
            # A place that is left still tells what its last actions change.
            if place in self._watched:
                self.listener.tasks_changed(changes)
                if self._kept_rows is not None:
                    changes = self._kept_rows.mix_changes(watched, changes)
                if not watched.is_hidden:
                    self._follow_changes(changes)

        owner = PlaceOwner(
            clock=self.clock,
            interval=self._interval,
            find_visible=lambda: self._find_visible(place),
            on_changes=follow_changes,
            on_health=lambda health: self._follow_health(health, place),
            on_report=self.listener.operation_ended,
            on_overlay=self.listener.overlays_changed,
            turns=None if place is None else self._find_turns(connection.backend),
            find_double_test=lambda: self._find_double_test(connection.backend, place),
            on_fault=self.listener.on_internal_error,
        )
        watched = self._watched[place] = WatchedPlace(connection, owner)
        self.places.append(watched)
        return watched

    def _find_double_test(self, backend: Backend, place: Place | None) -> TaskTest | None:
        lists = self._double_lists
        return None if lists is None or place is None else lists.find_test(backend.source.url, place)

    def _find_turns(self, backend: Backend) -> asyncio.Semaphore:
        return self._turns.setdefault(backend.source.url, asyncio.Semaphore(BEGINNING_AT_ONCE))

    def _note_places(self) -> None:
        """Name the places so that each can be told from the others, and join their states anew."""
        self._label_places()
        self._joint_health = None
        hidden = max(QUIET_PAUSE, HIDDEN_PAUSE_EACH * len(self.places))
        for turn, one in enumerate(self.places):
            one.poller.quiet_pause, one.poller.hidden_pause = QUIET_PAUSE, hidden
            one.headlines.sharing, one.headlines.turn = len(self.places), turn

    def _label_places(self) -> None:
        has_changed = label_places([one.place for one in self.places if one.place is not None])
        was_renamed, self._has_renamed = self._has_renamed, False
        is_told = bool(self.wanted.filter.text) or self.wanted.grouped_by == "place"
        if was_renamed or (has_changed and is_told):
            # The order by places; names of groups, and what a filter by places finds.
            self.view.mark_outdated()
            self.show_shape(self.wanted)
        self._leave_out_doubles()
        self._hide_meant_places()

    def _leave_out_doubles(self) -> None:
        """Show each task once, also where a place has turned out to be another list of the same graph."""
        lists = [(one.backend.source.url, one.place) for one in self.places if one.place is not None]
        if self._double_lists is not None and self._double_lists.note_lists(lists):
            for one in self.places:
                one.leave_out_doubles()

    async def _leave_place(self, watched: WatchedPlace, acts: Collection[asyncio.Task[Any]]) -> None:
        """Close a place once what is being done there, which `acts` hold, has ended."""
        await watched.stop_watching()
        if acts:
            await asyncio.wait(acts)
        await watched.aclose()
        self._left_places.remove(watched)

    def _find_visible(self, place: Place | None) -> Sequence[TaskId]:
        """The ids of the rows on the screen that are of a place."""
        keys = self.listener.ids_on_screen()
        if place is None:
            return keys
        start = place.make_key("")
        return [key.removeprefix(start) for key in keys if key.startswith(start)]

    # The state of all.

    @property
    def health(self) -> Health:
        """The state of the refresh; of several places in one."""
        if self._joint is None:
            return self.places[0].health
        if self._joint_health is None:
            from tui.monitor.joint_health import join_healths

            told = self._told_places
            healths = [(one.place.label, one.health) for one in told if one.place is not None]
            self._joint_health = join_healths(healths) if healths else Health()
        return self._joint_health

    @property
    def _told_places(self) -> list[WatchedPlace]:
        """The places that `health` tells of."""
        return self.unhidden_places or self.places

    @property
    def noun(self) -> str:
        """What the list's entries are called, in the plural."""
        if self.health.info is not None:
            return self.health.info.capabilities.noun
        return self.session_rows.last.noun if self.session_rows.last is not None else "tasks"

    @property
    def is_paused(self) -> bool:
        """Whether a person has paused the refresh."""
        return self._is_paused

    def set_paused(self, paused: bool) -> None:
        """Stop polling everywhere, or resume."""
        was_paused, self._is_paused = self._is_paused, paused
        for place in self.places:
            place.poller.set_paused(paused)
        if was_paused and not paused:
            self._look_for_places()

    def set_focused(self, focused: bool) -> None:
        """Note whether the terminal has the focus."""
        self._is_focused = focused
        for place in self.places:
            place.poller.set_focused(focused)

    @property
    def interval(self) -> float:
        """Seconds between two polls of a place where something goes on."""
        return self._interval

    @property
    def poll_pause(self) -> float:
        """Seconds between two polls as things are: of the places that `health` tells of, where any answers.

        Of several places, of those that are polled most often.
        """
        told = self._told_places
        answering = [place for place in told if place.is_answering] or told
        return min((place.poller.poll_pause for place in answering), default=self._interval)

    @property
    def is_slowed(self) -> bool:
        """Whether it polls more slowly because nobody looks."""
        return bool(self.places) and all(place.poller.is_slowed for place in self.places)

    @property
    def clock_ahead(self) -> Millis:
        """How far the server's clock is ahead of this machine's; of several servers, that of none."""
        return 0 if self._joint is not None else self.places[0].server_time.ahead

    def set_interval(self, seconds: float) -> None:
        """Poll every so many seconds from now on."""
        self._interval = seconds
        for place in self.places:
            place.poller.set_interval(seconds)

    def poll_now(self) -> None:
        """Poll everywhere now, first the places on the screen."""
        for place in self._list_shown_first():
            place.poller.poll_now()
        self._look_for_places()

    def refresh_all(self) -> None:
        """Poll everywhere now and scan everything again, once even while paused."""
        for place in self._list_shown_first():
            place.poller.refresh_all()
        self._look_for_places()

    def _look_for_places(self) -> None:
        for finder in self._finders:
            finder.look_now()

    def _list_shown_first(self) -> list[WatchedPlace]:
        return sorted(self.places, key=lambda place: place not in self._shown_places)

    def _keep_act(self, work: asyncio.Task[Any]) -> None:
        self._acts.add(work)
        work.add_done_callback(self._acts.discard)

    # What is shown.

    def set_shown_tasks(self, tasks: Sequence[Task]) -> None:
        """Set the tasks on the screen: their places and the reasons of their failures are read first."""
        if self._joint is None:
            self.only.headlines.set_wanted(tasks)
            return
        parts = self._split_by_place(tasks)
        shown = {place for place, _ in parts}
        for place in self._shown_places - shown:
            place.headlines.set_wanted([])
            place.poller.set_shown(False)
        for place, wanted in parts:
            place.headlines.set_wanted(wanted)
            place.poller.set_shown(True)
        self._shown_places = shown

    def show_shape(self, shape: Shape) -> None:
        """Show another order, filter or group once it is ready; a newer request replaces an older one."""
        self.wanted = shape
        if self._rebuild is not None:
            self._rebuild.cancel()
        self._rebuild = self._start_task(self._rebuild_view(shape))

    async def _rebuild_view(self, shape: Shape) -> None:
        try:
            await self.session_rows.rebuild(shape)
            ready = await self.view.rebuild(shape)
        except FilterError as error:
            self.wanted = replace(self.wanted, filter=self.view.shape.filter)
            self.listener.filter_refused(error)
        else:
            if ready:
                self.listener.shape_changed()
            await self.view.free_replaced_rows()

    def find_constant_columns(self) -> None:
        """Find out, after everything was read, which columns say the same in every row."""
        self._start_task(self._find_constant_columns())

    async def _find_constant_columns(self) -> None:
        await self.view.find_constant_columns()
        self.listener.overlays_changed()

    def _follow_health(self, health: Health, place: Place | None) -> None:
        if place is None:
            self.session_rows.follow_health(health, self.only.backend.source)
            self._report_health()
            return
        if place not in self._watched:
            # It was left; what still goes on there says nothing of the others.
            return
        known = self._known_names.get(place)
        if health.info is not None and known != place.name:
            # Its graph, and what its tasks are called, are known now.
            self._known_names[place] = place.name
            self._has_new_names = True
            self._has_renamed = self._has_renamed or known is not None
        self._joint_health = None
        self._follow_old_rows(self._watched[place])
        if len(self.places) <= JOINED_AT_ONCE:
            self._report_health()
        elif self._report_timer is None:
            self._report_timer = asyncio.get_running_loop().call_later(JOIN_DELAY, self._report_health)

    def _follow_old_rows(self, watched: WatchedPlace) -> None:
        """Drop those of the last session's rows of a place that its state tells to be over."""
        changes = self._rows_of_several.follow_place(watched)
        if changes and not watched.is_hidden:
            self._follow_changes(changes)

    def _report_health(self) -> None:
        if self._report_timer is not None:
            self._report_timer.cancel()
            self._report_timer = None
        if self._has_new_names:
            self._has_new_names = False
            self._label_places()
        self.view.expects_ended = not self.health.begun
        self.listener.health_changed(self.health)

    def _follow_changes(self, changes: Sequence[Change]) -> None:
        self.view.follow_changes(changes)
        self.listener.rows_changed(self.session_rows.follow_changes(changes))

    def _start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return start_kept_task(work, self._tasks, self.listener.on_internal_error)
