"""What the whole suite shares: the live tests' figures, and a place for what graphtop writes."""

from __future__ import annotations

import os

import pytest

from tests.live.figures import pytest_terminal_summary, pytest_testnodedown

__all__ = ["pytest_terminal_summary", "pytest_testnodedown"]


@pytest.fixture(scope="session", autouse=True)
def _no_journal_at_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the journal of whoever runs the tests out of them, and of the programs that they start."""
    os.environ.pop("GRAPHTOP_JOURNAL", None)
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _no_journal_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test leave a journal to the next one."""
    monkeypatch.delenv("GRAPHTOP_JOURNAL", raising=False)
