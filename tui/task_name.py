"""What a person calls a task: its name without what only a program needs.

The name that a server sends stays where it has to be exact: in the detail, in what is copied, and in JSON,
CSV and TSV. What is shown is always a part of it, so that a filter by the name finds what is shown, too.
"""

from __future__ import annotations

import re

from backend_adapters.model import Task

_BLANKS = " \t"
_SCHEMA = re.compile(r"[A-Z]+(?:_[A-Z]+)+:-?\d+:(?P<words>.+)", re.DOTALL)
"""`INDEX_LABEL:4:personByCity`: the kind of a schema element, its number and its name."""

_SORT_KEYS_MOST = 4_096
_REMEMBERED_LENGTH = 200
_sort_keys: dict[str, tuple[str, str]] = {}
"""Names with the types that they were met with, and what they are sorted by."""


def readable_name(task: Task) -> str:
    """Return a task's name as a person would say it; all of it where nothing can be left out."""
    return shorten_name(task.type, task.name)


def name_sort_key(task: Task) -> str:
    """What orders tasks by the names that are shown, however these are written.

    Most names come again and again, of jobs that are started every hour: then it takes a quarter of the time.
    """
    kind, name = task.type, task.name
    known = _sort_keys.get(name)
    if known is not None and known[0] == kind:
        return known[1]
    key = shorten_name(kind, name).casefold()
    if len(_sort_keys) >= _SORT_KEYS_MOST:
        _sort_keys.clear()
    if len(name) <= _REMEMBERED_LENGTH:
        _sort_keys[name] = (kind, key)
    return key


def shorten_name(kind: str, name: str) -> str:
    """Return the name of a task of type `kind` as a person would say it."""
    if name[:1] in "/ \t\r\n":
        return _read_comment(name)
    if ":" not in name:
        return name
    if kind and name.startswith(f"{kind}:"):
        return name[len(kind) + 1 :].strip() or name
    found = _SCHEMA.fullmatch(name) if name[0].isupper() else None
    return found["words"] if found is not None and found["words"].strip() else name


def _read_comment(name: str) -> str:
    """The words of a comment that is all there is on the first line; else the whole script."""
    # No pattern for the whole comment: it would have many ways to match a long line of stars or blanks.
    line, words = name.lstrip().partition("\n")[0].partition("\r")[0].rstrip(_BLANKS), ""
    if line[:2] == "//":
        words = line.lstrip("/")
    elif line[:2] == "/*" and line[-2:] == "*/" and len(line) > 4:
        words = line[1:-1].strip("*")
    return words.strip(_BLANKS) or name
