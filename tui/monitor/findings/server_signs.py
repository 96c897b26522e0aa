"""What the tasks tell of the servers that run them: when each was last given a task, and last ended one."""

from __future__ import annotations

from backend_adapters.model import Millis, Task, TaskStatus

NAMES_MOST = 1_000
"""Servers that are told apart; more are no servers but nonsense."""

_ENDED = frozenset({TaskStatus.SUCCESS, TaskStatus.FAILED, TaskStatus.PARTIAL})
_HAS_BEGUN = _ENDED | {TaskStatus.RUNNING}


class _ServerSign:
    __slots__ = ("first", "last")

    def __init__(self, first: Millis, last: Millis) -> None:
        self.first, self.last = first, last
        """When the first task that it has was created; when the last was, or the last one ended."""


class ServerSigns:
    """Notes the servers of tasks as these come, whatever becomes of them later."""

    def __init__(self) -> None:
        self._signs: dict[str, _ServerSign] = {}
        self.last_begun: Millis | None = None
        """When the newest task was created that has begun to run, by the server's clock."""

    def note_task(self, task: Task) -> None:
        """Note what one task tells."""
        created, status = task.created, task.status
        if created is None:
            return
        if status in _HAS_BEGUN and (self.last_begun is None or created > self.last_begun):
            self.last_begun = created
        if task.server is None:
            return
        last = task.updated if status in _ENDED and task.updated is not None else created
        sign = self._signs.get(task.server)
        if sign is not None:
            sign.first = min(sign.first, created)
            sign.last = max(sign.last, last)
        elif len(self._signs) < NAMES_MOST:
            self._signs[task.server] = _ServerSign(created, last)

    def find_successor(self, task: Task, last_sign: Millis) -> tuple[str, Millis, Millis] | None:
        """The server that took over from that of a task, when it began, and the last sign of the old one.

        None where the task's server may well be alive: it was given tasks, or ended some, after every other
        server had begun.
        """
        own = self._signs.get(task.server or "")
        if own is None:
            return None
        last = max(own.last, last_sign)
        later = [
            (sign.first, name) for name, sign in self._signs.items() if sign is not own and sign.first > last
        ]
        if not later:
            return None
        first, name = min(later)
        return name, first, own.last
