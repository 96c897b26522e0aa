"""What the history holds: places, tasks, their transitions, and when they were watched."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from backend_adapters.model import Millis, Source, TaskId, TaskStatus, qualify_graph
from backend_adapters.redaction import mask_beginning
from tui.monitor.state_file import digest_parts

MOST_OF_NAME = 1_000
MOST_OF_WORD = 200
"""Characters that are kept of a name, which can be a whole script, and of a type, a status or a server."""


class HistoryPlace(Struct, frozen=True, kw_only=True):
    """A place as the history knows it, whatever profile led to it."""

    key: str
    """A digest of what tells it from other places; nothing can be read in it."""
    profile: str
    """The profile that led to it last."""
    url: str
    """Without a login."""
    dialect: str
    graph: str
    graphspace: str | None = None
    project: str | None = None

    @property
    def name(self) -> str:
        """The whole name as `Place.name` writes it: `prod:DEFAULT/hugegraph`, or the profile alone."""
        graph = qualify_graph(self.graph, self.graphspace)
        return f"{self.profile}:{graph}" if graph else self.profile

    def qualify_id(self, task_id: TaskId) -> str:
        """The whole form of an id, as `Place.qualify_id` writes it."""
        return f"{self.name}{'/' if self.graph else ':'}{task_id}"


class Transition(Struct, frozen=True, kw_only=True):
    """One change of a task's status, or of how often it was begun."""

    status: TaskStatus
    raw_status: str
    """The server's own word."""
    at: Millis | None = None
    """The server's time of it; None where the server doesn't tell."""
    seen: Millis
    """When it was seen, by the own clock."""
    unwatched_since: Millis | None = None
    """It came while nobody watched: some time between this and `seen`. None where it was seen as it came,
    0 where nobody had watched before and the server doesn't tell when the task was created."""
    retries: int = 0


class HistoryTask(Struct, frozen=True, kw_only=True):
    """A task as it was seen last."""

    place: HistoryPlace
    task_id: TaskId
    type: str
    name: str
    status: TaskStatus
    raw_status: str
    created: Millis | None = None
    updated: Millis | None = None
    """When the server last wrote it; of a finished one its end."""
    progress: int | None = None
    retries: int = 0
    server: str | None = None
    graph: str | None = None
    """The graph it belongs to, where the place's list is of several."""
    headline: str | None = None
    """Of a failure; empty where it has none, None where it was not read."""
    fingerprint: str | None = None
    """The headline without what differs from task to task."""
    waited: Millis | None = None
    """From its creation until it was seen to begin; None where nobody saw that as it came."""
    ran: Millis | None = None
    """From then until its end; None where either isn't known."""
    first_seen: Millis
    """By the own clock, as `last_seen` and `gone`."""
    last_seen: Millis
    """When its record was last found changed."""
    gone: Millis | None = None
    """When it was found gone from the server; None where it is not known to be."""

    @property
    def began(self) -> Millis:
        """When it was created; when it was first seen where the server doesn't tell."""
        return self.first_seen if self.created is None else self.created

    @property
    def ended(self) -> Millis | None:
        """The server's time of its end; None while it goes on, or where the server doesn't tell."""
        return self.updated if self.status.is_finished else None

    @property
    def duration(self) -> Millis | None:
        """From its creation to its end; None where either isn't known."""
        if self.created is None or self.ended is None:
            return None
        return max(0, self.ended - self.created)


class WatchSpan(Struct, frozen=True, array_like=True):
    """A time in which a graphtop watched a place, by the own clock; nobody watched between two spans."""

    began: Millis
    ended: Millis
    """The last answer; of a place that is watched now a few seconds ago."""


def make_history_place(source: Source) -> HistoryPlace:
    """The place that a backend's tasks are of, once its server has answered."""
    url = _strip_login(source.url)
    named = (url, source.dialect, source.graphspace, source.graph, source.project)
    return HistoryPlace(
        key=digest_parts(*named),
        profile=clean_history_text(source.profile, MOST_OF_WORD),
        url=clean_history_text(url, MOST_OF_NAME),
        dialect=source.dialect,
        graph=clean_history_text(source.graph, MOST_OF_WORD),
        graphspace=None if source.graphspace is None else clean_history_text(source.graphspace, MOST_OF_WORD),
        project=None if source.project is None else clean_history_text(source.project, MOST_OF_WORD),
    )


@lru_cache(maxsize=512)
def clean_history_text(text: str, most: int) -> str:
    """A text as it may be kept: its secrets masked, in UTF-8, and at most so many characters."""
    # SQLite's own functions take a NUL for the end of a text.
    return mask_beginning(text, most).replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _strip_login(url: str) -> str:
    scheme, divider, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{divider}{host.rpartition('@')[2]}{slash}{path}".rstrip("/")
