"""Lists that never end: they are read to a number of tasks and to a size, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import httpx
import pytest

from backend_adapters import list_limit
from backend_adapters.backend import Batch
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import URL, ScriptedServer, ids_of, record
from tests.cli.fake_session import make_connection
from tui.cli import exit_codes
from tui.cli.commands import ls
from tui.cli.output.printer import OutputOptions
from tui.cli.work.session import Session
from tui.monitor.filters import compile_filter

GOES_ON = "The list has more than {:,} tasks; graphtop stopped there."
STALE = "The last 5 pages of the list had no new tasks; graphtop stopped there."

Pages = Callable[[int], list[dict[str, object]]]


def endless(pages: Pages, *, status: str | None = None, token: str = "t{}") -> ScriptedServer:
    """A server whose list, or one status of it, has a page behind each; `pages` says what is on them."""
    wire = ScriptedServer([record(number) for number in range(1, 21)])
    numbers = count()

    def page(request: httpx.Request) -> httpx.Response | None:
        asked = request.url.params
        if ids_of(request) or not request.url.path.endswith("/tasks") or asked.get("status") != status:
            return None
        number = next(numbers)
        return httpx.Response(200, json={"tasks": pages(number), "page": token.format(number)})

    wire.override = page
    return wire


def fresh(number: int, **fields: object) -> list[dict[str, object]]:
    """A hundred tasks that were on no page before."""
    return [record(100 * number + place, **fields) for place in range(1, 101)]


async def batches_of(wire: ScriptedServer) -> list[Batch]:
    backend = wire.backend()
    await backend.connect()
    return [batch async for batch in backend.snapshot()]


def ids(batches: list[Batch]) -> set[str]:
    return {task.id for batch in batches for task in batch.tasks}


@pytest.fixture(autouse=True)
def lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits themselves take a gigabyte to reach."""
    monkeypatch.setattr(list_limit, "MAX_KEPT_TASKS", 1_000)
    monkeypatch.setattr(list_limit, "MAX_KEPT_TEXT", 200_000)
    monkeypatch.setattr(list_limit, "MAX_STALE_PAGES", 5)


async def test_new_tasks_for_ever_are_read_to_a_number():
    wire = endless(fresh)
    batches = await batches_of(wire)
    assert (len(ids(batches)), batches[-1].partial) == (1_000, GOES_ON.format(1_000))
    assert [ids_of(request) for request in wire.requests[-3:]] == [[]] * 3, "and none is asked for by its id"
    again = [batch async for batch in wire.backend().snapshot()]
    assert again[-1].partial == GOES_ON.format(1_000)


async def test_long_texts_are_read_to_a_size():
    batches = await batches_of(endless(lambda number: fresh(number, task_description="x" * 999)))
    assert (len(ids(batches)), batches[-1].partial) == (200, GOES_ON.format(200))


async def test_long_page_tokens_count_too():
    batches = await batches_of(endless(fresh, token="x" * 60_000 + "{}"))
    assert (len(ids(batches)), batches[-1].partial) == (400, GOES_ON.format(400))


@pytest.mark.parametrize("pages", [lambda number: [], lambda number: fresh(0)], ids=["empty", "the same"])
async def test_pages_without_a_new_task_are_read_to_a_number(pages: Pages):
    batches = await batches_of(endless(pages))
    assert batches[-1].partial == STALE


async def test_an_unfinished_status_without_end_ends_too():
    wire = endless(lambda number: fresh(number, task_status="running"), status="RUNNING")
    batches = await batches_of(wire)
    assert not batches[0].has_unfinished
    assert len(ids(batches)) <= 1_100
    assert sum(request.url.params.get("status") == "RUNNING" for request in wire.requests) <= 10


async def test_a_few_pages_without_a_task_are_nothing_to_tell_of():
    pages = [fresh(0), *[[]] * 4, fresh(1), *[[]] * 4, fresh(2)]
    wire = endless(lambda number: pages[number])
    turning = wire.override
    last = f"t{len(pages) - 2}"
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": pages[-1], "page": None})
        if request.url.params.get("page") == last
        else turning(request)
    )
    batches = await batches_of(wire)
    assert (len(ids(batches)), batches[-1].partial) == (300, "")


async def test_pages_of_tasks_that_another_list_brought_are_not_stale():
    wire = ScriptedServer([record(number, task_status="running") for number in range(1, 401)])
    wire.page_limit = 10
    batches = await batches_of(wire)
    assert (len(ids(batches)), batches[-1].partial) == (400, "")


async def test_a_list_of_just_the_limit_is_whole():
    wire = ScriptedServer([record(number) for number in range(1, 1_001)])
    batches = await batches_of(wire)
    assert (len(ids(batches)), batches[-1].partial) == (1_000, "")


@pytest.mark.parametrize(("words", "shown"), [("", 1_000), ("nothing-like-it", 0)])
async def test_ls_shows_what_was_read_and_ends_as_with_rows_missing(
    capsys: pytest.CaptureFixture[str], words: str, shown: int
):
    session = Session(make_connection(Target(url=URL)), endless(fresh).backend())
    chosen = ls.Options(sort="id", limit=0, output=OutputOptions("id", "never"))
    code = await ls._list_tasks(session, chosen, compile_filter(words))
    out, err = capsys.readouterr()
    assert (code, len(out.split())) == (exit_codes.PARTLY, shown)
    (line,) = err.splitlines()
    assert line.endswith(f": Not all tasks could be read. {GOES_ON.format(1_000)}")
