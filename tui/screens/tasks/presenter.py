"""The living half of the tasks screen: it owns the monitor and draws what the monitor tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Task, TaskId, is_different_task
from tui import text
from tui.config.options import ScreenOptions
from tui.gc_tuning import collect_previous_screen, freeze_screen_objects, unfreeze_objects
from tui.monitor.filters import FilterError
from tui.monitor.health import Health, Phase
from tui.monitor.monitor import Listener, Monitor
from tui.monitor.outcomes import Report
from tui.monitor.store import Change
from tui.monitor.view import Shape
from tui.screens.tasks.action_controller import ActionDesk
from tui.screens.tasks.detail_controller import DetailDesk
from tui.screens.tasks.header_state import (
    empty_text,
    shown_now,
    table_subtitle,
    table_title,
    tabs_state,
    where_state,
)
from tui.screens.tasks.navigation import Elsewhere, Switch
from tui.screens.tasks.row_overlays import overlays
from tui.screens.tasks.toasts import two_lines
from tui.screens.tasks.view_settings import Habits
from tui.textual_ext.base_app import end_with_error
from tui.textual_ext.compositor import use_fine_compositor
from tui.widgets.detail_pane import DetailPane
from tui.widgets.filter_bar import FilterBar
from tui.widgets.header_bar import HeaderBar
from tui.widgets.key_footer import KeyFooter
from tui.widgets.status_tabs import StatusTabs
from tui.widgets.task_table import TaskTable

BESIDE = 110
"""Columns from which the detail stands beside the table."""
BELOW = 22
"""Lines from which it stands below the table; with fewer it takes the whole body."""
SETTLE = 0.04
"""Seconds in which changes are gathered before the table is drawn once."""
REFRESH_TIMED = 15
"""Seconds after which a filter by age or duration is applied anew."""

AskLogin = Callable[[NotLoggedIn], None]
"""Asks for a login; given is what the server said, and what it wants."""

OnLeave = Callable[[Monitor], None]
"""Takes over a monitor whose screen goes away."""

MakeMonitor = Callable[[Listener], Monitor]


class LiveScreen(Screen[None], Listener):
    """Header, tabs, filter, table and detail, kept in step with a monitor."""

    before: ClassVar[Habits | None] = None
    """How the screen was set that has given its place to the next one."""

    AUTO_FOCUS = "TaskTable"
    """Else keys typed before the first frame would go into the hidden filter line."""

    def __init__(
        self,
        make_monitor: MakeMonitor,
        options: ScreenOptions,
        *,
        in_clear: Callable[[], bool],
        on_login: AskLogin,
        on_leave: OnLeave,
        on_switch: Switch,
    ) -> None:
        super().__init__()
        self.set_class(options.ascii, "-ascii")
        self.options = options
        self.monitor: Monitor | None = None
        self.utc = options.utc
        # Kept by name: the monitor may still tell something while the screen is being taken down.
        self.where = HeaderBar(ascii=options.ascii)
        self.tabs = StatusTabs(ascii=options.ascii)
        self.filter_bar = FilterBar(ascii=options.ascii)
        self.table = TaskTable(ascii=options.ascii)
        self.pane = DetailPane(ascii=options.ascii)
        self._make_monitor = make_monitor
        self._in_clear = in_clear
        self._ask_login = on_login
        self._hand_over = on_leave
        self._switch = on_switch
        self.elsewhere: Elsewhere | None = None
        self._asked_siblings = False
        self._detail: DetailDesk | None = None
        self._drawing: Timer | None = None
        self._seconds = 0
        self._settled = False
        self._acted = False
        self._drawn: Shape | None = None
        self._drawn_top = 0
        self._health: Health | None = None
        self._told = ""
        self._refused: NotLoggedIn | None = None
        # Textual's own sends a changed cell's whole line from the widget's left edge on.
        use_fine_compositor(self)
        self.actions = ActionDesk(
            self, production=options.production, ascii=options.ascii, on_sent=self._sent
        )

    def compose(self) -> ComposeResult:
        """The three bands."""
        # Before the widgets are there: each class that comes later is a search of all rules for all of them.
        self._place(self.app.size)
        yield self.where
        yield self.tabs
        yield self.filter_bar
        with Horizontal(id="body"):
            yield self.table
            yield self.pane
        yield KeyFooter()

    # Begin and end.

    def on_mount(self) -> None:
        """Draw the empty screen first; what talks to the server is imported after that."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        monitor = self.monitor = self._make_monitor(self)
        self._detail = DetailDesk(self.pane, monitor, self.run_worker)
        self._detail.ascii, self._detail.utc = self.options.ascii, self.utc
        self.elsewhere = Elsewhere(self, monitor, self._switch, self.say, ascii=self.options.ascii)
        before, LiveScreen.before = LiveScreen.before, None
        if before is not None:
            self._take_over(before, monitor)
        freeze_screen_objects()
        monitor.start()
        self._draw()
        self.set_interval(1.0, self._tick)
        # Terminals that tell of no focus leave it as it is: there.
        self.watch(self.app, "app_focus", self._focused)

    def _take_over(self, before: Habits, monitor: Monitor) -> None:
        """Look as the screen before did, and be paused as it was; what there is is read once all the same."""
        collect_previous_screen()
        self.table.wide, self.table.time_format = before.wide, before.times
        self.show_utc(before.times == "utc")
        monitor.show(replace(monitor.wanted, order=before.order))
        if before.paused:
            monitor.poller.set_paused(True)
            monitor.poller.refresh_all()

    def _focused(self, focused: bool) -> None:
        """Poll more slowly while another window has the focus."""
        if self.monitor is not None:
            self.monitor.poller.set_focused(focused)
            self._draw_bands()

    def leave(self, *, far: bool = False) -> None:
        """Give the place to another screen: actions under way are still followed, and reported from afar.

        `far` names the profile in the reports, as the next screen shows another one.
        """
        monitor, self.monitor = self.monitor, None
        if monitor is not None:
            LiveScreen.before = Habits(
                order=monitor.wanted.order,
                wide=self.table.wide,
                times=self.table.time_format,
                paused=monitor.poller.is_paused,
            )
            source = monitor.backend.source
            self.actions.leave(
                f"{source.profile} · {source.qualified_graph}" if far else source.qualified_graph
            )
            if self._detail is not None:
                self._detail.close()
            self._hand_over(monitor)

    async def on_unmount(self) -> None:
        """Stop the monitor and close its connections."""
        unfreeze_objects()
        if self._detail is not None:
            self._detail.forget_wish()
        if self.monitor is not None:
            await self.monitor.aclose()

    # What the monitor tells.

    def rows_changed(self, changes: Sequence[Change]) -> None:
        """Draw soon; an open dialog hears of its tasks at once, and marks of what is gone are taken off."""
        self.actions.follow(changes)
        self.table.drop_marks(replaced(changes))
        self._draw_soon()

    def shape_changed(self) -> None:
        """Another order, filter or group is ready: draw it now."""
        if self.monitor is not None and self.monitor.view.shape != self._drawn:
            self._drawn = self.monitor.view.shape
            self.table.reset_widths()
            if self.table.cursor_id is None or self.monitor.view.position(self.table.cursor_id) is None:
                self.table.start_at_top()
        self._draw()

    def filter_refused(self, error: FilterError) -> None:
        """Say at the filter's line that it takes too long; the rows stay as they were."""
        if not self._can_draw:
            return
        self.filter_bar.show_error(str(error), error.position, error.length)

    def overlays_changed(self) -> None:
        """Draw soon."""
        self._draw_soon()

    def health_changed(self, health: Health) -> None:
        """Draw what it shows; ask for a login where the server wants one."""
        before, self._health = self._health, health
        # When the last answer came, and how soon, tells the header once a second: most polls change no more.
        if before is not None:
            before = replace(before, last_ok=health.last_ok, latency=health.latency)
        if self._acted or before != health:
            self._draw_soon()
        self._fit_to(health)
        if health.scanned and not self._settled:
            self._settled = True
            freeze_screen_objects()
        error = health.error if health.phase is Phase.BLOCKED and self.monitor is not None else None
        if isinstance(error, NotLoggedIn) and error is not self._refused:
            # Once for each refusal: the next try tells of itself before it is known how it ends.
            self._refused = error
            self._ask_login(error)
        elif health.note and health.note != self._told:
            self._told = health.note
            self.say(health.note, severity="warning")

    def _fit_to(self, health: Health) -> None:
        """Show what this kind of server has: columns, and once all is read the other lists."""
        if health.info is not None:
            self.table.graphs = health.info.capabilities.has_graphs
        if health.scanned and not self._asked_siblings and self.elsewhere is not None:
            self._asked_siblings = True
            self.run_worker(self.elsewhere.find_siblings(), group="siblings", exit_on_error=False)

    def reported(self, report: Report) -> None:
        """Say what became of a task after its action had ended."""
        self.actions.reported(report)

    def batch_ended(self, reports: Sequence[Report]) -> None:
        """Say how an action ended, on one task or on many."""
        self.actions.ended(reports)

    def ids_on_screen(self) -> Sequence[TaskId]:
        """The rows that the table shows now."""
        return [task.id for task in self._tasks_on_screen()]

    def broke(self, error: BaseException) -> None:
        """A fault of graphtop's own ends the program rather than showing old rows as new."""
        end_with_error(self.app, error if isinstance(error, Exception) else RuntimeError(repr(error)))

    # Drawing.

    @property
    def returns(self) -> bool:
        """Whether esc leads back to where a place is chosen."""
        return False

    @property
    def _can_draw(self) -> bool:
        """Whether all its parts are there: while the program ends they go away one after the other."""
        return self.is_mounted and self.is_attached

    def _draw_soon(self) -> None:
        if self._drawing is not None or self.monitor is None or not self._can_draw:
            return
        if self.table.cursor_id is None and len(self.monitor.view):
            # The first rows: somebody waits for them.
            self._draw()
        else:
            self._drawing = self.set_timer(SETTLE, self._draw)

    def _draw(self, *, ticked: bool = False) -> None:
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None
        monitor = self.monitor
        if monitor is None or not self._can_draw:
            return
        table, now = self.table, shown_now(monitor)
        why = [*empty_text(monitor), *(["esc asks for another address."] if self.returns else [])]
        table.empty_text = why
        order = monitor.view.shape.order
        table.sort = (order.column, order.descending)
        table.show_rows(monitor.view, overlays=overlays(monitor, self._near_screen(), now), now_ms=now)
        if not monitor.poller.is_paused:
            monitor.reasons.set_wanted(self._tasks_on_screen())
        if self._acted and not monitor.store.overlays:
            table.reset_width("status")
        self._acted = bool(monitor.store.overlays)
        self._drawn_top = table.scroll_offset.y
        self._draw_bands(ticked=ticked)
        self._draw_titles()
        if self._detail is not None and self.reading:
            self._detail.follow()

    def _draw_bands(self, *, ticked: bool = False) -> None:
        if self.monitor is not None:
            shown = self.where.state
            state = where_state(self.monitor, self.options, in_clear=self._in_clear(), utc=self.utc)
            if not ticked and state.connection is shown.connection:
                # Once a second is often enough: a poll that changed nothing is to cost the terminal nothing.
                state = replace(state, now=shown.now, latency=shown.latency)
            self.where.show_state(state)
            self.tabs.show_state(tabs_state(self.monitor))
            rows, known = len(self.monitor.view), len(self.monitor.store)
            self.filter_bar.show_count(rows, known, more=bool(self.monitor.health.partial))

    def _draw_titles(self) -> None:
        monitor, table = self.monitor, self.table
        if monitor is None:
            return
        plain = self.options.ascii
        subtitle = table_subtitle(monitor, table.marks, table.size.width, utc=self.utc, ascii=plain)
        table.set_titles(Content(table_title(monitor, ascii=plain)), subtitle)

    def _tick(self) -> None:
        """Once a second: ages, the clock, what is under way."""
        monitor = self.monitor
        if monitor is None or not self._can_draw:
            return
        self._seconds += 1
        if monitor.view.depends_on_time and self._seconds % REFRESH_TIMED == 0:
            monitor.show(monitor.wanted)
        elif monitor.view.advance_time() or monitor.store.overlays or self.tabs.stuck or self._scrolled():
            self._draw(ticked=True)
            return
        self.table.update_time(shown_now(monitor))
        self._draw_bands(ticked=True)
        if self._detail is not None and self.reading:
            self._detail.draw()

    def _scrolled(self) -> bool:
        """Whether other rows are on the screen than were there at the last drawing."""
        return self.table.scroll_offset.y != self._drawn_top

    def _tasks_on_screen(self) -> list[Task]:
        return self._rows(self.table.scroll_offset.y, self.table.size.height)

    def _near_screen(self) -> list[Task]:
        """The rows on the screen and a screen around: where a scroll may go before the next drawing."""
        height = self.table.size.height
        return self._rows(max(0, self.table.scroll_offset.y - height), 3 * height)

    def _rows(self, first: int, count: int) -> list[Task]:
        if self.monitor is None:
            return []
        view = self.monitor.view
        return [view[row] for row in range(first, min(len(view), first + count))]

    # The detail.

    @property
    def reading(self) -> bool:
        """Whether the detail is open."""
        return self.has_class("-detail")

    @property
    def meant(self) -> Task | None:
        """The task that a key means: the one being read where the focus is, else the one under the cursor."""
        if self.reading and self._detail is not None and not self.table.has_focus:
            return self._detail.task
        return self.table.cursor_task

    def open_detail(self) -> None:
        """Show the detail of the task under the cursor; what is being read already stays."""
        if not self.reading or self.table.has_focus:
            self.add_class("-detail")
            if self._detail is not None:
                self._detail.show(self.table.cursor_task)
            if self.table.cursor_id is not None:
                # The table gets smaller now: its cursor must not be left outside.
                self.call_after_refresh(self.table.place_cursor, self.table.cursor_id)
        self.refresh_bindings()

    def close_detail(self) -> None:
        """Show the table alone."""
        self.remove_class("-detail", "-full")
        if self._detail is not None:
            self._detail.close()
        self.set_focus(self.table)
        self.refresh_bindings()

    @on(TaskTable.CursorMoved)
    def _cursor_moved(self, event: TaskTable.CursorMoved) -> None:
        # Only a person turns the page: a task that leaves the rows stays open before its reader.
        if self.reading and event.by_person and self._detail is not None:
            self._detail.show(self.table.cursor_task)
        self.refresh_bindings()

    @on(TaskTable.MarksChanged)
    def _marks_changed(self) -> None:
        self._draw_titles()
        self.refresh_bindings()

    def _sent(self) -> None:
        self.table.action_unmark_all()

    def show_utc(self, utc: bool) -> None:
        """Show moments in UTC, or in the local zone."""
        self.utc = utc
        if self._detail is not None:
            self._detail.utc = utc
        self._draw()

    def say(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Say a sentence at the bottom right, made harmless, its secrets hidden."""
        shown = two_lines(text.sanitize_label(sentence), self.app.size.width, ascii=self.options.ascii)
        self.notify(shown, severity=severity, markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Place the detail beside, below, or over the table."""
        self._place(event.size)

    def _place(self, size: Size) -> None:
        beside = size.width >= BESIDE
        below = not beside and size.height >= BELOW
        self.set_class(beside, "-beside")
        self.set_class(below, "-below")
        self.set_class(not beside and not below, "-over")


def replaced(changes: Sequence[Change]) -> list[TaskId]:
    """The ids whose task is gone, or whose id another task has now."""
    return [
        change.old.id
        for change in changes
        if change.old is not None and (change.new is None or is_different_task(change.old, change.new))
    ]
