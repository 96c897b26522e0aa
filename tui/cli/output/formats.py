"""The formats in which each command prints its records, and which of them is used without `-o`."""

from __future__ import annotations

from msgspec import Struct

ALL_FORMATS = ("table", "wide", "tsv", "json", "jsonl", "csv", "id")
"""Every format there is; `wide` is as `table` where a command has no further columns."""


class Formats(Struct, frozen=True, kw_only=True):
    """The formats of one command."""

    names: tuple[str, ...] = ALL_FORMATS
    in_pipe: str
    """The one without `-o` for a pipe or a file; on a terminal that is the table."""

    @property
    def usual_text(self) -> str:
        """The format that is used without `-o`, for the help."""
        return "table" if self.in_pipe == "table" else f"table on a terminal, otherwise {self.in_pipe}"


_LISTS = Formats(in_pipe="tsv")
_LINES = Formats(in_pipe="table")
"""What is printed as it happens: the same lines for a person and for a log."""

FORMATS = {
    "ls": _LISTS,
    "get": _LISTS,
    "graphs": _LISTS,
    "history": _LISTS,
    "journal": _LISTS,
    "doctor": _LISTS,
    "stats": _LISTS,
    "views": _LISTS,
    "problems": _LINES,
    "wait": _LINES,
    # It never ends, and so could not end an array.
    "watch": Formats(names=tuple(name for name in ALL_FORMATS if name != "json"), in_pipe="table"),
    "cancel": _LINES,
    "delete": _LINES,
    "purge": _LINES,
}
