"""The application: themes, login, and the place that the tasks screen watches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.filter import Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import Screen

from backend_adapters.transport.origin import is_same_origin, is_same_server
from backend_adapters.transport.target import Target
from tui import VERSION
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.gc_tuning import resume_collection
from tui.message_log import MessageLog
from tui.monitor.clock import Clock
from tui.monitor_factory import create_backend
from tui.places_app import PlacesApp
from tui.screens.preload import import_later_modules
from tui.screens.quit_guard import QuitGuard
from tui.screens.tasks.screen import TasksScreen
from tui.screens.tasks.task_facts import describe_server_for_ticket, name_all_places
from tui.styles.sheets import PackagedStylesheet
from tui.styles.themes import DARK, PLAIN, THEMES, variable_defaults
from tui.text import format_timestamp
from tui.textual_ext.base_app import make_replaceable
from tui.toasts import ToastHints

START_SECONDS = 1.0
"""Seconds after which garbage is collected again: by then the first rows are on the screen."""

if TYPE_CHECKING:
    from tui.connection.profile_switcher import ProfileSwitcher
    from tui.monitor.history.writer import HistoryWriter
    from tui.screens.dialogs.messages import MessagesScreen
    from tui.screens.welcome import WelcomeScreen

SAVE_HINT = "To come back by a name, press : and choose Save this connection as a profile."


class Graphtop(PlacesApp):
    """Shows the welcome screen or the tasks of one place, and leads from place to place."""

    TITLE = "graphtop"
    CSS_PATH = "styles/tasks.tcss"
    DEFAULT_MODE = "places"
    """The screen at the bottom shows a place or the welcome: an empty one below it took 5 ms (measured)."""
    ENABLE_COMMAND_PALETTE = False
    """The palette is our own: Textual's opens a command that any of the letters typed appear in."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False, priority=True),
    ]

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
        """Watch `target`; without one, begin with the welcome, which needs the profiles.

        With `destinations` these are watched together, and `target` is that of the first of them. Last known
        rows are kept in `rows_folder`, and what is seen of tasks in `history`, where these are given.
        """
        super().__init__(
            target,
            options,
            clock=clock,
            profile_source=profile_source,
            rows_folder=rows_folder,
            history=history,
            destinations=destinations,
        )
        self._began_with_welcome = self.target is None
        self._failed_target: Target | None = None
        """The address that never answered, and can be corrected on the welcome."""
        self._can_suggest_saving = False
        """An address was typed on the welcome, and nobody has been told yet how to keep it."""
        self.messages = MessageLog(self._clock.now)
        """All that was said, and every action, wherever it was."""
        self._messages_screen: MessagesScreen | None = None
        """The list of messages as it was opened last."""
        self._quit_guard = QuitGuard()
        self.add_mode(self.DEFAULT_MODE, self._create_first_screen)
        self._choose_theme()
        self.stylesheet = PackagedStylesheet(self.get_css_variables())

    def _choose_theme(self) -> None:
        """Use the theme of the options, or the one that suits the terminal."""
        for theme in THEMES:
            self.register_theme(theme)
        name = self.options.theme or (PLAIN if self.console.color_system == "standard" else DARK)
        if self.no_color:
            # Textual's own filter turns colours into greys; without colour only this theme shows the cursor.
            name = PLAIN
            self.replace_line_filters(Monochrome, NoColor())
        if name in self.available_themes:
            self.theme = name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every theme the colours of the statuses."""
        return variable_defaults(self.current_theme)

    def on_mount(self) -> None:
        """Leave for a moment what the first rows need not wait for."""
        self.set_timer(START_SECONDS, self._finish_start)
        for note in self._first_notes:
            self._show_warning(note)

    def _finish_start(self) -> None:
        # The command line turned it off for the start.
        resume_collection()
        self.run_worker(import_later_modules(), group="preload", exit_on_error=False)

    def _create_first_screen(self) -> Screen[None]:
        """The tasks of the target, or the welcome."""
        screen: TasksScreen | WelcomeScreen = (
            self._create_tasks_screen() if self.target is not None else self._create_welcome()
        )
        make_replaceable(self, screen)
        return screen

    def _create_tasks_screen(self) -> TasksScreen:
        return TasksScreen(self, self.options, self._view_settings)

    @property
    def can_return_to_welcome(self) -> bool:
        """Whether the welcome is a way out: the program began there, or an address was typed."""
        return self._profile_source is not None and (self._began_with_welcome or self._is_typed_address)

    def _create_welcome(self, failed: Target | None = None) -> WelcomeScreen:
        # Imported here, as all that the first rows do not need: see `tests/terminal/test_start.py`.
        from tui.screens.welcome import WelcomeActions, WelcomeScreen

        assert self._profile_source is not None, "the welcome needs profiles"
        ways = WelcomeActions(
            profile_source=self._profile_source,
            create_backend=create_backend,
            open_target=self._open_address,
            open_profile=self.open_profile,
        )
        return WelcomeScreen(ways, failed=failed, ascii=self.options.ascii)

    def _open_address(self, target: Target) -> None:
        """Watch the server of an address that a person typed.

        If it is the one that failed before, the login and the certificates of the command line still hold.
        """
        assert self._profile_source is not None, "the welcome needs profiles"
        self._stop_opening_profile()
        failed = self._failed_target
        if failed is not None and is_same_origin(target.url, failed.url):
            target = replace(
                target,
                credentials=failed.credentials,
                tls=failed.tls,
                paths=failed.paths,
            )
        elif target.demo is None:
            self.options = replace(self.options, insecure=False)
        self._can_suggest_saving = target.demo is None
        options = (
            self.options if target.demo is not None else self._profile_source.add_guards(target, self.options)
        )
        self.open_place(Destination(target, options))

    # What is said.

    @property
    def toast_hints(self) -> ToastHints:
        """The keys of the tasks screen, as far as they can be reached."""
        has_tasks = bool(self._list_tasks_screens())
        on_tasks = has_tasks and isinstance(self.screen, TasksScreen)
        return ToastHints(
            ascii=self.options.ascii,
            shows_all="M shows all" if has_tasks else "",
            closes="esc closes this" if on_tasks else "",
        )

    def keep_message(self, said: str, severity: SeverityLevel) -> None:
        """Keep what is said, with the place that is watched."""
        self.messages.add_message(severity, said, self._name_place())

    @property
    def shows_messages(self) -> bool:
        """Whether the list of messages is open, and shows what is said now."""
        shown = self._messages_screen
        return shown is not None and self.screen is shown and shown.shows_newest

    def action_show_messages(self) -> None:
        """Show all that was said, toasts that are still on the screen among it."""
        if self._messages_screen in self.screen_stack:
            return
        from tui.screens.dialogs.messages import MessagesScreen

        self.clear_notifications()
        screens, monitor = self._list_tasks_screens(), self._shown_monitor
        utc = screens[-1].presenter.utc if screens else self.options.utc
        about = [f"graphtop {VERSION}, {format_timestamp(self._clock.now(), utc=utc)}{' UTC' if utc else ''}"]
        if monitor is not None:
            about += describe_server_for_ticket(monitor)
        self._messages_screen = MessagesScreen(
            self.messages,
            about,
            utc=utc,
            ascii=self.options.ascii,
            place=self._name_place(),
            notices=screens[-1].notices if screens else None,
        )
        self.push_screen(self._messages_screen)

    def _name_place(self) -> str:
        """What is watched now; empty for the welcome."""
        monitor = self._shown_monitor
        return "" if monitor is None else name_all_places(monitor)

    def quit_or_ask(self, key: str = "q") -> None:
        """Quit; while an action is not yet confirmed, only when asked a second time."""
        objection = self._quit_guard.find_objection(self._list_monitors())
        if objection:
            self.notify(f"{objection} Press {key} again to quit anyway.", severity="warning")
        else:
            self.exit()

    def action_use_theme(self, name: str) -> None:
        """Show everything in the colours of a theme."""
        self.theme = name

    def action_help_quit(self) -> None:
        """Tell who presses ctrl+c which keys lead out."""
        from tui.screens.welcome import WelcomeScreen

        if isinstance(self.screen, WelcomeScreen):
            # There q is a letter of the address.
            self.notify("Press ctrl+q to quit.")
        else:
            self.notify("Press q to go back or quit, ctrl+q to quit at once.")

    async def action_quit(self) -> None:
        """Quit at once, even with unconfirmed actions; ask only where the id of a new job would be lost."""
        if any(monitor.pending_creations for monitor in self._list_monitors()):
            self.quit_or_ask("ctrl+q")
        else:
            self.exit()

    def return_to_welcome(self) -> None:
        """Ask for another address after a server that never answered."""
        self._stop_opening_profile()
        # A profile's URL is not offered again: a typed address would lack the profile's safeguards.
        self._failed_target = self.current_target if self._is_typed_address else None
        self._leave_place(to_other_profile=True)
        self.target, self.options = None, self._initial_options
        self._destinations = ()
        self.show_title(self.TITLE or "")
        self.switch_screen(self._create_welcome(self._failed_target))

    def suggest_saving(self) -> str:
        """How to keep an address of the welcome that has answered; empty otherwise, and the next time."""
        is_wanted, self._can_suggest_saving = self._can_suggest_saving, False
        if not is_wanted or self._profile_source is None or not self._is_typed_address:
            return ""
        url = self.current_target.url
        known = [one.url for one in self._profile_source.list_profiles() if not one.problem]
        return "" if any(is_same_server(one, url) for one in known) else SAVE_HINT

    def action_show_profile_snippet(self) -> None:
        """Show what is watched now as a profile to paste."""
        monitor = self._shown_monitor
        if self._profile_source is None or monitor is None:
            return
        from tui.screens.dialogs.profile_snippet import create_snippet_screen

        if monitor.is_joint:
            self.notify("Several places are watched. Open one of them first: press A and enter.")
            return
        source = monitor.only.backend.source
        target = replace(self.current_target, graph=source.graph or None, graphspace=source.graphspace)
        self.push_screen(
            create_snippet_screen(self._profile_source, target, self.options, ascii=self.options.ascii)
        )
