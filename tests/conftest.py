"""What the whole suite shares: the live tests' figures, printed by the process that ran or led the run."""

from __future__ import annotations

from tests.live.figures import pytest_terminal_summary, pytest_testnodedown

__all__ = ["pytest_terminal_summary", "pytest_testnodedown"]
