"""HugeGraph's own ways to say that a graph or a task is not there, and that it is starting or busy."""

from __future__ import annotations

from backend_adapters.errors import (
    OUT_OF_MEMORY_PHRASES,
    WORKER_HINT,
    BackendError,
    BadAnswer,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    ServerFault,
    TimedOut,
    Unreachable,
)
from backend_adapters.hugegraph.error_replies import error_from_hugegraph, read_error_body
from backend_adapters.transport.error_body import ErrorBody, Reply

NON_MASTER = "non-master server"
"""What a worker of a cluster says no with, to a new job and, with the local scheduler, to all actions."""

_TOO_LONG = (413, 414)
_NO_TASK = ("Can't find task with id", "Task not found", "There is no task with id")
_NO_GRAPHSPACE = ("Graphspace not exist", "Graph space", "The graph space")
_NO_SCHEDULER = "Can't find task scheduler for graph"


class TaskStoreError(ServerFault):
    """The server failed over records of its own: one is broken, or they are larger than its memory."""

    hint = "A task's result may be larger than the server's memory. Check the server's log."
    server_message = ""
    """The server's own."""
    is_out_of_memory = False
    """It says that its memory was not enough."""


class TruncatedAnswer(BadAnswer):
    """An answer that ends too early, or was too long to be read to its end."""


def error_of_reply(reply: Reply, where: str) -> BackendError:
    """The error for an answer other than 2xx to a request about one graph."""
    body = read_error_body(reply)
    error: BackendError
    if _about_graph(reply, body):
        return NoSuchGraph(f"{where}: {body.summary}")
    if reply.code in (400, 404) and _about_task(body):
        return NoSuchTask(f"{where} has no such task (any more): {body.summary}", code=reply.code)
    if is_foreign_404(reply):
        words = body.summary or "no explanation"
        return BadAnswer(f"{where} answered 404, but not the way HugeGraph does: {words}", code=reply.code)
    if is_task_store_failure(reply):
        error = TaskStoreError(
            f"{where} can't read its tasks: {body.summary}", code=reply.code, trace=body.trace
        )
        error.server_message, error.is_out_of_memory = (
            body.summary,
            any(map(body.mentions, OUT_OF_MEMORY_PHRASES)),
        )
        return error
    error = error_from_hugegraph(reply, where)
    if body.mentions(NON_MASTER):
        error.hint, error.as_worker = WORKER_HINT, True
    return error


def is_task_store_failure(reply: Reply) -> bool:
    """Whether the server failed over records of its own, which it may say with 400 as well.

    `Failed to update/query TaskStore: … OutOfMemoryError` comes with 400, an interrupted reading with 500
    (PROTOCOL.md, section 1.5). With the same beginning it says that it can't page.
    """
    body = read_error_body(reply)
    about = body.mentions("TaskStore") or any(map(body.mentions, OUT_OF_MEMORY_PHRASES))
    return reply.code in (400, 500) and about and not says_no_paging(reply)


def fewer_may_work(error: BackendError) -> bool:
    """Whether a request for fewer tasks may be answered where this one failed.

    So it is where the server says so, takes too long, or its answer is cut off; not where it asks to wait, or
    was never reached.
    """
    if error.retry_after or error.code == 429:
        return False
    if isinstance(error, Unreachable):
        return error.sent
    return isinstance(error, (ServerFault, TimedOut, Busy, TruncatedAnswer)) or error.code in _TOO_LONG


def is_foreign_404(reply: Reply) -> bool:
    """Whether a 404 comes from something else, a proxy or another service.

    HugeGraph's own always names its exception (ExceptionFilter; PROTOCOL.md, section 4).
    """
    body = read_error_body(reply)
    own = body.exception or _about_graph(reply, body) or _about_task(body)
    return reply.code == 404 and not reply.is_html and not own


def may_be_unknown_graph(reply: Reply) -> bool:
    """Whether this may be 1.7.0's answer for a graph that it has not, or is dropping; only its list can tell.

    Java before 14 gives a NullPointerException no message, so the class is all there is to go by.
    """
    body = read_error_body(reply)
    return reply.code == 500 and ("NullPointerException" in body.exception or body.mentions(_NO_SCHEDULER))


def says_no_graphspace(reply: Reply) -> bool:
    """Whether the words are about the graphspace: `The graph space 'x' does not exist`."""
    body = read_error_body(reply)
    return body.mentions("not exist") and any(body.mentions(text) for text in _NO_GRAPHSPACE)


def says_no_paging(reply: Reply) -> bool:
    """Whether this answer to a request for the first page means that the backend can't page.

    Memory says it with 400 in three ways (measured on 1.7.0: `Invalid paging iterator`, `… query in paging`
    and, without any task, `Invalid PageState 'null'`), Baidu's etcd scheduler with 500.
    """
    body = read_error_body(reply)
    return reply.code in (400, 500) and (body.mentions("paging") or body.mentions("PageState"))


def _about_task(body: ErrorBody) -> bool:
    """Whether the words say that there is no such task."""
    return any(body.mentions(text) for text in _NO_TASK)


def _about_graph(reply: Reply, body: ErrorBody) -> bool:
    """Whether the words are about the graph: 404 `Graph 'x' does not exist`, 400 `Graphspace not exist!`."""
    if reply.code not in (400, 404):
        return False
    missing = body.message.startswith("Graph '") and "not exist" in body.message
    return missing or says_no_graphspace(reply)
