"""Why tasks failed: read once, one at a time, and only while the server answers."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from backend_adapters.errors import BadAnswer, Busy, NoSuchTask, Refused, ServerFault, TimedOut, Unreachable
from backend_adapters.model import Task, TaskDetail
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, FakeBackend, FakeClock, S, task
from tui.monitor import failure_headlines
from tui.monitor import watched_place as place_module
from tui.monitor.failure_headlines import BEGIN_AT_ONCE, FailureHeadlines, read_headline
from tui.monitor.filters import compile_filter
from tui.monitor.health import Phase
from tui.monitor.store import Store
from tui.monitor.stuck import is_server_lost
from tui.monitor.view import Order, Shape


@pytest.fixture
def on_screen_only(monkeypatch):
    """No reason is read that nobody waits for."""
    monkeypatch.setattr(place_module, "is_calm", lambda health: False)


def filled_store(*rows: Task) -> Store:
    store = Store()
    store.apply_answer(rows, asked=store.take_ticket())
    return store


def failure(number: int, **more) -> tuple[Task, TaskDetail]:
    row = task(number, S.FAILED, **more)
    text = f"java.lang.RuntimeException: boom {number}\n\tat A.b(A.java:1)"
    return row, TaskDetail(task=row, raw=b"", result=text.encode())


async def test_the_reasons_of_the_failures_on_the_screen_are_read_once_and_one_at_a_time():
    rows, details = zip(*[failure(n) for n in range(1, 6)], strict=True)
    async with run_fake_monitor(*rows, task(6)) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        rig.backend.delays["detail"] = 1.0
        await rig.start()
        for _ in range(40):  # the screen is drawn again and again meanwhile
            rig.monitor.only.headlines.set_wanted(list(rig.monitor.only.store.tasks.values()))
            await rig.clock.advance(0.25)
        assert [rig.reason(row.id) for row in rows] == [f"RuntimeException: boom {n}" for n in range(1, 6)]
        assert rig.backend.count("detail") == 5
        assert rig.backend.most_in_flight["detail"] == 1
        assert rig.reason(6) is None


@pytest.mark.usefixtures("on_screen_only")
async def test_a_reason_stays_with_its_task_until_the_id_is_reused_or_it_runs_again():
    rows, details = zip(*[failure(n) for n in (1, 2)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        await rig.start()
        rig.monitor.only.headlines.set_wanted(rows)
        await rig.clock.advance(1)
        known = rig.monitor.only.store.tasks["1"]
        rig.ears.told.clear()
        rig.monitor.only.poller.refresh_all()
        await rig.clock.advance(5)
        assert (rig.monitor.only.store.tasks["1"], rig.ears.told) == (known, []), (
            "the same object: nothing changed"
        )
        rig.backend.put(task(1, S.FAILED, created=START + 1), task(2, S.RUNNING))
        rig.monitor.only.poller.refresh_all()
        await rig.clock.advance(5)
        assert (rig.reason(1), rig.reason(2)) == (None, None)
        assert rig.monitor.only.store.unread_reasons == {"1"}


@pytest.mark.usefixtures("on_screen_only")
async def test_a_reason_that_becomes_known_filters_and_sorts_its_row_and_no_other_anew():
    rows, details = zip(*[failure(n) for n in (1, 2, 3)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        await rig.start()
        rig.monitor.show_shape(Shape(Order("reason", False), compile_filter("!boom")))
        await rig.clock.advance(0)
        assert rig.ids() == "1 2 3"
        rig.monitor.only.headlines.set_wanted(rows[1:2])
        await rig.clock.advance(1)
        assert rig.ids() == "1 3"
        rig.monitor.show_shape(Shape(Order("reason", False), compile_filter("")))
        await rig.clock.advance(0)
        assert rig.ids() == "2 1 3", "failures with a reason come first"
        rig.monitor.only.headlines.set_wanted(rows[2:])
        await rig.clock.advance(1)
        assert rig.ids() == "2 3 1"


@pytest.mark.usefixtures("on_screen_only")
async def test_the_reasons_that_were_read_first_are_forgotten(monkeypatch):
    monkeypatch.setattr(failure_headlines, "HEADLINES_KEPT", 2)
    rows, details = zip(*[failure(n) for n in (1, 2, 3)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        await rig.start()
        rig.monitor.only.headlines.set_wanted(rows)
        await rig.clock.advance(1)
        assert [rig.reason(n) is None for n in (1, 2, 3)] == [True, False, False]
        assert rig.monitor.only.store.unread_reasons == {"1"}


@pytest.mark.parametrize("error", [ServerFault("500"), BadAnswer("HTML"), NoSuchTask("gone"), Refused("no")])
async def test_a_failure_that_can_not_be_read_stands_before_no_other_and_is_not_asked_for_again(error):
    (first, _), (second, detail) = failure(1), failure(2)
    async with run_fake_monitor(first, second) as rig:
        rig.backend.details = {"2": [detail]}
        rig.backend.faults["detail"] = [error]
        await rig.start()
        for _ in range(10):
            rig.monitor.only.headlines.set_wanted([first, second])
            await rig.clock.advance(1)
        assert rig.reason(1) == ""
        assert "boom 2" in rig.reason(2)
        assert rig.backend.count("detail") == 2


@pytest.mark.usefixtures("on_screen_only")
async def test_a_failure_that_could_not_be_read_for_the_servers_sake_is_read_later():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        rig.backend.faults["detail"] = [Unreachable("gone")]
        await rig.start()
        rig.monitor.only.headlines.set_wanted([row])
        await rig.clock.advance(5)
        assert rig.backend.count("detail") == 1, "not by itself"
        rig.monitor.only.headlines.set_wanted([row])
        await rig.clock.advance(1)
        assert "boom 1" in rig.reason(1)


@pytest.mark.usefixtures("on_screen_only")
async def test_reasons_are_read_only_while_the_server_answers():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        await rig.start()
        rig.backend.always["changes"] = Busy("too busy")
        await rig.clock.advance(3)
        assert rig.monitor.health.phase is Phase.OFFLINE
        rig.monitor.only.headlines.set_wanted([row])
        await rig.clock.advance(20)
        assert rig.backend.count("detail") == 0
        rig.backend.always.clear()
        await rig.clock.advance(40)
        assert rig.backend.count("detail") == 1
        assert "boom 1" in rig.reason(1)
        rig.monitor.only.headlines.set_wanted([task(1, S.FAILED, created=None)])
        await rig.clock.advance(2)
        assert rig.backend.count("detail") == 1


async def test_only_the_beginning_of_a_failure_is_read_and_only_so_often():
    rows, details = zip(*[failure(n) for n in range(1, 4)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        await rig.start()
        asked: list[tuple[float, int]] = []
        detail = rig.backend.detail

        async def timed(task_id, *, cap, progress=None):
            asked.append((rig.clock.time, cap))
            return await detail(task_id, cap=cap, progress=progress)

        rig.backend.detail = timed
        rig.ears.told.clear()
        began = rig.clock.time
        rig.monitor.only.headlines.set_wanted(rows)
        await rig.clock.advance(1)
        assert [cap for _, cap in asked] == [32_768] * 3
        assert [time - began for time, _ in asked] == pytest.approx([0, 0.1, 0.2])
        assert rig.ears.told == ["rows"] * 3


async def test_while_the_server_can_not_be_read_from_it_is_asked_once_a_second_whether_it_can():
    row, detail = failure(1)
    clock = FakeClock()
    backend = FakeBackend(clock, [row])
    backend.details = {"1": [detail]}
    asked: list[float] = []

    def ready() -> bool:
        asked.append(clock.time - 1000)
        return len(asked) > 3

    store = filled_store(row)
    reasons = FailureHeadlines(backend, store, clock=clock, on_changes=lambda _: None, ready=ready)
    run = asyncio.create_task(reasons.run())
    reasons.set_wanted([row])
    await clock.advance(10)
    run.cancel()
    assert asked == [0, 1, 2, 3]
    assert store.tasks["1"].reason == "RuntimeException: boom 1"


async def test_a_reason_waits_while_the_server_works_on_something_heavy():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        await rig.start()
        rig.backend.is_busy = True
        rig.monitor.only.headlines.set_wanted([row])
        await rig.clock.advance(5)
        assert rig.reason(1) is None
        rig.backend.is_busy = False
        await rig.clock.advance(2)
        assert rig.reason(1) == "RuntimeException: boom 1"


@pytest.mark.usefixtures("on_screen_only")
async def test_what_is_no_longer_on_the_screen_is_not_read():
    (first, _), (second, detail) = failure(1), failure(2)
    async with run_fake_monitor(first, second) as rig:
        rig.backend.details = {"2": [detail]}
        await rig.start()
        rig.monitor.only.headlines.set_wanted([first])
        rig.monitor.only.headlines.set_wanted([second])
        await rig.clock.advance(5)
        assert [asked for name, asked in rig.backend.calls if name == "detail"] == ["2"]


def asked_at(rig) -> list[tuple[float, str]]:
    """When which detail was asked for, in seconds since now."""
    asked: list[tuple[float, str]] = []
    detail, began = rig.backend.detail, rig.clock.time

    async def timed(task_id, *, cap, progress=None, result=True):
        asked.append((round(rig.clock.time - began, 2), task_id))
        return await detail(task_id, cap=cap, progress=progress, result=result)

    rig.backend.detail = timed
    return asked


async def test_without_being_asked_for_the_newest_are_read_two_a_second_those_on_the_screen_before():
    rows, details = zip(*[failure(n) for n in range(1, 8)], strict=True)
    async with run_fake_monitor(*rows, task(8)) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(1.8)
        assert asked == [(1, "7"), (1.5, "6")], "once all tasks have been read"
        rig.monitor.only.headlines.set_wanted(rows[:2])
        await rig.clock.advance(2)
        assert asked[2:] == [(1.8, "1"), (1.9, "2"), (2.0, "5"), (2.5, "4"), (3.0, "3")]
        rig.backend.put(task(9, S.FAILED))
        await rig.clock.advance(60)
        assert [task_id for _, task_id in asked] == [*"7612543", "9"], "each once, and what fails later"
        assert rig.monitor.only.store.unread_reasons == set()
        assert not rig.monitor.only.headlines.is_reading


async def test_of_many_failures_only_the_newest_are_read(monkeypatch):
    monkeypatch.setattr(failure_headlines, "NEWEST_READ", 3)
    monkeypatch.setattr(failure_headlines, "SEARCHED_AT_ONCE", 2)
    async with run_fake_monitor(*[task(n, S.FAILED) for n in range(95, 105)]) as rig:
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(60)
        rig.backend.put(task(105, S.FAILED))
        await rig.clock.advance(60)
        assert [task_id for _, task_id in asked] == ["104", "103", "102", "105"]
        assert len(rig.monitor.only.store.unread_reasons) == 7


async def test_nothing_is_read_that_nobody_waits_for_while_the_server_is_slow_or_is_being_scanned():
    async with run_fake_monitor(*[task(n, S.FAILED) for n in range(1, 4)]) as rig:
        rig.backend.delays["changes"] = 1.2
        await rig.start()
        await rig.clock.advance(30)
        assert rig.backend.count("detail") == 0
        rig.backend.delays["changes"] = 0.0
        rig.backend.delays["detail"] = 2.0
        asked = asked_at(rig)
        await rig.clock.advance(40)
        assert len(asked) == 3
        pauses = [after - before for (before, _), (after, _) in pairwise(asked)]
        assert all(pause >= 12 for pause in pauses), "five times as long as it took"


async def test_a_read_that_nobody_waits_for_is_tried_again_later_and_stands_before_no_other():
    async with run_fake_monitor(task(1, S.FAILED), task(2, S.FAILED)) as rig:
        rig.backend.faults["detail"] = [TimedOut("slow")]
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(60)
        assert asked == [(1, "2"), (11, "1"), (11.5, "2")]


def test_a_detail_that_was_read_anyway_tells_why_its_task_failed_and_nothing_else():
    row, detail = failure(1)
    others = task(2, S.SUCCESS), task(3, S.FAILED)
    store = filled_store(row, *others)
    reasons = FailureHeadlines(FakeBackend(FakeClock()), store, clock=FakeClock(), on_changes=lambda _: None)
    reasons.learn_from(TaskDetail(task=row, raw=b"", result=None))
    reasons.learn_from(TaskDetail(task=others[0], raw=b"", result=b"fine"))
    assert [store.tasks[task_id].reason for task_id in "12"] == [None, None]
    reasons.learn_from(detail)
    assert store.tasks["1"].reason == "RuntimeException: boom 1"
    reasons.learn_from(TaskDetail(task=others[1], raw=b"", result=b"x" * 32_768 + b"y"))
    assert store.tasks["3"].reason == "x" * 500


def test_a_detail_of_a_lost_server_says_so():
    row, _ = failure(1)
    store = filled_store(row)
    reasons = FailureHeadlines(FakeBackend(FakeClock()), store, clock=FakeClock(), on_changes=lambda _: None)
    reasons.learn_from(TaskDetail(task=row, raw=b"", lost=True))
    known = store.tasks["1"]
    assert known.reason == "No result: the server that ran it was probably lost."
    assert is_server_lost(known)
    assert not is_server_lost(row)


@pytest.mark.usefixtures("on_screen_only")
async def test_a_detail_that_hangs_stands_before_no_other_on_the_screen_and_is_asked_for_rarely():
    rows, details = zip(*[failure(n) for n in (1, 2, 3)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        asked = asked_at(rig)
        read = rig.backend.detail

        async def hang(task_id, **limits):
            if task_id == "1":
                asked.append((rig.clock.time, "1"))
                await rig.clock.sleep(3)
                raise TimedOut("nothing for 3 s")
            return await read(task_id, **limits)

        rig.backend.detail = hang
        await rig.start()
        for _ in range(80):  # the screen is drawn again and again meanwhile
            rig.monitor.only.headlines.set_wanted(rows)
            await rig.clock.advance(0.5)
        assert ["boom" in (rig.reason(n) or "") for n in (1, 2, 3)] == [False, True, True]
        assert len([task_id for _, task_id in asked if task_id == "1"]) == 1


@pytest.mark.usefixtures("on_screen_only")
async def test_a_detail_that_hung_is_asked_for_again_after_a_minute():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        rig.backend.faults["detail"] = [TimedOut("slow")]
        asked = asked_at(rig)
        await rig.start()
        for _ in range(90):
            rig.monitor.only.headlines.set_wanted([row])
            await rig.clock.advance(1)
        assert len(asked) == 2
        assert asked[1][0] - asked[0][0] >= failure_headlines.ASKED_AGAIN
        assert rig.reason(1) == "RuntimeException: boom 1"


async def test_details_that_hang_are_not_waited_for_again_and_again_in_the_background():
    async with run_fake_monitor(*[task(n, S.FAILED) for n in (1, 2)]) as rig:
        rig.backend.always["detail"] = TimedOut("slow")
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(600)
        assert [task_id for _, task_id in asked] == ["2", "1", "2", "1"]
        rig.backend.put(task(3, S.FAILED))
        await rig.clock.advance(600)
        assert [task_id for _, task_id in asked[4:]] == ["3", "3"]


async def test_a_server_that_fails_at_every_detail_is_asked_rarely_in_the_background():
    async with run_fake_monitor(*[task(n, S.FAILED) for n in range(1, 100)]) as rig:
        rig.backend.always["detail"] = ServerFault("500")
        await rig.start()
        await rig.clock.advance(60)
        assert rig.backend.count("detail") <= 7


@pytest.mark.usefixtures("on_screen_only")
async def test_the_reason_of_another_task_that_has_the_id_by_now_is_not_shown():
    row, _ = failure(1)
    _, other = failure(1, created=START + 1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [other]}
        await rig.start()
        rig.monitor.only.headlines.set_wanted([row])
        await rig.clock.advance(1)
        assert rig.reason(1) == ""


@pytest.mark.parametrize(
    ("said", "read"), [("FAILED", ""), ("failed", ""), ("failed to load", "failed to load")]
)
def test_the_word_of_the_status_is_no_reason(said: str, read: str) -> None:
    row, _ = failure(7, raw_status="FAILED")
    assert read_headline(TaskDetail(task=row, raw=b"", result=said.encode())) == read


async def test_places_share_what_is_read_without_being_asked_for(monkeypatch):
    monkeypatch.setattr(failure_headlines, "NEWEST_READ", 8)
    monkeypatch.setattr(failure_headlines, "NEWEST_READ_EACH", 1)
    async with run_fake_monitor(*[task(n, S.FAILED) for n in range(95, 105)]) as rig:
        rig.monitor.only.headlines.sharing = 4
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(60)
        assert [task_id for _, task_id in asked] == ["104", "103"], "the newest quarter"
        (first, _), (second, _) = asked
        assert second - first == 2, "a quarter as often as in one place"


async def test_very_many_places_begin_one_after_the_other_with_what_nobody_waits_for():
    async with run_fake_monitor(*[task(n, S.FAILED) for n in range(1, 4)]) as rig:
        rig.monitor.only.headlines.sharing, rig.monitor.only.headlines.turn = 20, BEGIN_AT_ONCE + 10
        asked = asked_at(rig)
        await rig.start()
        await rig.clock.advance(3)
        rig.backend.put(task(4, S.FAILED))
        rig.monitor.only.headlines.set_wanted([rig.monitor.only.store.tasks["1"]])
        await rig.clock.advance(20)
        assert asked == [(3, "1"), (6, "4"), (16, "3")], "those on the screen at once"
