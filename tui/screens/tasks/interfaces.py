"""What the tasks screen needs of the application, and the widgets that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Millis, Place, Scope, Task
from backend_adapters.transport.target import Target
from tui.message_log import MessageLog
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.view import Shape
from tui.widgets.header_bar import HeaderBar
from tui.widgets.status_tabs import StatusTabs
from tui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView, ViewPlace
    from tui.screens.tasks.kept_notices import KeptNotices


class HistoryTroubles(Struct, frozen=True):
    """What is wrong with the history's file, as sentences; empty while all is well."""

    problem: str = ""
    """Why nothing is kept now."""
    notice: str = ""
    """What happened to the file since the start."""


class TasksHost(Protocol):
    """What the tasks screen needs of the application: a monitor, and the ways to other places."""

    @property
    def is_login_in_clear(self) -> bool:
        """Whether a login is sent over a connection on which others can read it."""
        ...

    @property
    def kept_notices(self) -> KeptNotices:
        """What a person has asked to be told of at places that were left."""
        ...

    @property
    def has_kept_notices(self) -> bool:
        """Whether there is anything of that kind."""
        ...

    @property
    def keeps_problems(self) -> bool:
        """Whether it is kept which problems a person has set aside: not of servers in this process."""
        ...

    messages: MessageLog
    """All that was said, and every action."""

    @property
    def history_troubles(self) -> HistoryTroubles:
        """What is wrong with the file in which it is kept what is seen of tasks."""
        ...

    @property
    def can_return_to_welcome(self) -> bool:
        """Whether the welcome is a way out: the program began there, or an address was typed."""
        ...

    @property
    def current_target(self) -> Target:
        """The place that is watched."""
        ...

    def find_target(self, task: Task) -> Target:
        """How the place of a task is reached."""
        ...

    def list_flags(self) -> list[str]:
        """The flags with which a command reaches the place that is watched."""
        ...

    def now(self) -> Millis:
        """The current time by this machine's clock."""
        ...

    def call_after_frame(self, callback: Callable[[], object]) -> None:
        """Call it once the terminal shows what is drawn now."""
        ...

    def read_last_rows(self, shape: Shape) -> LastRows | None:
        """The last known rows of the place that is watched, in a shape; None where there are none."""
        ...

    def make_monitor(self, listener: Listener, last_rows: LastRows | None) -> Monitor:
        """Create the monitor of the place that is watched; it is not started yet."""
        ...

    def ask_login(self, error: NotLoggedIn) -> None:
        """Ask for the login that the server wants."""
        ...

    def switch_to(self, scope: Scope, dialect: str, place: Place | None = None) -> None:
        """Watch another graph, or another list, of the same server: of several that of `place`."""
        ...

    def show_next_list(self, scope: Scope, dialect: str) -> None:
        """Watch the other list of the same graph, in this dialect; from there both, and then the first."""
        ...

    def show_first_list(self) -> bool:
        """Watch one of two lists again of which both are watched; false where it isn't so."""
        ...

    def watch_scopes(self, scopes: Sequence[Scope], place: Place | None = None) -> None:
        """Watch several graphs of the same server together."""
        ...

    def watch_all_graphs(self, place: Place | None = None) -> None:
        """Watch all graphs of the same server together."""
        ...

    def leave_all_graphs(self) -> bool:
        """Go back to the place from which others were joined to it; false where there is none."""
        ...

    def open_watched_place(self, place: Place) -> None:
        """Watch one of several places alone."""
        ...

    def watch_places_again(self) -> bool:
        """Watch the places together of which one was opened alone; false where it isn't so."""
        ...

    def has_place_login(self, place: Place) -> bool:
        """Whether one of several places is sent a login."""
        ...

    def ask_place_login(self, place: Place, error: NotLoggedIn) -> None:
        """Ask for the login of one of several places."""
        ...

    def list_view_places(self) -> tuple[ViewPlace, ...]:
        """The places that are watched, as a saved view holds them; none where they can't be opened again."""
        ...

    def open_view(self, view: SavedView) -> None:
        """Watch the places of a view, and show their tasks as it says."""
        ...

    def return_to_welcome(self) -> None:
        """Go back to the welcome screen."""
        ...

    def close_persistent_toast(self) -> bool:
        """Close the newest toast that stays until it is read; false where there is none."""
        ...

    def close_passing_toasts(self) -> None:
        """Close the toasts that would go away by themselves: a dialog opens where they are."""
        ...

    def suggest_saving(self) -> str:
        """How to keep what is watched, where a person should be told; empty otherwise."""
        ...

    def prepare_notices(self) -> str:
        """Find out how a person can be told of something; returns why that is not possible, or nothing."""
        ...

    def send_notice(self, text: str) -> None:
        """Tell a person of something, unless the terminal has the focus."""
        ...

    async def find_terminal(self) -> None:
        """Find out whether the terminal shows progress in its tab."""
        ...

    def show_progress(self, percent: int | None, *, has_failed: bool) -> None:
        """Show progress in the terminal's tab, without a number only that something goes on."""
        ...

    def hide_progress(self) -> None:
        """Show no progress any more."""
        ...

    def show_title(self, text: str) -> None:
        """Show a text as the terminal's title."""
        ...

    def quit_or_ask(self) -> None:
        """Quit, or ask first while an action is not confirmed."""
        ...


class ScreenParts(Struct, frozen=True):
    """The widgets of the tasks screen that are there from the first frame on.

    They are held here rather than queried: the monitor may still report while they are being removed.
    """

    header: HeaderBar
    tabs: StatusTabs
    table: TaskTable


def create_parts(*, ascii: bool) -> ScreenParts:
    """Create the widgets of the tasks screen."""
    return ScreenParts(
        HeaderBar(ascii=ascii),
        StatusTabs(ascii=ascii),
        TaskTable(ascii=ascii),
    )
