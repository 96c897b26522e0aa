"""Many places in one table: what 50 of them cost, of which one is dead and one hangs; then 500 graphs.

The servers are in processes of their own, and keep when each request came and was answered. The tasks on the
screen are old ones that run for ever: nothing of what is shown of them changes.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain

from tests.bench.counted_places import Request, counted, find_most_at_once, submit_job, take_requests
from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import GRAPHTOP, HEIGHT, WIDTH, Screen, Update, is_clock
from tests.bench.servers import compiled, serving
from tests.support.emulated_screen import EmulatedScreen
from tests.support.ports import free_port

JOINT = (sys.executable, "-m", "tests.bench.joint_graphtop")
SERVERS, GRAPHS, TASKS = 6, 8, 2_000
"""48 places; with the dead one and the one that hangs 50."""
BUSY, RUNNING = 3, 12
"""Servers with a graph in which so many tasks run; together they fill the screen."""
MANY_GRAPHS, FEW_TASKS = 500, 200
SETTLE_SECONDS, SECONDS = 20.0, 60.0
REPEATS, STARTS = 3, 7
PATIENCE = 180.0


@contextmanager
def hanging() -> Iterator[str]:
    """A server that takes connections, and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def is_rate(update: Update) -> bool:
    """Whether an update is one of the tasks that ended in the last minutes, which time itself changes."""
    return update.line == 2 and update.column > 90


def name_places(urls: Sequence[str]) -> list[str]:
    """All graphs of these servers, as arguments."""
    return [f"s{number}={url}" for number, url in enumerate(urls)]


def watched(screen: Screen, sought: str) -> float:
    """Read on until a text is on the screen; when, by perf_counter."""
    emulated, fed, end = EmulatedScreen(WIDTH, HEIGHT), 0, time.perf_counter() + PATIENCE
    while True:
        emulated.feed(bytes(screen.raw[fed:]))
        fed = len(screen.raw)
        lines = emulated.screen.display
        if any(sought in line for line in lines):
            return time.perf_counter()
        assert time.perf_counter() < end, "\n".join(lines)
        screen.watch(0.1)


def first_rows(command: Sequence[str]) -> float:
    """Milliseconds from the start to the first rows."""
    with Screen(command) as screen:
        return (screen.until(rb"success|running") - screen.began) * 1000


def report_first_rows(urls: Sequence[str], trouble: Sequence[str]) -> None:
    """The first rows of one place, of many, and of many beside those that do not answer."""
    commands = (
        [*GRAPHTOP, urls[0], "--graph", "graph_0", "--no-cache"],
        [*JOINT, *name_places(urls)],
        [*JOINT, *trouble, *name_places(urls)],
    )
    measured = interleaved([partial(first_rows, command) for command in commands], STARTS)
    one, many, with_trouble = map(median, measured)
    report(
        Figure(
            what=f"start to the first rows: {SERVERS * GRAPHS} places",
            ours=many,
            unit="ms",
            goal="<= 2 x one place",
            limit=2.0,
            baseline=one,
            against="one of them alone",
            by_ratio=True,
        ),
        Figure(
            what="start to the first rows: the same beside a dead server and one that hangs",
            ours=with_trouble,
            unit="ms",
            goal="<= 1.2 x",
            limit=1.2,
            baseline=many,
            against="without these two",
            by_ratio=True,
        ),
    )


def new_rows(screen: Screen, url: str, known: int) -> float:
    """Milliseconds from the end of a submission, where tasks run, to the row; the median of some."""
    found = list[float]()
    for number in range(known + 1, known + 1 + REPEATS):
        submit_job(url, "graph_0")
        began = time.perf_counter()
        found.append((watched(screen, f" {number} ") - began) * 1000)
    return median(found)


