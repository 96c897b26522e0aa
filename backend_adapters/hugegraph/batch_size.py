"""How many tasks one request asks for: few at first, more after a quick answer, few again after a slow one.

Up to 1.7.0 a list loads the results of all tasks that it lists, though it sends none, so no fixed number is
right: 400 light tasks take 20 ms, one with a result of 25 MB takes 420 ms and 100 to 200 MB of the server's
memory (PROTOCOL.md, section 1.5).
"""

from __future__ import annotations

FIRST_BATCH = 10
"""Tasks of the first request, while nothing is known of their weight.

Of results of 25 MB 20 take 6 s, and 30 fill a heap of 768 MB (measured on 1.7.0).
"""

LARGEST_BATCH = 400
"""Tasks of a request at the most: 5,000 take 310 ms in pages of 500 and 385 ms in pages of 100 (measured)."""

_GROWTH = 4
_QUICK = 0.2
"""Seconds over the time of an empty answer; after a quicker one more tasks are asked for."""
SLOW_ANSWER = 1.0
"""Seconds that a request should not take: after an answer that was not quick, so many are asked for."""
_LARGE = 8 * 1024 * 1024
"""Bytes of one answer; after a larger one fewer are asked for."""
_FEW = 4
_CALM = 10
"""Quick answers in a row after which more are asked for than what failed; each failure doubles them."""


class BatchSize:
    """The number of tasks to ask one source for at once."""

    def __init__(self) -> None:
        self.size = FIRST_BATCH
        self._most = LARGEST_BATCH
        self._calm, self._calm_enough = 0, _CALM
        self._floor: float | None = None
        """Seconds that the quickest empty answer took: the way there and back."""

    def limit_ids(self, number: int) -> int:
        """So many ids of which few exist; fewer where those that exist are known to be heavy."""
        return min(number, self.size) if self.size < FIRST_BATCH else number

    def note_answer(self, came: int, seconds: float, size: int) -> None:
        """Learn from an answer with so many tasks, after so many seconds, of so many bytes.

        Only finished ones have results; those that are known to go on are not to be counted.
        """
        if came == 0:
            self._floor = seconds if self._floor is None else min(self._floor, seconds)
            return
        own = max(0.0, seconds - (self._floor or 0.0))
        if own > _QUICK:
            # Heavy ones come in rows: after a slow answer the next ones may all be as heavy.
            self._shrink_to(
                came, min(FIRST_BATCH if own > SLOW_ANSWER else LARGEST_BATCH, int(came * SLOW_ANSWER / own))
            )
        elif size > _LARGE:
            self._shrink_to(came, int(came * _LARGE / size))
        else:
            self._grow_after(came, own)

    def start_small(self) -> None:
        """Ask for few at first again: of the tasks that come next nothing is known."""
        self.size = min(self.size, FIRST_BATCH)

    def note_failure(self, asked: int) -> None:
        """Learn that the server could not read so many at once."""
        self._most = max(1, min(self._most, asked // 2))
        self.size = min(self.size, self._most)
        self._calm, self._calm_enough = 0, 2 * self._calm_enough

    def ask_few(self) -> None:
        """The server's memory was not enough, or it answers no more: ask for few for long, however quick."""
        self._most = min(self._most, FIRST_BATCH)
        self.size = min(self.size, FIRST_BATCH)
        self._calm = 0

    def save_state(self) -> tuple[int, int, int]:
        """What it has learnt so far, for `restore_state`."""
        return self.size, self._most, self._calm_enough

    def restore_state(self, kept: tuple[int, int, int]) -> None:
        """Forget what was learnt since: it was not their number."""
        self.size, self._most, self._calm_enough = kept

    def _grow_after(self, came: int, own: float) -> None:
        """Ask for more after so many came in so many seconds; not for more than would still be quick.

        A fast server gives seven results of 25 MB in less time than `_QUICK`, and 28 of them fill its memory.
        """
        self._calm += 1
        if self._calm >= self._calm_enough:
            self._most, self._calm = min(LARGEST_BATCH, 2 * self._most), 0
        still_quick = came * _GROWTH if own * _GROWTH <= _QUICK else int(came * _QUICK / own)
        self.size = max(self.size, min(self._most, still_quick))

    def _shrink_to(self, came: int, size: int) -> None:
        # A few tasks that were slow once tell little of many that were quick.
        least = self.size // _GROWTH if came < _FEW else 1
        self.size = max(1, least, min(self.size, size))
        self._calm = 0
