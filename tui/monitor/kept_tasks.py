"""Work beside the event loop's own: it is held until it ends, and its errors are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def start_kept_task(
    work: Coroutine[Any, Any, Any],
    kept: set[asyncio.Task[Any]],
    on_fault: Callable[[BaseException], None],
) -> asyncio.Task[Any]:
    """Start work that `kept` holds until it ends; `on_fault` is called with the error that it ends with."""

    def end_task(task: asyncio.Task[Any]) -> None:
        kept.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            on_fault(error)

    started = asyncio.create_task(work)
    kept.add(started)
    started.add_done_callback(end_task)
    return started
