"""The vocabulary that every adapter, the engine and the screens share.

Everything here is immutable and says nothing of a wire format. Times are epoch milliseconds in UTC,
durations are milliseconds, ids are strings (HugeGraph counts, GES uses 32 hex digits).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

TaskId: TypeAlias = str
"""A task's id as text, unique within one source. HugeGraph's numbers are written in decimal."""

TaskKey: TypeAlias = str
"""What tells a task from all others that are watched: its id, behind its place where there are several."""

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")

ODD_ID = "Its id could be taken for an option or a path, so nothing can be done with it."
"""What a person is told of a task whose id is not valid (`is_task_id`)."""

Millis: TypeAlias = int
"""Milliseconds: since the epoch in UTC for a moment, plain for a duration."""


class TaskStatus(Enum):
    """What a task is doing, in words common to all dialects. `Task.raw_status` has the server's own."""

    NEW = "new"
    SCHEDULING = "scheduling"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RESTORING = "restoring"
    HANGING = "hanging"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DELETING = "deleting"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"
    """The server fails over this record; no server says so itself."""

    # Identity is what the dictionaries of 100,000 tasks hash by; Enum's own hash is a Python call.
    __hash__ = object.__hash__

    @property
    def is_finished(self) -> bool:
        """Whether the task has come to an end, whatever the end was."""
        return self in FINISHED

    @property
    def is_waiting(self) -> bool:
        """Whether the task has not begun to run."""
        return self in WAITING


FINISHED = frozenset({TaskStatus.SUCCESS, TaskStatus.PARTIAL, TaskStatus.FAILED, TaskStatus.CANCELLED})
FAILURES = frozenset({TaskStatus.FAILED, TaskStatus.PARTIAL})
"""Ends that are failures; of a partial import a part failed."""
WAITING = frozenset(
    {
        TaskStatus.NEW,
        TaskStatus.SCHEDULING,
        TaskStatus.SCHEDULED,
        TaskStatus.QUEUED,
        TaskStatus.RESTORING,
        TaskStatus.HANGING,
    }
)


class Place:
    """One of several lists of tasks that are watched together: of one server, graph and dialect.

    Its tasks hold it, and it stays the same object as long as it is watched: what becomes known of it later
    is written into it.
    """

    __slots__ = (
        "__weakref__",
        "dialect",
        "graph",
        "graphspace",
        "label",
        "noun",
        "number",
        "production",
        "profile",
    )

    def __init__(
        self,
        *,
        number: int,
        profile: str,
        dialect: str,
        graph: str = "",
        graphspace: str | None = None,
        noun: str = "",
        label: str = "",
        production: bool = False,
    ) -> None:
        self.number = number
        """What tells it from the other places; no later place of a session has it again."""
        self.profile = profile
        self.dialect = dialect
        self.graph = graph
        """Empty as long as it isn't known, and where the list is of all graphs together."""
        self.graphspace = graphspace
        self.noun = noun
        """What its tasks are called, in the plural; empty as long as it isn't known."""
        self.label = label
        """The shortest text that tells it from the others: `hugegraph`, `prod:hugegraph`."""
        self.production = production

    @property
    def name(self) -> str:
        """The whole name: `prod:DEFAULT/hugegraph`; only the profile where the list is of all graphs."""
        graph = qualify_graph(self.graph, self.graphspace)
        return f"{self.profile}:{graph}" if graph else self.profile

    def make_key(self, task_id: TaskId) -> TaskKey:
        """The key of one of its tasks: `3/283`."""
        return f"{self.number}/{task_id}"

    def qualify_id(self, task_id: TaskId) -> str:
        """The whole form of an id, which commands take: `prod:DEFAULT/hugegraph/283`, `cloud:ff80…`."""
        return f"{self.name}{'/' if self.graph else ':'}{task_id}"


class TaskExtras(Struct, frozen=True, gc=False, kw_only=True):
    """What is told of few tasks, or of all in one place; a task has each of these as a property of its own.

    All others share `NO_EXTRAS`, so that a long list takes a third less memory.
    """

    progress_total: int | None = None
    progress_unit: str = ""
    description: str | None = None
    dependencies: tuple[TaskId, ...] = ()
    stoppable: bool | None = None
    decode_error: str | None = None
    status_before: TaskStatus | None = None
    stops_server: bool = False
    reason: str | None = None
    place: Place | None = None


NO_EXTRAS = TaskExtras()


