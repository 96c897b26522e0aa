"""Saving what is read: the text that is shown, or the whole of one that is too long to be shown."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.worker import Worker

from backend_adapters.backend import TextPart
from backend_adapters.errors import BackendError
from backend_adapters.model import Task, TaskStatus
from backend_adapters.redaction import Endless
from tui import text
from tui.monitor.document.lines import Document
from tui.monitor.file_export import save_stream, save_text
from tui.monitor.monitor import Monitor
from tui.screens.tasks.navigation import Say
from tui.widgets.detail_pane import DetailPane, DetailTab

SUFFIXES = {"json": ".json", "gremlin": ".groovy"}
TELL_EVERY = 1_000_000
"""Bytes between two numbers on the screen; each costs a line."""


class SaveDesk:
    """Writes texts into the folder where graphtop was started, one long one at a time."""

    def __init__(self, pane: DetailPane, say: Say) -> None:
        self._pane = pane
        self._say = say
        self._streaming: Worker[None] | None = None

    @property
    def under_way(self) -> bool:
        """Whether a long text is being written."""
        return self._streaming is not None and not self._streaming.is_finished

    def stop(self) -> bool:
        """Stop writing a long text, leave nothing of it and say so; false where none is being written."""
        if self._streaming is None or self._streaming.is_finished:
            return False
        self._streaming.cancel()
        return True

    def save(self, monitor: Monitor, task: Task, tab: DetailTab, document: Document) -> None:
        """Write what is shown."""
        work = self._write(_stem(monitor, task, tab.name), document)
        self._pane.run_worker(work, group="save", exit_on_error=False)

    def save_whole(self, monitor: Monitor, task: Task, tab: DetailTab) -> None:
        """Write all that the server has of a text of which only a beginning is here."""
        work = self._stream(monitor, task, "input" if tab is DetailTab.INPUT else "result")
        self._streaming = self._pane.run_worker(work, group="stream", exit_on_error=False)

    async def _write(self, stem: str, document: Document) -> None:
        try:
            path = await save_text(Path.cwd(), stem, SUFFIXES.get(document.kind, ".txt"), document.content)
        except OSError as error:
            self._say(f"It could not be saved: {error.strerror}.", severity="error")
        else:
            said = f" {document.note}" if document.note else ""
            self._say(f"Saved {text.format_size(len(document.content))} to {path.name}.{said}")

    async def _stream(self, monitor: Monitor, task: Task, part: TextPart) -> None:
        stem, written, told = _stem(monitor, task, part), 0, -TELL_EVERY
        suffix = ".txt" if part == "result" and task.status is TaskStatus.FAILED else ".json"

        def progress(number: int) -> None:
            nonlocal written, told
            written = number
            if number - told >= TELL_EVERY:
                told = number
                self._pane.show_progress(
                    f"saving the whole {part}: {text.format_size(number)} · esc stops it"
                )

        try:
            pieces = monitor.details.stream_text(task.id, part)
            path = await save_stream(Path.cwd(), stem, suffix, pieces, progress)
        except asyncio.CancelledError:
            # By a key, or because the place was left.
            self._say("The saving was stopped; nothing of it was kept.")
            raise
        except BackendError as error:
            self._say(f"It could not be read to its end; nothing was saved. {error}", severity="error")
        except Endless:
            self._say("It holds a secret that is too long to be hidden; nothing was saved.", severity="error")
        except OSError as error:
            self._say(f"It could not be saved: {error.strerror}.", severity="error")
        else:
            self._say(f"Saved all {text.format_size(written)} to {path.name}, its secrets hidden.")
        finally:
            self._pane.show_progress("")


def _stem(monitor: Monitor, task: Task, what: str) -> str:
    return f"{monitor.backend.source.graph}-{task.id}-{what.lower()}"
