"""The exit codes, which are the same for every command."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.errors import (
    BadValue,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    TimedOut,
    Unreachable,
    Unsupported,
    WrongClock,
)
from tui.config.resolved import ConfigError
from tui.monitor.journal.file import JournalError

OK = 0
"""What was asked for is so."""
FAILED = 1
"""It ended otherwise: the task failed, was cancelled or ended before a cancel; or graphtop itself failed."""
USAGE = 2
NOT_FOUND = 3
NOT_ALLOWED = 4
"""Refused: by the server, for want of a login or a right, or because this kind of server can't do it."""
UNREACHABLE = 5
"""The server can't be reached, or can't read what it is asked for; nothing was started."""
NOT_CONFIRMED = 6
"""Not confirmed in time, or a job that may have been started."""
PARTLY = 7
"""Some of several ended otherwise, or rows of a list are missing."""
INTERRUPTED = 130

EXIT_CODES_HELP = """\
exit codes: 0 what was asked for is so; 1 it ended otherwise (failed, cancelled, finished first, or
you said no), or graphtop itself failed; 2 wrong usage; 3 not found; 4 refused, not allowed or not
logged in; 5 can't reach the server, or it can't read the task; 6 not confirmed in time, or a job
may have been started; 7 some of several, or rows of a list are missing; 130 interrupted (SIGTERM
143, a closed pipe 141)."""
"""The one rule of all commands, for the end of their help."""

_CODES: tuple[tuple[type[Exception], int], ...] = (
    (ConfigError, USAGE),
    (NoSuchTask, NOT_FOUND),
    (NoSuchGraph, NOT_FOUND),
    (NotLoggedIn, NOT_ALLOWED),
    (NotAllowed, NOT_ALLOWED),
    (Refused, NOT_ALLOWED),
    (Unsupported, NOT_ALLOWED),
    (WrongClock, NOT_ALLOWED),
    (BadValue, USAGE),
    (Unreachable, UNREACHABLE),
    (TimedOut, UNREACHABLE),
    (JournalError, FAILED),
)


def exit_code_of(error: Exception) -> int:
    """Return the exit code of an error; a server that answers nonsense counts as not reached."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNREACHABLE)


def combine_codes(codes: Iterable[int]) -> int:
    """Return the exit code of several: the one that all share, otherwise PARTLY; OK for none."""
    different = set(codes)
    if len(different) > 1:
        return PARTLY
    return different.pop() if different else OK
