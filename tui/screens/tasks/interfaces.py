"""What the parts of the tasks screen need of the application and of each other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from msgspec import Struct
from textual.app import App
from textual.notifications import SeverityLevel
from textual.timer import Timer

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Scope, Task
from tui.monitor.monitor import Listener, Monitor
from tui.widgets.detail_pane import DetailPane
from tui.widgets.filter_bar import FilterBar
from tui.widgets.header_bar import HeaderBar
from tui.widgets.status_tabs import StatusTabs
from tui.widgets.task_table import TaskTable


class TasksHost(Protocol):
    """What the tasks screen needs of the application: a monitor, and the ways to other places."""

    @property
    def is_login_in_clear(self) -> bool:
        """Whether a login is sent over a connection on which others can read it."""
        ...

    @property
    def can_return_to_welcome(self) -> bool:
        """Whether the program began with the welcome screen."""
        ...

    def make_monitor(self, listener: Listener) -> Monitor:
        """Create the monitor of the place that is watched; it is not started yet."""
        ...

    def ask_login(self, error: NotLoggedIn) -> None:
        """Ask for the login that the server wants."""
        ...

    def switch_to(self, scope: Scope, dialect: str) -> None:
        """Watch another graph, or another list, of the same server."""
        ...

    def return_to_welcome(self) -> None:
        """Go back to the welcome screen."""
        ...

    def quit_or_ask(self) -> None:
        """Quit, or ask first while an action is not confirmed."""
        ...


class ControllerScreen(Protocol):
    """What a controller needs of the tasks screen."""

    @property
    def app(self) -> App[object]:
        """The application, for its dialogs."""
        ...

    @property
    def monitor(self) -> Monitor | None:
        """The monitor; None before the first frame, and once the screen has been left."""
        ...

    @property
    def selected_task(self) -> Task | None:
        """The task that a key acts on."""
        ...

    def show_message(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Show a sentence as a toast."""
        ...

    def refresh_bindings(self) -> None:
        """Show in the footer which keys do something now."""
        ...

    def run_worker(
        self, work: Coroutine[Any, Any, None], *, group: str = "default", exclusive: bool = False
    ) -> object:
        """Run a coroutine beside the screen; an exclusive one ends others of its group."""
        ...


class PresenterScreen(Protocol):
    """What the presenter needs of the tasks screen."""

    @property
    def can_draw(self) -> bool:
        """Whether all widgets are there: while the program ends they go one after the other."""
        ...

    @property
    def can_return(self) -> bool:
        """Whether esc leads back to the welcome screen."""
        ...

    @property
    def is_reading(self) -> bool:
        """Whether the detail is open."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back once, after `delay` seconds."""
        ...

    def find_siblings(self) -> None:
        """Ask the server which other lists it has."""
        ...

    def end_program(self, error: Exception) -> None:
        """End the program with a crash report."""
        ...

    def show_message(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Show a sentence as a toast."""
        ...


class ScreenParts(Struct, frozen=True):
    """The widgets of the tasks screen.

    They are held here rather than queried: the monitor may still report while they are being removed.
    """

    header: HeaderBar
    tabs: StatusTabs
    filter_bar: FilterBar
    table: TaskTable
    pane: DetailPane


def create_parts(*, ascii: bool) -> ScreenParts:
    """Create the widgets of the tasks screen."""
    return ScreenParts(
        HeaderBar(ascii=ascii),
        StatusTabs(ascii=ascii),
        FilterBar(ascii=ascii),
        TaskTable(ascii=ascii),
        DetailPane(ascii=ascii),
    )
