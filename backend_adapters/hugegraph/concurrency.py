"""Runs a few requests at the same time, and raises one error, not a group of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Got = TypeVar("Got")


async def together(jobs: Sequence[Callable[[], Awaitable[Got]]], *, most: int) -> list[Got]:
    """The results in the order of the jobs, `most` of which run at once; the first failure ends all."""
    gate = asyncio.Semaphore(most)

    async def gated(job: Callable[[], Awaitable[Got]]) -> Got:
        async with gate:
            return await job()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(gated(job)) for job in jobs]
    except BaseExceptionGroup as errors:
        raise _first(errors) from None
    return [task.result() for task in tasks]


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is no group itself."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
