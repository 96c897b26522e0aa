"""Counts what runs in a graph that nobody watches, by one request that costs the server little."""

from __future__ import annotations

from urllib.parse import urlencode

from backend_adapters.hugegraph.errors import error_of_reply
from backend_adapters.hugegraph.pages import read_task_page
from backend_adapters.hugegraph.paths import Paths
from backend_adapters.model import RunningCount
from backend_adapters.transport.client import Transport

MOST_COUNTED = 100
"""Running tasks that are counted at the most."""
COUNT_DEADLINE = 5.0
"""Seconds after which the server is left alone."""
_COUNT_CAP = 1 << 20


async def count_running_tasks(transport: Transport, paths: Paths) -> RunningCount:
    """The running tasks of a graph. Raises BackendError."""
    query = urlencode([("status", "RUNNING"), ("limit", str(MOST_COUNTED))])
    reply = await transport.get(f"{paths.tasks}?{query}", cap=_COUNT_CAP, within=COUNT_DEADLINE)
    where = paths.name_on(transport.host)
    if not reply.is_success:
        raise error_of_reply(reply, where)
    number = len(read_task_page(reply, where).tasks)
    return RunningCount(number=number, more=number >= MOST_COUNTED)
