"""100,000 tasks, from the answers' bytes to rows on the screen, against a plain reading of the same bytes.

Ours is everything: decoding, checking, the store, the order, the counts and the drawing. The baseline is
`json.loads` and a pydantic model of each record, kept in a list.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time

import httpx
import msgspec
from pydantic import BaseModel, TypeAdapter

from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, median, report
from tests.bench.in_process_app import Recorded, recorded, run_in_process
from tests.bench.raw_terminal import ROOT, environment

TASKS = 100_000
REPEATS = 3
WHAT = "100,000 tasks, from the last byte read to the rows shown"
NOW = 1_795_420_000_000


class Record(BaseModel):
    """A list item."""

    id: int
    task_status: str
    task_type: str | None = None
    task_name: str | None = None
    task_progress: int | None = None
    task_create: int | None = None
    task_update: int | None = None
    task_retries: int | None = None
    task_description: str | None = None
    task_dependencies: list[int] | None = None
    task_server: str | None = None


RECORDS = TypeAdapter(list[Record])


def target() -> Target:
    """A server at rest, called within this process."""
    app = hugegraph_app(HugeGraphSettings(history=TASKS, specials=False, pace=0), clock=lambda: NOW)
    return Target(url="http://simulated", http=httpx.ASGITransport(app))


async def ours(wire: Recorded, place: Target) -> tuple[float, float]:
    """Milliseconds from the first page to the paint that counts all of them, and those of the processor."""
    gc.collect()
    async with run_in_process(wire, place) as stage:
        shown = await stage.painted(lambda text: len(stage.monitor.view) == TASKS and f"{TASKS:,}" in text)
        return (shown - stage.app.began) * 1000, (time.process_time() - stage.app.began_cpu) * 1000


def baseline(bodies: list[bytes]) -> tuple[float, float]:
    """The same to read these bytes in a fresh process: in this one the collector was told to rest."""
    given = msgspec.msgpack.encode(bodies)
    command = [sys.executable, "-c", "from tests.bench.load import plain; plain()"]
    done = subprocess.run(
        command, env=environment(), cwd=ROOT, check=True, input=given, stdout=subprocess.PIPE
    )
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu


def plain() -> None:
    """Read the bytes that come in, and print the milliseconds that it took, and those of the processor."""
    bodies = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[bytes])
    gc.collect()
    began, used = time.perf_counter(), time.process_time()
    kept: list[Record] = []
    for body in bodies:
        kept += RECORDS.validate_python(json.loads(body)["tasks"])
    assert len(kept) >= TASKS
    print((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)


def is_history_page(path: str) -> bool:
    """Whether a request asks for a page of all tasks, which together hold each of them."""
    return httpx.URL(path).params.keys() == {"limit", "page"}


async def main() -> None:
    """Measure both in turns."""
    place = target()
    wire = await recorded(place)
    bodies = [reply.body for (path, _), reply in wire.answers.items() if is_history_page(path)]
    times = [(await ours(wire, place), baseline(bodies)) for _ in range(REPEATS)]
    size = sum(map(len, bodies)) / 1e6
    whats = (WHAT, f"{WHAT}, CPU")
    report(
        *(
            Figure(
                what=what,
                ours=median([mine[index] for mine, _ in times]),
                unit="ms",
                goal="<= 1.0 x",
                limit=1.0,
                baseline=median([other[index] for _, other in times]),
                against=f"json.loads and pydantic of the same {size:.0f} MB",
                by_ratio=True,
            )
            for index, what in enumerate(whats)
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
