"""Brings reasons of failures that differ only in names and numbers to one text, by which they are grouped."""

from __future__ import annotations

import re
from functools import lru_cache

READ_CHARACTERS = 1_000
"""Of a longer reason the beginning says what happened."""
PATTERN_CHARACTERS = 200
"""The length of the text at most: reasons that differ only after it are one group."""
NO_TEXT = "-"
"""What a reason of white space becomes: no text is empty."""

# Each pattern has one way to match: the time grows with the length of the text, whatever a server sends.
_STEPS = (
    # A quote that begins a word, so that the apostrophe of "can't" begins none; the last may be cut.
    (re.compile(r"(?<!\w)'[^']*(?:'|$)|\"[^\"]*(?:\"|$)|`[^`]*(?:`|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)"), "'…'"),
    # The pieces of a path that have a digit: /data/17/000123.sst.
    (re.compile(r"(?<=/)(?=[^/\s]*\d)[^/\s,;:)\]}]+"), "#"),
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "#"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "#"),
    # Java's name of an object: HugeVertex@1b6d3586.
    (re.compile(r"(?<=@)[0-9a-fA-F]+\b"), "#"),
    # An id of a vertex is the number of its label and a name: 1:marko.
    (re.compile(r"(?<![\w.])\d+:[^\d\s,;)\]}>][^\s,;)\]}>]*"), "#"),
    (re.compile(r"\b(?=[a-fA-F]*\d)[0-9a-fA-F]{6,}\b"), "#"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    # A list is one, however long it is.
    (re.compile(r"(?:#[,;]? ?){2,}"), "# "),
    (re.compile(r"(?:'…'[,;]? ?){2,}"), "'…' "),
)


# Each change of the filter groups all failures anew.
@lru_cache(maxsize=4_096)
def normalize_reason(reason: str) -> str:
    """Return a reason without what differs from task to task: quoted text, ids, numbers, pieces of paths."""
    text = " ".join(reason[:READ_CHARACTERS].split())
    for pattern, placeholder in _STEPS:
        text = pattern.sub(placeholder, text)
    return text[:PATTERN_CHARACTERS].strip() or NO_TEXT
