"""Regular expressions whose searches end in time, on any thread.

`(a|aa)+$` takes hours for sixty letters, in which no key would be answered. The `regex` library ends a search
after a given time; Python's own `re` can't.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

SEARCH_LIMIT = 0.003
"""Seconds of processor time for one search on the screen, where a frame is 16 ms."""

QUICK_STEPS = 1_000_000
"""Steps that the engine takes in less than 2 ms (measured)."""

# What can take more steps than (length + 1) ** (repeats + 1), times 2 for every alternative: repeated groups,
# those that begin with (? and are no look-arounds, and all escapes but those of simple classes.
_COMPLEX = re.compile(r"\(\?(?!:|>|<?[=!])|\)[*+{]|\\(?![dDwWsSbB])[0-9A-Za-z]")
_REPEAT = re.compile(r"[*+{]|(?<![(*+?}])\?")

TOO_LARGE = "The regular expression is too large"


class PatternError(ValueError):
    """The text is no regular expression; `position` points at the mistake, None at all of it."""

    def __init__(self, message: str, position: int | None) -> None:
        super().__init__(message)
        self.position = position


def compile_pattern(expression: str, seconds: float = SEARCH_LIMIT) -> Callable[[str], bool]:
    """A test whether an expression matches somewhere in a text, in any case; `^` and `$` match at each line.

    It raises TimeoutError after so many seconds of processor time. Raises PatternError.
    """
    with warnings.catch_warnings():
        # Both libraries warn of expressions that may mean something else one day; nobody sees that here.
        warnings.simplefilter("ignore")
        search = _compile_search(expression)
    quick_length = find_quick_length(expression)

    def is_found_in(text: str) -> bool:
        if len(text) < quick_length:
            # A limit costs 2 µs for each search, which is 0.2 s for 100,000 tasks.
            return search(text) is not None
        return search(text, timeout=seconds) is not None

    return is_found_in


def _compile_search(expression: str) -> Any:
    # Imported here: it takes 7 ms, and most filters hold no regular expression.
    import regex

    try:
        return regex.compile(expression, regex.IGNORECASE | regex.MULTILINE).search
    except RecursionError as error:
        raise PatternError(TOO_LARGE, None) from error
    except regex.error as error:
        raise _explain_error(expression, error.msg, error.pos) from error


def _explain_error(expression: str, message: str, position: int) -> PatternError:
    """Say why an expression was refused: where Python refuses it, too, it knows the place better."""
    try:
        re.compile(expression)
    except re.error as known:
        if known.msg.startswith(message):
            message, position = known.msg, known.pos or 0
    except (OverflowError, RecursionError):
        return PatternError(TOO_LARGE, None)
    return PatternError(f"Not a regular expression: {message}", position)


def find_quick_length(expression: str) -> int:
    """The length below which no text can take more than QUICK_STEPS; 0 where that is not known."""
    if _COMPLEX.search(expression):
        return 0
    most_steps = float(QUICK_STEPS >> expression.count("|"))
    return round(math.pow(most_steps, 1 / (1 + len(_REPEAT.findall(expression)))))
