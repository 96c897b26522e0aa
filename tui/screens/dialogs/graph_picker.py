"""The picker of graphs: beside each graph what is known of its tasks, asked for where it is cheap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from msgspec.structs import replace
from textual import on
from textual.widgets import Input

from backend_adapters.errors import (
    BackendError,
    Busy,
    NotAllowed,
    NotLoggedIn,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
)
from backend_adapters.model import RunningCount, Scope
from tui.screens.dialogs.choice_list import Choice, SearchedList
from tui.screens.dialogs.marking_picker import MarkingPicker
from tui.text import format_count, sanitize_label

MOST_IN_FLIGHT = 2
"""Graphs that are asked about at once."""
MOST_ASKED = 40
"""Graphs that are asked about while the picker is open."""
TRY_AGAIN_SECONDS = 1.0
"""Seconds between two looks whether the server may be asked."""

SERVER_IN_NEED = (Unreachable, TimedOut, Starting, Busy, ServerFault)
"""Answers after which nothing more is asked."""

ALL_GRAPHS = Scope(graph="*")
"""The key of the entry that stands for all graphs of a server that has no list of all of them itself."""

CountRunning = Callable[[Scope], Awaitable[RunningCount | None]]


class GraphPickerScreen(MarkingPicker[Scope]):
    """Asks about the graphs on the screen, two at a time, and stops at the first sign of a server in need.

    What is asked for ends with the picker: its workers are cancelled when it is removed.
    """

    def __init__(
        self,
        current: Scope,
        known: Mapping[Scope, str],
        count_running: CountRunning,
        may_ask: Callable[[], bool],
        *,
        watched: Collection[Scope] = (),
        others: str = "",
        server: str = "",
        ascii: bool = False,
    ) -> None:
        """`known` says what is known without asking, `others` the same of all other graphs, if anything.

        `server` is its profile, where places of several are watched.
        The star stands before `current`, and before all that are `watched` together.
        `may_ask` tells whether the server can bear a question now.
        """
        title = f"Switch graph of {sanitize_label(server)}" if server else "Switch graph"
        super().__init__(title, current=current, starred=watched, ascii=ascii)
        self._known = known
        self._others = others
        self._server = sanitize_label(server)
        self._count_running = count_running
        self._may_ask = may_ask
        self._asked: set[Scope] = set()
        self._in_flight = 0
        self._has_stopped = False

    def on_mount(self) -> None:
        """Ask now, and look from time to time whether the server may be asked by then."""
        self.set_interval(TRY_AGAIN_SECONDS, self._ask_visible)
        # The graphs may have been there before the list.
        self.call_after_refresh(self._ask_visible)

    def fill_scopes(self, scopes: tuple[Scope, ...]) -> None:
        """Show these graphs, below an entry for all of them."""
        choices = [
            Choice(scope, scope.qualified_graph or "all graphs", aside=self._known.get(scope, self._others))
            for scope in scopes
        ]
        if len(scopes) > 1 and all(scope.graph for scope in scopes):
            choices.insert(0, Choice(ALL_GRAPHS, f"All graphs of {self._server or 'this server'}"))
        self.fill_choices(choices)
        self._ask_visible()

    @on(SearchedList.Scrolled)
    @on(Input.Changed)
    def _lines_changed(self) -> None:
        self.call_after_refresh(self._ask_visible)

    def _ask_visible(self) -> None:
        """Ask about graphs on the screen that nothing is known of, as many as may be asked at once."""
        if not (self.is_mounted and self.is_attached):
            return
        for choice in self.list_visible():
            stops = self._has_stopped or len(self._asked) >= MOST_ASKED or not self._may_ask()
            if stops or self._in_flight >= MOST_IN_FLIGHT:
                return
            is_graph = choice.key != ALL_GRAPHS and bool(choice.key.graph)
            if is_graph and not choice.aside and choice.key not in self._asked:
                self._asked.add(choice.key)
                self._in_flight += 1
                self.replace_choice(replace(choice, aside="..." if self._ascii else "…"))
                self.run_worker(self._ask(choice), group="counts", exit_on_error=False)

    async def _ask(self, choice: Choice[Scope]) -> None:
        """Show how many tasks of a graph run, or that it did not answer."""
        try:
            count = await self._count_running(choice.key)
        except (NotAllowed, NotLoggedIn):
            self.replace_choice(replace(choice, aside="no permission"))
        except BackendError as error:
            # The other graphs are on the same server.
            self._has_stopped = self._has_stopped or isinstance(error, SERVER_IN_NEED)
            self.replace_choice(replace(choice, aside=f"no answer: {error}", warns=True))
        else:
            self._has_stopped = self._has_stopped or count is None
            self.replace_choice(replace(choice, aside=describe_count(count)))
        finally:
            self._in_flight -= 1
        self._ask_visible()


def describe_count(count: RunningCount | None) -> str:
    """`3 running`, `100+ running`, or `none running`; nothing where it can't be told."""
    if count is None:
        return ""
    if not count.number:
        return "none running"
    return f"{format_count(count.number)}{'+' if count.more else ''} running"
