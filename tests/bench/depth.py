"""How many requests come one after the other before there are rows, and what a far server makes of that.

The depth is the longest chain of requests each of which began after the one before had ended. It is counted
on simulated servers within the process that answer late; the time to the first rows is that of a process.
"""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import httpx
import msgspec
from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from backend_adapters.registry import open_backend
from backend_adapters.simulator import COMPUTER_DEMO, HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.ges import DEMO_GES, ges_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import BARE, GRAPHTOP, Screen
from tests.bench.servers import compiled, serving, simulated
from tests.support.one_place import watch_one
from tui.monitor.health import Health
from tui.monitor.listener import Listener
from tui.monitor.place_file import PlaceFile
from tui.monitor.store import Change

LATE = 0.1
"""Seconds before each answer: far more than what the processor adds, so that rounds are told apart."""

REPEATS = 7
ROUND_TRIP = 50
"""Milliseconds of the far server."""


class RecordingApp:
    """Answers late, and keeps when each request began and ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.spans: list[tuple[float, float]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        began = time.perf_counter()
        await asyncio.sleep(LATE)
        await self.app(scope, receive, send)
        self.spans.append((began, time.perf_counter()))

    def depth_until(self, moment: float) -> tuple[int, int]:
        """The longest chain of requests that had ended by then, and how many had."""
        ended = sorted((end, began) for began, end in self.spans if end <= moment)
        depth, last = 0, 0.0
        for end, began in ended:
            if began >= last:
                depth, last = depth + 1, end
        return depth, len(ended)


class RowsSeen(Listener):
    """Notes when the unfinished tasks were there, and when tasks that have ended were."""

    def __init__(self) -> None:
        self.unfinished_at = self.newest_at = 0.0
        self.all_seen = asyncio.Event()

    def rows_changed(self, changes: Sequence[Change]) -> None:
        """Note the moment."""
        now = time.perf_counter()
        ended = [change.new.status.is_finished for change in changes if change.new is not None]
        if not all(ended):
            self.unfinished_at = self.unfinished_at or now
        if any(ended):
            self.newest_at = self.newest_at or now

    def health_changed(self, health: Health) -> None:
        """The first batch is complete."""
        if health.begun:
            self.all_seen.set()


class Depths(msgspec.Struct):
    """Depth and number of requests before the unfinished and before the newest tasks were there."""

    unfinished: tuple[int, int]
    newest: tuple[int, int]


async def watch_once(app: ASGIApp, target: Target, places: PlaceFile) -> Depths:
    """Watch a server until its first rows are there, and then end as a person does."""
    recording, seen = RecordingApp(app), RowsSeen()
    target = replace(target, http=httpx.ASGITransport(recording), remembered=places.recall())
    monitor = watch_one(open_backend(target), listener=seen, places=places)
    monitor.start_watching()
    try:
        await asyncio.wait_for(seen.all_seen.wait(), 60)
    finally:
        await monitor.aclose()
    return Depths(recording.depth_until(seen.unfinished_at), recording.depth_until(seen.newest_at))


def list_servers() -> Iterator[tuple[str, ASGIApp, Target]]:
    """One server of each kind, with what graphtop is told to reach it."""
    plain = HugeGraphSettings(history=5_000, unfinished=8, specials=False, pace=0)
    for version in ("1.0.0", "1.3.0", "1.5.0", "1.7.0", "1.8.0"):
        settings = dataclasses.replace(plain, version=version)
        yield f"HugeGraph {version}", hugegraph_app(settings), Target(url="http://h")
    many = dataclasses.replace(plain, history=100_000)
    yield "HugeGraph 1.7.0 with 100,000 tasks", hugegraph_app(many), Target(url="http://h")
    spaces = dataclasses.replace(plain, graphs=("a/g",), graphspaces=("DEFAULT", "a"))
    yield "a graphspace", hugegraph_app(spaces), Target(url="http://h", graphspace="a")
    hstore = dataclasses.replace(plain, backend="hstore", servers=2)
    yield "a cluster (hstore)", hugegraph_app(hstore), Target(url="http://h")
    computer = dataclasses.replace(COMPUTER_DEMO, history=2_000, computer_jobs=300, pace=0)
    yield "computer jobs", hugegraph_app(computer), Target(url="http://h", dialect="computerdis")
    login = Credentials(token=lambda: DEMO_GES.tokens[0])
    jobs = dataclasses.replace(DEMO_GES, history=500, unfinished=8, pace=0)
    for dialect in ("ges", "ges-v2"):
        target = Target(url="http://h", dialect=dialect, project=DEMO_GES.project, credentials=login)
        yield dialect, ges_app(jobs), target


def report_depth(name: str, app: ASGIApp, target: Target) -> None:
    """Report one kind of server, first unknown and then known."""
    with tempfile.TemporaryDirectory() as folder:
        places = partial(PlaceFile, Path(folder, "places.json"), target)
        first, known = (asyncio.run(watch_once(app, target, places())) for _ in range(2))
    limits = (("the first time", first, 3, 6), ("a known server", known, 1, 1))
    for when, depths, unfinished, newest in limits:
        for what, (depth, count), limit in (
            ("unfinished", depths.unfinished, unfinished),
            ("newest", depths.newest, newest),
        ):
            if not count:
                # On a cluster only the whole list tells which are the newest.
                continue
            report(
                Figure(
                    what=f"depth before the {what} tasks, {when}: {name}",
                    ours=depth,
                    unit="requests one after the other",
                    goal=f"<= {limit}",
                    limit=float(limit),
                    note=f"{count} requests in all",
                )
            )


def first_row_after(*command: str) -> float:
    """Milliseconds until a running task is on the terminal, or any row of the bare program."""
    with Screen(command) as screen:
        return (screen.until(rb"running|success") - screen.began) * 1000


def remember(url: str) -> None:
    """Watch a server until what is known of it is kept: a start cut off at its first row keeps nothing."""
    with Screen((*GRAPHTOP, url)) as screen:
        screen.until(rb"live")
        screen.quit()


def make_far_figure(what: str, ours: float, bare: float, limit: float, more: str) -> Figure:
    """A start on a far server, in round trips more than the bare program takes; times in milliseconds."""
    return Figure(
        what=what,
        ours=(ours - bare) / ROUND_TRIP,
        unit="round trips more than the bare program",
        goal=f"<= {limit:.0f}",
        limit=limit,
        note=f"{ours:.0f} ms of {bare:.0f} ms; {more}",
    )


def report_far_start() -> None:
    """Report the start on a far server, in round trips more than the bare program takes."""
    with (
        serving(*simulated(360, 8)) as (near, _),
        serving(*simulated(360, 8), "--delay", f"{ROUND_TRIP}ms") as (far, _),
    ):
        commands = (
            BARE,
            (*GRAPHTOP, near, "--no-cache"),
            (*GRAPHTOP, far, "--no-cache"),
            (*GRAPHTOP, near),
            (*GRAPHTOP, far),
        )
        for url in (near, far):
            remember(url)
        works = [partial(first_row_after, *command) for command in commands]
        bare, near_new, far_new, near_known, far_known = map(median, interleaved(works, REPEATS))
    for name, near_time, far_time, limit in (
        ("a new", near_new, far_new, 4.0),
        ("a known", near_known, far_known, 2.0),
    ):
        trips = (far_time - near_time) / ROUND_TRIP
        what = f"start to the first rows with {ROUND_TRIP} ms per round trip: {name} server"
        report(make_far_figure(what, far_time, bare, limit, f"{trips:.1f} more than beside the server"))


def main() -> None:
    """Measure both."""
    for name, app, target in list_servers():
        report_depth(name, app, target)
    compiled()
    report_far_start()


if __name__ == "__main__":
    main()
