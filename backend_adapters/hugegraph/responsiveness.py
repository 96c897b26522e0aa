"""Knows whether a server answers about its tasks, and if it does not, whether it answers anything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SILENT_FOR = 1.0
"""Seconds for which a server that was found silent is not asked once more whether it answers."""

_REST_MOST = 300.0
"""Seconds for which a server that was silent rests at the most."""


class Responsiveness:
    """What is known of one server's answers."""

    def __init__(self) -> None:
        self.answered_lately = False
        """It answered about its tasks, and has not been found silent since."""
        self.waiting_people = 0
        """Requests under way that a person waits for; they may be for what is heavy."""
        self.checking = asyncio.Lock()
        """Held by who asks whether it answers."""
        self._silent_until = 0.0
        self._answered_at = time.perf_counter()
        self._rests_until = 0.0
        self._alive = False

    @property
    def is_resting(self) -> bool:
        """Whether it answers again, but not yet for as long as it was silent: what may stop it waits."""
        return time.perf_counter() < self._rests_until

    @property
    def is_silent(self) -> bool:
        """Whether it answered nothing about its tasks a moment ago."""
        return time.perf_counter() < self._silent_until

    @property
    def is_stuck(self) -> bool:
        """Whether it is silent about its tasks, but answers other requests."""
        return self._alive and self.is_silent

    def note_answer(self) -> None:
        """It answered about its tasks."""
        now = time.perf_counter()
        if self._silent_until:
            rest = min(now - self._answered_at, _REST_MOST)
            self._rests_until = max(self._rests_until, now + rest)
        self.answered_lately, self._silent_until, self._answered_at = True, 0.0, now

    def note_silence(self, *, alive: bool) -> None:
        """It answered nothing about its tasks; `alive` says that it answers other requests."""
        self._alive = alive
        self._silent_until = time.perf_counter() + _SILENT_FOR
        self.answered_lately = False

    @contextmanager
    def person_is_waiting(self) -> Iterator[None]:
        """While a request is under way that a person waits for."""
        self.waiting_people += 1
        try:
            yield
        except asyncio.CancelledError:
            # The server goes on with it, and what fails meanwhile fails because of it.
            self.answered_lately = False
            raise
        finally:
            self.waiting_people -= 1
