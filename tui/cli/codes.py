"""The exit codes of the command line, the same for every command."""

from __future__ import annotations

from backend_adapters.errors import (
    BackendError,
    BadValue,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    TimedOut,
    Unreachable,
    Unsupported,
)

OK = 0
FAILED = 1
"""The task failed or was cancelled (wait, submit --wait), or graphtop itself failed."""
USAGE = 2
NOT_FOUND = 3
NOT_ALLOWED = 4
"""Not logged in, not allowed, or refused."""
UNREACHABLE = 5
NOT_CONFIRMED = 6
"""Not confirmed in time."""
PARTLY = 7
"""Some of several failed."""
INTERRUPTED = 130

TEXT = """\
exit codes: 0 done; 1 the task failed or was cancelled; 2 wrong usage; 3 not found; 4 not allowed or
not logged in; 5 can't reach the server; 6 not confirmed in time; 7 some of several failed;
130 interrupted."""
"""For the end of every command's help."""

_CODES: tuple[tuple[type[BackendError], int], ...] = (
    (NoSuchTask, NOT_FOUND),
    (NoSuchGraph, NOT_FOUND),
    (NotLoggedIn, NOT_ALLOWED),
    (NotAllowed, NOT_ALLOWED),
    (Refused, NOT_ALLOWED),
    (BadValue, USAGE),
    (Unsupported, USAGE),
    (Unreachable, UNREACHABLE),
    (TimedOut, UNREACHABLE),
)


def code_of(error: BackendError) -> int:
    """The exit code of an error: what a server answers wrongly counts as not reached."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNREACHABLE)
