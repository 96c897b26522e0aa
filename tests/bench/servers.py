"""Simulated servers in processes of their own, and one whose task never rests.

`python -m tests.bench.servers` serves a world in which `--unfinished` tasks run for ever; with `--moving` one
of them has another status each time it is asked for.
"""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from backend_adapters.simulator.hugegraph.records import SimulatedTask
from tests.bench.raw_terminal import ROOT, environment
from tests.support.process_memory import peak_kb
from tests.support.simulated_servers import read_address

OLD = 26 * 3_600_000
"""Milliseconds since the birth of a task whose age is shown in days and hours: it does not tick."""


@contextmanager
def serving(*command: str) -> Iterator[tuple[str, int]]:
    """A server by `python -m` in a process of its own: its URL and process id."""
    server = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment(), cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        yield read_address(server), server.pid
    finally:
        server.terminate()
        server.communicate()


def simulated(tasks: int, unfinished: int = 0) -> tuple[str, ...]:
    """The command of a server at rest."""
    return (
        "tui",
        "simulate",
        "--port",
        "0",
        "--pace",
        "0",
        "--tasks",
        str(tasks),
        "--unfinished",
        str(unfinished),
    )


def lasting(tasks: int, unfinished: int, *, old: bool, moving: bool) -> tuple[str, ...]:
    """The command of a server whose unfinished tasks never end."""
    flags = [flag for flag, wanted in (("--old", old), ("--moving", moving)) if wanted]
    return ("tests.bench.servers", "--tasks", str(tasks), "--unfinished", str(unfinished), *flags)


def with_result(megabytes: int) -> tuple[str, ...]:
    """The command of a server whose newest task has a result of that size."""
    return ("tests.bench.servers", "--tasks", "20", "--result", str(megabytes))


def vertices(megabytes: float) -> str:
    """A result as HugeGraph sends one: vertices on one line."""
    vertex = (
        '{{"id":"1:person{0}","label":"person","type":"vertex","properties":'
        '{{"name":"用户 {0}","age":{1},"city":"北京","note":"a task of spark"}}}}'
    )
    count = int(megabytes * 1e6 / 140)
    return "[" + ",".join(vertex.format(number, number % 90) for number in range(count)) + "]"


def compiled() -> None:
    """Start each program once, so that all modules are compiled before anything is measured."""
    for module in (
        "tui.app",
        "tui.textual_ext.driver",
        "backend_adapters.hugegraph.adapter",
        "tests.bench.bare_textual_app",
    ):
        subprocess.run([sys.executable, "-c", f"import {module}"], env=environment(), cwd=ROOT, check=True)


def peak(pid: int) -> float:
    """The most memory that a process has had at once so far, in MB (resident; Linux only)."""
    kilobytes = peak_kb(pid)
    assert kilobytes, "the process has ended"
    return kilobytes * 1024 / 1e6


def _large(result: str, now: int) -> SimulatedTask:
    from backend_adapters.simulator.hugegraph.task_kinds import LONG_QUERY
    from backend_adapters.simulator.hugegraph.world import make_task

    task = make_task(dataclasses.replace(LONG_QUERY, result=lambda salt: result), 7, now - 60_000)
    task.status, task.updated, task.server = "success", now - 30_000, "server-1"
    return task


def _serve(arguments: argparse.Namespace) -> None:
    from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
    from backend_adapters.simulator.hugegraph.task_kinds import LONG_QUERY
    from backend_adapters.simulator.hugegraph.world import make_task
    from backend_adapters.simulator.serve import serve_app

    app = hugegraph_app(HugeGraphSettings(history=arguments.tasks, specials=False, pace=0))
    graph_tasks = next(iter(app.world.graphs.values()))
    born = app.world.now - (OLD if arguments.old else 0)
    lasting = [make_task(LONG_QUERY, number, born) for number in range(arguments.unfinished)]
    for task in lasting:
        # As a server does that was started again under another name: it runs for ever.
        task.status, task.updated, task.server = "running", task.created + 4, "server-0"
        graph_tasks.add_task(task)
    if arguments.result:
        graph_tasks.add_task(_large(vertices(arguments.result), app.world.now))

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        if arguments.moving and b"ids=" in scope.get("query_string", b""):
            task = lasting[-1]
            graph_tasks.set_status(task, "cancelling" if task.status == "running" else "running")
        await app(scope, receive, send)

    served: ASGIApp = moved
    serve_app(served, "127.0.0.1", 0, lambda address: print(address, flush=True))


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--unfinished", type=int, default=0)
    parser.add_argument("--result", type=int, default=0)
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--moving", action="store_true")
    _serve(parser.parse_args())


if __name__ == "__main__":
    _main()
