"""Reads a list's answer: the envelope first, then its records, in blocks that leave the loop free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from backend_adapters.errors import BadAnswer
from backend_adapters.hugegraph.errors import TruncatedAnswer
from backend_adapters.hugegraph.records import repair_task
from backend_adapters.hugegraph.wire import TASKS_DECODER, task_from_wire
from backend_adapters.model import Task
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.loose_json import decode_json

RECORDS_PER_BLOCK = 400
"""Records that are read without leaving the loop; less than a millisecond."""


class TaskPage(msgspec.Struct, frozen=True):
    """`{"tasks": […], "page": token or null}`, the records still unread."""

    tasks: list[msgspec.Raw]
    page: str | None = None


class TaskBlock(msgspec.Struct, frozen=True):
    """The tasks of some records, and how many of these could not be read at all."""

    tasks: tuple[Task, ...]
    unidentified: int = 0


_ENVELOPE = msgspec.json.Decoder(TaskPage)


def read_task_page(reply: Reply, where: str) -> TaskPage:
    """The list in an answer; raises BadAnswer when it is something else, cut, or over the cap."""
    if reply.truncated:
        raise TruncatedAnswer(
            f"{where} sent a list of more than {len(reply.body):,} bytes, which is too long to read.",
            hint="Delete old tasks, or list fewer.",
        )
    if reply.is_html:
        raise BadAnswer(f"{where} sent a web page instead of a list of tasks.")
    try:
        return decode_json(_ENVELOPE, reply.body)
    except msgspec.ValidationError:
        raise BadAnswer(f"{where} sent JSON that is not a list of tasks.") from None
    except (ValueError, RecursionError):
        raise TruncatedAnswer(f"{where} sent a list that is truncated or not JSON.") from None


async def read_blocks(records: Sequence[msgspec.Raw]) -> AsyncIterator[TaskBlock]:
    """The records as tasks, block by block; one empty block for none."""
    yield read_block(records[:RECORDS_PER_BLOCK])
    for start in range(RECORDS_PER_BLOCK, len(records), RECORDS_PER_BLOCK):
        await asyncio.sleep(0)
        yield read_block(records[start : start + RECORDS_PER_BLOCK])


def read_block(records: Sequence[msgspec.Raw]) -> TaskBlock:
    """The tasks of some records; those that can't be read at all are counted."""
    block = b"[" + b",".join(records) + b"]"
    try:
        wires = TASKS_DECODER.decode(block)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _read_leniently(records, block)
    return TaskBlock(tuple([task_from_wire(wire) for wire in wires]))


def unread_records_note(lost: int) -> str:
    """What to tell a person of so many records that could not be read; nothing of none."""
    return f"{lost} record{'s' if lost > 1 else ''} could not be read." if lost else ""


def _read_leniently(records: Sequence[msgspec.Raw], block: bytes) -> TaskBlock:
    """The tasks of records that are not all as they should be."""
    # Imported here: no start waits for pydantic.
    from backend_adapters.hugegraph import lenient

    try:
        return TaskBlock(tuple([task_from_wire(wire) for wire in lenient.LENIENT_TASKS.validate_json(block)]))
    except lenient.ValidationError:
        repaired = [repair_task(bytes(record)) for record in records]
    tasks = tuple(task for task in repaired if task is not None)
    return TaskBlock(tasks, len(repaired) - len(tasks))
