"""Cancel and delete on the tasks screen: the tasks that are meant, the dialog, and the toasts at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from backend_adapters.model import Ability, Action, Task, TaskKey
from tui import text
from tui.config.options import ScreenOptions
from tui.message_log import MAX_ACTIONS, Message, MessageLog
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import Change
from tui.monitor.watched_place import NOT_CONNECTED
from tui.screens.tasks.action_plan import (
    ActionPlan,
    explain_marks,
    explain_place,
    name_places,
    plan_action,
)
from tui.screens.tasks.group_summary import describe_group_choice
from tui.screens.tasks.report_messages import (
    describe_report,
    describe_stop,
    format_action_line,
    format_report_line,
    summarize_reports,
)
from tui.screens.tasks.task_facts import action_blocked_reason, name_all_places, name_task_place
from tui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from tui.screens.dialogs.confirm import ConfirmScreen
    from tui.screens.dialogs.confirm_text import ConfirmAnswer
    from tui.screens.tasks.screen import TasksScreen

SEARCH_COST = 20
"""To find the row of one task takes as long as to go through so many rows."""


class ActionController:
    """Turns keys into confirmed actions, and reports into toasts: one for each, or one for many."""

    def __init__(
        self, screen: TasksScreen, table: TaskTable, options: ScreenOptions, messages: MessageLog
    ) -> None:
        """`messages` gets a line for each action."""
        self._screen = screen
        self._messages = messages
        self._lines: dict[tuple[Action, TaskKey], list[Message]] = {}
        """The lines of the actions that are under way, of the same action on a task the newest last."""
        self._place = ""
        self._table = table
        self._options = options
        self._dialog: ConfirmScreen | None = None
        self._origin = ""
        self._names_whole = False
        self._reappeared: list[Report] = []

    # What can be done.

    def get_creation_ability(self) -> Ability:
        """Whether a job can be created here, and why not."""
        if self._options.read_only:
            return self._read_only
        monitor = self._screen.monitor
        if monitor is not None and monitor.is_joint:
            from tui.monitor.joint_health import ONE_PLACE_ONLY

            return ONE_PLACE_ONLY
        info = monitor.health.info if monitor is not None else None
        return NOT_CONNECTED if info is None else info.capabilities.create

    @property
    def _read_only(self) -> Ability:
        origin = self._options.read_only_origin
        return Ability(False, f"Read-only mode, set by {origin.attribution}: nothing was sent.")

    def get_blocked_reason(self, action: Action) -> str:
        """Why the action can't be carried out on the target tasks, as a sentence; empty where it can."""
        monitor, marked = self._screen.monitor, len(self._table.marks)
        if self._options.read_only or monitor is None:
            return (NOT_CONNECTED if not self._options.read_only else self._read_only).reason
        if reason := self._explain_old_row():
            return reason
        if marked <= 1:
            return self._explain_target(monitor, action)
        # With 100,000 marks not all are looked at for every key: those that have ended are only counted.
        tasks, is_marked = monitor.tasks, self._table.is_marked
        candidates = chain(tasks.iter_unfinished(), tasks.iter_unreadable())
        going = [task for task in candidates if is_marked(task.key)]
        return explain_marks(monitor, action, self._table.marks, going)

    def _explain_target(self, monitor: Monitor, action: Action) -> str:
        """Why the action can't be carried out on the one task that is meant: its own place decides."""
        task = next(self._target_tasks(), None)
        if task is None:
            reason = monitor.ability_for(action).reason or self._explain_group()
        else:
            reason = explain_place(monitor, action, task.place)
        return reason or action_blocked_reason(action, [] if task is None else [task])

    def _explain_old_row(self) -> str:
        """Why nothing is done with the selected task where it is only known from an earlier session."""
        monitor, task = self._screen.monitor, self._screen.panes.selected_task
        last = monitor.session_rows.last if monitor is not None else None
        if monitor is None or last is None or task is None:
            return ""
        if self._table.marks or task.key not in last.unconfirmed:
            return ""
        moment = text.format_minute(last.as_of, monitor.clock.now(), utc=self._screen.presenter.utc)
        return f"This row is as of {moment}. Nothing can be sent before the server has confirmed it."

    def _explain_group(self) -> str:
        """What to do where the cursor is on the head of a group and no task is meant; else empty."""
        group = self._screen.panes.selected_group
        return "" if group is None or self._table.marks else describe_group_choice(group)

    def _target_tasks(self) -> Iterator[Task]:
        """The marked tasks, also those that a filter hides; without marks the selected one."""
        monitor = self._screen.monitor
        if monitor is None:
            return
        if not self._table.marks and (task := self._screen.panes.selected_task) is not None:
            yield task
        for key in self._table.marks:
            if (task := monitor.tasks.find_task(key)) is not None:
                yield task

    # From the key to the request.

    def request_action(self, action: Action) -> None:
        """Ask before the action is carried out on the target tasks, or say why it can't be."""
        monitor, tasks = self._screen.monitor, list(self._target_tasks())
        reason = self.get_blocked_reason(action) or action_blocked_reason(action, tasks)
        if reason or monitor is None:
            self._screen.show_message(reason, severity="warning")
            return
        plan = plan_action(monitor, action, tasks)
        if not plan.tasks:
            reason = explain_place(monitor, action, tasks[0].place)
            self._screen.show_message(reason, severity="warning")
        elif all(monitor.tasks.find_overlay(task.key) for task in plan.tasks):
            which = "this task" if len(plan.tasks) == 1 else "these tasks"
            self._screen.show_message(f"An action on {which} is already in progress.", severity="warning")
        else:
            self._open_dialog(monitor, action, plan)

    def _open_dialog(self, monitor: Monitor, action: Action, plan: ActionPlan) -> None:
        """Open the dialog on those of the tasks for which the action makes sense."""
        # Imported here, as all dialogs are: the first rows do not wait for them.
        from tui.screens.dialogs.confirm import ConfirmScreen
        from tui.screens.dialogs.confirm_text import ConfirmRequest

        shown = plan.tasks
        request = ConfirmRequest(
            action=action,
            tasks=shown,
            place=name_places(monitor, plan),
            noun=plan.places[0].noun if monitor.is_joint and len(plan.places) == 1 else monitor.noun,
            production=plan.has_production if monitor.is_joint else self._options.production,
            warning=" ".join(filter(None, (plan.warning, warn_of_hidden_tasks(monitor, shown)))),
            skipped=plan.skipped,
            places=plan.places,
            left_out=plan.left_out,
        )
        # A toast would lie over the dialog's buttons; who asks for an action has read it.
        self._screen.app.clear_notifications()
        dialog = self._dialog = ConfirmScreen(request, ascii=self._options.ascii)

        def send(answer: ConfirmAnswer) -> None:
            self._dialog = None
            if answer:
                keys = set(answer)
                self._table.action_unmark_all()
                confirmed = [task for task in shown if task.key in keys]
                self._begin_lines(monitor, action, confirmed)
                monitor.start_action(action, confirmed)

        self._screen.app.push_screen(dialog, send)

    def update_dialog(self, changes: Sequence[Change]) -> None:
        """Show in an open dialog what became of its tasks meanwhile."""
        if self._dialog is not None and self._dialog.is_mounted:
            gone = [change.old.key for change in changes if change.new is None and change.old is not None]
            self._dialog.update_tasks([change.new for change in changes if change.new is not None], gone=gone)

    def stop_sending(self) -> None:
        """Send nothing more of an action on many tasks."""
        monitor = self._screen.monitor
        if monitor is None or not monitor.action_count:
            self._screen.show_message("There is no bulk action to stop.")
        else:
            self._screen.show_message(describe_stop(monitor.stop_sending()))

    # Reports.

    def _begin_lines(self, monitor: Monitor, action: Action, tasks: Sequence[Task]) -> None:
        """Begin a line for each action; those on very many tasks get theirs when they end."""
        self._place = "" if monitor.is_joint else name_all_places(monitor)
        for task in tasks[:MAX_ACTIONS]:
            line = format_action_line(action, task.id, ascii=self._options.ascii)
            place = self._place or name_task_place(task)
            self._lines.setdefault((action, task.key), []).append(self._messages.begin_action(line, place))

    def end_line(self, report: Report) -> None:
        """Say in the action's line how it ended; what happens after that gets a line of its own."""
        line = format_report_line(report, ascii=self._options.ascii)
        key = (report.action, report.task.key)
        # What is begun while the same is under way ends first: nothing is sent.
        begun = self._lines.pop(key, [])
        place = self._place or name_task_place(report.task, self._screen.monitor)
        message = begun.pop() if begun else self._messages.begin_action(line, place)
        if begun:
            self._lines[key] = begun
        self._messages.end_action(message, line, has_failed=not report.outcome.is_success)

    def name_origin(self, place: str) -> None:
        """Begin each report with a place from now on: the person looks at another one.

        An empty name means several places, which each report names: from now on with their whole names.
        """
        self._origin = f"{place}: " if place else ""
        self._names_whole = not place

    def report_batch(self, reports: Sequence[Report]) -> None:
        """Say how one action ended, or how those that were begun together did."""
        if reports:
            monitor = self._screen.monitor
            words = summarize_reports(
                reports,
                noun=monitor.noun if monitor is not None else "tasks",
                ascii=self._options.ascii,
                whole=self._names_whole,
            )
            self._show_toast(words, is_good=all(report.outcome.is_success for report in reports))

    def report_late(self, report: Report) -> None:
        """Say which deleted records the server has written again: once for all that one look found."""
        if report.outcome is Outcome.CAME_BACK:
            self._reappeared.append(report)
            if len(self._reappeared) == 1:
                self._screen.app.call_later(self._say_reappeared)

    def _say_reappeared(self) -> None:
        reports, self._reappeared = self._reappeared, []
        number = len(reports)
        many = f"{text.format_count(number)} deleted tasks reappeared.\n" if number > 1 else ""
        self._show_toast(many + describe_report(reports[0], whole=self._names_whole), is_good=False)

    def _show_toast(self, message: str, *, is_good: bool) -> None:
        said = "\n".join(text.sanitize_lines(self._origin + message))
        self._screen.app.notify(said, severity="information" if is_good else "error")


def warn_of_hidden_tasks(monitor: Monitor, tasks: Sequence[Task]) -> str:
    """A sentence where some of the tasks are not among the rows; empty for one task, or where all are."""
    if len(tasks) == 1:
        return ""
    view = monitor.view
    if SEARCH_COST * len(tasks) < len(view):
        hidden = sum(view.position(task.key) is None for task in tasks)
    else:
        shown = {task.key for task in view}
        hidden = sum(task.key not in shown for task in tasks)
    if not hidden:
        return ""
    if hidden == len(tasks):
        return "All of them are hidden by the current filter."
    if hidden == 1:
        return "1 is hidden by the current filter."
    return f"{text.format_count(hidden)} are hidden by the current filter."
