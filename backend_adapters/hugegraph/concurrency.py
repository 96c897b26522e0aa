"""Runs a few requests at the same time, and raises one error, not a group of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

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


def _first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is no group itself."""
    error = errors.exceptions[0]
    return _first_error(error) if isinstance(error, BaseExceptionGroup) else error