def report_steady_state(urls: Sequence[str], trouble: Sequence[str]) -> None:
    """CPU, requests and bytes while nothing changes, then how soon a new task is seen."""
    for url in urls:
        take_requests(url)
    with Screen([*JOINT, *trouble, *name_places(urls)]) as screen:
        total = SERVERS * GRAPHS * TASKS + BUSY * RUNNING
        whole = watched(screen, f"{total:,}") - screen.began
        loading = [take_requests(url) for url in urls]
        # Only what runs, of which nothing moves.
        screen.send("1")
        watched(screen, "2 do not answer")
        screen.watch(SETTLE_SECONDS)
        for url in urls:
            take_requests(url)
        start, began, used = len(screen.raw), time.perf_counter(), screen.cpu()
        screen.watch(SECONDS)
        took = time.perf_counter() - began
        share = (screen.cpu() - used) / took * 100
        sent = sum(len(one.raw) for one in screen.updates(start) if not is_clock(one) and not is_rate(one))
        steady = [take_requests(url) for url in urls]
        screen.send("0")
        seen = new_rows(screen, urls[0], TASKS + RUNNING)
    with Screen([*JOINT, f"s0={urls[0]}/graphs/graph_0"]) as screen:
        watched(screen, "success")
        seen_alone = new_rows(screen, urls[0], TASKS + RUNNING + REPEATS)
    number = sum(map(len, steady))
    report(
        Figure(
            what="start to all rows: 50 places x 2,000 tasks, of which one is dead and one hangs",
            ours=whole * 1000,
            unit="ms",
            note=f"{sum(map(len, loading)):,} requests",
        ),
        Figure(
            what="50 places x 2,000 tasks, nothing changed: CPU",
            ours=share,
            unit="% of a core",
            goal="<= 3 %",
            limit=3.0,
        ),
        Figure(
            what="50 places x 2,000 tasks, nothing changed: requests in a second",
            ours=number / took,
            unit="",
            goal="<= 25",
            limit=25.0,
            note=_describe_kinds(steady),
        ),
        Figure(
            what="50 places x 2,000 tasks, nothing changed: bytes to the terminal",
            ours=sent,
            unit="B",
            goal="0",
            limit=0.0,
            note=f"{SECONDS:g} s, without the clock and the rate of ended tasks",
        ),
        Figure(
            what="50 places: requests at once to one server, from the start on",
            ours=max(map(find_most_at_once, (*loading, *steady))),
            unit="",
            goal="<= 2",
            limit=2.0,
        ),
        Figure(
            what="50 places: requests at once to all servers, from the start on",
            ours=max(find_most_at_once(chain.from_iterable(part)) for part in (loading, steady)),
            unit="",
            goal="<= 8",
            limit=8.0,
        ),
        Figure(
            what="50 places, a dead server and one that hangs: a new task where others run is seen after",
            ours=seen,
            unit="ms",
            goal="<= the interval of 2 s + 0.5 s",
            limit=2_500.0,
            note=f"{seen_alone:,.0f} ms in that place alone",
        ),
    )


def _describe_kinds(steady: Sequence[Sequence[Request]]) -> str:
    every = list(chain.from_iterable(steady))
    details = sum("/tasks/" in request.path for request in every)
    return f"{len(every):,} in {SECONDS:g} s, {details:,} of them for reasons of failures"


def report_many_graphs() -> None:
    """All graphs of a server that has very many."""
    with serving(*counted(MANY_GRAPHS, FEW_TASKS)) as (url, _), Screen([*JOINT, f"s0={url}"]) as screen:
        first = screen.until(rb"success") - screen.began
        whole = watched(screen, f"{MANY_GRAPHS * FEW_TASKS:,}") - screen.began
        loading = take_requests(url)
        screen.watch(2 * SETTLE_SECONDS)
        take_requests(url)
        began, used = time.perf_counter(), screen.cpu()
        screen.watch(SECONDS)
        took = time.perf_counter() - began
        share, memory = (screen.cpu() - used) / took * 100, screen.memory()
        steady = take_requests(url)
    name = f"{MANY_GRAPHS} graphs x {FEW_TASKS} tasks of one server"
    report(
        Figure(what=f"{name}: start to the first rows", ours=first * 1000, unit="ms"),
        Figure(
            what=f"{name}: start to all rows",
            ours=whole * 1000,
            unit="ms",
            note=f"{len(loading):,} requests, {find_most_at_once(loading)} at once at the most",
        ),
        Figure(
            what=f"{name}: requests for each graph until all rows are there",
            ours=len(loading) / MANY_GRAPHS,
            unit="",
            goal="<= 6",
            limit=6.0,
        ),
        Figure(
            what=f"{name}: requests in a second",
            ours=len(steady) / took,
            unit="",
            goal="<= 25",
            limit=25.0,
            note=f"{find_most_at_once(steady)} at once at the most",
        ),
        Figure(what=f"{name}: CPU", ours=share, unit="% of a core"),
        Figure(what=f"{name}: memory", ours=memory, unit="MB"),
    )


def main() -> None:
    """Measure 50 places, then 500."""
    compiled()
    with ExitStack() as stack:
        urls = [
            stack.enter_context(serving(*counted(GRAPHS, TASKS, RUNNING if number < BUSY else 0)))[0]
            for number in range(SERVERS)
        ]
        trouble = [
            f"dead=http://127.0.0.1:{free_port()}/graphs/hugegraph",
            f"hang={stack.enter_context(hanging())}/graphs/hugegraph",
        ]
        report_first_rows(urls, trouble)
        report_steady_state(urls, trouble)
    report_many_graphs()


if __name__ == "__main__":
    main()
