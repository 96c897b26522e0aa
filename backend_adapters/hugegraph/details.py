"""Reads one task with input and result: streamed, capped, and salvaged where the cap cut it."""

from __future__ import annotations

import asyncio

from backend_adapters.backend import Progress
from backend_adapters.errors import BadAnswer, NoSuchTask, Unreadable
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.computer.job_types import is_computer_job
from backend_adapters.hugegraph.id_ranges import parse_id_number
from backend_adapters.hugegraph.id_reader import read_tasks_by_id
from backend_adapters.hugegraph.json_fields import read_fields
from backend_adapters.hugegraph.records import repair_record
from backend_adapters.hugegraph.wire import WireDetail, WireTask, task_from_wire
from backend_adapters.model import Task, TaskDetail, TaskId, TaskStatus
from backend_adapters.transport.error_body import Reply

_RESULT_LATE = 0.3
"""Seconds: a task may be `success` for a moment before its result is stored."""

_ROW_ESSENTIALS = frozenset(
    {"id", "task_type", "task_name", "task_status", "task_create", "task_update", "task_retries"}
)
"""What the row of a finished task is made of; the order of a task's fields is the server's whim."""

_ROW_FIELDS = WireTask.__required_keys__ | WireTask.__optional_keys__
"""The fields that a row shows."""

_NO_ID = "{where} sent task {number} without a readable id."
_ENDED_WITH_RESULT = (TaskStatus.SUCCESS, TaskStatus.FAILED)
_LIGHT = (("with_result", "false"),)
"""Leaves the result out, since PR #3060, that is after 1.7 (PROTOCOL.md, section 7)."""
_ENCODED = ("task_result",)
_EXTRA = (("task_priority", "priority"), ("task_context", "context"))


async def read_detail(
    client: HugeGraphClient, task_id: TaskId, cap: int, progress: Progress | None, *, result: bool = True
) -> TaskDetail:
    """One task with all its texts, or without its result where that can be left out; see `Backend.detail`."""
    number = parse_id_number(task_id)
    if number is None:
        raise NoSuchTask(f'"{task_id}" is not a HugeGraph task id.')
    light = not result and client.can_omit_results
    found = await _request_detail(client, number, cap, progress, light=light)
    late = found.result is None and not found.truncated and found.task.status in _ENDED_WITH_RESULT
    if late and not light:
        await asyncio.sleep(_RESULT_LATE)
        found = await _request_detail(client, number, cap, progress, light=False)
    return found


async def _request_detail(
    client: HugeGraphClient, number: int, cap: int, progress: Progress | None, *, light: bool
) -> TaskDetail:
    """One request, and a second one for the row where the cap cut the row's fields off."""
    params = _LIGHT if light else ()
    path = client.paths.task(number)
    # Older servers ignore the parameter and send all; a cap works on all of them.
    with client.responsiveness.person_is_waiting():
        reply = await client.transport.get(path, params, cap=cap, progress=progress, within=None)
    await client.require_task(reply)
    if reply.is_html:
        raise BadAnswer(f"{client.where} sent a web page instead of a task.")
    fields, whole = await read_fields(reply.body, encoded=_ENCODED)
    if not fields or not (whole or reply.truncated):
        raise BadAnswer(f"{client.where} sent a task that is truncated or not JSON.")
    wire, fault = repair_record(fields)
    _check_id(client.where, number, wire.get("id"), whole=whole)
    client.ask_harmless_normally([number])
    # Of a body that was cut the last field may be a text that lacks its end.
    readable = whole or (wire.keys() >= _ROW_ESSENTIALS and next(reversed(fields)) not in _ROW_FIELDS)
    task = task_from_wire(wire, fault) if readable else await _read_row(client, number)
    if light and fields.get("task_result") is not None:
        client.can_omit_results, light = False, False
    return _make_detail(task, wire, reply, light=light)


def _check_id(where: str, asked: int, sent: int | None, *, whole: bool) -> None:
    """Raise Unreadable for a task that is not, or doesn't say that it is, the one that was asked for."""
    if sent is not None and sent != asked:
        raise Unreadable(f"{where} sent task {sent} when asked for task {asked}.")
    if sent is None and whole:
        raise Unreadable(_NO_ID.format(where=where, number=asked))


async def _read_row(client: HugeGraphClient, number: int) -> Task:
    """The row of a task, from the list: too much of its detail was cut off."""
    listed = await read_tasks_by_id(client, [number], urgent=True)
    if listed.missing_ids([number]):
        raise NoSuchTask(f"{client.where} no longer has task {number}.")
    if number not in listed.tasks:
        raise Unreadable(_NO_ID.format(where=client.where, number=number))
    return listed.tasks[number]


def _make_detail(task: Task, wire: WireDetail, reply: Reply, *, light: bool) -> TaskDetail:
    texts = ((label, wire.get(key)) for key, label in _EXTRA)
    # A job that fails leaves its exception; one whose server was killed, nothing (PROTOCOL.md, section 3.4).
    failed = task.status is TaskStatus.FAILED and not is_computer_job(task)
    lost = failed and wire.get("task_result") is None and not reply.truncated and not light
    return TaskDetail(
        task=task,
        raw=reply.body,
        input=wire.get("task_input"),
        result=wire.get("task_result"),
        callable=wire.get("task_callable"),
        extra=tuple((label, str(text)) for label, text in texts if text is not None),
        truncated=reply.truncated,
        size=len(reply.body),
        result_left_out=light and _may_have_result(task),
        lost=lost,
    )


def _may_have_result(task: Task) -> bool:
    """Whether a result may be stored: at an end that leaves one, and of computer jobs as they run, too."""
    if task.status in _ENDED_WITH_RESULT or task.status is TaskStatus.UNKNOWN:
        return True
    return is_computer_job(task) and not task.status.is_waiting
