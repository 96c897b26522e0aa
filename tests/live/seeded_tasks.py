"""Seeds tasks on a real server and looks at them, over plain HTTP and without graphtop's own client."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import httpx

from tests.live.java_process import wait_until
from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE

Json = dict[str, Any]
"""A task as the server sends it."""

QUICK = "1"
"""Ends at once, result `1`."""
SLEEP = "for (i in 0..<7200) { Thread.sleep(1000) }"
"""Runs for ten minutes, and stops when it is cancelled."""


def stubborn(seconds: int) -> str:
    """Runs for `seconds`, cancelled or not, all the while keeping one of the server's four workers."""
    return f"""\
stop = System.currentTimeMillis() + {seconds * 1000}
while (System.currentTimeMillis() < stop) {{
    try {{ Thread.sleep(200) }} catch (InterruptedException e) {{ }}
}}"""


STUBBORN = stubborn(15)
"""Goes on when it is cancelled; by its status it is cancelled all the same."""
BOOM = "throw new RuntimeException('boom')"
"""Fails at once."""
BIG = "(1..300000).collect { [id: it, name: 'vertex number ' + it, score: it * 0.5d, label: 'person'] }"
"""A result of about 25 MB."""

FINISHED = frozenset({"success", "failed", "cancelled"})


class Jobs:
    """The tasks of one graph of a server. As a context manager it closes its connections.

    Methods that act return the answer as it came, whatever its status.
    """

    def __init__(
        self, server: HugeGraphServer, graph: str | None = None, graphspace: str = "DEFAULT"
    ) -> None:
        self.path = server.graph_path(graph, graphspace)
        """The graph's path, which every request begins with."""
        self.http = server.client()

    def __enter__(self) -> Self:
        """Nothing to do: the connections are opened when needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    def submit(self, gremlin: str) -> int:
        """Submits a script as a task and returns the task's id."""
        body = {"gremlin": gremlin, "bindings": {}, "language": "gremlin-groovy", "aliases": {}}
        answer = self.http.post(f"{self.path}/jobs/gremlin", json=body)
        assert answer.status_code == 201, f"submit: {answer.status_code} {answer.text[:400]}"
        return int(answer.json()["task_id"])

    def submit_many(self, count: int, gremlin: str = QUICK, *, pending: int = 8000) -> list[int]:
        """Submits `gremlin` `count` times and waits until all are finished; the ids, ascending.

        Never more than `pending` are unfinished, for the server refuses the 10,001st.
        """
        ids: list[int] = []
        with ThreadPoolExecutor(4) as pool:
            while len(ids) < count:
                block = min(pending, count - len(ids))
                ids += pool.map(lambda _: self.submit(gremlin), range(block))
                self.wait(max(ids), *FINISHED, seconds=PATIENCE)
                assert wait_until(self._idle, PATIENCE), "the tasks did not end"
        ids.sort()
        return ids

    def get(self, task: int) -> Json | None:
        """One task with its input and result, or None when the server says 404."""
        answer = self.http.get(f"{self.path}/tasks/{task}")
        if answer.status_code == 404:
            return None
        return self._json(answer)

    def look(self, task: int) -> Json | None:
        """One task as lists show it (cheap, whatever its result), or None when it isn't there."""
        return next(iter(self.tasks(ids=task)), None)

    def tasks(self, **query: int | str | list[int]) -> list[Json]:
        """The tasks that the server lists for `query` (`limit=`, `ids=`, `status=`), as they came."""
        found: list[Json] = self._json(self.http.get(f"{self.path}/tasks", params=query))["tasks"]
        return found

    def page(self, token: str = "", limit: int = 100) -> tuple[list[Json], str | None]:
        """One page of tasks and the token of the next, None after the last."""
        answer = self._json(self.http.get(f"{self.path}/tasks", params={"page": token, "limit": limit}))
        return answer["tasks"], answer["page"]

    def cancel(self, task: int) -> httpx.Response:
        """Asks the server to cancel."""
        return self.http.put(f"{self.path}/tasks/{task}", params={"action": "cancel"})

    def delete(self, task: int, *, force: bool = False) -> httpx.Response:
        """Asks the server to delete."""
        return self.http.delete(f"{self.path}/tasks/{task}", params={"force": "true"} if force else {})

    def wait(self, task: int, *words: str, seconds: float = PATIENCE) -> Json:
        """Waits until the task's status is one of `words` (`success`, `running`...) and returns the task."""
        return self._wait(task, words, seconds) or {}

    def wait_gone(self, task: int, seconds: float = PATIENCE) -> None:
        """Waits until the server doesn't know the task any more."""
        self._wait(task, (None,), seconds)

    def clear(self) -> None:
        """Cancels what runs and removes all tasks: a fresh start for a test on a shared server.

        A running task is removed only once it is cancelled, else it would keep one of the four workers.
        """
        active = [task["id"] for task in self.tasks(limit=-1) if task["task_status"] not in FINISHED]
        for task in active:
            self.cancel(task)
        assert wait_until(
            lambda: all(task["task_status"] in FINISHED for task in self._several(active)), PATIENCE
        ), "the tasks did not end"
        for task in self.tasks(limit=-1):
            self.delete(task["id"], force=True)

    def _idle(self) -> bool:
        return not any(self.tasks(status=word, limit=1) for word in ("NEW", "QUEUED", "RUNNING"))

    def _several(self, ids: list[int]) -> list[Json]:
        """The tasks of `ids` that are there; in batches, for a longer request line is refused."""
        found: list[Json] = []
        for start in range(0, len(ids), 400):
            found += self.tasks(ids=ids[start : start + 400])
        return found

    def _wait(self, task: int, words: Collection[str | None], seconds: float) -> Json | None:
        end = time.monotonic() + seconds
        while True:
            seen = self.look(task)
            word = None if seen is None else seen["task_status"]
            if word in words:
                return seen
            assert time.monotonic() < end, (
                f"task {task} is {word or 'gone'}, not {words}, after {seconds:g} s"
            )
            time.sleep(0.05)

    @staticmethod
    def _json(answer: httpx.Response) -> Json:
        assert answer.status_code == 200, f"{answer.request.url}: {answer.status_code} {answer.text[:400]}"
        body: Json = answer.json()
        return body
