"""What a backend of several places says of each request: whether a person waits for it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from backend_adapters.backend import Backend, KnownTasks
from backend_adapters.model import Action, Place, TaskId, change_task
from backend_adapters.transport.request_context import in_background, is_awaited
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.monitor.failure_headlines import FailureHeadlines
from tui.monitor.placed_backend import PlacedBackend
from tui.monitor.store import Store


class AskedBackend(FakeBackend):
    """Notes what a person waits for, and what nobody does."""

    def __init__(self) -> None:
        super().__init__(FakeClock(), [task(1, S.FAILED), task(2)])
        self.pieces = [b"a", b"", b"b"]
        self.awaited: list[str] = []
        self.unawaited: list[str] = []

    async def _call(self, name: str, *arguments):
        (self.awaited if is_awaited() else self.unawaited).append(name)
        return await super()._call(name, *arguments)

    async def siblings(self) -> tuple[()]:
        return await self._call("siblings", None, tuple)

    async def create(self, recipe: str, values: object) -> TaskId:
        return await self._call("create", recipe, lambda: "3")


def place(backend: FakeBackend) -> PlacedBackend:
    return PlacedBackend(backend, Place(number=1, profile="prod", dialect="hugegraph", graph="g"))


def list_public(of: type) -> set[str]:
    """All that can be asked of a backend, or read from it."""
    return {name for name in vars(of) if not name.startswith("_")}


def test_nothing_that_a_backend_can_is_left_out() -> None:
    assert list_public(Backend) <= list_public(PlacedBackend), "the default would answer for the server"


async def test_each_task_that_is_told_has_the_place_and_its_own_id() -> None:
    asked = AskedBackend()
    asked.put(change_task(task(3), reason="out of memory"))
    backend = place(asked)
    info = await backend.connect()
    assert info.product == "HugeGraph"
    told = [one async for batch in backend.snapshot() for one in batch.tasks]
    told += (await backend.changes(KnownTasks(unfinished=("2",), newest="3"))).tasks
    told += (await backend.look(["1"])).tasks
    told.append((await backend.detail("3", cap=100)).task)
    assert {(one.id, one.key) for one in told} == {("1", "1/1"), ("2", "1/2"), ("3", "1/3")}
    assert {one.reason for one in told if one.id == "3"} == {"out of memory"}
    assert len({id(one.place) for one in told}) == 1


async def test_what_becomes_known_at_the_first_answer_is_written_into_the_place() -> None:
    known = Place(number=1, profile="prod", dialect="auto")
    await PlacedBackend(AskedBackend(), known).connect()
    assert (known.graph, known.graphspace, known.dialect) == ("g", None, "fake")


async def test_a_person_waits_for_what_a_person_asks_for() -> None:
    backend = AskedBackend()
    placed = place(backend)
    await placed.look(["1"])
    await placed.detail("1", cap=100)
    await placed.act(Action.CANCEL, "2")
    await placed.submit("g.V()")
    await placed.create("wcc", {})
    await placed.scopes()
    await placed.siblings()
    assert backend.awaited == ["look", "detail", "act", "submit", "create", "scopes", "siblings"]
    assert not backend.unawaited


async def test_nobody_waits_for_polls_and_scans_and_looks_that_are_not_urgent() -> None:
    backend = AskedBackend()
    placed = place(backend)
    await placed.connect(then_snapshot=True)
    async with aclosing(placed.snapshot()) as batches:
        async for _ in batches:
            pass
    await placed.changes(KnownTasks((), "1"))
    await placed.look(["1"], urgent=False)
    with in_background():
        await placed.detail("1", cap=100)
    assert backend.unawaited == ["connect", "snapshot", "page", "changes", "look", "detail"]
    assert not backend.awaited


async def test_a_person_waits_for_each_piece_of_a_text_and_for_nothing_else_meanwhile() -> None:
    backend = AskedBackend()
    came = []
    async with aclosing(place(backend).stream("1", "result")) as pieces:
        async for piece in pieces:
            came.append(piece)
            assert not is_awaited()
    assert came == [b"a", b"", b"b"]
    assert backend.awaited == ["stream", "piece", "piece", "piece"]


async def test_a_text_that_is_read_no_further_is_ended() -> None:
    ended = []

    class EndlessBackend(FakeBackend):
        async def stream(self, task_id, part):
            try:
                while True:
                    yield b"x"
            finally:
                ended.append(task_id)

    async with aclosing(place(EndlessBackend(FakeClock())).stream("1", "result")) as pieces:
        assert await anext(pieces) == b"x"
    assert ended == ["1"]


async def test_nobody_waits_for_the_first_lines_of_failures() -> None:
    backend, row = AskedBackend(), task(1, S.FAILED)
    clock, store = backend.clock, Store(backend.clock.now)
    store.apply_answer([row], asked=store.take_ticket())
    headlines = FailureHeadlines(place(backend), store, clock=clock, on_changes=lambda _: None)
    run = asyncio.create_task(headlines.run())
    headlines.set_wanted([row])
    await clock.advance(10)
    run.cancel()
    assert (backend.unawaited, backend.awaited) == (["detail"], [])
