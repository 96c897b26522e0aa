"""The clusters of the tests, each started once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.cluster import KINDS, Cluster
from tests.live import jars
from tests.support.folder_marks import mark_folder
from tests.support.requirements import skip_or_fail

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is in this folder as `cluster`."""
    mark_folder(items, _HERE, "cluster")


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster of a kind that `@on(...)` chose; one runs at a time.

    Skips, or fails in CI, where it can't be fetched.
    """
    second = KINDS[request.param]
    if shutil.which("mvn") is None and not jars.present(second.version):
        skip_or_fail("A cluster is fetched by Maven: install mvn.")
    try:
        with Cluster(second) as running:
            yield running
    except jars.JarsUnavailable as error:
        skip_or_fail(str(error))
