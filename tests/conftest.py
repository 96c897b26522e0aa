"""What the whole suite shares: the live tests' figures, a place for what graphtop writes, no skips in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.live.figures import pytest_terminal_summary, pytest_testnodedown
from tests.support.needs import fail_skipped

__all__ = ["pytest_terminal_summary", "pytest_testnodedown"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of real servers, which wait most of the time and leave the processor to others."""
    items.sort(key=lambda item: item.get_closest_marker("live") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turn a skipped test into a failed one in CI, where everything that a test needs must be there."""
    report: pytest.TestReport = yield
    return fail_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """The same for a module that is skipped as a whole."""
    report: pytest.CollectReport = yield
    return fail_skipped(report)


@pytest.fixture(scope="session", autouse=True)
def _no_journal_at_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the journal of whoever runs the tests out of them, and of the programs that they start."""
    os.environ.pop("GRAPHTOP_JOURNAL", None)
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _no_journal_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test leave a journal to the next one."""
    monkeypatch.delenv("GRAPHTOP_JOURNAL", raising=False)
