"""Prints records on standard output in the format asked for; everything else goes to standard error.

`formats` says which formats a command has. `tsv` has no head and no colour: one record a line, its values
separated by tabs. Text of a server is made harmless in each format, and its secrets are hidden.
"""

from __future__ import annotations

import argparse
import sys
from typing import Generic, TypeVar

from msgspec import Struct

from backend_adapters.model import is_task_id
from tui import text
from tui.cli.output.formats import FORMATS
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Layout, Style, render_table
from tui.cli.output.terminal import uses_colour
from tui.cli.output.values import (
    Record,
    encode_json,
    format_csv_line,
    format_plain,
    list_csv_cells,
    mask_record,
)

_R = TypeVar("_R", bound=Record)


class OutputOptions(Struct, frozen=True):
    """The format and the colours that a person asked for."""

    format: str | None = None
    """Of `-o`; without it a table for a terminal, and `in_pipe` for a pipe or a file."""
    color: str = "auto"
    in_pipe: str = "table"


LIST_OUTPUT = OutputOptions(in_pipe="tsv")
"""Of the commands that list records."""


def add_output_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """Add `-o` with the formats of a command, and `--color`."""
    formats = FORMATS[command]
    group = parser.add_argument_group("output")
    group.add_argument(
        "-o",
        "--output",
        dest="format",
        choices=formats.names,
        metavar="FORMAT",
        help=f"{', '.join(formats.names)} (default {formats.usual_text})",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="when to use colours (default auto)",
    )
    parser.set_defaults(in_pipe=formats.in_pipe)


class Printer(Generic[_R]):
    """Prints records of one kind in one format, each as soon as the format allows."""

    def __init__(self, layout: Layout[_R], options: OutputOptions, out: StandardOutput | None = None) -> None:
        self.layout = layout
        self.out = out or StandardOutput()
        self.format = options.format or ("table" if self.out.terminal else options.in_pipe)
        self.style = Style(uses_colour(sys.stdout, options.color), self.out.ascii, self.out.width)
        self._rows: list[_R] = []
        self._count = 0
        self._odd = 0
        """How many ids were left out of `-o id`."""
        self._elsewhere = False
        """One of them could be an id of another place."""

    def print_record(self, record: _R) -> None:
        """Print one record, or keep it for the table. Its secrets are hidden here, for all commands."""
        record = mask_record(record)
        if self.format in ("table", "wide") and self.layout.line is None:
            self._rows.append(record)
            return
        self.out.write(self._format_record(record))
        self._count += 1
        if self.layout.line is not None:
            self.out.flush()

    def finish(self) -> None:
        """Print what had to wait for the last record."""
        if self.format == "json":
            self.out.write("\n]\n" if self._count else "[]\n")
        elif self.format in ("table", "wide") and self._rows:
            columns = self.layout.columns + (self.layout.more if self.format == "wide" else ())
            # `wide` is asked for by whoever wants to see all, on however many lines.
            lines = render_table(
                columns, self._rows, self.out.width, self.style, may_drop=self.format == "table"
            )
            for line in lines:
                self.out.write(f"{line}\n")
        if self._odd:
            rows = "row" if self._odd == 1 else "rows"
            could_be = (
                "an option, a path or that of another place" if self._elsewhere else "an option or a path"
            )
            report_error(f"Skipped {self._odd:,} {rows} with an id that could be {could_be}.")
        self._rows, self._odd = [], 0
        self.out.flush()

    def _id_line(self, one: str) -> str:
        """Return the line of `-o id`; nothing for an invalid id, which is counted."""
        if self.layout.is_id(one) and one == text.sanitize(one):
            return f"{one}\n"
        self._odd += bool(one)
        self._elsewhere = self._elsewhere or is_task_id(one)
        return ""

    def _format_record(self, record: _R) -> str:
        match self.format:
            case "json":
                return f"{',' if self._count else '['}\n{encode_json(record, ascii=self.style.ascii)}"
            case "jsonl":
                return f"{encode_json(record, ascii=self.style.ascii)}\n"
            case "csv":
                head = () if self._count else tuple(record.values())
                return (format_csv_line(head) if head else "") + format_csv_line(list_csv_cells(record))
            case "tsv":
                values = (
                    format_plain((column.plain or column.show)(record)) for column in self.layout.columns
                )
                return "\t".join(values) + "\n"
            case "id":
                return self._id_line(self.layout.id(record))
        assert self.layout.line is not None
        return f"{self.layout.line(record, self.style)}\n"
