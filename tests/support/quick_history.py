"""A history that is written at once, in tests that wait for it."""

from __future__ import annotations

import pytest

from tests.support.patience import PATIENCE
from tui.monitor.history import places_writer, writer


def write_history_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the history's writer make no pauses, and take its time at the end."""
    for name in ("FIRST_PAUSE", "WRITE_PAUSE", "IDLE_PAUSE"):
        monkeypatch.setattr(writer, name, 0.001)
    for name in ("SPAN_PAUSE", "TURN"):
        monkeypatch.setattr(places_writer, name, 0.001)
    monkeypatch.setattr(writer, "END_SECONDS", PATIENCE)
