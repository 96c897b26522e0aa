"""Saves the text that is shown, or the whole of one that is too long to be shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import Worker

from backend_adapters.backend import TextPart
from backend_adapters.errors import BackendError
from backend_adapters.model import Task, TaskStatus
from backend_adapters.redaction import SecretTooLong
from tui import text
from tui.monitor.document.lines import Document
from tui.monitor.file_export import save_stream, save_text
from tui.monitor.monitor import Monitor
from tui.widgets.detail_tab import TEXT_TABS, DetailTab

if TYPE_CHECKING:
    from tui.screens.tasks.detail_controller import DetailController
    from tui.screens.tasks.screen import TasksScreen

SUFFIXES = {"json": ".json", "gremlin": ".groovy"}
PROGRESS_STEP = 1_000_000
"""Bytes between two progress numbers: each costs a line to the terminal."""


class SaveController:
    """Writes texts into the folder where graphtop was started, one long text at a time."""

    def __init__(self, screen: TasksScreen) -> None:
        self._screen = screen
        self._streaming: Worker[None] | None = None

    @property
    def is_streaming(self) -> bool:
        """Whether a long text is being written."""
        return self._streaming is not None and not self._streaming.is_finished

    def stop_saving(self) -> bool:
        """Stop writing a long text and remove what was written; False where none is being written."""
        if self._streaming is None or self._streaming.is_finished:
            return False
        self._streaming.cancel()
        return True

    def save_open_text(self, detail: DetailController | None) -> None:
        """Save the text of the open tab: what is here, or all that the server has of one that is cut.

        `detail` is None while none is open. A save of a long text that is under way is stopped instead.
        """
        if self.stop_saving():
            return
        monitor, task = self._screen.monitor, self._screen.panes.selected_task
        pane = self._screen.panes.pane
        if task is None or monitor is None or detail is None or pane is None:
            what = "Nothing to save. Open Input, Result or Raw first."
            self._screen.show_message(what, severity="warning")
            return
        tab = pane.tab if pane.tab in TEXT_TABS else DetailTab.RAW
        if detail.is_cut(tab):
            part: TextPart = "input" if tab is DetailTab.INPUT else "result"
            work = self._save_whole_text(monitor, task, part, pane.show_progress)
            self._streaming = pane.run_worker(work, group="stream", exit_on_error=False)
        elif (document := detail.get_document(tab)) is not None:
            work = self._save_document(_file_stem(monitor, task, tab.name), document)
            pane.run_worker(work, group="save", exit_on_error=False)
        else:
            self._screen.show_message("Nothing to save: no text here, or not yet.", severity="warning")

    async def _save_document(self, stem: str, document: Document) -> None:
        try:
            path = await save_text(Path.cwd(), stem, SUFFIXES.get(document.kind, ".txt"), document.content)
        except OSError as error:
            self._screen.show_message(f"Couldn't save the file: {error.strerror}.", severity="error")
        else:
            note = f" {document.note}" if document.note else ""
            self._screen.show_message(
                f"Saved {text.format_size(len(document.content))} to {path.name}.{note}"
            )

    async def _save_whole_text(
        self, monitor: Monitor, task: Task, part: TextPart, show: Callable[[str], None]
    ) -> None:
        watched = monitor.find_place(task)
        if watched is None:
            return
        stem, written, shown = _file_stem(monitor, task, part), 0, -PROGRESS_STEP
        suffix = ".txt" if part == "result" and task.status is TaskStatus.FAILED else ".json"

        def show_progress(number: int) -> None:
            nonlocal written, shown
            written = number
            if number - shown >= PROGRESS_STEP:
                shown = number
                show(f"Saving the full {part}: {text.format_size(number)} · esc cancel")

        try:
            pieces = watched.backend.stream(task.id, part)
            path = await save_stream(Path.cwd(), stem, suffix, pieces, show_progress)
        except asyncio.CancelledError:
            # By a key, or because the place was left.
            self._screen.show_message("Save cancelled; no file written.")
            raise
        except BackendError as error:
            self._screen.show_message(
                f"Couldn't read the full text; no file written. {error}", severity="error"
            )
        except SecretTooLong:
            self._screen.show_message(
                "The text contains a secret that is too long to hide; no file written.", severity="error"
            )
        except OSError as error:
            self._screen.show_message(f"Couldn't save the file: {error.strerror}.", severity="error")
        else:
            self._screen.show_message(
                f"Saved the full {part} ({text.format_size(written)}) to {path.name}. Secrets are hidden."
            )
        finally:
            show("")


def _file_stem(monitor: Monitor, task: Task, what: str) -> str:
    watched = monitor.find_place(task)
    graph = "" if watched is None else watched.backend.source.graph
    if task.place is not None:
        # Graphs of other servers may have the same name, and their tasks the same ids.
        graph = "-".join(filter(None, (task.place.profile, graph or task.graph)))
    return f"{graph}-{task.id}-{what.lower()}"
