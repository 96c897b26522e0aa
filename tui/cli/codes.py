"""The exit codes of the command line, the same for every command."""

from __future__ import annotations

from collections.abc import Iterable

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
from tui.monitor.journal_file import JournalError

OK = 0
FAILED = 1
"""The task failed or was cancelled (wait, submit --wait), had ended before a cancel, or graphtop failed."""
USAGE = 2
NOT_FOUND = 3
NOT_ALLOWED = 4
"""Not logged in, not allowed, or refused."""
UNREACHABLE = 5
"""The server can't be reached, or can't read what it is asked for."""
NOT_CONFIRMED = 6
"""Not confirmed in time."""
PARTLY = 7
"""Some of several failed, or rows of a list are missing."""
INTERRUPTED = 130

TEXT = """\
exit codes: 0 done; 1 the task failed or was cancelled, or graphtop itself failed; 2 wrong usage;
3 not found; 4 not allowed, refused or not logged in; 5 can't reach the server, or it can't read the
task; 6 not confirmed in time; 7 some of several failed, or rows of a list are missing; 130
interrupted (SIGTERM 143, a closed pipe 141)."""
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
    (JournalError, FAILED),
)


def code_of(error: BackendError) -> int:
    """The exit code of an error: what a server answers wrongly counts as not reached."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNREACHABLE)


def together(codes: Iterable[int]) -> int:
    """The exit code of several: the one that all share, otherwise that some failed; done for none."""
    different = set(codes)
    if len(different) > 1:
        return PARTLY
    return different.pop() if different else OK


class GiveUp(Exception):
    """A command ends here; the message is a sentence for the person, `code` the exit code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code
