"""Tells a person in front of the terminal of something while a command runs: `--notify`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tui.cli.output.standard_error import report_error
from tui.config.options import make_notice_options
from tui.config.resolved import ResolvedSettings
from tui.notices.sender import NoticeSender

PAUSE_BETWEEN_NOTICES = 5.0
"""Seconds between two notices; what comes meanwhile is counted in the next one."""

NO_NOTICE_TERMINAL = "There is no terminal to notify. Set notify_command to use --notify without one."


class Notifier:
    """Sends notices, seldom: several at once become one."""

    def __init__(self, settings: ResolvedSettings) -> None:
        self._sender = NoticeSender(make_notice_options(settings), self._write)
        self._waiting: list[str] = []
        self._work: asyncio.Task[None] | None = None
        self._problem = ""
        if problem := self._sender.problem or self._find_obstacle():
            self._report(problem)

    def _find_obstacle(self) -> str:
        if not self._sender.needs_terminal:
            return ""
        with open_terminal() as terminal:
            return NO_NOTICE_TERMINAL if terminal is None else ""

    def tell_soon(self, words: str) -> None:
        """Tell something as soon as the notice before it is long enough ago."""
        self._waiting.append(words)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._tell_waiting())

    async def _tell_waiting(self) -> None:
        while self._waiting:
            first, number = self._waiting[0], len(self._waiting)
            self._waiting.clear()
            await self.tell(first if number == 1 else f"{first} (and {number - 1} more)")
            await asyncio.sleep(PAUSE_BETWEEN_NOTICES)

    async def tell(self, words: str) -> None:
        """Tell something now."""
        if problem := await self._sender.send(words):
            self._report(problem)

    async def aclose(self) -> None:
        """Tell nothing more."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    def _report(self, problem: str) -> None:
        """Say once why no notice is sent."""
        if problem != self._problem:
            self._problem = problem
            report_error(problem)

    def _write(self, sequence: str) -> None:
        with open_terminal() as terminal:
            if terminal is None:
                self._report(NO_NOTICE_TERMINAL)
            else:
                # What a terminal that is stopped does not take is left out.
                with suppress(OSError):
                    os.write(terminal, sequence.encode("utf-8", "replace"))


@contextmanager
def open_terminal() -> Iterator[int | None]:
    """The terminal of the process, wherever its output goes; None where it has none.

    A write from the background must not stop it where the terminal has `tostop`.
    """
    try:
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        yield terminal
    finally:
        signal.signal(signal.SIGTTOU, before)
        os.close(terminal)
