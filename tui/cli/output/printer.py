"""What commands print: records on standard output in the format asked for, the rest on standard error.

`formats` says which formats a command has. `tsv` has no head and no colour: one record a line, its values
apart by tabs. Text of a server is harmless in each format, and its secrets are hidden.
"""

from __future__ import annotations

import argparse
import csv
import errno
import io
import json
import os
import re
import select
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable
from typing import Generic, TextIO, TypeVar

from msgspec import Struct, structs, to_builtins

from backend_adapters.model import is_task_id
from backend_adapters.redaction import MASK, mask
from tui import text
from tui.cli.output.formats import FORMATS

UNLIMITED = 1_000_000
"""Cells of a line that goes to no terminal."""
NARROWEST = 8
"""Cells that the column which takes what is left has at least."""
WIDEST = 40
"""Cells of another column, at the most, where a line is too narrow for all: a UUID fits."""
FORMULAS = frozenset("=+-@")
"""What a spreadsheet takes a cell for a formula by, full-width and behind blanks too."""
_BLANKS = re.compile(r"[\s\u2400-\u2421]*")
"""Blanks, and the pictures of control characters, which an import may drop."""

R = TypeVar("R", bound=Struct)


class Column(Struct, Generic[R], frozen=True):
    """One column of a table: its head, and a record's text in it, which is harmless."""

    head: str
    show: Callable[[R], str]
    plain: Callable[[R], object] | None = None
    """The value for `tsv`, where it is another one than is shown."""
    right: bool = False
    takes_rest: bool = False
    """Takes what is left of the line, and is cut where that is too little."""
    style: Callable[[R], str] | None = None
    """The SGR numbers that it is drawn with, `31`; empty for none."""


class Layout(Struct, Generic[R], frozen=True, kw_only=True):
    """How records of one kind are printed; `json` and `csv` have the record's own fields."""

    columns: tuple[Column[R], ...]
    more: tuple[Column[R], ...] = ()
    """The further columns of `wide`."""
    id: Callable[[R], str]
    is_id: Callable[[str], bool] = is_task_id
    """Which ids `-o id` gives to other commands: what could be an option or a path is left out."""
    line: Callable[[R, Style], str] | None = None
    """A line for each record as it comes, instead of a table; these are printed at once."""


class Style(Struct, frozen=True):
    """What the output can show."""

    colour: bool = False
    ascii: bool = False
    width: int = UNLIMITED
    """Cells of a line."""

    def fit_rest(self, before: str, words: str) -> str:
        """Harmless words, cut to what is left of the line behind others that are not painted yet."""
        room = max(NARROWEST, self.width - text.cell_width(before))
        return text.fit_cells(words, min(room, text.cell_width(words)), ascii=self.ascii).rstrip()

    def paint(self, words: str, numbers: str) -> str:
        """Words in a colour, where there is any."""
        return f"\x1b[{numbers}m{words}\x1b[0m" if self.colour and numbers else words


def add_output_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """Add `-o`, as a command's formats are, and `--color`."""
    formats = FORMATS[command]
    group = parser.add_argument_group("output")
    group.add_argument(
        "-o",
        "--output",
        choices=formats.names,
        metavar="FORMAT",
        help=f"{', '.join(formats.names)} ({formats.usual})",
    )
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours (auto)")
    parser.set_defaults(in_pipe=formats.in_pipe)


def uses_colour(stream: TextIO, chosen: str) -> bool:
    """Whether to use colours: as chosen, otherwise on a terminal that has them, unless NO_COLOR is set."""
    if chosen != "auto":
        return chosen == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream goes to, or comes from, a terminal; one that is closed does not."""
    return stream is not None and not stream.closed and stream.isatty()


class OutputError(Exception):
    """Standard output takes nothing more, for another reason than a closed pipe; the message says which."""


class StandardOutput:
    """Standard output; a closed pipe raises BrokenPipeError, any other failure CantWrite."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        if isinstance(self._stream, io.TextIOWrapper):
            # It sends what has been written before.
            with _WriteErrors():
                self._stream.reconfigure(errors="backslashreplace")
        self.terminal = is_terminal(self._stream)
        self.ascii = not (getattr(self._stream, "encoding", None) or "").lower().startswith("utf")

    @property
    def width(self) -> int:
        """Cells of a line: of the terminal, or what COLUMNS says; without either there is no limit."""
        return shutil.get_terminal_size((UNLIMITED if not self.terminal else 80, 24)).columns

    def write(self, words: str) -> None:
        """Write words."""
        if self.terminal:
            clear_progress()
        with _WriteErrors():
            if self._stream is not None:
                self._stream.write(words)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        with _WriteErrors():
            if self._stream is not None:
                self._stream.flush()
                self._stream.buffer.write(data)

    def flush(self) -> None:
        """Send what has been written on its way."""
        with _WriteErrors():
            if self._stream is not None:
                self._stream.flush()

    def is_abandoned(self) -> bool:
        """Whether nobody reads the pipe that this writes into any more."""
        try:
            number = self._stream.fileno()
        except (AttributeError, OSError, ValueError):
            return False
        poll = select.poll()
        poll.register(number, 0)
        return any(events & select.POLLERR for _, events in poll.poll(0))


