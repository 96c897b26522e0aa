"""One line of the journal: its fields, and how it is written."""

from __future__ import annotations

import re
from time import gmtime, strftime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Action, Millis, Task, TaskId
from backend_adapters.redaction import mask_secrets

UNDER_WAY = "under way"
ACCEPTED = "accepted"
"""A job was started and has an id."""
DELETE_ACTIONS = frozenset(action.value for action in Action if action.is_deletion)
SPARE_BYTES = 1024
"""Bytes reserved in a line for the outcome and the server's message."""
WORDS_MOST = 300
NAME_MOST = 200

_NAMES_IN_FILE = {"raw_status": "word", "decode_error": "fault", "status_before": "before"}
"""What fields of a task are called in the file where that differs from the model."""

# C1 controls and characters that change the direction of text; in JSON they occur in strings only.
_MOVING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class JournalLine(Struct, kw_only=True, omit_defaults=True):
    """One action as it is stored in the file."""

    when: str
    """When it was sent, ISO 8601 in UTC with milliseconds."""
    by: str
    """`user@host`."""
    profile: str
    url: str
    graph: str
    """The graph with its graphspace: `DEFAULT/hugegraph`."""
    id: TaskId
    """Empty for a job that never got one."""
    action: str
    """`cancel`, `delete`, `force delete`, `submit` or `create`."""
    outcome: str
    """A value of `Outcome`, or `under way`, or `accepted` for a job that was started."""
    type: str = ""
    name: str = ""
    shown: str = ""
    """The status that the person saw, as the server calls it."""
    code: int | None = None
    """The HTTP status of the answer."""
    words: str = ""
    """The server's message, or graphtop's own."""
    as_worker: bool = False
    """The server refused because it is a worker of its cluster."""
    elapsed: float | None = None
    """Seconds from the decision to the end."""
    task: msgspec.Raw = msgspec.Raw()
    """For a delete: the task's JSON, secrets hidden; a string if it was too long to keep whole."""


def clean_words(words: str) -> str:
    """Text with its secrets hidden, and without what UTF-8 can't encode."""
    return mask_secrets(words).encode("utf-8", "replace").decode()


def format_task_json(data: bytes) -> msgspec.Raw:
    """A task's JSON with its secrets hidden, in one line; as a string if it isn't valid or was cut."""
    text = mask_secrets(data.decode("utf-8", "replace"))
    try:
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1))
    except msgspec.DecodeError:
        return msgspec.Raw(msgspec.json.encode(text))


def encode_task(task: Task) -> bytes:
    """A task from a list as JSON, with the field names that the file uses."""
    fields = msgspec.to_builtins(task)
    fields |= fields.pop("extras")
    return msgspec.json.encode({_NAMES_IN_FILE.get(name, name): value for name, value in fields.items()})


def shorten_words(words: str) -> str:
    """The beginning of a text, secrets hidden, short enough for the reserved bytes of a line."""
    words = clean_words(words)[:WORDS_MOST]
    return words if len(_escape_moving(msgspec.json.encode(words))) < SPARE_BYTES - 200 else words[:100]


def encode_line(line: JournalLine) -> bytes:
    """The line as JSON without characters that affect a terminal."""
    return _escape_moving(msgspec.json.encode(line))


def _escape_moving(data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return _MOVING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def pad_line(line: JournalLine, size: int) -> bytes:
    """The line padded to exactly `size` bytes with a line end; a message that doesn't fit is left out."""
    data = encode_line(line)
    if len(data) >= size:
        data = encode_line(replace(line, words="", id=line.id[:40]))
    return data.ljust(size - 1) + b"\n"


def format_moment(millis: Millis) -> str:
    """A time as the journal writes it; such strings sort by time."""
    seconds, rest = divmod(millis, 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(seconds))}.{rest:03}Z"
