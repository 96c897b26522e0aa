"""One line of the journal: its fields, how it is written, and how the file is read."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path
from time import gmtime, strftime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Action, Millis, Source, Task, TaskId
from backend_adapters.redaction import mask
from tui.monitor.journal import file as journal_file
from tui.monitor.outcomes import Outcome
from tui.monitor.state_file import Tell

UNDER_WAY = "under way"
ACCEPTED = "accepted"
"""A job was begun, and has an id."""
_SUCCEEDED = frozenset({ACCEPTED, Outcome.CANCELLED.value, Outcome.DELETED.value})
_AS_WORKER = b'"as_worker":true'
DELETES = frozenset(action.value for action in Action if action.deletes)
SPARE = 1024
"""Bytes that a line keeps free for the outcome and the server's words."""
WORDS_MOST = 300
NAME_MOST = 200

_NAMES_IN_FILE = {"raw_status": "word", "decode_error": "fault", "status_before": "before"}
"""What fields of a task are called in the file where that differs from the model."""

# In JSON they can only be within strings: C1 controls, and what turns the direction of text.
_MOVING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Line(Struct, kw_only=True, omit_defaults=True):
    """One action, as it stands in the file."""

    when: str
    """When it was sent, ISO 8601 in UTC with milliseconds."""
    by: str
    """`user@host`."""
    profile: str
    url: str
    graph: str
    """The graph with its graphspace: `DEFAULT/hugegraph`."""
    id: TaskId
    """Empty for a job that was never given one."""
    action: str
    """`cancel`, `delete`, `force delete`, `submit` or `create`."""
    outcome: str
    """As `Outcome` has it, or `under way`, or `accepted` for a job that was begun."""
    type: str = ""
    name: str = ""
    shown: str = ""
    """The status that the person saw, in the server's word."""
    code: int | None = None
    """The HTTP status of the answer."""
    words: str = ""
    """What the server said, or what graphtop has to say."""
    as_worker: bool = False
    """The server refused because it is a worker of its cluster."""
    elapsed: float | None = None
    """Seconds from the decision to the end."""
    task: msgspec.Raw = msgspec.Raw()
    """For a delete: the task's own JSON, secrets hidden; a string where it was too long to keep whole."""


def clean(words: str) -> str:
    """Some words with their secrets hidden, and without what UTF-8 can't hold."""
    return mask(words).encode("utf-8", "replace").decode()


def raw_json(data: bytes) -> msgspec.Raw:
    """A task's JSON with its secrets hidden, in one line; as a text where it is none or was cut."""
    text = mask(data.decode("utf-8", "replace"))
    try:
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1))
    except msgspec.DecodeError:
        return msgspec.Raw(msgspec.json.encode(text))


def task_json(task: Task) -> bytes:
    """What a list tells of a task, as JSON, by the names that such fields have in the file."""
    fields = msgspec.to_builtins(task)
    return msgspec.json.encode({_NAMES_IN_FILE.get(name, name): value for name, value in fields.items()})


def short(words: str) -> str:
    """The beginning of some words, secrets hidden, that has room behind a line."""
    words = clean(words)[:WORDS_MOST]
    return words if len(_escaped(msgspec.json.encode(words))) < SPARE - 200 else words[:100]


def encoded(line: Line) -> bytes:
    """The line as JSON that moves no terminal."""
    return _escaped(msgspec.json.encode(line))


def _escaped(data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return _MOVING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def padded(line: Line, size: int) -> bytes:
    """The line in exactly `size` bytes with blanks and a line end; words that don't fit are left out."""
    data = encoded(line)
    if len(data) >= size:
        data = encoded(replace(line, words="", id=line.id[:40]))
    return data.ljust(size - 1) + b"\n"


def read(path: Path, tell: Tell | None = None) -> Iterator[Line | str]:
    """All lines that are kept, the oldest first; a line that can't be read comes as its text.

    See `open_state` for `tell`. Raises OSError.
    """
    for text in journal_file.lines(path, tell):
        try:
            yield msgspec.json.decode(text, type=Line)
        except msgspec.DecodeError:
            yield text.decode("utf-8", "replace").rstrip()


def refused_deletes(path: Path, source: Source) -> dict[TaskId, str]:
    """The tasks of a source whose delete was refused, with when that was last, as the journal writes it.

    Empty where there is no journal, or it can't be read.
    """
    found: dict[TaskId, str] = {}
    with suppress(OSError):
        for line in read(path):
            if isinstance(line, str) or (line.url, line.graph) != (source.url, source.qualified_graph):
                continue
            if line.action in DELETES and line.outcome == Outcome.REFUSED.value:
                found[line.id] = line.when
    return found


def refused_as_worker(path: Path, source: Source, among: Container[str] | None = None) -> Line | None:
    """The last action that a server refused as a worker of its cluster, unless the same one succeeded since.

    It is one of those `among`; without them a refused job counts as well. None where there is no journal, or
    it can't be read.
    """
    found: Line | None = None
    with suppress(OSError):
        if not any(_AS_WORKER in line for line in journal_file.lines(path)):
            # So it is nearly always, and a long journal takes a while to be read.
            return None
        for line in read(path):
            if isinstance(line, str) or line.url != source.url:
                continue
            if line.as_worker and (among is None or line.action in among):
                found = line
            elif found is not None and line.action == found.action and line.outcome in _SUCCEEDED:
                found = None
    return found


def moment(millis: Millis) -> str:
    """A moment as the journal writes it; two of them compare as texts."""
    seconds, rest = divmod(millis, 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(seconds))}.{rest:03}Z"
