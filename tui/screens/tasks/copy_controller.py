"""Copies what is known of a task, its texts, and commands that show it, to the terminal's clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.backend import TaskRequest
from backend_adapters.errors import BackendError
from backend_adapters.model import FAILURES, ODD_ID, Task, TaskKey, is_different_task, is_task_id
from tui import text
from tui.clipboard import MAX_COPY_CHARACTERS, CopyText
from tui.connection.command_lines import format_curl, format_get_command
from tui.fields import COPIES, name_task_id
from tui.monitor.document.lines import Document
from tui.monitor.document.loading import DocumentPart, load_document
from tui.monitor.monitor import Monitor
from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.picker import PickerScreen
from tui.screens.tasks.group_summary import describe_group_choice
from tui.screens.tasks.interfaces import TasksHost
from tui.screens.tasks.task_facts import copyable_fields
from tui.widgets.detail_tab import DetailTab

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

READ_BYTES = 1 << 20
"""Bytes of a task's detail that are read for a copy."""
RESULT_LINES = 20
"""Lines of a result that are copied."""
MAX_COMMAND_IDS = 200
"""Marked tasks that a command line can name at the most."""
SHOWN_CELLS = 40
"""Cells of a copied value up to which the toast repeats it."""

FIRST_FIELDS = ("id", "name", "status")
MANY_FIELDS = {"id": "ids", "name": "names", "status": "statuses", "reason": "reasons"}
"""The fields that can be copied of several tasks, and what they are called then."""


class CopyItem(Struct, frozen=True):
    """One thing that can be copied."""

    label: str
    hint: str
    copy: Callable[[], object]


