"""The long fuzzing: `make test-fuzz` runs it, with two loops that keep the machine busy beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folder_marks import mark_folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here."""
    mark_folder(items, Path(__file__).parent, "long_fuzz")


@pytest.fixture(scope="session", autouse=True)
def _busy() -> Iterator[None]:
    """Take the processor away from the tests, as whoever is on a server besides does."""
    # Of several workers the first has the loops for all.
    number = 2 if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" else 0
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()
