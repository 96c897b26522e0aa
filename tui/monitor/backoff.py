"""How long the refresh waits after a failure, and which failures are news."""

from __future__ import annotations

import random

from backend_adapters.errors import BackendError
from backend_adapters.transport.retry import backoff_seconds

BACKOFF_FIRST, BACKOFF_MOST = 1.0, 30.0
REFUSED_FIRST, REFUSED_MOST = 30.0, 300.0
"""Seconds between two tries after what a person has to mend, where it was live before: seldom, as a wrong
password that is sent again and again may lock its user out."""
ASKED_MOST = 300.0
"""Seconds that are waited at the most because the server asks for it."""
TOOK_MOST = 60.0
"""Seconds that are waited at the most because a failure came late."""


class Backoff:
    """Counts failures, and says how long to wait after the last one."""

    def __init__(self) -> None:
        self.failures = 0
        self._refusals = 0
        self._refusal: BackendError | None = None
        """The last one that was reported since the server was live."""

    def restart(self) -> None:
        """Begin anew: a person does not want to wait."""
        self.failures = self._refusals = 0

    def note_poll(self, *, scanning: bool) -> None:
        """A poll was answered."""
        if not scanning:
            # A server whose polls work and whose scans fail is to be asked more and more seldom too.
            self.failures = 0
        self._refusal = None

    def note_refresh(self) -> None:
        """All of a refresh has worked."""
        self._refusals = 0

    def choose_pause(self, error: BackendError, took: float) -> float:
        """Seconds to wait after a failure that came after `took` seconds, at least as many as that."""
        pause = self._choose_retry_pause(error) if error.retryable else self._choose_refused_pause()
        return max(pause, min(took, TOOK_MOST))

    def find_reported(self, error: BackendError, *, by_itself: bool) -> BackendError:
        """The refusal that was reported before, where the same came again `by_itself`: it is no news."""
        if error.retryable:
            return error
        before = self._refusal
        same = type(before) is type(error) and str(before) == str(error)
        self._refusal = before if before is not None and same and by_itself else error
        return self._refusal

    def _choose_refused_pause(self) -> float:
        self._refusals += 1
        return backoff_seconds(self._refusals, REFUSED_FIRST, REFUSED_MOST)

    def _choose_retry_pause(self, error: BackendError) -> float:
        """What the server asks for, within reason, else ever longer and never in step with others."""
        asked = min(max(0.0, error.retry_after or 0.0), ASKED_MOST)
        longest = backoff_seconds(self.failures, BACKOFF_FIRST, BACKOFF_MOST)
        return asked or random.uniform(longest / 2, longest)
