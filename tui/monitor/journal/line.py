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
"""A job was begun, and has an id."""
DELETE_ACTIONS = frozenset(action.value for action in Action if action.is_deletion)
SPARE_BYTES = 1024
"""Bytes that a line keeps free for the outcome and the server's words."""
WORDS_MOST = 300
NAME_MOST = 200

_NAMES_IN_FILE = {"raw_status": "word", "decode_error": "fault", "status_before": "before"}
"""What fields of a task are called in the file where that differs from the model."""

# In JSON they can only be within strings: C1 controls, and what turns the direction of text.
_MOVING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class JournalLine(Struct, kw_only=True, omit_defaults=True):
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


def clean_words(words: str) -> str:
    """Some words with their secrets hidden, and without what UTF-8 can't hold."""
    return mask_secrets(words).encode("utf-8", "replace").decode()


def format_task_json(data: bytes) -> msgspec.Raw:
    """A task's JSON with its secrets hidden, in one line; as a text where it is none or was cut."""
    text = mask_secrets(data.decode("utf-8", "replace"))
    try:
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1))
    except msgspec.DecodeError:
        return msgspec.Raw(msgspec.json.encode(text))


def encode_task(task: Task) -> bytes:
    """What a list tells of a task, as JSON, by the names that such fields have in the file."""
    fields = msgspec.to_builtins(task)
    return msgspec.json.encode({_NAMES_IN_FILE.get(name, name): value for name, value in fields.items()})


def shorten_words(words: str) -> str:
    """The beginning of some words, secrets hidden, that has room behind a line."""
    words = clean_words(words)[:WORDS_MOST]
    return words if len(_escape_moving(msgspec.json.encode(words))) < SPARE_BYTES - 200 else words[:100]


def encode_line(line: JournalLine) -> bytes:
    """The line as JSON that moves no terminal."""
    return _escape_moving(msgspec.json.encode(line))


def _escape_moving(data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return _MOVING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def pad_line(line: JournalLine, size: int) -> bytes:
    """The line in exactly `size` bytes with blanks and a line end; words that don't fit are left out."""
    data = encode_line(line)
    if len(data) >= size:
        data = encode_line(replace(line, words="", id=line.id[:40]))
    return data.ljust(size - 1) + b"\n"


def format_moment(millis: Millis) -> str:
    """A moment as the journal writes it; two of them compare as texts."""
    seconds, rest = divmod(millis, 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(seconds))}.{rest:03}Z"
