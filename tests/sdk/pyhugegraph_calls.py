"""What pyhugegraph makes of a HugeGraph server: each of its calls about tasks, and what has to come of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.support.patience import PATIENCE

NOBODY = 999_999_999
"""The id of no task."""


class Ids(NamedTuple):
    """The tasks of the graph that is asked, oldest first."""

    done: int
    failed: int
    running: int


class Call(NamedTuple):
    """One call, and what has to come of it: a value in short, or an exception's kind and message."""

    name: str
    make: Callable[[Any, Ids], object]
    """Takes a PyHugeClient."""
    expected: str


_NO_TASK = f"NotFoundError: Can't find task with id '{NOBODY}'"
_NO_NUMBER = "NotFoundError: HTTP 404 Not Found"
_STATUSES = (
    "UNKNOWN, NEW, SCHEDULING, SCHEDULED, QUEUED, RESTORING, RUNNING, SUCCESS, CANCELLING, CANCELLED, "
    "FAILED, HANGING, DELETING"
)

CALLS = (
    Call("the version", lambda client, ids: sorted(client.version().version()["versions"]),
         "['api', 'core', 'gremlin', 'version']"),
    Call("the graphs", lambda client, ids: "hugegraph" in client.graphs().get_all_graphs(), "True"),
    Call("the graph", lambda client, ids: json.loads(client.graphs().get_graph_info())["name"], "hugegraph"),
    Call("all tasks", lambda client, ids: client.task().list_tasks(), "done, failed, running"),
    Call("two tasks", lambda client, ids: client.task().list_tasks(limit=2), "done, failed"),
    Call("no tasks", lambda client, ids: client.task().list_tasks(limit=0), ""),
    Call("without a limit", lambda client, ids: client.task().list_tasks(limit=-1), "done, failed, running"),
    Call("a limit below", lambda client, ids: client.task().list_tasks(limit=-5),
         "ServerError: Server Exception: Failed to update/query TaskStore: "
         "java.util.concurrent.ExecutionException: java.lang.IllegalArgumentException: Invalid limit -5"),
    Call("a limit that is none", lambda client, ids: client.task().list_tasks(limit="x"), _NO_NUMBER),
    Call("a status", lambda client, ids: client.task().list_tasks(status="FAILED"), "failed"),
    Call("a status in small letters", lambda client, ids: client.task().list_tasks("success", 5), "done"),
    Call("a status that is none", lambda client, ids: client.task().list_tasks(status="DONE"),
         f"ServerError: Server Exception: Status value must be in [{_STATUSES}], but got 'DONE'"),
    Call("a task", lambda client, ids: client.task().get_task(ids.done), "done is success: 42"),
    Call("a failed task", lambda client, ids: client.task().get_task(ids.failed),
         "failed is failed: org.apache.hugegraph.HugeException: javax.script.ScriptException: "
         "java.lang.RuntimeException: boom"),
    Call("no task", lambda client, ids: client.task().get_task(NOBODY), _NO_TASK),
    Call("an id that is none", lambda client, ids: client.task().get_task("x"), _NO_NUMBER),
    Call("cancel what is done", lambda client, ids: client.task().cancel_task(ids.done),
         "ServerError: Server Exception: Can't cancel task 'done' which is completed or cancelling"),
    Call("cancel nothing", lambda client, ids: client.task().cancel_task(NOBODY), _NO_TASK),
    Call("delete what runs", lambda client, ids: client.task().delete_task(ids.running),
         "ServerError: Server Exception: Can't delete incomplete task 'running' in status RUNNING, "
         "Please try to cancel the task first"),
    Call("cancel what runs", lambda client, ids: client.task().cancel_task(ids.running),
         "running is cancelling: None"),
    Call("delete what is done", lambda client, ids: client.task().delete_task(ids.done), "{}"),
    Call("delete it again", lambda client, ids: client.task().delete_task(ids.done),
         "NotFoundError: Can't find task with id 'done'"),
    Call("what is left", lambda client, ids: client.task().list_tasks(limit=2), "failed, running"),
)  # fmt: skip


def make_calls(url: str, user: str = "", password: str = "") -> dict[str, str]:
    """Start tasks in the graph `hugegraph`, which has none yet, and make all calls; what came of each."""
    from pyhugegraph.client import PyHugeClient

    client = PyHugeClient(url, "hugegraph", user, password, timeout=(PATIENCE, PATIENCE))
    scripts = ("20 + 22", "throw new RuntimeException('boom')", "for (i in 0..<7200) { Thread.sleep(1000) }")
    ids = Ids(*[_start(client, script) for script in scripts])
    for number, status in zip(ids, ("success", "failed", "running"), strict=True):
        _await_status(client, number, status)
    return {call.name: _outcome(call, client, ids) for call in CALLS}


def _start(client: Any, script: str) -> int:
    """Start a job: the client has no call for it, but a session."""
    body = json.dumps({"gremlin": script, "bindings": {}, "language": "gremlin-groovy", "aliases": {}})
    return int(client.task().session.request("jobs/gremlin", "POST", data=body)["task_id"])


def _await_status(client: Any, number: int, status: str) -> None:
    end = time.monotonic() + PATIENCE
    while client.task().get_task(number)["task_status"] != status:
        assert time.monotonic() < end, f"task {number} is not {status}"
        time.sleep(0.02)


def _outcome(call: Call, client: Any, ids: Ids) -> str:
    names = dict(zip(map(str, ids), ids._fields, strict=True))
    try:
        return _in_short(call.make(client, ids), names)
    except Exception as error:
        words = error.args[0]
        message = json.loads(words)["message"] if isinstance(words, bytes) else words
        for number, name in names.items():
            message = message.replace(f"'{number}'", f"'{name}'")
        return f"{type(error).__name__}: {message}"


def _in_short(value: object, names: dict[str, str]) -> str:
    if isinstance(value, dict) and "tasks" in value:
        return ", ".join(names[str(task["id"])] for task in value["tasks"])
    if isinstance(value, dict) and "id" in value:
        return f"{names[str(value['id'])]} is {value['task_status']}: {value.get('task_result')}"
    return str(value)
