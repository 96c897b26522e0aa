"""A limit on the time of one call that nothing else can interrupt: a regular expression in a bad mood.

`(a+)+$` takes minutes for thirty letters. The expression engine looks for signals while it works, so a timer
of the processor time that the program itself spends can end it; time spent waiting for the processor doesn't
count. Where there is no such timer (Windows, another thread) the call is not limited.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

Got = TypeVar("Got")

LIMIT = 0.004
"""Seconds of processor time for one call; the system's own tick makes it 4 to 8 ms, and a frame is 16."""


class TooSlow(Exception):
    """A call was ended because it took too long."""


def limited(call: Callable[[], Got], seconds: float = LIMIT) -> Got:
    """Return what `call` returns. Raises TooSlow when it takes more than so much processor time."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return call()
    armed = True

    def ring(_number: int, _frame: FrameType | None) -> None:
        # The signal may come a moment late, when the call has already ended.
        if armed:
            raise TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            return call()
        finally:
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
