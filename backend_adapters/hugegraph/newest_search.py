"""Finds the newest tasks of a graph whose ids count up, with few requests, and few tasks in each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.batch_size import SLOW_ANSWER
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_ranges import TOO_HIGH, geometric_ids
from backend_adapters.hugegraph.id_reader import find_existing, read_tasks_by_id, trust_near_guesses
from backend_adapters.model import Task
from backend_adapters.transport.request_context import read_request_clock

SAMPLE_IDS = 380
"""Ids of the grid on which the highest one is searched for first, ever further apart."""

FINE_GRID_IDS = 4_000
"""Ids of the fine grid; as nearly none of them exists, they cost a server next to nothing."""

_REACH = 10_000_000
"""The highest id that is asked for first; it goes on from there when that one exists."""

_WINDOW = 50
"""Ids above a remembered one that are asked for with it: what came since is mostly among them."""
_FAR_GUESSES = 30
"""Single ids beyond them, ever further apart, which tell where to look if many came since."""


class NewestSearch:
    """One search for the highest id, whose last request brings the newest tasks.

    A few ids of a wide grid find the highest one that exists, then even steps above it close in. Those that
    exist may be heavy, so no request has more of them than the batch size; those beyond a miss hardly exist.
    """

    def __init__(
        self,
        client: HugeGraphClient,
        known: int = 0,
        *,
        remembered: int = 0,
        find_known: Callable[[], int] = lambda: 0,
    ) -> None:
        """`known` exists; `find_known` gives the highest id that another request has brought meanwhile.

        `remembered` was the highest id once: it is looked at first, and may be wrong.
        """
        self._client = client
        self._asked: set[int] = set()
        self._end_before = TOO_HIGH
        """The first miss before the last request."""
        self._remembered = remembered
        self._find_known = find_known
        self.highest = known
        """The highest id met: purged history has holes, so the search may miss some. 0 where none was hit."""
        self.newest: dict[int, Task] = {}
        """The tasks of the highest ids, without those that lie in between."""
        self.lowest_asked = 0
        """The lowest id that was asked for with them."""

    async def send_first(self) -> None:
        """Ask for the first few ids of the grid and learn nothing else: it may be that ids don't count up."""
        first = _spread_evenly(self._make_grid(), self._client.batch.size)
        async with self._client.heavy_lock:
            try:
                found = await self._client.request_ids(first)
            except BackendError:
                # `run` asks again, and finds out what is wrong.
                return
        self._note(found, first)

    async def run(self) -> None:
        """Find the highest id, and read the newest tasks, as many as the last request may have."""
        if self._remembered and await self._look_at_remembered():
            return
        await self._search_grid()
        while self.highest or self._find_known():
            some = self._choose_steps()
            end, room = self._first_miss(), self._room
            between = range(self.highest + 1, end)
            if len(between) > room:
                await self._ask(some or _spread_evenly(between, room), self._choose_doubtful(end))
            elif await self._read_below(end, room):
                return

    async def _look_at_remembered(self) -> bool:
        """Read the tasks around the id that was the highest; whether these are the newest."""
        edge = self._remembered
        numbers = range(edge, max(0, edge - self._client.batch.size), -1)
        near = range(edge + 1, edge + self._client.batch.limit_ids(_WINDOW) + 1)
        far = [edge + step for step in geometric_ids(2 * _WINDOW, max(_REACH, 10 * edge), _FAR_GUESSES)]
        found = await self._ask(numbers, [*near, *far])
        if not found.readable_tasks:
            # Ids began anew, or the newest tasks were deleted.
            return False
        is_whole = self.highest <= near.stop - len(near) // 2
        if is_whole:
            self._keep_newest(found, [*numbers, *near])
        return is_whole

    async def _search_grid(self) -> None:
        """Ask for ids that are ever further apart, until the highest of them that exists is nearly known."""
        began = bool(self._asked)
        while self.highest < TOO_HIGH:
            grid = self._make_grid()
            if not began:
                await self._ask(_spread_evenly(self._unasked_below(grid, TOO_HIGH), self._room))
            while True:
                some = self._choose_steps()
                end = self._first_miss()
                some = some or _spread_evenly(self._unasked_below(grid, end), self._room)
                far = [number for number in grid if number > end and number not in self._asked]
                if not some and not far:
                    break
                await self._ask(some, far)
                if self.highest:
                    break
            if self.highest < grid[-1]:
                return
            began = False

    def _make_grid(self) -> list[int]:
        start = max(self.highest, 1)
        return geometric_ids(start, max(_REACH, start * 1000), SAMPLE_IDS)

    @property
    def _room(self) -> int:
        """Ids of one request that may exist."""
        return min(self._client.batch.size, SAMPLE_IDS)

    def _choose_steps(self) -> list[int]:
        """Ids above one that another request has brought: the highest is mostly near to it. Or none."""
        known = self._find_known()
        if known <= self.highest:
            return []
        self.highest = known
        room = self._first_miss() - 1 - known
        steps = geometric_ids(1, room, SAMPLE_IDS) if room > 1 else []
        return [known + step for step in _spread_evenly(steps, self._room)]

    def _choose_doubtful(self, end: int) -> list[int]:
        """Ids above the first miss that only few were asked of: there are some where history has holes."""
        if not end + 1 < self._end_before < TOO_HIGH:
            return []
        left = SAMPLE_IDS - self._room
        return _spread_evenly(range(end + 1, self._end_before), left) if left else []

    def _unasked_below(self, grid: Iterable[int], end: int) -> list[int]:
        return [number for number in grid if self.highest < number < end and number not in self._asked]

    def _first_miss(self) -> int:
        """The lowest id above the highest met that was asked for and does not exist."""
        end = max(TOO_HIGH, self.highest + 1)
        return min((number for number in self._asked if number > self.highest), default=end)

    async def _ask(self, numbers: Collection[int], guesses: Collection[int] = ()) -> FetchedTasks:
        """Ask for ids that may be heavy, and for guesses that hardly exist; note which is the highest."""
        found = await read_tasks_by_id(self._client, numbers, guesses=guesses, sure=False)
        self._note(found, [*numbers, *guesses])
        return found

    def _note(self, found: FetchedTasks, asked: Collection[int]) -> None:
        """Take in what a request brought."""
        self._end_before = self._first_miss()
        self._asked.update(asked)
        # What can't be read counts only where nothing can: whoever stands between may have failed.
        hits = found.readable_tasks or ({} if self.highest else found.possible_tasks)
        self.highest = max([self.highest, *hits])

    async def _read_below(self, end: int, room: int) -> bool:
        """Read the ids below the lowest miss: the last ones that may exist, and the newest tasks.

        False if there are others above the miss.
        """
        numbers = range(end - 1, max(0, end - 1 - room), -1)
        found = await self._ask(numbers, self._choose_doubtful(end))
        if self.highest > end:
            return False
        self._keep_newest(found, numbers)
        return True

    def _keep_newest(self, found: FetchedTasks, numbers: Collection[int]) -> None:
        """Keep the tasks of these ids; above the highest one, what can't be read is no task."""
        near = [number for number in numbers if number <= self.highest]
        rows = trust_near_guesses(self._client, found, near).tasks
        self.newest = {number: rows[number] for number in near if number in rows}
        self.lowest_asked = min(near, default=0)


