"""Figures that the live tests measure, printed as one small table at the end of the run."""

from __future__ import annotations

from typing import Any

import pytest

Rows = dict[str, dict[str, str]]
"""Kind of server -> column -> figure, ready to print."""

COLUMNS = (
    "start-up s",
    "first rows ms",
    "all rows ms",
    "new task ms",
    "cancel ms",
    "delete ms",
    "quiet poll",
    "25 MB detail",
)
_KEY = "graphtop_live_figures"
_ROWS = pytest.StashKey[Rows]()


class Figures:
    """What was measured in this process; under xdist it travels home with the worker's output."""

    def __init__(self, config: pytest.Config) -> None:
        self._rows: Rows = {}
        # A worker's output is sent when the worker ends; until then it may grow.
        output = getattr(config, "workeroutput", None)
        if output is None:
            config.stash[_ROWS] = self._rows
        else:
            output[_KEY] = self._rows

    def note(self, kind: str, column: str, figure: str) -> None:
        """Write one figure down."""
        assert column in COLUMNS
        self._rows.setdefault(kind, {})[column] = figure


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of xdist has ended: takes in what it measured."""
    came: Rows = getattr(node, "workeroutput", {}).get(_KEY, {})
    rows = node.config.stash.setdefault(_ROWS, {})
    for kind, figures in came.items():
        rows.setdefault(kind, {}).update(figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the table, if there is anything in it."""
    rows = config.stash.get(_ROWS, {})
    if not rows:
        return
    terminalreporter.section("figures of the live tests")
    width = max(map(len, rows))
    terminalreporter.write_line(" ".join((" " * width, *(f"{column:>14}" for column in COLUMNS))))
    for kind in sorted(rows):
        cells = (f"{rows[kind].get(column, '-'):>14}" for column in COLUMNS)
        terminalreporter.write_line(" ".join((kind.ljust(width), *cells)))
