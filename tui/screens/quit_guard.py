"""Asks before the program ends while the outcome of an action is not known."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tui.monitor.monitor import Monitor

QUIT_AGAIN_SECONDS = 5.0
"""Seconds within which a second key quits although an action is not confirmed."""


class QuitGuard:
    """Objects once to the end of the program; who asks again soon means it."""

    def __init__(self) -> None:
        self._asked_at: float | None = None

    def find_objection(self, monitors: Sequence[Monitor]) -> str:
        """Why the program should not end yet, as a sentence; empty where it may."""
        acting = sum(monitor.action_count for monitor in monitors)
        creating = sum(monitor.pending_creations for monitor in monitors)
        now, asked = time.monotonic(), self._asked_at
        if not (acting or creating) or (asked is not None and now - asked < QUIT_AGAIN_SECONDS):
            return ""
        self._asked_at = now
        if creating:
            return "A job is being created and its id is not known yet."
        return "1 action is not confirmed yet." if acting == 1 else f"{acting} actions are not confirmed yet."
