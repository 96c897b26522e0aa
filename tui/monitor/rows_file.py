"""The file with the last known rows of a place: read before the first frame, replaced whole, never a secret.

A place is a server, a graph, a kind of list, and who looks at it. Its file's name is a hash of these, and the
file holds fields of a list only. What is missing, broken, of another version, or not this user's own is
passed over without a word: the rows then come from the server alone.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from backend_adapters.model import Millis, Place, Source, Task, TaskId, TaskStatus, build_task
from backend_adapters.redaction import mask_secrets
from backend_adapters.registry import DEFAULT_DIALECT
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import host_and_port
from tui.monitor.state_file import (
    digest_parts,
    find_state_folder,
    make_state_folder,
    open_state_folder,
    read_state_file,
    remove_oldest_files,
    replace_state_file,
)

ROWS_VERSION = 1
PLACES_MOST = 50
"""Files that are kept; beyond that the oldest are removed."""
ROWS_MOST = 100
"""Rows of one file."""
BYTES_MOST = 1024 * 1024
"""A longer file is none of ours."""
TEXT_MOST = 200
"""Characters of each text of a row: a name can be a whole script."""


class KeptRow(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The fields of a task that are kept: what a list shows, without any text, reason or message."""

    id: TaskId
    type: str
    name: str
    status: TaskStatus
    raw_status: str
    created: Millis | None = None
    updated: Millis | None = None
    progress: int | None = None
    progress_total: int | None = None
    progress_unit: str = ""
    retries: int = 0
    server: str | None = None
    graph: str | None = None
    status_before: TaskStatus | None = None


class KeptRows(Struct, frozen=True, kw_only=True):
    """The content of a file."""

    version: int
    as_of: Millis
    """When the server last answered, by this machine's clock."""
    dialect: str
    """What was connected to, which may not have been named: it is found out."""
    graph: str
    graphspace: str | None
    has_graphs: bool
    """The rows are of several graphs."""
    noun: str
    """What the rows are called: `tasks`."""
    rows: tuple[KeptRow, ...]

    def is_of(self, source: Source) -> bool:
        """Whether the rows are of the place that was connected to."""
        kept = (self.dialect, self.graph, self.graphspace)
        return kept == (source.dialect, source.graph, source.graphspace)


def make_kept_row(task: Task) -> KeptRow:
    """What is kept of a task: each text without its secrets, cut, and without what UTF-8 can't encode."""
    return KeptRow(
        id=_clean_text(task.id),
        type=_clean_text(task.type),
        name=_clean_text(task.name),
        status=task.status,
        raw_status=_clean_text(task.raw_status),
        created=task.created,
        updated=task.updated,
        progress=task.progress,
        progress_total=task.progress_total,
        progress_unit=_clean_text(task.progress_unit),
        retries=task.retries,
        server=None if task.server is None else _clean_text(task.server),
        graph=None if task.graph is None else _clean_text(task.graph),
        status_before=task.status_before,
    )


def make_known_task(row: KeptRow, place: Place | None = None) -> Task:
    """A kept row as a task, of which nothing else is known."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return build_task(**fields) if place is None else build_task(**fields, place=place)


def _clean_text(text: str) -> str:
    return mask_secrets(text).encode("utf-8", "replace").decode()[:TEXT_MOST]


class RowsFile:
    """The file of one place. Nothing here raises: without a file all works as with one."""

    def __init__(self, folder: Path, target: Target) -> None:
        self._folder = folder
        self._target = target

    @property
    def name(self) -> str | None:
        """The file's name for who looks at the place now; None where it isn't known who that is."""
        return name_place_file(self._target)

    def read(self) -> KeptRows | None:
        """The last known rows, as they were written; None where there are none that can be used."""
        name = self.name
        if name is None:
            return None
        try:
            data = read_state_file(self._folder / name, BYTES_MOST, lambda words: None)
        except OSError:
            return None
        return None if data is None else _decode_rows(data)

    def write(self, rows: KeptRows) -> None:
        """Replace the file; one of two graphtops that do so at the same time is the last."""
        name = self.name
        if name is None:
            return
        data = msgspec.json.encode(rows)
        with suppress(OSError):
            make_state_folder(self._folder)
            with open_state_folder(self._folder) as folder:
                replace_state_file(name, folder, data)
                # What a killed process left half written goes like them.
                remove_oldest_files(folder, PLACES_MOST)

    def remove(self) -> None:
        """Remove the file."""
        name = self.name
        if name is not None:
            with suppress(OSError), open_state_folder(self._folder) as folder:
                os.unlink(name, dir_fd=folder)


def default_rows_folder() -> Path:
    """The folder of the files, in the state folder."""
    return find_state_folder() / "rows"


def name_place_file(target: Target) -> str | None:
    """The name of a place's file: a hash, in which nothing can be read and no secret is used."""
    login = _name_login(target)
    if login is None:
        return None
    # Without a dialect it is HugeGraph's; a switch to another graph names it.
    dialect = "hugegraph" if target.dialect == DEFAULT_DIALECT else target.dialect
    named = (target.profile, target.url, dialect, target.graph, target.graphspace)
    more = (target.paths, target.project, target.since, target.until)
    return f"{digest_parts(ROWS_VERSION, *named, *more, login)}.json"


def _name_login(target: Target) -> tuple[str, ...] | None:
    """Who looks at the place; None where it can't be told: an unnamed server and a token without a name."""
    credentials = target.credentials
    if not credentials.has_login:
        return ()
    token = credentials.token()
    if token:
        user = read_token_user(token)
        if user is None and target.profile == host_and_port(target.url):
            return None
        return ("token", user or "")
    if credentials.user is not None:
        return ("user", credentials.user)
    keys = credentials.keys()
    return ("keys", keys.access if keys is not None else "")


class _TokenBody(Struct):
    user_name: str | None = None
    sub: str | None = None


def read_token_user(token: str) -> str | None:
    """The user whom a JSON web token names; HugeGraph's have a `user_name`. Nothing is checked."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    # Imported here: only a token needs it.
    from base64 import urlsafe_b64decode

    try:
        body = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=="), type=_TokenBody)
    except (ValueError, RecursionError):
        return None
    return body.user_name or body.sub


def _decode_rows(data: bytes) -> KeptRows | None:
    try:
        kept = msgspec.json.decode(data, type=KeptRows)
    except (ValueError, RecursionError):
        return None
    is_usable = kept.version == ROWS_VERSION and 0 < len(kept.rows) <= ROWS_MOST
    return kept if is_usable else None
