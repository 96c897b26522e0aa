"""Finds how deep a TOML text nests without parsing it: keys of thousands of parts take a parser minutes."""

from __future__ import annotations

import re

MAX_TOML_DEPTH = 8
"""The most parts of a key, and brackets within brackets; a config file needs three."""

_APART = re.compile(
    r"""\"{3}(?:\\?.)*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\?[^\n])*?(?:"|$)|'[^'\n]*'?|\#[^\n]*""",
    re.DOTALL | re.MULTILINE,
)
"""Strings and comments, which do not nest; one without an end goes as far as it can."""
_SIGN = re.compile(r"[\[\]{}.=,\n]")


def find_too_deep_line(text: str) -> int | None:
    """The line, from 1, on which a text nests too deep; None where it does not."""
    line, brackets, dots = 1, 0, 0
    for found in _SIGN.finditer(_APART.sub(_line_ends, text)):
        sign = found[0]
        line += sign == "\n"
        dots = dots + 1 if sign == "." else 0
        brackets = max(0, brackets + (sign in "[{") - (sign in "]}"))
        if brackets > MAX_TOML_DEPTH or dots >= MAX_TOML_DEPTH:
            return line
    return None


def _line_ends(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
