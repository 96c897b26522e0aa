"""Textual's application with public names for its private parts, and with harmless last words."""

from __future__ import annotations

from asyncio import CancelledError
from typing import Any

from textual.app import App
from textual.filter import LineFilter
from textual.notifications import Notification
from textual.screen import Screen
from textual.widgets._toast import Toast, ToastHolder
from textual.worker import Worker
from textual.worker_manager import WorkerManager

from tui.textual_ext.cell_app import CellApp
from tui.textual_ext.styles_cache import forget_removed_widgets
from tui.textual_ext.window_marks import WindowMarks


class ReleasingWorkers(WorkerManager):
    """Workers that hold on to nothing once they were cancelled."""

    def _remove_worker(self, worker: Worker[Any]) -> None:
        super()._remove_worker(worker)
        if isinstance(worker.error, CancelledError):
            # Its traceback has all that the worker's functions held, such as a text of 64 MB, in a cycle with
            # the worker itself, which is never collected once the garbage collector was told to skip it.
            worker.error.__traceback__ = None


class BaseApp(CellApp):
    """An application that prints neither local variables nor control characters when an error ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._workers = ReleasingWorkers(self)
        forget_removed_widgets()

    @property
    def shown_notifications(self) -> list[Notification]:
        """The toasts on the screen."""
        return list(self._notifications)

    def drop_notification(self, notification: Notification) -> None:
        """Take a toast away."""
        self._unnotify(notification, refresh=False)
        # Textual itself removes the toast, and leaves its holder on the screen for ever.
        for holder in self.screen.query(ToastHolder) if self.screen_stack else ():
            if any(toast._notification is notification for toast in holder.query(Toast)):
                holder.remove()

    def replace_line_filters(self, kind: type[LineFilter], new: LineFilter) -> None:
        """Put `new` in the place of each filter of one kind."""
        self._filters[:] = [new if isinstance(had, kind) else had for had in self._filters]

    def remember_clipboard(self, text: str) -> None:
        """Let `clipboard`, from which inputs paste, be this text."""
        self._clipboard = text

    def write_to_terminal(self, sequence: str) -> bool:
        """Write a control sequence; false while there is no terminal."""
        if self._driver is None:
            return False
        self._driver.write(sequence)
        return True

    @property
    def window_marks(self) -> WindowMarks | None:
        """What shows the title and progress; None where there is no terminal."""
        return getattr(self._driver, "marks", None)

    @property
    def is_out_of_sight(self) -> bool:
        """Whether another window has the focus; also where the terminal doesn't tell."""
        return not self.app_focus or not getattr(self._driver, "knows_focus", False)

    def ask_for_focus_reports(self) -> None:
        """Ask the terminal whether it tells of its focus, unless it is known to do so."""
        if getattr(self._driver, "knows_focus", None) is False:
            self._driver.ask_for_focus_reports()  # type: ignore[union-attr]

    def _fatal_error(self) -> None:
        # Imported here: it brings a library of highlighters that no start should wait for.
        from tui.textual_ext.crash_report import render_traceback

        self._exit_renderables.append(render_traceback(self._exception, self.console))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        if self._exit_renderables:
            from tui.textual_ext.crash_report import sanitize_rendered

            self._exit_renderables[:] = map(sanitize_rendered, self._exit_renderables)
        super()._print_error_renderables()


def end_app_with_error(app: App[Any], error: Exception) -> None:
    """End an application because of an error, as if a handler of its own had raised it."""
    app._handle_exception(error)


def make_replaceable(app: App[Any], screen: Screen[None]) -> None:
    """Let `switch_screen` replace a screen that the application begins with, as one that was pushed."""
    screen._push_result_callback(app, None)
