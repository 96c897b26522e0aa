"""What a faulty proxy is told to do: which requests are meant, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import math
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from tests.support.patience import PATIENCE

_LIST = re.compile(r".*/(?:tasks|jobs/computerdis)/?")
_ONE = re.compile(r".*/(?:tasks|jobs/computerdis)/([0-9]+)/?")


class Request(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: str
    """Without the question mark, still quoted."""

    @property
    def line(self) -> str:
        """`GET /graphs/hugegraph/tasks?limit=100`."""
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def lists(self) -> bool:
        """Whether it asks for a list: a page, a status, or some ids."""
        return self.method == "GET" and _LIST.fullmatch(self.path) is not None

    @property
    def task(self) -> int | None:
        """The task whose detail it asks for."""
        found = _ONE.fullmatch(self.path) if self.method == "GET" else None
        return int(found[1]) if found else None

    @property
    def ids(self) -> frozenset[int]:
        """The tasks that it asks for by their ids."""
        return frozenset(int(value) for name, value in parse_qsl(self.query) if name == "ids")


Match: TypeAlias = str | Callable[[Request], bool]
"""Which requests are meant: those whose `line` holds this text, or of which the function says so."""


def fits(match: Match, request: Request) -> bool:
    """Whether a request is meant."""
    return match in request.line if isinstance(match, str) else match(request)


class Held:
    """Requests that wait until they are let go."""

    def __init__(self) -> None:
        self.holding = threading.Event()
        """Set as soon as a request waits."""
        self._free = threading.Event()

    @property
    def free(self) -> bool:
        """Whether they were let go."""
        return self._free.is_set()

    def let_go(self) -> None:
        """Let those that wait go on, and all later ones pass."""
        self._free.set()

    async def wait(self) -> None:
        """Wait until then, for a test's patience at most."""
        if not self._free.is_set():
            self.holding.set()
            await asyncio.to_thread(self._free.wait, PATIENCE)


@dataclass
class Rule:
    """What goes wrong with the next `times` requests that are meant."""

    match: Match
    times: float = math.inf
    seconds: float = 0.0
    """They wait so long before they are passed on."""
    held: Held | None = None
    answer: bytes | None = None
    """What they are answered with, instead of being passed on; empty: the connection is closed."""
    cuts: bool = False
    """Whether the connection breaks in the middle of the body."""

    def takes(self, request: Request) -> bool:
        """Whether a request is meant; counts it if so."""
        taken = self.times > 0 and fits(self.match, request)
        self.times -= taken
        return taken

    async def wait(self) -> None:
        """Wait as long as this rule says."""
        if self.held is not None:
            await self.held.wait()
        await asyncio.sleep(self.seconds)


@dataclass
class Weights:
    """A server that loads the results of the tasks that it lists."""

    weight_of: Callable[[int], float]
    """What a task takes of the memory while it is listed; 0 for a light one."""
    seconds: float
    """How long one heavy task takes."""
    memory: float
    _loaded: float = field(default=0.0, init=False)

    @asynccontextmanager
    async def loaded(self, ids: Iterable[int]) -> AsyncIterator[bool]:
        """Load these; gives whether they fit beside what other requests have loaded, which takes its time.

        What does not fit takes the time of what does, and keeps the memory from others until then.
        """
        heavy = [weight for weight in map(self.weight_of, ids) if weight > 0]
        room = self.memory - self._loaded
        fitting = sum(total <= room for total in accumulate(heavy))
        self._loaded += sum(heavy)
        try:
            await asyncio.sleep(self.seconds * fitting)
            yield fitting == len(heavy)
        finally:
            self._loaded -= sum(heavy)
