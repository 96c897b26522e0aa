"""One command's time with a server: the engine without a screen, its end, and its exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from typing import Any

from backend_adapters.backend import Backend, Looked
from backend_adapters.errors import BackendError
from backend_adapters.model import ServerInfo, TaskId
from backend_adapters.registry import open_backend
from tui import text
from tui.cli.codes import INTERRUPTED, code_of
from tui.cli.place import Place
from tui.monitor.clock import Clock
from tui.monitor.operations import Operations, Report
from tui.monitor.store import Store

Work = Callable[["Session"], Coroutine[Any, Any, int]]
"""What a command does with its session; returns the exit code."""


class Session:
    """A connected backend, with the engine's store and operations. Made by `run`, within its loop."""

    def __init__(self, place: Place, backend: Backend, clock: Clock | None = None) -> None:
        self.place = place
        self.backend = backend
        self.clock = clock or Clock()
        self.store = Store(self.clock.now)
        self.info: ServerInfo | None = None
        self.reported: Callable[[Report], None] = lambda report: None
        """Called with every report of an action, as it ends."""
        self.operations = Operations(
            backend,
            self.store,
            self.look,
            clock=self.clock,
            on_report=self._report,
            on_overlay=lambda: None,
        )

    def _report(self, report: Report) -> None:
        self.reported(report)

    @property
    def where(self) -> str:
        """The profile and the graph, for messages: `prod · DEFAULT/hugegraph`."""
        source = self.backend.source
        return " · ".join(part for part in (source.profile, source.place) if part)

    async def connect(self) -> ServerInfo:
        """Find out what the server is. Raises BackendError."""
        self.info = await self.backend.connect()
        return self.info

    async def look(self, ids: Collection[TaskId]) -> Looked:
        """Read these tasks now, and keep in the store what the server says. Raises BackendError."""
        asked = self.store.ticket()
        looked = await self.backend.look(ids)
        self.store.apply(looked.tasks, looked.missing, asked=asked)
        return looked

    async def read_all(self) -> None:
        """Read every task into the store. Raises BackendError."""
        began = self.store.ticket()
        async for batch in self.backend.snapshot():
            self.store.apply_scan(batch.tasks, began=began)
            if batch.note:
                complain(batch.note)


def run(place: Place, work: Work) -> int:
    """Do a command's work against its place; returns the exit code. Never raises BackendError.

    SIGINT and SIGTERM end it with 130 and 143, a closed standard output in silence.
    """
    try:
        return asyncio.run(_run(place, work))
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # What reads our output has gone (`| head`): Python's own flush at the end must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


async def _run(place: Place, work: Work) -> int:
    backend = open_backend(place.target)
    session = Session(place, backend)
    try:
        return await _ended_by_signals(work(session))
    except BackendError as error:
        complain(f"{session.where}: {error} {error.hint}".rstrip())
        return code_of(error)
    finally:
        await backend.aclose()


async def _ended_by_signals(work: Awaitable[int]) -> int:
    """The work's exit code, or 143 when SIGTERM came; SIGINT raises KeyboardInterrupt from `asyncio.run`."""
    doing = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, doing.cancel, "SIGTERM")
    try:
        return await doing
    except asyncio.CancelledError as error:
        if error.args == ("SIGTERM",):
            return 128 + signal.SIGTERM
        raise


def complain(sentence: str) -> None:
    """Say something on standard error, made harmless."""
    print(f"graphtop: {text.label(sentence)}", file=sys.stderr)
