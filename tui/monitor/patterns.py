"""Regular expressions whose searches end in time, on any thread.

`(a|aa)+$` takes hours for sixty letters, in which no key would be answered. The `regex` library ends a search
after a given time; Python's own `re` can't.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from typing import Any

from tui.monitor.cooperative import Steps

SEARCH_LIMIT = 0.003
"""Seconds of processor time for one search on the screen, where a frame is 16 ms."""

SEARCHES = 4
"""Texts that are searched with a limit before the event loop may run: 12 ms at most, usually 4 µs."""

QUICK_STEPS = 1_000_000
"""Steps that the engine takes in less than 2 ms (measured): a search that takes no more needs no limit."""
SLICE_STEPS = 25_000
"""Steps for each of 250 texts that are searched at once, which takes 12 ms at most and usually 0.1 ms."""

# What can take more steps than (length + 1) ** (repeats + 1), times 2 for every alternative: repeated groups,
# those that begin with (? and are no look-arounds, and all escapes but those of simple classes.
_COMPLEX = re.compile(r"\(\?(?!:|>|<?[=!])|\)[*+{]|\\(?![dDwWsSbB])[0-9A-Za-z]")
_REPEAT = re.compile(r"[*+{]|(?<![(*+?}])\?")

LARGEST_SIZE = 50_000
"""Parts of an expression whose compilation takes 25 ms at most; a million take 0.3 s and 260 MB."""

LONGEST_EXPRESSION = 2_000
"""Characters of an expression: a set of 9,000 takes 45 ms for 10 kB, within which no time is looked at."""

_PART = re.compile(r"\\.|\{\s*(\d+)[\s,\d]*\}|.", re.DOTALL)

TOO_LARGE = "The regular expression is too large"


class PatternError(ValueError):
    """The text is no regular expression; `position` points at the mistake, None at all of it."""

    def __init__(self, message: str, position: int | None) -> None:
        super().__init__(message)
        self.position = position


class Pattern:
    """A regular expression that is searched for in texts, in any case; `^` and `$` match at each line."""

    def __init__(self, expression: str, seconds: float = SEARCH_LIMIT) -> None:
        """Compile an expression whose searches may take so much processor time. Raises PatternError."""
        with warnings.catch_warnings():
            # Both libraries warn of expressions that may mean something else one day; nobody sees that here.
            warnings.simplefilter("ignore")
            self._search = _compile_search(expression)
        self._seconds = seconds
        self._quick_length = find_quick_length(expression, QUICK_STEPS)
        self._slice_length = find_quick_length(expression, SLICE_STEPS)

    def is_found_in(self, text: str) -> bool:
        """Whether the expression matches somewhere in a text. Raises TimeoutError."""
        if len(text) < self._quick_length:
            # A limit costs 2 µs for each search, which is 0.2 s for 100,000 tasks.
            return self._search(text) is not None
        return self._search(text, timeout=self._seconds) is not None

    def search_texts(self, texts: Sequence[str]) -> Steps[list[bool]]:
        """Whether the expression matches in each of at most 250 texts. Raises TimeoutError."""
        if max(map(len, texts), default=0) < self._slice_length:
            search = self._search
            return [search(text) is not None for text in texts]
        found: list[bool] = []
        for start in range(0, len(texts), SEARCHES):
            found += map(self.is_found_in, texts[start : start + SEARCHES])
            yield
        return found


def _compile_search(expression: str) -> Any:
    # Imported here: it takes 7 ms, and most filters hold no regular expression.
    import regex

    if len(expression) > LONGEST_EXPRESSION or count_parts(expression) > LARGEST_SIZE:
        raise PatternError(TOO_LARGE, None)
    try:
        return regex.compile(expression, regex.IGNORECASE | regex.MULTILINE).search
    except (RecursionError, ValueError) as error:
        # A ValueError: a number of more than 4300 digits.
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
    except (OverflowError, RecursionError, ValueError):
        return PatternError(TOO_LARGE, None)
    return PatternError(f"Not a valid regular expression: {message}", position)


def count_parts(expression: str) -> int:
    """The parts of an expression once it is compiled: `regex` writes `a{1000}` out as 1000 of them."""
    groups, last = [0], 0
    for part in _PART.finditer(expression):
        if part[0] == "(":
            groups.append(0)
            continue
        if part[1]:
            # A number of more digits is larger than any expression may be.
            size = last * (max(int(part[1][:10]), 1) - 1)
            last += size
        else:
            size = last = groups.pop() if part[0] == ")" and len(groups) > 1 else 1
        groups[-1] += size
    return sum(groups)


def find_quick_length(expression: str, steps: int) -> int:
    """The length below which no text can take more than so many steps; 0 if that is unknown."""
    if _COMPLEX.search(expression):
        return 0
    # Each letter of the expression may be compared at each place of the text.
    size = max(len(expression), 1)
    most_steps = float((steps >> expression.count("|")) // max(size // 16, 1))
    return min(round(math.pow(most_steps, 1 / (1 + len(_REPEAT.findall(expression))))), steps // size)
