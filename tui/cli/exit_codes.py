"""The exit codes, which are the same for every command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
PROBLEMS_FOUND = 8
"""Something needs a person, as `problems` tells."""
INTERRUPTED = 130

LOCAL_MEANINGS = {
    OK: "success",
    FAILED: "internal error, or the output can't be written",
    USAGE: "wrong usage",
    INTERRUPTED: "interrupted (SIGTERM 143, closed pipe 141)",
}
"""What the exit codes of every command mean; a command adds its own, and changes what it knows better."""
SERVER_MEANINGS = LOCAL_MEANINGS | {
    USAGE: "wrong usage, or a mistake in the config file",
    NOT_FOUND: "not found",
    NOT_ALLOWED: "refused, not allowed or not logged in",
    UNREACHABLE: "the server can't be reached, or it can't read the task",
}
"""The same for a command that asks a server."""


def describe_exit_codes(meanings: Mapping[int, str]) -> str:
    """Return the end of a command's help: the codes that it can end with, and so have a meaning."""
    words = [f"{code} {meaning}" for code, meaning in sorted(meanings.items()) if meaning]
    return f"exit codes: {'; '.join(words)}."


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
    return PARTLY if len(different) > 1 else different.pop() if different else OK
