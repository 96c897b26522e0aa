"""Finds the lines of keys in a TOML text, for messages about them."""

from __future__ import annotations

import re
import tomllib
from typing import TypeAlias

from tui.config.toml_depth import find_too_deep_line

KeyPath: TypeAlias = tuple[str, ...]

_AT_LINE = re.compile(r"at line (\d+)")
_KEY = re.compile(
    r"""\s*(?P<key>(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)
_HEAD = re.compile(r"\s*\[")


def find_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of each table and key that has a line of its own; the first one counts.

    Lines within strings of several lines can be taken for keys, which is good enough for a message.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if _HEAD.match(line):
            if (path := _parse_path(line)) is not None:
                found.setdefault(table := path, number)
        elif key := _KEY.match(line):
            path = _parse_path(f"{key['key']} = 0")
            if path is not None:
                found.setdefault(table + path, number)
    return found


def find_key_line(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, or else of its table."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def find_error_line(error: Exception, text: str) -> int:
    """The line that a TOML error names; the last one where it names the end, or no line."""
    named = _AT_LINE.search(str(error))
    return int(named[1]) if named else max(1, len(text.splitlines()))


def _parse_path(statement: str) -> KeyPath | None:
    """The key path of one statement, by TOML's own rules; None for what is no statement."""
    if find_too_deep_line(statement):
        # It is within a string of several lines, which the check of the whole text leaves out.
        return None
    try:
        value: object = tomllib.loads(statement)
    except ValueError:
        return None
    path: list[str] = []
    while isinstance(value, (dict, list)) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        key, value = next(iter(value.items()))
        path.append(str(key))
    return tuple(path)