class Task(Struct, frozen=True, gc=False, kw_only=True):
    """One row: what a list tells of a task. Equal tasks look the same on every screen.

    `build_task` makes one and `change_task` makes another of it, both by the names of fields and of extras.
    """

    id: TaskId
    type: str
    name: str
    status: TaskStatus
    raw_status: str
    """The server's own word for the status, as sent."""
    created: Millis | None = None
    updated: Millis | None = None
    """When the server last wrote the task; for a finished one, the best known end."""
    progress: int | None = None
    """A counter of the server's, not a percentage."""
    retries: int = 0
    """How often the server began the task again, after a restart for example."""
    server: str | None = None
    """The node that runs it."""
    graph: str | None = None
    """The graph it belongs to, where one source lists several graphs."""
    extras: TaskExtras = NO_EXTRAS

    @property
    def progress_total(self) -> int | None:
        """What `progress` counts up to; None where the server doesn't tell."""
        return self.extras.progress_total

    @property
    def progress_unit(self) -> str:
        """What `progress` counts where it has a total: `lines`, `%`."""
        return self.extras.progress_unit

    @property
    def description(self) -> str | None:
        """What whoever started it says of it."""
        return self.extras.description

    @property
    def dependencies(self) -> tuple[TaskId, ...]:
        """The tasks that it waits for."""
        return self.extras.dependencies

    @property
    def stoppable(self) -> bool | None:
        """Whether the server says that this one can be cancelled now; None where it doesn't tell."""
        return self.extras.stoppable

    @property
    def decode_error(self) -> str | None:
        """Why this record is not to be trusted whole: the server sent something that could not be read.

        Of an unreadable one: the server's words when it was asked for it.
        """
        return self.extras.decode_error

    @property
    def status_before(self) -> TaskStatus | None:
        """Of an unreadable one: the status that it had when it was last read; None where it never was."""
        return self.extras.status_before

    @property
    def stops_server(self) -> bool:
        """Of an unreadable one: the server stopped answering about all its tasks when it was asked for it."""
        return self.extras.stops_server

    @property
    def reason(self) -> str | None:
        """The headline of a failure; empty where there is none, None as long as it has not been read."""
        return self.extras.reason

    @property
    def place(self) -> Place | None:
        """Where it is; None where only one place is watched."""
        return self.extras.place

    @property
    def key(self) -> TaskKey:
        """What tells it from all other tasks that are watched: in one place its id alone."""
        place = self.extras.place
        return self.id if place is None else place.make_key(self.id)

    @property
    def lacks_reason(self) -> bool:
        """Whether it has failed and its reason has not been read."""
        return self.reason is None and self.status in FAILURES

    @property
    def duration(self) -> Millis | None:
        """How long a finished task took, by the server's clock alone; None while it is not finished."""
        if not self.status.is_finished or self.created is None or self.updated is None:
            return None
        return max(0, self.updated - self.created)

    def running_time(self, now: Millis) -> Millis | None:
        """How long it took in all, or has been running until `now` by the server's clock.

        None while it waits, and where its record can't be read: whether it still goes on is not known.
        """
        status, created = self.status, self.created
        if created is None:
            return None
        # Not by `duration` and `is_finished`, which would be called for each of 100,000 tasks.
        if status in FINISHED:
            return None if self.updated is None else max(0, self.updated - created)
        if status in WAITING or status is TaskStatus.UNREADABLE:
            return None
        return now - created


_EXTRAS = frozenset(TaskExtras.__struct_fields__)


def build_task(**fields: Any) -> Task:
    """A task of these fields, wherever it keeps them."""
    return Task(**_gather_extras(fields, NO_EXTRAS))


def change_task(task: Task, **fields: Any) -> Task:
    """The task with other values for some fields, wherever it keeps them."""
    return replace(task, **_gather_extras(fields, task.extras))


def _gather_extras(fields: dict[str, Any], extras: TaskExtras) -> dict[str, Any]:
    """The fields, those among them that belong into `extras` as these."""
    few = {name: value for name, value in fields.items() if name in _EXTRAS}
    if not few:
        return fields
    changed = replace(extras, **few)
    own = {name: value for name, value in fields.items() if name not in _EXTRAS}
    return {**own, "extras": NO_EXTRAS if changed == NO_EXTRAS else changed}


def is_task_id(text: str) -> bool:
    """Whether a text is an id that may stand in a command and in an address, as all real ones may.

    A server can send any text as an id: one that begins with `-` would be a flag of the next command, `..`
    would be another path.
    """
    return _ID.fullmatch(text) is not None


def combined_decode_error(task_id: TaskId, fault: str | None) -> str | None:
    """The fault of a record, which says so too where its id is none."""
    return fault if is_task_id(task_id) else " ".join(filter(None, (ODD_ID, fault)))


def is_different_task(one: Task, other: Task) -> bool:
    """Whether two records of one id are of different tasks: they differ in what a task keeps."""
    if one.created is not None and other.created is not None and one.created != other.created:
        return True
    return _are_different(one.type, other.type) or _are_different(_own_name(one), _own_name(other))


def _own_name(task: Task) -> str:
    """The task's name; empty where it only repeats the type, as where a server has not told a name yet."""
    return "" if task.name == task.type else task.name


def _are_different(mine: str, theirs: str) -> bool:
    """Whether two texts certainly differ; one with U+FFFD was not read as it was sent."""
    return bool(mine and theirs and mine != theirs and "\ufffd" not in mine + theirs)


