"""What tells a line that is typed into from all other widgets, apart from the line itself.

Textual's input takes 4 ms to be imported (measured), and the first rows need none.
"""

from __future__ import annotations

from typing import ClassVar


class TypedLine:
    """A line that is typed into: letters are no keys there."""

    joins_keys: ClassVar[bool] = True
    """Whether several keys may be passed on as one text."""
