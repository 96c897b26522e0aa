"""Reads why tasks failed for a command: only as many details as were asked for, few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Literal, TypeAlias

from backend_adapters.errors import BackendError, TimedOut
from backend_adapters.model import Task, is_different_task
from tui.cli.output.standard_error import clear_progress, show_progress
from tui.cli.work.session import Session
from tui.monitor.failure_headlines import HEADLINE_BYTES, read_headline
from tui.monitor.id_order import natural_key

ReasonChoice: TypeAlias = Literal["some", "all", "none"]
"""How many reasons are read: of the newest tasks up to `READ_MOST`, of all, or of none."""

READ_MOST = 200
"""Reasons that are read, each of which costs a request, unless all are asked for."""
READ_AT_ONCE = 4
READ_SECONDS = 5.0
"""Seconds after which a reason is given up."""
PATIENT_TIMEOUTS, SHORT_SECONDS = 3, 0.5
"""Once so many in a row were given up, each further one is given up sooner: others wait behind it."""
TIMEOUTS_MOST = 8
"""Reasons in a row that may be given up: then nothing more is read from a server that is too slow for it."""


class ReasonReader:
    """Reads reasons into the tasks of a session's store."""

    def __init__(self, session: Session, choice: ReasonChoice) -> None:
        self._session = session
        self._timeouts = 0
        """How many reasons were given up since one could be read."""
        self._left = {"some": READ_MOST, "all": None, "none": 0}[choice]
        """How many more may be read; None: all."""

    async def read_reasons(self, tasks: Iterable[Task]) -> None:
        """Read the reasons of those of the tasks that have failed, the newest first, as far as allowed.

        One that can't be read stays unknown.
        """
        unread = [task for task in tasks if task.id in self._session.store.unread_reasons]
        unread.sort(key=lambda task: natural_key(task.id), reverse=True)
        unread = unread[: self._left]
        if self._left is not None:
            self._left -= len(unread)
        waiting = list(reversed(unread))
        try:
            await asyncio.gather(*(self._read_next(waiting, len(unread)) for _ in range(READ_AT_ONCE)))
        finally:
            clear_progress()

    async def _read_next(self, waiting: list[Task], number: int) -> None:
        while waiting and self._timeouts < TIMEOUTS_MOST:
            task = waiting.pop()
            show_progress(f"{number - len(waiting):,} of {number:,} reasons read")
            await self.read_reason(task)

    async def read_reason(self, task: Task) -> str | None:
        """Read why a task failed; None, as before, where that takes too long or fails."""
        try:
            async with asyncio.timeout(READ_SECONDS if self._timeouts < PATIENT_TIMEOUTS else SHORT_SECONDS):
                detail = await self._session.backend.detail(task.id, cap=HEADLINE_BYTES)
        except (TimedOut, TimeoutError):
            self._timeouts += 1
            return None
        except BackendError:
            return None
        self._timeouts = 0
        if is_different_task(detail.task, task):
            return None
        reason = read_headline(detail)
        self._session.store.set_reason(task, reason)
        return reason
