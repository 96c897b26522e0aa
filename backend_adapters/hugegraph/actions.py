"""Asks the server to change something: exactly one request each, and no verdict."""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.backend import Answer
from backend_adapters.errors import WORKER_HINT, BadAnswer, NoSuchTask, Unsupported
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.error_replies import read_error_body
from backend_adapters.hugegraph.errors import NON_MASTER, error_of_reply, is_foreign_404
from backend_adapters.hugegraph.id_ranges import parse_id_number
from backend_adapters.model import Ability, Action, Capabilities, TaskId, is_task_id
from backend_adapters.transport.error_body import Reply

ANSWER_CAP = 1024 * 1024
"""Bytes of an action's answer that are read: a cancel answers with the whole task, result and all."""

EFFECT_SHOWS_WITHIN = 15.0
"""Seconds: the distributed scheduler carries out a cancel or a delete every 10."""

REFUSAL_CHECK_WITHIN = 3.0
"""Seconds to look again after a plain no."""

_FINAL_REFUSALS = (
    "Can't delete incomplete task",
    NON_MASTER,
    "in status SUCCESS",
    "Not support action",
    "Can't find task with id",
    "is not computer-dis task",
    "The k8s api is not enable",
)
_REFUSAL_CODES = (400, 404, 415, 500)
"""What a server says no with, sometimes although it obeyed."""


async def send_action(
    client: HugeGraphClient, capabilities: Capabilities, action: Action, task_id: TaskId
) -> Answer:
    """Ask for a cancel or a delete and return what the server said; see `Backend.act`."""
    ability = capabilities.ability_for(action)
    if not ability:
        raise Unsupported(ability.reason)
    path = client.paths.task(require_number(task_id))
    if action is Action.CANCEL:
        reply = await client.transport.send("PUT", path, [("action", "cancel")], cap=ANSWER_CAP)
    else:
        force = [("force", "true")] if action is Action.FORCE_DELETE else []
        reply = await client.transport.send("DELETE", path, force, cap=ANSWER_CAP)
    return read_answer(reply, client.where)


def require_number(task_id: TaskId) -> int:
    """The id as the server's number; raises NoSuchTask for one that can be none."""
    number = parse_id_number(task_id) if is_task_id(task_id) else None
    if number is None:
        raise NoSuchTask(f'"{task_id}" is not a HugeGraph task id. Nothing was sent.')
    return number


async def submit_gremlin(client: HugeGraphClient, script: str, bindings: Mapping[str, object]) -> TaskId:
    """Start a gremlin job; returns the new task's id. Aliases the server sets by itself, and takes none."""
    job = {"gremlin": script, "bindings": bindings, "language": "gremlin-groovy", "aliases": {}}
    reply = await client.transport.send("POST", client.paths.gremlin_jobs, json=job, cap=ANSWER_CAP)
    return read_new_id(await client.require_success(reply), client.where)


def read_new_id(reply: Reply, where: str) -> TaskId:
    """The id in the answer to a started job: a number, or in some documents a text."""
    # Imported here: no start waits for pydantic.
    from backend_adapters.hugegraph.lenient import LENIENT_SUBMITTED, ValidationError

    try:
        task_id = str(LENIENT_SUBMITTED.validate_json(reply.body)["task_id"])
    except ValidationError:
        task_id = ""
    if not is_task_id(task_id):
        raise BadAnswer(f"{where} accepted the job but didn't return its id.", hint="", code=reply.code)
    return task_id


def capabilities_of_version(version: tuple[int, ...] | None, graphspaces: bool, name: str) -> Capabilities:
    """What a server of this version can do; only force delete depends on it.

    `name` is product and version for a person; `graphspaces`: it answers to graphspace paths (1.7 and later).
    """
    yes = Ability(True)
    forces = graphspaces or (version is not None and version >= (1, 5))
    reason = f"{name} has no force delete; HugeGraph has it from 1.5.0 on."
    if version is None:
        reason = "This server doesn't report its version, so force delete is not available."
    force = yes if forces else Ability(False, reason)
    return Capabilities(cancel=yes, delete=yes, force_delete=force, submit=yes)


def read_answer(reply: Reply, where: str) -> Answer:
    """What was said; raises for answers that are about something else than the task."""
    if reply.is_success:
        return Answer(reply.code, "", True, EFFECT_SHOWS_WITHIN)
    words = read_error_body(reply).summary
    if reply.code not in _REFUSAL_CODES or reply.is_html or is_foreign_404(reply) or not words:
        raise error_of_reply(reply, where)
    plain = reply.code in (404, 415) or any(text in words for text in _FINAL_REFUSALS)
    as_worker = NON_MASTER in words
    if as_worker:
        # First what to do: a toast may have no room for more.
        words = f"{WORKER_HINT} ({words})"
    return Answer(reply.code, words, False, REFUSAL_CHECK_WITHIN if plain else EFFECT_SHOWS_WITHIN, as_worker)