def describe_write_error(error: OSError) -> str:
    """Say why the output takes nothing."""
    return f"can't write the output: {error.strerror}."


class _WriteErrors:
    """Turns a failure of the standard output into what ends the command."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno != errno.EPIPE:
            raise OutputError(describe_write_error(error)) from None


class Printer(Generic[R]):
    """Prints records of one kind in one format, each as soon as the format allows."""

    def __init__(
        self, layout: Layout[R], chosen: argparse.Namespace, out: StandardOutput | None = None
    ) -> None:
        self.layout = layout
        self.out = out or StandardOutput()
        self.format = chosen.output or ("table" if self.out.terminal else chosen.in_pipe)
        self.style = Style(uses_colour(sys.stdout, chosen.color), self.out.ascii, self.out.width)
        self._rows: list[R] = []
        self._count = 0
        self._odd = 0
        """How many ids were left out of `-o id`."""

    def print_record(self, record: R) -> None:
        """Take one record; its secrets are hidden here, whatever command it comes from."""
        record = mask_secrets(record)
        if self.format in ("table", "wide") and self.layout.line is None:
            self._rows.append(record)
            return
        self.out.write(self._format_record(record))
        self._count += 1
        if self.layout.line is not None:
            self.out.flush()

    def finish(self) -> None:
        """All records have come."""
        if self.format == "json":
            self.out.write("\n]\n" if self._count else "[]\n")
        elif self.format in ("table", "wide") and self._rows:
            wide = self.format == "wide"
            columns = self.layout.columns + (self.layout.more if wide else ())
            for line in render_table(columns, self._rows, self.out.width, self.style):
                self.out.write(f"{line}\n")
        if self._odd:
            rows = "row" if self._odd == 1 else "rows"
            report_error(f"left out: {self._odd:,} {rows} with an id that could be an option or a path.")
        self._rows, self._odd = [], 0
        self.out.flush()

    def _id_line(self, one: str) -> str:
        """The line of `-o id`; none for what is no id, which is counted."""
        if self.layout.is_id(one) and one == text.sanitize(one):
            return f"{one}\n"
        self._odd += bool(one)
        return ""

    def _format_record(self, record: R) -> str:
        match self.format:
            case "json":
                return f"{',' if self._count else '['}\n{encode_json(record, ascii=self.style.ascii)}"
            case "jsonl":
                return f"{encode_json(record, ascii=self.style.ascii)}\n"
            case "csv":
                head = () if self._count else record.__struct_fields__
                return (format_csv_line(head) if head else "") + format_csv_line(list_csv_cells(record))
            case "tsv":
                return "\t".join(map(_format_plain, self._plain_values(record))) + "\n"
            case "id":
                return self._id_line(self.layout.id(record))
        assert self.layout.line is not None
        return f"{self.layout.line(record, self.style)}\n"

    def _plain_values(self, record: R) -> list[object]:
        return [(column.plain or column.show)(record) for column in self.layout.columns]


def render_table(columns: tuple[Column[R], ...], rows: list[R], width: int, style: Style) -> list[str]:
    """Lines with a head; each column is as wide as its texts, and all fit into the line if that can be."""
    cells = [[column.show(row) for column in columns] for row in rows]
    widths = [
        max(text.cell_width(texts) for texts in (column.head, *(line[at] for line in cells)))
        for at, column in enumerate(columns)
    ]
    rest = next((at for at, column in enumerate(columns) if column.takes_rest), None)
    if rest is not None:
        gaps = 2 * (len(widths) - 1)
        if sum(widths) - widths[rest] + gaps + NARROWEST > width:
            widths = [one if at == rest else min(one, WIDEST) for at, one in enumerate(widths)]
        others = sum(widths) - widths[rest] + gaps
        widths[rest] = max(NARROWEST, min(widths[rest], width - others))
    heads = [
        style.paint(_fit_cell(column, column.head, widths[at], style), "2")
        for at, column in enumerate(columns)
    ]
    lines = ["  ".join(heads)]
    for row, line in zip(rows, cells, strict=True):
        lines.append(
            "  ".join(_render_cell(columns[at], row, line[at], widths[at], style) for at in range(len(line)))
        )
    return [line.rstrip() for line in lines]


def _render_cell(column: Column[R], row: R, words: str, width: int, style: Style) -> str:
    fitted = _fit_cell(column, words, width, style)
    return style.paint(fitted, column.style(row)) if column.style else fitted


def _fit_cell(column: Column[R], words: str, width: int, style: Style) -> str:
    return text.fit_cells(words, width, align="right" if column.right else "left", ascii=style.ascii)


# --- values ------------------------------------------------------------------------------------------


def encode_json(record: Struct, *, ascii: bool = False) -> str:
    """One record as one line of JSON: every field, in their order, and no character that moves a terminal."""
    return escape_invisible(json.dumps(to_builtins(record), ensure_ascii=ascii))


def escape_invisible(document: str) -> str:
    r"""JSON whose characters that can't be seen are written as `\u202e`; what it means stays the same."""
    if document.isprintable():
        return document
    return "".join(c if c.isprintable() or c in " \n" else _escape_character(c) for c in document)


