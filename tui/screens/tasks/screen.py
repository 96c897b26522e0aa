"""The screen that a person lives in: the living half, and what every key does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from msgspec.structs import replace
from textual import events, on
from textual.binding import BindingType

from backend_adapters.model import ODD_ID, Ability, Action, Task, TaskId, is_task_id
from tui import text
from tui.clipboard import CopyText
from tui.config.options import ScreenOptions
from tui.field_rules import Times
from tui.fields import COLUMNS, SORTS
from tui.monitor.filters import FilterError, compile_filter
from tui.monitor.monitor import NOT_CONNECTED
from tui.monitor.poller import INTERVALS
from tui.monitor.view import TAB_GROUPS, Order, Shape
from tui.screens.dialogs.help import HelpScreen, KeyHelp
from tui.screens.dialogs.picker import Choice, PickScreen
from tui.screens.tasks.key_bindings import KEYS, bindings
from tui.screens.tasks.navigation import Switch
from tui.screens.tasks.presenter import AskLogin, LiveScreen, MakeMonitor, OnLeave
from tui.screens.tasks.save_controller import SaveDesk
from tui.screens.tasks.task_facts import copyable_fields, why_not
from tui.widgets.detail_pane import DetailPane, DetailTab
from tui.widgets.filter_bar import FilterBar
from tui.widgets.line_input import LineInput
from tui.widgets.status_tabs import StatusTabs
from tui.widgets.task_table import TaskTable

TIMES: tuple[Times, ...] = ("age", "local", "utc")
COPY_MOST = 50_000
"""Characters that are copied: terminals drop longer OSC 52 sequences."""
"""The columns that begin with the largest when they are chosen."""


class TasksScreen(LiveScreen):
    """Tasks of one graph, and all that can be done with them."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())

    def __init__(
        self,
        make_monitor: MakeMonitor,
        options: ScreenOptions,
        *,
        in_clear: Callable[[], bool],
        on_login: AskLogin,
        on_leave: OnLeave,
        on_switch: Switch,
        on_profile: Callable[[], None],
        on_toml: Callable[[], None],
        on_quit: Callable[[], None],
        on_return: Callable[[], None] | None = None,
    ) -> None:
        """`in_clear` tells whether a login can be read on its way.

        `on_return` leads back from a place that never answered; None where there was nothing before.
        """
        super().__init__(
            make_monitor,
            options,
            in_clear=in_clear,
            on_login=on_login,
            on_leave=on_leave,
            on_switch=on_switch,
        )
        self._return = on_return
        self._quit = on_quit
        self._profile = on_profile
        self._toml = on_toml
        self.saving = SaveDesk(self.pane, self.say)

    # What can be done here and now.

    @property
    def returns(self) -> bool:
        """Whether esc leads back: there was a place to choose from, and what was chosen never answered."""
        health = self.monitor.health if self.monitor is not None else None
        return self._return is not None and health is not None and bool(health.error) and not health.last_ok

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what makes no sense here, grey what is not permitted."""
        if action == "act":
            # Greyed; `on_key` says why.
            return None if self._hindered(Action(parameters[0])) else True
        if action == "full":
            return self.has_class("-detail")
        if action == "sibling":
            return self.elsewhere is not None and self.elsewhere.sibling is not None
        if action == "create":
            return self._can_create
        return True

    def on_key(self, event: events.Key) -> None:
        """Say why a greyed or a hidden key does nothing; in a line that is edited it edits."""
        if isinstance(self.focused, LineInput):
            return
        if event.key == "L" and self.elsewhere is not None:
            event.stop()
            self.elsewhere.go_to_sibling()
        for key in KEYS:
            if key.changes and event.key in key.binding.split(","):
                reason = self._hindered(Action(key.action.split("'")[1]))
                if reason:
                    event.stop()
                    self.say(reason, severity="warning")

    def _hindered(self, action: Action) -> str:
        """Why an action can't be carried out on what is meant now, as a sentence; empty where it can."""
        reason = self.ability(action).reason
        marked = len(self.table.marks)
        if reason or self.monitor is None or marked <= 1:
            return reason or why_not(action, self._meant())
        # A hundred thousand marks are not gone through at every key: those that ended are only counted.
        store = self.monitor.store
        going = [store.tasks[one] for one in store.unfinished | store.unreadable if self.table.is_marked(one)]
        return why_not(action, going, ended=marked - len(going))

    def ability(self, action: Action) -> Ability:
        """Whether this action can be carried out now, and why not."""
        if self.options.read_only:
            return Ability(False, self._read_only)
        if self.monitor is None:
            return NOT_CONNECTED
        return self.monitor.ability(action)

    @property
    def _read_only(self) -> str:
        """Why nothing can be changed."""
        return f"It is read-only here: {self.options.read_only_origin.attribution} says so."

    # Moving between panes.

    @on(TaskTable.Opened)
    def _opened(self) -> None:
        self.open_detail()
        self.pane.focus_view()

    @on(DetailPane.TabOpened)
    def _tab_opened(self) -> None:
        if self._detail is not None and self.reading:
            self._detail.read_what_is_shown()

    def action_next_pane(self) -> None:
        """Go from the table to the detail, or back."""
        if self.table.has_focus and self.has_class("-detail"):
            self.pane.focus_view()
        else:
            self.remove_class("-full")
            self.app.stylesheet.update(self)
            self.set_focus(self.table)

    def action_tab(self, index: int) -> None:
        """Open the detail at a tab."""
        self.open_detail()
        self.pane.show_tab(DetailTab(index))
        self.pane.focus_view()

    def action_full(self) -> None:
        """Give the whole body to the detail, or share it again."""
        self.toggle_class("-full")
        if self.has_class("-full"):
            self.pane.focus_view()

    def action_back(self) -> None:
        """One step back; never quits."""
        self._step_back()

    def action_quit_or_back(self) -> None:
        """One step back if there is a pane to close, or quit; asks while an action is not yet confirmed."""
        if self.reading:
            self.close_detail()
        else:
            self._quit()

    def _step_back(self) -> None:
        if self.saving.stop():
            return
        if self.pane.end_search():
            return
        if self.has_class("-full") and self.has_class("-beside"):
            self.remove_class("-full")
        elif self.reading:
            self.close_detail()
        elif self.filter_bar.text:
            self.filter_bar.set_text("")
            self._filter("")
        elif self.table.marks:
            self.table.action_unmark_all()
        elif self.returns and self._return is not None:
            self._return()
        else:
            self.app.clear_notifications()

    def action_go_to(self, task_id: TaskId) -> None:
        """Put the cursor on a task that another one names."""
        if not self.table.place_cursor(task_id):
            known = self.monitor is not None and self.monitor.store.get(task_id) is not None
            why = "the filter hides it" if known else "it does not exist any more"
            self.say(f"Task {task_id} is not shown: {why}.", severity="warning")

    # Filter and sort.

    def action_filter(self) -> None:
        """Open the filter line."""
        self.filter_bar.start_editing()

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        self._filter(event.text)

    def _filter(self, typed: str) -> None:
        bar = self.filter_bar
        try:
            parsed = compile_filter(typed)
        except FilterError as error:
            bar.show_error(str(error), error.position, error.length)
            return
        bar.clear_error()
        self._shape(lambda shape: replace(shape, filter=parsed))

    def action_group(self, key: str) -> None:
        """Show the tasks of one status tab."""
        group = next(group for group in TAB_GROUPS if group.key == key)
        self._shape(lambda shape: replace(shape, group=group))

    @on(StatusTabs.TabClicked)
    def _tab_chosen(self, event: StatusTabs.TabClicked) -> None:
        self.action_group(event.group_key)

    def action_invert(self) -> None:
        """Turn the order round."""

        def turned(shape: Shape) -> Shape:
            return replace(shape, order=replace(shape.order, descending=not shape.order.descending))

        self._shape(turned)

    def action_sort(self) -> None:
        """Choose the column to sort by."""
        if self.monitor is None:
            return
        current = self.monitor.wanted.order.column
        choices = [Choice(key, column.title.lower()) for key, column in COLUMNS.items()]
        self.app.push_screen(
            PickScreen("Sort by", choices, current=current, ascii=self.options.ascii), self._sort_by
        )

    def _sort_by(self, column: str | None) -> None:
        if column is not None:
            order = Order(column, descending=SORTS[column].largest_first)
            self._shape(lambda shape: replace(shape, order=order))

    @on(TaskTable.HeadClicked)
    def _head_clicked(self, event: TaskTable.HeadClicked) -> None:
        if self.monitor is not None and self.monitor.wanted.order.column == event.key:
            self.action_invert()
        else:
            self._sort_by(event.key)

    def _shape(self, change: Callable[[Shape], Shape]) -> None:
        if self.monitor is not None:
            self.monitor.show(change(self.monitor.wanted))
            self._draw_bands()

    # How it is shown.

    def action_wide(self) -> None:
        """Show more columns, or fewer."""
        self.table.wide = not self.table.wide

    def action_times(self) -> None:
        """Go on from ages to local times to UTC."""
        times = TIMES[(TIMES.index(self.table.time_format) + 1) % len(TIMES)]
        self.table.time_format = times
        self.show_utc(times == "utc")

    # The refresh.

    def action_refresh(self) -> None:
        """Ask now, and read everything again."""
        if self.monitor is not None:
            self.monitor.poller.refresh_all()
        if self._detail is not None and self.reading:
            self._detail.again()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        if self.monitor is not None:
            self.monitor.poller.set_paused(not self.monitor.poller.is_paused)

    def action_interval(self, step: int) -> None:
        """Poll faster or slower."""
        if self.monitor is None:
            return
        now = self.monitor.poller.interval
        slower = [interval for interval in INTERVALS if interval > now]
        faster = [interval for interval in reversed(INTERVALS) if interval < now]
        choices = slower if step > 0 else faster
        if choices:
            self.monitor.poller.set_interval(choices[0])
            self._draw_bands()

    # Acting.

    def action_act(self, name: str) -> None:
        """Ask before an action on the marked tasks, or on the one under the cursor."""
        action, tasks = Action(name), list(self._meant())
        reason = self._hindered(action) or why_not(action, tasks)
        if reason or self.monitor is None:
            self.say(reason, severity="warning")
        elif all(task.id in self.monitor.store.overlays for task in tasks):
            self.say("An action on it is under way already.", severity="warning")
        else:
            self.actions.ask(self.monitor, action, tasks)

    def _meant(self) -> Iterator[Task]:
        """The marked tasks, else the one under the cursor; marks that a filter hides count too."""
        if self.monitor is None:
            return
        if not self.table.marks and (task := self.meant) is not None:
            yield task
        for task_id in self.table.marks:
            if (task := self.monitor.store.get(task_id)) is not None:
                yield task

    def action_stop(self) -> None:
        """Send nothing more of an action on many tasks."""
        if self.monitor is not None and self.monitor.operations.under_way:
            self.monitor.operations.stop_sending()
            self.say("Nothing more is sent. What was sent is still followed to its end.")

    # Copying.

    def action_copy_id(self) -> None:
        """Copy the task's id."""
        task = self.meant
        if task is not None and not is_task_id(task.id):
            # Whoever copies an id means to paste it behind a command.
            self.say(ODD_ID, severity="warning")
        elif task is not None:
            self._copy(task.id, "id")

    def action_copy_field(self) -> None:
        """Choose a field of the task and copy it."""
        if task := self.meant:
            fields = copyable_fields(task)
            choices = [Choice(label, label, text.sanitize_label(value)) for label, value in fields.items()]

            def picked(label: str | None) -> None:
                if label is not None:
                    self._copy(fields[label], label)

            self.app.push_screen(PickScreen("Copy a field", choices, ascii=self.options.ascii), picked)

    def _copy(self, value: str, label: str) -> None:
        shown = text.fit_cells(text.sanitize_label(value), 40).rstrip()
        cut = f" Only its first {text.format_count(COPY_MOST)} characters." if len(value) > COPY_MOST else ""
        words = f"{label} {shown} was sent to the terminal's clipboard.{cut}"
        self.app.post_message(CopyText(text.clean_for_clipboard(value[:COPY_MOST]), lambda: self.say(words)))

    def action_save(self) -> None:
        """Save the text that is shown, or all of one that is cut, or stop saving that."""
        if self.saving.stop():
            return
        desk, task = self._detail, self.meant
        tab = DetailTab.RAW if self.pane.tab is DetailTab.OVERVIEW else self.pane.tab
        if task is None or self.monitor is None or desk is None or not self.reading:
            self.say("There is no text to save: open a task's input, result or raw JSON.", severity="warning")
        elif desk.cut(tab):
            self.saving.save_whole(self.monitor, task, tab)
        elif (document := desk.text(tab)) is not None:
            self.saving.save(self.monitor, task, tab, document)
        else:
            self.say("There is no text to save here (yet).", severity="warning")

    # Elsewhere.

    def action_switch(self) -> None:
        """Choose another graph of this server."""
        if self.elsewhere is not None:
            self.elsewhere.choose_graph()

    def action_profile(self) -> None:
        """Choose another profile."""
        self._profile()

    def action_toml(self) -> None:
        """Show this place as a profile to paste."""
        self._toml()

    def action_sibling(self) -> None:
        """Show the other list of this graph."""
        if self.elsewhere is not None:
            self.elsewhere.go_to_sibling()

    def action_create(self) -> None:
        """Create a job from a recipe."""
        if self.elsewhere is not None:
            self.elsewhere.choose_recipe()

    @property
    def _can_create(self) -> bool:
        """Whether a job can be created here; the palette offers it only then."""
        info = self.monitor.health.info if self.monitor is not None else None
        return not self.options.read_only and info is not None and bool(info.capabilities.create)

    def action_help(self) -> None:
        """Show every key."""
        lines = [KeyHelp(key.group, key.keys, key.text) for key in KEYS if key.keys]
        self.app.push_screen(HelpScreen(lines, ascii=self.options.ascii))
