"""Copies the id or another field of a task to the terminal's clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_adapters.model import ODD_ID, is_task_id
from tui import text
from tui.clipboard import CopyText, describe_copy
from tui.screens.dialogs.picker import Choice, PickerScreen
from tui.screens.tasks.task_facts import copyable_fields

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

MAX_COPY_CHARACTERS = 50_000
"""Characters that are copied at most: terminals drop longer OSC 52 sequences."""


class CopyController:
    """Copies fields of the task that is selected on the screen."""

    def __init__(self, screen: TasksScreen, *, ascii: bool) -> None:
        self._screen = screen
        self._ascii = ascii

    def copy_id(self) -> None:
        """Copy the task's id."""
        task = self._screen.panes.selected_task
        if task is not None and not is_task_id(task.id):
            # An id is copied to be pasted into a command line, where this one would be an option or a path.
            self._screen.show_message(ODD_ID, severity="warning")
        elif task is not None:
            self.copy_value(task.id, "id")

    def choose_field(self) -> None:
        """Let the person choose a field of the task, and copy it."""
        task = self._screen.panes.selected_task
        if task is None:
            return
        fields = copyable_fields(task)
        choices = [Choice(label, label, text.sanitize_label(value)) for label, value in fields.items()]

        def copy_field(label: str | None) -> None:
            if label is not None:
                self.copy_value(fields[label], label)

        picker = PickerScreen("Copy a field", choices, ascii=self._ascii)
        self._screen.app.push_screen(picker, copy_field)

    def copy_value(self, value: str, label: str) -> None:
        """Copy a value, or the beginning of a long one, and say so."""
        shown = f"task {label} {text.fit_cells(text.sanitize_label(value), 40).rstrip()}"
        if len(value) > MAX_COPY_CHARACTERS:
            shown = f"the first {text.format_count(MAX_COPY_CHARACTERS)} characters of the task's {label}"

        def say_copied(is_certain: bool) -> None:
            self._screen.show_message(describe_copy(shown, is_certain=is_certain))

        copied = text.clean_for_clipboard(value[:MAX_COPY_CHARACTERS])
        self._screen.app.post_message(CopyText(copied, say_copied))