def _escape_character(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def format_csv_line(cells: Iterable[str]) -> str:
    """One line of CSV as spreadsheets and the csv module read it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def list_csv_cells(record: Struct) -> list[str]:
    """A record's values; a text that a spreadsheet would take for a formula gets a `'` before it."""
    return [_format_csv_cell(value) for value in structs.astuple(record)]


def _format_csv_cell(value: object) -> str:
    words = _format_plain(value)
    is_text = isinstance(value, (str, tuple, list))
    return f"'{words}" if is_text and _may_be_formula(words) else words


def _may_be_formula(words: str) -> bool:
    first = _BLANKS.sub("", words, count=1)[:1]
    return unicodedata.normalize("NFKC", first)[:1] in FORMULAS


def _format_plain(value: object) -> str:
    """A value for a machine: nothing for None, true and false, several ids apart by spaces."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return text.sanitize(" ".join(map(str, value)))
    return text.sanitize(str(value))


def mask_secrets(record: R) -> R:
    """A record with the secrets in its texts hidden, also in those of the records within it."""
    values = structs.astuple(record)
    # Looking into all texts at once is quicker, and mostly there is nothing to hide.
    texts = "\n".join(value for value in values if isinstance(value, str))
    nested = any(value and isinstance(value, (tuple, list, dict, Struct)) for value in values)
    if not nested and mask(texts) is texts:
        return record
    hidden = map(_mask_value, values)
    return structs.replace(record, **dict(zip(record.__struct_fields__, hidden, strict=True)))


def _mask_value(value: object) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, tuple):
        return tuple(map(_mask_value, value))
    if isinstance(value, Struct):
        return mask_secrets(value)
    if isinstance(value, (dict, list)):
        try:
            return json.loads(mask(json.dumps(value)))
        except ValueError:
            # A secret with quotes of its own stood across them.
            return MASK
    return value


# --- standard error ----------------------------------------------------------------------------------


def report_error(sentence: str) -> None:
    """Say what is wrong, or what a person should know, on standard error; nothing for nothing."""
    if sentence:
        print_stderr(f"graphtop: {sentence}")


def report_unmasked(sentence: str) -> None:
    """Say on standard error what graphtop itself found: it may name where a secret is, and holds none."""
    _print_wrapped(f"graphtop: {text.sanitize(sentence)}")


def print_stderr(words: str) -> None:
    """Write a line on standard error, made harmless; a terminal that is too narrow breaks it at a word."""
    _print_wrapped(text.sanitize_label(words))


def _print_wrapped(line: str) -> None:
    clear_progress()
    width = shutil.get_terminal_size().columns if is_terminal(sys.stderr) else UNLIMITED
    _write_stderr("\n".join(text.wrap_words(line, width, indent=2)) + "\n")


_is_progress_shown = False


def show_progress(sentence: str) -> None:
    """Show how far the work is, on standard error where that is a terminal; the next one replaces it."""
    global _is_progress_shown  # noqa: PLW0603
    if is_terminal(sys.stderr):
        width = shutil.get_terminal_size().columns - 1
        line = text.sanitize(sentence)
        _write_stderr(
            "\r\x1b[K" + (text.fit_cells(line, width).rstrip() if text.cell_width(line) > width else line)
        )
        _is_progress_shown = True


def clear_progress() -> None:
    """Take the line of `show_progress` away, before something else is written."""
    global _is_progress_shown  # noqa: PLW0603
    if _is_progress_shown:
        _is_progress_shown = False
        _write_stderr("\r\x1b[K")


def _write_stderr(words: str) -> None:
    """Write on standard error; where it is closed there is nobody to tell."""
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.write(words)
        stream.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EBADF):
            raise
