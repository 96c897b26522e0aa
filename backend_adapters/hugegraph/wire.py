"""What HugeGraph sends, as typed records, and how it becomes the common vocabulary.

The field list is `HugeTask.asMap`; unknown fields are ignored. A record that is as it should be is read by
msgspec; `lenient` reads the others with pydantic, from the same declarations.
"""

from __future__ import annotations

from datetime import UTC, datetime
from sys import intern
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta
from msgspec.json import Decoder
from typing_extensions import TypedDict

from backend_adapters.model import NO_EXTRAS, Task, TaskExtras, TaskStatus, combined_decode_error
from backend_adapters.shared_text import share_text

if TYPE_CHECKING:
    from pydantic_core.core_schema import CoreSchema

_OURS = (TaskStatus.PARTIAL, TaskStatus.UNREADABLE)
STATUS_BY_WORD = {status.value: status for status in TaskStatus if status not in _OURS}
STATUS_BY_WORD["pending"] = TaskStatus.HANGING
"""The documents call HANGING pending; no server says it."""

LONG_MAX = 2**63 - 1
_YEAR_9999 = 253_402_300_799_999


def _parse_millis(value: object) -> object:
    """A moment that came as a date text, as epoch milliseconds; numbers pass unchanged."""
    if not isinstance(value, str) or value.lstrip("-").isdecimal():
        return value
    moment = datetime.fromisoformat(value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


class _Dates:
    """Tells pydantic, which is imported by then, to take dates too."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(
            _parse_millis, core_schema.int_schema(ge=0, le=_YEAR_9999)
        )


WireMoment = Annotated[int, Meta(ge=0, le=_YEAR_9999), _Dates()] | None
"""Epoch milliseconds that a calendar has a name for."""


class _NoFlags:
    """Tells pydantic, which takes true for 1, that no flag is an id."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(
            _no_flag, core_schema.int_schema(ge=-LONG_MAX - 1, le=LONG_MAX)
        )


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a flag is no id")
    return value


WireId = Annotated[int, Meta(ge=-LONG_MAX - 1, le=LONG_MAX), _NoFlags()]
"""A long of Java."""


class WireNeeded(TypedDict):
    """What every record of every version has; one without these is read field by field."""

    id: WireId
    task_status: str


class WireTask(WireNeeded, total=False):
    """A list item."""

    task_type: str | None
    task_name: str | None
    task_progress: int | None
    task_create: WireMoment
    task_update: WireMoment
    task_retries: int | None
    task_description: str | None
    task_dependencies: list[WireId] | None
    task_server: str | None


class WireDetail(WireTask, total=False):
    """What `GET …/tasks/{id}` has besides; the last two only in Baidu's fork."""

    task_callable: str | None
    task_input: str | None
    task_result: bytes | None
    """As UTF-8: read_fields has decoded it."""
    task_priority: str | None
    task_context: str | None


class WireVersions(TypedDict, total=False):
    """The inner part of `GET /versions`."""

    core: str


class WireAboutVersions(TypedDict):
    """`GET /versions`."""

    versions: WireVersions


class WireGraph(TypedDict, total=False):
    """The answer about one graph: `{"name": "hugegraph", "backend": "rocksdb"}`."""

    backend: str


class WireGraphs(TypedDict):
    """`GET …/graphs`."""

    graphs: list[str]


class WireGraphspaces(TypedDict):
    """`GET /graphspaces`; the key is in camel case."""

    graphSpaces: list[str]


class WireSubmitted(TypedDict):
    """The answer to a started job."""

    task_id: WireId


TASKS_DECODER = Decoder(list[WireTask])
VERSIONS_DECODER = Decoder(WireAboutVersions)
GRAPH_DECODER = Decoder(WireGraph)
GRAPHS_DECODER = Decoder(WireGraphs)
GRAPHSPACES_DECODER = Decoder(WireGraphspaces)


def task_from_wire(wire: WireTask, fault: str | None = None) -> Task:
    """The task that a record stands for."""
    word = wire.get("task_status") or "unknown"
    # The only numbers that are no ids; for most there is no time to look closer.
    if wire["id"] < 0:
        fault = combined_decode_error(str(wire["id"]), fault)
    return Task(
        id=str(wire["id"]),
        # Kept once, however many records say it: decoders make a text of each.
        type=intern(wire.get("task_type") or ""),
        name=share_text(wire.get("task_name") or ""),
        status=STATUS_BY_WORD.get(word.lower(), TaskStatus.UNKNOWN),
        raw_status=intern(word),
        # 0 stands for "not known": no task is of 1970.
        created=wire.get("task_create") or None,
        updated=wire.get("task_update") or None,
        progress=wire.get("task_progress"),
        retries=wire.get("task_retries") or 0,
        server=None if (server := wire.get("task_server")) is None else intern(server),
        extras=_extras_from_wire(wire, fault),
    )


def _extras_from_wire(wire: WireTask, fault: str | None) -> TaskExtras:
    description, dependencies = wire.get("task_description"), wire.get("task_dependencies")
    if description is None and not dependencies and fault is None:
        return NO_EXTRAS
    return TaskExtras(
        description=description, dependencies=tuple(map(str, dependencies or ())), decode_error=fault
    )
