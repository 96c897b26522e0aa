"""What every UI test starts from: no setting of the machine shows in what is drawn."""

from __future__ import annotations

import os
import time

import pytest

from tests.ui.parsed_styles import share_parsed_styles
from tui.monitor import failure_headlines

for name in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM"):
    os.environ.pop(name, None)
os.environ.pop("COLORTERM", None)
os.environ["TERM"] = "xterm-256color"
os.environ["TZ"] = "UTC"
time.tzset()
share_parsed_styles()


@pytest.fixture(autouse=True)
def quick_reasons(monkeypatch):
    """What is read slowly in the background is read at once: a picture waits until it is known."""
    monkeypatch.setattr(failure_headlines, "BACKGROUND_PAUSE", 0.001)
    monkeypatch.setattr(failure_headlines, "SLOW_TIMES", 0)
