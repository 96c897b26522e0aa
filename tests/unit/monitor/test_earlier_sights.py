"""Where a server tells no time of a cancel, an earlier session may know since when it goes on."""

from __future__ import annotations

from tests.unit.fakes import START, S, task
from tui.monitor.findings.earlier_sights import EarlierSights
from tui.monitor.history.records import Transition
from tui.monitor.store import Store


def make_store(*tasks) -> Store:
    store = Store(lambda: START)
    store.apply_answer(tasks, asked=store.take_ticket())
    return store


def told(status, **more) -> list[Transition]:
    return [Transition(status=status, raw_status=status.value, **more)]


async def recall(store: Store, past: list[Transition], ahead: int = 0) -> list[str]:
    asked = []

    def read(tasks) -> list[list[Transition]]:
        asked.extend(one.id for one in tasks)
        return [past for _ in tasks]

    sights = EarlierSights(store, read)
    await sights.recall(ahead)
    await sights.recall(ahead)
    return asked


async def test_the_time_at_which_it_was_seen_first_is_recalled_once() -> None:
    store = make_store(task(1, S.CANCELLING), task(2, S.RUNNING), task(3, S.CANCELLING, updated=START))
    assert await recall(store, told(S.CANCELLING, seen=START - 90_000), 1000) == ["1"]
    assert store.since["1"] == START - 89_000
    store = make_store(task(1, S.DELETING))
    assert await recall(store, told(S.DELETING, seen=START - 9, at=START - 99)) == ["1"]
    assert store.since["1"] == START - 99


async def test_another_status_and_a_later_time_say_nothing() -> None:
    store = make_store(task(1, S.CANCELLING))
    await recall(store, told(S.RUNNING, seen=START - 90_000))
    await recall(store, told(S.CANCELLING, seen=START + 5))
    await recall(store, [])
    assert store.since["1"] == START


async def test_what_this_session_saw_is_exact() -> None:
    store = make_store(task(1, S.RUNNING))
    store.apply_answer([task(1, S.CANCELLING)], asked=store.take_ticket())
    assert await recall(store, told(S.CANCELLING, seen=START - 90_000)) == []
    assert store.since["1"] == START