class CopyController:
    """Copies what belongs to the task that is selected on the screen, or to the marked ones."""

    def __init__(self, screen: TasksScreen, host: TasksHost, *, ascii: bool) -> None:
        self._screen = screen
        self._host = host
        self._ascii = ascii

    def copy_id(self) -> None:
        """Copy the task's id, in the whole form where several places are watched."""
        task = self._get_task()
        if task is not None and not is_task_id(task.id):
            # An id is copied to be pasted into a command line, where this one would be an option or a path.
            self._screen.show_message(ODD_ID, severity="warning")
        elif task is not None:
            self.copy_value(task.id if task.place is None else task.place.qualify_id(task.id), "id")

    def choose_field(self) -> None:
        """Let the person choose what to copy of the task, or of all marked ones."""
        marks = self._screen.parts.table.marks
        monitor, task = self._screen.monitor, self._get_task(is_needed=not marks)
        if monitor is None or (task is None and not marks):
            return
        if len(marks) > 1:
            title = f"Copy from {text.format_count(len(marks))} marked {monitor.noun}"
            items = list(self._list_many(monitor, list(marks)))
        else:
            task = (monitor.tasks.find_task(marks[0]) or task) if marks else task
            if task is None:
                return
            title = f"Copy from {monitor.noun.removesuffix('s')} {text.fit_cells(task.id, 20).rstrip()}"
            items = list(self._list_one(monitor, task))
        choices = [Choice(number, item.label, item.hint) for number, item in enumerate(items)]

        def copy(number: int | None) -> None:
            if number is not None:
                items[number].copy()

        self._host.close_passing_toasts()
        self._screen.app.push_screen(PickerScreen(title, choices, ascii=self._ascii), copy)

    # What is offered.

    def _list_one(self, monitor: Monitor, task: Task) -> Iterator[CopyItem]:
        """The fields by which a task is known, its texts, commands, and its other fields."""
        fields = {
            label: CopyItem(label, text.sanitize_label(value), partial(self.copy_value, value, label))
            for label, value in copyable_fields(task).items()
        }
        yield from (fields.pop(label) for label in FIRST_FIELDS if label in fields)
        watched = monitor.find_place(task)
        info = None if watched is None else watched.health.info
        if info is None or info.capabilities.has_texts:
            yield from self._list_texts(monitor, task)
        yield from fields.values()
        yield from self._list_commands(monitor, [task])

    def _list_texts(self, monitor: Monitor, task: Task) -> Iterator[CopyItem]:
        def offer(label: str, hint: str, part: DocumentPart) -> CopyItem:
            return CopyItem(label, hint, partial(self._copy_text, monitor, task, part))

        if task.stops_server or monitor.session_rows.is_unconfirmed(task.key):
            return
        if task.status in FAILURES:
            yield offer("error", "with its whole trace", "error")
        yield offer("script", "what was run", "script")
        if task.status.is_finished and task.status not in FAILURES:
            yield offer("result", f"the first {RESULT_LINES} lines", "result")

    def _list_many(self, monitor: Monitor, marks: list[TaskKey]) -> Iterator[CopyItem]:
        """The fields of several tasks, a line for each, and commands."""
        for key, label in MANY_FIELDS.items():
            yield CopyItem(label, "one line each", partial(self._copy_column, monitor, marks, key, label))
        if len(marks) <= MAX_COMMAND_IDS:
            tasks = [task for mark in marks if (task := monitor.tasks.find_task(mark)) is not None]
            yield from self._list_commands(monitor, tasks)

    def _list_commands(self, monitor: Monitor, tasks: list[Task]) -> Iterator[CopyItem]:
        """The commands that show these tasks elsewhere; the demo is in this program alone."""
        tasks = [task for task in tasks if is_task_id(task.id)]
        if not tasks or any(self._host.find_target(task).demo is not None for task in tasks):
            return
        yield self._offer_command("graphtop command", self._format_command(tasks))
        requests, lines = list[TaskRequest](), list[str]()
        for task in tasks:
            watched = monitor.find_place(task)
            request = None if watched is None else watched.backend.task_request(task.id)
            if request is not None:
                requests.append(request)
                lines.append(format_curl(request, self._host.find_target(task)))
        lines = list(dict.fromkeys(lines))
        if lines:
            label = "curl line" if len(lines) == 1 else "curl lines"
            if requests[0].lists_all:
                label = f"curl line for the newest {monitor.noun}"
            yield self._offer_command(label, "\n".join(lines))

    def _format_command(self, tasks: list[Task]) -> str:
        """The command that prints these tasks; where several places are watched, it names them."""
        if tasks[0].place is None:
            return format_get_command([task.id for task in tasks], self._host.list_flags())
        return format_get_command([task.place.qualify_id(task.id) for task in tasks if task.place], [])

    def _offer_command(self, label: str, command: str) -> CopyItem:
        def copy() -> None:
            self._send(command, f"the {label} ({text.format_count(len(command))} characters)")

        return CopyItem(label, text.sanitize_label(command), copy)

    # What is copied.

    def _get_task(self, *, is_needed: bool = True) -> Task | None:
        """The task that is selected; where one is needed and it is a group, this is said."""
        group = self._screen.panes.selected_group
        if group is not None and is_needed:
            self._screen.show_message(describe_group_choice(group), severity="warning")
        return self._screen.panes.selected_task

    def copy_value(self, value: str, label: str) -> None:
        """Copy a value, or the beginning of a long one, and say so."""
        copied = text.clean_for_clipboard(value[:MAX_COPY_CHARACTERS])
        if len(value) > MAX_COPY_CHARACTERS:
            what = f"the first {text.format_count(MAX_COPY_CHARACTERS)} characters of the task's {label}"
        elif text.cell_width(text.sanitize(value)) <= SHOWN_CELLS:
            what = f"task {label} {text.sanitize_label(value)}"
        else:
            what = f"the task's {label} ({text.format_count(len(value))} characters)"
        self._send(copied, what)

    def _copy_column(self, monitor: Monitor, marks: list[TaskKey], key: str, label: str) -> None:
        """Copy one field of several tasks, as many as there is room for."""
        lines: list[str] = []
        room = MAX_COPY_CHARACTERS
        for mark in marks:
            task = monitor.tasks.find_task(mark)
            value = (COPIES[key](task) or "") if task is not None else ""
            if task is not None and key == "id":
                # Of several places a plain id could name a task of each.
                value = name_task_id(task) if is_task_id(task.id) else ""
            if value:
                value = text.clean_for_clipboard(value[:MAX_COPY_CHARACTERS])
                room -= len(value) + 1
                if room < 0:
                    break
                lines.append(value)
        number = text.format_count(len(lines))
        if not lines:
            self._screen.show_message(f"None of the marked {monitor.noun} has a {key}.", severity="warning")
        elif room < 0:
            whole = text.format_count(len(marks))
            self._send("\n".join(lines), f"the {label} of the first {number} of {whole} {monitor.noun}")
        else:
            self._send("\n".join(lines), f"the {label} of {number} {monitor.noun}")

    def _copy_text(self, monitor: Monitor, task: Task, part: DocumentPart) -> None:
        """Copy a text of a task: the one that is open, or else read it first."""
        shown = self._screen.panes.detail
        detail = shown if shown is not None and shown.task is task else None
        if part == "script" and detail is not None and detail.input is not None:
            work = self._load_and_copy(task, part, detail.input)
        elif part != "script" and detail is not None and (document := detail.get_document(DetailTab.RESULT)):
            self._copy_document(document, task, part)
            return
        else:
            work = self._read_and_copy(monitor, task, part)
        self._screen.run_worker(work, group="copy", exclusive=True, exit_on_error=False)

    async def _read_and_copy(self, monitor: Monitor, task: Task, part: DocumentPart) -> None:
        watched = monitor.find_place(task)
        if watched is None:
            return
        try:
            detail = await watched.backend.detail(task.id, cap=READ_BYTES, result=part != "script")
        except BackendError as error:
            why = f"Couldn't read task {task.id}, so nothing was copied. {error}"
            self._screen.show_message(why, severity="error")
            return
        if is_different_task(detail.task, task):
            why = f"Another task has the id {task.id} now, so nothing was copied."
            self._screen.show_message(why, severity="warning")
            return
        source: str | bytes | None = detail.input if part == "script" else detail.result
        await self._load_and_copy(task, part, source, truncated=detail.truncated, received=detail.size)

    async def _load_and_copy(
        self,
        task: Task,
        part: DocumentPart,
        source: str | bytes | None,
        *,
        truncated: bool = False,
        received: int = 0,
    ) -> None:
        document = await load_document(source, part, truncated=truncated, received=received)
        self._copy_document(document, task, part)

    def _copy_document(self, document: Document, task: Task, part: DocumentPart) -> None:
        total = len(document)
        if not total:
            why = " It may be too long to be read for this." if document.truncated else ""
            self._screen.show_message(f"Task {task.id} has no {part}.{why}", severity="warning")
            return
        content = document.content[: 4 * MAX_COPY_CHARACTERS].decode("utf-8", "replace")
        lines = content.split("\n")
        what = f"the {part} of task {text.sanitize(task.id)}"
        if part == "result" and total > RESULT_LINES:
            content = "\n".join(lines[:RESULT_LINES])
            what = f"the first {RESULT_LINES} of {text.format_count(total)} lines of {what}"
        if len(content) > MAX_COPY_CHARACTERS:
            content = content[:MAX_COPY_CHARACTERS]
            what = f"the beginning of {what}"
        copied = text.clean_lines_for_clipboard(content)
        self._send(copied, f"{what} ({text.format_count(len(copied))} characters)")

    def _send(self, copied: str, what: str) -> None:
        self._screen.app.post_message(CopyText(copied, what))
