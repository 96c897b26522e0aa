"""Servers full of heavy tasks: each is filled once, which takes a minute and a half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.heavy.large_results import fill
from tests.live import jars
from tests.live.commands import start
from tests.live.figures import Figures
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tests.live.server_kinds import missing
from tests.support.faulty_proxy import FaultyProxy
from tests.support.folder_marks import mark_folder
from tests.support.requirements import skip_or_fail

__all__ = ["start"]

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is in this folder as `heavy`."""
    mark_folder(items, _HERE, "heavy")


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where figures are written down that the run prints at its end."""
    return Figures(request.config)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[HugeGraphServer]:
    """A server of the version that `@each_version` chose, with all its heavy tasks; one runs at a time."""
    with running(request.param) as server:
        fill(server)
        yield server


@pytest.fixture
def proxy(server: HugeGraphServer) -> Iterator[FaultyProxy]:
    """What stands before the server, so that it is seen what graphtop asks for."""
    with FaultyProxy(server.url) as proxy:
        yield proxy


def running(version: str) -> HugeGraphServer:
    """A server to be started; skips the test, or fails it in CI, where it can't be had."""
    spec = Spec(version=version)
    lacking = missing(spec)
    try:
        if lacking is None:
            jars.resolve(version)
    except jars.JarsUnavailable as error:
        lacking = str(error)
    if lacking:
        skip_or_fail(lacking)
    return HugeGraphServer(spec)
