"""What HugeGraph sends, as pydantic models, and how it becomes the common vocabulary.

The field list is `HugeTask.asMap`; unknown fields are ignored.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter
from typing_extensions import TypedDict

from backend_adapters.model import Task, TaskStatus

STATUSES = {status.value: status for status in TaskStatus if status is not TaskStatus.PARTIAL}
STATUSES["pending"] = TaskStatus.HANGING
"""The documents call HANGING pending; no server says it."""


def _millis(value: object) -> object:
    """A moment that came as a date text, as epoch milliseconds; numbers pass unchanged."""
    if not isinstance(value, str) or value.lstrip("-").isdecimal():
        return value
    moment = datetime.fromisoformat(value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


_YEAR_9999 = 253_402_300_799_999

Moment = Annotated[Annotated[int, Field(ge=0, le=_YEAR_9999)] | None, BeforeValidator(_millis)]
"""Epoch milliseconds that a calendar has a name for."""


class WireNeeded(TypedDict):
    """What every record of every version has; one without these is read field by field."""

    id: int
    task_status: str


class WireTask(WireNeeded, total=False):
    """A list item."""

    task_type: str | None
    task_name: str | None
    task_progress: int | None
    task_create: Moment
    task_update: Moment
    task_retries: int | None
    task_description: str | None
    task_dependencies: list[int] | None
    task_server: str | None


class WireDetail(WireTask, total=False):
    """What `GET …/tasks/{id}` has besides; the last two only in Baidu's fork."""

    task_callable: str | None
    task_input: str | None
    task_result: str | None
    task_priority: str | None
    task_context: str | None


class WireVersions(TypedDict, total=False):
    """The inner part of `GET /versions`."""

    core: str
    api: str


class WireAboutVersions(TypedDict):
    """`GET /versions`."""

    versions: WireVersions


class WireGraphs(TypedDict):
    """`GET …/graphs`."""

    graphs: list[str]


class WireGraphspaces(TypedDict):
    """`GET /graphspaces`; the key is in camel case."""

    graphSpaces: list[str]


class WireSubmitted(TypedDict):
    """The answer to a started job."""

    task_id: int


TASKS: TypeAdapter[list[WireTask]] = TypeAdapter(list[WireTask])
DETAIL: TypeAdapter[WireDetail] = TypeAdapter(WireDetail)
VERSIONS: TypeAdapter[WireAboutVersions] = TypeAdapter(WireAboutVersions)
GRAPHS: TypeAdapter[WireGraphs] = TypeAdapter(WireGraphs)
GRAPHSPACES: TypeAdapter[WireGraphspaces] = TypeAdapter(WireGraphspaces)
SUBMITTED: TypeAdapter[WireSubmitted] = TypeAdapter(WireSubmitted)

FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind) for name, kind in get_type_hints(WireDetail, include_extras=True).items()
}
"""One adapter for each field, to read what can be read of a bad record."""


def task_of(wire: WireTask, fault: str | None = None) -> Task:
    """The task that a record stands for."""
    word = wire.get("task_status") or "unknown"
    dependencies = wire.get("task_dependencies")
    return Task(
        id=str(wire["id"]),
        type=wire.get("task_type") or "",
        name=wire.get("task_name") or "",
        status=STATUSES.get(word.lower(), TaskStatus.UNKNOWN),
        word=word,
        created=wire.get("task_create"),
        updated=wire.get("task_update"),
        progress=wire.get("task_progress"),
        retries=wire.get("task_retries") or 0,
        server=wire.get("task_server"),
        description=wire.get("task_description"),
        dependencies=tuple(map(str, dependencies)) if dependencies else (),
        fault=fault,
    )
