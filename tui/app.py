"""The application: themes, the palette, and which graph the one tasks screen watches."""

from __future__ import annotations

import gc
import time
from typing import ClassVar

from msgspec.structs import replace
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import Monochrome, NoColor

from backend_adapters.errors import NotLoggedIn, Wants
from backend_adapters.model import Scope, Source, TaskId
from backend_adapters.transport.target import Target
from tui.config import Options
from tui.monitor.clock import Clock
from tui.monitor.monitor import Listener, Monitor
from tui.screens.login import Credentials, LoginScreen, renew
from tui.screens.palette import KeyCommands
from tui.screens.tasks import TasksScreen
from tui.styles.themes import DARK, PLAIN, THEMES, variable_defaults

START_SECONDS = 1.0
"""Within so many seconds the first rows are there, or never by themselves."""

ASK_SECONDS = 5.0
"""Within so many seconds a second q quits although an action is not confirmed."""


class Graphtop(App[None]):
    """Watches one place at a time."""

    TITLE = "graphtop"
    CSS_PATH = "styles/tasks.tcss"
    COMMANDS: ClassVar = {KeyCommands}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]

    def __init__(self, target: Target, options: Options | None = None, *, clock: Clock | None = None) -> None:
        super().__init__()
        self.target = target
        self.options = options or Options()
        self._clock = clock or Clock()
        self._login: LoginScreen | None = None
        self._retired: list[Monitor] = []
        self._asked_to_quit: float | None = None
        for theme in THEMES:
            self.register_theme(theme)
        name = self.options.theme or (PLAIN if self.console.color_system == "standard" else DARK)
        if self.no_color:
            # Textual's own filter makes greys; without any colour only this theme shows where the cursor is.
            name = PLAIN
            self._filters[:] = [NoColor() if isinstance(had, Monochrome) else had for had in self._filters]
        if name in self.available_themes:
            self.theme = name

    def _fatal_error(self) -> None:
        # Imported here: they bring a library of highlighters that no start should wait for.
        from tui.screens.farewell import told

        self._exit_renderables.append(told(self._exception, self.console))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        # An exception's words can be a server's, and Rich hands their control characters on.
        if self._exit_renderables:
            from tui.screens.farewell import harmless

            self._exit_renderables[:] = map(harmless, self._exit_renderables)
        super()._print_error_renderables()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every theme the colours of the statuses."""
        return variable_defaults(self.current_theme)

    async def on_mount(self) -> None:
        """Show the tasks of the target."""
        await self.push_screen(self._tasks())
        # The command line turned it off for the start.
        self.set_timer(START_SECONDS, gc.enable)

    def _tasks(self) -> TasksScreen:
        return TasksScreen(
            self._make_monitor,
            self.options,
            on_login=self._ask_login,
            on_leave=self._retire,
            on_switch=self.switch_to,
            on_quit=self._quit_or_ask,
        )

    def _tasks_screens(self) -> list[TasksScreen]:
        """The tasks screen, which may lie under dialogs; two for the moment of a switch."""
        return [screen for screen in self.screen_stack if isinstance(screen, TasksScreen)]

    def _make_monitor(self, listener: Listener) -> Monitor:
        # Imported here: the first frame does not wait for the HTTP client and the wire models.
        from backend_adapters.registry import open_backend

        backend = open_backend(self.target)
        return Monitor(
            backend,
            listener=listener,
            clock=self._clock,
            interval=self.options.interval,
            busy=lambda task_id: self._acted_on(backend.source, task_id),
        )

    def _acted_on(self, source: Source, task_id: TaskId) -> bool:
        """Whether an action that was begun before a switch of the graph is still under way on this task."""
        return any(
            monitor.backend.source == source and task_id in monitor.store.overlays
            for monitor in self._retired
        )

    def _retire(self, monitor: Monitor) -> None:
        """Follow the actions of a monitor whose screen has gone to their ends."""
        self._retired.append(monitor)

        async def follow() -> None:
            try:
                await monitor.retire()
            finally:
                self._retired.remove(monitor)

        self.run_worker(follow(), group="retired", exit_on_error=False)

    def _quit_or_ask(self) -> None:
        """Quit; while an action is not yet confirmed, only when asked a second time."""
        monitors = [*self._retired, *(screen.monitor for screen in self._tasks_screens() if screen.monitor)]
        number = sum(monitor.operations.under_way for monitor in monitors)
        now = time.monotonic()
        asked = self._asked_to_quit
        if not number or (asked is not None and now - asked < ASK_SECONDS):
            self.exit()
            return
        self._asked_to_quit = now
        what = "An action is" if number == 1 else f"{number} actions are"
        self.notify(
            f"{what} not confirmed yet. Press q again to quit all the same.", severity="warning", markup=False
        )

    def switch_to(self, scope: Scope, dialect: str) -> None:
        """Watch another graph, or another list, of the same server, on a fresh screen."""
        self.target = replace(
            self.target, graph=scope.graph or None, graphspace=scope.graphspace, dialect=dialect
        )
        for screen in self._tasks_screens():
            if screen.monitor is not None:
                self.options = replace(self.options, interval=screen.monitor.poller.interval)
            screen.leave()
        self.switch_screen(self._tasks())

    def _ask_login(self, error: NotLoggedIn) -> None:
        """Ask for what the server wants, once at a time; the screen below keeps what it shows."""
        if self._login is not None:
            return
        user = self.target.credentials.user or ""
        self._login = LoginScreen(
            self.target.profile, user=user, reason=str(error), wants=error.wants, ascii=self.options.ascii
        )
        self.push_screen(self._login, lambda given: self._logged_in(given, error.wants))

    def _logged_in(self, given: Credentials | None, wants: Wants) -> None:
        self._login = None
        if given is not None:
            renew(self.target.credentials, given, wants)
            for screen in self._tasks_screens():
                if screen.monitor is not None:
                    screen.monitor.poller.wake()
