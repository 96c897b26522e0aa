"""A scripted server that fails over some of its tasks, and what a snapshot of it brings."""

from __future__ import annotations

from collections.abc import Collection

import httpx

from backend_adapters.backend import Batch
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import Task, TaskStatus
from tests.adapters.scripted_servers import ScriptedServer, failure
from tests.support.faulty_proxy import INTERRUPTED


def listed(wire: ScriptedServer, request: httpx.Request) -> list[int]:
    """The ids of the tasks that the answer to a request lists."""
    return [task["id"] for task in wire.listed(request)]


def poison(wire: ScriptedServer, bad: Collection[int], code: int = 500, words: str = INTERRUPTED) -> None:
    """Let the server fail over each list with one of these."""

    def override(request: httpx.Request) -> httpx.Response | None:
        if set(listed(wire, request)) & set(bad):
            return failure(code, "org.apache.hugegraph.HugeException", words)
        return None

    wire.override = override


async def connected(wire: ScriptedServer) -> HugeGraphBackend:
    backend = wire.backend()
    await backend.connect()
    return backend


async def read(backend: HugeGraphBackend) -> tuple[list[Batch], dict[str, Task]]:
    batches = [batch async for batch in backend.snapshot()]
    return batches, {task.id: task for batch in batches for task in batch.tasks}


def bad_rows(tasks: dict[str, Task]) -> dict[str, str | None]:
    return {n: task.decode_error for n, task in tasks.items() if task.status is TaskStatus.UNREADABLE}
