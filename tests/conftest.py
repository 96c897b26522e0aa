"""What the whole suite shares: the live tests' figures, a clean environment, no skips in CI."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from unittest import mock

import pytest

from backend_adapters.own_secrets import OWN_SECRETS, OwnSecrets
from tests.live.figures import pytest_terminal_summary, pytest_testnodedown
from tests.support.own_folders import leave_personal_out
from tests.support.requirements import fail_skipped

__all__ = ["pytest_terminal_summary", "pytest_testnodedown"]

# What a shell starts in the background ignores ctrl+c, what nohup starts ignores the end of its terminal, and
# the programs of the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# At each request to a server in this process httpx tries to import this anew, where it isn't installed.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _no_own_secrets() -> None:
    """Hide no value that another test loaded as a secret."""
    vars(OWN_SECRETS).update(vars(OwnSecrets()))


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
def _nothing_personal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what whoever runs the tests has set out of them, and of the programs that they start.

    These are graphtop's variables, profiles and journal, the proxies, and a umask that lets others write.
    """
    os.umask(0o022)
    with mock.patch.dict(os.environ):
        leave_personal_out(os.environ, tmp_path_factory.mktemp("own"))
        yield
