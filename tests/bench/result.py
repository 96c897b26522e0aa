"""A result of 25 MB, made by a real HugeGraph 1.7.0 where one can be had: opened, scrolled, searched.

The times are taken within this process on the server's own bytes, from the moment that they are all there.
The memory is that of a program in a pty which reads them from the server.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, median, report
from tests.bench.in_process_app import InProcessApp, Recorded, recorded, run_in_process
from tests.bench.raw_terminal import GRAPHTOP, Screen
from tests.bench.servers import peak, serving, with_result
from tests.live.jars import JarsUnavailable
from tests.live.seeded_tasks import BIG, Jobs
from tests.live.server import HugeGraphServer, ServerFailed

MEGABYTES = 25
REPEATS = 3


@contextmanager
def large() -> Iterator[tuple[str, str]]:
    """A server with a task whose result has 25 MB: its URL, and what server it is."""
    try:
        server = HugeGraphServer()
        server.start()
    except (ServerFailed, JarsUnavailable) as error:
        print(f"no real server here, so the simulator: {error}", file=sys.stderr)
        with serving(*with_result(MEGABYTES)) as (url, _):
            yield url, "the simulator"
        return
    try:
        with Jobs(server) as jobs:
            jobs.wait(jobs.submit(BIG), "success")
        yield server.url, "HugeGraph 1.7.0"
    finally:
        server.close()


async def opened(wire: Recorded, place: Target) -> dict[str, float]:
    """Milliseconds to open the result, to go a page down, and to find its last word."""
    async with run_in_process(wire, place) as stage:
        while not len(stage.monitor.view):
            await stage.settle(0.05)
        await stage.settle()
        stage.press("o")
        first = await stage.painted(lambda text: "person" in text) - wire.answered
        await stage.settle(0.5)
        stage.press("f")
        await stage.settle(0.5)
        pages = [await _paint(stage, "pagedown") for _ in range(10)]
        word = last_word(wire)
        stage.press("slash")
        await stage.settle()
        stage.press(*word)
        await stage.settle()
        found = await _paint(stage, "enter", lambda text: word in text)
    return {"open": first * 1000, "scroll": median(pages), "search": found}


async def _paint(stage: InProcessApp, key: str, true: Callable[[str], bool] = lambda text: True) -> float:
    await stage.settle(0.1)
    began = time.perf_counter()
    stage.press(key)
    return (await stage.painted(true) - began) * 1000


def last_word(wire: Recorded) -> str:
    """The last number of the largest answer."""
    body = max((reply.body for reply in wire.answers.values()), key=len)
    return re.findall(rb"\d{4,}", body[-4000:])[-1].decode()


async def times(url: str) -> tuple[list[dict[str, float]], float]:
    """The times of some runs, and the answer's size in MB."""
    place = Target(url=url)
    wire = await recorded(place)
    await opened(wire, place)
    found = [await opened(wire, place) for _ in range(REPEATS)]
    await Transport.aclose(wire)
    return found, max(len(reply.body) for reply in wire.answers.values()) / 1e6


def memory(url: str) -> tuple[float, float]:
    """Megabytes that an open result adds at the most, and those it keeps."""
    with Screen([*GRAPHTOP, url]) as screen:
        screen.until(rb"success")
        screen.watch(1.0)
        before, most = screen.memory(), peak(screen.pid)
        screen.send("o")
        screen.until(rb"person")
        screen.watch(1.5)
        return peak(screen.pid) - most, screen.memory() - before


def main() -> None:
    """Report what opening, scrolling and searching takes."""
    with large() as (url, server):
        found, size = asyncio.run(times(url))
        most, kept = memory(url)
    goals = (
        ("open", "last byte to the first paint", "<= 500 ms", 500.0),
        ("scroll", "a page down", "<= 16 ms", 16.0),
        ("search", "search for the last word", "<= 1 s", 1000.0),
    )
    for key, what, goal, limit in goals:
        ours = median([times[key] for times in found])
        report(
            Figure(
                what=f"{size:.0f} MB result: {what}",
                ours=ours,
                unit="ms",
                goal=goal,
                limit=limit,
                note=server,
            )
        )
    report(
        Figure(
            what=f"{size:.0f} MB result: memory at the most",
            ours=most,
            unit="MB",
            goal="<= 3 x its size",
            limit=3.0,
            baseline=size,
            against="its size",
            by_ratio=True,
            note=f"{server}; {kept:.0f} MB are kept while it is open",
        )
    )


if __name__ == "__main__":
    main()
