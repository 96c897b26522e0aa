"""What a person wants to be told of: the ends of tasks, and tasks that come to match a filter."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from textual.timer import Timer

from backend_adapters.model import Place, Task
from tui import text
from tui.monitor.end_watch import EndKind, EndWatch, TaskEnd
from tui.monitor.filters import FilterError
from tui.monitor.match_watch import MatchWatch
from tui.monitor.monitor import Monitor
from tui.monitor.store import Change
from tui.monitor.unreadable import last_read_status
from tui.screens.tasks.interfaces import TasksHost
from tui.screens.tasks.kept_notices import LeftTask
from tui.screens.tasks.notice_texts import describe_ends, describe_new_matches, has_failed_end
from tui.screens.tasks.task_facts import name_task
from tui.toasts import UNTIL_READ_SECONDS

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

COLLECT_SECONDS = 1.0
"""Seconds in which what happens is collected into one notice."""
GAP_SECONDS = 5.0
"""Seconds between two notices."""
REASON_SECONDS = 4.0
"""Seconds that a notice of a failure waits for the reason, which has to be read."""
THIS_END = "end"
MATCHES = "matches"
BY_TIME = "A filter by age or duration can't be watched: tasks come to match it without any change."


AskedNotice: TypeAlias = Task | MatchWatch | LeftTask
"""What can be asked for: the end of a task, or whatever matches a filter."""


class NoticeController:
    """Watches for what a person has asked for on one screen, and tells of it."""

    def __init__(self, screen: TasksScreen, host: TasksHost, monitor: Monitor, *, ascii: bool) -> None:
        self._screen = screen
        self._host = host
        self._monitor = monitor
        self._ascii = ascii
        self._kept = host.kept_notices
        self._watch = EndWatch()
        self._filters: list[MatchWatch] = []
        self._ends: list[TaskEnd] = []
        """What has become of tasks and was not told yet."""
        self._matches: dict[str, list[Task]] = {}
        self._timer: Timer | None = None
        self._waited = 0.0
        self._told_at = -GAP_SECONDS
        self._has_failed = False
        self._is_prepared = False

    # What is asked for.

    def request_notice(self) -> None:
        """Ask for the ends of the marked tasks, or of the one under the cursor, or for a filter's matches."""
        shape = self._monitor.wanted
        if not shape.filter.text:
            self._toggle_ends()
            return
        # Imported here, as all dialogs are.
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        watch = MatchWatch(shape, self._monitor.find_place, self._host.now)
        known = next((one for one in self._filters if one.name == watch.name), None)
        name = text.sanitize_label(watch.name)
        again = "No longer tell me of" if known is not None else "Whenever a task comes to match"
        choices = [
            Choice(THIS_END, self._describe_toggle()),
            Choice(MATCHES, f"{again} {name}", blocked=BY_TIME if shape.filter.depends_on_time else ""),
        ]

        def begin(choice: str | None) -> None:
            if choice == THIS_END:
                self._toggle_ends()
            elif choice == MATCHES and known is not None:
                self.end_notice(known)
            elif choice == MATCHES:
                self._begin_filter(watch)

        self._screen.app.push_screen(PickerScreen("Tell me", choices, ascii=self._ascii), begin)

    def _describe_toggle(self) -> str:
        tasks = self._list_targets()
        number = len(self._screen.parts.table.marks) or len(tasks)
        what = "this task has ended" if number <= 1 else f"these {text.format_count(number)} tasks have ended"
        is_asked = bool(tasks) and all(task.key in self._watch for task in tasks)
        return f"{'No longer tell me when' if is_asked else 'When'} {what}"

    def _list_targets(self) -> list[Task]:
        """The marked tasks, or the one under the cursor, as the server told of them."""
        marks, selected = self._screen.parts.table.marks, self._screen.panes.selected_task
        keys = list(marks) or ([] if selected is None else [selected.key])
        return [task for key in keys if (task := self._monitor.tasks.find_task(key)) is not None]

    def _toggle_ends(self) -> None:
        tasks = self._list_targets()
        going = [task for task in tasks if not _is_finished(task)]
        if not going:
            self._screen.show_message(_explain_none(tasks), severity="warning")
        elif all(task.key in self._watch for task in going):
            self._watch.remove_tasks(task.key for task in going)
            self._say_asked("You will no longer be told when", going)
            self._follow_progress()
        else:
            self._watch.add_tasks(going)
            self._prepare()
            ended = len(tasks) - len(going)
            more = f" {text.format_count(ended)} of them had ended already." if ended else ""
            self._say_asked("You will be told when", going, more)
            self._follow_progress()
        self._screen.presenter.draw_header()

    def _say_asked(self, verb: str, tasks: Sequence[Task], more: str = "") -> None:
        what = (
            f"task {name_task(tasks[0])} ends"
            if len(tasks) == 1
            else f"{text.format_count(len(tasks))} tasks end"
        )
        self._screen.show_message(f"{verb} {what}.{more}")

    def _begin_filter(self, watch: MatchWatch) -> None:
        self._filters.append(watch)
        self._prepare()
        self._screen.show_message(
            f"You will be told whenever a task comes to match {text.sanitize_label(watch.name)}, until"
            " graphtop ends. To end it earlier, press M, then m."
        )
        self._screen.presenter.draw_header()

    def _prepare(self) -> None:
        """Find out, the first time, what the terminal can do; say where no notice can be sent."""
        if self._is_prepared:
            return
        self._is_prepared = True
        if problem := self._host.prepare_notices():
            self._screen.show_message(problem, severity="warning")
        self._screen.run_worker(self._find_terminal(), group="terminal", exit_on_error=False)

    async def _find_terminal(self) -> None:
        await self._host.find_terminal()
        self._follow_progress()

    @property
    def summary(self) -> str:
        """What is asked for, for the header: `2 tasks, status=failed`; empty where nothing is."""
        number = len(self._watch)
        tasks = [f"{text.format_count(number)} task{'' if number == 1 else 's'}"] if number else []
        if elsewhere := len(self._kept.tasks):
            tasks.append(f"{text.format_count(elsewhere)} elsewhere")
        return ", ".join([*tasks, *(text.sanitize_label(watch.name) for watch in self._filters)])

    def list_notices(self) -> list[tuple[str, AskedNotice]]:
        """What is asked for, each with what it is called."""
        filters = [(f"Whenever a task matches {text.sanitize_label(one.name)}", one) for one in self._filters]
        ends = [(f"When task {name_task(task)} ends", task) for task in self._watch.list_asked()]
        left = [(f"When task {text.sanitize(one.task_id)} ends, elsewhere", one) for one in self._kept.tasks]
        return [*filters, *ends, *left]

    def end_notice(self, asked: AskedNotice) -> None:
        """Tell of one of these no longer."""
        if isinstance(asked, MatchWatch):
            if asked in self._filters:
                self._filters.remove(asked)
            self._screen.show_message(
                f"You will no longer be told of tasks that match {text.sanitize_label(asked.name)}."
            )
        elif isinstance(asked, LeftTask):
            if asked in self._kept.tasks:
                self._kept.tasks.remove(asked)
            self._say_asked("You will no longer be told when", [asked.task])
        else:
            self._watch.remove_tasks([asked.key])
            self._say_asked("You will no longer be told when", [asked])
        self._follow_progress()
        self._screen.presenter.draw_header()

    # From one place to the next.

    def leave(self) -> None:
        """Keep for the next place what is asked for: nobody watches this one any more."""
        if self._ends or self._matches:
            self._waited = REASON_SECONDS
            self._tell()
        tasks = self._watch.list_asked()
        self._kept.keep_tasks(self._monitor, tasks)
        self._kept.filters[:] = [one.shape for one in self._filters]
        self._watch, self._filters = EndWatch(), []
        if tasks:
            self._host.hide_progress()
            what = "The task" if len(tasks) == 1 else f"The {text.format_count(len(tasks))} tasks"
            verb = "is" if len(tasks) == 1 else "are"
            self._screen.show_message(
                f"{what} whose end you want to be told of {verb} watched again when you come back here."
            )

    def take_over(self) -> None:
        """Go on with what was asked for at the place before."""
        self._filters = [
            MatchWatch(shape, self._monitor.find_place, self._host.now) for shape in self._kept.filters
        ]
        self._kept.filters.clear()

    def follow_kept_tasks(self) -> None:
        """Watch the tasks again whose place is watched again, and tell what became of them meanwhile."""
        if not self._kept.tasks:
            return
        for task, end in list(self._kept.take_tasks(self._monitor)):
            if end is None:
                self._watch.add_tasks([task])
                self._prepare()
            else:
                self._note_ends([end])
        self._follow_progress()

    # What happens.

    def follow_changes(self, changes: Sequence[Change]) -> None:
        """Note what became of the tasks that are watched, and what matches."""
        self._note_ends(self._watch.follow_changes(changes))
        for watch in list(self._filters):
            try:
                found = watch.find_matches(changes)
            except FilterError as error:
                self._filters.remove(watch)
                self._screen.show_message(
                    f"{watch.name}: {error}. It is no longer watched.", severity="error"
                )
                continue
            if found:
                self._matches.setdefault(watch.name, []).extend(found)
                self._tell_soon()
        if self._ends or self._matches:
            self._take_reasons(changes)
        if len(self._watch):
            self._follow_progress()

    def follow_left_place(self, place: Place | None) -> None:
        """Tell of the tasks of a place that is watched no longer."""
        self._note_ends(self._watch.drop_place(place))

    def _note_ends(self, ends: Sequence[TaskEnd]) -> None:
        if ends:
            self._ends += ends
            self._has_failed = self._has_failed or any(map(has_failed_end, ends))
            self._tell_soon()

    def _take_reasons(self, changes: Sequence[Change]) -> None:
        """Take the reasons that were read of failures that are not told yet."""
        read = {one.new.key: one.new for one in changes if one.new is not None and one.new.reason is not None}
        if read:
            self._ends = [_renew(end, read.get(end.task.key)) for end in self._ends]
            for tasks in self._matches.values():
                tasks[:] = [read.get(task.key, task) for task in tasks]

    def _tell_soon(self) -> None:
        if self._timer is None:
            self._waited = 0.0
            rest = self._told_at + GAP_SECONDS - monotonic()
            self._timer = self._screen.set_timer(max(COLLECT_SECONDS, rest), self._tell)

    def _tell(self) -> None:
        """Tell what has happened; where a reason is missing, a little later."""
        self._timer = None
        self._waited += COLLECT_SECONDS
        tasks = [end.task for end in self._ends if end.kind is EndKind.ENDED]
        tasks += [task for some in self._matches.values() for task in some[:1]]
        if any(task.lacks_reason for task in tasks) and self._waited < REASON_SECONDS:
            self._timer = self._screen.set_timer(COLLECT_SECONDS, self._tell)
            return
        self._told_at = monotonic()
        ends, self._ends = self._ends, []
        matches, self._matches = self._matches, {}
        if ends:
            self._say(describe_ends(ends), is_good=not any(map(has_failed_end, ends)))
        for name, found in matches.items():
            self._say(describe_new_matches(name, found), is_good=True)
        self._follow_progress()
        self._screen.presenter.draw_header()

    def _say(self, words: str, *, is_good: bool) -> None:
        """Say it here, and tell whoever looks elsewhere; what nobody saw stays until it is read."""
        stays = not (is_good and self._screen.app.app_focus)
        self._screen.notify(
            words,
            severity="information" if is_good else "error",
            timeout=UNTIL_READ_SECONDS if stays else None,
        )
        self._host.send_notice(words)

    # Progress in the terminal's tab.

    def _follow_progress(self) -> None:
        """Show how many of the ends that were asked for have come; of one task its own progress."""
        waiting = len(self._watch)
        if not waiting:
            self._has_failed = False
            self._host.hide_progress()
        else:
            percent = self._measure_progress(waiting)
            self._host.show_progress(percent, has_failed=self._has_failed)

    def _measure_progress(self, waiting: int) -> int | None:
        """Per cent of what was asked for; None where only that something goes on is known."""
        asked = self._watch.asked_count
        if asked > 1:
            return 100 * (asked - waiting) // asked or None
        (task,) = self._watch.list_asked()
        if task.progress is None or not task.progress_total:
            return None
        return min(100, 100 * task.progress // task.progress_total)


def _is_finished(task: Task) -> bool:
    status = last_read_status(task)
    return status is not None and status.is_finished


def _explain_none(tasks: Sequence[Task]) -> str:
    if not tasks:
        return "Put the cursor on a task that has not ended, or mark some."
    if len(tasks) == 1:
        word = text.sanitize_label(tasks[0].raw_status)
        return f"Task {name_task(tasks[0])} has ended already ({word})."
    return "All of these tasks have ended already."


def _renew(end: TaskEnd, read: Task | None) -> TaskEnd:
    return end if read is None or end.kind is not EndKind.ENDED else TaskEnd(read, end.kind, end.took)
