"""The filters of commands: how their words are read, and how a mistake or a slow expression is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend_adapters.model import Millis, Task
from backend_adapters.sentences import end_sentence
from tui.cli.errors import UsageError
from tui.cli.output.standard_error import print_stderr, report_error
from tui.monitor.filters import Filter, FilterError, compile_filter

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView

FILTER_SECONDS = 0.25
"""Seconds of processor time that a filter has for one task: no key waits for it here."""


TAB_TERMS = {
    "1": "status=active",
    "2": "status=waiting",
    "3": "status=success",
    "4": "status=failed",
    "5": "status=cancelled",
    "6": "problem",
}
"""A filter for each status tab but the first one, which shows all."""


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


def list_view_terms(view: SavedView) -> list[str]:
    """The terms of a filter that shows the same as a view: its status tab and its filter."""
    tab = TAB_TERMS.get(view.tab, "")
    return [term for term in (tab, view.filter) if term]


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
