"""Servers with many graphs in processes of their own, which keep when each request came and was answered.

`python -m tests.bench.counted_places --graphs 8 --tasks 2000 --running 1`; `GET /bench` tells the requests
since the last time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Iterable

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.bench.servers import OLD

TOLD_AT = "/bench"
ANSWER_AFTER = 0.002
"""Seconds until a request is answered: others come meanwhile, if they may."""


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One request, as the server saw it; the clock is the same in all processes of a machine."""

    path: str
    """With its query."""
    began: float
    ended: float
    """Seconds, monotonic; that of the last piece of the answer."""


class CountedPlaces:
    """A server that keeps its requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._done = list[Request]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope.get("path") == TOLD_AT:
            done, self._done = self._done, []
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": msgspec.json.encode(done)})
            return
        began, is_over = time.monotonic(), False

        async def send_kept(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.body" and not message.get("more_body") and not is_over:
                # Before it is sent: with the last piece the client may send its next request.
                is_over = True
                path = f"{scope['path']}?{scope.get('query_string', b'').decode()}"
                self._done.append(Request(path, began, time.monotonic()))
            await send(message)

        await asyncio.sleep(ANSWER_AFTER)
        await self._app(scope, receive, send_kept)


def counted(graphs: int, tasks: int, running: int = 0) -> tuple[str, ...]:
    """The command of a server with so many graphs of so many tasks each; some run for ever in the first."""
    return (
        "tests.bench.counted_places",
        "--graphs",
        str(graphs),
        "--tasks",
        str(tasks),
        "--running",
        str(running),
    )


def take_requests(url: str) -> list[Request]:
    """What a server was asked since the last time."""
    with urllib.request.urlopen(url + TOLD_AT) as answer:
        return msgspec.json.decode(answer.read(), type=list[Request])


def find_most_at_once(requests: Iterable[Request]) -> int:
    """How many of some requests, to one server or to many, were under way at the same time."""
    steps = sorted(step for one in requests for step in ((one.began, 1), (one.ended, -1)))
    under_way = most = 0
    for _, step in steps:
        under_way += step
        most = max(most, under_way)
    return most


def submit_job(url: str, graph: str) -> None:
    """Start a task in a graph."""
    body = json.dumps({"gremlin": "g.V().count()", "bindings": {}, "language": "gremlin-groovy"}).encode()
    request = urllib.request.Request(
        f"{url}/graphspaces/DEFAULT/graphs/{graph}/jobs/gremlin",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request):
        pass


def _serve(arguments: argparse.Namespace) -> None:
    from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
    from backend_adapters.simulator.hugegraph.graph_load import GraphLoad
    from backend_adapters.simulator.hugegraph.task_kinds import LONG_QUERY
    from backend_adapters.simulator.hugegraph.world import make_task
    from backend_adapters.simulator.serve import serve_app

    names = tuple(f"graph_{number}" for number in range(arguments.graphs))
    app = hugegraph_app(
        HugeGraphSettings(
            graphs=names,
            loads={name: GraphLoad(history=arguments.tasks) for name in names},
            pace=0,
            specials=False,
        )
    )
    first = next(iter(app.world.graphs.values()))
    for number in range(arguments.running):
        task = make_task(LONG_QUERY, number, app.world.now - OLD)
        task.status, task.updated, task.server = "running", task.created + 4, "server-0"
        first.add_task(task)
    serve_app(CountedPlaces(app), "127.0.0.1", 0, lambda address: print(address, flush=True))


def _main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--graphs", "--tasks", "--running"):
        parser.add_argument(name, type=int, default=0)
    _serve(parser.parse_args(sys.argv[1:]))


if __name__ == "__main__":
    _main()
