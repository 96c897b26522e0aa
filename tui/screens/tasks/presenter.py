"""Listens to the monitor and draws what it reports: header, tabs, table, and the open detail."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.content import Content
from textual.timer import Timer

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Place, Task, TaskKey, is_different_task
from tui.config.options import ScreenOptions
from tui.free_memory import return_free_memory
from tui.gc_tuning import freeze_screen_objects
from tui.monitor.filters import FilterError
from tui.monitor.health import Health, Phase
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Report
from tui.monitor.recent_changes import RecentFailures
from tui.monitor.store import Change
from tui.monitor.view import Order, Shape
from tui.screens.tasks.action_controller import ActionController
from tui.screens.tasks.empty_table import describe_empty_table
from tui.screens.tasks.first_rows import draw_first_rows
from tui.screens.tasks.header_state import (
    get_shown_time,
    may_be_more,
    note_unknown_place,
    note_unread_reasons,
    read_header_state,
    read_tabs_state,
    rule_title,
    table_subtitle,
    table_title,
)
from tui.screens.tasks.interfaces import HistoryTroubles, ScreenParts, TasksHost
from tui.screens.tasks.kind_counter import KindCounter
from tui.screens.tasks.problem_controller import LOOK_AFTER_SECONDS
from tui.screens.tasks.row_overlays import add_estimates, build_overlays, find_old_keys
from tui.screens.tasks.window_title import describe_in_title
from tui.textual_ext.base_app import end_app_with_error

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

DRAW_DELAY = 0.04
"""Seconds in which changes are collected before the table is drawn once."""
ESTIMATE_SECONDS = 5
"""Seconds after which it is told again when the rows end."""
REFILTER_SECONDS = 15
"""Seconds after which a filter by age or duration is applied again."""


class TasksPresenter(Listener):
    """Keeps the widgets of the tasks screen in step with a monitor. It is no widget itself."""

    def __init__(
        self,
        host: TasksHost,
        screen: TasksScreen,
        parts: ScreenParts,
        actions: ActionController,
        options: ScreenOptions,
    ) -> None:
        self.monitor: Monitor | None = None
        """None before `attach`, and after `detach`: what the monitor reports is then no longer drawn."""
        self.utc = options.utc
        self._host = host
        self._screen = screen
        self._parts = parts
        self._actions = actions
        self._options = options
        self._draw_timer: Timer | None = None
        self._seconds = 0
        self._has_scanned = False
        self._target_place: tuple[Place, bool] | None = None
        """Where the selected task was when the health last changed, and whether that place answered."""
        self._has_sought_siblings = False
        self._had_overlays = False
        self._kinds = KindCounter(screen.run_worker, self.draw_soon)
        self._has_estimates = False
        """Some row tells when it ends."""
        self._drawn_shape: Shape | None = None
        self._drawn_top = 0
        self._drawn_rows = 0
        self._health: Health | None = None
        self._shown_note = ""
        self._refused_login: NotLoggedIn | None = None
        self._had_last_rows = False
        self._failures: RecentFailures | None = None
        # What was so before this screen was opened has been told.
        self._told_troubles = host.history_troubles

    def draw_first_rows(self, rows: LastRows) -> None:
        """Draw the last known rows with the first frame, before there is a monitor."""
        self._had_last_rows = True
        self._drawn_shape = rows.view.shape
        draw_first_rows(
            self._parts,
            rows,
            self._host.current_target,
            self._options,
            in_clear=self._host.is_login_in_clear,
            now=self._host.now(),
            utc=self.utc,
        )

    def attach(self, monitor: Monitor) -> None:
        """Draw what this monitor reports from now on."""
        self.monitor = monitor
        self._failures = RecentFailures(monitor.find_place, self._host.now)

    def detach(self) -> None:
        """Draw nothing any more; reports of actions are still shown."""
        self.monitor = None

    # What the monitor reports.

    def rows_changed(self, changes: Sequence[Change]) -> None:
        """Draw soon; an open dialog hears of its tasks at once, and tasks that are gone lose their marks."""
        self._actions.update_dialog(changes)
        replaced = find_replaced_keys(changes)
        self._parts.table.drop_marks(replaced)
        if self._had_last_rows:
            self._parts.table.leave_tasks(replaced)
        if self._has_target(_find_changed_keys(changes)):
            # What can be done to the tasks that are meant is another now, and the footer shows it.
            self._screen.refresh_bindings()
        self.draw_soon()

    def tasks_changed(self, changes: Sequence[Change]) -> None:
        """Count failures for the terminal's title, and tell of what a person has asked for."""
        if self.monitor is None:
            return
        if self._failures is not None:
            self._failures.note_changes(changes)
        if self._screen.notices is not None:
            self._screen.notices.follow_changes(changes)

    def place_left(self, place: Place | None) -> None:
        """Tell of the tasks of a place whose ends a person has asked for."""
        if self.monitor is not None and self._screen.notices is not None:
            self._screen.notices.follow_left_place(place)

    def note_look(self) -> None:
        """Note that somebody looks: the failures so far are no news any more."""
        if self._failures is not None:
            self._failures.reset()

    def _show_window_title(self, monitor: Monitor) -> None:
        failures = 0 if self._failures is None else self._failures.count
        self._host.show_title(describe_in_title(monitor, failures, ascii=self._options.ascii))

    def _has_target(self, keys: Set[TaskKey]) -> bool:
        """Whether one of these tasks is meant by the keys that act."""
        # Looked up once: a purge of 100,000 tasks is one such change.
        selected = self._screen.panes.selected_task if keys else None
        return (selected is not None and selected.key in keys) or any(map(self._parts.table.is_marked, keys))

    def shape_changed(self) -> None:
        """Draw another order, filter or group now; the cursor starts at the top where its task is gone."""
        monitor, table = self.monitor, self._parts.table
        rows = None if monitor is None else monitor.session_rows.view
        if rows is not None and rows.shape != self._drawn_shape:
            drawn, self._drawn_shape = self._drawn_shape, rows.shape
            is_grouped_anew = (drawn or Shape()).grouped_by != rows.shape.grouped_by
            was_on_fold = table.is_on_fold
            if is_grouped_anew:
                table.start_grouping(rows)
            table.reset_widths()
            table.forget_new_tasks()
            if was_on_fold or not table.holds_cursor(rows):
                table.start_at_top()
            self.draw_all()
            table.scroll_cursor_back()
            self._screen.problems.finish_jump()
            if was_on_fold or is_grouped_anew:
                # Who has opened the folded tasks looks at the first of them.
                self._screen.panes.follow_cursor(by_person=True)
            return
        self.draw_all()

    def filter_refused(self, error: FilterError) -> None:
        """Say in the filter line that the filter takes too long; the rows stay as they were."""
        if self._screen.can_draw:
            self._screen.filter_line.show_error(str(error), error.position, error.length)

    def overlays_changed(self) -> None:
        """Draw soon."""
        self.draw_soon()

    def health_changed(self, health: Health) -> None:
        """Draw what the header shows of it, ask for a login where the server wants one, show a new note."""
        before, self._health = self._health, health
        # The time of the last answer and its latency are drawn once a second: most polls change nothing else.
        if before is not None:
            before = replace(before, last_ok=health.last_ok, latency=health.latency)
        if self._had_overlays or before != health:
            self.draw_soon()
        self._use_capabilities(health)
        if before is not None and (before.partial, before.error) != (health.partial, health.error):
            # Nothing is sent to a place that does not answer, and the footer shows it.
            self._screen.refresh_bindings()
        self._follow_target_place()
        if before is not None and before.scanning and not health.scanning and self.monitor is not None:
            self.monitor.find_constant_columns()
        if health.scanned and self.monitor is not None:
            self._screen.problems.start_looking(self.monitor)
        if health.scanned and not self._has_scanned:
            self._has_scanned = True
            # What came first had the screen for a moment, and columns are as wide as its rows needed.
            self._parts.table.reset_widths()
            freeze_screen_objects()
            return_free_memory()
            if hint := self._host.suggest_saving():
                self._screen.show_message(hint)
        error = health.error if health.phase is Phase.BLOCKED and self.monitor is not None else None
        if isinstance(error, NotLoggedIn) and error is not self._refused_login:
            # Once for each refusal: the next try changes the health before its outcome is known.
            self._refused_login = error
            self._host.ask_login(error)
        elif health.note and health.note != self._shown_note:
            self._shown_note = health.note
            self._screen.show_message(health.note, severity="warning")

    def _follow_target_place(self) -> None:
        """Show in the footer whether something can be done where the selected task is, among several places.

        The health of all may stay the same while that place begins to answer.
        """
        task = self._screen.panes.selected_task
        if task is None or task.place is None or self.monitor is None:
            return
        watched = self.monitor.find_place(task)
        target = (task.place, watched is not None and watched.is_answering)
        if target != self._target_place:
            self._target_place = target
            self._screen.refresh_bindings()

    def _use_capabilities(self, health: Health) -> None:
        """Show the columns of this kind of server and, once all is read, look for its other lists."""
        if health.info is not None:
            self._parts.table.show_graphs(health.info.capabilities.has_graphs)
        is_alone = self.monitor is not None and not self.monitor.is_joint
        if health.scanned and is_alone and not self._has_sought_siblings and self._screen.navigation:
            self._has_sought_siblings = True
            self._screen.find_siblings()

    def operation_ended(self, report: Report) -> None:
        """Keep how an action ended, and say what became of a task after that."""
        self._actions.end_line(report)
        self._actions.report_late(report)

    def batch_ended(self, reports: Sequence[Report]) -> None:
        """Say how an action ended, on one task or on many."""
        self._actions.report_batch(reports)

    def ids_on_screen(self) -> Sequence[TaskKey]:
        """The keys of the rows that the table shows now."""
        return [task.key for task in self._tasks_on_screen()]

    def on_internal_error(self, error: BaseException) -> None:
        """End the program on a fault of graphtop's own, rather than show old rows as new."""
        end_app_with_error(
            self._screen.app, error if isinstance(error, Exception) else RuntimeError(repr(error))
        )

    # Drawing.

    @property
    def is_draw_pending(self) -> bool:
        """Whether changes are collected that are not drawn yet."""
        return self._draw_timer is not None

    def draw_soon(self) -> None:
        """Draw what has changed, in a moment: more may come."""
        if self.monitor is None or not self._screen.can_draw:
            return
        if self._is_awaited(len(self.monitor.session_rows.view)):
            self.draw_all()
        elif not self.is_draw_pending:
            self._draw_timer = self._screen.set_timer(DRAW_DELAY, self.draw_all)

    def _is_awaited(self, count: int) -> bool:
        """Whether a person waits for these rows: the first ones, and all that fill the table at the start."""
        table = self._parts.table
        if not table.has_cursor:
            return bool(count)
        return not self._has_scanned and self._drawn_rows < min(count, table.size.height)

    def draw_all(self, *, is_tick: bool = False) -> None:
        """Draw everything; `is_tick` also brings the clock of the header up to date."""
        if self._draw_timer is not None:
            self._draw_timer.stop()
            self._draw_timer = None
        monitor = self.monitor
        if monitor is None or not self._screen.can_draw:
            return
        self._draw_table(monitor)
        self.draw_header(is_tick=is_tick)
        self.draw_titles()
        if (detail := self._screen.panes.detail) is not None and self._screen.panes.is_reading:
            table = self._parts.table
            detail.follow_task(table.cursor_group, table.cursor_task)

    def _draw_table(self, monitor: Monitor) -> None:
        table, now = self._parts.table, get_shown_time(monitor)
        rows, last = monitor.session_rows.view, monitor.session_rows.last
        if self._had_last_rows and last is None:
            self._leave_last_rows(monitor)
        self._explain_empty_table(monitor)
        order = rows.shape.order
        table.show_places(monitor.is_joint, production=monitor.has_production)
        table.show_sort(order.column, descending=order.descending)
        by_cause, by_place = (rows.shape.grouped_by == kind for kind in ("cause", "place"))
        # The head of a group by cause says it of all of them.
        table.show_reasons(rows.has_failures and not by_cause)
        hidden = frozenset() if last is not None else rows.constant_columns
        if rows.shape.grouped_by is not None:
            # The heads of groups tell other times there.
            hidden |= {"eta", "place"} if by_place else {"eta"}
        table.hide_columns(hidden)
        table.show_rule(rule_title(monitor, ascii=self._options.ascii))
        # A screen around what is shown: a scroll may go there before the next draw.
        near = table.tasks_near_screen(rows, margin=1)
        overlays = build_overlays(monitor, near, now, utc=self.utc)
        if table.wants_estimates and last is None:
            self._kinds.count_missing(monitor, near)
            self._has_estimates = add_estimates(monitor, overlays, near, now)
            if self._has_estimates:
                table.show_estimates()
        table.show_rows(
            rows,
            overlays=overlays,
            now_ms=now,
            problems=frozenset(task.key for task in near if monitor.problems.has_problem(task)),
            old=find_old_keys(monitor, near) if last is None else frozenset(last.unconfirmed),
        )
        if not monitor.is_paused:
            monitor.set_shown_tasks(self._tasks_on_screen())
        if self._had_overlays and not monitor.tasks.action_count:
            table.reset_width("status")
        self._had_overlays = bool(monitor.tasks.action_count)
        self._drawn_top, self._drawn_rows = table.scroll_offset.y, len(rows)

    def _leave_last_rows(self, monitor: Monitor) -> None:
        """The next rows are the server's own; where there are none, nothing is left of the others."""
        self._had_last_rows = False
        if not len(monitor.view):
            self._parts.table.start_at_top()

    def _explain_empty_table(self, monitor: Monitor) -> None:
        if not len(monitor.session_rows.view):
            way_back = ["Press esc to enter another address."] if self._screen.can_return else []
            self._parts.table.show_when_empty([*describe_empty_table(monitor, utc=self.utc), *way_back])

    def draw_header(self, *, is_tick: bool = False) -> None:
        """Draw the header, the tabs, and the count at the filter."""
        monitor, parts = self.monitor, self._parts
        if monitor is None:
            return
        drawn = parts.header.state
        in_clear = self._host.is_login_in_clear
        troubles = self._host.history_troubles
        self._tell_history(troubles)
        state = read_header_state(
            monitor,
            self._options,
            in_clear=in_clear,
            history_fails=bool(troubles.problem),
            utc=self.utc,
        )
        if not is_tick and drawn.now and state.connection is drawn.connection:
            # Once a second is often enough: a poll that changed nothing must cost the terminal nothing.
            state = replace(state, now=drawn.now, latency=drawn.latency)
        if self._screen.notices is not None:
            state = replace(state, notices=self._screen.notices.summary)
        parts.header.show_state(state)
        parts.tabs.show_state(read_tabs_state(monitor))
        self._screen.problems.draw_places()
        note = note_unknown_place(monitor, monitor.view.shape.filter.text) or note_unread_reasons(monitor)
        rows, is_old = monitor.session_rows.view, monitor.session_rows.last is not None
        total = None if is_old else len(monitor.tasks)
        more = may_be_more(monitor) and not is_old
        self._screen.filter_line.show_count(len(rows), total, more=more, note=note)

    def _tell_history(self, troubles: HistoryTroubles) -> None:
        """Say once in full what is wrong with the history: the header has no room for it."""
        told, self._told_troubles = self._told_troubles, troubles
        for before, now in ((told.notice, troubles.notice), (told.problem, troubles.problem)):
            if now and now != before:
                self._screen.show_message(now, severity="warning")

    def draw_titles(self) -> None:
        """Draw the titles in the border of the table."""
        monitor, table, ascii = self.monitor, self._parts.table, self._options.ascii
        if monitor is None:
            return
        is_newest_first = monitor.session_rows.view.shape.order == Order()
        new = table.describe_new_tasks() if is_newest_first and not table.has_rule else ""
        subtitle = table_subtitle(monitor, table.marks, table.size.width, utc=self.utc, ascii=ascii, new=new)
        table.set_titles(Content(table_title(monitor, utc=self.utc, ascii=ascii)), subtitle)

    def show_utc(self, utc: bool) -> None:
        """Show times in UTC, or in the local zone."""
        self.utc = utc
        if self._screen.panes.detail is not None:
            self._screen.panes.detail.utc = utc
        self.draw_all()

    def draw_tick(self) -> None:
        """Once a second: bring ages, the clock, and what is under way up to date."""
        monitor = self.monitor
        if monitor is None or not self._screen.can_draw:
            return
        self._seconds += 1
        self._show_window_title(monitor)
        if self._screen.notices is not None:
            self._screen.notices.follow_kept_tasks()
        if self._seconds >= LOOK_AFTER_SECONDS:
            self._screen.problems.start_looking(monitor)
        self._screen.problems.check_places()
        rows = monitor.session_rows.view
        is_due = self._seconds % ESTIMATE_SECONDS == 0
        if is_due and self._parts.table.wants_estimates:
            self._kinds.count_missing(monitor, self._tasks_on_screen())
        if rows.depends_on_time and self._seconds % REFILTER_SECONDS == 0:
            monitor.show_shape(monitor.wanted)
        elif (
            rows.advance_time()
            or monitor.tasks.action_count
            or self._parts.tabs.state.stuck
            or self._parts.table.scroll_offset.y != self._drawn_top
            or (self._has_estimates and is_due)
        ):
            self.draw_all(is_tick=True)
            return
        self._parts.table.update_time(get_shown_time(monitor))
        self._explain_empty_table(monitor)
        self.draw_header(is_tick=True)
        if (detail := self._screen.panes.detail) is not None and self._screen.panes.is_reading:
            detail.draw_overview()

    def _tasks_on_screen(self) -> list[Task]:
        """The tasks that the screen shows, as the server told them."""
        if self.monitor is None:
            return []
        rows = self.monitor.session_rows
        shown = self._parts.table.tasks_near_screen(rows.view)
        return shown if rows.last is None else [task for task in shown if not rows.is_unconfirmed(task.key)]


def _find_changed_keys(changes: Sequence[Change]) -> set[TaskKey]:
    """The tasks that have another status than before, or are gone."""
    return {
        change.old.key
        for change in changes
        if change.old is not None and (change.new is None or change.new.status is not change.old.status)
    }


def find_replaced_keys(changes: Sequence[Change]) -> list[TaskKey]:
    """The keys whose task is gone, or belong to another task now."""
    return [
        change.old.key
        for change in changes
        if change.old is not None and (change.new is None or is_different_task(change.old, change.new))
    ]
