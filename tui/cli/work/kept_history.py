"""What a command that watches keeps in the history, as the screen does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.cli.work.session import Session
from tui.monitor.history.set_up import make_history_writer, open_recorder

if TYPE_CHECKING:
    from tui.monitor.history.recorder import PlaceRecorder
    from tui.monitor.history.writer import HistoryWriter


class KeptHistory:
    """Keeps the history of all places of a command, from the first one on that is to be kept."""

    def __init__(self) -> None:
        self._writer: HistoryWriter | None = None

    def open_recorder(self, session: Session) -> PlaceRecorder | None:
        """What notes the tasks of a session's place; None where they are not kept."""
        settings = session.settings
        if self._writer is None:
            days, megabytes = settings.history_days.value, settings.history_megabytes.value
            self._writer = make_history_writer(os.environ, session.clock.now, days=days, megabytes=megabytes)
        recorder = open_recorder(self._writer, session.backend, session.target, wanted=settings.history.value)
        if recorder is not None:
            recorder.follow_store(session.store.tasks, session.store.now)
        return recorder

    def close(self) -> None:
        """Write what waits, as far as that takes no longer than a second."""
        if self._writer is not None:
            self._writer.close()
