"""The tasks screen: its widgets, its keys, and what each key does."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.notifications import SeverityLevel
from textual.screen import Screen

from backend_adapters.model import Action, TaskId, TaskKey
from tui import text
from tui.config.options import ScreenOptions
from tui.gc_tuning import collect_previous_screen, freeze_screen_objects, unfreeze_objects
from tui.monitor.last_rows import LastRows
from tui.monitor.monitor import Monitor
from tui.monitor.view import PROBLEMS_KEY, Order, Shape
from tui.screens.tasks.action_controller import ActionController
from tui.screens.tasks.filter_line import FilterLine
from tui.screens.tasks.interfaces import TasksHost, create_parts
from tui.screens.tasks.key_bindings import KEY_COMMANDS, KeyCommand, create_bindings
from tui.screens.tasks.navigation import Navigation
from tui.screens.tasks.panes import PaneController
from tui.screens.tasks.presenter import TasksPresenter
from tui.screens.tasks.problem_controller import ProblemController
from tui.screens.tasks.task_facts import name_origin
from tui.screens.tasks.view_settings import ViewController, ViewSettings, drop_places
from tui.widgets.detail_tab import DetailTab
from tui.widgets.key_footer import KeyFooter
from tui.widgets.status_tabs import StatusTabs
from tui.widgets.task_table import TaskTable
from tui.widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from tui.screens.tasks.copy_controller import CopyController
    from tui.screens.tasks.notice_controller import NoticeController
    from tui.screens.tasks.save_controller import SaveController
    from tui.screens.tasks.saved_view_controller import SavedViewController
    from tui.widgets.filter_bar import FilterBar

OLD_ROWS_UNMARKED = "Rows of an earlier session can't be marked. Wait for the server's answer."
SILENT_ROWS_UNMARKED = "Rows of a place that does not answer can't be marked. Press r to try again."


class TasksScreen(Screen[None]):
    """The tasks of one graph, and all that can be done with them."""

    AUTO_FOCUS = "TaskTable"
    """Without it, keys typed before the first frame would go into the hidden filter line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *create_bindings(),
        # Apart from the colon, which is a letter where something is typed: the footer shows one that works.
        Binding("ctrl+p", "open_palette", show=False),
    ]

    def __init__(self, host: TasksHost, options: ScreenOptions, settings: ViewSettings | None = None) -> None:
        """`settings` are those of the tasks screen that was shown before this one."""
        super().__init__()
        self.set_class(options.ascii, "-ascii")
        self.options = options
        self._host = host
        self._settings = settings
        self.parts = create_parts(ascii=options.ascii)
        self.filter_line = FilterLine(self, self.parts, ascii=options.ascii)
        self.panes = PaneController(self, self.parts, ascii=options.ascii)
        self.actions = ActionController(self, self.parts.table, options, host.messages)
        self.problems = ProblemController(self, self.parts, host)
        self.presenter = TasksPresenter(host, self, self.parts, self.actions, options)
        self.view_controller = ViewController(self, self.parts, self.presenter, ascii=options.ascii)
        self._notices: NoticeController | None = None
        self.navigation: Navigation | None = None
        """None before the first frame."""

    def compose(self) -> ComposeResult:
        """Header, tabs, table and footer; the filter and the detail come when they are opened."""
        # Before the widgets are there: each class that is set later searches all rules for all of them.
        self.panes.place_detail(self.app.size)
        yield self.parts.header
        yield self.parts.tabs
        with Horizontal(id="body"):
            yield self.parts.table
        yield KeyFooter(self._is_left_out)

    # Begin and end.

    @property
    def monitor(self) -> Monitor | None:
        """The monitor; None before the first frame, and once the screen has been left."""
        return self.presenter.monitor

    def on_mount(self) -> None:
        """Draw the last known rows, or the empty screen: what talks to the server is imported after that."""
        settings = self._settings
        if settings is not None:
            self.view_controller.apply_look(settings)
        is_narrowed = settings is not None and settings.is_narrowed
        order = Order() if settings is None else settings.order
        # The numbers of groups would be of these rows only, and a filter could leave none.
        rows = None if is_narrowed else self._host.read_last_rows(drop_places(Shape(order=order)))
        if rows is not None:
            self.presenter.draw_first_rows(rows)
        self.call_after_refresh(self._start_behind_rows if rows is not None else self._start_monitor, rows)

    def _start_behind_rows(self, rows: LastRows) -> None:
        """Let the terminal show the rows first: what talks to the server takes a while to import."""
        self._host.call_after_frame(partial(self.call_later, self._start_monitor, rows))

    def _start_monitor(self, rows: LastRows | None) -> None:
        ascii, monitor = self.options.ascii, self._host.make_monitor(self.presenter, rows)
        self.presenter.attach(monitor)
        self.panes.attach(monitor)
        self.navigation = Navigation(self, self._host, monitor, ascii=ascii)
        if self._settings is not None:
            collect_previous_screen()
            self.view_controller.apply_settings(self._settings, monitor)
        if self.filter_line.text:
            # It was typed before there was anything to filter with.
            self.view_controller.filter_rows(self.filter_line.text)
        if self._host.has_kept_notices:
            self._notices = self._make_notices(monitor)
            self._notices.take_over()
        freeze_screen_objects(reading=True)
        monitor.start_watching()
        self.presenter.draw_all()
        if self.panes.is_reading:
            self.panes.follow_cursor(by_person=True)
        self.set_interval(1.0, self.presenter.draw_tick)
        # Terminals that don't report the focus leave it at its first value: focused.
        self.watch(self.app, "app_focus", self._set_focused)

    def _set_focused(self, focused: bool) -> None:
        """Poll more slowly while another window has the focus."""
        if self.monitor is not None:
            self.monitor.set_focused(focused)
            if focused:
                self.presenter.note_look()
            self.presenter.draw_header()

    def leave_monitor(self, monitor: Monitor, *, to_other_profile: bool) -> ViewSettings:
        """Stop drawing `monitor`, which goes on with its actions; the reports name its place from now on.

        They name the profile as well where the next screen shows another one.
        """
        settings = self.view_controller.read_settings(monitor)
        if self._notices is not None:
            self._notices.leave()
        self.presenter.detach()
        self.problems.detach()
        self.actions.name_origin(name_origin(monitor, with_profile=to_other_profile))
        if self.panes.detail is not None:
            self.panes.detail.clear_texts()
        return settings

    async def on_unmount(self) -> None:
        """Stop the monitor and close its connections."""
        unfreeze_objects()
        if self.panes.detail is not None:
            self.panes.detail.cancel_request()
        if self.monitor is not None:
            await self.monitor.aclose()

    # What the presenter and the controllers need.

    @property
    def can_draw(self) -> bool:
        """Whether all widgets are there: while the program ends they go one after the other."""
        return self.is_mounted and self.is_attached

    @property
    def can_return(self) -> bool:
        """Whether esc leads back to the welcome: it is a way out, and this server never answered."""
        health = self.monitor.health if self.monitor is not None else None
        has_failed = health is not None and bool(health.error) and not health.last_ok
        return has_failed and self._host.can_return_to_welcome

    def find_siblings(self) -> None:
        """Ask the server which other lists it has."""
        if self.navigation is not None:
            self.run_worker(self.navigation.find_siblings(), group="siblings", exit_on_error=False)

    def show_message(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Show a sentence at the bottom right, without secrets and control characters."""
        self.notify(text.sanitize_label(sentence), severity=severity)

    # What only some keys need: the first rows do not wait for it.

    @cached_property
    def copying(self) -> CopyController:
        """What copies."""
        from tui.screens.tasks.copy_controller import CopyController

        return CopyController(self, self._host, ascii=self.options.ascii)

    @cached_property
    def saving(self) -> SaveController:
        """What saves texts."""
        from tui.screens.tasks.save_controller import SaveController

        return SaveController(self)

    @cached_property
    def saved_views(self) -> SavedViewController:
        """What saves views, and opens them."""
        from tui.screens.tasks.saved_view_controller import SavedViewController

        return SavedViewController(self, self._host, ascii=self.options.ascii)

    @property
    def notices(self) -> NoticeController | None:
        """What a person wants to be told of; None where nothing was asked for yet."""
        return self._notices

    # What can be done here and now.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what makes no sense here, grey what is not permitted."""
        if action == "act_on_tasks":
            # Greyed; `on_key` says why.
            return None if self.actions.get_blocked_reason(Action(parameters[0])) else True
        if action == "toggle_full":
            return self.panes.is_reading
        if action == "show_hidden_places":
            return self.monitor is not None and any(one.is_hidden for one in self.monitor.places)
        if action == "show_sibling":
            return self.navigation is not None and self.navigation.sibling is not None
        return True

    def _is_left_out(self, action: str) -> bool:
        """Whether a key has no room in the footer here, where others are more likely to be wanted."""
        monitor = self.monitor
        is_joint = monitor is not None and monitor.is_joint
        is_of_problems = monitor is not None and monitor.wanted.group.key == PROBLEMS_KEY
        match action:
            case "choose_graph":
                return is_joint
            case "show_places":
                return not is_joint
            case "show_next_problem" | "set_problem_aside":
                return not is_of_problems
        return False

    def get_blocked_reason(self, command: KeyCommand) -> str:
        """Why a command that changes something can't be carried out now, as a sentence; or nothing."""
        if command.task_action is not None:
            return self.actions.get_blocked_reason(command.task_action)
        return self.actions.get_creation_ability().reason if command.action == "create_job" else ""

    def on_key(self, event: events.Key) -> None:
        """Say why a greyed or a hidden key does nothing; in a line that is edited it edits."""
        if isinstance(self.focused, TypedLine):
            return
        if event.key == "L" and self.navigation is not None:
            event.stop()
            self.navigation.show_sibling()
        if event.key == "space" and self.focused is self.parts.table and self.parts.table.is_on_old_row:
            event.stop()
            self._refuse_old_marks()
        for command in KEY_COMMANDS:
            if command.task_action is not None and event.key in command.binding.split(","):
                reason = self.actions.get_blocked_reason(command.task_action)
                if reason:
                    event.stop()
                    self.show_message(reason, severity="warning")

    # The panes.

    def on_resize(self, event: events.Resize) -> None:
        """Place the detail beside, below, or over the table."""
        self.panes.place_detail(event.size)

    @on(TaskTable.CursorMoved)
    def _cursor_moved(self, event: TaskTable.CursorMoved) -> None:
        self.panes.follow_cursor(by_person=event.by_person)

    @on(TaskTable.MarksChanged)
    def _marks_changed(self) -> None:
        self.presenter.draw_titles()
        self.refresh_bindings()

    @on(TaskTable.Opened)
    async def _task_opened(self) -> None:
        await self.panes.open_answer()

    @on(TaskTable.FoldOpened)
    def _fold_opened(self) -> None:
        self.view_controller.show_group("1")

    @on(TaskTable.MarkingRefused)
    def _marking_refused(self, event: TaskTable.MarkingRefused) -> None:
        if event.is_old:
            self._refuse_old_marks()
            return
        self.show_message("Folded tasks are not marked. Press enter on a group to show its tasks first.")

    def _refuse_old_marks(self) -> None:
        is_joint = self.monitor is not None and self.monitor.is_joint
        self.show_message(SILENT_ROWS_UNMARKED if is_joint else OLD_ROWS_UNMARKED, severity="warning")

    def on_detail_pane_tab_opened(self) -> None:
        """Read what the tab shows."""
        self.panes.read_open_tab()

    def on_detail_pane_tab_chosen(self) -> None:
        """Open this tab for such tasks from now on."""
        self.panes.remember_tab()

    def action_next_pane(self) -> None:
        """Go from the table to the detail, or back."""
        self.panes.focus_next_pane()

    async def action_open_tab(self, index: int) -> None:
        """Open the detail at a tab."""
        await self.panes.open_tab(DetailTab(index))

    def action_toggle_full(self) -> None:
        """Give the whole body to the detail, or share it again."""
        self.panes.toggle_full()

    def action_quit_or_back(self) -> None:
        """Close the detail if it is open, or quit; asks while an action is not yet confirmed."""
        if self.panes.is_reading:
            self.panes.close_detail()
        else:
            self._host.quit_or_ask()

    def action_step_back(self) -> None:
        """Go one step back; never quits. A toast that stays until it is read lies on top of all else."""
        if self._host.close_persistent_toast() or self.saving.stop_saving():
            return
        if self.panes.end_search() or self.panes.close_step():
            return
        if self.parts.table.fold_group_of_cursor():
            return
        if self.filter_line.text:
            self.filter_line.set_text("")
            self.view_controller.filter_rows("")
        elif self.parts.table.marks:
            self.parts.table.action_unmark_all()
        elif self.view_controller.is_grouped:
            self.view_controller.group_by(None)
        elif self.can_return:
            self._host.return_to_welcome()
        else:
            self.app.clear_notifications()

    def action_go_to(self, task_key: TaskKey, task_id: TaskId | None = None) -> None:
        """Put the cursor on a task that another one names, by its id where the key is another one."""
        if not self.parts.table.place_cursor(task_key):
            known = self.monitor is not None and self.monitor.session_rows.find_task(task_key) is not None
            why = "is hidden by the current view" if known else "no longer exists"
            self.show_message(f"Task {task_id or task_key} {why}.", severity="warning")

    # How the tasks are shown.

    async def action_open_filter(self) -> None:
        """Open the filter line."""
        await self.filter_line.open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show the rows that match."""
        self.view_controller.filter_rows(event.text)

    def action_show_group(self, key: str) -> None:
        """Show the tasks of one status tab."""
        self.view_controller.show_group(key)

    @on(StatusTabs.TabClicked)
    def _status_tab_chosen(self, event: StatusTabs.TabClicked) -> None:
        self.view_controller.show_group(event.group_key)

    def action_invert_order(self) -> None:
        """Turn the order round."""
        self.view_controller.invert_order()

    def action_choose_sort_column(self) -> None:
        """Choose the column to sort by."""
        self.view_controller.choose_sort_column()

    def action_choose_grouping(self) -> None:
        """Choose what to group the tasks by."""
        self.view_controller.choose_grouping()

    @on(TaskTable.HeadClicked)
    def _head_clicked(self, event: TaskTable.HeadClicked) -> None:
        self.view_controller.sort_by_head(event.key)

    def action_toggle_wide(self) -> None:
        """Show more columns, or fewer."""
        table = self.parts.table
        table.wide = not table.wide
        # When tasks end is only found out where there is a column for it.
        self.presenter.draw_all()
        left_out = table.columns_left_out if table.wide else ()
        if left_out:
            self.show_message(f"All columns are on; no room here for {text.join_some(left_out)}.")
        elif self.panes.is_reading:
            self.show_message("All columns are on." if table.wide else "The usual columns are on.")

    def action_show_next_times(self) -> None:
        """Go on from ages to local times to UTC."""
        self.view_controller.show_next_times()
        table = self.parts.table
        if table.time_format != "age" and "age" in table.columns_left_out:
            self.show_message("No room here for times of creation; enter shows those of a task.")

    def action_change_interval(self, step: int) -> None:
        """Poll faster or slower."""
        self.view_controller.change_interval(step)

    def action_toggle_all_graphs(self) -> None:
        """Show all graphs of this server together, or go back."""
        if self.navigation is not None:
            self.navigation.toggle_all_graphs()

    # The refresh.

    def action_refresh(self) -> None:
        """Ask now, and read everything again."""
        if self.monitor is not None:
            self.monitor.refresh_all()
        if self.panes.detail is not None and self.panes.is_reading:
            self.panes.detail.retry_texts()

    def action_toggle_pause(self) -> None:
        """Stop asking, or go on."""
        if self.monitor is not None:
            self.monitor.set_paused(not self.monitor.is_paused)

    # What needs a person.

    async def action_show_next_problem(self) -> None:
        """Go to the next problem."""
        await self.problems.show_next()

    def on_problem_lines_left(self) -> None:
        """Go from the problems above the table to its first row."""
        self.set_focus(self.parts.table)

    def action_set_problem_aside(self) -> None:
        """Set the problem of the selected task aside until it changes."""
        self.problems.set_selected_aside()

    def action_choose_set_aside(self) -> None:
        """Choose a problem that is set aside and show it again."""
        self.problems.choose_set_aside()

    # Acting, copying, saving, telling.

    def action_request_notice(self) -> None:
        """Ask to be told when the task, or all marked, have ended."""
        if self._notices is None and self.monitor is not None:
            self._notices = self._make_notices(self.monitor)
        if self._notices is not None:
            self._notices.request_notice()

    def _make_notices(self, monitor: Monitor) -> NoticeController:
        # Imported here: the first rows do not wait for it.
        from tui.screens.tasks.notice_controller import NoticeController

        return NoticeController(self, self._host, monitor, ascii=self.options.ascii)

    def action_act_on_tasks(self, name: str) -> None:
        """Ask before an action on the marked tasks, or on the one under the cursor."""
        self.actions.request_action(Action(name))

    def action_stop_sending(self) -> None:
        """Send nothing more of an action on many tasks."""
        self.actions.stop_sending()

    def action_copy_id(self) -> None:
        """Copy the task's id."""
        self.copying.copy_id()

    def action_choose_copy_field(self) -> None:
        """Choose a field of the task and copy it."""
        self.copying.choose_field()

    def action_save_text(self) -> None:
        """Save the text that is shown, or all of one that is cut, or stop saving that."""
        self.saving.save_open_text(self.panes.detail if self.panes.is_reading else None)

    # Other places.

    def action_choose_graph(self) -> None:
        """Choose another graph of this server."""
        if self.navigation is not None:
            self.navigation.choose_graph()

    def action_show_places(self) -> None:
        """Show the places that are watched together."""
        if self.navigation is not None:
            self.navigation.show_places(utc=self.presenter.utc)

    def action_show_hidden_places(self) -> None:
        """Show the rows of all places again."""
        if self.monitor is not None:
            self.monitor.show_hidden_places()

    def action_save_view(self) -> None:
        """Save what is shown under a name."""
        self.saved_views.save_view()

    def action_open_view(self) -> None:
        """Choose a saved view and open it."""
        self.saved_views.choose_view()

    def action_show_sibling(self) -> None:
        """Show the other list of this graph."""
        if self.navigation is not None:
            self.navigation.show_sibling()

    def action_create_job(self) -> None:
        """Create a job from a recipe, or say why none can be created."""
        reason = self.actions.get_creation_ability().reason
        if reason:
            self.show_message(reason, severity="warning")
        elif self.navigation is not None:
            self.navigation.choose_recipe()

    def action_use_table(self, name: str) -> None:
        """Do what a key of the table does."""
        getattr(self.parts.table, f"action_{name}")()

    def action_open_palette(self) -> None:
        """Choose a command by its words."""
        # Imported here, as all dialogs are: the first rows do not wait for them.
        from tui.screens.dialogs.command_palette import PaletteScreen
        from tui.screens.tasks.palette_choices import (
            list_command_choices,
            list_theme_choices,
            name_theme_action,
        )

        themes, other_themes = list_theme_choices(self.app.available_themes, self.app.theme)
        palette = PaletteScreen(
            list_command_choices(self, themes),
            more=other_themes,
            current=name_theme_action(self.app.theme),
            ascii=self.options.ascii,
        )
        self.app.push_screen(palette, self._run_command)

    async def _run_command(self, action: str | None) -> None:
        if action is not None:
            await self.run_action(action)

    def action_show_help(self) -> None:
        """Show every key."""
        from tui.screens.dialogs.help import HelpScreen

        commands = [command for command in KEY_COMMANDS if command.keys]
        self.app.push_screen(
            HelpScreen(commands, ascii=self.options.ascii, places=self.parts.table.shows_places)
        )
