"""Reads one page of a list: the envelope first, then the records in blocks that leave the event loop free."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from backend_adapters.errors import BadAnswer
from backend_adapters.ges.records import JobRow, read_row
from backend_adapters.ges.wire import to_camel_case
from backend_adapters.model import Task, TaskId
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.loose_json import cut_nesting, decode_json

JOBS_PER_BLOCK = 200
"""Records that are decoded before other tasks may run: about a millisecond."""

_LISTS = ("jobList", "jobs")
_COUNTS = ("jobCount", "totalCount")
"""What the jobs center and the editions of the engine call list and count (PROTOCOL.md, 1.3 and 3)."""

_NOTHING = (b"null", b"")
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class JobPage(msgspec.Struct, frozen=True):
    """Consecutive rows of a list, from row `offset` on."""

    offset: int
    rows: tuple[JobRow | None, ...]
    """None stands for an unreadable record, so that the others keep their rows."""
    count: int | None
    """The server's count of jobs; None where it sent none."""
    graph: str | None = None
    """The graph that was asked for; None for all."""

    @property
    def ids(self) -> tuple[TaskId, ...]:
        """The ids of all readable jobs."""
        return tuple(row.task.id for row in self.rows if row is not None)

    @property
    def wanted_rows(self) -> tuple[JobRow, ...]:
        """The jobs of the wanted graph: a server may ignore the filter (PROTOCOL.md, section 1.1)."""
        return tuple(row for row in self.rows if row is not None and not self._is_foreign(row))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of the jobs that were asked for."""
        return tuple(row.task for row in self.wanted_rows)

    @property
    def has_foreign_jobs(self) -> bool:
        """Whether jobs of other graphs came."""
        return any(row is not None and self._is_foreign(row) for row in self.rows)

    @property
    def has_more(self) -> bool:
        """Whether the server counts more jobs than this page ends with."""
        return bool(self.rows) and self.count is not None and self.offset + len(self.rows) < self.count

    @property
    def unreadable_count(self) -> int:
        """How many records were unreadable."""
        return self.rows.count(None)

    def _is_foreign(self, row: JobRow) -> bool:
        return self.graph is not None and row.task.graph is not None and row.task.graph != self.graph


async def read_page(reply: Reply, offset: int, where: str, graph: str | None) -> JobPage:
    """The page in a good answer. Raises BadAnswer for anything else, also when it is cut or over the cap."""
    if reply.truncated:
        raise BadAnswer(
            f"{where} sent a list of more than {len(reply.body):,} bytes, which is too long to read.",
            hint="Choose one graph, or fewer days.",
        )
    if reply.is_html:
        raise BadAnswer(f"{where} sent a web page instead of a list of jobs.")
    fields = _read_envelope(reply.body, where)
    records = _read_records(fields, where)
    rows: list[JobRow | None] = []
    for start in range(0, len(records), JOBS_PER_BLOCK):
        if start:
            await asyncio.sleep(0)
        rows += [read_row(bytes(record)) for record in records[start : start + JOBS_PER_BLOCK]]
    return JobPage(offset, tuple(rows), _read_count(fields), graph)


def _read_envelope(body: bytes, where: str) -> dict[str, msgspec.Raw]:
    """The fields of the answer, still encoded, with the keys of v1."""
    try:
        fields = decode_json(_FIELDS, body)
    except msgspec.ValidationError:
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.") from None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} sent a list that is truncated or not JSON.") from None
    return {to_camel_case(key): value for key, value in fields.items()}


def _read_records(fields: Mapping[str, msgspec.Raw], where: str) -> Sequence[msgspec.Raw]:
    """The records; none where the list is null, or missing beside a count (PROTOCOL.md, section 1.3)."""
    raw = next((fields[name] for name in _LISTS if name in fields), None)
    if raw is None and not any(name in fields for name in _COUNTS):
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.")
    if raw is None or bytes(raw) in _NOTHING:
        return ()
    try:
        return _decode_list(bytes(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} sent JSON that is not a list of jobs.") from None


def _decode_list(raw: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except RecursionError:
        return msgspec.json.decode(cut_nesting(raw), type=list[msgspec.Raw])


def _read_count(fields: Mapping[str, msgspec.Raw]) -> int | None:
    """The count of jobs, a number or a text; None where there is none."""
    raw = next((bytes(fields[name]) for name in _COUNTS if name in fields), b"")
    text = raw.strip(b'" ')
    return int(text) if text.isdigit() and len(text) < 16 else None
