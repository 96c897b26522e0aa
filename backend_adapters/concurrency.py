"""Runs a few requests at the same time, and ends them together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def run_together(jobs: Sequence[Callable[[], Awaitable[ResultT]]], *, most: int) -> list[ResultT]:
    """The results in the order of the jobs, `most` of which run at once; the first failure ends all."""
    gate = asyncio.Semaphore(most)

    async def gated(job: Callable[[], Awaitable[ResultT]]) -> ResultT:
        async with gate:
            return await job()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(gated(job)) for job in jobs]
    except BaseExceptionGroup as errors:
        raise _first_error(errors) from None
    return [task.result() for task in tasks]


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what is under way, and wait for it to end; no error of it is wanted."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is no group itself."""
    error = errors.exceptions[0]
    return _first_error(error) if isinstance(error, BaseExceptionGroup) else error
