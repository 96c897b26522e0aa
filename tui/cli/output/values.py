"""The values of records for other programs: as JSON, CSV and plain text, with the secrets in them hidden."""

from __future__ import annotations

import csv
import io
import json
import operator
import re
import unicodedata
from collections.abc import Iterable
from copy import copy
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct, structs, to_builtins

from backend_adapters.model import Place
from backend_adapters.redaction import mask_secrets
from backend_adapters.secret_finder import MASK
from tui import text


class Record(Struct, frozen=True):
    """A record, of which a command prints one after the other."""

    def values(self) -> dict[str, object]:
        """What `json`, `jsonl` and `csv` hold, by their names, in their order."""
        return structs.asdict(self)


_R = TypeVar("_R", bound=Struct)


FORMULA_SIGNS = frozenset("=+-@")
"""What a spreadsheet takes a cell for a formula by, full-width and behind blanks too."""
_BLANKS = re.compile(r"[\s\u2400-\u2421]*")
"""Blanks, and the pictures of control characters, which an import may drop."""


def encode_json(record: Record, *, ascii: bool = False) -> str:
    """Return a record as one line of JSON, with all fields in order and invisible characters escaped."""
    return escape_invisible(json.dumps(record.values(), ensure_ascii=ascii, default=to_builtins))


def escape_invisible(document: str) -> str:
    r"""Return JSON with its invisible characters written as `\u202e`, which means the same."""
    if document.isprintable():
        return document
    return "".join(c if c.isprintable() or c in " \n" else _escape_character(c) for c in document)


def _escape_character(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def format_csv_line(cells: Iterable[str]) -> str:
    """Return one line of CSV, as spreadsheets and the csv module read it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def list_csv_cells(record: Record) -> list[str]:
    """Return a record's values; a text that a spreadsheet would take for a formula gets a leading `'`."""
    return [_format_csv_cell(value) for value in record.values().values()]


def _format_csv_cell(value: object) -> str:
    words = format_plain(value)
    is_text = isinstance(value, (str, tuple, list))
    return f"'{words}" if is_text and _may_be_formula(words) else words


def _may_be_formula(words: str) -> bool:
    first = _BLANKS.sub("", words, count=1)[:1]
    return unicodedata.normalize("NFKC", first)[:1] in FORMULA_SIGNS


def format_plain(value: object) -> str:
    """Return a value for a program: empty for None, `true` or `false`, several ids separated by spaces."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return text.sanitize(" ".join(map(str, value)))
    if isinstance(value, dict):
        return text.sanitize(" ".join(f"{name}={one}" for name, one in value.items()))
    return text.sanitize(str(value))


def mask_record(record: _R) -> _R:
    """Return a record with the secrets in its texts masked, also in records within it."""
    values = structs.astuple(record)
    # Looking into all texts at once is quicker, and mostly there is nothing to hide.
    texts = "\n".join(value for value in values if isinstance(value, str))
    nested = any(value and isinstance(value, (tuple, list, dict, Struct)) for value in values)
    if not nested and mask_secrets(texts) is texts:
        return record
    hidden = tuple(map(_mask_value, values))
    if all(map(operator.is_, hidden, values)):
        return record
    return structs.replace(record, **dict(zip(record.__struct_fields__, hidden, strict=True)))


_mask_name = lru_cache(maxsize=512)(mask_secrets)
"""Of the names of places, which all records of a place share."""


def _mask_place(place: Place) -> Place:
    names = (place.profile, place.graph, place.graphspace or "", place.dialect)
    hidden = tuple(map(_mask_name, names))
    if hidden == names:
        return place
    masked = copy(place)
    masked.profile, masked.graph, space, masked.dialect = hidden
    masked.graphspace = space or None
    return masked


def _mask_value(value: object) -> object:
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, Place):
        return _mask_place(value)
    if isinstance(value, tuple):
        return tuple(map(_mask_value, value))
    if isinstance(value, Struct):
        return mask_record(value)
    if isinstance(value, (dict, list)):
        try:
            return json.loads(mask_secrets(json.dumps(value)))
        except ValueError:
            # A secret with quotes of its own stood across them.
            return MASK
    return value
