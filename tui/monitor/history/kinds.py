"""Which tasks are of one kind, so that one can be compared with the others.

Tasks are of one kind that have the same type, the same graph, and the same name but for the numbers in it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from backend_adapters.model import Task
from tui.monitor.history.records import MOST_OF_NAME, MOST_OF_WORD, clean_history_text

COMPARED_LENGTH = 300
"""Characters of a name that count."""
NUMBER_SIGN = "#"
"""What stands for a number in a pattern."""

_NUMBERS = re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{8,}+\b|\d+", re.IGNORECASE)
"""Numbers, and what looks like an id in hexadecimal digits; each pattern has one way to match."""


class KindKey(NamedTuple):
    """What tasks of one kind have in common."""

    type: str
    graph: str | None
    """None where the place has one graph."""
    pattern: str
    """The name with `#` for each number."""


def find_kind(task: Task) -> KindKey:
    """The kind of a task."""
    return KindKey(task.type, task.graph, make_pattern(task.name))


def make_pattern(name: str) -> str:
    """A name with `#` for each number and each id in it: `import day #`."""
    return _NUMBERS.sub(NUMBER_SIGN, name[:COMPARED_LENGTH])


def find_kept_kind(task: Task) -> KindKey:
    """The kind of a task as the history has it: of texts whose secrets are masked."""
    graph = None if task.graph is None else clean_history_text(task.graph, MOST_OF_WORD)
    name = clean_history_text(task.name, MOST_OF_NAME)
    return KindKey(clean_history_text(task.type, MOST_OF_WORD), graph, make_pattern(name))