async def find_highest_id(client: HugeGraphClient) -> int:
    """The highest id there is, 0 where none was hit: purged history has holes, so this may miss some."""
    search = NewestSearch(client)
    await search.run()
    return search.highest


def _spread_evenly(numbers: Sequence[int], most: int) -> list[int]:
    """At most so many of the numbers, evenly spaced; of one or two of many those in the middle."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[(2 * step + 1) * len(numbers) // (2 * most)] for step in range(most)]


async def read_newest_tasks(
    client: HugeGraphClient, top: int, end: int, came: dict[int, Task] | None = None
) -> dict[int, Task]:
    """The tasks of the ids from `top` down to above `end`, or fewer of the highest where they are heavy.

    `came` gets those that come before an error as well.
    """
    found = {} if came is None else came
    began, low, end = read_request_clock(), top, max(0, end)
    while low > end and read_request_clock() - began < SLOW_ANSWER:
        numbers = range(low, max(end, low - client.batch.size), -1)
        found |= trust_near_guesses(
            client, await read_tasks_by_id(client, numbers, sure=False), numbers
        ).tasks
        low = numbers[-1] - 1
    return found


async def search_above(client: HugeGraphClient, highest: int, near: int) -> tuple[int, bool]:
    """The highest id far above `highest` that a fine grid hits, or `highest`; whether it could be asked.

    It finds what is left of purged history where that is longer than a 300th of its ids. It begins `near` ids
    above the highest.
    """
    while True:
        numbers = geometric_ids(highest + near, max(_REACH, highest * 10), FINE_GRID_IDS)
        hits = await find_existing(client, numbers)
        if not hits:
            return highest, hits is not None
        highest = max(hits)
