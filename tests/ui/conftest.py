"""What every UI test starts from: no setting of the machine shows in what is drawn."""

from __future__ import annotations

import os
import time

import pytest

from tests.support.patience import PATIENCE
from tests.ui.parsed_styles import share_parsed_styles
from tui import toasts
from tui.monitor import failure_headlines

USUAL_TOAST_SECONDS = toasts.TOAST_SECONDS

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


@pytest.fixture(autouse=True)
def long_toasts(monkeypatch):
    """A toast stays until a test has seen it, however slow the machine is."""
    monkeypatch.setattr(toasts, "TOAST_SECONDS", PATIENCE)


@pytest.fixture
def usual_toasts(long_toasts, monkeypatch):
    """Toasts that need no key go away as soon as they do for a person."""
    monkeypatch.setattr(toasts, "TOAST_SECONDS", USUAL_TOAST_SECONDS)
