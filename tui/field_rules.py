"""What `fields` says of a field: a rule for each place that shows, sorts, filters, copies or prints it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from backend_adapters.model import Millis, Task

Times: TypeAlias = Literal["age", "local", "utc"]
"""How the column AGE tells when: as an age, or as a moment in the local zone or in UTC."""


class CellContext(Struct, frozen=True):
    """What the text of a cell depends on besides the task."""

    now: Millis
    times: Times = "age"
    ascii: bool = False
    indents_places: bool = False
    """Whether places leave room for the sign of those that are production."""

    @property
    def utc(self) -> bool:
        """Whether moments are in UTC; they are local otherwise."""
        return self.times == "utc"


class ColumnRule(Struct, frozen=True):
    """A field's column on the screen: its head, its bounds in cells, and when it is shown."""

    title: str
    least: int
    most: int
    right: bool = False
    usual: bool = False
    """Shown without `w`."""
    drop_rank: int = 0
    """Columns with a higher rank give way later to a name that has no room; 0 never does."""
    text: Callable[[Task, CellContext], str] | None = None
    """The text of a cell, harmless; None where the table itself composes it (status, name, eta)."""


class SortRule(Struct, frozen=True):
    """How tasks are sorted by a field, ascending; ties are in the order of the ids."""

    key: Callable[[Task, Millis], Any]
    largest_first: bool = False
    """Whether a list that is sorted by it begins with the largest, until the order is turned round."""


class FilterRule(Struct, frozen=True):
    """How a field is compared in a filter: `key=word`, or `key>number`."""

    kind: Literal["status", "exact", "part", "prefix", "parts", "number", "duration"]
    """`parts`: the word begins one of the names that the value has, or a part of it behind `:` or `/`."""
    value: Callable[[Task, Millis], Any]
    """A text for the first five kinds; a number otherwise, for a duration of milliseconds; None: unknown."""
    example: str = ""
    """A term for the help: `age>1h`; empty where `key=` says enough."""
    colon_is_slip: bool = False
    """`key:word` is a slip, and nothing that anybody searches for."""

    @property
    def compares_texts(self) -> bool:
        """Whether it is compared with `=` and `!=` only."""
        return self.kind not in ("number", "duration")


class OverviewRule(Struct, frozen=True):
    """A field's line in the overview, which is there only where the field has a value."""

    text: Callable[[Task, CellContext], str | None]
    of_texts: bool = False
    """Shown only where the server's tasks have an input and a result, as jobs of GES don't."""


class JsonRule(Struct, frozen=True):
    """A field's value in `-o json`, `jsonl` and `csv`; what is not known is null."""

    name: str
    value: Callable[[Task, Millis], object]
    """`now` is by the server's clock; moments are ISO 8601 in UTC, durations milliseconds."""


class PrintRule(Struct, frozen=True):
    """A field's column in what `ls` prints, and its line in what `get` prints."""

    title: str
    text: Callable[[Task, Millis], str]
    """Harmless, and empty where there is no value."""
    plain: Callable[[Task, Millis], object] | None = None
    """The value for `-o tsv`, where it is another one than is shown."""
    right: bool = False
    takes_rest: bool = False
    """Takes what is left of the line, and is cut where that is too little."""
    drop_rank: int = 0
    """Left out where a line is too narrow, the highest rank first; 0: never."""
    wide: bool = False
    """Shown by `-o wide` only."""
    of_graphs: bool = False
    """A column only where one list holds the tasks of several graphs."""
    of_failures: bool = False
    """A column only where failures are listed for a person."""
    in_sheet: bool = True
    """A line of `get`, where there is a value."""


class Field(Struct, frozen=True, kw_only=True):
    """One field of a task, in all the ways in which graphtop shows it."""

    key: str
    """Names the field in filters, sorts and the list of what can be copied."""
    column: ColumnRule | None = None
    sort: SortRule | None = None
    filter: FilterRule | None = None
    overview: OverviewRule | None = None
    copy: Callable[[Task], str | None] | None = None
    """What is copied; nothing is offered where it is empty."""
    json: JsonRule | None = None
    printed: PrintRule | None = None
