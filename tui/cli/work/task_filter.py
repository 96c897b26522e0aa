"""The filters of commands: how their words are read, and how a mistake or a slow expression is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from backend_adapters.model import Millis, Task
from backend_adapters.sentences import end_sentence
from tui.cli.errors import UsageError
from tui.cli.output.standard_error import print_stderr, report_error
from tui.monitor.filters import Filter, FilterError, compile_filter

FILTER_SECONDS = 0.25
"""Seconds of processor time that a filter has for one task: no key waits for it here."""


def parse_filter(words: Sequence[str]) -> Filter:
    """Return the filter that the words make. Prints where a mistake is, and raises UsageError."""
    written = " ".join(words)
    try:
        return compile_filter(written, FILTER_SECONDS)
    except FilterError as error:
        mark = " " * error.position + "^" * max(1, error.length)
        report_error(end_sentence(str(error)))
        for line in (written, mark):
            print_stderr(f"  {line}")
        raise UsageError("") from None


@contextmanager
def report_slow_filter() -> Iterator[None]:
    """Raise UsageError if a regular expression in the block takes too long."""
    try:
        yield
    except FilterError as error:
        raise UsageError(f"{error}.") from None


def passes_filter(wanted: Filter, task: Task, now: Millis) -> bool:
    """Return whether a task passes the filter. Raises UsageError if a regular expression takes too long."""
    with report_slow_filter():
        return wanted(task, now)
