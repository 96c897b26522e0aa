"""Real servers as fixtures: each kind is started when a test first asks for it, once in a run.

A test names the fixture of a kind (`rocksdb_17`...), or runs on several with
`@on("rocksdb_17", "rocksdb_15")` and the fixtures `server` and `jobs`. One that kills or restarts its server
takes its own from `new_server`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol

import pytest

from tests.live import jars
from tests.live.commands import call, start
from tests.live.figures import Figures
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tests.live.server_kinds import KINDS, missing, skip_reason
from tests.support.folder_marks import mark_folder
from tests.support.requirements import skip_or_fail

__all__ = ["call", "start"]

BIG = 5000
"""Tasks in the graph `big` of `rocksdb_17`, once a test has asked for `big_graph`."""

_HERE = Path(__file__).parent
_unavailable: dict[str, str] = {}
"""Versions whose jars could not be fetched in this process, and why: asked for once, not by every test."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is in this folder as `live`, and keeps one kind of server in one worker of xdist."""
    for item in mark_folder(items, _HERE, "live"):
        kind = _kind(item)
        if kind is not None:
            item.add_marker(pytest.mark.xdist_group(f"live-{kind}"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches the jars before the first test, so that the download counts against no test's timeout."""
    if session.config.option.collectonly or not any(
        item.get_closest_marker("live") for item in session.items
    ):
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with ExitStack() as stack:
            if capture is not None:
                stack.enter_context(capture.global_and_fixture_disabled())
            print(f"\n{line}", file=sys.stderr, flush=True)

    for version in jars.VERSIONS:
        if missing(Spec(version=version)) is None:
            try:
                jars.resolve(version, say)
            except jars.JarsUnavailable as error:
                _unavailable[version] = str(error)
    with suppress(jars.JarsUnavailable):  # the test that needs it says so
        jars.resolve_client(say)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where figures are written down that the run prints at its end."""
    return Figures(request.config)


def _kind(item: pytest.Item) -> str | None:
    """The kind of shared server that a test runs on, if any."""
    names = list(getattr(item, "fixturenames", ()))
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        names.append(callspec.params.get("server"))
    return next((name for name in names if name in KINDS), None)


def _require(spec: Spec) -> None:
    """Skips the test, or fails it in CI, when a server of this kind can't be had here."""
    impossible = skip_reason(spec)
    if impossible:
        pytest.skip(impossible)
    lacking = missing(spec) or _unavailable.get(spec.version)
    if lacking:
        skip_or_fail(lacking)


def _shared(kind: str) -> Iterator[HugeGraphServer]:
    _require(KINDS[kind])
    with HugeGraphServer(KINDS[kind]) as server:
        yield server


@pytest.fixture(scope="session")
def rocksdb_17() -> Iterator[HugeGraphServer]:
    """HugeGraph 1.7.0 on rocksdb with three graphs: `hugegraph`, `second` and `big`."""
    yield from _shared("rocksdb_17")


@pytest.fixture(scope="session")
def memory_17() -> Iterator[HugeGraphServer]:
    """HugeGraph 1.7.0 on the memory back end, which can't page."""
    yield from _shared("memory_17")


@pytest.fixture(scope="session")
def distributed_17() -> Iterator[HugeGraphServer]:
    """HugeGraph 1.7.0 with the distributed scheduler, which refuses what it accepts."""
    yield from _shared("distributed_17")


@pytest.fixture(scope="session")
def auth_17() -> Iterator[HugeGraphServer]:
    """HugeGraph 1.7.0 that wants a login: `server.auth` has it."""
    yield from _shared("auth_17")


@pytest.fixture(scope="session")
def rocksdb_15() -> Iterator[HugeGraphServer]:
    """HugeGraph 1.5.0 on rocksdb: the classic paths."""
    yield from _shared("rocksdb_15")


@pytest.fixture
def server(request: pytest.FixtureRequest) -> HugeGraphServer:
    """The shared server that `@on(...)` chose."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, HugeGraphServer)
    return chosen


@pytest.fixture
def jobs(server: HugeGraphServer) -> Iterator[Jobs]:
    """The tasks of the first graph of `server`: none at the start, and all removed at the end."""
    with Jobs(server) as tasks:
        tasks.clear()
        yield tasks
        tasks.clear()


@pytest.fixture(scope="session")
def big_graph(rocksdb_17: HugeGraphServer) -> Iterator[Jobs]:
    """The graph `big` of `rocksdb_17` with BIG finished tasks; leave them as they are."""
    with Jobs(rocksdb_17, "big") as tasks:
        tasks.submit_many(BIG)
        yield tasks


class NewServer(Protocol):
    """What the fixture `new_server` is."""

    def __call__(self, spec: Spec, *, started: bool = True) -> HugeGraphServer:
        """A server of the test's own: running, or with `started=False` still to be started."""


@pytest.fixture
def new_server() -> Iterator[NewServer]:
    """Makes servers for this test alone, to be killed and restarted at will."""
    with ExitStack() as stack:

        def make(spec: Spec, *, started: bool = True) -> HugeGraphServer:
            _require(spec)
            server = HugeGraphServer(spec)
            stack.callback(server.close)
            if started:
                server.start()
            return server

        yield make
