"""The part of the application that watches places, alone or together, and leads from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Millis, Place, Scope, Task
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import host_and_port
from tui.config.options import NoticeOptions, ScreenOptions
from tui.connection.profile_source import CannotOpen, Destination, choose_graph_of, join_options
from tui.monitor.clock import Clock
from tui.monitor.health import Health
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.view import Shape
from tui.monitor_factory import MonitorFactory
from tui.screens.login_prompt import LoginPrompt, is_login_readable
from tui.screens.retired_monitors import RetiredMonitors
from tui.screens.tasks.interfaces import HistoryTroubles
from tui.screens.tasks.screen import TasksScreen
from tui.screens.tasks.view_settings import ViewSettings
from tui.terminal_app import TerminalApp
from tui.text import sanitize
from tui.toasts import UNTIL_READ_SECONDS

if TYPE_CHECKING:
    from tui.connection.profile_switcher import ProfileSwitcher
    from tui.monitor.history.writer import HistoryWriter
    from tui.monitor.saved_views import SavedView, ViewPlace
    from tui.screens.tasks.kept_notices import KeptNotices


class PlacesApp(TerminalApp):
    """Watches one place or several on the tasks screen, and opens others in their stead."""

    def __init__(
        self,
        target: Target | None,
        options: ScreenOptions | None = None,
        *,
        clock: Clock | None = None,
        profile_source: ProfileSwitcher | None = None,
        rows_folder: Path | None = None,
        history: HistoryWriter | None = None,
        destinations: tuple[Destination, ...] = (),
    ) -> None:
        """Watch `target`; with `destinations` these together, and `target` is that of the first of them.

        Last known rows are kept in `rows_folder`, and what is seen of tasks in `history`, if given.
        """
        super().__init__()
        self.target = destinations[0].target if destinations else target
        self._profile_source = profile_source
        options = options or ScreenOptions()
        self.options = self._initial_options = (
            join_options(destinations, options) if destinations else options
        )
        self._view_settings: ViewSettings | None = None
        """Those of the tasks screen shown last, for the next one."""
        self._clock = clock or Clock()
        self._login = LoginPrompt(self, self._poll_again)
        self._kept_notices: KeptNotices | None = None
        """Made once somebody asks for them."""
        self.history = history
        """Keeps what is seen of tasks; None where nothing is kept."""
        self._retired = RetiredMonitors(self.run_worker)
        self._factory = MonitorFactory(self._clock, self._retired, self._show_warning, history, rows_folder)
        self._destinations: tuple[Destination, ...] = destinations
        """The places that are watched together; empty where one is watched, `target`."""
        self._list_before: Destination | None = None
        """The list from which the other one of the same graph was chosen."""
        self._place_before: Destination | None = None
        """The one place to which these were joined; None where they were chosen otherwise."""
        self._places_before: tuple[Destination, ...] = ()
        """The places that were watched together before one of them was opened alone."""
        self._hidden_before: tuple[ViewPlace, ...] = ()
        """Those of them that were hidden, by their names."""
        self._first_notes: tuple[str, ...] = ()
        self._profile_states: dict[str, str] = {}
        """Whether the servers of profiles answered when they were left."""

    @property
    def kept_notices(self) -> KeptNotices:
        """What a person has asked to be told of at places that were left."""
        if self._kept_notices is None:
            # Imported here: the first rows do not wait for it.
            from tui.screens.tasks.kept_notices import KeptNotices

            self._kept_notices = KeptNotices()
        return self._kept_notices

    @property
    def has_kept_notices(self) -> bool:
        """Whether there is anything of that kind."""
        kept = self._kept_notices
        return kept is not None and bool(kept.tasks or kept.filters)

    @property
    def notice_options(self) -> NoticeOptions:
        """How notices are sent, wherever one looks."""
        return self._initial_options.notices

    @property
    def uses_title(self) -> bool:
        """Whether the terminal's title and its tab may be changed."""
        return self._initial_options.title

    @property
    def history_troubles(self) -> HistoryTroubles:
        """What is wrong with the history's file."""
        kept = self.history
        return HistoryTroubles() if kept is None else HistoryTroubles(kept.problem, kept.notice)

    @property
    def current_target(self) -> Target:
        """The place that is watched; the welcome has none."""
        assert self.target is not None, "only the welcome does without a target"
        return self.target

    @property
    def keeps_problems(self) -> bool:
        """Whether it is kept which problems are set aside: not of servers in this process, as in the demo."""
        target = self.current_target
        return target.demo is None and target.http is None

    @property
    def _is_typed_address(self) -> bool:
        """Whether an address named what is watched: a profile has a name, and safeguards that it lacks."""
        target = self.target
        return target is not None and target.demo is None and target.profile == host_and_port(target.url)

    def _create_tasks_screen(self) -> TasksScreen:
        """A screen for what is watched."""
        raise NotImplementedError

    def _list_tasks_screens(self) -> list[TasksScreen]:
        """The tasks screen, also under dialogs; for a moment there are two while the place is switched."""
        return [screen for screen in self.screen_stack if isinstance(screen, TasksScreen)]

    def now(self) -> Millis:
        """The current time by this machine's clock."""
        return self._clock.now()

    def read_last_rows(self, shape: Shape) -> LastRows | None:
        """The last known rows of the place that is watched, in a shape; None where there are none."""
        if self._destinations:
            return None
        file = self._factory.find_rows_file(self.current_target, self.options)
        kept = None if file is None else file.read()
        return None if kept is None else LastRows(kept, self._clock.now, shape)

    def make_monitor(self, listener: Listener, last_rows: LastRows | None) -> Monitor:
        """Create the monitor of what is watched; it is not started yet."""
        if self._destinations:
            return self._factory.watch_many(self._destinations, listener, interval=self.options.interval)
        return self._factory.watch_one(self.current_target, self.options, listener, last_rows=last_rows)

    def find_target(self, task: Task) -> Target:
        """How the place of a task is reached."""
        destination = None if task.place is None else self._factory.find_destination(task.place)
        return self.current_target if destination is None else destination.target

    def _show_warning(self, words: str) -> None:
        self.notify(sanitize(words), severity="warning", timeout=UNTIL_READ_SECONDS)

    def list_flags(self) -> list[str]:
        """The flags with which a command reaches the place that is watched."""
        from tui.connection.command_lines import list_flags

        target = self.current_target
        return list_flags(target) if self._profile_source is None else self._profile_source.list_flags(target)

    @property
    def _shown_monitor(self) -> Monitor | None:
        """The monitor of the tasks that are shown; None on the welcome, and between two places."""
        shown = [screen.monitor for screen in self._list_tasks_screens() if screen.monitor is not None]
        return shown[-1] if shown else None

    def _list_monitors(self) -> list[Monitor]:
        """Every monitor that watches or still follows actions."""
        shown = [screen.monitor for screen in self._list_tasks_screens() if screen.monitor]
        return [*self._retired.monitors, *shown]

    # Other places.

    def switch_to(self, scope: Scope, dialect: str, place: Place | None = None) -> None:
        """Watch another graph, or another list, of the same server, on a fresh screen.

        Of several places `place` is the one whose server is meant.
        """
        self._stop_opening_profile()
        chosen = choose_graph_of(self._find_base(place), scope)
        self._leave_place(to_other_profile=bool(self._destinations))
        self.target = replace(chosen.target, dialect=dialect)
        self.options = replace(chosen.options, interval=self.options.interval)
        self._destinations = ()
        self.run_worker(self._show_tasks(), group="place", exit_on_error=True)

    def _leave_place(self, *, to_other_profile: bool = False) -> None:
        """Leave what is watched now; its actions under way are followed to their ends."""
        for screen in self._list_tasks_screens():
            monitor = screen.monitor
            if monitor is not None:
                self.options = replace(self.options, interval=monitor.interval)
                self._view_settings = screen.leave_monitor(monitor, to_other_profile=to_other_profile)
                self._retired.add_monitor(monitor)
        self._login.forget()
        self._list_before = None

    def open_place(self, destination: Destination) -> None:
        """Watch another place. Actions under way at the present one are followed to their ends."""
        if destination.graphs:
            self.watch_together([destination])
            return
        if self.target is not None:
            self._profile_states |= self._describe_profiles(is_shown=False)
        self._leave_place(to_other_profile=True)
        self.target, self.options = destination.target, destination.options
        self._destinations, self._place_before, self._places_before = (), None, ()
        self.run_worker(self._show_tasks(), group="place", exit_on_error=True)

    async def _show_tasks(self) -> None:
        """Close all dialogs and replace the screen below them by a new tasks screen."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_screen(self._create_tasks_screen())

    def action_choose_profile(self) -> None:
        """Choose another profile."""
        from tui.screens.dialogs.profile_picker import create_profile_picker

        current = self.current_target.profile
        states = {**self._profile_states, **self._describe_profiles(is_shown=True)}
        watched = {one.target.profile for one in self._destinations}
        picker = create_profile_picker(
            self._profile_source, current, states, watched=watched, ascii=self.options.ascii
        )
        self.push_screen(picker, self._open_chosen_profiles)

    def _describe_profiles(self, *, is_shown: bool) -> dict[str, str]:
        """Whether the server of each profile that is watched answers, or answered last, for any graph."""
        # Imported here: one place alone has no joint state.
        from tui.monitor.joint_health import join_healths
        from tui.screens.dialogs.profile_picker import describe_profile_state

        monitor = self._shown_monitor
        healths: dict[str, list[tuple[str, Health]]] = {}
        if monitor is None:
            healths[self.current_target.profile] = [("", Health())]
        for one in monitor.places if monitor is not None else ():
            source = one.backend.source
            healths.setdefault(source.profile, []).append((source.qualified_graph, one.health))
        return {
            name: describe_profile_state(join_healths(of_one), is_shown=is_shown, utc=self.options.utc)
            for name, of_one in healths.items()
        }

    def _open_chosen_profiles(self, names: tuple[str, ...] | None) -> None:
        is_shown = not self._destinations and names == (self.current_target.profile,)
        if not names or is_shown:
            return
        if len(names) > 1:
            self.open_profiles(names)
        else:
            self.open_profile(names[0])

    def open_profile(self, name: str) -> None:
        """Watch the place of a profile once its login is known."""
        self.run_worker(self._open_profile(name), group="profile", exclusive=True)

    def _stop_opening_profile(self) -> None:
        """Wait for no login of a profile any more: a person has chosen another place meanwhile."""
        self.workers.cancel_group(self, "profile")

    async def _open_profile(self, name: str) -> None:
        assert self._profile_source is not None, "a profile needs its source"
        try:
            destination = await self._profile_source.open_profile(name, self.options)
        except CannotOpen as error:
            from tui.screens.welcome import WelcomeScreen

            if isinstance(self.screen, WelcomeScreen):
                self.screen.show_error(str(error))
            else:
                self.notify(sanitize(str(error)), severity="error", timeout=UNTIL_READ_SECONDS)
        else:
            self.open_place(destination)
            if destination.warning:
                self._show_warning(destination.warning)

    # The login.

    def ask_login(self, error: NotLoggedIn) -> None:
        """Ask for a login unless that is asked for already, or places with several logins are watched."""
        logins = {id(one.target.credentials) for one in self._destinations}
        if len(logins) <= 1:
            # The options of the screen are joined ones: whether plain HTTP is allowed is the place's own.
            one = self._destinations[0] if self._destinations else self._present_place
            self._login.ask(error, one.target, one.options)

    @property
    def is_login_in_clear(self) -> bool:
        """Whether a login is sent over a connection on which others can read it."""
        watched = self._destinations or (self._present_place,)
        return any(
            one.target.credentials.has_login and is_login_readable(one.target, one.options) for one in watched
        )

    def _poll_again(self) -> None:
        for screen in self._list_tasks_screens():
            if screen.monitor is not None:
                screen.monitor.poll_now()

    # Several places together.

    def show_next_list(self, scope: Scope, dialect: str) -> None:
        """Watch the other list of the same graph; where that is the one that was left for this one, both."""
        present, before = self._present_place, self._list_before
        if before is None or before.target.dialect != dialect:
            self.switch_to(scope, dialect)
            self._list_before = present
        else:
            here = choose_graph_of(present, scope)
            other = replace(before, target=replace(here.target, dialect=dialect))
            self._join_to_present([other, here])
            self._list_before = before

    def show_first_list(self) -> bool:
        """Watch the first of two lists again of which both are watched; false where it isn't so."""
        if not self._destinations or self._list_before is None:
            return False
        self._return_to_place(self._list_before)
        return True

    def watch_scopes(self, scopes: Sequence[Scope], place: Place | None = None) -> None:
        """Watch several graphs of the same server together, of several places of that of `place`."""
        base = self._find_base(place)
        self._join_to_present([choose_graph_of(base, scope) for scope in scopes])

    def watch_all_graphs(self, place: Place | None = None) -> None:
        """Watch all graphs of the same server together, of several places of that of `place`."""
        self._join_to_present([replace(self._find_base(place), graphs=("*",))])

    def _join_to_present(self, destinations: Sequence[Destination]) -> None:
        """Watch several places of the same server together; from there a key leads back to the one of now."""
        before = None if self._destinations else self._present_place
        self.watch_together(destinations)
        self._place_before = before

    def leave_all_graphs(self) -> bool:
        """Go back to the place from which others were joined to it; false where there is none."""
        if not self._destinations or self._place_before is None:
            return False
        self._return_to_place(self._place_before)
        return True

    def _return_to_place(self, destination: Destination) -> None:
        """Watch the place again from which others were joined to it, at the interval of now."""
        interval = self._present_place.options.interval
        self.open_place(replace(destination, options=replace(destination.options, interval=interval)))

    def _find_base(self, place: Place | None) -> Destination:
        """How the server is reached that a choice is of."""
        found = None if place is None else self._factory.find_destination(place)
        return found or self._present_place

    def watch_together(self, destinations: Sequence[Destination]) -> None:
        """Watch several places together, each with what guards it."""
        self._stop_opening_profile()
        if self.target is not None:
            self._profile_states |= self._describe_profiles(is_shown=False)
        self._leave_place(to_other_profile=True)
        self._place_before, self._places_before = None, ()
        self._destinations = tuple(destinations)
        self.target = destinations[0].target
        self.options = join_options(destinations, self.options)
        self.run_worker(self._show_tasks_and_ask_logins(), group="place", exit_on_error=True)

    async def _show_tasks_and_ask_logins(self) -> None:
        """Show the tasks of several places, and ask for one password after the other where any is missing."""
        await self._show_tasks()
        destinations = self._destinations
        for one in destinations:
            is_wanted = one.asks_password and one.target.credentials.kind is None
            if is_wanted and self._destinations is destinations:
                is_typed = await self._login.ask_for_place(one.target, one.options)
                if not is_typed:
                    later = "Press A and enter on it to sign in."
                    self._show_warning(f"{one.target.profile} is not signed in. {later}")

    @property
    def _present_place(self) -> Destination:
        """The one place that is watched, to come back to, at the interval of now."""
        monitor = self._shown_monitor
        options = self.options if monitor is None else replace(self.options, interval=monitor.interval)
        return Destination(self.current_target, options)

    def open_watched_place(self, place: Place) -> None:
        """Watch one of several places alone."""
        destination = self._factory.find_destination(place)
        if destination is not None:
            together, hidden = self._destinations, self._list_hidden_places()
            self.open_place(destination)
            self._places_before, self._hidden_before = together, hidden
            self.notify("Press A to go back to all places.")

    def watch_places_again(self) -> bool:
        """Watch the places together of which one was opened alone; false where it isn't so."""
        if self._destinations or not self._places_before:
            return False
        self.clear_notifications()
        hidden = self._hidden_before
        self.watch_together(self._places_before)
        if self._view_settings is not None:
            self._view_settings = replace(self._view_settings, hidden=hidden)
        return True

    def _list_hidden_places(self) -> tuple[ViewPlace, ...]:
        """The places whose rows are hidden now."""
        from tui.monitor.saved_shape import name_hidden_places

        monitor = self._shown_monitor
        return () if monitor is None else name_hidden_places(monitor.places)

    def has_place_login(self, place: Place) -> bool:
        """Whether one of several places is sent a login."""
        destination = self._factory.find_destination(place)
        return destination is not None and destination.target.credentials.has_login

    def ask_place_login(self, place: Place, error: NotLoggedIn) -> None:
        """Ask for the login of one of several places."""
        destination = self._factory.find_destination(place)
        if destination is not None:
            self._login.ask(error, destination.target, destination.options, with_host=True)

    def list_view_places(self) -> tuple[ViewPlace, ...]:
        """The places that are watched, as a saved view holds them; none of the demo."""
        from tui.monitor.saved_shape import make_view_place

        target, monitor = self.current_target, self._shown_monitor
        if monitor is None or target.demo is not None:
            return ()
        if self._destinations:
            return tuple(make_view_place(one.target, graphs=one.graphs) for one in self._destinations)
        return (make_view_place(target, monitor.only.backend.source),)

    def begin_with_view(self, view: SavedView) -> None:
        """Show the tasks of the first place as a view says; called before the program runs."""
        from tui.screens.tasks.view_settings import use_saved_view

        self._view_settings = use_saved_view(view, self._view_settings, utc=self.options.utc)

    def begin_with_notes(self, notes: Sequence[str]) -> None:
        """Show these sentences with the first frame; called before the program runs."""
        self._first_notes = tuple(notes)

    def open_view(self, view: SavedView) -> None:
        """Watch the places of a view, and show their tasks as it says."""
        self.run_worker(self._open_view(view), group="profile", exclusive=True)

    async def _open_view(self, view: SavedView) -> None:
        from tui.screens.tasks.view_settings import use_saved_view
        from tui.screens.view_places import find_view_destination

        assert self._profile_source is not None, "a view needs profiles"
        opened: list[Destination] = []
        for place in view.places:
            try:
                opened.append(await find_view_destination(self._profile_source, place, self.options))
            except CannotOpen as error:
                self.notify(sanitize(str(error)), severity="error", timeout=UNTIL_READ_SECONDS)
        if not opened:
            return
        self._watch_opened(opened)
        self._view_settings = use_saved_view(view, self._view_settings, utc=self.options.utc)
        for warning in (one.warning for one in opened if one.warning):
            self._show_warning(warning)

    def open_profiles(self, names: Sequence[str]) -> None:
        """Watch the places of several profiles together, once their logins are known."""
        self.run_worker(self._open_profiles(names), group="profile", exclusive=True)

    async def _open_profiles(self, names: Sequence[str]) -> None:
        assert self._profile_source is not None, "a profile needs its source"
        opened: list[Destination] = []
        for name in names:
            try:
                opened.append(await self._profile_source.open_profile(name, self.options))
            except CannotOpen as error:
                self._show_warning(f"{name} is left out. {error}")
        for warning in (one.warning for one in opened if one.warning):
            self._show_warning(warning)
        if opened:
            self._watch_opened(opened)

    def _watch_opened(self, opened: Sequence[Destination]) -> None:
        """Watch what could be opened of several places: together, or the only one alone."""
        if len(opened) > 1:
            self.watch_together(opened)
        else:
            self.open_place(opened[0])
