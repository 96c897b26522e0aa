"""On which line of a TOML text a key stands, so that what is wrong can be pointed at."""

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
    """The line, from 1, of each table and key that stands on a line of its own; the first one counts.

    Lines within texts of several lines can be taken for keys: good enough to point at, not to read by.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if _HEAD.match(line):
            path = _path(line)
            if path is not None:
                table = path
                found.setdefault(table, number)
        elif key := _KEY.match(line):
            path = _path(f"{key['key']} = 0")
            if path is not None:
                found.setdefault(table + path, number)
    return found


def find_key_line(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, else that of the table it is in."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def find_error_line(error: Exception, text: str) -> int:
    """The line that a TOML error names; the last one where it names the end, or none."""
    named = _AT_LINE.search(str(error))
    return int(named[1]) if named else max(1, len(text.splitlines()))


def _path(statement: str) -> KeyPath | None:
    """The path that one statement leads to, read by TOML's own rules; None for what is none."""
    if find_too_deep_line(statement):
        # It stands within a text of several lines, where nothing else is in the way of it.
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
