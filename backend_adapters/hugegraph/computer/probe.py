"""Finds out, by one request that changes nothing, whether a server has computer jobs and in which form."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from backend_adapters.errors import NoSuchGraph, Unsupported
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.computer.job_types import FORM_A
from backend_adapters.hugegraph.error_replies import is_unknown_status, read_error_body
from backend_adapters.hugegraph.errors import error_of_reply
from backend_adapters.hugegraph.pages import read_block, read_task_page
from backend_adapters.model import Ability
from backend_adapters.transport.error_body import Reply

DIALECT = "computerdis"
ABSENT = "This server has no computer jobs."
OFF = "Computer jobs are off because Kubernetes is not enabled on the server."

_HINTS = {
    ABSENT: "Only Baidu's fork of HugeGraph has them. Look at the graph's tasks instead.",
    OFF: "Set k8s.api=true in its rest-server.properties, or look at the graph's tasks instead.",
}
_NO_STATUS = "WHICH_FORM"
"""No server has this status. Form A checks the parameter, form B does not read it (ComputerDisAPI)."""

_PROBE = (("limit", "1"), ("status", _NO_STATUS))


class ComputerForm(Enum):
    """Which of the two interfaces a server has."""

    A = "A"
    B = "B"


Support: TypeAlias = tuple[Ability, ComputerForm]
"""Whether there are computer jobs, and their form."""


async def probe_support(client: HugeGraphClient) -> Support:
    """Ask for one job: whether there are computer jobs, and their form.

    Raises what the server's answer stands for when it is about something else.
    """
    reply = await client.transport.get(client.paths.computer_jobs, _PROBE)
    if is_from_form_a(reply):
        return Ability(True), ComputerForm.A
    reason = absence_reason(reply)
    if reason:
        return Ability(False, reason), ComputerForm.B
    tasks = read_block(read_task_page(await client.require_success(reply), client.where).tasks).tasks
    older = any(task.type == FORM_A for task in tasks)
    return Ability(True), ComputerForm.A if older else ComputerForm.B


def absence_reason(reply: Reply) -> str:
    """Why there are no computer jobs, as this answer has it; empty where it says nothing of the kind."""
    if reply.is_success:
        return ""
    if read_error_body(reply).mentions("k8s api is not enable"):
        return OFF
    if reply.code in (404, 405) and not isinstance(error_of_reply(reply, ""), NoSuchGraph):
        return ABSENT
    return ""


def no_computer_jobs_error(reason: str, where: str) -> Unsupported:
    """The error for a server without computer jobs."""
    error = Unsupported(f"{where}: {reason}", hint=_HINTS[reason])
    # The server's answer to a request says so.
    error.sent = True
    return error


async def require_computer_jobs(client: HugeGraphClient, reply: Reply) -> Reply:
    """The answer itself when it is 2xx; otherwise raises what it stands for."""
    reason = absence_reason(reply)
    if reason:
        raise no_computer_jobs_error(reason, client.where)
    return await client.require_success(reply)


def is_from_form_a(reply: Reply) -> bool:
    """Whether only form A answers so: it knows statuses, and its list runs over its own end.

    `asMap` of the task after each job is listed, so an odd number of them is a NoSuchElementException (404).
    """
    body = read_error_body(reply)
    if is_unknown_status(reply, body):
        return True
    return reply.code == 404 and "NoSuchElementException" in body.exception
