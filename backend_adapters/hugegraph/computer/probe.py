"""Finds out, by one request that changes nothing, whether a server has computer jobs and in which form."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from backend_adapters.errors import NoSuchGraph, Unsupported
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.computer.job_types import FORM_A
from backend_adapters.hugegraph.error_replies import read_error_body
from backend_adapters.hugegraph.errors import fault_of
from backend_adapters.hugegraph.pages import envelope, read_block
from backend_adapters.model import Ability, Sibling
from backend_adapters.transport.error_body import Reply

DIALECT = "computerdis"
ABSENT = "This server has no computer jobs."
OFF = "Computer jobs are off: the server's Kubernetes is not enabled."

_HINTS = {
    ABSENT: "Only Baidu's fork of HugeGraph has them; look at the graph's tasks instead.",
    OFF: "Set k8s.api=true in its rest-server.properties, or look at the graph's tasks instead.",
}
_NO_STATUS = "WHICH_FORM"
"""No server has this status. Form A checks the parameter, form B does not read it (ComputerDisAPI)."""

_PROBE = (("limit", "1"), ("status", _NO_STATUS))


class Form(Enum):
    """Which of the two interfaces a server has."""

    A = "A"
    B = "B"


class Found(Struct, frozen=True):
    """What the probe brought."""

    ability: Ability
    form: Form = Form.B


async def probe(link: Link) -> Found:
    """Ask for one job; raises what the server's answer stands for when it is about something else."""
    reply = await link.transport.get(link.paths.computer_jobs, _PROBE)
    if of_form_a(reply):
        return Found(Ability(True), Form.A)
    reason = why_not(reply)
    if reason:
        return Found(Ability(False, reason))
    tasks = read_block(envelope(await link.good(reply), link.where).tasks).tasks
    older = any(task.type == FORM_A for task in tasks)
    return Found(Ability(True), Form.A if older else Form.B)


async def sibling(link: Link) -> Sibling:
    """The computer jobs beside a graph's tasks, with the reason where the server lacks them."""
    return Sibling(dialect=DIALECT, title="computer jobs", ability=(await probe(link)).ability)


def why_not(reply: Reply) -> str:
    """Why there are no computer jobs, as this answer has it; empty where it says nothing of the kind."""
    if reply.is_success:
        return ""
    if read_error_body(reply).mentions("k8s api is not enable"):
        return OFF
    if reply.code in (404, 405) and not isinstance(fault_of(reply, ""), NoSuchGraph):
        return ABSENT
    return ""


def unsupported(reason: str, where: str) -> Unsupported:
    """The error for a server without computer jobs."""
    return Unsupported(f"{where}: {reason}", hint=_HINTS[reason])


async def good(link: Link, reply: Reply) -> Reply:
    """The answer itself when it is 2xx; otherwise raises what it stands for."""
    reason = why_not(reply)
    if reason:
        raise unsupported(reason, link.where)
    return await link.good(reply)


def of_form_a(reply: Reply) -> bool:
    """Whether only form A answers so: it knows statuses, and its list runs over its own end.

    `asMap` of the task after each job is listed, so an odd number of them is a NoSuchElementException (404).
    """
    said = read_error_body(reply)
    if reply.code == 400:
        return said.mentions("Status value must be in") or said.mentions("No enum constant")
    return reply.code == 404 and "NoSuchElementException" in said.exception
