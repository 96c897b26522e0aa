"""Whether a stream goes to a terminal, and what that terminal can show."""

from __future__ import annotations

import os
from typing import TextIO

UNLIMITED = 1_000_000
"""Cells of a line that goes to no terminal."""


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; one that is closed is not."""
    return stream is not None and not stream.closed and stream.isatty()


def uses_colour(stream: TextIO, asked: str) -> bool:
    """Return whether to use colours: as asked, otherwise on a terminal with colours and without NO_COLOR."""
    if asked != "auto":
        return asked == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
