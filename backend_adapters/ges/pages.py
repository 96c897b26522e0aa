"""Reads one page of a list: the envelope first, then its records, in blocks that leave the loop free."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from backend_adapters.errors import BadAnswer
from backend_adapters.ges.records import Row, row_of
from backend_adapters.ges.wire import camel
from backend_adapters.model import Task, TaskId
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.loose_json import cut_nesting, to_strict_json

BLOCK = 200
"""Records that are read without leaving the loop; about a millisecond."""

_LISTS = ("jobList", "jobs")
_COUNTS = ("jobCount", "totalCount")
"""How the management plane, and the two editions of the service plane, call list and count."""

_NOTHING = (b"null", b"")


class Page(msgspec.Struct, frozen=True):
    """A part of a list, from row `offset` on."""

    offset: int
    rows: tuple[Row | None, ...]
    """None stands for a record that could not be read at all, so that the places of the others are right."""
    count: int | None
    """How many jobs the server says there are, as far as it does."""
    graph: str | None = None
    """Only jobs of this graph were asked for."""

    @property
    def ids(self) -> tuple[TaskId, ...]:
        """The ids of all jobs that could be read."""
        return tuple(row.task.id for row in self.rows if row is not None)

    @property
    def wanted(self) -> tuple[Row, ...]:
        """The jobs that were asked for: not those of other graphs, where the server ignored the filter."""
        return tuple(row for row in self.rows if row is not None and not self._foreign(row))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of the jobs that were asked for."""
        return tuple(row.task for row in self.wanted)

    @property
    def foreign(self) -> bool:
        """Whether jobs of other graphs came."""
        return any(row is not None and self._foreign(row) for row in self.rows)

    @property
    def cut(self) -> bool:
        """Whether the server says that there is more behind this page."""
        return bool(self.rows) and self.count is not None and self.offset + len(self.rows) < self.count

    @property
    def lost(self) -> int:
        """How many records could not be read at all."""
        return self.rows.count(None)

    def _foreign(self, row: Row) -> bool:
        return self.graph is not None and row.task.graph is not None and row.task.graph != self.graph


async def page_of(reply: Reply, offset: int, where: str, graph: str | None) -> Page:
    """The page in a good answer; raises BadAnswer when it is something else, cut, or over the cap."""
    if reply.truncated:
        raise BadAnswer(
            f"{where} sent a list of more than {len(reply.body):,} bytes; it was not read further.",
            hint="Look at one graph, or at fewer days.",
        )
    if reply.is_html:
        raise BadAnswer(f"{where} sent a web page instead of a list of jobs.")
    fields = _envelope(reply.body, where)
    records = _records(fields, where)
    rows: list[Row | None] = []
    for start in range(0, len(records), BLOCK):
        if start:
            await asyncio.sleep(0)
        rows += [row_of(bytes(record)) for record in records[start : start + BLOCK]]
    return Page(offset, tuple(rows), _count(fields), graph)


def _envelope(body: bytes, where: str) -> dict[str, msgspec.Raw]:
    """The fields of the answer, still unread, in v1's spelling."""
    try:
        fields = _decoded(body)
    except msgspec.ValidationError:
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.") from None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} sent a list that is cut off, or no JSON.") from None
    return {camel(key): value for key, value in fields.items()}


def _decoded(body: bytes) -> dict[str, msgspec.Raw]:
    """The fields; what strict JSON does not allow, half of a surrogate pair for example, only costs time."""
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(to_strict_json(body), type=dict[str, msgspec.Raw])


def _records(fields: Mapping[str, msgspec.Raw], where: str) -> Sequence[msgspec.Raw]:
    """The records; none where the list is null, or missing beside a count (facts: GES, section 1.3)."""
    raw = next((fields[name] for name in _LISTS if name in fields), None)
    if raw is None and not any(name in fields for name in _COUNTS):
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.")
    if raw is None or bytes(raw) in _NOTHING:
        return ()
    try:
        return _listed(bytes(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.") from None


def _listed(raw: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except RecursionError:
        return msgspec.json.decode(cut_nesting(raw), type=list[msgspec.Raw])


def _count(fields: Mapping[str, msgspec.Raw]) -> int | None:
    """The number of jobs, also where it is a text; None where it is missing or none."""
    raw = next((bytes(fields[name]) for name in _COUNTS if name in fields), b"")
    text = raw.strip(b'" ')
    return int(text) if text.isdigit() and len(text) < 16 else None