class Sheet(Struct, frozen=True, kw_only=True):
    """A small table in a task's detail, such as the files of an import."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """As many texts as there are heads; empty where the server reports nothing."""
    numbers: frozenset[int] = frozenset()
    """The columns that hold numbers, by index: they are aligned at the right."""


class TaskDetail(Struct, frozen=True, kw_only=True):
    """All that the server tells of one task, its texts as the server sent them."""

    task: Task
    raw: bytes
    """The answer's body, cut at the cap."""
    input: str | None = None
    """`task_input`: usually JSON inside a string."""
    result: bytes | None = None
    """`task_result`: JSON inside a string, or the failure's text; as UTF-8, as it can have tens of MB."""
    callable: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Further fields, (label, text)."""
    sheets: tuple[Sheet, ...] = ()
    truncated: bool = False
    """The body was larger than the cap: `raw` is its beginning, and input or result may be missing or cut."""
    size: int = 0
    """Bytes received (at most the cap, and then some)."""
    result_left_out: bool = False
    """The result was not asked for, and there may be one: `result` is None, and `raw` is without it."""
    lost: bool = False
    """It failed without a reason: its server was probably lost, and its end is not known."""


class Action(Enum):
    """What a person can ask a server to do with a task."""

    CANCEL = "cancel"
    DELETE = "delete"
    FORCE_DELETE = "force delete"

    @property
    def is_deletion(self) -> bool:
        """Whether the action ends with the task gone."""
        return self is not Action.CANCEL


class Ability(Struct, frozen=True):
    """Whether a source can do something and, where it can't, why, as a sentence for a person."""

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        """The ability as a truth value."""
        return self.ok


class Capabilities(Struct, frozen=True, kw_only=True):
    """What a source of tasks can do."""

    cancel: Ability
    delete: Ability
    force_delete: Ability
    submit: Ability
    create: Ability = Ability(False, "This kind of server can't create jobs from a form.")
    """Whether jobs can be created from one of the backend's recipes."""
    noun: str = "tasks"
    """What the list is of: `tasks`, `jobs`, `computer jobs`."""
    has_graphs: bool = False
    """The tasks are of several graphs: `Task.graph` says of which."""
    has_texts: bool = True
    """Tasks have an input and a result; otherwise a detail has sheets, fields and the failure's text only."""

    def ability_for(self, action: Action) -> Ability:
        """The ability that `action` needs."""
        return {
            Action.CANCEL: self.cancel,
            Action.DELETE: self.delete,
            Action.FORCE_DELETE: self.force_delete,
        }[action]


def qualify_graph(graph: str, graphspace: str | None) -> str:
    """A graph with its graphspace where there is one, as people write it."""
    return f"{graphspace}/{graph}" if graphspace else graph


class Source(Struct, frozen=True, kw_only=True):
    """Where tasks come from: the half of a task's identity that is not its id."""

    profile: str
    """A name for a person: the profile's, or the URL's host and port."""
    url: str
    dialect: str
    graph: str
    graphspace: str | None = None
    project: str | None = None
    """The project of a cloud account, where the dialect has projects."""

    @property
    def qualified_graph(self) -> str:
        """The graph, with its graphspace where there is one: `DEFAULT/hugegraph`."""
        return qualify_graph(self.graph, self.graphspace)


class ServerInfo(Struct, frozen=True, kw_only=True):
    """What is known of a server once it has answered."""

    product: str
    """`HugeGraph`."""
    version: str | None
    """Its own version (`core`), or None where it doesn't tell."""
    capabilities: Capabilities
    note: str = ""
    """What a person should know of it, as a sentence: `Job records are kept for one month.`"""


class Scope(Struct, frozen=True, kw_only=True):
    """A place that has tasks and that a person can switch to."""

    graph: str
    """Empty: all graphs together."""
    graphspace: str | None = None

    @property
    def qualified_graph(self) -> str:
        """The same as of a source there: `DEFAULT/hugegraph`."""
        return qualify_graph(self.graph, self.graphspace)


class RunningCount(Struct, frozen=True, kw_only=True):
    """How many tasks of a graph run."""

    number: int
    more: bool = False
    """There are more than were counted."""


class Sibling(Struct, frozen=True, kw_only=True):
    """Another list of the same place, which has a dialect of its own: the computer jobs beside the tasks."""

    dialect: str
    title: str
    """`computer jobs`."""
    ability: Ability
    """Whether the server has it, and why not."""


class Param(Struct, frozen=True, kw_only=True):
    """One value that a person gives when a job is created."""

    name: str
    kind: Literal["text", "integer", "number", "boolean"] = "text"
    default: str = ""
    hint: str = ""
    """A few words: `1 to 100`."""
    required: bool = False


class Recipe(Struct, frozen=True, kw_only=True):
    """A kind of job that can be created: an algorithm with its parameters."""

    name: str
    params: tuple[Param, ...] = ()
